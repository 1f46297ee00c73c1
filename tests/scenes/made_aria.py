"""Aria Digital Twin folders for tests, written from the format's description.

The world of the files has Y up. A table stands at (1, 0, -2), a cup on it, and a
spoon is carried; the camera looks at the table, built in lying on its side.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.scan import Floats
from tests.media.made_pictures import numbered, save_depth, save_picture

TIMES_NS = (10_000_000_000, 10_100_000_000, 10_200_000_000)
SIDE = 64
LENS = {"width": SIDE, "height": SIDE, "fx": 40.0, "fy": 40.0, "cx": 31.5, "cy": 31.5}

UPRIGHT = (1.0, 0.0, 0.0, 0.0)  # quaternion, w first

INSTANCES = {
    "1": {"instance_name": "OakTable", "category": "table", "motion_type": "static"},
    "2": {"instance_name": "RedCup_1", "category": "cup", "motion_type": "static"},
    "3": {"instance_name": "Spoon", "category": "spoon", "motion_type": "dynamic"},
}
#: uid, timestamp, place, quaternion.
PLACES: list[tuple[Any, ...]] = [
    ("1", -1, 1.0, 0.0, -2.0, *UPRIGHT),
    ("2", -1, 1.2, 0.8, -2.1, *UPRIGHT),
    *(("3", time, 1.0, 1.0, -2.0, *UPRIGHT) for time in TIMES_NS),
]
#: uid, timestamp, then min and max along x, y, z. The table's own origin is on the floor.
BOXES: list[tuple[Any, ...]] = [
    ("1", -1, -0.8, 0.8, 0.0, 0.75, -0.4, 0.4),
    ("2", -1, -0.04, 0.04, 0.0, 0.1, -0.04, 0.04),
    ("3", -1, -0.1, 0.1, -0.01, 0.01, -0.02, 0.02),
]

_PLACE_COLUMNS = (
    "object_uid,timestamp[ns],t_wo_x[m],t_wo_y[m],t_wo_z[m],q_wo_w,q_wo_x,q_wo_y,q_wo_z"
)
_BOX_COLUMNS = "object_uid,timestamp[ns]," + ",".join(
    f"p_local_obj_{axis}{end}[m]" for axis in "xyz" for end in ("min", "max")
)
TRACK_COLUMNS = (
    "graph_uid,tracking_timestamp_us,tx_world_device,ty_world_device,tz_world_device,"
    "qx_world_device,qy_world_device,qz_world_device,qw_world_device"
)


def lying_pose(place: Sequence[float]) -> Floats:
    """Camera-to-world, Y up: looks along -z, with the picture's right side pointing down."""
    pose = np.eye(4)
    right, down, forward = (0, -1, 0), (-1, 0, 0), (0, 0, -1)
    pose[:3, :3] = np.array([right, down, forward]).T
    pose[:3, 3] = place
    return pose


def frames(count: int = 3) -> list[dict[str, Any]]:
    """Frames whose camera moves along x."""
    return [
        {"timestamp_ns": time, "T_world_camera": lying_pose((1.0 + 0.1 * k, 1.0, 0.0)).tolist()}
        for k, time in enumerate(TIMES_NS[:count])
    ]


def table_of(header: str, rows: Sequence[Sequence[Any]]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def save_aria(
    folder: Path,
    *,
    instances: Any = INSTANCES,
    places: Sequence[Sequence[Any]] = PLACES,
    boxes: Sequence[Sequence[Any]] = BOXES,
    exported: Any = ...,
    pictures: Sequence[int] = (0, 1, 2),
    depths: Sequence[int] = (0, 1, 2),
) -> Path:
    """Write a folder; ``exported`` is the content of camera_rgb.json, ``...`` the usual."""
    folder.mkdir(parents=True, exist_ok=True)
    if exported is ...:
        exported = {"pinhole": LENS, "frames": frames(), "T_device_camera": np.eye(4).tolist()}
    (folder / "instances.json").write_text(json.dumps(instances))
    (folder / "scene_objects.csv").write_text(table_of(_PLACE_COLUMNS, places))
    (folder / "3d_bounding_box.csv").write_text(table_of(_BOX_COLUMNS, boxes))
    (folder / "metadata.json").write_text(json.dumps({"scene": "Apartment"}))
    if exported is not None:
        (folder / "exported").mkdir(exist_ok=True)
        (folder / "exported" / "camera_rgb.json").write_text(json.dumps(exported))
    for k in pictures:
        name = f"pinhole_rgb_{TIMES_NS[k]}.jpg"
        save_picture(folder / "exported" / name, numbered(k, SIDE, SIDE))
    for k in depths:
        name = f"pinhole_depth_{TIMES_NS[k]}.png"
        save_depth(folder / "exported" / name, np.full((SIDE, SIDE), 2000))
    return folder


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))
