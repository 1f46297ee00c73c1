"""What is where, and how do two things stand to each other, for a person elsewhere? (MindCube)"""

from collections.abc import Iterator, Sequence
from math import dist

import numpy as np

from spatialgen.families._standpoint import (
    CORNERS,
    EDGE_DEG,
    FARTHEST_M,
    NEAREST_M,
    turns_deg,
)
from spatialgen.family import (
    Family,
    alternating,
    draw_tuples,
    in_turns,
    listing,
    new_groups,
    pick,
    single_labels,
)
from spatialgen.graph.boxes import Floats, corners
from spatialgen.graph.boxes import pick as boxes_at
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import turn_angle_deg

#: Where one stands is this far from the other things, between closest points.
APART_M = 0.2

#: Things that are left or right of each other are within this angle of straight
#: ahead, all of them; their centres are this far apart, and so are they themselves.
AHEAD_DEG = 80.0
CENTERS_DEG = 15.0
GAP_DEG = 2.0

#: Distances differ by this much, and by this share of the larger one; those to
#: the centres and those to the closest points.
CLOSER_M = 0.3
CLOSER_SHARE = 0.15

#: From straight ahead to the left, and how one asks for what is there.
QUARTERS = ("front", "left", "back", "right")
THERE = {
    "front": "in front of you",
    "left": "to your left",
    "back": "behind you",
    "right": "to your right",
}

WHICH = (
    "You stand at the {stand} and face the {face}. One of these is {there}: {names}. Which one? In "
    "front, left, behind and right are quarters of the circle around you, the first centered on "
    "the {face}.",
    "Imagine being at the {stand}, turned toward the {face}. With the circle around you cut into "
    "quarters (ahead, left, behind, right; ahead centered on the {face}), which of {all} do you "
    "have {there}?",
)
SIDES = ("left", "right")
DEPTHS = ("nearer", "farther")
WORDINGS = {
    SIDES: (
        "Someone at the {stand} looks toward the {face}. As they see it, is the {a} to the left or "
        "to the right of the {b}?",
        "You stand at the {stand} and face the {face}. On which side of the {b} do you see the "
        "{a}, left or right?",
    ),
    DEPTHS: (
        "Someone at the {stand} looks toward the {face}. Compared with the {b}, is the {a} nearer "
        "to them or farther away?",
        "You stand at the {stand} and face the {face}. Is the {a} nearer to you than the {b}, or "
        "farther from you?",
    ),
}

#: What programs compare of an object; the smaller one has the first answer.
COMPARED = {
    SIDES: "-signed_deg(scene.turn_deg(stand, face, {x}))",
    DEPTHS: "scene.floor_distance(stand, {x})",
}


def which_program(stand: str, face: str, names: Sequence[str], quarter: str) -> str:
    """Return the program that names the first thing that is in a quarter."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    stand, face = scene.one({stand!r}), scene.one({face!r})\n"
        f"    for name in {list(names)!r}:\n"
        "        turn = scene.turn_deg(stand, face, scene.one(name))\n"
        f"        if sector(turn, {list(QUARTERS)!r}) == {quarter!r}:\n"
        "            return name\n"
        "    raise ValueError('none of them is there')\n"
    )


def program(stand: str, face: str, a: str, b: str, relation: tuple[str, str]) -> str:
    """Return the program that tells how ``a`` stands to ``b``."""
    compared = COMPARED[relation]
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    stand, face = scene.one({stand!r}), scene.one({face!r})\n"
        f"    a, b = scene.one({a!r}), scene.one({b!r})\n"
        f"    first = {compared.format(x='a')} < {compared.format(x='b')}\n"
        f"    return {relation[0]!r} if first else {relation[1]!r}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask what is in a quarter, what is further left and what is nearer, by turns."""
    labels = single_labels(graph)
    fives = new_groups(draw_tuples(rng, labels, 5) if len(labels) >= 5 else (), leading=2)
    streams = [in_turns(rng, graph, [which_draft(graph, rng, names) for names in fives])]
    for relation in WORDINGS:
        fours = new_groups(draw_tuples(rng, labels, 4) if len(labels) >= 4 else (), leading=2)
        drafts = [relation_draft(graph, rng, names, relation) for names in fours]
        streams.append(in_turns(rng, graph, drafts, even=relation))
    return alternating(*streams)


def which_draft(graph: SceneGraph, rng: np.random.Generator, five: tuple[str, ...]) -> Draft:
    """Ask which of the last three things is in a quarter around the first, facing the second."""
    stand, face, *names = five
    margins, turns = _standing(graph, five)
    quarters = (turns + 45.0) % 360.0 // 90.0
    centers = quarters[:, 0]
    alone = [float(quarter) for quarter in centers if (centers == quarter).sum() == 1]
    asked = QUARTERS[int(pick(rng, alone or [0.0]))]
    to_edge = 45.0 - np.abs(turns[:, 0] % 90.0 - 45.0)  # from 0 in the middle of a quarter
    inside = (quarters[:, 1:] == quarters[:, :1]).sum(axis=1)

    def derive(graph: SceneGraph) -> Value:
        at = [graph.only(name).box.center for name in five]
        turned = [
            turn_angle_deg(at[0], at[1], target) - 90.0 * QUARTERS.index(asked) for target in at[2:]
        ]
        away = [abs((turn + 180.0) % 360.0 - 180.0) for turn in turned]
        return names[away.index(min(away))]

    return Draft(
        question_type="perspective_relation",
        question=pick(rng, WHICH).format(
            stand=stand,
            face=face,
            there=THERE[asked],
            names=listing([f"the {name}" for name in names], "or"),
            all=listing([f"the {name}" for name in names]),
        ),
        program=which_program(stand, face, names, asked),
        kind="choice",
        choices=tuple(names),
        unique=five,
        margins=(
            *margins,
            Margin("only_one", bool(alone), 1),
            Margin("edge_deg", float(45.0 - to_edge.max()), EDGE_DEG),
            Margin("corners_in_quarter", int(inside.min()), CORNERS),
        ),
        derive=derive,
    )


def relation_draft(
    graph: SceneGraph, rng: np.random.Generator, four: tuple[str, ...], relation: tuple[str, str]
) -> Draft:
    """Ask how the last two things stand to each other, seen from the first, facing the second."""
    stand, face, *names = four
    a, b = (names[i] for i in rng.permutation(2))
    margins, turns = _standing(graph, (stand, face, a, b))

    def derive(graph: SceneGraph) -> Value:
        at = [graph.only(name).box.center for name in (stand, face, a, b)]
        if relation == DEPTHS:
            return relation[dist(at[0][:2], at[2][:2]) > dist(at[0][:2], at[3][:2])]
        # Turning from b to a by less than half a circle goes to the left where a is further left.
        return relation[turn_angle_deg(at[0], at[3], at[2]) > 180.0]

    return Draft(
        question_type="perspective_relation",
        question=pick(rng, WORDINGS[relation]).format(stand=stand, face=face, a=a, b=b),
        program=program(stand, face, a, b, relation),
        kind="choice",
        choices=relation,
        unique=(stand, face, a, b),
        margins=(
            *margins,
            *(_sideways(turns) if relation == SIDES else _inward(graph, stand, a, b)),
        ),
        derive=derive,
    )


def _standing(graph: SceneGraph, names: Sequence[str]) -> tuple[tuple[Margin, ...], Floats]:
    """Return the margins of standing at the first thing and facing the second, and turns.

    Turns (n, 9) are degrees to the left, in [0, 360), to the centre of each other
    thing and to its eight corners.
    """
    index = [graph.by_label[name][0] for name in names]
    places = graph.boxes.centers[index, :2]
    away = np.hypot(*(places[1:] - places[0]).T)
    others = boxes_at(graph.boxes, np.array(index[2:]))
    points = np.concatenate([others.centers[:, None], corners(others)], axis=1)
    aims = points[:, :, :2] - places[0]
    turns = turns_deg(places[1] - places[0], aims.reshape(-1, 2)).reshape(-1, 9)
    margins = (
        Margin("nearest_m", float(away.min()), NEAREST_M),
        Margin("within_reach_m", FARTHEST_M - float(away.max()), 0.0),
        Margin("apart_m", float(graph.gaps[index[0], index[1:]].min()), APART_M),
    )
    return margins, turns


def _sideways(turns: Floats) -> tuple[Margin, ...]:
    left = (turns + 180.0) % 360.0 - 180.0
    gap = max(left[0].min() - left[1].max(), left[1].min() - left[0].max())
    return (
        Margin("ahead_deg", AHEAD_DEG - float(np.abs(left).max()), 0.0),
        Margin("centers_deg", float(abs(left[0, 0] - left[1, 0])), CENTERS_DEG),
        Margin("gap_deg", float(gap), GAP_DEG),
    )


def _inward(graph: SceneGraph, stand: str, a: str, b: str) -> tuple[Margin, ...]:
    index = [graph.by_label[name][0] for name in (stand, a, b)]
    places = graph.boxes.centers[index, :2]
    near, far = np.hypot(*(places[1:] - places[0]).T).tolist()
    closest = graph.gap(stand, b) - graph.gap(stand, a)
    agreed = min(abs(far - near), closest if far > near else -closest)
    return (
        Margin("closer_m", agreed, CLOSER_M),
        Margin("closer_share", agreed / max(near, far, 1e-9), CLOSER_SHARE),
    )


FAMILY = Family("perspective_relation", "what is where for a person somewhere else", ask)
