"""Of which category are there more?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.family import (
    Family,
    annotated_all,
    countable_labels,
    draw_tuples,
    listing,
    new_groups,
    pick,
    with_unclear,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.labels import plural
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin

WORDINGS = {
    "max": (
        "Which are there most of in this room: {names}?",
        "Count each of these in the room, and tell which is the most numerous: {names}.",
    ),
    "min": (
        "Which are there fewest of in this room: {names}?",
        "Count each of these in the room, and tell which is the least numerous: {names}.",
    ),
}

#: Where the winner and the runner-up are among sorted counts.
_ENDS = {"max": slice(-2, None), "min": slice(0, 2)}


def program(labels: tuple[str, ...], best: str) -> str:
    """Return the program that compares counts; ``best`` is max or min. A tie has no answer."""
    plurals = {label: plural(label) for label in labels}
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    plurals = {plurals!r}\n"
        "    counts = [scene.count(label) for label in plurals]\n"
        f"    if counts.count({best}(counts)) > 1:\n"
        '        raise ValueError("several are equally numerous")\n'
        f"    return plurals[{best}(plurals, key=lambda label: scene.count(label))]\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about two or three categories; those that tie for the answer are rejected."""
    labels = countable_labels(graph, unseen=True)
    drawn = draw_tuples(rng, labels, min(3, len(labels)))
    groups = new_groups(some[: int(rng.integers(2, 4))] for some in drawn)
    drafts = [
        _draft(graph, rng, names, pick(rng, ("max", "min"))) for names in groups if len(names) > 1
    ]
    return with_unclear(graph, drafts)


def _draft(graph: SceneGraph, rng: np.random.Generator, names: tuple[str, ...], best: str) -> Draft:
    def derive(graph: SceneGraph) -> Value:
        boxes = {name: sum(t.label == name for t in graph.scene.objects) for name in names}
        ranked = sorted(names, key=lambda name: boxes[name])
        return plural(ranked[-1] if best == "max" else ranked[0])

    plurals = [plural(name) for name in names]
    first, second = sorted(graph.scene.counts.get(name, 0) for name in names)[_ENDS[best]]
    return Draft(
        question_type="object_count_comparison",
        question=pick(rng, WORDINGS[best]).format(names=listing(plurals, "or")),
        program=program(names, best),
        kind="choice",
        choices=tuple(plurals),
        mentions=names,
        margins=(Margin("lead", second - first, 1), annotated_all(graph, names)),
        derive=derive,
    )


FAMILY = Family("object_count_comparison", "which category is the most or least numerous", ask)
