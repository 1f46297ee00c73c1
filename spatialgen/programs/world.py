"""A scene graph as the plain data that a program sees."""

from collections.abc import Sequence
from typing import Any

from spatialgen.graph.build import SceneGraph
from spatialgen.programs.language import GAP_CHARS
from spatialgen.records import Frame, Scene

#: A nested structure of dicts, lists, strings, numbers and None.
World = dict[str, Any]


def world(graph: SceneGraph, order: Sequence[int] | None = None) -> World:
    """Return what a program sees of a scene, as plain data.

    ``order`` lists the objects in another order than the scene does: no answer
    may depend on it. ``gaps`` is a lower triangle, row after row, row i holding
    the distances (metres, to 1e-9) of object i to objects 0..i. It is one text,
    because each of a list's thousands of numbers would take its time to load,
    in every run.
    """
    scene = graph.scene
    order = range(len(scene.objects)) if order is None else order
    gaps = graph.gaps
    return {
        "objects": [_object(scene, i) for i in order],
        "counts": dict(sorted(scene.counts.items())),
        "room": {
            "area": scene.room.area,
            "center": scene.room.center and list(scene.room.center),
            "height": scene.room.height,
            "polygon": scene.room.polygon and [list(p) for p in scene.room.polygon],
        },
        "frames": [_frame(frame) for frame in scene.frames],
        "gaps": "".join(
            f"{gaps[i, j]:{GAP_CHARS}.9f}" for k, i in enumerate(order) for j in order[: k + 1]
        ),
    }


def _object(scene: Scene, i: int) -> World:
    thing = scene.objects[i]
    seen = [frame for frame in scene.frames if thing.id in frame.seen]
    return {
        "id": thing.id,
        "label": thing.label,
        "center": list(thing.box.center),
        "size": list(thing.box.size),
        "axes": [list(row) for row in thing.box.axes],
        "first_seen": scene.first_seen.get(thing.id),
        "frames": [frame.index for frame in seen],
    }


def _frame(frame: Frame) -> World:
    return {
        "index": frame.index,
        "time_s": frame.time_s,
        "pose": [list(row) for row in frame.pose],
        "width": frame.camera.width,
        "height": frame.camera.height,
        "seen": {
            key: [*sighting.box_px, sighting.fraction]
            for key, sighting in sorted(frame.seen.items())
        },
    }
