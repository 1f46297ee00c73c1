"""The upright box around the points of one thing."""

import math

import numpy as np
import numpy.typing as npt

from spatialgen.fitting.hull import convex_hull, smallest_rectangle
from spatialgen.fitting.pieces import without_strays
from spatialgen.records import Box

Floats = npt.NDArray[np.float64]

#: Fewer distinct points than this have no box.
LEAST_POINTS = 4
#: No side is shorter than this, in metres: pictures, rugs and wires are this thick.
LEAST_SIDE = 0.01
#: Rectangles whose areas differ by less than this share are equally good: of a round thing's,
#: the one along the world's axes is taken.
TIE = 0.005
#: Points farther from the origin than this, in metres, are no measurement.
FARTHEST = 1e5


def fit_box(points: npt.ArrayLike) -> Box | None:
    """Return the gravity-aligned box of points (n, 3), or None if too few of them are usable.

    Strays are left out first (``spatialgen.fitting.pieces``). What remains lies wholly
    inside. Seen from above it is the rectangle of smallest area; ``axes`` are its longer
    side, its shorter side and exactly (0, 0, 1), right-handed. Points that aren't finite,
    or beyond FARTHEST, don't count.
    """
    cloud = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    with np.errstate(invalid="ignore"):
        usable = (np.abs(cloud) <= FARTHEST).all(axis=1)
    cloud = cloud if usable.all() else cloud[usable]
    if not _enough(cloud):
        return None
    cloud = cloud[without_strays(cloud)]
    # Near its own middle, so that a far-away thing loses no digits.
    middle = 0.5 * (cloud.min(axis=0) + cloud.max(axis=0))
    plan = cloud[:, :2] - middle[:2]
    angle = smallest_rectangle(convex_hull(plan), TIE)
    return _box(plan, cloud[:, 2], middle, angle)


def _enough(cloud: Floats) -> bool:
    if len(cloud) < LEAST_POINTS:
        return False
    # Mostly the first handful already differs; only repeated points need a full look.
    some = np.unique(cloud[:64], axis=0)
    return len(some) >= LEAST_POINTS or len(np.unique(cloud, axis=0)) >= LEAST_POINTS


def _box(plan: Floats, heights: Floats, middle: Floats, angle: float) -> Box:
    cos, sin = math.cos(angle), math.sin(angle)
    along = plan @ np.array([cos, sin])
    across = plan @ np.array([-sin, cos])
    sides = [(float(values.min()), float(values.max())) for values in (along, across)]
    ways = [(cos, sin), (0.0 - sin, cos)]
    if sides[1][1] - sides[1][0] > sides[0][1] - sides[0][0]:
        # Longer side first; the old first one, turned round, keeps the box right-handed.
        sides = [sides[1], (-sides[0][1], -sides[0][0])]
        ways = [ways[1], (-cos, 0.0 - sin)]
    low, high = float(heights.min()), float(heights.max())
    (first, second), (a, b) = ways, [0.5 * (side[0] + side[1]) for side in sides]
    return Box(
        center=(
            float(middle[0]) + a * first[0] + b * second[0],
            float(middle[1]) + a * first[1] + b * second[1],
            0.5 * (low + high),
        ),
        size=(
            max(sides[0][1] - sides[0][0], LEAST_SIDE),
            max(sides[1][1] - sides[1][0], LEAST_SIDE),
            max(high - low, LEAST_SIDE),
        ),
        axes=((first[0], first[1], 0.0), (second[0], second[1], 0.0), (0.0, 0.0, 1.0)),
    )
