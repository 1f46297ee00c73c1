"""How rooms are filmed: cameras stand upright, touch nothing, and show what was asked for."""

import functools
import math

import numpy as np
import pytest

from spatialgen.cameras import inside, project, to_camera
from spatialgen.errors import UsageError
from spatialgen.records import SceneObject
from spatialgen.synth.filming import camera_of
from spatialgen.synth.freespace import BODY, CELL, free_space, ways
from spatialgen.synth.rooms import lay_out, to_scene
from spatialgen.synth.scans import MadeRoom, make_room
from spatialgen.synth.settings import MOST_FRAMES, settings

SEED = 21
ROOMS = range(6)


@functools.cache
def filmed(index: int, camera: str = "walk", **chosen: float | int | str | None) -> MadeRoom:
    few = {"width": 32, "height": 32, "seconds": 8, "spacing": 1.0}
    return make_room(SEED, index, settings(**{**few, "camera": camera, **chosen}))


def things_of(index: int, objects: int, clutter: float = 0.25) -> tuple[SceneObject, ...]:
    """Return what is in a room, without building or filming it."""
    return to_scene("room", lay_out(SEED, index, objects, clutter)).objects


def distance_to_things(room: MadeRoom, eyes: np.ndarray) -> float:
    """Return how near any eye comes to the box of a thing, by clamping to each box."""
    nearest = math.inf
    for thing in room.scan.scene.objects:
        offset = (eyes - thing.box.center) @ np.array(thing.box.axes).T
        outside = np.maximum(np.abs(offset) - np.array(thing.box.size) / 2, 0)
        nearest = min(nearest, float(np.linalg.norm(outside, axis=1).min()))
    return nearest


@pytest.mark.parametrize("camera", ["walk", "turn", "top"])
def test_cameras_are_upright_and_not_mirrored(camera: str) -> None:
    for index in ROOMS:
        poses = filmed(index, camera).film.poses
        turns = poses[:, :3, :3]
        assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-12)
        assert np.allclose(np.linalg.det(turns), 1)
        assert np.allclose(turns[:, 2, 0], 0), "the horizon is level"
        assert (turns[:, 2, 1] <= 0).all(), "down in the picture is down in the room"


@pytest.mark.parametrize("camera", ["walk", "turn"])
def test_the_camera_is_carried_at_eye_height_and_touches_nothing(camera: str) -> None:
    for index in ROOMS:
        room = filmed(index, camera)
        eyes = room.film.poses[:, :3, 3]
        assert np.allclose(eyes[:, 2], 1.5)
        assert distance_to_things(room, eyes) > 0.15
        floor = room.layout.floor
        walls = np.stack(
            [eyes[:, 0], floor.width - eyes[:, 0], eyes[:, 1], floor.length - eyes[:, 1]]
        )
        assert walls.min() > 0.15


def test_a_walk_is_as_long_as_asked_for_and_even() -> None:
    for index in ROOMS:
        for length in (0.0, 3.0, 9.0):
            eyes = filmed(index, walk=length).film.poses[:, :2, 3]
            steps = np.linalg.norm(np.diff(eyes, axis=0), axis=1)
            assert steps.sum() <= length + CELL * 2
            assert steps.sum() >= 0.6 * length  # smoothing cuts corners
            assert steps.max() <= 1.1 * length / len(steps) + 2e-2


def test_a_walker_looks_about() -> None:
    turned = []
    for index in ROOMS:
        ahead = filmed(index).film.poses[:, :2, 2]
        headings = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
        turned.append(np.ptp(headings))
        assert np.abs(np.diff(headings)).max() < math.radians(45)
    assert min(turned) > math.radians(40)
    assert np.mean(turned) > math.radians(120)


def test_a_turn_goes_once_round_on_one_spot() -> None:
    for index in ROOMS:
        poses = filmed(index, "turn").film.poses
        assert np.ptp(poses[:, :3, 3], axis=0) == pytest.approx(0)
        headings = np.unwrap(np.arctan2(poses[:, 1, 2], poses[:, 0, 2]))
        steps = np.diff(headings)
        assert np.abs(steps) == pytest.approx(2 * math.pi / len(poses))
        assert abs(steps.sum()) == pytest.approx(2 * math.pi * (1 - 1 / len(poses)))


@pytest.mark.parametrize(("width", "height"), [(64, 64), (80, 48), (48, 80)])
def test_from_above_the_whole_room_is_in_the_picture(width: int, height: int) -> None:
    for index in ROOMS:
        room = filmed(index, "top", width=width, height=height)
        (pose,) = room.film.poses
        outline = np.array(room.scan.scene.room.polygon)
        for z in (0.0, room.layout.floor.height):
            corners = np.column_stack([outline, np.full(len(outline), z)])
            pixels = project(room.film.camera, to_camera(pose, corners))
            assert inside(room.film.camera, pixels).all()
        assert pose[:3, 2] == pytest.approx((0, 0, -1))
        assert pose[:3, 0] == pytest.approx((1, 0, 0))
        assert "ceiling" not in room.model.pieces


def test_the_field_of_view_is_across_the_picture() -> None:
    camera = camera_of(settings(width=200, height=100, fov_deg=90))
    assert (camera.fx, camera.fy) == pytest.approx((100, 100))
    assert (camera.cx, camera.cy) == (99.5, 49.5)


def test_in_view_moves_the_number_of_objects_in_the_picture() -> None:
    def shown(in_view: int) -> float:
        counts = []
        for index in range(3):
            film = filmed(index, objects=16, in_view=in_view, shadows=False).film
            for frame in range(0, len(film.poses), 16):
                pixels = np.bincount(film.shot(frame).owners.ravel() + 1)[1:17]
                counts.append(int((pixels >= 4).sum()))
        return float(np.mean(counts))

    assert shown(1) < shown(12)


def test_more_objects_and_more_clutter() -> None:
    for index in ROOMS:
        assert len(things_of(index, 3)) == 3
    high = [
        sum(
            thing.box.center[2] > 0.6
            for index in range(10)
            for thing in things_of(index, 20, clutter)
            if thing.label not in ("window", "door", "closet", "bookshelf", "refrigerator")
        )
        for clutter in (0.0, 0.7)
    ]
    assert high[1] > 1.5 * high[0]


def test_a_room_of_one_object_is_not_always_one_with_a_door() -> None:
    labels = {things_of(index, 1)[0].label for index in range(12)}
    assert len(labels) >= 5


def test_things_stand_on_shelves_and_in_bookshelves() -> None:
    on_shelf = inside_shelf = 0
    for index in range(16):
        things = things_of(index, 30, 0.7)
        for thing in things:
            x, y, z = thing.box.center
            bottom = z - thing.box.size[2] / 2
            for host in things:
                offset = np.array(host.box.axes) @ (np.array((x, y, z)) - host.box.center)
                if thing is host or (np.abs(offset[:2]) > np.array(host.box.size[:2]) / 2).any():
                    continue
                top = host.box.center[2] + host.box.size[2] / 2
                on_shelf += host.label == "shelf" and bottom == top
                inside_shelf += host.label == "bookshelf" and bottom < top and thing.label == "book"
    assert on_shelf >= 8
    assert inside_shelf >= 8


def test_free_space_is_connected_and_leads_everywhere() -> None:
    for index in ROOMS:
        space = free_space(filmed(index).layout, 1.5)
        cells = {(int(x), int(y)) for x, y in np.argwhere(space.free)}
        start = min(cells)
        lengths, before = ways(space, start)
        assert set(lengths) == cells == set(before)
        assert (space.clearance(np.array([space.middle(cell) for cell in cells])) >= BODY).all()
        for cell in sorted(cells)[::40]:
            straight = math.dist(space.middle(start), space.middle(cell))
            assert lengths[cell] >= straight - 1e-9


def test_a_room_too_full_to_walk_in_is_still_filmed() -> None:
    room = filmed(0, objects=1, walk=5.0)
    block = room.layout.placed[0].block
    floor = room.layout.floor
    full = type(block)(
        (floor.width / 2, floor.length / 2),
        (1.0, 0.0),
        floor.width / 2 - 0.2,
        floor.length / 2 - 0.2,
        9.0,
        0.0,
        2.0,
    )
    room.layout.placed[:] = [type(room.layout.placed[0])(room.layout.placed[0].item, full, None)]
    try:
        space = free_space(room.layout, 1.5)
        assert space.free.any()
    finally:
        filmed.cache_clear()


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        pytest.param({"clutter": 1.5}, "clutter: .*less than or equal to 1", id="clutter"),
        pytest.param(
            {"fps": 0, "width": 8}, "width: .*16; fps: .*greater than or equal to 0.1", id="two"
        ),
        pytest.param({"camera": "drone"}, "camera: .*'walk', 'turn' or 'top'", id="camera"),
        pytest.param({"style": "gothic"}, "style: .*'plain'", id="style"),
        pytest.param({"seconds": float("nan")}, "seconds: ", id="nan"),
        pytest.param({"colour": "free"}, "colour: Extra inputs", id="unknown"),
        pytest.param(
            {"seconds": 3600, "fps": 120}, f"432000 frames.* at most {MOST_FRAMES}", id="frames"
        ),
    ],
)
def test_settings_that_are_refused(chosen: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        settings(**chosen)
