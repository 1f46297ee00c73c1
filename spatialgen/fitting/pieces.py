"""Which points of an instance belong together, and which are strays of a bad segmentation."""

import math

import numpy as np
import numpy.typing as npt

from spatialgen.fitting.cells import Cells, cells_of, distinct, joined, neighbours

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

#: Points nearer to each other than this belong to one piece, in metres.
LINK = 0.10
#: Size of the patches that a piece's surface is counted in, in metres.
PATCH = 0.02
#: A piece with less than this share of the surface is stray.
SHARE = 0.02
#: Fewer distinct patches than this say nothing about what is stray.
ENOUGH = 50
#: Cells are widened until this many patches share one, so that sparse points hang together.
CROWD = 4


def without_strays(points: Floats) -> Truths:
    """Tell which points (n, 3) are part of the thing, (n,).

    Points are linked over gaps of up to LINK (at most 3.5 times that, across the
    corners of cells). What hangs together is one piece, however thin: legs and poles
    stay. A separate piece is dropped if its surface is less than SHARE of the whole.
    Surface is counted in patches, so dense and repeated points weigh no more.
    """
    patches = cells_of(points, PATCH)
    patch_cells, patch = distinct(patches)
    everything = np.ones(len(points), dtype=np.bool_)
    if len(patch_cells.places) < ENOUGH:
        return everything
    pieces = _pieces(patch_cells)
    surface = np.bincount(pieces)
    kept = surface >= SHARE * len(pieces)
    return everything if kept.all() else np.asarray(kept[pieces][patch])


def _pieces(patches: Cells) -> npt.NDArray[np.intp]:
    """Return the number of the piece of each patch, (p,)."""
    wide = max(1, math.ceil(LINK / patches.side))
    while True:
        cells, cell = distinct(patches.coarser(wide))
        if len(cells.places) * CROWD <= len(patches.places) or len(cells.places) == 1:
            return joined(len(cells.places), *neighbours(cells))[cell]
        wide *= 2
