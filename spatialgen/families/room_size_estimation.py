"""How large is the floor? (VSI-Bench)"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._floor import floor_in_view
from spatialgen.family import Family, Unit, as_options, converted, pick, pick_unit
from spatialgen.graph.build import SceneGraph
from spatialgen.graph.relations import polygon_area
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin

SQUARE_METRES = Unit("square meters", 1.0, 1)
SQUARE_FEET = Unit("square feet", 1 / 0.3048**2, 0)

#: A video shows at least this share of the floor; the rest can be made out.
IN_VIEW = 0.7

WORDINGS = (
    "How large is the floor of this room in {unit}? Several rooms shown count together.",
    "What is the floor area of the space shown, all rooms together, in {unit}?",
    "If you covered the whole floor with carpet, how many {unit} of it would you need?",
)


def program(unit: Unit = SQUARE_METRES) -> str:
    """Return the program that gives the floor area."""
    return (
        "def answer(scene: Scene) -> float:\n"
        "    area = scene.room_area()\n"
        f"    return {converted('area', unit)}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask once where the area is known."""
    if graph.scene.room.area is None:
        return
    shown = floor_in_view(graph)
    unit = pick_unit(rng, SQUARE_METRES, (SQUARE_FEET,))

    def derive(graph: SceneGraph) -> Value | None:
        outline = graph.scene.room.polygon
        return polygon_area(np.array(outline)) * unit.per_metre if outline else None

    yield Draft(
        question_type="room_size_estimation",
        question=pick(rng, WORDINGS).format(unit=unit.name),
        program=program(unit),
        kind="number",
        as_options=as_options(rng),
        decimals=unit.decimals,
        unit=unit.name,
        margins=() if shown is None else (Margin("floor_in_view", shown, IN_VIEW),),
        derive=derive,
    )


FAMILY = Family("room_size_estimation", "floor area of the room", ask)
