"""Points on meshes: evenly spread, the right way round, in the colours of the pictures."""

import numpy as np
import pytest

from spatialgen.page._surface import FAVOUR, Painter, Points, sample, turned_inwards
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera
from spatialgen.rng import generator
from spatialgen.scan import Mesh

CAMERA = Camera(fx=20.0, fy=20.0, cx=19.5, cy=14.5, width=40, height=30)


def square(z: float, side: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Return a level square round the Z axis, wound so that it looks up."""
    half = side / 2
    corners = np.array([[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]])
    return corners, np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)


def squares(*given: tuple[float, float, int]) -> Mesh:
    """Return level squares from (z, side, owner)."""
    parts = [square(z, side) for z, side, _ in given]
    return Mesh(
        np.concatenate([places for places, _ in parts]),
        np.concatenate([faces + 4 * k for k, (_, faces) in enumerate(parts)]),
        np.repeat(np.array([owner for *_, owner in given], dtype=np.int32), 2),
    )


def taken(mesh: Mesh, count: int = 3000) -> Points:
    return sample(mesh, generator(0, "test"), count)


def test_points_lie_on_the_surfaces_and_cover_them_evenly() -> None:
    points = taken(squares((1.0, 2.0, -1)))
    assert 0.7 * 3000 < len(points.places) <= 3000
    assert np.allclose(points.places[:, 2], 1.0)
    assert np.abs(points.places[:, :2]).max() <= 1.0
    assert np.allclose(points.normals, [0, 0, 1])
    assert points.spacing == pytest.approx(np.sqrt(4 / len(points.places)), rel=0.3)
    # Nowhere is a gap: from each place of a fine grid the nearest point is near.
    grid = np.stack(np.meshgrid(*[np.linspace(-0.98, 0.98, 50)] * 2), axis=-1).reshape(-1, 2)
    apart = np.linalg.norm(grid[:, None] - points.places[None, :, :2], axis=2).min(axis=1)
    assert apart.max() < 2 * points.spacing


def test_area_decides_and_objects_get_more() -> None:
    points = taken(squares((0.0, 2.0, -1), (1.0, 1.0, -1), (2.0, 1.0, 0)), 8000)
    heights = np.rint(points.places[:, 2])
    wide, narrow, owned = (np.count_nonzero(heights == z) for z in (0, 1, 2))
    assert wide / narrow == pytest.approx(4, rel=0.1)
    assert owned / narrow == pytest.approx(FAVOUR, rel=0.1)
    assert np.all((points.owners == 0) == (heights == 2))


@pytest.mark.parametrize("count", [300, 500, 700])
def test_about_as_many_as_asked_for_in_a_tangle(count: int) -> None:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 3, (3000, 3))
    faces = np.arange(3000, dtype=np.int32).reshape(-1, 3)
    mesh = Mesh(corners, faces, np.full(1000, -1, dtype=np.int32))
    assert count / 2 <= len(taken(mesh, count).places) <= count


@pytest.mark.parametrize(
    ("mesh", "count"),
    [
        pytest.param(Mesh(np.zeros((0, 3)), np.zeros((0, 3), "i4"), np.zeros(0, "i4")), 0, id="no"),
        pytest.param(
            Mesh(np.ones((5, 3)), np.zeros((0, 3), "i4"), np.zeros(0, "i4")), 5, id="vertices"
        ),
        pytest.param(squares((0.0, 0.0, 0)), 0, id="no area"),
    ],
)
def test_meshes_without_surface(mesh: Mesh, count: int) -> None:
    points = taken(mesh)
    assert points.places.shape == (count, 3)
    assert len(points.owners) == len(points.normals) == count
    assert np.isfinite(points.spacing)


def test_the_same_seed_gives_the_same_points() -> None:
    mesh = squares((0.0, 2.0, -1), (1.0, 1.0, 0))
    assert np.array_equal(taken(mesh).places, taken(mesh).places)


def turned(mesh: Mesh, *viewers: tuple[float, float, float]) -> Points:
    caster = RayCaster(mesh.vertices, mesh.faces)
    return turned_inwards(taken(mesh), caster, np.array(viewers).reshape(-1, 3))


@pytest.mark.parametrize(("height", "up"), [(2.0, 1.0), (-2.0, -1.0)])
def test_a_lone_floor_looks_at_who_is_in_the_room(height: float, up: float) -> None:
    floor = squares((0.0, 2.0, -1))
    assert np.allclose(turned(floor, (0.0, 0.0, height)).normals, [0, 0, up])


def test_floor_and_ceiling_look_at_each_other() -> None:
    # Both are wound to look up, and nobody is in the room.
    points = turned(squares((0.0, 2.0, -1), (2.5, 2.0, -1)))
    ceiling = points.places[:, 2] > 1
    assert np.allclose(points.normals[ceiling], [0, 0, -1])
    assert np.allclose(points.normals[~ceiling], [0, 0, 1])


def test_objects_are_not_turned() -> None:
    assert np.allclose(turned(squares((0.0, 2.0, 0)), (0.0, 0.0, -2.0)).normals, [0, 0, 1])


def looking_down(height: float) -> np.ndarray:
    """Return the pose of a camera above the origin that looks straight down."""
    return np.array([[1.0, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, height], [0, 0, 0, 1]])


def test_what_is_hidden_gets_no_colour() -> None:
    mesh = squares((0.0, 2.0, -1), (1.0, 1.0, 0))
    points = taken(mesh)
    painter = Painter(points, RayCaster(mesh.vertices, mesh.faces))
    image = np.zeros((30, 40, 3), dtype=np.uint8)
    image[...] = (10, 120, 250)  # blue, green, red
    painter.paint(image, CAMERA, looking_down(3.0))
    painted = painter.colors.any(axis=1)
    assert np.all(painter.colors[painted] == (250, 120, 10))
    upper = points.places[:, 2] > 0.5
    assert np.all(painted[upper])
    # From 3 m up the upper square hides 1.5 m by 1.5 m of the lower one.
    aside = np.abs(points.places[:, :2]).max(axis=1)
    assert not painted[~upper & (aside < 0.7)].any()
    assert painted[~upper & (aside > 0.8)].all()


def test_the_nearer_picture_paints_whichever_comes_first() -> None:
    mesh = squares((0.0, 1.0, 0))
    for order in ((1.5, 3.0), (3.0, 1.5)):
        painter = Painter(taken(mesh), RayCaster(mesh.vertices, mesh.faces))
        for height in order:
            image = np.full((30, 40, 3), 200 if height == 1.5 else 100, dtype=np.uint8)
            painter.paint(image, CAMERA, looking_down(height))
        assert np.all(painter.colors == 200)
