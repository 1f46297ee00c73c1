"""How far apart are two objects? (VSI-Bench)"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._nearness import surface_gap
from spatialgen.family import (
    CENTIMETRES,
    FEET,
    METRES,
    Family,
    Unit,
    as_options,
    converted,
    draw_tuples,
    new_groups,
    pick,
    pick_unit,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import closest_distance

#: Objects closer than this touch, for all one can see.
NEAREST_M = 0.2

#: Boxes tell the distance where that between surfaces is within this share of it, or this much.
SURFACE_SHARE = 0.1
SURFACE_M = 0.05

WORDINGS = (
    "How far apart are the {a} and the {b}, from closest point to closest point, in {unit}?",
    "What is the shortest distance between the {a} and the {b}, in {unit}?",
    "Taking the nearest points of both objects, how many {unit} lie between the {a} and the {b}?",
    "If you stretched a tape from the {a} to the {b} where they are closest, "
    "how many {unit} would it show?",
)


def program(a: str, b: str, unit: Unit = METRES) -> str:
    """Return the program that measures between two objects, closest points counting."""
    return (
        "def answer(scene: Scene) -> float:\n"
        f"    gap = scene.distance(scene.one({a!r}), scene.one({b!r}))\n"
        f"    return {converted('gap', unit)}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask for pairs of categories of which the room has one each."""
    for a, b in new_groups(draw_tuples(rng, single_labels(graph), 2)):
        yield _draft(graph, rng, a, b)


def _draft(graph: SceneGraph, rng: np.random.Generator, a: str, b: str) -> Draft:
    unit = pick_unit(rng, METRES, (CENTIMETRES, FEET))
    gap = graph.gap(a, b)

    def derive(graph: SceneGraph) -> Value:
        return closest_distance(graph.only(a).box, graph.only(b).box) * unit.per_metre

    return Draft(
        question_type="object_abs_distance",
        question=pick(rng, WORDINGS).format(a=a, b=b, unit=unit.name),
        program=program(a, b, unit),
        kind="number",
        as_options=as_options(rng),
        decimals=unit.decimals,
        unit=unit.name,
        unique=(a, b),
        margins=(Margin("distance_m", gap, NEAREST_M), *_surfaces_agree(graph, a, b)),
        derive=derive,
    )


def _surfaces_agree(graph: SceneGraph, a: str, b: str) -> tuple[Margin, ...]:
    gap, measured = graph.gap(a, b), surface_gap(graph, a, b)
    if measured is None:
        return ()
    allowed = max(SURFACE_M, SURFACE_SHARE * gap)
    return (Margin("surfaces_agree_m", allowed - abs(measured - gap), 0.0),)


FAMILY = Family("object_abs_distance", "distance between the closest points of two objects", ask)
