"""The pictures of made rooms as rows of a table: one for each frame that scenes.jsonl lists."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from spatialgen.cameras import resized
from spatialgen.dataset.rows import Row
from spatialgen.errors import DatasetError, SceneError
from spatialgen.media.images import encoded, read_each, reduced
from spatialgen.records import Camera
from spatialgen.scan import Image, Recording
from spatialgen.scenes import SceneIndex, SceneRef, load
from spatialgen.tables.shards import VIEWER_BYTES

# How far a camera may be from where the dataset says it is, in metres and shares of an axis.
_SAME_POSE = 1e-6

# What is left of a row for its picture.
_PICTURE_BYTES = VIEWER_BYTES - 20_000


@dataclass
class FrameRows:
    """The cells of the frames of scenes, streamed; ``left_out`` counts frames by reason.

    ``scans`` is where the pictures are looked for.
    """

    scans: SceneIndex
    left_out: dict[str, int] = field(default_factory=dict)

    def of(self, scenes: Iterable[Row]) -> Iterator[dict[str, Any]]:
        """Yield the frames of rows of scenes.jsonl, scene by scene.

        Raises DatasetError for a scene whose scan is not there, or is another one.
        """
        refs = {(ref.dataset, ref.name): ref for ref in self.scans.refs}
        for scene in scenes:
            if scene["frames"]:
                yield from self._frames(scene, refs.get((scene["dataset"], scene["scene_name"])))

    def _frames(self, scene: Row, ref: SceneRef | None) -> Iterator[dict[str, Any]]:
        name = f"{scene['dataset']}/{scene['scene_name']}"
        if ref is None:
            raise DatasetError(f"{name}: its pictures are not under the scenes given; add its scan")
        recording = load(ref).recording
        if recording is None or recording.colors is None:
            raise DatasetError(f"{name}: its scan has no pictures")
        frames = {frame["index"]: frame for frame in scene["frames"]}
        _refuse_other(name, recording, frames)
        for index, found in read_each(recording.colors, sorted(frames)):
            if isinstance(found, SceneError):
                self.left_out[found.code] = self.left_out.get(found.code, 0) + 1
                continue
            yield _cells(scene, frames[index], found)


def _refuse_other(name: str, recording: Recording, frames: Mapping[int, Row]) -> None:
    places = {int(index): place for place, index in enumerate(recording.indices)}
    for index, frame in frames.items():
        place = places.get(index)
        if place is None or not _same_view(recording, place, frame):
            raise DatasetError(
                f"{name}: its scan is not the one that was asked about (frame {index} differs); "
                "give the scenes that `propose` was given"
            )


def _same_view(recording: Recording, place: int, frame: Row) -> bool:
    camera, pose = recording.camera(place), np.asarray(recording.poses[place])[:3]
    same_size = frame["camera"][4:] == [camera.width, camera.height]
    return same_size and np.allclose(pose, frame["pose"], rtol=0, atol=_SAME_POSE)


def _cells(scene: Row, frame: Row, image: Image) -> dict[str, Any]:
    content = encoded(image, ".jpg")
    while len(content) > _PICTURE_BYTES:
        image = reduced(image, max(image.shape[:2]) * 3 // 4)
        content = encoded(image, ".jpg")
    height, width = image.shape[:2]
    file = f"{scene['scene_name']}_{frame['index']:06d}.jpg"
    return {
        "dataset": scene["dataset"],
        "scene_name": scene["scene_name"],
        "index": frame["index"],
        "time_s": frame["time_s"],
        "camera": _lens(frame["camera"], width, height),
        "pose": frame["pose"],
        "image": {"bytes": content, "path": file},
    }


def _lens(stored: Sequence[float], width: int, height: int) -> dict[str, Any]:
    fx, fy, cx, cy, *size = stored
    camera = resized(Camera(fx, fy, cx, cy, int(size[0]), int(size[1])), width, height)
    lens = asdict(camera)
    del lens["fisheye"]  # made rooms are filmed with a pinhole
    return lens
