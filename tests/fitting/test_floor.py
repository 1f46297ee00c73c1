"""Rooms of known area: whatever stands in them, however they are turned and scanned."""

import math

import numpy as np
import pytest

from spatialgen.fitting.floor import find_floor, fit_room, lacking
from spatialgen.fitting.outline import crosses_itself
from spatialgen.graph.relations import polygon_area
from spatialgen.rng import generator

#: Rooms as rectangles (x0, y0, x1, y1) that only touch.
ROOMS = {
    "rectangle": [(0, 0, 4, 3)],
    "hall": [(0, 0, 12, 8)],
    "closet": [(0, 0, 1.5, 1.2)],
    "L": [(0, 0, 6, 2.5), (0, 2.5, 2.5, 6)],
    "T": [(0, 4, 7, 6), (2.5, 0, 4.5, 4)],
}
BED = (0.0, 0.5, 0.9, 2.0)
TABLE = (1.2, 1.2, 2.0, 2.2)
HEIGHT = 2.6
UP = np.array([0.0, 0.0, HEIGHT])


def area_of(name):
    return sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in ROOMS[name])


def floor_of(name, spacing, *names, gridded):
    """Return floor points about ``spacing`` apart: at random, or on a grid up to the edges."""
    parts = []
    for x0, y0, x1, y1 in ROOMS[name]:
        if gridded:
            x = np.linspace(x0, x1, round((x1 - x0) / spacing) + 1)
            y = np.linspace(y0, y1, round((y1 - y0) / spacing) + 1)
            parts.append(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
        else:
            count = round((x1 - x0) * (y1 - y0) / spacing**2)
            rng = generator(0, "floor", name, x0, *names)
            parts.append(rng.uniform((x0, y0), (x1, y1), (count, 2)))
    plan = np.concatenate(parts)
    return np.concatenate([plan, np.zeros((len(plan), 1))], axis=1)


def without(points, part):
    x0, y0, x1, y1 = part
    x, y = points[:, 0], points[:, 1]
    return points[~((x > x0) & (x < x1) & (y > y0) & (y < y1))]


def top(part, height):
    """Return points on the top of what covers a part of the floor."""
    rng = generator(0, "top", part)
    plan = rng.uniform(part[:2], part[2:], (600, 2))
    return np.concatenate([plan, np.full((600, 1), height)], axis=1)


def placed(points, yaw_deg):
    yaw = math.radians(yaw_deg)
    cos, sin = math.cos(yaw), math.sin(yaw)
    return points @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]) + [7.0, -3.0, 0.2]


def walls_of(name, height=HEIGHT):
    """Return points on the walls of a room that is one rectangle."""
    ((x0, y0, x1, y1),) = ROOMS[name]
    x, y = np.linspace(x0, x1, 80), np.linspace(y0, y1, 60)
    ring = [np.stack([x, np.full_like(x, side)], 1) for side in (y0, y1)]
    ring += [np.stack([np.full_like(y, side), y], 1) for side in (x0, x1)]
    plan = np.concatenate(ring)
    heights = np.linspace(0, height, 20)
    return np.concatenate([np.c_[plan, np.full(len(plan), z)] for z in heights])


def check(room, area, share=0.05):
    assert room.area == pytest.approx(area, rel=share)
    outline = np.array(room.polygon)
    assert polygon_area(outline) == pytest.approx(room.area)
    assert not crosses_itself(outline)


@pytest.mark.parametrize("yaw_deg", [0, 17, 45, 80])
@pytest.mark.parametrize("name", ROOMS)
def test_area_of_a_dense_floor(name, yaw_deg):
    floor = placed(floor_of(name, 0.03, gridded=False), yaw_deg)
    check(fit_room(floor), area_of(name))


@pytest.mark.parametrize("yaw_deg", [0, 17, 45])
@pytest.mark.parametrize("name", ["rectangle", "hall", "L", "T"])
def test_area_of_a_regular_sparse_floor(name, yaw_deg):
    check(fit_room(placed(floor_of(name, 0.1, gridded=True), yaw_deg)), area_of(name))


@pytest.mark.parametrize("name", ["rectangle", "hall", "L"])
def test_area_of_a_noisy_floor(name):
    floor = floor_of(name, 0.03, gridded=False)
    noise = generator(0, "noise").normal(0, (0.01, 0.01, 0.02), floor.shape)
    check(fit_room(placed(floor + noise, 30)), area_of(name))


def test_walls_bound_a_sparse_floor():
    floor = floor_of("rectangle", 0.2, gridded=False)
    room = fit_room(floor, walls=walls_of("rectangle"))
    check(room, 12.0, share=0.02)


@pytest.mark.parametrize("yaw_deg", [0, 33])
def test_furniture_does_not_take_floor_away(yaw_deg):
    """A table in the middle leaves a hole, a bed at the wall a dent that its points fill."""
    floor = without(without(floor_of("rectangle", 0.03, gridded=False), TABLE), BED)
    things = np.concatenate([top(TABLE, 0.75), top(BED, 0.5)])
    check(fit_room(placed(floor, yaw_deg), placed(things, yaw_deg)), 12.0)


def test_a_second_room_behind_a_wall_is_left_out():
    other = floor_of("closet", 0.03, gridded=False) + np.array([6.0, 0.0, 0.0])
    check(fit_room(np.concatenate([floor_of("rectangle", 0.03, gridded=False), other])), 12.0)


def test_stray_floor_points_change_nothing_much():
    floor = floor_of("rectangle", 0.03, gridded=False)
    strays = generator(0, "strays").uniform((-9, -9, -2), (9, 9, 3), (40, 3))
    check(fit_room(np.concatenate([floor, strays])), 12.0)


def test_the_order_of_points_is_free():
    floor = placed(floor_of("L", 0.03, gridded=False), 20)
    assert fit_room(floor) == fit_room(generator(0, "order").permutation(floor))


def test_center_is_the_middle_at_half_the_height():
    ceiling = floor_of("rectangle", 0.1, gridded=True) + UP
    room = fit_room(floor_of("rectangle", 0.05, gridded=True), ceiling=ceiling)
    assert room.center == pytest.approx((2.0, 1.5, HEIGHT / 2), abs=0.02)


CEILING = floor_of("rectangle", 0.1, gridded=True) + UP
CUT = walls_of("rectangle", height=1.0)
RAGGED = walls_of("rectangle")[generator(0, "ragged").permutation(5000)]
RAGGED = RAGGED[RAGGED[:, 2] < 1.2 + 0.35 * RAGGED[:, 0]]


@pytest.mark.parametrize(
    ("parts", "height"),
    [
        pytest.param({"ceiling": CEILING}, HEIGHT, id="from the ceiling"),
        pytest.param({"walls": walls_of("rectangle")}, HEIGHT, id="from the tops of walls"),
        pytest.param({"ceiling": CEILING, "walls": CUT}, HEIGHT, id="the ceiling wins"),
        pytest.param({}, None, id="neither"),
        pytest.param({"ceiling": CEILING[:5]}, None, id="a few points are no ceiling"),
        pytest.param({"walls": CUT}, None, id="walls seen to the hip"),
        pytest.param({"walls": RAGGED}, None, id="walls that end everywhere"),
        pytest.param({"ceiling": CEILING - [0, 0, 2.0]}, None, id="a ceiling too low"),
    ],
)
def test_height(parts, height):
    room = fit_room(floor_of("rectangle", 0.05, gridded=True), **parts)
    assert room.height == (None if height is None else pytest.approx(height, abs=0.02))
    assert [note.code for note in lacking(room)] == ([] if height else ["no_ceiling"])


def test_an_unlabelled_floor_is_found():
    """Under a table top and a ceiling, both flat and large, and above stray points."""
    floor = without(floor_of("rectangle", 0.04, gridded=False), BED)
    strays = generator(0, "below").uniform((0, 0, -1), (4, 3, -0.2), (30, 3))
    parts = [floor, top(TABLE, 0.75), top(BED, 0.5), walls_of("rectangle"), strays]
    ceiling = floor_of("rectangle", 0.03, gridded=False) + UP
    everything = np.concatenate([*parts, ceiling])
    found = find_floor(everything)
    assert np.abs(found[:, 2]).max() <= 0.06
    check(fit_room(things=everything), 12.0)


@pytest.mark.parametrize(
    "floor",
    [
        pytest.param(np.zeros((0, 3)), id="nothing"),
        pytest.param(floor_of("rectangle", 0.03, gridded=False)[:20], id="too few"),
        pytest.param(np.full((100, 3), np.nan), id="not finite"),
        pytest.param(np.full((100, 3), 1e200), id="beyond measure"),
        pytest.param(np.ones((100, 3)), id="one place"),
        pytest.param(np.outer(np.linspace(0, 5, 200), [1.0, 1.0, 0.0]), id="a line"),
    ],
)
def test_no_floor_no_area(floor):
    room = fit_room(floor)
    assert (room.area, room.polygon, room.center) == (None, None, None)
    assert "no_floor" in [note.code for note in lacking(room)]


def test_a_floor_over_kilometres_stays_small_in_memory():
    wide = generator(0, "wide").uniform(-9000, 9000, (5000, 3)) * [1, 1, 0]
    assert fit_room(wide).polygon is None  # what is so large is no room
    assert fit_room(wide / 30).area == pytest.approx(600 * 600, rel=0.05)
