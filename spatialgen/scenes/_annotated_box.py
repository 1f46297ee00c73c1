"""One oriented box as annotations have it, checked and turned into a Box and back."""

from collections.abc import Mapping

from spatialgen.records import Box, Note, Vec3
from spatialgen.scenes._json_numbers import numbers_of

#: A coordinate or side beyond this many metres belongs to no room.
LENGTH_LIMIT = 1e4
#: A side has to be longer than this (metres); thin real boxes are about 0.01 m.
SIDE_LIMIT = 1e-6
#: How far the dot products of the axes may be from those of a right-angled frame.
AXES_TOLERANCE = 1e-3


def read_box(raw: object) -> Box | Note:
    """Return the box, or a note that says why ``raw`` is none."""
    if not isinstance(raw, Mapping):
        return Note("bad_box", "a box that is not an object")
    parts = []
    for key, length in (("centroid", 3), ("axesLengths", 3), ("normalizedAxes", 9)):
        numbers = numbers_of(raw.get(key), length)
        if numbers is None:
            return Note("bad_box", f"{key} is not {length} numbers")
        parts.append(numbers)
    center, size, axes = parts
    if not all(abs(value) <= LENGTH_LIMIT for value in center + size):
        return Note("degenerate_box", f"a centre or side not finite or beyond {LENGTH_LIMIT:g} m")
    if min(size) <= SIDE_LIMIT:
        return Note("degenerate_box", f"a side of {min(size):g} m")
    rows = (_vec3(axes[0:3]), _vec3(axes[3:6]), _vec3(axes[6:9]))
    if not _orthonormal(rows):
        return Note("degenerate_box", "axes that are not unit vectors at right angles")
    return Box(_vec3(center), _vec3(size), rows)


def right_handed(box: Box) -> bool:
    """Tell whether the third axis is the cross product of the first two, and not its opposite."""
    (ax, ay, az), (bx, by, bz), third = box.axes
    return _dot((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), third) > 0


def turned_right_handed(box: Box) -> Box:
    """Return the same body with a right-handed frame: the third axis is reversed."""
    first, second, (x, y, z) = box.axes
    return Box(box.center, box.size, (first, second, (-x, -y, -z)))


def write_box(box: Box) -> dict[str, object]:
    """Return the box in the file's terms; min and max are those of its axis-aligned hull."""
    half = [
        sum(abs(axis[k]) * side for axis, side in zip(box.axes, box.size, strict=True)) / 2
        for k in range(3)
    ]
    return {
        "centroid": box.center,
        "axesLengths": box.size,
        "normalizedAxes": [value for axis in box.axes for value in axis],
        "min": [c - h for c, h in zip(box.center, half, strict=True)],
        "max": [c + h for c, h in zip(box.center, half, strict=True)],
    }


def _vec3(numbers: list[float]) -> Vec3:
    x, y, z = numbers
    return (x, y, z)


def _dot(a: Vec3, b: Vec3) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _orthonormal(axes: tuple[Vec3, Vec3, Vec3]) -> bool:
    return all(
        abs(_dot(axes[i], axes[j]) - (1.0 if i == j else 0.0)) <= AXES_TOLERANCE
        for i in range(3)
        for j in range(i, 3)
    )
