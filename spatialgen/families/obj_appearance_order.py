"""In which order does the video first show things? (VSI-Bench)"""

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from spatialgen.family import (
    Family,
    annotated_all,
    draw_tuples,
    listing,
    nameable_labels,
    new_groups,
    pick,
    with_unclear,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin

#: First appearances to be ordered are farther apart than this.
APART_S = 1.0

NAMES = 4

WORDINGS = (
    "In what order do these categories first appear in the video: {names}?",
    "Watching the video from the start, in which order do you first see each of these: {names}?",
    "Which category appears first in the video, which second, and so on: {names}? Of several of a "
    "kind the first one seen counts.",
)


def program(names: tuple[str, ...]) -> str:
    """Return the program that orders categories by their first appearance."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    names = {list(names)!r}\n"
        "    return ', '.join(sorted(names, key=scene.label_first_seen))\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about four categories.

    Of most fours two come into view together; the others take turns with such.
    """
    labels = nameable_labels(graph)
    if not graph.scene.frames or len(labels) < NAMES:
        return
    fours = new_groups(draw_tuples(rng, labels, NAMES))
    yield from with_unclear(graph, (_draft(graph, rng, names) for names in fours))


def _draft(graph: SceneGraph, rng: np.random.Generator, names: tuple[str, ...]) -> Draft:
    times = {name: _first_seen(graph, name) for name in names}
    right = tuple(sorted(names, key=lambda name: times[name]))
    wrong = [order for order in permutations(names) if order != right]
    picked = [wrong[i] for i in rng.permutation(len(wrong))[:3]]

    def derive(graph: SceneGraph) -> Value:
        # Each has its rank: how many of the others come into view before it.
        ranks = {
            name: sum(_first_seen(graph, other) < _first_seen(graph, name) for other in names)
            for name in names
        }
        return ", ".join(next(name for name in names if ranks[name] == i) for i in range(NAMES))

    return Draft(
        question_type="obj_appearance_order",
        question=pick(rng, WORDINGS).format(names=listing(names)),
        program=program(names),
        kind="choice",
        choices=tuple(", ".join(order) for order in (right, *picked)),
        mentions=names,
        margins=(
            Margin("apart_s", float(np.diff(sorted(times.values())).min()), APART_S),
            annotated_all(graph, names),
        ),
        derive=derive,
    )


def _first_seen(graph: SceneGraph, label: str) -> float:
    scene = graph.scene
    return min(scene.first_seen[thing.id] for thing in scene.objects if thing.label == label)


FAMILY = Family("obj_appearance_order", "order in which the video first shows things", ask)
