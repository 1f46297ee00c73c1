"""Frames of a scene's video as picture files, for models to be shown."""

import json
import re
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen import scenes
from spatialgen.cameras import resized
from spatialgen.errors import SceneError
from spatialgen.media.images import read_each, reduced, write_image
from spatialgen.media.sampling import uniform
from spatialgen.records import Note
from spatialgen.scan import Image, Recording

#: What is beside the pictures.
LISTING = "frames.json"

_PICTURE = re.compile(r"frame_[0-9]{6,}\.(?:jpg|png)")

# Words in the codes of notes that can tell why there is no picture.
_WORDS = ("missing", "pose", "video", "sens", "compression")


def export(
    path: Path,
    out: Path,
    count: int,
    name: str | None = None,
    format: str | None = None,
    max_side: int | None = None,
    png: bool = False,
) -> dict[str, Any]:
    """Write ``count`` frames, evenly taken from the whole video, and ``frames.json``; return that.

    Each frame has its index, time, file, camera (of the picture as written) and pose
    (camera-to-world, 4 x 4, OpenCV axes). Frames without a usable pose or picture are
    left out, and listed; pictures that an earlier run left in ``out`` are removed.
    ``max_side`` is the longest side in pixels that pictures are reduced to. Raises
    UsageError and SceneError as ``inspect`` does, and SceneError
    ``missing_frames`` where there is no picture.
    """
    scan = scenes.load_named(path, scenes.open_scenes([path], format), name)
    recording, colors = scan.recording, None if scan.recording is None else scan.recording.colors
    if recording is None or colors is None:
        why = "; ".join(note.detail for note in scan.scene.notes if _tells_why(note))
        raise SceneError("missing_frames", f"{path}: has no pictures ({why or 'see inspect'})")
    wanted = sorted(set(uniform(recording.total, count)))
    places = {int(index): place for place, index in enumerate(recording.indices)}
    left_out = [_left_out(i, "bad_pose", "no usable pose") for i in wanted if i not in places]
    out.mkdir(parents=True, exist_ok=True)
    listed: list[dict[str, Any]] = []
    for index, found in read_each(colors, [i for i in wanted if i in places]):
        if isinstance(found, SceneError):
            left_out.append(_left_out(index, found.code, str(found)))
            continue
        image = found if max_side is None else reduced(found, max_side)
        file = f"frame_{index:06d}.{'png' if png else 'jpg'}"
        write_image(out / file, image)
        listed.append(_entry(recording, places[index], image, file))
    if not listed:
        why = left_out[0]["detail"]
        raise SceneError("missing_frames", f"{path}: no frame has a pose and a picture ({why})")
    _remove_others(out, {entry["file"] for entry in listed})
    report = {
        "dataset": scan.scene.dataset,
        "scene_name": scan.scene.name,
        "total": recording.total,
        "sampling": f"uniform-{count}",
        "frames": listed,
        "left_out": sorted(left_out, key=lambda each: int(each["index"])),
    }
    text = json.dumps(report, indent=1, allow_nan=False)
    (out / LISTING).write_text(text + "\n", encoding="utf-8", newline="\n")
    return report


def _tells_why(note: Note) -> bool:
    return any(word in note.code for word in _WORDS)


def _remove_others(out: Path, written: Collection[str]) -> None:
    """Remove the pictures that an earlier run wrote there, which the listing does not name."""
    for path in sorted(out.iterdir()):
        if _PICTURE.fullmatch(path.name) and path.name not in written:
            path.unlink()


def _entry(recording: Recording, place: int, image: Image, file: str) -> dict[str, Any]:
    height, width = image.shape[:2]
    camera = asdict(resized(recording.camera(place), width, height))
    return {
        "index": int(recording.indices[place]),
        "time_s": round(float(recording.times_s[place]), 6),
        "file": file,
        "camera": camera,
        "pose": np.asarray(recording.poses[place]).tolist(),
    }


def _left_out(index: int, code: str, detail: str) -> dict[str, Any]:
    return {"index": index, "code": code, "detail": detail}
