"""A second way to compute the turns of a walk, to check answers against.

Nothing here is shared with ``spatialgen.graph`` or with the query language:
triangles take the place of directions. How far one turns follows from the
lengths of their sides, the way round from the order of their corners.
"""

import math
from collections.abc import Sequence

from spatialgen.records import Vec3

#: Turning by more than this is turning back.
BACK_DEG = 135.0


def turn_at(before: Vec3, corner: Vec3, after: Vec3) -> str:
    """Return how one turns who comes from ``before`` to ``corner`` and goes on to ``after``.

    "Turn Left", "Turn Right" or "Turn Back"; heights do not count.
    """
    return _turn(180.0 - _angle_deg(before, corner, after), before, corner, after)


def turn_from(stand: Vec3, face: Vec3, target: Vec3) -> str:
    """Return how one turns at ``stand`` who faces ``face`` and goes to ``target``."""
    return _turn(_angle_deg(face, stand, target), stand, face, target)


def turns(start: Vec3, face: Vec3, stops: Sequence[Vec3]) -> str:
    """Return the turns of a walk from ``start``, facing ``face``, by the ``stops`` in order.

    Where the first stop is what one faces, one walks there without a turn.
    """
    way = [start, *stops]
    first = [] if stops[0] == face else [turn_from(start, face, stops[0])]
    later = [turn_at(*way[i : i + 3]) for i in range(len(way) - 2)]
    return ", ".join(first + later)


def _angle_deg(a: Vec3, corner: Vec3, b: Vec3) -> float:
    """Return the angle at ``corner`` in [0, 180], by the law of cosines."""
    one, other = math.dist(a[:2], corner[:2]), math.dist(b[:2], corner[:2])
    opposite = math.dist(a[:2], b[:2])
    cosine = (one**2 + other**2 - opposite**2) / (2.0 * one * other)
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def _turn(turned_deg: float, a: Vec3, b: Vec3, c: Vec3) -> str:
    if turned_deg >= BACK_DEG:
        return "Turn Back"
    # The area of the triangle has the sign of the way round its corners (shoelace).
    twice = a[0] * b[1] - a[1] * b[0] + b[0] * c[1] - b[1] * c[0] + c[0] * a[1] - c[1] * a[0]
    return "Turn Left" if twice > 0.0 else "Turn Right"
