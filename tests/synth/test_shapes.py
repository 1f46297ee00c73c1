"""Shapes: every kind of thing just fills its box with closed bodies, and is found again by it."""

import itertools
import math

import numpy as np
import pytest

from spatialgen.rng import generator
from spatialgen.synth.catalogue import FURNISHINGS
from spatialgen.synth.furnishing import Furnishing
from spatialgen.synth.parts import Part, ball, beam, box, hollow, legs, panel, plate, prism, ring
from spatialgen.synth.shapes import SHAPES, shape
from spatialgen.synth.shapes.storage import BOARD, levels
from spatialgen.synth.styles import STYLES, paints

MM = 0.001
SIZES = ("smallest", "middle", "largest")


def size_of(item: Furnishing, which: str) -> tuple[float, float, float]:
    share = {"smallest": 0.0, "middle": 0.5, "largest": 1.0}[which]
    width, depth, height = (
        low + share * (high - low) for low, high in (item.width, item.depth, item.height)
    )
    return (width, depth, height)


def corners(parts: tuple[Part, ...]) -> np.ndarray:
    return np.concatenate([part.quads.reshape(-1, 3) for part in parts])


def triangles(part: Part) -> np.ndarray:
    return np.concatenate([part.quads[:, (0, 1, 2)], part.quads[:, (0, 2, 3)]])


def volume(part: Part) -> float:
    """Return the signed volume; positive when the faces are wound to look outward."""
    a, b, c = triangles(part).transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6


def openness(part: Part) -> float:
    """Return how far the faces' areas are from cancelling out, as those of closed bodies do."""
    a, b, c = triangles(part).transpose(1, 0, 2)
    return float(np.abs(np.cross(b - a, c - a).sum(axis=0)).max())


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(box((0, 1), (0, 2), (0, 3)), 6.0, id="box"),
        pytest.param(panel((0, 2), (0, 0), (1, 1), 0.5), 1.0, id="panel"),
        pytest.param(prism((0, 0), (1, 2), (0, 3), sides=400), 6 * math.pi, id="prism"),
        pytest.param(
            prism((0, 0), (1, 1), (0, 3), top=0.5, sides=400), math.pi * 1.75, id="frustum"
        ),
        pytest.param(prism((0, 0), (1, 2), (0, 3), axis="x", sides=400), 6 * math.pi, id="along x"),
        pytest.param(prism((0, 0), (1, 2), (0, 3), axis="y", sides=400), 6 * math.pi, id="along y"),
        pytest.param(ring((0, 0), (2, 2), (1, 1), (0, 1), sides=400), 3 * math.pi, id="ring"),
        pytest.param(ball((0, 0, 0), (1, 2, 3), rows=100), 8 * math.pi, id="ball"),
        pytest.param(beam((0, 0, 0), (3, 4, 0), 0.1), 0.05, id="beam"),
        pytest.param(beam((0, 0, 1), (0, 0, 0), 0.1), 0.01, id="beam downwards"),
        pytest.param(plate([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]), 0.003, id="plate"),
    ],
)
def test_parts_are_closed_and_have_their_volume(part: Part, expected: float) -> None:
    assert volume(part) == pytest.approx(expected, rel=0.02)
    assert openness(part) < 1e-9


def test_an_axis_is_where_it_is_said_to_be() -> None:
    along_x = corners((prism((1, 2), (0.1, 0.2), (5, 6), axis="x"),))
    assert along_x.min(axis=0) == pytest.approx((5, 0.9, 1.8))
    along_y = corners((prism((1, 2), (0.1, 0.2), (5, 6), axis="y"),))
    assert along_y.min(axis=0) == pytest.approx((0.9, 5, 1.8))


def test_an_open_box_has_no_lid_and_legs_stand_in_corners() -> None:
    tub = hollow(2, 1, (0, 1), 0.1)
    assert sum(volume(part) for part in tub) == pytest.approx(2 - 1.8 * 0.8 * 0.9)
    feet = legs(2, 1, 0.5, 0.1)
    assert len(feet) == 4
    assert corners(feet).max(axis=0) == pytest.approx((1, 0.5, 0.5))


def test_an_open_part_is_noticed() -> None:
    whole = box((0, 1), (0, 1), (0, 1))
    assert openness(Part(whole.quads[1:], "main")) > 0.5
    assert volume(Part(whole.quads[:, ::-1], "main")) == pytest.approx(-1)


def test_every_kind_of_thing_has_a_shape_and_no_shape_is_left_over() -> None:
    assert SHAPES.keys() == {item.name for item in FURNISHINGS}


@pytest.mark.parametrize("which", SIZES)
@pytest.mark.parametrize("item", FURNISHINGS, ids=lambda item: item.name)
def test_a_thing_fills_its_box(item: Furnishing, which: str) -> None:
    size = np.array(size_of(item, which))
    parts = shape(item.name, tuple(size))
    low, high = np.array([-size[0] / 2, -size[1] / 2, 0]), np.array([*size[:2] / 2, size[2]])
    drawn = corners(parts)
    assert drawn.min(axis=0) == pytest.approx(low, abs=1e-9)
    assert drawn.max(axis=0) == pytest.approx(high, abs=1e-9)
    assert len(parts) >= 2, "a thing is told by its parts"
    for part in parts:
        assert volume(part) > 0
        assert openness(part) < 1e-9


@pytest.mark.parametrize("which", SIZES)
@pytest.mark.parametrize("item", FURNISHINGS, ids=lambda item: item.name)
def test_a_shape_is_drawn_for_its_box_and_not_stretched_into_it(
    item: Furnishing, which: str
) -> None:
    size = np.array(size_of(item, which))
    drawn = corners(SHAPES[item.name](*size))
    assert np.abs(np.ptp(drawn, axis=0) - size).max() < 2 * MM


@pytest.mark.parametrize("item", FURNISHINGS, ids=lambda item: item.name)
def test_no_turned_rectangle_is_a_better_box_from_above(item: Furnishing) -> None:
    size = size_of(item, "middle")
    flat = corners(shape(item.name, size))[:, :2]
    for degrees in range(1, 90):
        turn = math.radians(degrees)
        turned = flat @ np.array(
            [(math.cos(turn), -math.sin(turn)), (math.sin(turn), math.cos(turn))]
        )
        # A many-sided disc is a hair smaller when it is turned.
        assert np.prod(np.ptp(turned, axis=0)) > 0.98 * size[0] * size[1]


def test_shapes_differ_from_each_other() -> None:
    size = (0.6, 0.5, 0.8)
    drawn = {name: np.sort(corners(shape(name, size)), axis=0) for name in SHAPES}
    for a, b in itertools.combinations(drawn, 2):
        same = drawn[a].shape == drawn[b].shape and np.allclose(drawn[a], drawn[b], atol=0.01)
        assert not same, (a, b)


def test_materials_have_paints() -> None:
    known = set(paints(generator(0, "x"), "chair", bound=False))
    used = {part.material for name in SHAPES for part in shape(name, (0.6, 0.5, 0.8))}
    assert used <= known
    assert {style for style in STYLES} == {
        "plain", "wooden", "tiled", "carpet", "brick", "evening"
    }  # fmt: skip


@pytest.mark.parametrize("height", [1.0, 1.37, 1.8, 2.2])
def test_compartments_lie_between_boards(height: float) -> None:
    found = levels(height)
    assert len(found) >= 2
    for (low, high), after in zip(found, [*(low for low, _ in found[1:]), None], strict=True):
        assert 0.2 < high - low < 0.6
        assert low * 512 == pytest.approx(round(low * 512), abs=1e-9)
        assert high + BOARD == pytest.approx(height if after is None else after)


def test_bound_colours_are_the_class_and_free_ones_are_not() -> None:
    def main(label: str, name: int, *, bound: bool) -> tuple[float, float, float]:
        return paints(generator(0, name), label, bound)["main"].first

    assert main("chair", 1, bound=True) == main("chair", 2, bound=True)
    assert main("chair", 1, bound=False) != main("chair", 2, bound=False)
    labels = sorted({item.label for item in FURNISHINGS})
    colors = [np.array(main(label, 0, bound=True)) for label in labels]
    assert min(np.abs(a - b).max() for a, b in itertools.combinations(colors, 2)) > 0.03


def flat_faces(parts: tuple[Part, ...]) -> list[tuple[int, int, float, np.ndarray, str]]:
    """Return axis-aligned faces: axis, side it looks to, place on it, bounds (2, 3), material."""
    found = []
    for part in (part for part in parts if not part.smooth):
        for quad in part.quads:
            low, high = quad.min(axis=0), quad.max(axis=0)
            normal = np.cross(quad[2] - quad[0], quad[3] - quad[1])
            axis = int(np.argmax(np.abs(normal)))
            if high[axis] - low[axis] < 1e-9:
                side = int(np.sign(normal[axis]))
                found.append((axis, side, float(low[axis]), np.array([low, high]), part.material))
    return found


@pytest.mark.parametrize("item", FURNISHINGS, ids=lambda item: item.name)
def test_no_two_colours_lie_in_one_plane(item: Furnishing) -> None:
    """Which of two such faces a ray meets would be left to rounding."""
    faces = flat_faces(shape(item.name, size_of(item, "middle")))
    for (axis, side, at, a, one), (axis_b, side_b, at_b, b, two) in itertools.combinations(
        faces, 2
    ):
        if (axis, side) != (axis_b, side_b) or abs(at - at_b) > 2e-4 or one == two:
            continue
        shared = np.delete(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), axis)
        assert (shared < 1e-3).any(), (one, two, a, b)
