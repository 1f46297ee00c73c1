"""One page that shows a scene and needs nothing else: no network, no other file.

Labels and notes come from files that anybody may have made. They reach the page as
JSON in which no character can end its element, the page's script shows them as text,
and the page's policy lets nothing else run, and nothing be loaded.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.page import _data, _pictures
from spatialgen.page._surface import Painter, Points, none, sample, turned_inwards
from spatialgen.raycast import RayCaster
from spatialgen.records import Scene
from spatialgen.rng import generator
from spatialgen.scan import Floats, Scan

#: The parts of the script, in the order in which they begin their work.
SCRIPTS = (
    *("space.js", "renderers.js", "tags.js", "room.js", "pointer.js"),
    *("scene.js", "list.js", "video.js", "page.js"),
)


#: A page holds at most so many points of a mesh.
POINTS = 60_000


def page(scan: Scan, scene: Scene, report: Mapping[str, Any], points: int = POINTS) -> str:
    """Return the page of an observed scene.

    ``scan`` is what it was observed in, ``report`` what ``spatialgen.inspection``
    tells of it; at most so many ``points`` of the mesh are shown. Raises
    SpatialgenError where pictures are to be shown and what decodes them is not
    installed.
    """
    cloud, colors, pictures = _look(scan, scene, points)
    data = {
        "name": _data.clean(scene.key),
        "space": _data.clean(scene.space),
        "room": _room(scene),
        "video": report["video"],
        "categories": len(scene.counts),
        "objects": _data.objects(scene),
        "left_out": max(len(scene.objects) - _data.OBJECTS, 0),
        "frames": _data.frames(scene, pictures),
        "path": _data.path(scene, scan.recording),
        "points": _data.points(cloud, colors),
        "notes": _data.notes(scene),
        "lacks": [_data.clean(lack, 1_000) for lack in report["not_askable"]],
    }
    return _filled(scene.key, data)


def _room(scene: Scene) -> dict[str, Any]:
    room = scene.room
    outline, center, height = room.polygon, room.center, room.height
    return {
        "area": room.area,
        "height": height,
        "floor": None if center is None or height is None else center[2] - height / 2,
        "outline": None if outline is None else np.round(outline, 3).tolist(),
    }


def _look(
    scan: Scan, scene: Scene, points: int
) -> tuple[Points, npt.NDArray[np.uint8], Mapping[int, str]]:
    """Return points, their colours, and the pictures as text by frame index."""
    mesh, recording = scan.mesh, scan.recording
    cloud, painter = none(), None
    if mesh is not None:
        cloud = sample(mesh, generator(0, "page", scene.dataset, scene.name), points)
        if len(mesh.faces):
            caster = RayCaster(mesh.vertices, mesh.faces)
            cloud = turned_inwards(cloud, caster, _viewers(scan))
            painter = Painter(cloud, caster)
    shown: dict[int, str] = {}
    if recording is not None and recording.colors is not None:
        taken = {frame.index: frame for frame in scene.frames}
        for index, image in _pictures.read(recording.colors, sorted(taken)):
            if isinstance(image, str):
                shown[index] = image
                continue
            shown[index] = _pictures.as_uri(image, len(taken)) or "too_large"
            if painter is not None:
                painter.paint(image, taken[index].camera, np.array(taken[index].pose))
    colors = np.zeros(cloud.places.shape, dtype=np.uint8) if painter is None else painter.colors
    return cloud, colors, shown


def _viewers(scan: Scan) -> Floats:
    # Where somebody stood in the room, or things stand.
    if scan.recording is not None and len(scan.recording.poses):
        return np.asarray(scan.recording.poses[:, :3, 3])
    return np.array([thing.box.center for thing in scan.scene.objects]).reshape(-1, 3)


def _filled(title: str, data: Mapping[str, Any]) -> str:
    style = _file("page.css")
    script = "\n".join(_file(name) for name in SCRIPTS)
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    return Template(_file("page.html")).substitute(
        policy=policy,
        title=escape(_data.clean(title)),
        style=style,
        data=embedded(data),
        script=script,
    )


def embedded(data: Mapping[str, Any]) -> str:
    """Return JSON that can stand in a script element: plain ASCII without ``<``, ``>``, ``&``."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
