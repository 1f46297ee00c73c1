"""The cameras of a ScanNet scan, and when its frames were taken."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import resized
from spatialgen.records import Camera
from spatialgen.scan import Floats
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._lens import lens
from spatialgen.scenes._rigid import read_matrix
from spatialgen.scenes._scannet_text import Parameters

#: Frames per second where nothing tells it: that of ScanNet's recorder.
RATE = 30.0

# Recorders take between these many pictures in a second.
_SLOWEST, _FASTEST = 1.0, 240.0

_Size: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A scan's folder and id, with what its text file says, and where faults go."""

    folder: Path
    name: str
    parameters: Parameters
    faults: Faults

    def file(self, ending: str) -> Path:
        """Return the path of one of the scan's own files."""
        return self.folder / f"{self.name}{ending}"


def exported_camera(place: Place, kind: str, size: _Size | None) -> Camera | None:
    """Return the "color" or "depth" camera of exported pictures of a width and height.

    The intrinsics are those of ``intrinsic/``, else of the text file. Pictures are
    often made smaller on export and intrinsics left as they were, so these are
    taken to belong to that size whose middle is nearest to the principal point.
    """
    written = place.parameters.color if kind == "color" else place.parameters.depth
    path = place.folder / "intrinsic" / f"intrinsic_{kind}.txt"
    matrix = read_matrix(path) if files.is_file(path) else None
    if matrix is not None:
        sizes = [size] if size is not None else []
        sizes += [(written.width, written.height)] if written is not None else []
        written = _of_matrix(matrix, sizes)
    return written if written is None or size is None else resized(written, *size)


def sens_camera(matrix: Floats, written: Camera | None, size: _Size) -> Camera | None:
    """Return the camera of a ``.sens`` file's intrinsics (4, 4), else the one of the text file."""
    camera = _of_matrix(matrix, [size]) or written
    return camera if camera is None else resized(camera, *size)


def from_color(place: Place) -> Floats:
    """Return the motion (4, 4) from the colour camera's frame to the depth camera's."""
    if place.parameters.from_color is not None:
        return place.parameters.from_color
    detail = "no colorToDepthExtrinsics, so depth is taken as seen from the colour camera"
    place.faults.add("assumed_registration", place.name, detail)
    return np.eye(4)


def times_of(numbers: npt.NDArray[np.int64], place: Place) -> Floats:
    """Return the times (n,) in seconds of frames that have only numbers (n,)."""
    rate = place.parameters.rate
    if rate is None:
        detail = f"no usable times of frames, so {RATE:g} frames a second are assumed"
        place.faults.add("assumed_frame_rate", place.name, detail)
        rate = RATE
    return np.asarray(numbers / rate, dtype=np.float64)


def times_of_stamps(stamps_us: npt.NDArray[np.uint64], place: Place) -> Floats:
    """Return the times (n,) in seconds from stamps (n,) in microseconds, where they can be true.

    They often are 0 or random; times then follow from the numbers of the frames.
    """
    rising = bool((stamps_us[1:] > stamps_us[:-1]).all())
    times: Floats = (stamps_us - stamps_us[0]).astype(np.float64) / 1e6
    length = float(times[-1])
    if len(times) > 1 and rising and _SLOWEST <= (len(times) - 1) / length <= _FASTEST:
        return times
    return times_of(np.arange(len(times)), place)


def _of_matrix(matrix: Floats, sizes: list[_Size]) -> Camera | None:
    """Return the camera with intrinsics (4, 4) and that of ``sizes`` which fits them."""
    fx, fy, cx, cy = (float(matrix[at]) for at in ((0, 0), (1, 1), (0, 2), (1, 2)))
    if not np.isfinite([fx, fy, cx, cy]).all():
        return None
    fitting = [
        (math.hypot(cx - 0.5 * width, cy - 0.5 * height), width, height) for width, height in sizes
    ]
    if not fitting:
        return None
    _, width, height = min(fitting, key=lambda each: each[0])
    return lens((fx, fy, cx, cy, width, height))
