"""Distances between surfaces: of things whose distance is known, by boxes and by shape."""

import numpy as np
import pytest

from spatialgen.graph.surfaces import NO_SURFACES, Surfaces, surfaces
from spatialgen.graph.visibility_samples import box_triangles
from spatialgen.records import Box, Scene, SceneObject
from spatialgen.rng import generator
from spatialgen.scan import Floats, Mesh, Scan
from tests.scenes_by_hand import UPRIGHT

#: Points are this far apart at most on a thing of a few square metres.
APART_M = 0.02


def scan_of(*things: tuple[Box, list[Box]]) -> Scan:
    """Return a scan of things: each has its box, and is made of solid parts."""
    objects = tuple(
        SceneObject(f"thing_{i}", f"thing {i}", box) for i, (box, _) in enumerate(things)
    )
    parts = [[box_triangles(part) for part in each] for _, each in things]
    triangles: Floats = np.concatenate([np.zeros((0, 3, 3)), *(t for each in parts for t in each)])
    owners = [i for i, each in enumerate(parts) for part in each for _ in part]
    mesh = Mesh(
        triangles.reshape(-1, 3),
        np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3),
        np.array(owners, dtype=np.int32),
    )
    return Scan(Scene("hand", "made", "made", objects, {}), mesh)


def solid(x: float, y: float, z: float, *size: float) -> Box:
    return Box((x, y, z), (size[0], size[1], size[2]), UPRIGHT)


CUBE = solid(0, 0, 0.5, 1, 1, 1)
FACING = solid(2, 0, 0.5, 1, 1, 1)
BESIDE = solid(2, 3, 0.5, 1, 1, 1)
# A table of a top and one foot in the middle; a low box stands near its edge.
TABLE = solid(0, 0, 0.4, 2, 2, 0.8)
TABLE_PARTS = [solid(0, 0, 0.775, 2, 2, 0.05), solid(0, 0, 0.375, 0.1, 0.1, 0.75)]
LOW = solid(1.5, 0, 0.05, 0.4, 0.4, 0.1)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param((CUBE, [CUBE]), (FACING, [FACING]), 1.0, id="faces"),
        pytest.param((CUBE, [CUBE]), (BESIDE, [BESIDE]), np.hypot(1, 2), id="edges"),
        pytest.param((TABLE, TABLE_PARTS), (LOW, [LOW]), np.hypot(0.3, 0.65), id="under a top"),
        pytest.param((CUBE, [CUBE]), (CUBE, [CUBE]), 0.0, id="the same place"),
    ],
)
def test_distance_is_that_of_the_shapes(
    one: tuple[Box, list[Box]], other: tuple[Box, list[Box]], expected: float
) -> None:
    measured = surfaces(scan_of(one, other))
    gap = measured.gap(0, 1)
    assert gap is not None
    assert expected - 1e-9 <= gap <= expected + APART_M
    assert measured.gap(1, 0) == gap


def test_strays_of_a_bad_segmentation_do_not_count() -> None:
    stray = solid(2.9, 0, 0.5, 0.2, 0.2, 0.2)
    measured = surfaces(scan_of((CUBE, [CUBE, stray]), (solid(4, 0, 0.5, 1, 1, 1), [])))
    assert measured.gap(0, 1) is None  # the other one has no triangles
    measured = surfaces(
        scan_of((CUBE, [CUBE, stray]), (solid(4, 0, 0.5, 1, 1, 1), [solid(4, 0, 0.5, 1, 1, 1)]))
    )
    assert measured.gap(0, 1) == pytest.approx(3.0, abs=APART_M)


def test_without_a_mesh_nothing_is_known() -> None:
    scene = scan_of((CUBE, [CUBE]), (FACING, [FACING])).scene
    assert surfaces(Scan(scene)).gap(0, 1) is None
    assert NO_SURFACES.gap(0, 1) is None
    assert surfaces(Scan(Scene("hand", "made", "made", (), {}))).gap(0, 1) is None


def test_the_nearest_points_may_be_the_first_guess() -> None:
    # All others are then ruled out, and these two must not be, by the last digit of a distance.
    rng = generator(0, "corners")
    for _ in range(300):
        one, other = -rng.random((40, 3)), rng.uniform(0.5, 2.0, 3) + rng.random((40, 3))
        one[0], other[0] = one.max(axis=0), other.min(axis=0)
        gap = Surfaces({0: one, 1: other}).gap(0, 1)
        assert gap == pytest.approx(np.linalg.norm(other[0] - one[0]))
