"""Which of these objects is closest to another one? (VSI-Bench)"""

from collections.abc import Iterator, Sequence

import numpy as np

from spatialgen.families._nearness import APART_M, derived_gap, label_gap, spread
from spatialgen.family import (
    Family,
    annotated_all,
    draw_tuples,
    listing,
    nameable_labels,
    new_groups,
    pick,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin

WORDINGS = (
    "Which of these is closest to the {anchor}: {names}? Closest points count.",
    "One of these is the nearest to the {anchor}, measured between closest points: {names}. Which?",
    "Starting from the {anchor}, which of these would you reach first in a straight line, closest "
    "point to closest point: {names}?",
)

#: Added where the room has a candidate several times.
SEVERAL = " Where there are several of a kind, take the nearest one."


def program(anchor: str, names: Sequence[str]) -> str:
    """Return the program that finds the category nearest to an object.

    Of a category that the room has several times the nearest one counts.
    """
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    anchor = scene.one({anchor!r})\n"
        f"    names = {list(names)!r}\n"
        "    return min(names, key=lambda name: (scene.label_distance(anchor, name), name))\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask with four candidates mostly, three or two where the room has no more."""
    labels = nameable_labels(graph)
    size = min(4, len(labels) - 1)
    if size < 2:
        return
    single = set(single_labels(graph))
    for anchor, *names in new_groups(draw_tuples(rng, labels, size + 1), leading=1):
        if anchor in single:
            yield _draft(graph, rng, anchor, names)


def _draft(graph: SceneGraph, rng: np.random.Generator, anchor: str, names: list[str]) -> Draft:
    gaps = [label_gap(graph, anchor, name) for name in names]

    def derive(graph: SceneGraph) -> Value:
        return min(names, key=lambda name: (derived_gap(graph, anchor, name), name))

    question = pick(rng, WORDINGS).format(anchor=anchor, names=listing(names, "or"))
    alone = all(len(graph.by_label[name]) == 1 for name in names)
    return Draft(
        question_type="object_rel_distance",
        question=question if alone else question + SEVERAL,
        program=program(anchor, names),
        kind="choice",
        choices=tuple(names),
        unique=(anchor,),
        mentions=tuple(names),
        margins=(
            Margin("nearest_m", min(gaps), APART_M),
            spread(graph, anchor, names),
            annotated_all(graph, names),
        ),
        derive=derive,
    )


FAMILY = Family("object_rel_distance", "which of several categories is closest to an object", ask)
