"""The convex hull of many points on a plane, and the smallest rectangle around it."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: A point this much outside a side of the hull, as a share of the extent, is still on it.
#: It bounds the hull of any number of points to a few thousand corners.
FLAT = 1e-6


def convex_hull(points: Floats) -> Floats:
    """Return the corners of the convex hull of points (n, 2), counter-clockwise, (k, 2).

    Quickhull: C. B. Barber, D. P. Dobkin, H. Huhdanpaa, 1996. A point gives k = 1,
    points on a line k = 2.
    """
    order = np.lexsort((points[:, 1], points[:, 0]))[[0, -1]]
    left, right = points[order]
    flat = FLAT * float(np.ptp(points, axis=0).max())
    if np.array_equal(left, right):
        return points[order[:1]].copy()
    below = _beyond(points, left, right, flat)
    above = _beyond(points, right, left, flat)
    return np.array([left, *below, right, *above])


def _beyond(points: Floats, start: Floats, end: Floats, flat: float) -> list[Floats]:
    """Return the corners to the right of the way from start to end, in order."""
    corners: list[Floats] = []
    waiting: list[tuple[Floats, Floats, Floats]] = [(start, end, points)]
    while waiting:
        start, end, points = waiting.pop()
        if len(points) == 0:
            # Everything up to this side is done: its end is the next corner.
            corners.append(end)
            continue
        across = np.array([end[1] - start[1], start[0] - end[0]])
        across /= max(math.hypot(across[0], across[1]), 1e-300)
        outside = (points - start) @ across
        kept = outside > flat
        if not kept.any():
            corners.append(end)
            continue
        points, outside = points[kept], outside[kept]
        # Of equally far ones the first along the side, so that the order of points is free.
        farthest = np.flatnonzero(outside == outside.max())
        along = (points[farthest] - start) @ (end - start)
        top = points[farthest[np.argmin(along)]]
        waiting.append((top, end, points))
        waiting.append((start, top, points))
    return corners[:-1]


def rectangle_areas(hull: Floats, angles: Floats) -> Floats:
    """Return the area of the rectangle around a hull (k, 2) for each direction of a side, (m,).

    Rotating calipers, all directions at once: the farthest corner in a direction
    is where the sides of the hull turn past it.
    """
    sides = np.roll(hull, -1, axis=0) - hull
    turned = np.unwrap(np.arctan2(sides[:, 1], sides[:, 0]))

    def reach(direction: Floats) -> Floats:
        # A side that runs at `direction + 90 degrees` starts at the farthest corner.
        across = turned[0] + np.mod(direction + 0.5 * np.pi - turned[0], 2 * np.pi)
        corner = np.searchsorted(turned, across) % len(hull)
        near = hull[[corner - 1, corner, (corner + 1) % len(hull)]]
        way = np.stack([np.cos(direction), np.sin(direction)])
        # Its neighbours too: rounding may have turned past one corner too many.
        return np.asarray(np.einsum("jmc,cm->jm", near, way).max(axis=0))

    width = reach(angles) + reach(angles + np.pi)
    depth = reach(angles + 0.5 * np.pi) + reach(angles + 1.5 * np.pi)
    return width * depth


def smallest_rectangle(hull: Floats, tie: float) -> float:
    """Return the angle in [0, 90) degrees, in radians, of the smallest rectangle around a hull.

    One of its sides lies along a side of the hull. Angles whose areas are within a
    share ``tie`` of the smallest are equally good; the one nearest to the world's
    axes is taken, the axes themselves first of all.
    """
    if len(hull) == 1:
        return 0.0
    sides = np.roll(hull, -1, axis=0) - hull
    angles = np.mod(np.arctan2(sides[:, 1], sides[:, 0]), 0.5 * np.pi)
    angles = np.concatenate([[0.0], angles])
    if len(hull) == 2:
        return float(angles[1])
    areas = rectangle_areas(hull, angles)
    good = np.flatnonzero(areas <= areas.min() * (1 + tie))
    off = np.minimum(angles[good], 0.5 * np.pi - angles[good])
    return float(angles[good[np.argmin(off)]])
