"""How tall is the object that is nearest to another one? Two steps in one question."""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._nearness import derived_gap, nearest_lead
from spatialgen.family import (
    CENTIMETRES,
    INCHES,
    Family,
    Unit,
    annotated_all,
    as_options,
    converted,
    pick,
    pick_unit,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft
from spatialgen.verify.reference import closest_distance, vertical_extent

WORDINGS = (
    "Find the object closest to the {anchor}, closest points counting. How tall is it, in {unit}?",
    "Between closest points, one object is the nearest to the {anchor}. What is its height from "
    "bottom to top, in {unit}?",
)


def program(anchor: str, unit: Unit = CENTIMETRES) -> str:
    """Return the program that measures the height of the nearest object."""
    return (
        "def answer(scene: Scene) -> float:\n"
        f"    height = scene.nearest(scene.one({anchor!r})).height\n"
        f"    return {converted('height', unit)}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about every category the room has once."""
    labels = single_labels(graph, unseen=True)
    for i in rng.permutation(len(labels)):
        if len(graph.by_label) >= 3:  # with fewer there is nothing to tell apart
            yield _draft(graph, rng, labels[i])


def _draft(graph: SceneGraph, rng: np.random.Generator, anchor: str) -> Draft:
    unit = pick_unit(rng, CENTIMETRES, (INCHES,))
    nearest, margin = nearest_lead(graph, anchor, kinds=False)

    def derive(graph: SceneGraph) -> Value:
        start = graph.only(anchor)
        others = [label for label in graph.by_label if label != anchor]
        label = min(others, key=lambda label: derived_gap(graph, anchor, label))
        closest = min(
            (thing for thing in graph.scene.objects if thing.label == label),
            key=lambda thing: closest_distance(start.box, thing.box),
        )
        return vertical_extent(closest.box) * unit.per_metre

    return Draft(
        question_type="nearest_object_height",
        question=pick(rng, WORDINGS).format(anchor=anchor, unit=unit.name),
        program=program(anchor, unit),
        kind="number",
        as_options=as_options(rng),
        decimals=unit.decimals,
        unit=unit.name,
        unique=(anchor,),
        mentions=(nearest.label,),
        margins=(margin, annotated_all(graph, graph.scene.counts)),
        derive=derive,
    )


FAMILY = Family("nearest_object_height", "how tall the object nearest to another one is", ask)
