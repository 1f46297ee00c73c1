"""Rays against meshes, next to plain ray-triangle arithmetic."""

import numpy as np
import pytest

from spatialgen.raycast import CHUNK, RayCaster
from spatialgen.rng import generator

FLOOR = ([(0, 0, 0), (4, 0, 0), (4, 4, 0), (0, 4, 0)], [(0, 1, 2), (0, 2, 3)])


def nearest(vertices, faces, origins, ways):
    """Return the nearest distance by T. Moeller and B. Trumbore's test of every pair, 1997."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    best = np.full(len(ways), np.inf)
    for i, (origin, way) in enumerate(zip(origins, ways, strict=True)):
        across = np.cross(way, c - a)
        scale = np.einsum("tc,tc->t", b - a, across)
        u = np.einsum("tc,tc->t", origin - a, across) / scale
        other = np.cross(origin - a, b - a)
        v = other @ way / scale
        far = np.einsum("tc,tc->t", c - a, other) / scale
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)
        best[i] = far[hit].min(initial=np.inf)
    return best


def test_distances_are_those_of_plain_arithmetic():
    rng = generator(0, "soup")
    vertices = rng.uniform(-3, 3, (300, 3))
    faces = rng.integers(0, 300, (400, 3))
    faces = faces[(np.diff(np.sort(faces, axis=1), axis=1) > 0).all(axis=1)]
    origins, ways = rng.uniform(-4, 4, (300, 3)), rng.normal(size=(300, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    hits = RayCaster(vertices, faces).first_hits(origins, ways)
    expected = nearest(vertices, faces, origins, ways)
    # A ray along an edge may be told either way.
    same = np.isclose(hits.distances, expected, rtol=1e-4, atol=1e-5) | (hits.distances == expected)
    assert same.mean() > 0.995
    assert ((hits.triangles >= 0) == np.isfinite(hits.distances)).all()


def test_one_ray_by_hand():
    hits = RayCaster(*FLOOR).first_hits((1.0, 2.0, 3.0), [(0.0, 0.0, -1.0), (0.0, 0.0, 1.0)])
    assert hits.distances.tolist() == [pytest.approx(3.0), np.inf]
    assert hits.triangles.tolist() == [1, -1]
    np.testing.assert_allclose(np.abs(hits.normals), [(0, 0, 1), (0, 0, 0)])


def test_a_far_scene_loses_no_precision():
    far = np.array([5000.0, -3000.0, 800.0])
    caster = RayCaster(np.array(FLOOR[0]) + far, FLOOR[1])
    hits = caster.first_hits(far + np.array([1.0, 2.0, 3.0]), [(0.0, 0.0, -1.0)])
    assert hits.distances[0] == pytest.approx(3.0, abs=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_rays_that_are_no_rays_meet_nothing(bad):
    hits = RayCaster(*FLOOR).first_hits((1.0, 1.0, 1.0), [(bad, 0.0, 0.0), (0.0, 0.0, -1.0)])
    assert hits.triangles.tolist()[0] == -1
    assert hits.distances[1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("vertices", "faces"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(0, 0, 0)], [], id="no faces"),
    ],
)
def test_an_empty_mesh_stops_no_ray(vertices, faces):
    hits = RayCaster(vertices, faces).first_hits((0, 0, 1), [(0.0, 0.0, -1.0)])
    assert hits.distances[0] == np.inf


def test_no_rays_give_no_hits():
    assert len(RayCaster(*FLOOR).first_hits((0, 0, 1), np.zeros((0, 3))).distances) == 0


def test_more_rays_than_are_handed_over_at_once():
    count = CHUNK + 1000
    origins = np.stack([np.linspace(0.1, 3.9, count), np.full(count, 1.0), np.ones(count)], axis=1)
    ways = np.broadcast_to([0.0, 0.0, -1.0], (count, 3))
    np.testing.assert_allclose(RayCaster(*FLOOR).first_hits(origins, ways).distances, 1.0)
