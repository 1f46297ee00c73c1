"""The recording of a ScanNet scan, from whichever of its forms is on the disk.

In this order: exported pictures (``color/``, ``depth/``) with ``pose/``; a video
``<id>.mp4`` with ``pose/``; ``<id>.sens``; poses alone. A pose is the colour
camera's: ScanNet's own projection of annotations renders with it and the colour
intrinsics. Frames without a usable pose, or whose picture is missing, are dropped
and counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.media.images import DepthFiles, ImageFiles, image_size
from spatialgen.media.sens import SensFile
from spatialgen.media.video import VideoFile
from spatialgen.records import Camera
from spatialgen.scan import Colors, Depths, Floats, Recording
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import reason
from spatialgen.scenes._rigid import is_rigid, read_matrix
from spatialgen.scenes._scannet_cameras import (
    Place,
    exported_camera,
    from_color,
    sens_camera,
    times_of,
    times_of_stamps,
)

#: A video whose frames are fewer or more than the poses by a larger share is of other frames.
FRAMES_TOLERANCE = 0.02
#: So many fewer or more are forgiven in any case.
FRAMES_SLACK = 2
#: Pictures that are looked at, at most, to learn their size.
SIZED = 10

_PICTURES = (".jpg", ".jpeg", ".png")
_VIDEOS = (".mp4", ".mkv", ".avi", ".mov", ".webm")
_UNKNOWN = np.full((4, 4), np.nan)


@dataclass(frozen=True, eq=False)
class _Frames:
    """n frames of a video of ``total``, with poses (n, 4, 4) as written."""

    total: int
    indices: npt.NDArray[np.int64]
    times_s: Floats
    poses: Floats
    camera: Camera
    colors: Colors | None
    depths: Depths | None


def recording(place: Place, alignment: Floats) -> Recording | None:
    """Return the recording, its poses turned by ``alignment`` (4, 4), or None where there is none.

    What is missing or dropped is told in ``place.faults``.
    """
    for source in _sources(place):
        frames = source()
        if frames is None:
            continue
        usable = is_rigid(frames.poses)
        if not usable.all():
            detail = f"{int((~usable).sum())} of {len(usable)} are not finite or rigid, dropped"
            place.faults.add("bad_pose", "poses", detail)
        if usable.any():
            return Recording(
                total=frames.total,
                indices=frames.indices[usable],
                times_s=frames.times_s[usable],
                poses=alignment @ frames.poses[usable],
                cameras=(frames.camera,),
                colors=frames.colors,
                depths=frames.depths,
            )
    detail = "no frames with poses, so nothing can be asked of what is seen when and from where"
    place.faults.add("missing_frames", place.name, detail)
    return None


def _sources(place: Place) -> Iterator[Callable[[], _Frames | None]]:
    """Yield what can be tried, in order."""
    poses = files.numbered(place.folder / "pose", (".txt",))
    colors = files.numbered(place.folder / "color", _PICTURES)
    video = next((path for end in _VIDEOS if files.is_file(path := place.file(end))), None)
    sens = files.is_file(place.file(".sens"))
    if colors and poses:
        yield lambda: _exported(place, poses, colors)
    if video is not None and poses:
        yield lambda: _filmed(place, poses, video)
    if sens:
        yield lambda: _recorded(place)
    if poses.keys() - colors.keys():
        yield lambda: _exported(place, poses, {})
    elif not poses and not sens and (colors or video is not None):
        what = "color" if video is None else video.name
        place.faults.add("missing_pose", what, "pictures without pose/<number>.txt, not used")


def _exported(
    place: Place, poses: Mapping[int, Path], colors: Mapping[int, Path]
) -> _Frames | None:
    """Return frames of numbered files; of a recording's every k-th frame, that is the video."""
    depths = files.numbered(place.folder / "depth", (".png",))
    numbers = np.array(list(colors or depths or poses), dtype=np.int64)
    size = _size(place, colors.values())
    camera = exported_camera(place, "color", size)
    if camera is None:
        _add_no_lens(place, "exported frames")
        return None
    if not colors:
        detail = "poses without colour pictures, so frames can't be shown to a model"
        place.faults.add("missing_picture", "color", detail)
    step = int(np.gcd.reduce(np.diff(numbers))) or 1
    total = int(numbers[-1] - numbers[0]) // step + 1
    if total > len(numbers):
        detail = f"{total - len(numbers)} of {total} frames have no file, dropped"
        place.faults.add("missing_picture", "frames", detail)
    if step > 1:
        detail = f"one in {step} is there, taken as a video of {total} frames"
        place.faults.add("thinned_frames", "frames", detail)
    elif numbers[0] == 0:
        _check_count(place, total)
    kept = _posed(place, numbers.tolist(), poses)
    index = {number: (number - int(numbers[0])) // step for number in kept}
    return _Frames(
        total=total,
        indices=np.array(list(index.values()), dtype=np.int64),
        times_s=times_of(np.array(kept, dtype=np.int64), place),
        poses=_matrices(poses, kept),
        camera=camera,
        colors=ImageFiles({at: colors[number] for number, at in index.items()}) if colors else None,
        depths=_depths(place, depths, index),
    )


def _filmed(place: Place, poses: Mapping[int, Path], path: Path) -> _Frames | None:
    """Return frames of a video; poses are numbered as its frames are."""
    video = VideoFile(path)
    try:
        times = video.times_s
        first = next(video.read([0]), None)
    except SceneError as error:
        _add_unusable(place, path, error)
        return None
    needed = max(poses) + 1
    if first is None or abs(len(times) - needed) > max(FRAMES_SLACK, FRAMES_TOLERANCE * needed):
        detail = f"{len(times)} frames for {needed} poses: it is cut or of other frames, not used"
        place.faults.add("other_video", path.name, detail)
        return None
    height, width = first[1].shape[:2]
    camera = exported_camera(place, "color", (width, height))
    if camera is None:
        _add_no_lens(place, path.name)
        return None
    kept = _posed(place, range(len(times)), poses)
    depths = files.numbered(place.folder / "depth", (".png",))
    return _Frames(
        total=len(times),
        indices=np.array(kept, dtype=np.int64),
        times_s=times[kept],
        poses=_matrices(poses, kept),
        camera=camera,
        colors=video,
        depths=_depths(place, depths, {number: number for number in kept}),
    )


def _recorded(place: Place) -> _Frames | None:
    """Return the frames of a ``.sens`` file."""
    path = place.file(".sens")
    try:
        file = SensFile(path)
    except SceneError as error:
        _add_unusable(place, path, error)
        return None
    header, parameters = file.header, place.parameters
    if file.total < header.frames:
        detail = f"cut after {file.total:,} of {header.frames:,} frames"
        place.faults.add("cut_sens", path.name, detail)
    camera = sens_camera(header.color_lens, parameters.color, header.color_size)
    if camera is None:
        _add_no_lens(place, path.name)
        return None
    if not file.total:
        return None
    _check_count(place, file.total)
    if not file.has_colors:
        detail = f"colour pictures of the unknown kind {header.color_kind}, not used"
        place.faults.add("unknown_compression", path.name, detail)
    depth = sens_camera(header.depth_lens, parameters.depth, header.depth_size)
    if depth is None or not file.has_depths:
        detail = f"depth of kind {header.depth_kind}, or without intrinsics, not used"
        place.faults.add("missing_depth", path.name, detail)
        depth = None
    return _Frames(
        total=file.total,
        indices=np.arange(file.total),
        times_s=times_of_stamps(file.stamps_us, place),
        poses=file.poses,
        camera=camera,
        colors=file if file.has_colors else None,
        depths=None if depth is None else file.depths(depth, from_color(place)),
    )


def _depths(place: Place, paths: Mapping[int, Path], index: Mapping[int, int]) -> Depths | None:
    """Return the depth images of frames (number to index), None where none has a usable one."""
    images = {at: paths[number] for number, at in index.items() if number in paths}
    if not images:
        return None
    if len(images) < len(index):
        detail = f"{len(index) - len(images)} of {len(index)} frames have no image"
        place.faults.add("missing_depth", "depth", detail)
    size = _size(place, images.values())
    camera = None if size is None else exported_camera(place, "depth", size)
    if camera is None:
        place.faults.add("missing_depth", "depth", "no usable intrinsics or image, not used")
        return None
    return DepthFiles(images, camera, from_color(place))


def _posed(place: Place, numbers: Sequence[int], poses: Mapping[int, Path]) -> list[int]:
    """Return those of the frames that have a pose file; the others are counted."""
    kept = [number for number in numbers if number in poses]
    if len(kept) < len(numbers):
        detail = f"{len(numbers) - len(kept)} of {len(numbers)} frames have no file, dropped"
        place.faults.add("missing_pose", "pose", detail)
    return kept


def _matrices(poses: Mapping[int, Path], numbers: Sequence[int]) -> Floats:
    """Return the poses (n, 4, 4); what is no 4 x 4 numbers becomes NaN."""
    found = [read_matrix(poses[number]) for number in numbers]
    return np.array([_UNKNOWN if each is None else each for each in found]).reshape(-1, 4, 4)


def _size(place: Place, paths: Iterable[Path]) -> tuple[int, int] | None:
    """Return the width and height of the first sound picture, None where there is none."""
    for path in islice(paths, SIZED):
        try:
            return image_size(path)
        except SceneError as error:
            place.faults.add(error.code, path.parent.name, str(error))
    return None


def _check_count(place: Place, total: int) -> None:
    declared = place.parameters.frames
    if declared is not None and declared != total:
        detail = f"{declared} frames in the text file, and {total} are there"
        place.faults.add("frame_count", place.name, detail)


def _add_unusable(place: Place, path: Path, error: SceneError) -> None:
    place.faults.add(error.code, path.name, f"{reason(error)}, not used")


def _add_no_lens(place: Place, what: str) -> None:
    place.faults.add("missing_intrinsics", what, "no intrinsics of the colour camera, not used")
