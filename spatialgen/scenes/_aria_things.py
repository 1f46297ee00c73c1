"""The annotated things of an Aria Digital Twin folder: names, places and boxes, turned Z up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spatialgen.records import Box, Note
from spatialgen.scan import Floats
from spatialgen.scenes import _files as files
from spatialgen.scenes import _poses as motions
from spatialgen.scenes import _table as table
from spatialgen.scenes._annotated_box import read_box
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._json_stream import BYTES_LIMIT
from spatialgen.scenes._things import Things

#: From the folder's world, Y up, to ours, Z up: a quarter turn about x.
Z_UP: Floats = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])

#: A thing that is moved farther than this, in metres, or turned by more than this, in degrees,
#: during the video has no one place.
FARTHEST_MOVED = 0.05
FARTHEST_TURNED_DEG = 10.0

#: Categories that no person would use of the thing, and a word that says as little.
VAGUE = {
    "accessory": "accessory",
    "built in": "structure",
    "cleaning utensil": "equipment",
    "consumer electronic device": "device",
    "decorative accessory": "decoration",
    "electronic device control": "device",
    "food object": "object",
    "freestanding accessory": "decoration",
    "kitchen utensil": "equipment",
    "musical instrument": "object",  # records are among them
    "part of a cabinet/wardrobe": "part",
    "play set": "object",
    "shelter": "object",
    "smart home video": "device",
}
#: Categories that people call by another name.
USUAL = {
    "bed frame": "bedframe",
    "cabinets and shelves": "cabinet",
    "clothes basket": "laundry basket",
    "computer keyboard": "keyboard",
    "house plant": "plant",
    "laptop computer": "laptop",
    "wall artwork": "picture",
    "wall-mounted coat rack": "coat rack",
}

_PLACE = ("t_wo_x[m]", "t_wo_y[m]", "t_wo_z[m]", "q_wo_w", "q_wo_x", "q_wo_y", "q_wo_z")
_BOX = tuple(f"p_local_obj_{axis}{end}[m]" for axis in "xyz" for end in ("min", "max"))
_UID, _TIME = "object_uid", "timestamp[ns]"
_STATIC = -1
# Rows this near to the video's first and last frame count as during it.
_SLACK_NS = 50_000_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a thing is: seven numbers, those of the row nearest to the video's beginning."""

    off_ns: int
    numbers: list[float]
    moved: bool = False


def read_things(folder: Path, span_ns: tuple[int, int] | None, faults: Faults) -> Things:
    """Return the things of a folder, Z up, in the order of ``instances.json``.

    ``span_ns`` is when the video begins and ends; things that move are where they are at its
    beginning, and those moved during it have no box. Raises SceneError: missing_labels,
    missing_poses, missing_boxes, bad_json, duplicate_key, too_deep, too_many_objects.
    """
    named = files.json_object(folder / "instances.json", BYTES_LIMIT, "missing_labels")
    boxes = _boxes(folder / "3d_bounding_box.csv", named, faults)
    places = _places(folder / "scene_objects.csv", named, span_ns, faults)
    things = Things(faults)
    for uid, raw in named.items():
        category = raw.get("category") if isinstance(raw, dict) else None
        if not isinstance(category, str):
            faults.add("bad_label", "instances.json", "a thing without category, dropped")
            continue
        things.add(_label(category), _box(boxes.get(uid), places.get(uid)))
    return things


def _label(category: str) -> str:
    return VAGUE.get(category) or USUAL.get(category) or category


def _box(local: list[float] | None, place: _Place | None) -> Box | Note:
    """Return the box in a world with Z up."""
    if local is None:
        return Note("missing_box", "no row in 3d_bounding_box.csv")
    if place is None:
        return Note("missing_pose", "no row in scene_objects.csv for the time of the video")
    if place.moved:
        return Note("moving_object", "moved during the video, so it has no one place")
    quaternion = np.array(place.numbers[3:])
    if not abs(np.linalg.norm(quaternion) - 1) <= 1e-2:
        return Note("bad_box", "its rotation is no unit quaternion")
    turn = Z_UP[:3, :3] @ motions.of_quaternions(quaternion[None])[0]
    low, high = np.array(local[::2]), np.array(local[1::2])
    center = turn @ (low + high) / 2 + Z_UP[:3, :3] @ np.array(place.numbers[:3])
    return read_box(
        {
            "centroid": center.tolist(),
            "axesLengths": (high - low).tolist(),
            "normalizedAxes": turn.T.ravel().tolist(),
        }
    )


def _boxes(path: Path, named: dict[str, object], faults: Faults) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for uid, *cells in table.rows(path, (_UID, *_BOX), "missing_boxes"):
        numbers = table.numbers(cells)
        if uid not in named:
            faults.add("unnamed_object", path.name, "a row of a thing without name, dropped")
        elif numbers is None:
            faults.add("bad_box", path.name, "a row that is not six numbers, dropped")
        elif found.setdefault(uid, numbers) != numbers:
            faults.add("duplicate_id", path.name, "a second box of one thing, dropped")
    return found


def _places(
    path: Path, named: dict[str, object], span_ns: tuple[int, int] | None, faults: Faults
) -> dict[str, _Place]:
    found: dict[str, _Place] = {}
    for uid, time, *cells in table.rows(path, (_UID, _TIME, *_PLACE), "missing_poses"):
        numbers = table.numbers(cells)
        off_ns = _off(time, span_ns)
        if numbers is None or off_ns is None:
            faults.add("bad_pose", path.name, "a row without a time and seven numbers, dropped")
        elif off_ns >= 0 and uid in named:
            found[uid] = _later(found.get(uid), _Place(off_ns, numbers))
    return found


def _off(time: str, span_ns: tuple[int, int] | None) -> int | None:
    """Return how far a row's time is from the video's beginning, -1 where it is not during it."""
    try:
        at = int(time)
    except ValueError:
        return None
    if at == _STATIC:
        return 0
    if span_ns is None:
        return max(at, 0)
    first, last = span_ns
    return abs(at - first) if first - _SLACK_NS <= at <= last + _SLACK_NS else -1


def _later(known: _Place | None, place: _Place) -> _Place:
    """Return where a thing is after one more row about it."""
    if known is None:
        return place
    moved = known.moved or _differ(known.numbers, place.numbers)
    nearest = min(known, place, key=lambda each: each.off_ns)
    return _Place(nearest.off_ns, nearest.numbers, moved)


def _differ(one: list[float], other: list[float]) -> bool:
    step = np.linalg.norm(np.subtract(one[:3], other[:3]))
    alike = abs(float(np.dot(one[3:], other[3:])))  # the cosine of half the angle between
    turned = 2 * np.degrees(np.arccos(min(alike, 1.0)))
    return bool(step > FARTHEST_MOVED or turned > FARTHEST_TURNED_DEG)
