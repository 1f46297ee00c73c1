"""A second way to compute what questions about views ask, to check answers against.

Nothing here is shared with ``spatialgen.graph`` or with the query language: the
floor is the complex plane, with +X real and +Y imaginary, and space is seen
through the inverse of the camera's full 4x4 matrix. Metres unless a name says
otherwise.
"""

import cmath
import math

import numpy as np

from spatialgen.records import Frame, Vec3

#: Below this a direction seen from above, or a way on the floor, is none.
NO_WAY = 1e-9


def seen_by_camera(frame: Frame, point: Vec3) -> Vec3:
    """Return a world point in the camera's own frame: right, down, ahead."""
    matrix = np.vstack([np.array(frame.pose), [0.0, 0.0, 0.0, 1.0]])
    x, y, z, w = (np.linalg.inv(matrix) @ np.array([*point, 1.0])).tolist()
    return (x / w, y / w, z / w)


def distance_from_camera(frame: Frame, point: Vec3) -> float:
    """Return how far from the camera a world point is."""
    return math.hypot(*seen_by_camera(frame, point))


def left_turn_to_deg(frame: Frame, point: Vec3) -> float:
    """Return how far to turn left from where the camera looks to face a point, in [0, 360).

    Heights do not count. Raises ValueError where the camera looks straight up or
    down, or is at the point, seen from above.
    """
    way = _floor(point) - _place(frame)
    if abs(way) < NO_WAY:
        raise ValueError("no direction: the camera is at the point, seen from above")
    return _positive_deg(cmath.phase(way) - cmath.phase(_heading(frame)))


def left_turn_deg(first: Frame, last: Frame) -> float:
    """Return how far the camera turned left between two frames, in [-180, 180].

    The difference of the two headings, the short way around. Raises ValueError
    where the camera looks straight up or down.
    """
    turned = cmath.phase(_heading(last)) - cmath.phase(_heading(first))
    return math.degrees(math.remainder(turned, math.tau))


def way_moved(first: Frame, last: Frame) -> Vec3:
    """Return how far to the right, up and front of the first frame the camera moved.

    Front is level. The way on the floor is measured in headings: its real part
    is along the heading, its imaginary part to the left of it.
    """
    heading = _heading(first)
    way = (_place(last) - _place(first)) / (heading / abs(heading))
    return (-way.imag, last.pose[2][3] - first.pose[2][3], way.real)


def distance_moved(first: Frame, last: Frame) -> float:
    """Return the straight distance between the camera's places in two frames."""
    return distance_from_camera(first, (last.pose[0][3], last.pose[1][3], last.pose[2][3]))


def _floor(point: Vec3) -> complex:
    return complex(point[0], point[1])


def _place(frame: Frame) -> complex:
    return complex(frame.pose[0][3], frame.pose[1][3])


def _heading(frame: Frame) -> complex:
    ahead = complex(frame.pose[0][2], frame.pose[1][2])
    if abs(ahead) < NO_WAY:
        raise ValueError(f"in frame {frame.index} the camera looks straight up or down")
    return ahead


def _positive_deg(angle: float) -> float:
    # A tiny negative angle plus 360 rounds to 360 itself.
    wrapped_deg = math.degrees(angle) % 360.0
    return 0.0 if wrapped_deg >= 360.0 else wrapped_deg
