"""The second way to views: by hand, and against the query language on drawn cameras."""

import ast
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spatialgen.programs.language import Scene as Asked
from spatialgen.records import Frame, Scene, Vec3
from spatialgen.rng import generator
from spatialgen.verify import reference_views as subject
from tests.scenes_by_hand import asked, carried, level_frame, scene_of, thing

#: At (1, 2, 1.5), looking along +Y; and half a metre higher, looking along -X.
FIRST = level_frame(0, 0.0, (1.0, 2.0, 1.5), 90.0)
LAST = level_frame(9, 1.0, (2.0, 6.0, 2.0), 180.0)


@pytest.mark.parametrize(
    ("point", "seen", "left_deg"),
    [
        pytest.param((1.0, 5.0, 1.5), (0.0, 0.0, 3.0), 0.0, id="ahead"),
        pytest.param((3.0, 2.0, 1.5), (2.0, 0.0, 0.0), 270.0, id="to the right"),
        pytest.param((-1.0, 2.0, 0.5), (-2.0, 1.0, 0.0), 90.0, id="to the left and down"),
        pytest.param((1.0, 0.0, 2.5), (0.0, -1.0, -2.0), 180.0, id="behind and up"),
        pytest.param((0.0, 3.0, 0.0), (-1.0, 1.5, 1.0), 45.0, id="half left"),
    ],
)
def test_a_point_from_a_camera(point: Vec3, seen: Vec3, left_deg: float) -> None:
    assert subject.seen_by_camera(FIRST, point) == pytest.approx(seen, abs=1e-12)
    assert subject.distance_from_camera(FIRST, point) == pytest.approx(math.hypot(*seen))
    assert subject.left_turn_to_deg(FIRST, point) == pytest.approx(left_deg, abs=1e-9)


def test_the_way_between_two_frames() -> None:
    assert subject.left_turn_deg(FIRST, LAST) == pytest.approx(90.0)
    assert subject.left_turn_deg(LAST, FIRST) == pytest.approx(-90.0)
    assert subject.way_moved(FIRST, LAST) == pytest.approx((1.0, 0.5, 4.0))
    assert subject.way_moved(LAST, FIRST) == pytest.approx((-4.0, -0.5, 1.0))
    assert subject.distance_moved(FIRST, LAST) == pytest.approx(math.sqrt(17.25))


def drawn_frame(rng: np.random.Generator, index: int) -> Frame:
    """Return a frame of a camera turned, pitched and rolled in any way."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    pose = np.column_stack([turn, rng.uniform(-5, 5, 3)])
    frame = level_frame(index, float(index), (0.0, 0.0, 0.0), 0.0)
    return replace(frame, pose=tuple(map(tuple, pose.tolist())))


def drawn_scene(seed: int) -> Scene:
    rng = generator(seed, "reference_views")
    frames = [drawn_frame(rng, index) for index in range(4)]
    places = rng.uniform(-5, 5, (5, 3)).tolist()
    things = [thing(f"ball-{i}", tuple(place), (0.1, 0.1, 0.1)) for i, place in enumerate(places)]
    return scene_of(things, frames=frames)


def language_says(scene: Asked) -> list[float]:
    said = []
    for first in scene.frames:
        for ball in scene.objects:
            said += [scene.camera_distance(ball, first), scene.camera_bearing_deg(ball, first)]
        for last in scene.frames:
            if first is not last:
                said += [scene.camera_turn_deg(first, last), scene.camera_moved(first, last)]
                said += scene.camera_motion(first, last)
    return said


def reference_says(scene: Scene) -> list[float]:
    said = []
    for first in scene.frames:
        for ball in scene.objects:
            said.append(subject.distance_from_camera(first, ball.box.center))
            said.append(subject.left_turn_to_deg(first, ball.box.center))
        for last in scene.frames:
            if first is not last:
                said.append(subject.left_turn_deg(first, last))
                said.append(subject.distance_moved(first, last))
                said += subject.way_moved(first, last)
    return said


@pytest.mark.parametrize("seed", range(30))
def test_it_agrees_with_the_language_up_to_rounding(seed: int) -> None:
    scene = drawn_scene(seed)
    assert reference_says(scene) == pytest.approx(language_says(asked(scene)), abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_turning_and_moving_the_room_changes_nothing(seed: int) -> None:
    scene = drawn_scene(seed)
    elsewhere = carried(scene, 37.0, (11.0, -6.0, 0.7))
    assert reference_says(elsewhere) == pytest.approx(reference_says(scene), abs=1e-6)


def test_what_has_no_direction() -> None:
    down = replace(FIRST, pose=((1, 0, 0, 0), (0, -1, 0, 0), (0, 0, -1, 2)))
    with pytest.raises(ValueError, match="looks straight up or down"):
        subject.left_turn_deg(FIRST, down)
    with pytest.raises(ValueError, match="the camera is at the point"):
        subject.left_turn_to_deg(FIRST, (1.0, 2.0, 0.0))


def test_a_hair_to_the_right_of_ahead_is_no_full_turn() -> None:
    for away in np.linspace(-1e-15, 1e-15, 41).tolist():
        assert 0.0 <= subject.left_turn_to_deg(FIRST, (1.0 + away, 5.0, 1.5)) < 360.0


def test_it_shares_nothing_with_what_it_checks() -> None:
    tree = ast.parse(Path(subject.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"spatialgen.records"}
