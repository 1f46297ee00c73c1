"""Which frames of a video are taken."""

import numpy as np


def uniform(total: int, count: int) -> tuple[int, ...]:
    """Return ``count`` frame positions from 0 to ``total`` - 1, rounded down; none of no frames.

    This is how VSI-Bench samples a video, and evalkit with it. Fewer frames than
    ``count`` give repeated positions.
    """
    if total < 1:
        return ()
    positions: list[int] = np.linspace(0, total - 1, count, dtype=int).tolist()
    return tuple(positions)
