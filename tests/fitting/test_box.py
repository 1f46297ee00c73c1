"""Boxes around points: exact on made things, the same however the points lie or come."""

import math
from pathlib import Path

import numpy as np
import pytest

from spatialgen.fitting.box import LEAST_SIDE, fit_box
from spatialgen.rng import generator

CLOUDS = Path(__file__).parents[2] / "../shared/data/sgaligner_3rscan"


def solid(center, size, count, *names):
    """Return points on the surface of an upright box, its corners included."""
    rng = generator(0, "solid", *names)
    points = rng.uniform(-0.5, 0.5, (count, 3))
    axis = rng.integers(0, 3, count)
    points[np.arange(count), axis] = rng.choice([-0.5, 0.5], count)
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    return np.concatenate([points, corners]) * size + center


def chair():
    """Return a seat, a back, and four legs 3 cm thick."""
    legs = [solid((x, y, 0.22), (0.03, 0.03, 0.44), 60, x, y) for x in (0, 0.4) for y in (0, 0.4)]
    seat = solid((0.2, 0.2, 0.45), (0.43, 0.43, 0.03), 1500, "seat")
    return np.concatenate([*legs, seat, solid((0.0, 0.2, 0.7), (0.03, 0.43, 0.5), 1000, "back")])


def lamp():
    """Return a foot, a pole 2 cm thick of a few points only, and a shade."""
    pole = np.stack([np.full(40, 0.0), np.full(40, 0.0), np.linspace(0.02, 1.4, 40)], axis=1)
    shade = solid((0, 0, 1.5), (0.4, 0.4, 0.3), 800, "shade")
    return np.concatenate([solid((0, 0, 0.01), (0.3, 0.3, 0.02), 300, "foot"), pole, shade])


def turned(points, yaw):
    cos, sin = math.cos(yaw), math.sin(yaw)
    return points @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])


THINGS = {"table": solid((1, 2, 0.4), (1.6, 0.8, 0.8), 3000), "chair": chair(), "lamp": lamp()}
SIZES = {"table": (1.6, 0.8, 0.8), "chair": (0.43, 0.43, 0.95), "lamp": (0.4, 0.4, 1.65)}


@pytest.mark.parametrize("name", THINGS)
@pytest.mark.parametrize("yaw_deg", [0, 20, 45, 137])
def test_box_of_a_made_thing(name, yaw_deg):
    box = fit_box(turned(THINGS[name], math.radians(yaw_deg)))
    assert sorted(box.size) == pytest.approx(sorted(SIZES[name]), abs=0.011)
    assert box.size[0] >= box.size[1]
    assert box.axes[2] == (0.0, 0.0, 1.0)
    assert np.linalg.det(box.axes) == pytest.approx(1.0)
    np.testing.assert_allclose(np.array(box.axes) @ np.transpose(box.axes), np.eye(3), atol=1e-12)


def test_everything_kept_lies_inside():
    points = turned(THINGS["table"], 0.3)
    box = fit_box(points)
    reach = np.abs((points - box.center) @ np.transpose(box.axes))
    assert (reach <= 0.5 * np.array(box.size) + 1e-9).all()


@pytest.mark.parametrize(
    ("change", "shift"),
    [
        pytest.param(lambda p: generator(1, "order").permutation(p), 0.0, id="order"),
        pytest.param(lambda p: np.concatenate([p, p[::2], p[:5]]), 0.0, id="duplicates"),
        pytest.param(lambda p: np.concatenate([p, np.full((9, 3), np.nan)]), 0.0, id="nan"),
        pytest.param(lambda p: np.concatenate([p, [[np.inf, 0, 0], [0, 1e30, 0]]]), 0.0, id="inf"),
        pytest.param(lambda p: p + 1000.0, 1000.0, id="far away"),
    ],
)
@pytest.mark.parametrize("name", THINGS)
def test_the_same_box_however_the_points_come(name, change, shift):
    box, other = fit_box(THINGS[name]), fit_box(change(THINGS[name]))
    np.testing.assert_allclose(other.center, np.array(box.center) + shift, atol=1e-9)
    np.testing.assert_allclose(other.size, box.size, atol=1e-9)
    np.testing.assert_allclose(other.axes, box.axes, atol=1e-9)


@pytest.mark.parametrize("yaw_deg", range(10, 360, 50))
def test_a_box_turns_with_its_points(yaw_deg):
    yaw = math.radians(yaw_deg)
    # Not quite a rectangle, so that one side is the longer one and the angle is unique.
    points = THINGS["table"][:2000]
    box, other = fit_box(points), fit_box(turned(points, yaw))
    np.testing.assert_allclose(other.size, box.size, rtol=0.005)
    np.testing.assert_allclose(other.center, turned(np.array(box.center), yaw), atol=0.005)


@pytest.mark.parametrize(
    "strays",
    [
        pytest.param([(4.0, 2.0, 0.4)], id="one point"),
        pytest.param(generator(0, "far").normal((1, 5, 1), 0.05, (30, 3)), id="a clump aside"),
        pytest.param(generator(0, "up").normal((1, 2, 2.5), 0.05, (20, 3)), id="a clump above"),
        pytest.param(generator(0, "all").uniform(-20, 20, (15, 3)), id="scattered"),
    ],
)
def test_strays_do_not_widen_a_box(strays):
    assert fit_box(np.concatenate([THINGS["table"], strays])) == fit_box(THINGS["table"])


def test_a_large_second_part_is_no_stray():
    """A swivel chair whose pole was not scanned: seat and foot are 25 cm apart."""
    foot = solid((0, 0, 0.03), (0.6, 0.6, 0.06), 400, "foot")
    seat = solid((0, 0, 0.45), (0.5, 0.5, 0.1), 800, "seat")
    assert fit_box(np.concatenate([foot, seat])).size[2] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("points", "size"),
    [
        pytest.param(
            solid((0, 0, 1), (0.8, 0, 0.6), 200), (0.8, LEAST_SIDE, 0.6), id="flat picture"
        ),
        pytest.param(solid((0, 0, 1), (2, 1, 0), 200), (2.0, 1.0, LEAST_SIDE), id="flat rug"),
        pytest.param([(0, 0, z) for z in range(5)], (LEAST_SIDE, LEAST_SIDE, 4.0), id="wire"),
        pytest.param(
            [(0, 0, 0), (1, 0, 0), (0, 2, 0), (0, 0, 3)], (2.0, 1.0, 3.0), id="four points"
        ),
    ],
)
def test_thin_things_have_a_least_thickness(points, size):
    assert fit_box(np.array(points, dtype=float)).size == pytest.approx(size)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([], id="none"),
        pytest.param([(0, 0, 0), (1, 0, 0), (0, 1, 0)], id="three"),
        pytest.param([(0, 0, 0), (1, 0, 0), (0, 1, 0)] * 200, id="three, again and again"),
        pytest.param([(np.nan, 0, 0)] * 100, id="nothing finite"),
        pytest.param([(1e300, 0, 0), (0, 1e300, 0), (0, 0, 0), (1, 1, 1)], id="beyond measure"),
    ],
)
def test_too_few_points_have_no_box(points):
    assert fit_box(np.array(points, dtype=float)) is None


def test_sparse_points_hang_together():
    """Points 20 cm apart on a sofa: wider than the usual link, yet one thing."""
    x, y = np.meshgrid(np.arange(12) * 0.2, np.arange(6) * 0.2)
    points = np.stack([x.ravel(), y.ravel(), 0.4 + 0.0 * x.ravel()], axis=1)
    assert fit_box(points).size == pytest.approx((2.2, 1.0, LEAST_SIDE))


@pytest.mark.skipif(not CLOUDS.is_dir(), reason="no clouds in ../shared/data/sgaligner_3rscan")
@pytest.mark.parametrize("name", ["scene_1", "scene_2"])
def test_boxes_of_real_instances(name):
    """A box holds nearly all of an instance, and is no larger than the one along the axes."""
    cloud = np.load(CLOUDS / name / "data.npy", allow_pickle=False)
    places = np.stack([cloud["x"], cloud["y"], cloud["z"]], axis=1).astype(np.float64)
    for instance in np.unique(cloud["objectId"]):
        points = places[cloud["objectId"] == instance]
        box = fit_box(points)
        if box is None:
            assert len(points) < 4
            continue
        reach = np.abs((points - box.center) @ np.transpose(box.axes))
        assert (reach <= np.array(box.size) / 2 + 1e-6).all(axis=1).mean() > 0.94
        width, depth, _ = np.maximum(np.ptp(points, axis=0), LEAST_SIDE)
        assert box.size[0] * box.size[1] <= width * depth * 1.006
