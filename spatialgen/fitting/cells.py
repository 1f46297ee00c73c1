"""Points sorted into the cells of a regular grid."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.intp]

#: Cells along one axis at most: three of them must fit into one 64-bit key.
MOST = 1 << 20


@dataclass(frozen=True, eq=False)
class Cells:
    """Whole-numbered places (n, d) of cells that are ``side`` metres wide, from 0."""

    places: Ints
    side: float

    def coarser(self, times: int) -> "Cells":
        """Return the cells of a grid with sides ``times`` as long that hold these."""
        return Cells(self.places // times, self.side * times)


def cells_of(points: Floats, side: float) -> Cells:
    """Return the cell of each of n points (n, d), counted from the smallest coordinates.

    Where that would make more than MOST cells in a row, ``side`` is made longer.
    """
    low = points.min(axis=0)
    with np.errstate(over="ignore"):
        extent = float((points.max(axis=0) - low).max())
    side = max(side, extent / (MOST - 1)) if np.isfinite(extent) else np.inf
    return Cells(((points - low) / side).astype(np.int64), side)


def keys(places: Ints) -> Ints:
    """Return one number per place (n, d), different for different places."""
    key = np.zeros(len(places), dtype=np.int64)
    for column in places.T:
        key = key * (MOST + 1) + column
    return key


def distinct(cells: Cells) -> tuple[Cells, Numbers]:
    """Return the different cells in the order of their keys, and which each one was, (n,)."""
    _, first, which = np.unique(keys(cells.places), return_index=True, return_inverse=True)
    return Cells(cells.places[first], cells.side), which


def neighbours(cells: Cells) -> tuple[Numbers, Numbers]:
    """Return all pairs of distinct 3D cells, as from ``distinct``, that touch each other."""
    known = keys(cells.places)
    steps = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)]
    firsts, seconds = [], []
    for step in steps[14:]:
        beside = cells.places + np.array(step)
        usable = np.flatnonzero((beside >= 0).all(axis=1) & (beside <= MOST).all(axis=1))
        wanted = keys(beside[usable])
        found = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        there = known[found] == wanted
        firsts.append(usable[there])
        seconds.append(found[there])
    return np.concatenate(firsts), np.concatenate(seconds)


def joined(count: int, first: Numbers, second: Numbers) -> Numbers:
    """Return which connected part each of ``count`` things is in, (count,), from 0.

    ``first`` and ``second`` (p,) are the pairs that are connected. Everything takes
    the smallest number near it, and so does what its number stands for, until nothing
    changes: few rounds even for long chains (Y. Zhang, A. Azad, Z. Hu, "FastSV", 2020).
    """
    number = np.arange(count)
    while True:
        lower = number.copy()
        np.minimum.at(lower, first, number[second])
        np.minimum.at(lower, second, number[first])
        np.minimum.at(lower, number, lower.copy())
        lower = lower[lower]
        if np.array_equal(lower, number):
            return np.asarray(np.unique(number, return_inverse=True)[1])
        number = lower
