"""Scenes as they are kept beside the questions: enough to run every program again."""

import math
from collections.abc import Callable, Set
from typing import Any

from spatialgen.records import Box, Camera, Frame, Room, Scene, SceneObject, Sighting


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """Return a scene as plain data; notes are left out, they are counted elsewhere."""
    room = scene.room
    return {
        "dataset": scene.dataset,
        "scene_name": scene.name,
        "space": scene.space,
        "objects": [
            {
                "id": thing.id,
                "label": thing.label,
                "center": list(thing.box.center),
                "size": list(thing.box.size),
                "axes": [list(row) for row in thing.box.axes],
            }
            for thing in scene.objects
        ],
        "counts": dict(sorted(scene.counts.items())),
        "room": {
            "area": room.area,
            "center": room.center and list(room.center),
            "height": room.height,
            "polygon": room.polygon and [list(point) for point in room.polygon],
        },
        "frames": [_frame_to_json(frame) for frame in scene.frames],
        "first_seen": dict(sorted(scene.first_seen.items())),
    }


def scene_from_json(data: dict[str, Any]) -> Scene:
    """Return the scene that `scene_to_json` wrote.

    Raises KeyError, TypeError or ValueError for anything else.
    """
    room = data["room"]
    known = {str(thing["id"]) for thing in data["objects"]}
    return Scene(
        dataset=str(data["dataset"]),
        name=str(data["scene_name"]),
        space=str(data["space"]),
        objects=tuple(
            SceneObject(
                str(thing["id"]),
                str(thing["label"]),
                Box(
                    _floats(thing["center"], 3),
                    _floats(thing["size"], 3),
                    _axes(thing["axes"]),
                ),
            )
            for thing in data["objects"]
        ),
        counts={label: _whole(count) for label, count in dict(data["counts"]).items()},
        room=Room(
            area=_known(room["area"], _float),
            center=_known(room["center"], lambda center: _floats(center, 3)),
            height=_known(room["height"], _float),
            polygon=_known(room["polygon"], lambda points: tuple(_floats(p, 2) for p in points)),
        ),
        frames=tuple(_frame_from_json(frame, known) for frame in data["frames"]),
        first_seen={
            _object_id(key, known): _float(time_s)
            for key, time_s in dict(data["first_seen"]).items()
        },
    )


def _known(value: Any, read: Callable[[Any], Any]) -> Any:
    return None if value is None else read(value)


def _float(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return float(value)


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    return value


def _floats(values: Any, count: int) -> Any:
    if not isinstance(values, list) or len(values) != count:
        raise ValueError(f"a list of {count} numbers is expected")
    return tuple(map(_float, values))


def _axes(rows: Any) -> Any:
    if not isinstance(rows, list) or len(rows) != 3:
        raise ValueError("a list of 3 axes is expected")
    return tuple(_floats(row, 3) for row in rows)


def _frame_to_json(frame: Frame) -> dict[str, Any]:
    camera = frame.camera
    return {
        "index": frame.index,
        "time_s": frame.time_s,
        "pose": [list(row) for row in frame.pose],
        "camera": [camera.fx, camera.fy, camera.cx, camera.cy, camera.width, camera.height],
        "fisheye": camera.fisheye and list(camera.fisheye),
        "seen": {
            key: [*each.box_px, each.fraction, each.pixels, each.truncated]
            for key, each in sorted(frame.seen.items())
        },
    }


def _frame_from_json(data: dict[str, Any], known: Set[str]) -> Frame:
    *lens, width, height = data["camera"]
    fx, fy, cx, cy = _floats(lens, 4)
    return Frame(
        index=_whole(data["index"]),
        time_s=_float(data["time_s"]),
        pose=_rows(data["pose"]),
        camera=Camera(
            fx,
            fy,
            cx,
            cy,
            _whole(width),
            _whole(height),
            fisheye=_known(data["fisheye"], lambda values: _floats(values, 4)),
        ),
        seen={
            _object_id(key, known): _sighting(values) for key, values in dict(data["seen"]).items()
        },
    )


def _object_id(id: str, known: Set[str]) -> str:
    if id not in known:
        raise ValueError(f"{id!r} is seen, and no object has that id")
    return id


def _rows(rows: Any) -> Any:
    if not isinstance(rows, list) or len(rows) != 3:
        raise ValueError("a pose of 3 rows is expected")
    return tuple(_floats(row, 4) for row in rows)


def _sighting(values: Any) -> Sighting:
    *box, fraction, pixels, truncated = values
    if not isinstance(truncated, bool):
        raise ValueError(f"{truncated!r} is neither true nor false")
    return Sighting(_floats(box, 4), _float(fraction), _whole(pixels), truncated)
