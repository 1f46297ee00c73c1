"""Outlines: what a closing keeps open, and polygons that never cross themselves."""

import numpy as np
import pytest

from spatialgen.fitting.outline import crosses_itself, outline, simplified
from spatialgen.graph.relations import polygon_area
from spatialgen.rng import generator


def grid(x0, y0, x1, y1, spacing=0.05):
    x = np.linspace(x0, x1, round((x1 - x0) / spacing) + 1)
    y = np.linspace(y0, y1, round((y1 - y0) / spacing) + 1)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def area(*parts, radius=0.25):
    return polygon_area(outline(np.concatenate(parts), radius, 0.025))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param([grid(0, 0, 2, 1)], 2.0, id="one"),
        pytest.param([grid(0, 0, 2, 1), grid(2.4, 0, 3, 1)], 3.0, id="a slit of 40 cm is closed"),
        pytest.param([grid(0, 0, 2, 1), grid(2.6, 0, 3, 1)], 2.0, id="one of 60 cm parts"),
        pytest.param([grid(0, 0, 3, 1), grid(0, 2, 3, 3), grid(0, 1, 1, 2)], 7.0, id="a bay stays"),
        pytest.param(
            [grid(0, 0, 3, 1), grid(0, 2, 3, 3), grid(0, 1, 1, 2), grid(2, 1, 3, 2)],
            9.0,
            id="a hole is filled",
        ),
    ],
)
def test_area_by_hand(parts, expected):
    assert area(*parts) == pytest.approx(expected, abs=0.08)


def test_a_rectangle_has_four_corners_counter_clockwise():
    found = outline(grid(1, 2, 3, 3), 0.25, 0.025)
    assert sorted(map(tuple, np.round(found, 6))) == [(1, 2), (1, 3), (3, 2), (3, 3)]
    x, y = found.T
    assert x @ np.roll(y, -1) - y @ np.roll(x, -1) > 0


def test_a_line_has_no_outline():
    assert len(outline(grid(0, 0, 3, 0), 0.25, 0.025)) == 0


@pytest.mark.parametrize("case", range(8))
def test_ragged_outlines_are_simple(case):
    points = generator(0, "ragged", case).uniform(0, 3, (150 + 50 * case, 2))
    found = outline(points, 0.1, 0.02)
    assert not crosses_itself(found)
    assert len(np.unique(found, axis=0)) == len(found)


def test_crossing_is_told():
    assert crosses_itself(np.array([(0, 0), (1, 1), (1, 0), (0, 1)], dtype=float))
    assert not crosses_itself(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=float))


def test_simplified_keeps_what_sticks_out():
    bump = np.array([(0, 0), (1, 0), (1.5, 0.2), (2, 0), (2.5, 0.01), (3, 0), (3, 2), (0, 2)])
    kept = {tuple(p) for p in simplified(bump, 0.05)}
    assert (1.5, 0.2) in kept
    assert (2.5, 0.01) not in kept
