"""Small scans in ScanNet's layout for tests: a room with a table, two chairs and a bin."""

import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from spatialgen.scan import Scan
from spatialgen.scenes import SceneRef
from spatialgen.scenes.scannet import FORMAT

Array = npt.NDArray[Any]

NAME = "scene0000_00"
#: Of the real scene0000_00, as published with the dataset's text files.
ALIGNMENT = np.array(
    [
        [0.945519, 0.325568, 0, -5.38439],
        [-0.325568, 0.945519, 0, -2.87178],
        [0, 0, 1, -0.06435],
        [0, 0, 0, 1],
    ]
)
#: Length, width and height of the room in metres.
ROOM = (4.0, 3.0, 2.5)
#: Label, centre, size and turn in degrees of the things, in the aligned frame.
THINGS = (
    ("table", (0.0, 0.0, 0.4), (1.6, 0.8, 0.8), 20.0),
    ("chair", (1.2, 0.3, 0.45), (0.5, 0.4, 0.9), 75.0),
    ("chair", (-1.3, -0.4, 0.45), (0.5, 0.4, 0.9), 0.0),
    ("trash can", (1.6, 1.1, 0.2), (0.35, 0.3, 0.4), 10.0),
)
COLOR, DEPTH = (64, 48), (32, 24)


@dataclass
class Made:
    """What the files of a scan hold; a test changes it before it is saved."""

    vertices: Array
    faces: Array
    segments: list[Any]
    groups: list[Any]
    labels: Array
    text: dict[str, str] = field(default_factory=dict)
    scene_id: str = f"scannet.{NAME}"

    def group(self, label: str, number: int = 0) -> dict[str, Any]:
        """Return the group of a label, to be changed."""
        found: dict[str, Any] = [each for each in self.groups if each["label"] == label][number]
        return found


def room(step: float = 0.05) -> Made:
    """Return a scan without fault, as ScanNet would have it: the mesh is not aligned yet.

    Vertices of things are ``step`` apart, in metres, those of walls twice as much.
    """
    length, width, height = ROOM

    def _wall(*sides: Any) -> tuple[Array, Array]:
        return _plate(*sides, 2 * step)

    shell = [
        ("floor", _wall((-length / 2, -width / 2, 0), (length, 0, 0), (0, width, 0))),
        ("wall", _wall((-length / 2, -width / 2, 0), (length, 0, 0), (0, 0, height))),
        ("wall", _wall((-length / 2, width / 2, 0), (length, 0, 0), (0, 0, height))),
        ("wall", _wall((-length / 2, -width / 2, 0), (0, width, 0), (0, 0, height))),
        ("wall", _wall((length / 2, -width / 2, 0), (0, width, 0), (0, 0, height))),
        ("ceiling", _wall((-length / 2, -width / 2, height), (length, 0, 0), (0, width, 0))),
        ("", _wall((-0.5, 1.4, 1.2), (0.4, 0, 0), (0, 0, 0.4))),  # nobody annotated it
    ]
    parts = shell + [
        (label, _block(center, size, turn, step)) for label, center, size, turn in THINGS
    ]
    nyu40 = {"wall": 1, "floor": 2, "ceiling": 22, "chair": 5, "table": 7}
    vertices, faces, segments, labels, groups = [], [], [], [], []
    start = 0
    for number, (label, (corners, triangles)) in enumerate(parts):
        vertices.append(corners)
        faces.append(triangles + start)
        # Two segments a part, whose numbers are those of vertices and not 0, 1, 2, ...
        half = len(corners) // 2
        names = [start + 7, start + half]
        segments += [names[0]] * half + [names[1]] * (len(corners) - half)
        labels += [nyu40.get(label, 0)] * len(corners)
        if label:
            own = {"id": number, "objectId": len(groups), "segments": names, "label": label}
            groups.append(own)
        start += len(corners)
    back = np.linalg.inv(ALIGNMENT)
    raw = np.concatenate(vertices) @ back[:3, :3].T + back[:3, 3]
    text = {
        "axisAlignment": " ".join(f"{value:.6f}" for value in ALIGNMENT.ravel()) + " ",
        "colorToDepthExtrinsics": "1 0 0 -0.038 0 1 0 0 0 0 1 0 0 0 0 1",
        "colorHeight": str(COLOR[1]), "colorWidth": str(COLOR[0]),
        "depthHeight": str(DEPTH[1]), "depthWidth": str(DEPTH[0]),
        "fx_color": "60", "fx_depth": "30", "fy_color": "60", "fy_depth": "30",
        "mx_color": "31.5", "mx_depth": "15.5", "my_color": "23.5", "my_depth": "11.5",
        "numColorFrames": "4", "numDepthFrames": "4", "sceneType": "Office",
    }  # fmt: skip
    return Made(raw, np.concatenate(faces), segments, groups, np.array(labels), text)


def save(made: Made, folder: Path, kind: str = "binary_little_endian", name: str = NAME) -> Path:
    """Write the scan's mesh, annotation and text file into ``folder/<name>`` and return that."""
    scan = folder / name
    scan.mkdir(parents=True, exist_ok=True)
    (scan / f"{name}_vh_clean_2.ply").write_bytes(ply(made.vertices, made.faces, kind))
    save_annotation(made, scan, name)
    save_text(made, scan, name)
    return scan


def save_annotation(made: Made, scan: Path, name: str = NAME) -> None:
    """Write the segments, with parameters as strings as in real ones, and the groups."""
    segments = {
        "params": {"kThresh": "0.0001", "segMinVerts": "20"},
        "sceneId": name,
        "segIndices": made.segments,
    }
    file = f"{name}_vh_clean_2.0.010000.segs.json"
    (scan / file).write_text(json.dumps(segments))
    groups = {
        "sceneId": made.scene_id,
        "appId": "Aggregator.v2",
        "segGroups": made.groups,
        "segmentsFile": f"scannet.{file}",
    }
    (scan / f"{name}.aggregation.json").write_text(json.dumps(groups))


def save_text(made: Made, scan: Path, name: str = NAME) -> None:
    """Write the text file; the last line has no newline."""
    lines = [f"{key} = {value}" for key, value in made.text.items()]
    (scan / f"{name}.txt").write_text("\n".join(lines))


def save_labels(made: Made, scan: Path, name: str = NAME) -> None:
    """Write the mesh with the label of every vertex."""
    content = ply(made.vertices, made.faces, labels=made.labels)
    (scan / f"{name}_vh_clean_2.labels.ply").write_bytes(content)


def ply(
    vertices: Array, faces: Array, kind: str = "binary_little_endian", labels: Array | None = None
) -> bytes:
    """Return a PLY file as ScanNet writes it, with colours and alpha."""
    label = "" if labels is None else "property ushort label\n"
    header = (
        f"ply\nformat {kind} 1.0\ncomment VCGLIB generated\nelement vertex {len(vertices)}\n"
        "property float x\nproperty float y\nproperty float z\nproperty uchar red\n"
        f"property uchar green\nproperty uchar blue\nproperty uchar alpha\n{label}"
        f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode()
    order = ">" if kind == "binary_big_endian" else "<"
    fields = [("xyz", f"{order}f4", 3), ("rgba", "u1", 4)]
    fields += [] if labels is None else [("label", f"{order}u2")]
    rows = np.zeros(len(vertices), np.dtype(fields))
    rows["xyz"], rows["rgba"] = vertices, (174, 199, 232, 255)
    if labels is not None:
        rows["label"] = labels
    corners = np.zeros(len(faces), np.dtype([("n", "u1"), ("v", f"{order}i4", 3)]))
    corners["n"], corners["v"] = 3, faces
    if kind != "ascii":
        return header + rows.tobytes() + corners.tobytes()
    lines = [
        " ".join(str(value) for name, *_ in fields for value in row[name].flat) for row in rows
    ]
    lines += [f"3 {a} {b} {c}" for a, b, c in np.asarray(faces)]
    return header + "\n".join(lines).encode() + b"\n"


def poses(count: int) -> list[Array]:
    """Return camera-to-world poses in the mesh's frame: a camera in the room that turns."""
    back = np.linalg.inv(ALIGNMENT)
    found = []
    for turn in np.linspace(0, math.pi, count):
        ahead = np.array([math.cos(turn), math.sin(turn), 0])
        right = np.array([math.sin(turn), -math.cos(turn), 0])
        pose = np.eye(4)
        pose[:3, :3] = np.stack([right, (0, 0, -1), ahead], axis=1)
        pose[:3, 3] = (-0.5, 0.2, 1.5)
        found.append(back @ pose)
    return found


def color_image(index: int, size: tuple[int, int] = COLOR) -> Array:
    """Return a picture (height, width, 3) that tells its number: blue, green, red."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    image[:] = (40 * (index % 6), 200, 10)
    return image


def depth_image(index: int, size: tuple[int, int] = DEPTH) -> Array:
    """Return depth in millimetres (height, width)."""
    return np.full((size[1], size[0]), 1000 + index % 1000, np.uint16)


def save_exported(
    scan: Path,
    numbers: range | list[int],
    color_size: tuple[int, int] = COLOR,
    depth_size: tuple[int, int] = DEPTH,
) -> None:
    """Write exported frames with these numbers."""
    for folder in ("color", "depth", "pose", "intrinsic"):
        (scan / folder).mkdir(exist_ok=True)
    for number, pose in zip(numbers, poses(len(numbers)), strict=True):
        cv2.imwrite(str(scan / f"color/{number}.jpg"), color_image(number % 5, color_size))
        cv2.imwrite(str(scan / f"depth/{number}.png"), depth_image(number, depth_size))
        save_pose(scan, number, pose)
    save_lens(scan, "color", 60, COLOR)
    save_lens(scan, "depth", 30, DEPTH)


def save_pose(scan: Path, number: int, pose: Array) -> None:
    """Write one pose as the exporter does."""
    (scan / "pose").mkdir(exist_ok=True)
    np.savetxt(scan / f"pose/{number}.txt", pose, fmt="%f")


def save_lens(scan: Path, kind: str, focal: float, size: tuple[int, int]) -> None:
    """Write exported intrinsics."""
    (scan / "intrinsic").mkdir(exist_ok=True)
    np.savetxt(scan / f"intrinsic/intrinsic_{kind}.txt", lens(focal, size), fmt="%f")


def lens(focal: float, size: tuple[int, int]) -> Array:
    """Return intrinsics (4, 4) with the principal point in the middle."""
    width, height = size
    matrix = np.eye(4)
    matrix[:2, :3] = [[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2]]
    return matrix


def sens(count: int, **changes: Any) -> bytes:
    """Return a ``.sens`` file of ``count`` frames; ``changes`` replace parts of it."""
    color = {"kind": 2, "bytes": None, **changes.get("color", {})}
    depth = {"kind": 1, "bytes": None, **changes.get("depth", {})}
    stamps = changes.get("stamps", [1_000_000 + 33_333 * index for index in range(count)])
    name = b"StructureSensor"
    matrices = [lens(60, COLOR), np.eye(4), lens(30, DEPTH), np.eye(4)]
    parts = [struct.pack("<IQ", 4, len(name)), name]
    parts += [matrix.astype("<f4").tobytes() for matrix in changes.get("matrices", matrices)]
    parts.append(struct.pack("<2i4I", color["kind"], depth["kind"], *COLOR, *DEPTH))
    parts.append(struct.pack("<fQ", 1000.0, changes.get("declared", count)))
    for index, pose in enumerate(changes.get("poses", poses(count))):
        picture = color["bytes"] or cv2.imencode(".jpg", color_image(index))[1].tobytes()
        steps = depth["bytes"] or zlib.compress(depth_image(index).tobytes())
        parts.append(np.asarray(pose).astype("<f4").tobytes())
        parts.append(struct.pack("<4Q", stamps[index], stamps[index], len(picture), len(steps)))
        parts += [picture, steps]
    parts.append(struct.pack("<Q", 0))  # the motion sensor wrote nothing
    return b"".join(parts)


def load(scan: Path) -> Scan:
    """Return the only scan in a folder."""
    (found,) = FORMAT.index(scan)
    assert isinstance(found, SceneRef)
    return FORMAT.load(found)


def noted(scan: Scan) -> dict[str, str]:
    """Return the details of a scan's notes by code; of equal codes the last."""
    return {note.code: note.detail for note in scan.scene.notes}


def _plate(corner: Any, along: Any, across: Any, step: float) -> tuple[Array, Array]:
    """Return vertices and triangles of a rectangle."""
    columns = round(float(np.linalg.norm(along)) / step) + 1
    rows = round(float(np.linalg.norm(across)) / step) + 1
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    vertices = np.array(corner) + u.reshape(-1, 1) * along + v.reshape(-1, 1) * np.array(across)
    at = np.arange(columns * rows).reshape(rows, columns)
    square = [at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]]
    a, b, c, d = (each.ravel() for each in square)
    return vertices, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def _block(center: Any, size: Any, turn_deg: float, step: float) -> tuple[Array, Array]:
    """Return vertices and triangles of the surface of a turned block."""
    angle = math.radians(turn_deg)
    turn = np.array(
        [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]
    )
    x, y, z = np.diag(size)
    low = -np.array(size) / 2
    sides = [
        _plate(low, x, y, step), _plate(low + z, x, y, step), _plate(low, x, z, step),
        _plate(low + y, x, z, step), _plate(low, y, z, step), _plate(low + x, y, z, step),
    ]  # fmt: skip
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in sides)])
    vertices = np.concatenate([vertices for vertices, _ in sides])
    faces = [side[1] + start for side, start in zip(sides, starts, strict=False)]
    return vertices @ turn.T + np.array(center), np.concatenate(faces)
