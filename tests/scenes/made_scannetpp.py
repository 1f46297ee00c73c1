"""ScanNet++ scenes for tests, written from the format's description.

The room is that of ``made_scannet``, in its aligned frame. The phone and the other
camera go along x and turn.
"""

import json
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.scan import Floats
from tests.media.made_pictures import numbered, save_picture, save_video
from tests.scenes import made_scannet

NAME = "0a5c013435"
SIZE = (64, 48)

#: Intrinsics as COLMAP counts: from the corner of the picture.
FISHEYE: dict[str, Any] = {
    "fl_x": 40.0, "fl_y": 41.0, "cx": 32.0, "cy": 24.0, "w": 64, "h": 48,
    "k1": 0.03, "k2": -0.01, "k3": 0.002, "k4": 0.0, "camera_model": "OPENCV_FISHEYE",
}  # fmt: skip
PINHOLE = {**FISHEYE, "k1": 0.0, "k2": 0.0, "k3": 0.0, "k4": 0.0, "camera_model": "PINHOLE"}
#: The phone's own intrinsics belong to 1920 x 1440 pixels.
INTRINSIC = [[1200.0, 0, 959.5], [0, 1230.0, 719.5], [0, 0, 1]]


def pose_at(number: float) -> Floats:
    """Camera-to-world of frame ``number`` in the mesh's frame, OpenCV axes."""
    turn = 0.01 * number
    ahead = np.array([math.cos(turn), math.sin(turn), 0.0])
    right = np.array([math.sin(turn), -math.cos(turn), 0.0])
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, (0, 0, -1), ahead], axis=1)
    pose[:3, 3] = (-1.0 + 0.01 * number, 0.2, 1.5)
    return pose


def as_written(pose: Floats) -> list[list[float]]:
    """Return a pose as transforms.json has it: OpenGL's axes, rows 0 and 1 swapped, 2 reversed."""
    changed = pose.copy()
    changed[:3, 1:3] *= -1
    changed = changed[[1, 0, 2, 3]]
    changed[2] *= -1
    return [list(row) for row in changed.tolist()]


def transforms(
    poses: Mapping[str, Any], lens: Mapping[str, Any] = FISHEYE, tests: int = 0
) -> dict[str, Any]:
    frames = [
        {"file_path": name, "transform_matrix": matrix, "mask_path": "m.png", "is_bad": False}
        for name, matrix in poses.items()
    ]
    cut = len(frames) - tests
    return {**lens, "frames": frames[:cut], "test_frames": frames[cut:], "has_mask": True}


def groups(made: made_scannet.Made) -> list[dict[str, Any]]:
    """Return the annotated groups with their boxes; the segments of the room have none."""
    boxes = {"table": [], "chair": [], "trash can": []}  # type: dict[str, list[Any]]
    for label, center, size, turn_deg in made_scannet.THINGS:
        angle = math.radians(turn_deg)
        rows = [math.cos(angle), math.sin(angle), 0, -math.sin(angle), math.cos(angle), 0, 0, 0, 1]
        box = {"centroid": list(center), "axesLengths": list(size), "normalizedAxes": rows}
        box |= {"min": [-9, -9, -9], "max": [9, 9, 9]}
        boxes[label].append(box)
    found = []
    for number, group in enumerate(made.groups, start=1):
        whole = {**group, "id": number, "objectId": number, "partId": number, "index": 0}
        if boxes.get(group["label"]):
            whole["obb"] = boxes[group["label"]].pop(0)
        found.append(whole)
    return found


def save_scans(parent: Path, changed: Any = None) -> Path:
    """Write mesh, segments and annotation; ``changed`` replaces the groups."""
    folder = parent / NAME
    scans = folder / "scans"
    scans.mkdir(parents=True, exist_ok=True)
    made = made_scannet.room()
    turn = made_scannet.ALIGNMENT
    vertices = made.vertices @ turn[:3, :3].T + turn[:3, 3]
    (scans / "mesh_aligned_0.05.ply").write_bytes(made_scannet.ply(vertices, made.faces))
    segments = {"params": {}, "sceneId": NAME, "segIndices": made.segments}
    (scans / "segments.json").write_text(json.dumps(segments))
    annotation = {
        "sceneId": f"scannetpp.{NAME}",
        "appId": "stk.v1",
        "annId": "x",
        "segGroups": groups(made) if changed is None else changed,
    }
    (scans / "segments_anno.json").write_text(json.dumps(annotation))
    return folder


def save_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def save_dslr(
    folder: Path,
    numbers: Sequence[int] = (0, 10, 20),
    undistorted: bool = False,
    pictures: bool = True,
) -> None:
    """Write photographs and their poses."""
    names = {f"DSC{number:05d}.JPG": as_written(pose_at(number)) for number in numbers}
    file = "transforms_undistorted.json" if undistorted else "transforms.json"
    lens = PINHOLE if undistorted else FISHEYE
    save_json(folder / "dslr" / "nerfstudio" / file, transforms(names, lens, tests=1))
    place = "undistorted_images" if undistorted else "resized_images"
    for name, number in zip(names, numbers, strict=True) if pictures else ():
        save_picture(folder / "dslr" / place / name, numbered(number, *SIZE))


def save_phone(
    folder: Path,
    count: int = 40,
    video: bool = True,
    refined: Sequence[int] | None = (0, 10, 20, 30),
) -> Path:
    """Write the phone's video or its pictures, its own poses, and refined ones of some frames."""
    phone = folder / "iphone"
    if video:
        save_video(phone / "rgb.mkv", count, "FFV1")
    else:
        for number in range(count):
            save_picture(phone / "rgb" / f"frame_{number:06d}.jpg", numbered(number, *SIZE))
    save_json(phone / "pose_intrinsic_imu.json", own_poses(range(count)))
    if refined is not None:
        names = {f"frame_{number:06d}.jpg": as_written(pose_at(number)) for number in refined}
        save_json(phone / "nerfstudio" / "transforms.json", transforms(names, PINHOLE))
    return phone


def own_poses(numbers: Sequence[int]) -> dict[str, Any]:
    """Return the phone's own poses; the unaligned ones are of another world."""
    return {
        f"frame_{number:06d}": {
            "timestamp": 1000.0 + number / 30,
            "pose": np.eye(4).tolist(),
            "aligned_pose": pose_at(number).tolist(),
            "intrinsic": INTRINSIC,
            "imu": [{"timestamp": 1000.0, "rotate_rate": {"x": 0.0}}],
        }
        for number in numbers
    }


def depth_of(number: int) -> Floats:
    """Return depth of a frame in metres, (192, 256)."""
    return np.full((192, 256), 1.0 + 0.01 * number, np.float32)


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def depth_stream(count: int) -> bytes:
    """Return a depth.bin that is one stream."""
    return deflated(b"".join(depth_of(number).tobytes() for number in range(count)))


def depth_apart(count: int) -> bytes:
    """Return a depth.bin whose pictures are packed by themselves."""
    packed = [deflated(depth_of(number).tobytes()) for number in range(count)]
    return b"".join(struct.pack("<I", len(each)) + each for each in packed)
