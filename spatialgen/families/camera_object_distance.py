"""How far from the camera is an object in a frame?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._views import NEAREST_M, clear_view, distance_to
from spatialgen.family import (
    CENTIMETRES,
    FEET,
    METRES,
    Family,
    Unit,
    as_options,
    converted,
    draw_tuples,
    frame_name,
    named_frames,
    pick,
    pick_unit,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference_views import distance_from_camera

WORDINGS = (
    "How far is the camera from the center of the {name} in {frame}, in {unit}?",
    "In {frame}, what is the distance from the camera to the center of the {name}, in {unit}?",
    "How many {unit} from the camera is the center of the {name} in {frame}?",
)


def program(name: str, frame: int, unit: Unit = METRES) -> str:
    """Return the program that measures from the camera of a frame to an object."""
    return (
        "def answer(scene: Scene) -> float:\n"
        f"    distance = scene.camera_distance(scene.one({name!r}), scene.frame({frame}))\n"
        f"    return {converted('distance', unit)}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about what a frame shows and the room has once."""
    single = single_labels(graph)
    pairs = [
        (frame, name)
        for frame in named_frames(graph)
        for name in single
        if graph.only(name).id in frame.seen
    ]
    for ((frame, name),) in draw_tuples(rng, pairs, 1):
        yield _draft(graph, rng, frame, name)


def _draft(graph: SceneGraph, rng: np.random.Generator, frame: Frame, name: str) -> Draft:
    unit = pick_unit(rng, METRES, (CENTIMETRES, FEET))
    thing = graph.only(name)

    def derive(graph: SceneGraph) -> Value:
        return (
            distance_from_camera(graph.frame(frame.index), graph.only(name).box.center)
            * unit.per_metre
        )

    return Draft(
        question_type="camera_object_distance",
        question=pick(rng, WORDINGS).format(name=name, frame=frame_name(frame), unit=unit.name),
        program=program(name, frame.index, unit),
        kind="number",
        as_options=as_options(rng),
        decimals=unit.decimals,
        unit=unit.name,
        unique=(name,),
        margins=(
            Margin("distance_m", distance_to(frame, thing.box.center), NEAREST_M),
            *clear_view(frame, thing),
        ),
        derive=derive,
        frames=(frame.index,),
    )


FAMILY = Family("camera_object_distance", "distance from the camera of a frame to an object", ask)
