"""Order objects by their distance from another one."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from spatialgen.families._nearness import derived_gap, label_gap, spread
from spatialgen.family import Family, draw_tuples, listing, new_groups, pick, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft

WORDINGS = (
    "Order these from nearest to farthest from the {anchor}, closest points counting: {names}.",
    "Going outward from the {anchor}, in which order of distance do {names} come, nearest first?",
)


def program(anchor: str, names: tuple[str, ...]) -> str:
    """Return the program that orders objects by distance, nearest first."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    things = [scene.one(name) for name in {list(names)!r}]\n"
        f"    order = scene.by_distance(scene.one({anchor!r}), things)\n"
        '    return ", ".join([thing.label for thing in order])\n'
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about an object and three or four others, all of which the room has once."""
    labels = single_labels(graph)
    size = min(5, len(labels))
    if size < 4:
        return
    drawn = draw_tuples(rng, labels, size)
    for anchor, *names in new_groups((some[: int(rng.integers(4, 6))] for some in drawn), 1):
        yield _draft(graph, rng, anchor, tuple(names))


def _draft(
    graph: SceneGraph, rng: np.random.Generator, anchor: str, names: tuple[str, ...]
) -> Draft:
    gaps = {name: label_gap(graph, anchor, name) for name in names}
    right = tuple(sorted(names, key=lambda name: gaps[name]))
    wrong = [order for order in permutations(names) if order != right]
    picked = [wrong[i] for i in rng.permutation(len(wrong))[:3]]

    def derive(graph: SceneGraph) -> Value:
        return ", ".join(sorted(names, key=lambda name: derived_gap(graph, anchor, name)))

    return Draft(
        question_type="object_distance_order",
        question=pick(rng, WORDINGS).format(
            anchor=anchor, names=listing([f"the {name}" for name in names])
        ),
        program=program(anchor, names),
        kind="choice",
        choices=tuple(", ".join(order) for order in (right, *picked)),
        unique=(anchor, *names),
        margins=(spread(graph, anchor, names),),
        derive=derive,
    )


FAMILY = Family("object_distance_order", "order objects by distance from another one", ask)
