"""The second derivation of turns: by hand, against the language, and what it shares with it."""

import ast
import inspect
import math

import pytest

from spatialgen.programs.vectors import sub, turn_deg
from spatialgen.rng import generator
from spatialgen.verify import reference_routes as subject

WEST, HERE = (-3.0, 0.0, 1.0), (0.0, 0.0, 0.0)


def at(angle_deg, distance=2.0, height=5.0):
    angle = math.radians(angle_deg)
    return (distance * math.cos(angle), distance * math.sin(angle), height)


TURNS = [
    (30, "Turn Left"),
    (134, "Turn Left"),
    (136, "Turn Back"),
    (180, "Turn Back"),
    (224, "Turn Back"),
    (226, "Turn Right"),
    (330, "Turn Right"),
]


@pytest.mark.parametrize(("angle_deg", "expected"), TURNS)
@pytest.mark.parametrize("distance", [0.1, 2.0, 50.0])
def test_turns_by_hand(angle_deg, expected, distance):
    assert subject.turn_at(WEST, HERE, at(angle_deg, distance)) == expected
    assert subject.turn_from(HERE, (4.0, 0.0, 2.0), at(angle_deg, distance)) == expected


def test_a_walk_by_hand():
    # Around a square, then back along its last side.
    square = [(0.0, 0.0, 0.0), (2.0, 0.0, 1.0), (2.0, 2.0, 0.0), (0.0, 2.0, 0.0), (2.0, 1.9, 0.0)]
    assert subject.turns(square[0], square[1], square[1:]) == "Turn Left, Turn Left, Turn Back"
    assert subject.turns(square[0], (0.0, 9.0, 0.0), square[1:3]) == "Turn Right, Turn Left"
    assert subject.turns(square[0], square[1], square[1:2]) == ""


def test_it_agrees_with_the_language():
    rng = generator(0, "routes")
    for _ in range(500):
        before, corner, after = map(tuple, rng.normal(size=(3, 3)).tolist())
        turned = turn_deg(sub(corner, before), sub(after, corner))
        if min(abs(turned - edge) for edge in (0, 135, 180, 225, 360)) < 1e-6:
            continue
        words = ["Turn Left", "Turn Back", "Turn Right"]
        expected = words[(turned >= 135) + (turned > 225)]
        assert subject.turn_at(before, corner, after) == expected


def test_it_shares_no_code_with_what_it_checks():
    names = []
    for node in ast.walk(ast.parse(inspect.getsource(subject))):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module)
        elif isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
    assert [name for name in names if name.startswith("spatialgen")] == ["spatialgen.records"]
