"""In which direction from the camera of a frame is an object, in view or not?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._views import (
    NEAREST_M,
    all_frames,
    bearings_deg,
    in_quarter,
    off_vertical,
    position,
    quarter_edge,
)
from spatialgen.family import (
    Family,
    draw_tuples,
    frame_name,
    in_turns,
    named_frames,
    pick,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference_views import left_turn_to_deg

#: To the left, from straight ahead.
QUARTERS = ("front", "left", "back", "right")

WORDINGS = (
    "You are where the camera is in {frame} and face the same way. In which direction is the "
    "{name}: front, left, back or right? Each direction covers 90 degrees.",
    "Seen from the camera in {frame}, is the {name} to the front, left, back or right, whether in "
    "view or not? Each direction covers 90 degrees.",
)


def program(name: str, frame: int) -> str:
    """Return the program that tells in which quarter around the camera an object is."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    turn = scene.camera_bearing_deg(scene.one({name!r}), scene.frame({frame}))\n"
        f"    return sector(turn, {list(QUARTERS)!r})\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about all that the room has once, wherever the camera looks.

    What is out of view takes the rest of the video to be found.
    """
    pairs = [(frame, name) for frame in named_frames(graph) for name in single_labels(graph)]
    drawn = draw_tuples(rng, pairs, 1)
    return in_turns(rng, graph, [_draft(graph, rng, frame, name) for ((frame, name),) in drawn])


def _draft(graph: SceneGraph, rng: np.random.Generator, frame: Frame, name: str) -> Draft:
    box = graph.only(name).box

    def derive(graph: SceneGraph) -> Value:
        turn = left_turn_to_deg(graph.frame(frame.index), graph.only(name).box.center)
        return next(QUARTERS[i] for i in range(4) if abs((turn - 90 * i + 180) % 360 - 180) < 45)

    center = np.array([box.center])
    turn = float(bearings_deg(frame, center)[0])
    away = float(np.linalg.norm((center - position(frame))[0, :2]))
    return Draft(
        question_type="camera_object_direction",
        question=pick(rng, WORDINGS).format(name=name, frame=frame_name(frame)),
        program=program(name, frame.index),
        kind="choice",
        choices=QUARTERS,
        unique=(name,),
        margins=(
            off_vertical(frame),
            Margin("distance_m", away, NEAREST_M),
            quarter_edge(turn),
            in_quarter(frame, box),
        ),
        derive=derive,
        frames=all_frames(graph),
    )


FAMILY = Family("camera_object_direction", "direction from the camera of a frame to an object", ask)
