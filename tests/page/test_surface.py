"""Points on meshes: evenly spread, the right way round, in the colours of the pictures."""

import numpy as np
import pytest

from spatialgen.page._surface import FAVOUR, Painter, Points, facing, none, sample
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
    assert points.places.shape == (3000, 3)
    assert np.allclose(points.places[:, 2], 1.0)
    assert np.abs(points.places[:, :2]).max() <= 1.0
    cells = np.histogram2d(*points.places[:, :2].T, bins=5)[0]
    assert cells.min() > 0.75 * 120
    assert cells.max() < 1.25 * 120
    assert np.allclose(points.normals, [0, 0, 1])
    assert points.spacing == pytest.approx(np.sqrt(4 / 3000))


def test_area_decides_and_objects_get_more() -> None:
    points = taken(squares((0.0, 2.0, -1), (1.0, 1.0, -1), (2.0, 1.0, 0)), 8000)
    heights = np.rint(points.places[:, 2])
    shares = [np.count_nonzero(heights == z) for z in (0, 1, 2)]
    assert shares == pytest.approx([8000 * part / (5 + FAVOUR) for part in (4, 1, FAVOUR)], abs=2)
    assert np.all((points.owners == 0) == (heights == 2))


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


@pytest.mark.parametrize(("height", "up"), [(2.0, 1.0), (-2.0, -1.0)])
def test_walls_look_at_who_is_in_the_room(height: float, up: float) -> None:
    turned = facing(taken(squares((0.0, 2.0, -1))), np.array([[0.0, 0.0, height]]))
    assert np.allclose(turned.normals, [0, 0, up])


def test_nothing_to_turn() -> None:
    assert len(facing(none(), np.zeros((1, 3))).places) == 0


def looking_down(height: float) -> np.ndarray:
    """Return the pose of a camera above the origin that looks straight down."""
    return np.array([[1.0, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, height], [0, 0, 0, 1]])


def test_what_is_hidden_gets_no_colour() -> None:
    mesh = squares((0.0, 2.0, -1), (1.0, 1.0, 0))
    points = taken(mesh)
    painter = Painter(points, mesh)
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
        painter = Painter(taken(mesh), mesh)
        for height in order:
            image = np.full((30, 40, 3), 200 if height == 1.5 else 100, dtype=np.uint8)
            painter.paint(image, CAMERA, looking_down(height))
        assert np.all(painter.colors == 200)
