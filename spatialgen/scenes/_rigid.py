"""Rigid motions: 4 x 4 matrices that turn and move, and do nothing else."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from spatialgen.scan import Floats

#: How far the rows of a rotation may be from unit vectors at right angles.
TOLERANCE = 0.01
#: A move by more than this many metres leads out of any room.
FARTHEST = 1e4

_BYTES_LIMIT = 4096


def is_rigid(matrices: Floats) -> npt.NDArray[np.bool_]:
    """Tell which of the matrices (n, 4, 4) are finite and rigid, and not mirrored, (n,)."""
    with np.errstate(invalid="ignore", over="ignore"):
        turns = matrices[:, :3, :3]
        square = (np.abs(turns @ turns.transpose(0, 2, 1) - np.eye(3)) <= TOLERANCE).all((1, 2))
        last = (np.abs(matrices[:, 3] - (0, 0, 0, 1)) <= TOLERANCE).all(1)
        near = (np.abs(matrices[:, :3, 3]) <= FARTHEST).all(1)
        upright = np.zeros(len(matrices), dtype=bool)
        sound = square & last & near
        upright[sound] = np.linalg.det(turns[sound]) > 0
    return upright


def read_matrix(path: Path) -> Floats | None:
    """Return the 4 x 4 numbers in a plain file, which may be NaN; None where it has others.

    There is one such file for every frame, so it is only opened: that it is no
    pipe has to be known.
    """
    try:
        with path.open("rb") as stream:
            numbers = [float(word) for word in stream.read(_BYTES_LIMIT).split()]
    except (OSError, ValueError):
        return None
    return np.array(numbers).reshape(4, 4) if len(numbers) == 16 else None
