"""The query language: vectors, as tuples (x, y, z), and angles in degrees.

Part of what a program may use; see ``language.py``.
"""

import math

Vec = tuple[float, float, float]


def add(a: Vec, b: Vec) -> Vec:
    """Return a + b."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def sub(a: Vec, b: Vec) -> Vec:
    """Return a - b: the way from b to a."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def scale(a: Vec, k: float) -> Vec:
    """Return a times k."""
    return (a[0] * k, a[1] * k, a[2] * k)


def dot(a: Vec, b: Vec) -> float:
    """Return the inner product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vec, b: Vec) -> Vec:
    """Return the vector product, right-handed."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def norm(a: Vec) -> float:
    """Return the length of a vector."""
    return math.sqrt(dot(a, a))


def unit(a: Vec) -> Vec:
    """Return the vector of length 1 in the same direction; zero has none."""
    length = norm(a)
    if length < 1e-12:
        raise ValueError("a vector of length zero has no direction")
    return scale(a, 1.0 / length)


def angle_deg(a: Vec, b: Vec) -> float:
    """Return the angle between two vectors in [0, 180]."""
    return math.degrees(math.atan2(norm(cross(a, b)), dot(a, b)))


def turn_deg(start: Vec, end: Vec) -> float:
    """Return how far to turn on the floor from ``start`` to ``end``, in [0, 360)."""
    if math.hypot(start[0], start[1]) < 1e-9 or math.hypot(end[0], end[1]) < 1e-9:
        raise ValueError("a vertical direction has no bearing on the floor")
    turn = math.atan2(start[0] * end[1] - start[1] * end[0], start[0] * end[0] + start[1] * end[1])
    # The remainder of a tiny negative angle rounds to 360 itself.
    return math.degrees(turn) % 360.0 % 360.0


def signed_deg(turn: float) -> float:
    """Return a turn in [0, 360) as one in (-180, 180]: to the left is positive."""
    return turn - 360.0 if turn > 180.0 else turn


def sector(turn: float, names: list[str]) -> str:
    """Return which equal sector a turn in [0, 360) is in; the first is centred straight ahead.

    Sectors go on to the left: ``sector(turn, ["front", "left", "back", "right"])``.
    """
    return names[int(turn / 360.0 * len(names) + 0.5) % len(names)]


def round_half_up(value: float, decimals: int = 0) -> float:
    """Round as people do (2.5 -> 3), where ``round`` goes to the even neighbour."""
    factor = 10.0**decimals
    rounded = math.floor(abs(value) * factor + 0.5) / factor
    return rounded if value > 0 else 0.0 - rounded  # never -0.0
