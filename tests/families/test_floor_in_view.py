"""The share of the floor that a video shows, worked out on paper."""

from dataclasses import replace

import pytest

from spatialgen.families import room_size_estimation
from spatialgen.families._floor import floor_in_view
from spatialgen.graph.build import build
from spatialgen.records import Frame, Room, Scene
from tests.families.asking import margin_of
from tests.rooms_by_hand import put, room
from tests.scenes_by_hand import CAMERA

#: A camera at the middle of the ceiling, 2 m high, that looks straight down: 45 degrees each
#: way, so it sees 2 m to each side where its picture is as high as wide.
SQUARE = replace(CAMERA, fx=50.0, fy=50.0, cx=49.5, cy=49.5, width=100, height=100)


def looking_down(x: float, y: float, height: float = 2.0, index: int = 0) -> Frame:
    pose = ((1.0, 0.0, 0.0, x), (0.0, -1.0, 0.0, y), (0.0, 0.0, -1.0, height))
    return Frame(index, float(index), pose, SQUARE)


def hall(*frames: Frame, length: float = 8.0, level: float = 0.0) -> Scene:
    """Return an empty hall 4 m wide, its floor from 0 to ``length``."""
    outline = ((0.0, -2.0), (length, -2.0), (length, 2.0), (0.0, 2.0))
    made = Room(4 * length, (length / 2, 0.0, level + 1.25), 2.5, outline)
    return replace(room(), room=made, frames=frames)


@pytest.mark.parametrize(
    ("scene", "share"),
    [
        pytest.param(hall(looking_down(4, 0)), 0.5, id="half"),
        pytest.param(hall(looking_down(4, 0, height=4.0)), 1.0, id="from higher up"),
        pytest.param(hall(looking_down(4, 0, height=7.0), level=5.0), 0.5, id="upstairs"),
        pytest.param(hall(looking_down(0, 0)), 0.25, id="at the wall"),
        pytest.param(hall(looking_down(2, 0), looking_down(6, 0, index=9)), 1.0, id="both halves"),
        pytest.param(hall(looking_down(2, 0), looking_down(2, 0, index=9)), 0.5, id="one twice"),
        pytest.param(hall(looking_down(20, 0)), 0.0, id="elsewhere"),
        pytest.param(hall(looking_down(4, 0, height=-2.0)), 0.0, id="behind the camera"),
    ],
)
def test_share_of_the_floor(scene: Scene, share: float) -> None:
    assert floor_in_view(build(scene)) == pytest.approx(share, abs=0.03)


def test_without_a_height_the_lowest_thing_stands_on_the_floor() -> None:
    scene = hall(looking_down(4, 0, height=3.0))
    scene = replace(scene, room=replace(scene.room, height=None, center=None))
    assert floor_in_view(build(scene)) is None
    on_floor = replace(scene, objects=room(put("lamp", 1, 1, bottom=1.0)).objects)
    assert floor_in_view(build(on_floor)) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        pytest.param(hall(looking_down(4, 0)), "floor_in_view", id="half"),
        pytest.param(hall(looking_down(3, 0), length=5.0), None, id="most of it"),
        pytest.param(hall(), None, id="no video"),
        pytest.param(replace(hall(looking_down(4, 0)), room=Room(30.0)), None, id="no outline"),
        pytest.param(
            replace(hall(looking_down(4, 0)), room=Room(30.0, polygon=((1.0, 1.0), (2.0, 1.0)))),
            None,
            id="an outline of nothing",
        ),
    ],
)
def test_room_size_needs_the_floor_in_view(scene: Scene, expected: str | None) -> None:
    assert margin_of(room_size_estimation.FAMILY, scene) == expected
