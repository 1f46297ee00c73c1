"""What do two frames both show, and is what they show the same thing? (MindCube, MMSI)"""

from collections.abc import Iterator, Sequence

import numpy as np

from spatialgen.families._balance import NO, UNCLEAR, YES, fair_sets
from spatialgen.families._showing import plainly, shown, some_frames, some_things
from spatialgen.family import (
    Family,
    alternating,
    annotated_all,
    frame_name,
    in_turns,
    listing,
    nameable_labels,
    pick,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, SceneObject, Value
from spatialgen.verify.draft import Draft, Margin

#: Things to choose from, fewer where a video does not show so many.
OPTIONS = (4, 3)

#: Pairs of frames count as equally far apart when they are so many frames apart, or
#: so many more, and so on.
GAP_FRAMES = 4

#: Of a category so many pairs of frames as far apart are asked about that show the
#: same thing of it, and as many that do not.
MOST_PAIRS = 3

BOTH = (
    "Which of these is visible in both {first} and {last}: {names}?",
    "Only one of {all} appears in both {first} and {last}. Which one?",
    "Compare {first} with {last}. Which of {all} do both of them show?",
)
SAME = (
    "There is one {label} in {first} and one in {last}. Are they the same {label}?",
    "Both {first} and {last} show one {label}. Is it the same one?",
    "One {label} is visible in {first} and one {label} in {last}. Is it the same {label}?",
)


def both_program(names: Sequence[str], first: int, last: int) -> str:
    """Return the program that names the one thing that two frames show."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    frames = (scene.frame({first}), scene.frame({last}))\n"
        f"    things = [scene.one(name) for name in {list(names)!r}]\n"
        "    found = [x.label for x in things if all([scene.visible(x, f) for f in frames])]\n"
        "    if len(found) > 1:\n"
        "        raise ValueError(f'both frames show {found}')\n"
        "    return found[0]\n"
    )


def same_program(label: str, first: int, last: int) -> str:
    """Return the program that tells whether two frames show the same thing of a category."""
    return (
        "def answer(scene: Scene) -> bool:\n"
        "    found = []\n"
        f"    for index in ({first}, {last}):\n"
        "        shown = scene.visible_objects(scene.frame(index))\n"
        f"        (only,) = [o.id for o in shown if o.label == {label!r}]\n"
        "        found.append(only)\n"
        "    return found[0] == found[1]\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask what two frames share, and whether two things of a category are one, by turns."""
    frames = some_frames(graph, rng)
    pairs = [(i, k) for i in range(len(frames)) for k in range(i + 1, len(frames))]
    same = [
        _same(graph, rng, things, frames[i], frames[k])
        for label in nameable_labels(graph)
        for things in [[graph.scene.objects[i] for i in graph.by_label[label]]]
        if len(things) > 1
        for i, k in _alone(rng, frames, things, pairs)
    ]
    order = rng.permutation(len(same))
    return alternating(
        _boths(graph, rng, frames, pairs),
        in_turns(rng, graph, [same[i] for i in order], even=("yes", "no")),
    )


def _boths(
    graph: SceneGraph, rng: np.random.Generator, frames: list[Frame], pairs: list[tuple[int, int]]
) -> Iterator[Draft]:
    """Yield drafts about things that at least one of two frames shows.

    What neither shows is too easily left out to be an option.
    """
    things = some_things(graph, rng)
    seen = shown(frames, things)
    first, last = (seen[[pair[k] for pair in pairs]] for k in (0, 1))
    verdicts = np.where((first == YES) & (last == YES), YES, NO).astype(np.int8)
    verdicts[(first == UNCLEAR) | (last == UNCLEAR) | (first == NO) & (last == NO)] = UNCLEAR
    for size in OPTIONS:
        for chosen in fair_sets(rng, verdicts, size):
            some = [things[i] for i in chosen.candidates]
            for case in chosen.asked:
                yield _both(rng, some, *(frames[i] for i in pairs[case]))


def _both(
    rng: np.random.Generator, things: Sequence[SceneObject], first: Frame, last: Frame
) -> Draft:
    names = [thing.label for thing in things]
    in_both = [thing.id in first.seen and thing.id in last.seen for thing in things]
    in_one = [thing.id in first.seen or thing.id in last.seen for thing in things]

    def derive(graph: SceneGraph) -> Value:
        one, other = (graph.frame(frame.index).seen for frame in (first, last))
        shared = {thing.id for thing in things}.intersection(one, other)
        return next(thing.label for thing in things if shared == {thing.id})

    return Draft(
        question_type="same_object_in_views",
        question=pick(rng, BOTH).format(
            first=frame_name(first),
            last=frame_name(last),
            names=listing([f"the {name}" for name in names], "or"),
            all=listing([f"the {name}" for name in names]),
        ),
        program=both_program(names, first.index, last.index),
        kind="choice",
        choices=tuple(names),
        unique=tuple(names),
        margins=(
            Margin("only_one", sum(in_both) == 1, 1),
            Margin("in_one_at_least", all(in_one), 1),
            *plainly([(frame, thing) for frame in (first, last) for thing in things]),
        ),
        derive=derive,
        frames=(first.index, last.index),
    )


def _alone(
    rng: np.random.Generator,
    frames: list[Frame],
    things: Sequence[SceneObject],
    pairs: list[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Return pairs of frames that each show one of these things alone.

    Of those that are as far apart as many show the same thing as do not: near in
    time would else mean the same. One pair more has a thing that is hardly seen.
    """
    seen = shown(frames, things)
    one = (seen != NO).sum(axis=1) == 1
    clear, which = one & (seen != UNCLEAR).all(axis=1), seen.argmax(axis=1)
    alike: dict[tuple[int, bool], list[tuple[int, int]]] = {}
    for i, k in pairs:
        if clear[i] and clear[k]:
            alike.setdefault(((k - i) // GAP_FRAMES, bool(which[i] == which[k])), []).append((i, k))
    found = [(i, k) for i, k in pairs if one[i] and one[k] and not (clear[i] and clear[k])][:1]
    for far in sorted({far for far, _ in alike}):
        same, other = alike.get((far, True), []), alike.get((far, False), [])
        number = min(len(same), len(other), MOST_PAIRS)
        for some in (same, other):
            found += [some[i] for i in rng.permutation(len(some))[:number]]
    return found


def _same(
    graph: SceneGraph,
    rng: np.random.Generator,
    things: Sequence[SceneObject],
    first: Frame,
    last: Frame,
) -> Draft:
    label = things[0].label
    seen = [(frame, thing) for frame in (first, last) for thing in things if thing.id in frame.seen]

    def derive(graph: SceneGraph) -> Value:
        alike = {thing.id for thing in graph.scene.objects if thing.label == label}
        one, other = (alike.intersection(graph.frame(frame.index).seen) for frame in (first, last))
        return one == other

    return Draft(
        question_type="same_object_in_views",
        question=pick(rng, SAME).format(
            label=label, first=frame_name(first), last=frame_name(last)
        ),
        program=same_program(label, first.index, last.index),
        kind="choice",
        choices=("yes", "no"),
        mentions=(label,),
        margins=(*plainly(seen), annotated_all(graph, [label])),
        derive=derive,
        frames=(first.index, last.index),
    )


FAMILY = Family("same_object_in_views", "what two frames both show", ask)
