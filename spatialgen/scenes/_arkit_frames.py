"""The recording of an ARKitScenes folder: pictures, cameras and depth by their times.

Every file is called by the time it was taken, ``<id>_<seconds>.<ending>``, and streams
of different rates don't share their times: poses come ten times a second, pictures
up to sixty. So poses are taken between the two nearest, and of cameras and depth
the nearest.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spatialgen.cameras import resized
from spatialgen.errors import SceneError
from spatialgen.media.images import DepthFiles, ImageFiles, image_size
from spatialgen.records import Camera
from spatialgen.scan import Floats, Recording
from spatialgen.scenes import _files as files
from spatialgen.scenes import _poses as motions
from spatialgen.scenes import _table as table
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._lens import lens
from spatialgen.scenes._rigid import is_rigid
from spatialgen.scenes._track import Track, track

#: Streams of the same camera. The first is large enough for models and evenly timed; the second
#: is larger, but only the frames whose depth is good are there; the third is as small as depth.
STREAMS = ("vga_wide", "wide", "lowres_wide")
#: Streams of depth, seen from that camera too: the phone's own covers the whole video, the laser
#: scanner's only frames of ``wide``.
DEPTHS = ("lowres_depth", "highres_depth")

#: Both poses around a picture are at most this far away, in seconds; they are 0.1 apart.
POSE_GAP_S = 0.15
#: A picture's intrinsics and depth were taken within this of it, in seconds.
SAME_S = 0.02

#: A way with more poses, or a stream of more files, is none of a room.
MOST = 200_000

_TIMED = re.compile(r"(?:.*_)?(?P<time>[0-9]{1,9}(?:\.[0-9]{1,9})?)\.(?P<ending>[a-z]+)")
_WAY_BYTES = 64 * 2**20
_PINCAM_BYTES = 4096


@dataclass(frozen=True, eq=False)
class _Stream:
    """Files of one folder by time: ``times_s`` (n,) ascending, one path for each."""

    name: str
    times_s: Floats
    paths: tuple[Path, ...]

    def nearest(self, times_s: Floats) -> list[Path | None]:
        """Return the file nearest to each time, None where it is farther than SAME_S."""
        if not self.paths:
            return [None] * len(times_s)
        after = np.clip(np.searchsorted(self.times_s, times_s), 0, len(self.paths) - 1)
        before = np.maximum(after - 1, 0)
        sooner = times_s - self.times_s[before] <= self.times_s[after] - times_s
        at = np.where(sooner, before, after)
        near = np.abs(self.times_s[at] - times_s) <= SAME_S
        return [self.paths[i] if good else None for i, good in zip(at, near, strict=True)]


def recording(folder: Path, faults: Faults) -> Recording | None:
    """Return the recording in a folder, Z up as stored, None with a fault where there is none."""
    pictures = _pictures(folder)
    if pictures is None:
        detail = f"no pictures in {', '.join(STREAMS)}; nothing of the video is known"
        faults.add("missing_frames", "pictures", detail)
        return None
    way = _way(folder / "lowres_wide.traj", faults)
    poses = way.at(pictures.times_s, POSE_GAP_S)
    posed = np.flatnonzero(is_rigid(poses))
    if len(posed) < len(poses):
        detail = f"{len(poses) - len(posed)} of {len(poses)} frames have no pose near, dropped"
        faults.add("bad_pose", pictures.name, detail)
    cameras = _cameras(folder, pictures, posed.tolist(), faults)
    kept = np.array(sorted(cameras), dtype=np.int64)
    if not len(kept):
        faults.add("missing_frames", pictures.name, "no frame has both a pose and a camera")
        return None
    used = tuple(cameras[i] for i in kept.tolist())
    return Recording(
        total=len(pictures.paths),
        indices=kept,
        times_s=pictures.times_s[kept] - pictures.times_s[0],
        poses=poses[kept],
        cameras=used if len(set(used)) > 1 else used[:1],
        colors=ImageFiles(dict(enumerate(pictures.paths))),
        depths=_depths(folder, pictures.times_s, kept.tolist(), used[0], faults),
    )


def _pictures(folder: Path) -> _Stream | None:
    streams = (_stream(folder / name, ("png", "jpg")) for name in STREAMS)
    return next((stream for stream in streams if stream.paths), None)


def _stream(folder: Path, endings: tuple[str, ...]) -> _Stream:
    """Return the files of a folder by time; of two of one time the first by name is taken."""
    found: dict[float, str] = {}
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError:
        names = []
    for name in names[:MOST]:
        match = _TIMED.fullmatch(name)
        if match and match["ending"] in endings:
            found.setdefault(float(match["time"]), name)
    times = sorted(found)
    return _Stream(folder.name, np.array(times), tuple(folder / found[time] for time in times))


def _way(path: Path, faults: Faults) -> Track:
    """Return where the camera was; the file says where the world is from there."""
    rows: list[list[float]] = []
    try:
        lines = files.content(path, _WAY_BYTES, "missing_poses").decode("ascii", "replace")
    except SceneError as error:
        faults.add("missing_poses", path.name, reason(error))
        lines = ""
    for line in lines.splitlines()[:MOST]:
        numbers = table.numbers(line.split())
        if numbers is None or len(numbers) != 7:
            faults.add("bad_pose", path.name, "a line that is not seven numbers, dropped")
        else:
            rows.append(numbers)
    way = np.array(rows).reshape(-1, 7)
    turned = motions.quaternions_of_vectors(way[:, 1:4])
    poses = motions.inverse(motions.assembled(motions.of_quaternions(turned), way[:, 4:]))
    return track(way[:, 0], turned * (1, -1, -1, -1), poses[:, :3, 3])


def _cameras(
    folder: Path, pictures: _Stream, posed: list[int], faults: Faults
) -> dict[int, Camera]:
    """Return the camera of each frame, for the size that the pictures have."""
    intrinsics = _stream(folder / f"{pictures.name}_intrinsics", ("pincam",))
    nearest = intrinsics.nearest(pictures.times_s[posed])
    try:
        size = image_size(pictures.paths[0])
    except SceneError as error:
        faults.add("bad_image", pictures.name, str(error))
        return {}
    found: dict[int, Camera] = {}
    for index, path in zip(posed, nearest, strict=True):
        camera = None if path is None else _pincam(path)
        if camera is None:
            faults.add("missing_intrinsics", pictures.name, "a frame without its camera, dropped")
        else:
            found[index] = resized(camera, *size)
    return found


def _pincam(path: Path) -> Camera | None:
    try:
        words = files.content(path, _PINCAM_BYTES, "missing_intrinsics").decode("ascii", "replace")
    except SceneError:
        return None
    numbers = table.numbers(words.split())
    if numbers is None or len(numbers) != 6:
        return None
    width, height, fx, fy, cx, cy = numbers
    return lens((fx, fy, cx, cy, width, height))


def _depths(
    folder: Path, times_s: Floats, kept: list[int], camera: Camera, faults: Faults
) -> DepthFiles | None:
    """Return the depth images of one stream, that of the most frames."""
    best: Mapping[int, Path] = {}
    for name in DEPTHS:
        nearest = _stream(folder / name, ("png",)).nearest(times_s[kept])
        paths = {i: path for i, path in zip(kept, nearest, strict=True) if path is not None}
        best = paths if len(paths) > len(best) else best
    if not best:
        faults.add("missing_depth", "depth", f"no images in {' or '.join(DEPTHS)} at these times")
        return None
    if len(best) < len(kept):
        detail = f"{len(kept) - len(best)} of {len(kept)} frames without depth image"
        faults.add("missing_depth", "depth", detail)
    first = best[min(best)]
    try:
        size = image_size(first)
    except SceneError as error:
        faults.add("bad_depth", "depth", f"{error}; depth is not used")
        return None
    return DepthFiles(best, resized(camera, *size), np.eye(4))
