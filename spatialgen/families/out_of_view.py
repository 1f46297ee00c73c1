"""What does a frame not show, and which of that is behind the camera or beside it? (MindCube)"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.families._balance import NO, UNCLEAR, YES, fair_sets
from spatialgen.families._showing import plainly, shown, some_frames, some_things
from spatialgen.families._views import (
    NEAREST_M,
    all_frames,
    bearings_deg,
    in_quarter,
    off_vertical,
    position,
    quarter,
    quarter_edge,
)
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
from spatialgen.verify.reference_views import left_turn_to_deg

#: Things to choose from, fewer where a room does not have so many.
OPTIONS = (4, 3)

#: To the left, from straight ahead, and how one asks for what is there.
QUARTERS = ("front", "left", "back", "right")
THERE = {
    "left": "to the left of the camera",
    "back": "behind the camera",
    "right": "to the right of the camera",
}

MISSING = (
    "Which of these is not visible in {frame}: {names}?",
    "Only one of these is missing from {frame}: {names}. Which one?",
    "Look for {all} in {frame}. Which one is not in view?",
)
WHERE = (
    "In {frame}, which of these is out of view {there}: {names}? Ahead, left, behind and right "
    "cover 90 degrees each.",
    "Which of {all} is {there} in {frame}, out of view? Each direction (ahead, left, "
    "behind, right) covers 90 degrees.",
    "One of {all} is {there} in {frame} and can't be seen. Which one? Ahead, left, behind and "
    "right cover 90 degrees each.",
)


def missing_program(names: Sequence[str], frame: int) -> str:
    """Return the program that names the one thing that a frame does not show."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    frame = scene.frame({frame})\n"
        f"    things = [scene.one(name) for name in {list(names)!r}]\n"
        "    found = [x.label for x in things if not scene.visible(x, frame)]\n"
        f"{_ONLY}"
    )


def where_program(names: Sequence[str], frame: int, quarter: str) -> str:
    """Return the program that names the one thing that is in a quarter, out of view."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    frame = scene.frame({frame})\n"
        f"    things = [scene.one(name) for name in {list(names)!r}]\n"
        "    hidden = [x for x in things if not scene.visible(x, frame)]\n"
        f"    around = {list(QUARTERS)!r}\n"
        "    found = [\n"
        "        x.label for x in hidden\n"
        f"        if sector(scene.camera_bearing_deg(x, frame), around) == {quarter!r}\n"
        "    ]\n"
        f"{_ONLY}"
    )


_ONLY = (
    "    if len(found) != 1:\n"
    "        raise ValueError(f'not one but {found}')\n"
    "    return found[0]\n"
)


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about all that the room has once, each of some things being right equally often."""
    things = some_things(graph, rng)
    frames = some_frames(graph, rng)
    seen = shown(frames, things)
    absent = np.select([seen == YES, seen == NO], [NO, YES], UNCLEAR).astype(np.int8)
    level = [i for i, frame in enumerate(frames) if _holds([off_vertical(frame)])]
    cases = [(frames[i], there) for i in level for there in THERE]
    rows = [_where_verdicts(frames[i], things, seen[i]) for i in level]
    beside = np.concatenate([np.empty((0, len(things)), dtype=np.int8), *rows])
    return alternating(
        *(
            _drafts(graph, rng, things, [(frame, None) for frame in frames], absent, size)
            for size in OPTIONS
        ),
        *(_drafts(graph, rng, things, cases, beside, size) for size in OPTIONS),
    )


def _drafts(
    graph: SceneGraph,
    rng: np.random.Generator,
    things: Sequence[SceneObject],
    cases: Sequence[tuple[Frame, str | None]],
    verdicts: NDArray[np.int8],
    size: int,
) -> Iterator[Draft]:
    for chosen in fair_sets(rng, verdicts, size):
        some = [things[i] for i in chosen.candidates]
        for case in chosen.asked:
            frame, there = cases[case]
            yield _where(graph, rng, some, frame, there) if there else _missing(rng, some, frame)


def _where_verdicts(
    frame: Frame, things: Sequence[SceneObject], seen: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Return whether things are out of view in each quarter but the front, (3, things)."""
    found = np.full((len(THERE), len(things)), UNCLEAR, dtype=np.int8)
    for k, thing in enumerate(things):
        if seen[k] == YES:
            found[:, k] = NO
        elif seen[k] == NO and _holds(_around(frame, thing)):
            found[:, k] = [YES if _quarter(frame, thing) == there else NO for there in THERE]
    return found


def _around(frame: Frame, thing: SceneObject) -> tuple[Margin, ...]:
    # That it is clear in which quarter around the camera a thing is.
    center = np.array([thing.box.center])
    away = float(np.linalg.norm((center - position(frame))[0, :2]))
    return (
        Margin("distance_m", away, NEAREST_M),
        quarter_edge(float(bearings_deg(frame, center)[0])),
        in_quarter(frame, thing.box),
    )


def _quarter(frame: Frame, thing: SceneObject) -> str:
    return quarter(float(bearings_deg(frame, np.array([thing.box.center]))[0]), QUARTERS)


def _holds(margins: Iterable[Margin]) -> bool:
    return all(margin.value >= margin.needed for margin in margins)


def _missing(rng: np.random.Generator, things: Sequence[SceneObject], frame: Frame) -> Draft:
    names = [thing.label for thing in things]
    absent = sum(thing.id not in frame.seen for thing in things)

    def derive(graph: SceneGraph) -> Value:
        seen = graph.frame(frame.index).seen
        return min(names, key=lambda name: graph.only(name).id in seen)

    return Draft(
        question_type="out_of_view",
        question=_asked(rng, MISSING, frame, names),
        program=missing_program(names, frame.index),
        kind="choice",
        choices=tuple(names),
        unique=tuple(names),
        margins=(
            Margin("only_one", absent == 1, 1),
            *plainly([(frame, thing) for thing in things]),
        ),
        derive=derive,
        frames=(frame.index,),
    )


def _where(
    graph: SceneGraph,
    rng: np.random.Generator,
    things: Sequence[SceneObject],
    frame: Frame,
    there: str,
) -> Draft:
    names = [thing.label for thing in things]
    hidden = [thing for thing in things if thing.id not in frame.seen]
    around = [_around(frame, thing) for thing in hidden]

    def derive(graph: SceneGraph) -> Value:
        middle = 90.0 * QUARTERS.index(there)
        here = graph.frame(frame.index)
        unseen = [thing for thing in map(graph.only, names) if thing.id not in here.seen]
        turns = {thing.label: left_turn_to_deg(here, thing.box.center) for thing in unseen}
        return min(turns, key=lambda name: abs((turns[name] - middle + 180.0) % 360.0 - 180.0))

    return Draft(
        question_type="out_of_view",
        question=_asked(rng, WHERE, frame, names, THERE[there]),
        program=where_program(names, frame.index, there),
        kind="choice",
        choices=tuple(names),
        unique=tuple(names),
        margins=(
            off_vertical(frame),
            Margin("only_one", sum(_quarter(frame, thing) == there for thing in hidden) == 1, 1),
            *(
                min(margins, key=lambda margin: margin.value)
                for margins in zip(*around, strict=True)
            ),
            *plainly([(frame, thing) for thing in things]),
        ),
        derive=derive,
        frames=all_frames(graph),
    )


def _asked(
    rng: np.random.Generator,
    wordings: Sequence[str],
    frame: Frame,
    names: Sequence[str],
    there: str = "",
) -> str:
    return pick(rng, wordings).format(
        frame=frame_name(frame),
        there=there,
        names=listing([f"the {name}" for name in names], "or"),
        all=listing([f"the {name}" for name in names]),
    )


FAMILY = Family("out_of_view", "what a frame does not show, and where that is", ask)
