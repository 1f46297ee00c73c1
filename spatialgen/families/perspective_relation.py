"""How do two things stand to each other, for a person somewhere else? (MindCube)"""

from collections.abc import Iterator
from math import dist

import numpy as np

from spatialgen.families._elsewhere import standing
from spatialgen.family import (
    Family,
    alternating,
    draw_tuples,
    in_turns,
    new_groups,
    pick,
    single_labels,
)
from spatialgen.graph.boxes import Floats
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import turn_angle_deg

#: So many pairs are drawn for each of the two relations.
DRAWN = 120

#: Things that are left or right of each other are within this angle of straight
#: ahead, all of them; their centres are this far apart, and so are they themselves.
AHEAD_DEG = 80.0
CENTERS_DEG = 15.0
GAP_DEG = 2.0

#: Distances differ by this much, and by this share of the larger one; those to
#: the centres and those to the closest points.
CLOSER_M = 0.3
CLOSER_SHARE = 0.15

SIDES = ("left", "right")
DEPTHS = ("nearer", "farther")
WORDINGS = {
    SIDES: (
        "Someone at the {stand} looks toward the {face}. From their point of view, is the {a} to "
        "the left or to the right of the {b}?",
        "You stand at the {stand} and face the {face}. Is the {a} to the left or to the right of "
        "the {b}, as you see them?",
        "Seen from the {stand}, looking toward the {face}, on which side of the {b} is the {a}: "
        "left or right?",
    ),
    DEPTHS: (
        "Someone at the {stand} looks toward the {face}. Is the {a} nearer to them than the {b}, "
        "or farther away?",
        "You stand at the {stand} and face the {face}. Is the {a} nearer to you than the {b}, or "
        "farther away?",
        "From the {stand}, looking toward the {face}, is the {a} nearer or farther than the {b}?",
    ),
}

#: What programs compare of an object; the smaller one has the first answer.
COMPARED = {
    SIDES: "-signed_deg(scene.turn_deg(stand, face, {x}))",
    DEPTHS: "scene.floor_distance(stand, {x})",
}


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
    """Ask about pairs that the room has once each, sides and distances by turns."""
    labels = single_labels(graph)
    streams = []
    for relation in WORDINGS:
        drawn = draw_tuples(rng, labels, 4, DRAWN) if len(labels) >= 4 else ()
        drafts = [draft(graph, rng, four, relation) for four in new_groups(drawn, leading=2)]
        streams.append(in_turns(rng, graph, drafts, even=relation))
    return alternating(*streams)


def draft(
    graph: SceneGraph, rng: np.random.Generator, four: tuple[str, ...], relation: tuple[str, str]
) -> Draft:
    """Ask how the last two things stand to each other, seen from the first, facing the second."""
    stand, face, *names = four
    a, b = (names[i] for i in rng.permutation(2))
    around = standing(graph, stand, face, (a, b))

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
            *around.reach_margins(),
            *(_sideways(around.turns) if relation == SIDES else _inward(graph, stand, a, b)),
        ),
        derive=derive,
    )


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


FAMILY = Family("perspective_relation", "how two things stand, for a person elsewhere", ask)
