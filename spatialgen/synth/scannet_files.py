"""A made room in the files of a ScanNet scan, with the truth beside them.

As in a real scan, mesh and poses are in a frame of their own, turned and
shifted; the matrix axisAlignment in <name>.txt brings them to the frame that
is aligned with the walls and has its floor at z = 0.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.optional import require
from spatialgen.records import Camera
from spatialgen.rng import generator
from spatialgen.scan import Floats
from spatialgen.synth import truth
from spatialgen.synth.meshing import colors
from spatialgen.synth.rooms import DATASET
from spatialgen.synth.scans import MadeRoom

#: Depth images count in millimetres.
MILLIMETRES = 1000.0

#: Quality of colour images, of 100.
JPEG_QUALITY = 95

_VERTEX = np.dtype([("place", "<f4", 3), ("color", "u1", 4)])
_FACE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])

#: What the segmenter of real scans was called with; it goes into the file.
_SEGMENTER = {
    "kThresh": "0.0001",
    "segMinVerts": "20",
    "minPoints": "750",
    "maxPoints": "30000",
    "thinThresh": "0.05",
    "flatThresh": "0.001",
    "minLength": "0.02",
    "maxLength": "1",
}


@dataclass(frozen=True, eq=False)
class Alignment:
    """``matrix`` (4, 4) turns points of the raw frame into the aligned one; ``inverse`` back."""

    matrix: Floats
    inverse: Floats

    def raw(self, points: Floats) -> Floats:
        """Return aligned points (n, 3) in the raw frame."""
        return np.asarray(points @ self.inverse[:3, :3].T + self.inverse[:3, 3])


def write(folder: Path, room: MadeRoom, seed: int, index: int, fps: float) -> None:
    """Write all files of a room into an existing, empty folder."""
    alignment = _alignment(room, generator(seed, "synth", index, "frame"))
    name = room.scan.scene.name
    _write_mesh(folder / f"{name}_vh_clean_2.ply", room, alignment)
    _write_segments(folder, name, room)
    _write_text(folder / f"{name}.txt", room, alignment, fps)
    _write_intrinsics(folder / "intrinsic", room.film.camera)
    seen = _write_pictures(folder, name, room, alignment, fps)
    document = truth.of_room(room) | {
        "axis_alignment": alignment.matrix.tolist(),
        "fps": fps,
        **_over_time(room, seen, fps),
    }
    _write_json(folder / "truth.json", document)


def _alignment(room: MadeRoom, rng: np.random.Generator) -> Alignment:
    """Draw the turn and shift; the raw frame's lowest corner is about its origin."""
    angle = rng.uniform(-math.pi, math.pi)
    cos, sin = round(math.cos(angle), 6), round(math.sin(angle), 6)
    turn = np.array([(cos, -sin, 0.0), (sin, cos, 0.0), (0.0, 0.0, 1.0)])
    unturned = room.cut.vertices @ np.linalg.inv(turn).T
    low = unturned.min(axis=0) - (0, 0, rng.uniform(0.0, 0.1))
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = np.round(turn @ low, 5)
    return Alignment(matrix, np.asarray(np.linalg.inv(matrix), dtype=np.float64))


def _write_mesh(path: Path, room: MadeRoom, alignment: Alignment) -> None:
    vertices = np.empty(len(room.cut.vertices), dtype=_VERTEX)
    vertices["place"] = alignment.raw(room.cut.vertices)
    vertices["color"] = colors(room.model, room.cut)
    faces = np.empty(len(room.cut.faces), dtype=_FACE)
    faces["count"], faces["corners"] = 3, room.cut.faces
    axes = [f"property float {axis}" for axis in "xyz"]
    channels = [f"property uchar {channel}" for channel in ("red", "green", "blue", "alpha")]
    header = [
        "ply",
        "format binary_little_endian 1.0",
        "comment made by spatialgen synth",
        f"element vertex {len(vertices)}",
        *axes,
        *channels,
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header",
    ]
    text = "".join(f"{line}\n" for line in header)
    path.write_bytes(text.encode("ascii") + vertices.tobytes() + faces.tobytes())


def _write_segments(folder: Path, name: str, room: MadeRoom) -> None:
    """Write which segment each vertex is in, and which segments each object has.

    A segment is called by the first of its vertices, so ids have gaps.
    """
    scene_id = f"{DATASET}.{name}"
    of_vertex = room.model.segments[room.cut.vertex_quads]
    _, first, place = np.unique(of_vertex, return_index=True, return_inverse=True)
    ids = first[place]
    owners = room.model.owners[room.cut.vertex_quads]
    labels = [thing.label for thing in room.scan.scene.objects] + list(room.model.pieces)
    groups = [
        {
            "id": k,
            "objectId": k,
            "segments": np.unique(ids[owners == k]).tolist(),
            "label": label,
        }
        for k, label in enumerate(labels)
    ]
    segments_file = f"{name}_vh_clean_2.0.010000.segs.json"
    document = {"params": _SEGMENTER, "sceneId": scene_id, "segIndices": ids.tolist()}
    _write_json(folder / segments_file, document)
    aggregation = {
        "sceneId": scene_id,
        "appId": "Aggregator.v2",
        "segGroups": groups,
        "segmentsFile": f"{DATASET}.{segments_file}",
    }
    _write_json(folder / f"{name}.aggregation.json", aggregation)


def _write_text(path: Path, room: MadeRoom, alignment: Alignment, fps: float) -> None:
    camera, frames = room.film.camera, len(room.film.poses)
    values: dict[str, object] = {
        "axisAlignment": _spaced(alignment.matrix),
        "colorHeight": camera.height,
        "colorToDepthExtrinsics": _spaced(np.eye(4)),
        "colorWidth": camera.width,
        "depthHeight": camera.height,
        "depthWidth": camera.width,
        "frameRate": f"{fps:.9g}",
    }
    for key, value in (("fx", camera.fx), ("fy", camera.fy), ("mx", camera.cx), ("my", camera.cy)):
        values |= {f"{key}_color": f"{value:.6f}", f"{key}_depth": f"{value:.6f}"}
    values |= {
        "numColorFrames": frames,
        "numDepthFrames": frames,
        "numIMUmeasurements": 0,
        "sceneType": "Synthetic",
    }
    path.write_text("".join(f"{key} = {values[key]}\n" for key in sorted(values)), encoding="ascii")


def _write_intrinsics(folder: Path, camera: Camera) -> None:
    folder.mkdir()
    matrix = np.eye(4)
    matrix[0, 0], matrix[1, 1] = camera.fx, camera.fy
    matrix[0, 2], matrix[1, 2] = camera.cx, camera.cy
    for sensor in ("color", "depth"):
        _write_matrix(folder / f"intrinsic_{sensor}.txt", matrix)
        _write_matrix(folder / f"extrinsic_{sensor}.txt", np.eye(4))


def _write_pictures(
    folder: Path, name: str, room: MadeRoom, alignment: Alignment, fps: float
) -> list[dict[int, dict[str, Any]]]:
    """Write every frame and the video; return what each frame shows."""
    cv2 = require("cv2", "writing pictures")
    for kind in ("color", "depth", "pose"):
        (folder / kind).mkdir()
    camera, witness, seen = room.film.camera, truth.Witness(room), []
    video = cv2.VideoWriter(
        str(folder / f"{name}.mp4"),
        cv2.VideoWriter.fourcc(*"mp4v"),
        fps,
        (camera.width, camera.height),
    )
    if not video.isOpened():
        raise OSError(f"{folder / name}.mp4: OpenCV can't write this video")
    for index, pose in enumerate(room.film.poses):
        shot = room.film.shot(index)
        seen.append(witness.look(pose, shot))
        video.write(shot.color)
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        _write_image(cv2, folder / "color" / f"{index}.jpg", shot.color, quality)
        depth = np.clip(np.rint(shot.depth * MILLIMETRES), 0, 65535).astype(np.uint16)
        _write_image(
            cv2, folder / "depth" / f"{index}.png", depth, [cv2.IMWRITE_PNG_COMPRESSION, 1]
        )
        _write_matrix(folder / "pose" / f"{index}.txt", alignment.inverse @ pose)
    video.release()
    if not (folder / f"{name}.mp4").stat().st_size:
        raise OSError(f"{folder / name}.mp4: OpenCV wrote nothing; is the disk full?")
    return seen


def _write_image(cv2: Any, path: Path, image: npt.NDArray[Any], parameters: list[int]) -> None:
    made, data = cv2.imencode(path.suffix, image, parameters)
    if not made:
        raise OSError(f"{path}: OpenCV can't encode this picture")
    path.write_bytes(data.tobytes())


def _over_time(room: MadeRoom, seen: list[dict[int, dict[str, Any]]], fps: float) -> dict[str, Any]:
    """Return the truth about the pictures: every sighting, and when each object is first seen."""
    camera = room.film.camera
    first: dict[str, float] = {}
    for index, sightings in enumerate(seen):
        for owner in sorted(sightings):
            if truth.is_seen(sightings[owner], camera):
                first.setdefault(str(owner), index / fps)
    frames = [
        {"index": index, "time_s": index / fps, "seen": {str(k): sightings[k] for k in sightings}}
        for index, sightings in enumerate(seen)
    ]
    return {"first_seen": first, "frames": frames}


def _spaced(matrix: Floats) -> str:
    return " ".join(f"{value:.6f}" for value in matrix.ravel()) + " "


def _write_matrix(path: Path, matrix: Floats) -> None:
    rows = [" ".join(f"{value:.6f}" for value in row) for row in matrix]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="ascii")


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, allow_nan=False), encoding="ascii")
