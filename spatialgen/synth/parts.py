"""The simple parts that things are made of: boxes, prisms, rings, beams, plates.

Every part is a closed body: a list of quadrilaterals of one material, wound
counter-clockwise as seen from outside. Coordinates are metres
in the thing's own frame: x to the right along its width, y from its back to
its front, z up; x and y are zero in the middle, z at the bottom. A triangle is
a quadrilateral whose last two corners are one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.records import Vec3

#: Corners of n quadrilaterals, (n, 4, 3).
Quads: TypeAlias = npt.NDArray[np.float64]
Span: TypeAlias = tuple[float, float]

#: Thickness of plates in metres.
PLATE = 0.003

#: A side of a bent box is flat if its corners span less than this share of a cube's volume.
BENT = 1e-6

#: How finely round parts are cut; a multiple of four, so that they touch their boxes.
SIDES = 24


@dataclass(frozen=True, eq=False)
class Part:
    """Quadrilaterals of one material; ``smooth`` where they together are one curved face."""

    quads: Quads
    material: str
    smooth: bool = False


Parts: TypeAlias = tuple[Part, ...]

_SIDES_OF_A_BOX = (
    (0, 1, 3, 2),
    (4, 6, 7, 5),
    (0, 4, 5, 1),
    (2, 3, 7, 6),
    (0, 2, 6, 4),
    (1, 5, 7, 3),
)


def box(x: Span, y: Span, z: Span, material: str = "main") -> Part:
    """Return an upright box between the given bounds."""
    corners = [(a, b, c) for a in x for b in y for c in z]
    return hexahedron(corners, material)


def hexahedron(corners: Sequence[Vec3] | Sequence[Quads], material: str = "main") -> Part:
    """Return a bent box; corners run as a box's do, z fastest, then y, then x."""
    return Part(_flat(np.array(corners, dtype=np.float64)[np.array(_SIDES_OF_A_BOX)]), material)


def panel(x: Span, low: Span, high: Span, thickness: float, material: str = "main") -> Part:
    """Return a slanted board over the width ``x``, from (y, z) ``low`` up to (y, z) ``high``.

    Its thickness runs along y towards the front.
    """
    (y0, z0), (y1, z1) = low, high
    corners = [
        (a, b, c)
        for a in x
        for b, c in ((y0, z0), (y1, z1), (y0 + thickness, z0), (y1 + thickness, z1))
    ]
    return hexahedron(corners, material)


def prism(
    middle: Span,
    radii: Span,
    span: Span,
    material: str = "main",
    *,
    top: float = 1.0,
    axis: str = "z",
    sides: int = SIDES,
) -> Part:
    """Return an upright round column, ``top`` times as wide at its upper end as at its lower.

    ``middle`` and ``radii`` lie across the axis; ``axis`` x, y or z is its direction.
    """
    round_, (low, high) = _circle(sides), span
    base = np.column_stack([round_ * radii + middle, np.full(sides, low)])
    lid = np.column_stack([round_ * np.multiply(radii, top) + middle, np.full(sides, high)])
    hubs = np.array([(*middle, low), (*middle, high)])
    quads = np.concatenate([_strip(base, lid), _fan(base[::-1], hubs[0]), _fan(lid, hubs[1])])
    return Part(_along(quads, axis), material, smooth=True)


def ring(
    middle: Span,
    outer: Span,
    inner: Span,
    span: Span,
    material: str = "main",
    *,
    axis: str = "y",
    sides: int = SIDES,
) -> Part:
    """Return a flat ring, such as a tyre: ``outer`` and ``inner`` radii across the axis."""
    round_, (low, high) = _circle(sides), span
    loops = [
        np.column_stack([round_ * radii + middle, np.full(sides, at)])
        for radii, at in ((outer, low), (outer, high), (inner, high), (inner, low))
    ]
    strips = [_strip(a, b) for a, b in zip(loops, loops[1:] + loops[:1], strict=True)]
    return Part(_along(np.concatenate(strips), axis), material, smooth=True)


def ball(middle: Vec3, radii: Vec3, material: str = "main", *, rows: int = 8) -> Part:
    """Return an ellipsoid."""
    loops = []
    for row in range(rows + 1):
        angle = math.pi * row / rows
        loop = np.column_stack([_circle(SIDES) * math.sin(angle), np.full(SIDES, -math.cos(angle))])
        loops.append(loop * radii + middle)
    strips = [_strip(a, b) for a, b in pairwise(loops)]
    return Part(np.concatenate(strips), material, smooth=True)


def beam(start: Vec3, end: Vec3, thickness: float, material: str = "main") -> Part:
    """Return a square rod from one point to another."""
    ends = np.array([start, end], dtype=np.float64)
    way = ends[1] - ends[0]
    way /= np.linalg.norm(way)
    aside = np.cross(way, (0.0, 0.0, 1.0) if abs(way[2]) < 0.9 else (0.0, 1.0, 0.0))
    aside *= thickness / 2 / np.linalg.norm(aside)
    over = np.cross(aside, way)
    corners = [end + a * over + b * aside for end in ends for a in (-1, 1) for b in (-1, 1)]
    return hexahedron(corners, material)


def plate(corners: Sequence[Vec3], material: str = "main") -> Part:
    """Return a thin quadrilateral, such as a leaf; corners run round it."""
    a, b, c, d = np.array(corners, dtype=np.float64)
    upward = np.cross(b - a, d - a)
    upward *= PLATE / max(float(np.linalg.norm(upward)), 1e-9)
    return hexahedron([p + k * upward for p in (a, d, b, c) for k in (0, 1)], material)


def legs(width: float, depth: float, height: float, thick: float, material: str = "main") -> Parts:
    """Return four legs at the corners of a rectangle."""
    x, y = width / 2, depth / 2
    return tuple(
        box(a, b, (0.0, height), material)
        for a in ((-x, -x + thick), (x - thick, x))
        for b in ((-y, -y + thick), (y - thick, y))
    )


def hollow(width: float, depth: float, z: Span, wall: float, material: str = "main") -> Parts:
    """Return a box without a lid: a bottom and four walls."""
    x, y = width / 2, depth / 2
    low, high = z
    return (
        box((-x, x), (-y, y), (low, low + wall), material),
        box((-x, -x + wall), (-y, y), (low + wall, high), material),
        box((x - wall, x), (-y, y), (low + wall, high), material),
        box((-x + wall, x - wall), (-y, -y + wall), (low + wall, high), material),
        box((-x + wall, x - wall), (y - wall, y), (low + wall, high), material),
    )


def _circle(sides: int) -> npt.NDArray[np.float64]:
    angles = np.arange(sides) * (2 * math.pi / sides)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _strip(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> Quads:
    return np.stack([low, np.roll(low, -1, axis=0), np.roll(high, -1, axis=0), high], axis=1)


def _fan(loop: npt.NDArray[np.float64], hub: npt.NDArray[np.float64]) -> Quads:
    hubs = np.broadcast_to(hub, loop.shape)
    return np.stack([loop, np.roll(loop, -1, axis=0), hubs, hubs], axis=1)


def _flat(quads: Quads) -> Quads:
    """Return the quadrilaterals, with two triangles for each that isn't flat."""
    sides = quads[:, 1:] - quads[:, :1]
    height = np.einsum("qc,qc->q", np.cross(sides[:, 0], sides[:, 1]), sides[:, 2])
    bent = np.abs(height) > BENT * np.prod(np.linalg.norm(sides, axis=2), axis=1)
    halves = quads[bent][:, ((0, 1, 2, 2), (0, 2, 3, 3))]
    return np.concatenate([quads[~bent], halves.reshape(-1, 4, 3)])


def _along(quads: Quads, axis: str) -> Quads:
    """Turn what was built along z to run along x, over (y, z), or along y, over (x, z)."""
    if axis == "y":
        return quads[:, (0, 3, 2, 1)][:, :, (0, 2, 1)]  # mirrored, so wound the other way
    return quads[:, :, (2, 0, 1)] if axis == "x" else quads
