"""How far things are apart from surface to surface, where a mesh tells.

The boxes of a chair and a table that stand close are mostly air where they come
closest. What people measure is between the things themselves, so a distance
between boxes is only asked for where that between surfaces agrees.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from spatialgen.graph.visibility_samples import sample
from spatialgen.records import Box
from spatialgen.scan import Floats, Scan

#: Points of a thing's triangles that stick out of its box by more than this are strays, in metres.
STRAY_M = 0.02
#: Every so many points a first guess is made at, which rules most others out.
COARSE = 16
#: So much farther than the first guess a point may seem and still be kept, in metres: where the
#: guess is the distance itself, rounding could rule its own points out.
ROUNDING_M = 1e-9
#: Differences of coordinates that are computed at once, so that memory stays flat.
CHUNK = 1 << 20


class Surfaces:
    """Points (s, 3) on the surfaces of objects, by index in ``scene.objects``.

    Points are a few centimetres apart, so that a distance comes out too long by
    a centimetre or so, and never too short.
    """

    def __init__(self, points: Mapping[int, Floats]) -> None:
        self._points = points
        self._gaps: dict[tuple[int, int], float] = {}

    def gap(self, a: int, b: int) -> float | None:
        """Return the distance between two objects' surfaces, None where one has no surface."""
        pair = (min(a, b), max(a, b))
        if pair[0] not in self._points or pair[1] not in self._points:
            return None
        if pair not in self._gaps:
            self._gaps[pair] = _closest(self._points[pair[0]], self._points[pair[1]])
        return self._gaps[pair]


#: What a scene without a mesh has.
NO_SURFACES = Surfaces({})


def surfaces(scan: Scan) -> Surfaces:
    """Return the surfaces of those objects of a scan that own triangles of its mesh."""
    objects = scan.scene.objects
    if scan.mesh is None or not objects:
        return NO_SURFACES
    spread = sample(objects, scan.mesh)
    inside = {
        i: spread.points[i][_inside(thing.box, spread.points[i])]
        for i, thing in enumerate(objects)
        if not spread.boxed[i]
    }
    return Surfaces({i: points for i, points in inside.items() if len(points)})


def _inside(box: Box, points: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    local = (points - np.array(box.center)) @ np.array(box.axes).T
    return np.asarray((np.abs(local) <= 0.5 * np.array(box.size) + STRAY_M).all(axis=1))


def _closest(one: Floats, other: Floats) -> float:
    """Return the smallest distance between points (m, 3) and (k, 3)."""
    within = _smallest(one[::COARSE], other[::COARSE]) + ROUNDING_M
    # What is farther from all of the other thing than the guess can't be the closest.
    one = one[_beyond(one, other) <= within]
    other = other[_beyond(other, one) <= within]
    return _smallest(one, other)


def _beyond(points: Floats, others: Floats) -> Floats:
    """Return how far points (m, 3) are from the upright hull around others (k, 3), (m,)."""
    low, high = others.min(axis=0), others.max(axis=0)
    away = np.maximum(np.maximum(low - points, points - high), 0.0)
    return np.asarray(np.sqrt(np.einsum("mc,mc->m", away, away)))


def _smallest(one: Floats, other: Floats) -> float:
    rows = max(1, CHUNK // (3 * len(other)))
    starts = [*range(0, len(one), rows), len(one)]
    squares = [
        float(np.square(one[start:end, None] - other).sum(axis=2).min())
        for start, end in pairwise(starts)
    ]
    return float(np.sqrt(min(squares)))
