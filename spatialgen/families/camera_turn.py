"""Which way and how far did the camera turn between two frames?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._views import needed_frames, off_vertical, turn_deg, which_and_how_far
from spatialgen.family import (
    Family,
    frame_name,
    pick,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference_views import left_turn_deg

#: A turn to be measured is at least this large, and this far from a half turn,
#: which is neither left nor right.
TURN_DEG = 30.0
SHORT_OF_HALF_DEG = 20.0

#: A turn to be named keeps this far from none, a quarter and a half.
EDGE_DEG = 15.0

#: By the sign of the turn to the left, and whether it is beyond a right angle.
CHOICES = (
    "to the left, by less than 90 degrees",
    "to the left, by more than 90 degrees",
    "to the right, by less than 90 degrees",
    "to the right, by more than 90 degrees",
)

WHICH_WORDINGS = (
    "Which way and how far has the camera turned overall from {first} to {last}? Take the shorter "
    "way around and ignore tilting up or down.",
    "Compare where the camera faces in {first} and in {last}. Which way has it turned, and how "
    "far? The shorter way around counts, and only left and right.",
)

HOW_FAR_WORDINGS = (
    "From {first} to {last} the camera turned to the {side}. By how many degrees in all? Ignore "
    "tilting up or down.",
    "How many degrees to the {side} of where it faces in {first} does the camera face in {last}, "
    "seen from above?",
)


def which_program(first: int, last: int) -> str:
    """Return the program that names the turn between two frames."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    turn = scene.camera_turn_deg(scene.frame({first}), scene.frame({last}))\n"
        "    side = 'left' if turn > 0 else 'right'\n"
        "    much = 'less' if abs(turn) < 90 else 'more'\n"
        "    return f'to the {side}, by {much} than 90 degrees'\n"
    )


def how_far_program(first: int, last: int) -> str:
    """Return the program that measures the turn between two frames in degrees."""
    return (
        "def answer(scene: Scene) -> int:\n"
        f"    turn = scene.camera_turn_deg(scene.frame({first}), scene.frame({last}))\n"
        "    return round(abs(turn))\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about pairs of frames, which way and how far in turns."""
    return which_and_how_far(graph, rng, _which, _how_far)


def _which(graph: SceneGraph, rng: np.random.Generator, first: Frame, last: Frame) -> Draft:
    def derive(graph: SceneGraph) -> Value:
        turn = left_turn_deg(graph.frame(first.index), graph.frame(last.index))
        return CHOICES[2 * (turn < 0) + (abs(turn) > 90)]

    beyond = abs(turn_deg(first, last)) % 90.0
    return Draft(
        question_type="camera_turn",
        question=pick(rng, WHICH_WORDINGS).format(first=frame_name(first), last=frame_name(last)),
        program=which_program(first.index, last.index),
        kind="choice",
        choices=CHOICES,
        margins=(
            off_vertical(first, last),
            Margin("edge_deg", min(beyond, 90.0 - beyond), EDGE_DEG),
        ),
        derive=derive,
        frames=needed_frames(graph, first, last),
    )


def _how_far(graph: SceneGraph, rng: np.random.Generator, first: Frame, last: Frame) -> Draft:
    def derive(graph: SceneGraph) -> Value:
        return abs(left_turn_deg(graph.frame(first.index), graph.frame(last.index)))

    turn = turn_deg(first, last)
    return Draft(
        question_type="camera_turn",
        question=pick(rng, HOW_FAR_WORDINGS).format(
            first=frame_name(first), last=frame_name(last), side="left" if turn > 0 else "right"
        ),
        program=how_far_program(first.index, last.index),
        kind="number",
        decimals=0,
        unit="degrees",
        margins=(
            off_vertical(first, last),
            Margin("turn_deg", abs(turn), TURN_DEG),
            Margin("short_of_half_deg", 180.0 - abs(turn), SHORT_OF_HALF_DEG),
        ),
        derive=derive,
        frames=needed_frames(graph, first, last),
    )


FAMILY = Family("camera_turn", "which way and how far the camera turned between two frames", ask)
