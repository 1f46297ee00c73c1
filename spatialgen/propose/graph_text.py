"""A scene graph as text for a model: what matters first, and no more than a budget of tokens."""

import json
import re
from collections.abc import Sequence, Set
from functools import partial

from spatialgen.family import nameable_labels, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.graph.visibility import is_seen
from spatialgen.records import SceneObject

#: So many characters are counted as one token: names and digits take more tokens than prose.
CHARS_PER_TOKEN = 2.5

# What may stand in a prompt as a name: a few plain words. A label is data from a file that
# anyone may have written, and a longer one could be a sentence with an instruction in it.
_PLAIN = re.compile(r"\w[\w'/&.-]*(?: \w[\w'/&.-]*){0,3}")
_LONGEST_NAME = 32

# Of each object so many frames are listed that show it.
_FRAMES_LISTED = 12


def is_plain(name: str) -> bool:
    """Tell whether a label or an id may stand in a prompt."""
    return len(name) <= _LONGEST_NAME and _PLAIN.fullmatch(name) is not None


def graph_text(graph: SceneGraph, tokens: int) -> str:
    """Return the room, the usable names, the frames and the objects.

    Objects come first that questions may name, of these what the video shows most.
    What does not fit into ``tokens`` (counted as `CHARS_PER_TOKEN` characters each) is left
    out, and so is what has no plain name; the text says how much of each. A line before the
    objects takes at most half of what those before it leave, but for its own words.
    """
    scene = graph.scene
    left = int(tokens * CHARS_PER_TOKEN)
    usable = set(nameable_labels(graph))
    lines: list[str] = []
    for write in (_room, partial(_names, usable=usable), _frames):
        lines.append(write(graph, left // 2))
        left -= len(lines[-1]) + 1
    things = sorted(scene.objects, key=lambda thing: _order(graph, thing, usable))
    plain = [thing for thing in things if is_plain(thing.label) and is_plain(thing.id)]
    if plain:
        lines.append(_HEADING)
        left -= len(_HEADING) + 1
    told = 0
    for thing in plain:
        line = _object(graph, thing)
        if len(line) + 1 > left:
            break
        lines.append(line)
        left -= len(line) + 1
        told += 1
    if told < len(plain):
        lines.append(f"({len(plain) - told} more objects are not listed)")
    if len(plain) < len(things):
        lines.append(f"({len(things) - len(plain)} objects without a usable name are not listed)")
    return "\n".join(lines)


_HEADING = (
    "objects, in metres, Z up: [id, label, center, size along its own axes, height, "
    "first seen at (s), indices of the frames that show it]"
)


def _room(graph: SceneGraph, most: int) -> str:
    room = graph.scene.room
    area = "unknown" if room.area is None else f"{room.area:.1f} m2"
    height = "" if room.height is None else f", height {room.height:.2f} m"
    words = f"room: floor area {area}{height}; counts "
    counts = [
        f"{_quoted(label)}: {n}"
        for label, n in sorted(graph.scene.counts.items())
        if is_plain(label)
    ]
    listed = _fitting(counts, most - len(words))
    return f"{words}{{{', '.join(listed)}}}{_left_out(len(counts) - len(listed), 'counts')}"


def _names(graph: SceneGraph, most: int, usable: Set[str]) -> str:
    # Of names that mean several things in a room, none is worth a question.
    single = [label for label in single_labels(graph) if is_plain(label)]
    several = sorted(label for label in usable - set(single) if is_plain(label))
    words = "names that questions may use: of one thing each "
    one = _fitting([_quoted(label) for label in single], most - len(words))
    text = f"{words}[{', '.join(one)}]; of several "
    more = _fitting([_quoted(label) for label in several], most - len(text))
    missing = len(single) + len(several) - len(one) - len(more)
    return f"{text}[{', '.join(more)}]{_left_out(missing, 'names')}"


def _frames(graph: SceneGraph, most: int) -> str:
    frames = graph.scene.frames
    if not frames:
        return "frames: none, there is no video"
    words = "frames, by index and time: "
    entries = [f"{frame.index} ({frame.time_s:.1f} s)" for frame in frames]
    listed = _fitting(entries, most - len(words))
    return f"{words}{', '.join(listed)}{_left_out(len(frames) - len(listed), 'frames')}"


def _quoted(label: str) -> str:
    return json.dumps(label, ensure_ascii=False)


def _fitting(entries: Sequence[str], most: int) -> Sequence[str]:
    """Return the first entries, those that fit into so many characters with what parts them."""
    for count, entry in enumerate(entries):
        most -= len(entry) + len(", ")
        if most < 0:
            return entries[:count]
    return entries


def _left_out(count: int, what: str) -> str:
    return f" ({count} more {what} are not listed)" if count else ""


def _order(
    graph: SceneGraph, thing: SceneObject, usable: Set[str]
) -> tuple[bool, int, bool, float, str]:
    # What can be asked about, shown in most frames first; then what the room has once; then
    # the largest.
    shown = len(_showing(graph, thing))
    single = graph.scene.counts.get(thing.label, 0) == 1
    named = thing.label in usable
    return (not named, -shown, not single, -max(thing.box.size), thing.id)


def _showing(graph: SceneGraph, thing: SceneObject) -> list[int]:
    return [
        frame.index
        for frame in graph.scene.frames
        if thing.id in frame.seen and is_seen(frame.seen[thing.id], frame.camera)
    ]


def _object(graph: SceneGraph, thing: SceneObject) -> str:
    box = thing.box
    height = sum(abs(axis[2]) * side for axis, side in zip(box.axes, box.size, strict=True))
    first = graph.scene.first_seen.get(thing.id)
    showing = _showing(graph, thing)
    more = ["..."] if len(showing) > _FRAMES_LISTED else []
    entry = [
        thing.id,
        thing.label,
        [round(c, 2) for c in box.center],
        [round(side, 2) for side in box.size],
        round(height, 2),
        None if first is None else round(first, 1),
        [*showing[:_FRAMES_LISTED], *more],
    ]
    return json.dumps(entry, ensure_ascii=False)
