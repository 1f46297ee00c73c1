"""One scene's entry of a metadata JSON, turned into a Scene and back.

The codes of the notes and errors made here are explained in
``spatialgen.scenes.vsi_meta``.
"""

from collections.abc import Mapping
from typing import TypeAlias

from spatialgen.errors import SceneError
from spatialgen.labels import canonical
from spatialgen.records import Box, Note, Room, Scene, SceneObject, Vec2, Vec3
from spatialgen.scenes._annotated_box import (
    LENGTH_LIMIT,
    SIDE_LIMIT,
    read_box,
    right_handed,
    turned_right_handed,
    write_box,
)
from spatialgen.scenes._base import one_line
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._json_numbers import number_of, numbers_of
from spatialgen.spaces import space_of

#: A floor beyond this many square metres belongs to no room, nor does a count beyond this.
AREA_LIMIT = 1e6
COUNT_LIMIT = 10_000


_Json: TypeAlias = Mapping[str, object]


def read(entry: _Json, dataset: str, name: str, notes: tuple[Note, ...] = ()) -> Scene:
    """Return the scene that ``entry`` describes; ``notes`` are put before its own.

    Raises SceneError: missing_boxes, no_objects.
    """
    faults = Faults()
    objects, marked = _objects(entry, faults)
    if not objects:
        raise SceneError("no_objects", "no usable box")
    return Scene(
        dataset=dataset,
        name=name,
        space=_space(entry, name, faults),
        objects=objects,
        counts=_counts(entry, objects, marked, faults),
        room=_room(entry, faults),
        notes=notes + faults.notes(),
    )


def write(scene: Scene) -> dict[str, object]:
    """Return the entry from which ``read`` makes ``scene`` again, notes and frames apart."""
    room = scene.room
    optional = {
        "space": scene.space if scene.space != space_of(scene.name) else None,
        "room_size": room.area,
        "room_center": room.center,
        "room_height": room.height,
        "room_polygon": room.polygon,
    }
    boxes: dict[str, list[dict[str, object]]] = {}
    for each in scene.objects:
        boxes.setdefault(each.label, []).append(write_box(each.box))
    entry: dict[str, object] = {"dataset": scene.dataset}
    entry.update({key: value for key, value in optional.items() if value is not None})
    return {**entry, "object_counts": dict(scene.counts), "object_bbox": boxes}


def _objects(entry: _Json, faults: Faults) -> tuple[tuple[SceneObject, ...], dict[str, int]]:
    """Return the usable objects, and per label how many were marked, unusable ones included."""
    raw_boxes = entry.get("object_bbox", entry.get("object_bboxes"))
    if not isinstance(raw_boxes, Mapping):
        raise SceneError("missing_boxes", "object_bbox (or object_bboxes) has to be an object")
    objects: dict[tuple[str, Box], SceneObject] = {}
    marked: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for raw_label, raw_list in raw_boxes.items():
        label = _label(raw_label, faults)
        if not isinstance(raw_list, list):
            faults.add("bad_box", label, "not a list of boxes")
            continue
        for raw in raw_list:
            box = read_box(raw)
            if isinstance(box, Box) and not right_handed(box):
                faults.add("mirrored_axes", label, "left-handed axes; the third was turned round")
                box = turned_right_handed(box)
            if isinstance(box, Box) and (label, box) in objects:
                faults.add("duplicate_box", label, "exact copy of an earlier box, dropped")
                continue
            marked[label] = marked.get(label, 0) + 1
            if isinstance(box, Note):
                faults.add(box.code, label, f"{box.detail}, dropped")
                continue
            numbers[label] = numbers.get(label, 0) + 1
            identity = f"{label.replace(' ', '_')}_{numbers[label]}"
            objects[label, box] = SceneObject(identity, label, box)
    return tuple(objects.values()), marked


def _label(raw: str, faults: Faults) -> str:
    label = canonical(raw)
    if label != raw:
        faults.add("label_renamed", label, f"written {one_line(raw)}")
    return label


def _counts(
    entry: _Json, objects: tuple[SceneObject, ...], marked: Mapping[str, int], faults: Faults
) -> dict[str, int]:
    """Return the annotated count per label, or the number of marked boxes where there is none."""
    declared = _declared(entry, faults)
    boxes: dict[str, int] = {}
    for each in objects:
        boxes[each.label] = boxes.get(each.label, 0) + 1
    counts: dict[str, int] = {}
    for label in (*declared, *(each for each in marked if each not in declared)):
        if label not in declared:
            faults.add("missing_count", label, f"no count, so the {marked[label]} boxes are taken")
        counts[label] = declared.get(label, marked.get(label, 0))
        if label not in boxes:
            faults.add("label_without_box", label, f"{counts[label]} counted, no usable box")
        elif counts[label] != boxes[label]:
            detail = f"{counts[label]} counted, {boxes[label]} usable boxes; the count is kept"
            faults.add("count_mismatch", label, detail)
    return counts


def _declared(entry: _Json, faults: Faults) -> dict[str, int]:
    raw_counts = entry.get("object_counts", {})
    if not isinstance(raw_counts, Mapping):
        faults.add("bad_count", "object_counts", "not an object, ignored")
        return {}
    declared: dict[str, int] = {}
    for raw_label, raw in raw_counts.items():
        label = canonical(raw_label)
        number = number_of(raw)
        if number is None or not (1 <= number <= COUNT_LIMIT and number.is_integer()):
            faults.add("bad_count", label, f"not a whole number from 1 to {COUNT_LIMIT}, ignored")
            continue
        declared[label] = declared.get(label, 0) + int(number)
    return declared


def _room(entry: _Json, faults: Faults) -> Room:
    area = _positive(entry.get("room_size"), AREA_LIMIT)
    if area is None:
        faults.add("missing_room", "room_size", "not there, or not a positive number")
    center = _point(entry.get("room_center"))
    height = _positive(entry.get("room_height"), LENGTH_LIMIT)
    polygon = _polygon(entry.get("room_polygon"))
    for key, value in (("room_center", center), ("room_height", height), ("room_polygon", polygon)):
        if value is None and entry.get(key) is not None:
            faults.add("bad_room", key, "not usable, ignored")
    return Room(area, center, height, polygon)


def _point(raw: object) -> Vec3 | None:
    numbers = numbers_of(raw, 3)
    if numbers is None or not all(abs(value) <= LENGTH_LIMIT for value in numbers):
        return None
    x, y, z = numbers
    return (x, y, z)


def _polygon(raw: object) -> tuple[Vec2, ...] | None:
    """Return at least three corners that enclose an area, or None."""
    if not isinstance(raw, list):
        return None
    corners: list[Vec2] = []
    for each in raw:
        pair = numbers_of(each, 2)
        if pair is None or not all(abs(value) <= LENGTH_LIMIT for value in pair):
            return None
        corners.append((pair[0], pair[1]))
    following = corners[1:] + corners[:1]
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, following, strict=True))
    return tuple(corners) if abs(doubled) > SIDE_LIMIT else None


def _space(entry: _Json, name: str, faults: Faults) -> str:
    raw = entry.get("space")
    if isinstance(raw, str) and raw and one_line(raw) == raw:
        return raw
    if raw is not None:
        faults.add("bad_room", "space", "not a name, ignored")
    return space_of(name)


def _positive(raw: object, limit: float) -> float | None:
    number = number_of(raw)
    return number if number is not None and 0 < number <= limit else None
