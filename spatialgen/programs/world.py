"""A scene graph as the plain data that a program sees."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialgen.graph.build import SceneGraph
from spatialgen.graph.visibility import is_seen
from spatialgen.programs.language import GAP_CHARS
from spatialgen.records import Camera, Frame, Scene, Sighting

#: A nested structure of dicts, lists, strings, numbers and None.
World = dict[str, Any]


def world(
    graph: SceneGraph,
    order: Sequence[int] | None = None,
    measured: NDArray[np.float64] | None = None,
) -> World:
    """Return what a program sees of a scene, as plain data.

    ``order`` lists the objects in another order than the scene does: no answer
    may depend on it. ``gaps`` is a lower triangle, row after row, row i holding
    the distances (metres, to 1e-9) of object i to objects 0..i. It is one text,
    and so is what a frame shows, because each of thousands of numbers would take
    its time to load, in every run. ``measured`` (n, n) takes the place of the
    distances between boxes.
    """
    scene = graph.scene
    order = range(len(scene.objects)) if order is None else order
    gaps = graph.gaps if measured is None else measured
    places = {scene.objects[i].id: place for place, i in enumerate(order)}
    return {
        "objects": [_object(scene, i) for i in order],
        "counts": dict(sorted(scene.counts.items())),
        "room": {
            "area": scene.room.area,
            "center": scene.room.center and list(scene.room.center),
            "height": scene.room.height,
            "polygon": scene.room.polygon and [list(p) for p in scene.room.polygon],
        },
        "frames": [[f.index, f.time_s, _packed(f, places)] for f in scene.frames],
        "gaps": "".join(
            f"{gaps[i, j]:{GAP_CHARS}.9f}" for k, i in enumerate(order) for j in order[: k + 1]
        ),
    }


def _object(scene: Scene, i: int) -> World:
    thing = scene.objects[i]
    return {
        "id": thing.id,
        "label": thing.label,
        "center": list(thing.box.center),
        "size": list(thing.box.size),
        "axes": [list(row) for row in thing.box.axes],
        "first_seen": scene.first_seen.get(thing.id),
    }


def _packed(frame: Frame, places: Mapping[str, int]) -> str:
    # What programs parse when they ask for it: the camera's position, its axes forward,
    # right and up, the picture's size, then each object seen by its place in the list.
    right, down, forward, position = zip(*frame.pose, strict=True)
    up = [-c for c in down]
    pose = [f"{c:z.9f}" for c in (*position, *forward, *right, *up)]
    camera = " ".join([*pose, str(frame.camera.width), str(frame.camera.height)])
    seen = sorted((places[id], _sighting(each, frame.camera)) for id, each in frame.seen.items())
    return ";".join([camera, *(f"{place} {sighting}" for place, sighting in seen), ""])


def _sighting(each: Sighting, camera: Camera) -> str:
    box = " ".join(f"{edge:z.2f}" for edge in each.box_px)
    seen, cut = int(is_seen(each, camera)), int(each.truncated)
    return f"{box} {each.fraction:.6f} {each.pixels} {cut} {seen}"
