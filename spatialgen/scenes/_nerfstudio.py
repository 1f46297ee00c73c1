"""``transforms.json`` as ScanNet++ has it: one camera, and a pose for each picture.

The world of that file is not the mesh's: poses were turned from OpenCV's axes to
OpenGL's (the second and third column reversed), then the first two rows swapped and
the third reversed. Here that is undone. Intrinsics count pixels from the corner of
the picture, as COLMAP does, so half a pixel is taken off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.records import Camera
from spatialgen.scan import Floats
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._json_numbers import flat_numbers_of, number_of, numbers_of
from spatialgen.scenes._json_stream import BYTES_LIMIT
from spatialgen.scenes._lens import lens
from spatialgen.scenes._rigid import is_rigid

#: Turns the file's world into the mesh's, and the camera's axes into OpenCV's.
WORLD: Floats = np.array([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]])
AXES: Floats = np.diag([1.0, -1.0, -1.0, 1.0])

#: A lens whose distortion is not modelled is taken for a pinhole where that moves no pixel by
#: more than this share of the width.
STRAIGHT = 0.02

#: More frames than this are none of a room.
MOST = 200_000

_SIZE = ("fl_x", "fl_y", "cx", "cy", "w", "h")
_FISHEYE = ("k1", "k2", "k3", "k4")
_OTHER = ("k1", "k2", "p1", "p2")


@dataclass(frozen=True, eq=False)
class Transforms:
    """A camera, and by file name of the picture camera-to-world (4, 4) in the mesh's frame."""

    camera: Camera
    poses: Mapping[str, Floats]


def read_transforms(path: Path, faults: Faults) -> Transforms | None:
    """Return what a file says, None with a fault where it tells no camera or no pose."""
    try:
        raw = files.json_object(path, BYTES_LIMIT, "missing_poses")
    except SceneError as error:
        faults.add("missing_poses", _shown(path), reason(error))
        return None
    camera = _camera(raw, path, faults)
    if camera is None:
        faults.add("missing_intrinsics", _shown(path), "no usable camera; its poses are not used")
        return None
    poses = _poses(raw, path, faults)
    if not poses:
        faults.add("missing_poses", _shown(path), "no usable pose")
        return None
    return Transforms(camera, poses)


def in_mesh_frame(poses: Floats) -> Floats:
    """Return poses (n, 4, 4) of a file as camera-to-world in the mesh's frame, OpenCV axes."""
    return np.asarray(WORLD @ poses @ AXES)


def _camera(raw: Mapping[str, object], path: Path, faults: Faults) -> Camera | None:
    numbers = numbers_of([raw.get(key) for key in _SIZE], 6)
    if numbers is None:
        return None
    numbers[2:4] = [numbers[2] - 0.5, numbers[3] - 0.5]
    model = raw.get("camera_model", "PINHOLE")
    if model == "OPENCV_FISHEYE":
        bent = numbers_of([raw.get(key, 0) for key in _FISHEYE], 4)
        if bent is None:
            return None
        return lens(numbers, (bent[0], bent[1], bent[2], bent[3]) if any(bent) else None)
    camera = lens(numbers)
    if camera is not None and model in ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE"):
        off = lens_error(camera, [number_of(raw.get(key, 0)) for key in _OTHER])
        if off > STRAIGHT:
            detail = f"a lens {model} that is wrong by {off:.1%} of the width as a pinhole"
            faults.add("unknown_lens", _shown(path), f"{detail}; not used")
            return None
        if off > 0:
            detail = f"taken for a pinhole, which moves pixels by up to {off:.1%} of the width"
            faults.add("straight_lens", _shown(path), detail)
        return camera
    return None


def lens_error(camera: Camera, coefficients: list[float | None]) -> float:
    """Return by what share of the width distortion moves a pixel at most, as OpenCV has it."""
    known = [each for each in coefficients if each is not None]
    if len(known) < len(coefficients) or not np.isfinite(known).all():
        return np.inf
    k1, k2, p1, p2 = known
    x, y = np.meshgrid(
        (np.linspace(0, camera.width - 1, 33) - camera.cx) / camera.fx,
        (np.linspace(0, camera.height - 1, 33) - camera.cy) / camera.fy,
    )
    square = x * x + y * y
    radial = k1 * square + k2 * square * square
    across = x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x)
    down = y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y
    return float(np.hypot(camera.fx * across, camera.fy * down).max() / camera.width)


def _poses(raw: Mapping[str, object], path: Path, faults: Faults) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    bad = blurred = 0
    for key in ("frames", "test_frames"):
        listed = raw.get(key)
        if isinstance(listed, list) and len(listed) > MOST:
            detail = f"{len(listed):,} {key}, more than {MOST:,}; not used"
            faults.add("bad_pose", _shown(path), detail)
            continue
        for each in listed if isinstance(listed, list) else []:
            name = _name(each)
            matrix = matrix_of(each.get("transform_matrix")) if isinstance(each, dict) else None
            if name is None or matrix is None or not is_rigid(matrix[None])[0]:
                bad += 1
            elif isinstance(each, dict) and each.get("is_bad") is True:
                blurred += 1
            elif name in found:
                faults.add("duplicate_id", _shown(path), "a second pose of one picture, dropped")
            else:
                found[name] = in_mesh_frame(matrix[None])[0]
    if bad:
        faults.add("bad_pose", _shown(path), f"{bad} frames without usable pose, dropped")
    if blurred:
        faults.add("bad_picture", _shown(path), f"{blurred} frames marked as bad, dropped")
    return dict(sorted(found.items()))


def matrix_of(raw: object) -> Floats | None:
    """Return a 4 x 4 matrix in JSON, of rows or in one list, which may hold NaN; else None."""
    numbers = flat_numbers_of(raw, 16)
    return None if numbers is None else np.array(numbers).reshape(4, 4)


def _name(raw: object) -> str | None:
    """Return the name of a frame's picture without its folder, which could lead anywhere."""
    written = raw.get("file_path") if isinstance(raw, dict) else None
    return PurePosixPath(written).name or None if isinstance(written, str) else None


def _shown(path: Path) -> str:
    """Return a path from the camera's folder on: there are several files of one name."""
    return "/".join(path.parts[-3:])
