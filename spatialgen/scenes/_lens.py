"""Intrinsics as files give them, checked."""

from collections.abc import Sequence

from spatialgen.records import Camera

# Beyond this many pixels no picture is taken.
_MOST_PIXELS = 1e5
# A coefficient of a fisheye beyond this bends no picture that is looked at.
_MOST_BENT = 1e3


def lens(
    numbers: Sequence[float], fisheye: tuple[float, float, float, float] | None = None
) -> Camera | None:
    """Return the camera of fx, fy, cx, cy, width, height, or None if there is no such one."""
    fx, fy, cx, cy, width, height = numbers
    sides = (width, height)
    sound = (
        all(0 < length <= _MOST_PIXELS for length in (fx, fy))
        and all(1 <= side <= _MOST_PIXELS and side == int(side) for side in sides)
        and all(-side <= middle <= 2 * side for middle, side in zip((cx, cy), sides, strict=True))
        and all(abs(bent) <= _MOST_BENT for bent in fisheye or ())
    )
    return Camera(fx, fy, cx, cy, int(width), int(height), fisheye) if sound else None
