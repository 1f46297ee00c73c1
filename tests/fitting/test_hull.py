"""The hull and the smallest rectangle: by hand, and against SciPy and plain search."""

import math

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from spatialgen.fitting.hull import convex_hull, rectangle_areas, smallest_rectangle
from spatialgen.rng import generator

SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("points", "corners"),
    [
        pytest.param([(1, 2)] * 3, [(1, 2)], id="one place"),
        pytest.param([(2, 2), (0, 0), (1, 1)], [(0, 0), (2, 2)], id="a line"),
        pytest.param([(0, 2), (0, 0), (0, 1)], [(0, 0), (0, 2)], id="an upright line"),
        pytest.param([*SQUARE, (0.5, 0.5), (0.5, 0)], SQUARE, id="inner and edge points drop"),
    ],
)
def test_hull_by_hand(points, corners):
    np.testing.assert_array_equal(convex_hull(np.array(points, dtype=float)), corners)


@pytest.mark.parametrize("count", [3, 10, 1000, 50_000])
def test_hull_is_that_of_scipy_whatever_the_order(count):
    rng = generator(0, "hull", count)
    points = rng.normal(size=(count, 2))
    hull = convex_hull(points)
    assert {tuple(p) for p in hull} == {tuple(p) for p in points[ConvexHull(points).vertices]}
    np.testing.assert_array_equal(hull, convex_hull(rng.permutation(points)))
    np.testing.assert_array_equal(hull, convex_hull(np.repeat(points, 2, axis=0)))


def test_a_circle_of_many_points_keeps_few_corners():
    turn = np.linspace(0, 2 * np.pi, 300_000)
    assert len(convex_hull(np.stack([np.cos(turn), np.sin(turn)], axis=1))) < 3000


def test_rectangle_areas_are_those_of_all_points():
    rng = generator(0, "areas")
    points = rng.normal(size=(500, 2))
    angles = np.concatenate([rng.uniform(-7, 7, 200), [0.0, np.pi / 2, -np.pi]])
    expected = [
        np.ptp(points @ [math.cos(a), math.sin(a)]) * np.ptp(points @ [-math.sin(a), math.cos(a)])
        for a in angles
    ]
    np.testing.assert_allclose(rectangle_areas(convex_hull(points), angles), expected)


@pytest.mark.parametrize("yaw_deg", [0, 1, 30, 45, 89])
def test_smallest_rectangle_of_a_rectangle_is_itself(yaw_deg):
    yaw = math.radians(yaw_deg)
    turn = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])
    corners = np.array([(0, 0), (3, 0), (3, 1), (0, 1)]) @ turn
    found = smallest_rectangle(convex_hull(corners), tie=0.0)
    off = (found - yaw + np.pi / 4) % (np.pi / 2) - np.pi / 4
    assert off == pytest.approx(0.0, abs=1e-12)


def test_no_angle_is_better_than_the_smallest():
    for case in range(20):
        points = generator(0, "smallest", case).normal(size=(30, 2)) * [2.0, 1.0]
        hull = convex_hull(points)
        best = rectangle_areas(hull, np.array([smallest_rectangle(hull, tie=0.0)]))[0]
        assert best <= rectangle_areas(hull, np.linspace(0, np.pi / 2, 1000)).min() + 1e-12


def test_equally_good_angles_give_the_axes():
    turn = np.linspace(0, 2 * np.pi, 101)[:-1]
    assert smallest_rectangle(convex_hull(np.stack([np.cos(turn), np.sin(turn)], 1)), 0.005) == 0.0
