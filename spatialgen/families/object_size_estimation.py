"""How long is an object's longest side? (VSI-Bench)"""

from collections.abc import Iterator

import numpy as np

from spatialgen.family import (
    CENTIMETRES,
    FEET,
    INCHES,
    Family,
    Unit,
    as_options,
    converted,
    pick,
    pick_unit,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft
from spatialgen.verify.reference import longest_side_cm

WORDINGS = (
    "How long is the longest side (length, width or height) of the {label}, in {unit}?",
    "Of the length, width and height of the {label}, what does the largest measure in {unit}?",
    "What is the largest dimension of the {label}, in {unit}?",
)


def program(label: str, unit: Unit = CENTIMETRES) -> str:
    """Return the program that measures the longest side of an object's oriented box."""
    return (
        "def answer(scene: Scene) -> float:\n"
        f"    longest = scene.one({label!r}).longest\n"
        f"    return {converted('longest', unit)}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask for every category of which the room has one."""
    labels = single_labels(graph, unseen=True)
    for i in rng.permutation(len(labels)):
        yield _draft(rng, labels[i])


def _draft(rng: np.random.Generator, label: str) -> Draft:
    unit = pick_unit(rng, CENTIMETRES, (INCHES, FEET))

    def derive(graph: SceneGraph) -> Value:
        return longest_side_cm(graph.only(label).box) / 100 * unit.per_metre

    return Draft(
        question_type="object_size_estimation",
        question=pick(rng, WORDINGS).format(label=label, unit=unit.name),
        program=program(label, unit),
        kind="number",
        as_options=as_options(rng),
        decimals=unit.decimals,
        unit=unit.name,
        unique=(label,),
        derive=derive,
    )


FAMILY = Family("object_size_estimation", "longest side of an object", ask)
