"""The outline of an area of which points are known: a closing on a grid, and its border.

The area is everything that an empty disc of a given radius can't reach from
outside: points closer than its diameter hang together, wider openings stay
open. That is the alpha shape of H. Edelsbrunner, D. Kirkpatrick, R. Seidel, "On the
shape of a set of points in the plane", 1983, to within a cell of the grid.
"""

import numpy as np
import numpy.typing as npt

from spatialgen.fitting.cells import joined

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

#: Nodes of the grid at most; the spacing grows with what is larger.
MOST_NODES = 1_000_000
#: Corners that stick out by less than this are smoothed away, in metres.
SMOOTH = 0.05


def outline(points: Floats, radius: float, spacing: float, margin: float = 0.0) -> Floats:
    """Return the outline of the largest part of an area with points (n, 2), (k, 2).

    Counter-clockwise, simple, holes filled; k = 0 where nothing has an area.
    ``radius``, ``spacing`` (of the grid) and ``margin``, by which the area reaches
    beyond its outermost points, are metres.
    """
    low = points.min(axis=0)
    extent = np.ptp(points, axis=0) + 4 * radius
    spacing = max(spacing, float(np.sqrt(extent.prod() / MOST_NODES)))
    reach = max(1, round(radius / spacing))
    nodes = np.rint((points - low) / spacing).astype(np.int64) + reach + 1
    grid = np.zeros(tuple(nodes.max(axis=0) + reach + 2), dtype=np.bool_)
    grid[nodes[:, 0], nodes[:, 1]] = True
    closed = ~_dilated(~_dilated(grid, reach), reach - min(round(margin / spacing), reach))
    # A square between four nodes belongs to the area if all of them do.
    squares = closed[:-1, :-1] & closed[1:, :-1] & closed[:-1, 1:] & closed[1:, 1:]
    if not squares.any():
        return np.zeros((0, 2))
    corners = _border(_untouching(_filled(_largest(squares))))
    return simplified(corners * spacing + low - (reach + 1) * spacing, max(SMOOTH, spacing))


def _dilated(grid: Truths, reach: int) -> Truths:
    """Return the nodes that are at most ``reach`` + 1/2 nodes away from one that is set.

    The half makes the disc's tips flat: points a few nodes apart then have a straight edge.
    """
    wide = np.zeros_like(grid)
    rows = grid.shape[0]
    sums = np.pad(np.cumsum(grid, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    columns = np.arange(grid.shape[1])
    for step in range(-reach, reach + 1):
        half = int(np.sqrt((reach + 0.5) ** 2 - step * step))
        first = np.maximum(columns - half, 0)
        last = np.minimum(columns + half + 1, grid.shape[1])
        set_rows = sums[:, last] > sums[:, first]
        wide[max(step, 0) : rows + min(step, 0)] |= set_rows[max(-step, 0) : rows - max(step, 0)]
    return wide


def _largest(squares: Truths) -> Truths:
    """Keep the largest part that hangs together by sides; of equal ones the first."""
    names = _parts(squares)
    sizes = np.bincount(names[squares])
    return np.asarray(squares & (names == np.argmax(sizes)))


def _filled(squares: Truths) -> Truths:
    """Fill what the outside, which surrounds everything, doesn't reach by sides."""
    outside = np.pad(~squares, 1, constant_values=True)
    names = _parts(outside)
    return np.asarray(~(outside & (names == names[0, 0]))[1:-1, 1:-1])


def _parts(squares: Truths) -> npt.NDArray[np.intp]:
    """Number the parts of a grid that hang together by sides; -1 where it is not set.

    Runs along rows are joined where they overlap in neighbouring rows.
    """
    padded = np.pad(squares, ((0, 0), (1, 1)))
    starts = squares & ~padded[:, :-2]
    run = np.cumsum(starts.ravel()).reshape(squares.shape) - 1
    touching = squares[1:] & squares[:-1]
    pairs = np.stack([run[:-1][touching], run[1:][touching]], axis=1)
    # Along two runs that overlap, every square says the same.
    pairs = pairs[np.diff(pairs, axis=0, prepend=-1).any(axis=1)]
    number = joined(int(starts.sum()), pairs[:, 0], pairs[:, 1])
    return np.where(squares, number[np.maximum(run, 0)], -1)


def _untouching(squares: Truths) -> Truths:
    """Fill squares until no two meet in nothing but a corner, so that the border is simple."""
    squares = squares.copy()
    while True:
        a, b, c, d = squares[:-1, :-1], squares[1:, :-1], squares[:-1, 1:], squares[1:, 1:]
        rising = np.argwhere(a & d & ~b & ~c)
        falling = np.argwhere(b & c & ~a & ~d)
        if len(rising) + len(falling) == 0:
            return _filled(squares)
        squares[rising[:, 0] + 1, rising[:, 1]] = True
        squares[falling[:, 0], falling[:, 1]] = True


def _border(squares: Truths) -> Floats:
    """Return the nodes where the border of one part without holes turns, counter-clockwise."""
    padded = np.pad(squares, 1)
    inner = padded[1:-1, 1:-1]
    x, y = (np.argwhere(inner & ~padded[1:-1, :-2])).T
    sides = [np.stack([x, y, x + 1, y], axis=1)]
    x, y = (np.argwhere(inner & ~padded[2:, 1:-1])).T
    sides.append(np.stack([x + 1, y, x + 1, y + 1], axis=1))
    x, y = (np.argwhere(inner & ~padded[1:-1, 2:])).T
    sides.append(np.stack([x + 1, y + 1, x, y + 1], axis=1))
    x, y = (np.argwhere(inner & ~padded[:-2, 1:-1])).T
    sides.append(np.stack([x, y + 1, x, y], axis=1))
    after = {(a, b): (c, d) for a, b, c, d in np.concatenate(sides).tolist()}
    start = min(after)
    corners, before, here = [], start, after[start]
    while True:
        there = after[here]
        if (there[0] - here[0], there[1] - here[1]) != (here[0] - before[0], here[1] - before[1]):
            corners.append(here)
        if here == start:
            return np.array(corners, dtype=np.float64)
        before, here = here, there


def simplified(polygon: Floats, tolerance: float) -> Floats:
    """Return a simple polygon (k, 2) without the corners that stick out less than a tolerance.

    D. Douglas, T. Peucker, 1973, on either half between two corners far apart. Where
    the sides of the result would cross, the polygon is returned as it was.
    """
    middle = polygon.mean(axis=0)
    first = int(np.argmax(np.hypot(*(polygon - middle).T)))
    polygon = np.roll(polygon, -first, axis=0)
    second = int(np.argmax(np.hypot(*(polygon - polygon[0]).T)))
    ring = np.concatenate([polygon, polygon[:1]])
    kept = {0, second}
    waiting = [(0, second), (second, len(polygon))]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2:
            continue
        off = _distances(ring[start + 1 : end], ring[start], ring[end])
        top = int(np.argmax(off))
        if off[top] > tolerance:
            kept.add(start + 1 + top)
            waiting += [(start, start + 1 + top), (start + 1 + top, end)]
    fewer = polygon[sorted(kept)]
    return fewer if len(fewer) >= 3 and not crosses_itself(fewer) else polygon


def _distances(points: Floats, start: Floats, end: Floats) -> Floats:
    """Return the distances of points (n, 2) to a segment, (n,)."""
    way = end - start
    share = np.clip((points - start) @ way / max(float(way @ way), 1e-300), 0.0, 1.0)
    return np.asarray(np.hypot(*(points - start - share[:, None] * way).T))


def crosses_itself(polygon: Floats) -> bool:
    """Tell whether two sides of a polygon (k, 2) that aren't neighbours meet."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    count = len(polygon)
    for i in range(count - 2):
        # Side i against those after its neighbour; the last is side 0's other neighbour.
        others = slice(i + 2, count - 1 if i == 0 else count)
        a, b, c, d = start[i], end[i], start[others], end[others]
        apart = (_turns(a, b, c) * _turns(a, b, d) > 0) | (_turns(c, d, a) * _turns(c, d, b) > 0)
        low, high = np.minimum(a, b), np.maximum(a, b)
        beside = (np.maximum(c, d) < low).any(axis=1) | (np.minimum(c, d) > high).any(axis=1)
        if not (apart | beside).all():
            return True
    return False


def _turns(a: Floats, b: Floats, c: Floats) -> Floats:
    """Return twice the area of the triangles a, b, c: positive where they turn left."""
    first, second = b - a, c - a
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])
