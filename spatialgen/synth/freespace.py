"""Where a person can walk in a furnished room, and ways between places there."""

import heapq
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.records import Vec2
from spatialgen.scan import Floats
from spatialgen.synth.placing import Layout

#: Side of a cell of the plan, and how far a walker stays from everything, in metres.
CELL, BODY = 0.12, 0.25

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class FreeSpace:
    """Cells of a plan: ``distance`` (nx, ny) in metres to the nearest obstacle, negative inside.

    ``free`` cells (nx, ny) are connected, and far enough from everything to walk there.
    """

    layout: Layout
    eye: float
    distance: Floats
    free: npt.NDArray[np.bool_]

    def middle(self, cell: Cell) -> Vec2:
        """Return the middle of a cell on the plan."""
        return ((cell[0] + 0.5) * CELL, (cell[1] + 0.5) * CELL)

    def clearance(self, points: Floats) -> Floats:
        """Return the distance (n,) of points (n, 2) from the nearest obstacle or wall."""
        return clearance(self.layout, self.eye, points)

    def widest(self) -> Cell:
        """Return the cell that is farthest from everything."""
        nx, ny = np.unravel_index(int(np.argmax(self.distance)), self.distance.shape)
        return (int(nx), int(ny))


def free_space(layout: Layout, eye: float) -> FreeSpace:
    """Return where a camera at height ``eye`` can be carried by someone on foot.

    Of several separate places it is the largest; a room too full to walk in
    leaves the one freest cell.
    """
    floor = layout.floor
    shape = (max(1, int(floor.width / CELL)), max(1, int(floor.length / CELL)))
    x, y = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    points = np.column_stack([x.ravel() + 0.5, y.ravel() + 0.5]) * CELL
    distance = clearance(layout, eye, points).reshape(shape)
    free = _largest(distance >= BODY)
    if not free.any():
        free = distance == distance.max()
        free = _largest(free)
    return FreeSpace(layout, eye, np.where(free, distance, -np.abs(distance)), free)


def clearance(layout: Layout, eye: float, points: Floats) -> Floats:
    """Return how far points (n, 2) of the plan are from walls and things, negative inside them."""
    floor = layout.floor
    x, y = points.T
    nearest = np.minimum.reduce([x, floor.width - x, y, floor.length - y])
    blocks = [p.block for p in layout.placed if p.block.bottom < eye + 0.2]
    if floor.notch is not None:
        blocks.append(floor.notch)
    for block in blocks:
        offset = points - block.middle
        aside = np.abs(offset @ block.along) - block.half_width
        ahead = np.abs(offset @ block.front) - block.half_depth
        outside = np.hypot(np.maximum(aside, 0), np.maximum(ahead, 0))
        nearest = np.minimum(nearest, outside + np.minimum(np.maximum(aside, ahead), 0))
    return np.asarray(nearest)


def ways(space: FreeSpace, start: Cell) -> tuple[dict[Cell, float], dict[Cell, Cell]]:
    """Return how far each free cell is from ``start`` and the cell before it on the way.

    Dijkstra's algorithm; a metre close to an obstacle counts for more.
    """
    shape = space.free.shape
    price = 1 + np.square(0.4 / np.maximum(space.distance, 0.1))
    costs, lengths, before = {start: 0.0}, {start: 0.0}, {start: start}
    queue = [(0.0, start)]
    done: set[Cell] = set()
    while queue:
        cost, cell = heapq.heappop(queue)
        if cell in done:
            continue
        done.add(cell)
        for dx, dy in _STEPS:
            near = (cell[0] + dx, cell[1] + dy)
            if not (0 <= near[0] < shape[0] and 0 <= near[1] < shape[1] and space.free[near]):
                continue
            step = CELL * math.hypot(dx, dy)
            dearer = cost + step * float(price[near])
            if dearer < costs.get(near, math.inf):
                costs[near], lengths[near], before[near] = dearer, lengths[cell] + step, cell
                heapq.heappush(queue, (dearer, near))
    return lengths, before


_STEPS = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx, dy) != (0, 0)]


def _largest(free: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the largest connected part of a mask; all False where it is empty."""
    left = {(int(x), int(y)) for x, y in np.argwhere(free)}
    best: set[Cell] = set()
    for seed in sorted(left):
        if seed not in left:
            continue
        part, edge = {seed}, [seed]
        left.discard(seed)
        while edge:
            x, y = edge.pop()
            for dx, dy in _STEPS:
                near = (x + dx, y + dy)
                if near in left:
                    left.discard(near)
                    part.add(near)
                    edge.append(near)
        if len(part) > len(best):
            best = part
    mask = np.zeros_like(free)
    for cell in sorted(best):
        mask[cell] = True
    return mask
