"""Which of these frames shows something, or is the first to show it?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._balance import fair_sets
from spatialgen.families._showing import plainly, shown, some_frames, some_things
from spatialgen.family import (
    Family,
    alternating,
    frame_name,
    listing,
    pick,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, SceneObject, Value
from spatialgen.verify.draft import Draft, Margin

#: Frames to choose from.
OPTIONS = 4

#: By whether one frame alone shows it or the first of some is asked for.
WORDINGS = {
    False: (
        "Which of these shows the {name}: {any}?",
        "The {name} is visible in only one of these: {any}. Which one?",
        "In which of these can you see the {name}: {any}?",
    ),
    True: (
        "Which is the first to show the {name}: {any}?",
        "Going through {frames} in this order, in which one do you first see the {name}?",
        "Of {frames}, which is the earliest that shows the {name}?",
    ),
}


def program(name: str, frames: tuple[Frame, ...], first: bool) -> str:
    """Return the program that tells the only or the first frame that shows an object."""
    names = tuple((frame.index, frame_name(frame)) for frame in frames)
    only = "" if first else "    if len(found) > 1:\n        raise ValueError(f'{found} show it')\n"
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    thing = scene.one({name!r})\n"
        f"    names = {names!r}\n"
        "    found = [name for i, name in names if scene.visible(thing, scene.frame(i))]\n"
        f"{only}"
        "    return found[0]\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about all that the room has once, each of four frames being right equally often."""
    return alternating(_drafts(graph, rng, first=False), _drafts(graph, rng, first=True))


def _drafts(graph: SceneGraph, rng: np.random.Generator, first: bool) -> Iterator[Draft]:
    things = some_things(graph, rng)
    frames = some_frames(graph, rng)
    for chosen in fair_sets(rng, shown(frames, things).T, OPTIONS, first):
        four = tuple(frames[i] for i in chosen.candidates)
        for thing in chosen.asked:
            yield _draft(rng, things[thing], four, first)


def _draft(
    rng: np.random.Generator, thing: SceneObject, frames: tuple[Frame, ...], first: bool
) -> Draft:
    names = [frame_name(frame) for frame in frames]
    showing = sum(thing.id in frame.seen for frame in frames)

    def derive(graph: SceneGraph) -> Value:
        asked = [graph.frame(frame.index) for frame in frames]
        seen = {frame.time_s: frame_name(frame) for frame in asked if thing.id in frame.seen}
        return seen[min(seen)]

    return Draft(
        question_type="frame_showing",
        question=pick(rng, WORDINGS[first]).format(
            name=thing.label, frames=listing(names), any=listing(names, "or")
        ),
        program=program(thing.label, frames, first),
        kind="choice",
        choices=tuple(names),
        unique=(thing.label,),
        margins=(
            *(() if first else (Margin("only_one", showing == 1, 1),)),
            *plainly([(frame, thing) for frame in frames]),
        ),
        derive=derive,
        frames=tuple(frame.index for frame in frames),
    )


FAMILY = Family("frame_showing", "which of some frames shows a thing, or does so first", ask)
