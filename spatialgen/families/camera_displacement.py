"""Which way and how far did the camera move between two frames?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._views import (
    NEAREST_M,
    left_of_heading_deg,
    needed_frames,
    off_vertical,
    quarter_edge,
    way,
    which_and_how_far,
)
from spatialgen.family import (
    FEET,
    METRES,
    Family,
    Unit,
    as_options,
    converted,
    frame_name,
    pick,
    pick_unit,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference_views import distance_moved, way_moved

#: To the left, from where the camera looked at first.
WAYS = ("forward", "left", "backward", "right")

WHICH_WORDINGS = (
    "From {first} to {last}, which way did the camera mainly move: forward, backward, left or "
    "right, as seen from how it faced at first?",
    "You are where the camera is in {first} and face the same way. To get to where it is in "
    "{last} without turning, do you mainly go forward, backward, left or right?",
)

HOW_FAR_WORDINGS = (
    "How far apart are the camera's positions in {first} and {last}, in {unit}?",
    "In a straight line, how many {unit} is the camera in {last} from where it was in {first}?",
)


def which_program(first: int, last: int) -> str:
    """Return the program that names the way between two frames."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    turn = scene.camera_way_deg(scene.frame({first}), scene.frame({last}))\n"
        f"    return sector(turn, {list(WAYS)!r})\n"
    )


def how_far_program(first: int, last: int, unit: Unit = METRES) -> str:
    """Return the program that measures between the camera's places in two frames."""
    return (
        "def answer(scene: Scene) -> float:\n"
        f"    moved = scene.camera_moved(scene.frame({first}), scene.frame({last}))\n"
        f"    return {converted('moved', unit)}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about pairs of frames, which way and how far in turns."""
    return which_and_how_far(graph, rng, _which, _how_far)


def _which(graph: SceneGraph, rng: np.random.Generator, first: Frame, last: Frame) -> Draft:
    def derive(graph: SceneGraph) -> Value:
        right, _, front = way_moved(graph.frame(first.index), graph.frame(last.index))
        if abs(front) > abs(right):
            return "forward" if front > 0 else "backward"
        return "right" if right > 0 else "left"

    moved = way(first, last)
    floor_m = float(np.hypot(moved[0], moved[1]))
    turn = float(left_of_heading_deg(first, moved[None, :2])[0])
    return Draft(
        question_type="camera_displacement",
        question=pick(rng, WHICH_WORDINGS).format(first=frame_name(first), last=frame_name(last)),
        program=which_program(first.index, last.index),
        kind="choice",
        choices=WAYS,
        margins=(off_vertical(first), Margin("floor_m", floor_m, NEAREST_M), quarter_edge(turn)),
        derive=derive,
        frames=needed_frames(graph, first, last),
    )


def _how_far(graph: SceneGraph, rng: np.random.Generator, first: Frame, last: Frame) -> Draft:
    unit = pick_unit(rng, METRES, (FEET,))

    def derive(graph: SceneGraph) -> Value:
        return distance_moved(graph.frame(first.index), graph.frame(last.index)) * unit.per_metre

    return Draft(
        question_type="camera_displacement",
        question=pick(rng, HOW_FAR_WORDINGS).format(
            first=frame_name(first), last=frame_name(last), unit=unit.name
        ),
        program=how_far_program(first.index, last.index, unit),
        kind="number",
        as_options=as_options(rng),
        decimals=unit.decimals,
        unit=unit.name,
        margins=(Margin("moved_m", float(np.linalg.norm(way(first, last))), NEAREST_M),),
        derive=derive,
        frames=needed_frames(graph, first, last),
    )


FAMILY = Family(
    "camera_displacement", "which way and how far the camera moved between two frames", ask
)
