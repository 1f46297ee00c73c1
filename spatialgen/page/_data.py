"""What a page shows of a scene, as plain data that its script reads."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import rays
from spatialgen.page._surface import FAVOUR, Points
from spatialgen.records import Camera, Frame, Scene, SceneObject
from spatialgen.scan import Floats, Recording

#: A page lists at most so many objects, warnings, and places on the camera's path.
OBJECTS, NOTES, PLACES = 3_000, 200, 2_000

#: Longer texts are cut.
CHARACTERS = 200

#: Sides of the outline of what a camera sees: corners of a pinhole, more of a fisheye.
_BORDER = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

#: How far out a fisheye still sees something is looked for in so many steps.
_STEPS = 24


def clean(text: str, limit: int = CHARACTERS) -> str:
    """Return a text of one line: what can't be seen is replaced, what is too long is cut."""
    shown = text if len(text) <= limit else f"{text[: limit - 1]}\u2026"
    return "".join(char if char.isprintable() else "\ufffd" for char in shown)


def objects(scene: Scene) -> list[dict[str, Any]]:
    """Return the objects, in the scene's order."""
    return [_object(scene, thing) for thing in scene.objects[:OBJECTS]]


def _object(scene: Scene, thing: SceneObject) -> dict[str, Any]:
    return {
        "id": clean(thing.id),
        "label": clean(thing.label),
        "center": _rounded(thing.box.center),
        "size": _rounded(thing.box.size),
        "axes": [_rounded(axis, 5) for axis in thing.box.axes],
        "firstSeen": _seconds(scene.first_seen.get(thing.id)),
    }


def frames(scene: Scene, pictures: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the frames; ``pictures`` holds a data URI, or why there is none, by frame index."""
    places = {thing.id: place for place, thing in enumerate(scene.objects[:OBJECTS])}
    return [_frame(frame, places, pictures.get(frame.index, "no_images")) for frame in scene.frames]


def _frame(frame: Frame, places: Mapping[str, int], picture: str) -> dict[str, Any]:
    camera = frame.camera
    given = picture.startswith("data:")
    return {
        "index": frame.index,
        "time": _seconds(frame.time_s),
        "pose": [_rounded(row, 5) for row in frame.pose],
        "width": camera.width,
        "height": camera.height,
        "lens": _lens(camera),
        "outline": _outline(camera),
        "picture": picture if given else None,
        "missing": None if given else picture,
        "seen": [
            {
                "object": places[id],
                "box": _shares(sighting.box_px, camera),
                "fraction": round(sighting.fraction, 4),
                "pixels": sighting.pixels,
                "truncated": sighting.truncated,
            }
            for id, sighting in sorted(frame.seen.items())
            if id in places
        ],
    }


def _lens(camera: Camera) -> list[float] | None:
    # A view through a lens that bends lines can't be drawn with straight ones.
    if camera.fisheye is not None:
        return None
    return _rounded((camera.fx, camera.fy, camera.cx, camera.cy), 4)


def _shares(box: Sequence[float], camera: Camera) -> list[float]:
    """Return a 2D box in parts of the picture's width and height, from its upper left edge."""
    sides = (camera.width, camera.height)
    return [round((value + 0.5) / sides[place % 2], 5) for place, value in enumerate(box)]


def _outline(camera: Camera) -> list[list[float]]:
    """Return directions in the camera's frame that bound what it sees."""
    if camera.fisheye is None:
        return [_rounded(way, 5) for way in _border(camera, _BORDER) if np.isfinite(way).all()]
    found = []
    for angle in np.arange(_STEPS) * (2 * np.pi / _STEPS):
        reach = np.linspace(1.0, 1.0 / _STEPS, _STEPS)
        outwards = 0.5 + 0.5 * reach[:, None] * np.array([np.cos(angle), np.sin(angle)])
        ways = _border(camera, outwards)
        seen = ways[np.isfinite(ways).all(axis=1)]
        if len(seen):
            found.append(_rounded(seen[0], 5))
    return found


def _border(camera: Camera, shares: npt.ArrayLike) -> Floats:
    """Return directions (n, 3) through places (n, 2) given in parts of width and height."""
    return rays(camera, np.asarray(shares) * (camera.width, camera.height) - 0.5)


def notes(scene: Scene) -> list[dict[str, str]]:
    """Return the warnings; where there are very many, the last one counts those left out."""
    told = [
        {"code": clean(note.code), "detail": clean(note.detail, 5 * CHARACTERS)}
        for note in scene.notes[:NOTES]
    ]
    more = len(scene.notes) - NOTES
    return told + [{"code": "more", "detail": f"{more} warnings are not shown"}] * (more > 0)


def path(scene: Scene, recording: Recording | None) -> list[list[float]]:
    """Return where the camera was, evenly thinned where the video is long."""
    if recording is None:
        return [_rounded([row[3] for row in frame.pose]) for frame in scene.frames]
    places = recording.poses[:, :3, 3]
    if len(places) > PLACES:
        places = places[np.linspace(0, len(places) - 1, PLACES, dtype=np.intp)]
    return [_rounded(place) for place in places]


def points(cloud: Points, colors: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """Return points as text: whole numbers of ``step`` metres from ``origin``, 16 bits each."""
    if not len(cloud.places):
        return {"count": 0}
    low, high = cloud.places.min(axis=0), cloud.places.max(axis=0)
    origin = (low + high) / 2
    step = max(float((high - low).max()) / 65_000, 1e-4)
    return {
        "count": len(cloud.places),
        "origin": _rounded(origin, 4),
        "step": step,
        "spacing": round(cloud.spacing, 4),
        "favour": FAVOUR,
        "places": _text(np.rint((cloud.places - origin) / step).astype("<i2")),
        "normals": _text(np.rint(cloud.normals * 127).astype("i1")),
        "owners": _text(np.where(cloud.owners < OBJECTS, cloud.owners, -1).astype("<i2")),
        "colors": _text(colors) if colors.any() else None,
    }


def _text(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _rounded(values: Any, digits: int = 3) -> list[float]:
    return [round(float(value), digits) + 0.0 for value in values]


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
