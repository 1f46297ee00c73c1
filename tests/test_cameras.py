"""Points to pixels and back, against OpenCV and by hand."""

import math

import numpy as np
import pytest

from spatialgen import cameras
from spatialgen.records import Camera
from spatialgen.rng import generator

cv2 = pytest.importorskip("cv2")

PINHOLE = Camera(500.0, 480.0, 319.5, 239.5, 640, 480)
LENS = (0.05, -0.02, 0.004, -0.0005)
FISHEYE = Camera(300.0, 310.0, 320.0, 315.0, 640, 640, fisheye=LENS)
#: Its formula falls again beyond about 70 degrees.
BENT_BACK = Camera(300.0, 300.0, 320.0, 320.0, 640, 640, fisheye=(-0.2, 0.0, 0.0, 0.0))
EVERY = pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])


def points_ahead(count=500):
    rng = generator(0, "cameras")
    return np.stack([*rng.uniform(-2, 2, (2, count)), rng.uniform(0.5, 5, count)], axis=1)


def matrix(camera):
    return np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])


@EVERY
def test_pixels_are_those_of_opencv(camera):
    points, none = points_ahead(), np.zeros(3)
    if camera.fisheye is None:
        expected, _ = cv2.projectPoints(points, none, none, matrix(camera), None)
    else:
        lens = np.array(camera.fisheye)
        expected, _ = cv2.fisheye.projectPoints(points[:, None], none, none, matrix(camera), lens)
    np.testing.assert_allclose(cameras.project(camera, points), expected[:, 0], atol=1e-9)


@EVERY
def test_rays_go_back_through_their_pixels(camera):
    points = points_ahead()
    ways = cameras.rays(camera, cameras.project(camera, points))
    expected = points / np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose(ways, expected, atol=1e-9)


@pytest.mark.parametrize(
    "lens",
    [
        pytest.param((0.41, -0.61, 0.86, -0.49), id="rises steeply before it falls"),
        pytest.param((-0.3, 0.1, 0.0, 0.0), id="nearly flat"),
        pytest.param((0.0, 0.0, 0.0, 0.0), id="equidistant"),
        pytest.param((1.0, 1.0, 1.0, 1.0), id="very steep"),
    ],
)
def test_any_lens_is_undone_over_its_whole_view(lens):
    camera = Camera(600.0, 600.0, 0.0, 0.0, 1, 1, fisheye=lens)
    angle = np.linspace(0.0, 3.1, 3000)
    points = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    pixels = cameras.project(camera, points)
    shown = np.isfinite(pixels).all(axis=1)
    assert shown.sum() > 500
    ways = cameras.rays(camera, pixels[shown])
    np.testing.assert_allclose(cameras.project(camera, ways), pixels[shown], atol=1e-6)


@pytest.mark.parametrize(
    ("camera", "point", "seen"),
    [
        pytest.param(PINHOLE, (0, 0, -1), False, id="a pinhole sees nothing behind"),
        pytest.param(PINHOLE, (1, 0, 0), False, id="nor beside"),
        pytest.param(FISHEYE, (1, 0, -0.05), True, id="a fisheye sees beside"),
        pytest.param(BENT_BACK, (1, 0, 0.2), False, id="not where its formula falls"),
        pytest.param(FISHEYE, (0, 0, 0), False, id="the eye has no pixel"),
        pytest.param(PINHOLE, (np.nan, 0, 1), False, id="nan"),
    ],
)
def test_where_there_is_a_pixel(camera, point, seen):
    pixel = cameras.project(camera, np.array([point], dtype=float))
    assert np.isfinite(pixel).all() == seen


@pytest.mark.parametrize(
    ("pixel", "inside"),
    [
        ((-0.5, -0.5), True),
        ((639.4, 479.4), True),
        ((-0.51, 10), False),
        ((639.5, 10), False),
        ((10, 479.5), False),
        ((np.nan, 10), False),
    ],
)
def test_the_image_ends_half_a_pixel_beyond_centres(pixel, inside):
    assert cameras.inside(PINHOLE, np.array([pixel]))[0] == inside


@EVERY
def test_pixels_per_steradian_is_how_pixels_spread(camera):
    """The pixels of a small cone around a way, next to its solid angle."""
    rng = generator(0, "cones")
    for way in points_ahead(20):
        way = way / np.linalg.norm(way)
        side = np.linalg.svd(way[None])[2][1:]
        turn = np.linspace(0, 2 * np.pi, 200, endpoint=False) + rng.uniform()
        radius = 1e-4
        ring = way + radius * (np.cos(turn)[:, None] * side[0] + np.sin(turn)[:, None] * side[1])
        x, y = cameras.project(camera, ring).T
        area = 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
        expected = area / (math.pi * radius**2)
        found = cameras.pixels_per_steradian(camera, way[None] * 3.0)[0]
        assert found == pytest.approx(expected, rel=1e-3)


def test_on_the_axis_a_steradian_is_the_focal_lengths():
    for camera in (PINHOLE, FISHEYE):
        spread = cameras.pixels_per_steradian(camera, np.array([[0.0, 0.0, 2.0]]))[0]
        assert spread == pytest.approx(camera.fx * camera.fy)


def test_widest_view_is_to_a_corner():
    reach = math.hypot(320 / 500, 240 / 480)
    assert cameras.widest_view(PINHOLE) == pytest.approx(math.atan(reach))


def test_widest_view_of_dark_corners_is_the_whole_lens():
    view = cameras.widest_view(BENT_BACK)
    assert view == pytest.approx(math.sqrt(1 / 0.6), abs=0.01)


@EVERY
def test_resized_shows_the_same(camera):
    half = cameras.resized(camera, camera.width // 2, camera.height // 2)
    points = points_ahead()
    pixels, smaller = cameras.project(camera, points), cameras.project(half, points)
    np.testing.assert_allclose(smaller, (pixels + 0.5) / 2 - 0.5, atol=1e-9)


def test_pixel_grid_runs_along_rows():
    grid = cameras.pixel_grid(Camera(1, 1, 0, 0, 3, 2))
    np.testing.assert_array_equal(grid, [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)])


def test_world_and_camera_are_each_others_inverse():
    turn, _ = np.linalg.qr(generator(0, "pose").normal(size=(3, 3)))
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn * np.linalg.det(turn), (1.0, 2.0, 3.0)
    points = points_ahead()
    local = cameras.to_camera(pose, points)
    np.testing.assert_allclose(cameras.to_world(pose, local), points, atol=1e-12)
    np.testing.assert_allclose(cameras.to_camera(pose, pose[None, :3, 3]), 0.0, atol=1e-12)
