"""Which of these is in front, left, behind or right of a person somewhere else? (MindCube)

Some things have most others on one side, whoever looks; so questions come in
sets with the same things to choose from, each of them right once.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from spatialgen.families._balance import NO, UNCLEAR, YES, fair_sets
from spatialgen.families._elsewhere import QUARTERS, standing
from spatialgen.family import Family, alternating, listing, pick, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import turn_angle_deg

#: Things to choose from, fewer where a room does not have so many; and the things
#: of a room that are used at all.
OPTIONS = (4, 3)
NAMES = 10

#: How one asks for what is in each of the `QUARTERS`.
THERE = ("in front of you", "to your left", "behind you", "to your right")

WORDINGS = (
    "You stand at the {stand} and face the {face}. Which of these is {there}: {any}? Front, left, "
    "back and right cover 90 degrees each.",
    "Imagine standing at the {stand}, facing the {face}. Which of {all} is {there}? Each direction "
    "(front, left, back, right) covers 90 degrees.",
    "Which is {there} when you are at the {stand} and look at the {face}: {any}? Front, left, back "
    "and right cover 90 degrees each.",
)


def program(stand: str, face: str, names: Sequence[str], quarter: int) -> str:
    """Return the program that names the only one of some things that is in a quarter."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    stand, face = scene.one({stand!r}), scene.one({face!r})\n"
        "    found = []\n"
        f"    for name in {list(names)!r}:\n"
        "        turn = scene.turn_deg(stand, face, scene.one(name))\n"
        f"        if sector(turn, {list(QUARTERS)!r}) == {QUARTERS[quarter]!r}:\n"
        "            found.append(name)\n"
        "    if len(found) != 1:\n"
        "        raise ValueError(f'not one but {found}')\n"
        "    return found[0]\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about things that the room has once, each of some being right equally often."""
    labels = single_labels(graph)
    names = [labels[i] for i in rng.permutation(len(labels))[:NAMES]]
    cases: list[tuple[str, str, int]] = []
    rows = [np.empty((0, len(names)), dtype=np.int8)]
    for stand, face in permutations(names, 2):
        others = [k for k, name in enumerate(names) if name not in (stand, face)]
        around = standing(graph, stand, face, [names[k] for k in others])
        clear = around.in_quarter & around.in_reach[1:] & around.in_reach[0]
        row = np.full((len(QUARTERS), len(names)), UNCLEAR, dtype=np.int8)
        for quarter in range(len(QUARTERS)):
            there = np.where(around.quarters == quarter, YES, NO)
            row[quarter, others] = np.where(clear, there, UNCLEAR)
            cases.append((stand, face, quarter))
        rows.append(row)
    verdicts = np.concatenate(rows)
    return alternating(*(_drafts(graph, rng, names, cases, verdicts, size) for size in OPTIONS))


def _drafts(
    graph: SceneGraph,
    rng: np.random.Generator,
    names: Sequence[str],
    cases: Sequence[tuple[str, str, int]],
    verdicts: NDArray[np.int8],
    size: int,
) -> Iterator[Draft]:
    for chosen in fair_sets(rng, verdicts, size):
        some = tuple(names[i] for i in chosen.candidates)
        for case in chosen.asked:
            if not set(cases[case][:2]).intersection(some):
                yield draft(graph, rng, *cases[case], some)


def draft(
    graph: SceneGraph,
    rng: np.random.Generator,
    stand: str,
    face: str,
    quarter: int,
    names: tuple[str, ...],
) -> Draft:
    """Return the question which of some things is in a quarter around a person."""
    around = standing(graph, stand, face, names)

    def derive(graph: SceneGraph) -> Value:
        here, ahead = (graph.only(name).box.center for name in (stand, face))
        turns = [turn_angle_deg(here, ahead, graph.only(name).box.center) for name in names]
        off = [abs((turn - 90.0 * quarter + 180.0) % 360.0 - 180.0) for turn in turns]
        return names[off.index(min(off))]

    return Draft(
        question_type="perspective_object",
        question=pick(rng, WORDINGS).format(
            stand=stand,
            face=face,
            there=THERE[quarter],
            any=listing([f"the {name}" for name in names], "or"),
            all=listing([f"the {name}" for name in names]),
        ),
        program=program(stand, face, names, quarter),
        kind="choice",
        choices=names,
        unique=(stand, face, *names),
        margins=(
            *around.reach_margins(),
            Margin("only_one", int((around.quarters == quarter).sum()) == 1, 1),
            *around.quarter_margins(),
        ),
        derive=derive,
    )


FAMILY = Family("perspective_object", "which thing is on a side of a person somewhere else", ask)
