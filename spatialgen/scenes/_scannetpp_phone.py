"""The phone's recording of a ScanNet++ scan: video or its pictures, poses, depth."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from spatialgen.cameras import resized
from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.media.depth_stream import HEIGHT as DEPTH_HEIGHT
from spatialgen.media.depth_stream import WIDTH as DEPTH_WIDTH
from spatialgen.media.depth_stream import DepthStream
from spatialgen.media.images import DepthFiles, ImageFiles, image_size
from spatialgen.media.video import VideoFile
from spatialgen.records import Camera
from spatialgen.scan import Colors, Depth, Depths, Floats, Recording
from spatialgen.scenes import _files as files
from spatialgen.scenes import _json_stream as json_stream
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._json_numbers import flat_numbers_of, number_of
from spatialgen.scenes._lens import lens
from spatialgen.scenes._nerfstudio import matrix_of, read_transforms
from spatialgen.scenes._poses import quaternions_of
from spatialgen.scenes._rigid import is_rigid
from spatialgen.scenes._track import track

#: Frames per second of the phone, where no file tells the times.
RATE = 60.0
#: COLMAP has the pose of every tenth frame or so; between two that are this far apart, in
#: frames, a camera in a hand moves evenly.
POSE_GAP = 15
#: The size of the phone's pictures, which its own intrinsics belong to.
SIZE = (1920, 1440)
#: A recording of more frames is none of a room.
MOST = 200_000

_VIDEOS = ("rgb.mkv", "rgb.mp4", "rgb.mov")
_TRACKED = "pose_intrinsic_imu.json"
_PICTURES = (".jpg", ".jpeg", ".png")
# A frame's name in files of poses, with or without the ending of its picture.
_FRAME = re.compile(r"frame_(?P<number>[0-9]{1,9})(?:\.(?:jpg|jpeg|png))?", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class _Pictures:
    """Pictures in the order of ``numbers`` (n,), the phone's own counting of its frames."""

    numbers: Floats
    times_s: Floats | None
    size: tuple[int, int]
    colors: Colors


@dataclass(frozen=True, eq=False)
class _Tracked:
    """What the phone itself knew, by frame number: times, poses (4, 4), cameras."""

    times_s: Mapping[int, float]
    poses: Mapping[int, Floats]
    cameras: Mapping[int, Camera]


def recording(folder: Path, faults: Faults) -> Recording | None:
    """Return the recording in the folder ``iphone``, None where there is none with poses."""
    pictures = _pictures(folder, faults)
    if pictures is None:
        return None
    refined = folder / "nerfstudio" / "transforms.json"
    transforms = read_transforms(refined, faults) if files.is_file(refined) else None
    poses = np.full((len(pictures.numbers), 4, 4), np.nan)
    if transforms is not None:
        poses = _between(transforms.poses, pictures.numbers)
        cameras = dict.fromkeys(range(len(poses)), resized(transforms.camera, *pictures.size))
    known = _Tracked({}, {}, {})
    if pictures.times_s is None or not is_rigid(poses).any():
        known = _tracked(folder / _TRACKED, faults)
    if not is_rigid(poses).any():
        numbers = pictures.numbers.astype(int).tolist()
        poses = np.array([known.poses.get(number, poses[i]) for i, number in enumerate(numbers)])
        cameras = {
            i: resized(known.cameras[number], *pictures.size)
            for i, number in enumerate(numbers)
            if number in known.cameras
        }
    posed = is_rigid(poses) & np.array([i in cameras for i in range(len(poses))])
    kept = np.flatnonzero(posed)
    if len(kept) < len(poses):
        detail = f"{len(poses) - len(kept)} of {len(poses)} frames without usable pose, dropped"
        faults.add("bad_pose", "iphone", detail)
    if not len(kept):
        return None
    used = tuple(cameras[i] for i in kept.tolist())
    return Recording(
        total=len(poses),
        indices=kept,
        times_s=_times(pictures, known, faults)[kept],
        poses=poses[kept],
        cameras=used if len(set(used)) > 1 else used[:1],
        colors=pictures.colors,
        depths=_depths(folder, pictures.numbers, kept.tolist(), used[0], faults),
    )


def _pictures(folder: Path, faults: Faults) -> _Pictures | None:
    for name in _VIDEOS:
        if not files.is_file(folder / name):
            continue
        video = VideoFile(folder / name)
        try:
            ((_, first),) = video.read([0])
            if video.total > MOST:
                raise SceneError("bad_video", f"{name}: more than {MOST:,} frames")
        except (SceneError, ValueError) as error:
            told = str(error) if isinstance(error, SceneError) else "its first frame is damaged"
            faults.add("bad_video", name, f"{told}; not used")
            continue
        size = (first.shape[1], first.shape[0])
        return _Pictures(np.arange(video.total, dtype=np.float64), video.times_s, size, video)
    numbered = _numbered(folder / "rgb")
    if not numbered:
        return None
    numbers = sorted(numbered)
    paths = dict(enumerate(numbered[number] for number in numbers))
    if numbers[-1] >= len(numbers):
        detail = f"{len(numbers)} of {numbers[-1] + 1} frames are there; they count as the video"
        faults.add("thinned_frames", "rgb", detail)
    try:
        size = image_size(paths[0])
    except SceneError as error:
        faults.add("bad_image", "rgb", f"{error}; no picture is used")
        return None
    return _Pictures(np.array(numbers, dtype=np.float64), None, size, ImageFiles(paths))


def _numbered(folder: Path) -> dict[int, Path]:
    """Return the first pictures frame_000000.jpg, ... of a folder by number."""
    return dict(islice(files.numbered(folder, _PICTURES, prefix="frame_").items(), MOST))


def _tracked(path: Path, faults: Faults) -> _Tracked:
    """Return what the phone knew; the file may be large, so it is read member by member."""
    times: dict[int, float] = {}
    poses: dict[int, Floats] = {}
    cameras: dict[int, Camera] = {}
    if not files.is_file(path):
        return _Tracked(times, poses, cameras)
    try:
        with path.open("rb") as stream:
            for count, member in enumerate(json_stream.members(path)):
                if count == MOST:
                    break
                name = json_stream.parse(stream, member.key)
                match = _FRAME.fullmatch(name) if isinstance(name, str) else None
                value = json_stream.parse(stream, member.value, member.depth)
                if match is None or not isinstance(value, dict):
                    continue
                number = int(match["number"])
                time, pose = number_of(value.get("timestamp")), matrix_of(value.get("aligned_pose"))
                camera = _intrinsic(value.get("intrinsic"))
                if time is not None and np.isfinite(time):
                    times.setdefault(number, time)
                if pose is not None:
                    poses.setdefault(number, pose)
                if camera is not None:
                    cameras.setdefault(number, camera)
    except SpatialgenError as error:
        detail = str(error).replace(str(path), path.name)
        faults.add("bad_poses", path.name, f"{detail}; {len(poses)} poses before that are used")
    except OSError as error:
        faults.add("bad_poses", path.name, f"can't be read: {error.strerror}")
    return _Tracked(times, poses, cameras)


def _intrinsic(raw: object) -> Camera | None:
    numbers = flat_numbers_of(raw, 9)
    if numbers is None:
        return None
    return lens((numbers[0], numbers[4], numbers[2], numbers[5], *SIZE))


def _between(given: Mapping[str, Floats], numbers: Floats) -> Floats:
    """Return the pose of every frame (n, 4, 4), from those of frames by file name."""
    matched = [(_FRAME.fullmatch(name), pose) for name, pose in given.items()]
    known = {int(match["number"]): pose for match, pose in matched if match}
    at = np.array(sorted(known), dtype=np.float64)
    matrices = np.array([known[int(number)] for number in at]).reshape(-1, 4, 4)
    way = track(at, quaternions_of(matrices[:, :3, :3]), matrices[:, :3, 3])
    return way.at(numbers, POSE_GAP)


def _times(pictures: _Pictures, known: _Tracked, faults: Faults) -> Floats:
    """Return when each frame was taken: as the video says, else the phone, else by its rate."""
    if pictures.times_s is not None:
        return pictures.times_s
    times = np.array([known.times_s.get(int(number), np.nan) for number in pictures.numbers])
    if np.isfinite(times).all() and (np.diff(times) > 0).all():
        return np.asarray(times - times[0])
    faults.add("assumed_frame_rate", "rgb", f"no usable times, so {RATE:g} frames a second")
    return np.asarray((pictures.numbers - pictures.numbers[0]) / RATE)


def _depths(
    folder: Path, numbers: Floats, kept: Sequence[int], camera: Camera, faults: Faults
) -> Depths | None:
    """Return depth by index: exported pictures, else the phone's own file."""
    wanted = {i: int(numbers[i]) for i in kept}
    exported = _numbered(folder / "depth")
    paths = {i: exported[number] for i, number in wanted.items() if number in exported}
    depth_camera = resized(camera, DEPTH_WIDTH, DEPTH_HEIGHT)
    if paths:
        if len(paths) < len(wanted):
            detail = f"{len(wanted) - len(paths)} of {len(wanted)} frames without depth image"
            faults.add("missing_depth", "depth", detail)
        return DepthFiles(paths, depth_camera, np.eye(4))
    path = folder / "depth.bin"
    if not files.is_file(path):
        faults.add("missing_depth", path.name, "no depth of the phone; the mesh tells what hides")
        return None
    try:
        stream = DepthStream(path, depth_camera, np.eye(4))
    except SceneError as error:
        faults.add(error.code, path.name, f"{reason(error)}; depth is not used")
        return None
    return _Renumbered(stream, wanted)


class _Renumbered:
    """Depth of a phone's frames, asked by their place among the pictures that are there."""

    def __init__(self, stream: DepthStream, numbers: Mapping[int, int]) -> None:
        self.camera = stream.camera
        self.from_color = stream.from_color
        self._stream = stream
        self._numbers = dict(numbers)

    def read(self, index: int) -> Depth:
        if index not in self._numbers:
            raise SceneError("bad_depth", f"there is no depth image of frame {index}")
        return self._stream.read(self._numbers[index])
