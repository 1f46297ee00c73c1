"""ARKitScenes folders for tests, written from the format's description.

The room is that of ``made_scannet``, in its aligned frame. The camera goes along x
and turns, held so that its pictures lie on their side.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from spatialgen.scan import Floats
from tests.media.made_pictures import numbered, save_depth, save_picture
from tests.scenes import made_scannet

ID = "41098184"
START_S = 6790.149
SIZE, DEPTH_SIZE = (64, 48), (32, 24)
LENS = (64, 48, 60.0, 61.0, 31.0, 23.0)

#: How far the camera's picture is rolled: quarter turns that set it upright again.
LYING = 3


def entry(label: str, center: Any, size: Any, turn_deg: float = 0.0) -> dict[str, Any]:
    """An annotated thing; ``obb`` says something else and must not be read."""
    angle = math.radians(turn_deg)
    rows = [math.cos(angle), math.sin(angle), 0, -math.sin(angle), math.cos(angle), 0, 0, 0, 1]
    box = {"centroid": list(center), "axesLengths": list(size), "normalizedAxes": rows}
    wrong = {"centroid": [9, 9, 9], "axesLengths": [9, 9, 9], "normalizedAxes": rows}
    return {
        "uid": f"{label}{center}",
        "label": label,
        "modelId": "",
        "children": [],
        "objectId": 1,
        "segments": {"obb": wrong, "obbAligned": box},
        "hierarchy": [],
        "isInGroup": False,
        "labelType": "",
        "attributes": {},
    }


def annotation(**changes: Any) -> dict[str, Any]:
    things = [entry(*thing) for thing in made_scannet.THINGS]
    whole = {"data": things, "skipped": False, "stats": {}, "comment": "", "confirm": True}
    return {**whole, **changes}


def pose_at(time_s: float, lying: int = LYING) -> Floats:
    """Camera-to-world: moves 0.5 m a second along x and turns by half a radian a second."""
    turn = 0.5 * time_s
    ahead = np.array([math.cos(turn), math.sin(turn), 0.0])
    right = np.array([math.sin(turn), -math.cos(turn), 0.0])
    roll = Rotation.from_euler("z", -90 * lying, degrees=True).as_matrix()
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, (0, 0, -1), ahead], axis=1) @ roll
    pose[:3, 3] = (-1.0 + 0.5 * time_s, 0.2, 1.5)
    return pose


def way(times_s: Sequence[float], lying: int = LYING) -> str:
    """Return lines as in a .traj: where the world is from the camera."""
    lines = []
    for time in times_s:
        back = np.linalg.inv(pose_at(time, lying))
        turn = Rotation.from_matrix(back[:3, :3]).as_rotvec()
        numbers = [START_S + time, *turn, *back[:3, 3]]
        lines.append(" ".join(f"{number:.9f}" for number in numbers))
    return "\n".join(lines) + "\n"


def name_at(time_s: float, ending: str) -> str:
    return f"{ID}_{START_S + time_s:.3f}.{ending}"


def save_arkit(
    parent: Path,
    *,
    annotated: Any = ...,
    times_s: Sequence[float] = (0.0, 0.033, 0.067, 0.1, 0.133, 0.167, 0.2),
    posed_s: Sequence[float] = (0.0, 0.1, 0.2),
    depths_s: Sequence[float] = (0.0, 0.03, 0.07, 0.1, 0.13, 0.17, 0.2),
    stream: str = "vga_wide",
    inside: bool = False,
    lying: int = LYING,
) -> Path:
    """Write a folder; ``inside`` puts the frames into <id>_frames, as in the set 3dod."""
    folder = parent / ID
    frames = folder / f"{ID}_frames" if inside else folder
    frames.mkdir(parents=True, exist_ok=True)
    made = made_scannet.room()
    turn = made_scannet.ALIGNMENT
    vertices = made.vertices @ turn[:3, :3].T + turn[:3, 3]
    (folder / f"{ID}_3dod_mesh.ply").write_bytes(made_scannet.ply(vertices, made.faces))
    content = annotation() if annotated is ... else annotated
    (folder / f"{ID}_3dod_annotation.json").write_text(json.dumps(content))
    (frames / "lowres_wide.traj").write_text(way(posed_s, lying))
    for number, time in enumerate(times_s):
        save_picture(frames / stream / name_at(time, "png"), numbered(number, *SIZE))
        save_pincam(frames, time, stream)
    for time in depths_s:
        depth = np.full(DEPTH_SIZE[::-1], 1000 + round(1000 * time))
        save_depth(frames / "lowres_depth" / name_at(time, "png"), depth)
    return folder


def save_pincam(
    frames: Path, time_s: float, stream: str = "vga_wide", numbers: Sequence[float] = LENS
) -> Path:
    path = frames / f"{stream}_intrinsics" / name_at(time_s, "pincam")
    path.parent.mkdir(exist_ok=True)
    path.write_text(" ".join(map(str, numbers)))
    return path
