"""The exported pinhole frames of an Aria Digital Twin folder, as a recording with Z up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.media.images import DepthFiles, ImageFiles
from spatialgen.records import Camera
from spatialgen.scan import Floats, Recording
from spatialgen.scenes import _files as files
from spatialgen.scenes import _table as table
from spatialgen.scenes._aria_things import Z_UP
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._json_numbers import numbers_of
from spatialgen.scenes._json_stream import BYTES_LIMIT
from spatialgen.scenes._lens import lens
from spatialgen.scenes._rigid import is_rigid
from spatialgen.scenes._track import Track, track

#: Poses of the device are taken this near to a frame at most, in seconds.
GAP_S = 0.02

_TRACKED = (
    "tracking_timestamp_us",
    *(f"q{axis}_world_device" for axis in "wxyz"),
    *(f"t{axis}_world_device" for axis in "xyz"),
)
#: More frames than this are none of a room.
MOST = 200_000

# A time beyond 2^53 ns, 104 days, is no time since the device was switched on.
_LATEST_NS = 2**53
_FILE = "camera_rgb.json"


@dataclass(frozen=True, eq=False)
class Exported:
    """What ``exported/camera_rgb.json`` says: times (n,) ascending, poses (n, 4, 4), the camera."""

    folder: Path
    times_ns: tuple[int, ...]
    poses: Floats
    camera: Camera

    @property
    def span_ns(self) -> tuple[int, int]:
        """When the video begins and ends."""
        return self.times_ns[0], self.times_ns[-1]


def read_exported(folder: Path, faults: Faults) -> Exported | None:
    """Return the frames that were exported beside the annotation, None with a fault if none."""
    try:
        raw = files.json_object(folder / "exported" / _FILE, BYTES_LIMIT, "missing_frames")
    except SceneError as error:
        faults.add("missing_frames", _FILE, f"{reason(error)}; nothing of the video is known")
        return None
    camera = _camera(raw.get("pinhole"))
    given = _given(raw.get("frames"), faults)
    if camera is None or not given:
        detail = "no pinhole camera" if camera is None else "no frame with a time"
        faults.add("missing_frames", _FILE, f"{detail}; nothing of the video is known")
        return None
    times_ns = tuple(sorted(given))
    poses = np.array([given[time] for time in times_ns])
    absent = np.isnan(poses).all(axis=(1, 2))
    if absent.any():
        way = _way(folder / "aria_trajectory.csv", (times_ns[0], times_ns[-1]), faults)
        times_s = np.array(times_ns)[absent] / 1e9
        poses[absent] = way.at(times_s, GAP_S) @ _matrix(raw.get("T_device_camera"))
    return Exported(folder / "exported", times_ns, poses, camera)


def recording(exported: Exported, faults: Faults) -> Recording | None:
    """Return the recording, Z up, of the frames that have a pose and, if any has, a picture."""
    numbered = dict(enumerate(exported.times_ns))
    pictures = _present(exported.folder, "pinhole_rgb_{}.jpg", numbered)
    depths = _present(exported.folder, "pinhole_depth_{}.png", numbered)
    posed = is_rigid(exported.poses)
    if not posed.all():
        faults.add("bad_pose", _FILE, f"{int((~posed).sum())} frames without usable pose, dropped")
    kept = [index for index in numbered if posed[index] and (index in pictures or not pictures)]
    if not pictures:
        faults.add(
            "missing_images", "exported", "no pinhole_rgb_*.jpg: models can't be shown frames"
        )
    elif len(kept) < posed.sum():
        lost = int(posed.sum()) - len(kept)
        faults.add(
            "missing_images", "exported", f"{lost} frames without pinhole_rgb_*.jpg, dropped"
        )
    if not depths:
        faults.add(
            "missing_depth", "exported", "no pinhole_depth_*.png: what hides what is not known"
        )
    elif lacking := [index for index in kept if index not in depths]:
        faults.add(
            "missing_depth", "exported", f"{len(lacking)} frames without pinhole_depth_*.png"
        )
    if not kept:
        return None
    times_s = (np.array(exported.times_ns) - exported.times_ns[0]) / 1e9
    return Recording(
        total=len(exported.times_ns),
        indices=np.array(kept, dtype=np.int64),
        times_s=times_s[kept],
        poses=Z_UP @ exported.poses[kept],
        cameras=(exported.camera,),
        colors=ImageFiles(pictures) if pictures else None,
        depths=DepthFiles(depths, exported.camera, np.eye(4)) if depths else None,
    )


def _camera(raw: object) -> Camera | None:
    keys = ("fx", "fy", "cx", "cy", "width", "height")
    numbers = numbers_of([raw.get(key) for key in keys], 6) if isinstance(raw, dict) else None
    return None if numbers is None else lens(numbers)


def _given(raw: object, faults: Faults) -> dict[int, Floats]:
    """Return the pose of each frame by its time in nanoseconds, NaN where none is given."""
    found: dict[int, Floats] = {}
    if isinstance(raw, list) and len(raw) > MOST:
        faults.add("bad_frame", _FILE, f"{len(raw):,} frames, more than {MOST:,}; not used")
        return found
    for each in raw if isinstance(raw, list) else []:
        time = each.get("timestamp_ns") if isinstance(each, dict) else None
        if type(time) is not int or not 0 <= time <= _LATEST_NS:
            faults.add("bad_frame", _FILE, "a frame without a time, dropped")
        elif time in found:
            faults.add("bad_frame", _FILE, "two frames of one time; the second is dropped")
        else:
            found[time] = _matrix(each.get("T_world_camera"))
    return found


def _matrix(raw: object) -> Floats:
    """Return a list of four lists of four numbers as an array, NaN where it is none."""
    rows = [numbers_of(row, 4) for row in raw] if isinstance(raw, list) and len(raw) == 4 else []
    whole = [row for row in rows if row is not None]
    return np.array(whole) if len(whole) == 4 else np.full((4, 4), np.nan)


def _way(path: Path, span_ns: tuple[int, int], faults: Faults) -> Track:
    """Return where the device was during the video."""
    first, last = span_ns[0] / 1e9 - GAP_S, span_ns[1] / 1e9 + GAP_S
    kept: list[list[float]] = []
    try:
        for cells in table.rows(path, _TRACKED, "missing_poses"):
            numbers = table.numbers(cells)
            if numbers is not None and first <= numbers[0] / 1e6 <= last:
                kept.append(numbers)
    except SceneError as error:
        faults.add("missing_poses", path.name, reason(error))
    way = np.array(kept).reshape(-1, len(_TRACKED))
    return track(way[:, 0] / 1e6, way[:, 1:5], way[:, 5:])


def _present(folder: Path, pattern: str, times_ns: dict[int, int]) -> dict[int, Path]:
    paths = {index: folder / pattern.format(time) for index, time in times_ns.items()}
    return {index: path for index, path in paths.items() if files.is_file(path)}
