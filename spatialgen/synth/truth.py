"""What is really in a made room and in each picture of it, by sending rays at every object alone.

Nothing here is shared with what computes visibility for real scans, so that
the two can check each other. What is in truth.json, in the aligned frame:

    scene, fps, axis_alignment
    objects     object_id (as in aggregation.json), id, label, center, size, axes
    counts      how many of each label
    room        area, height, polygon
    first_seen  object_id -> seconds: the first picture that shows enough of it
    frames      index, time_s, seen: object_id -> pixels, area_px, fraction, box_px, truncated
"""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spatialgen.cameras import inside, project, to_camera
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera
from spatialgen.scan import Floats
from spatialgen.synth.render import Shot, triangles
from spatialgen.synth.scans import MadeRoom

#: An object counts as seen from this visible share on, if it also fills this
#: share of the picture and this many pixels.
SEEN_FRACTION, SEEN_IMAGE_SHARE, SEEN_PIXELS = 0.10, 0.0005, 16

#: Rays towards one object, and where it is close to counting as seen: by this share of it,
#: or by this factor of its size.
RAYS, MORE_RAYS = 512, 8192
CLOSE_FRACTION, CLOSE_SIZE = 0.03, 1.25

# Powers of these fill a square evenly, with no rows that edges could fall in step with: M. Roberts,
# "The unreasonable effectiveness of quasirandom sequences", 2018.
_PLASTIC = 1.32471795724474602596


@dataclass(frozen=True, eq=False)
class _Look:
    """What rays that are spread evenly over all directions to an object tell of it.

    ``fraction`` of it that shows, and ``area_px``, how much of the picture that fills.
    """

    fraction: float
    area_px: float


class Witness:
    """Says what each picture of a room shows of each object."""

    def __init__(self, room: MadeRoom) -> None:
        """Take a room."""
        self._camera = room.film.camera
        model = room.model
        self._owners = model.owners
        self._alone = [model.quads[model.owners == k] for k in range(model.objects)]
        self._edges = [np.roll(quads, -1, axis=1) - quads for quads in self._alone]
        self._casters: dict[int, RayCaster] = {}
        self._all = RayCaster(model.quads.reshape(-1, 3), triangles(len(model.quads)))

    def look(self, pose: Floats, shot: Shot) -> dict[int, dict[str, Any]]:
        """Return what is visible of each object that is, by its number.

        ``pixels`` are those of the picture that show it, ``box_px`` the first and
        last column and row of them, (x0, y0, x1, y1). What the picture is too coarse for
        doesn't depend on its size: ``fraction`` is a share of the solid angle that the object
        fills by itself, ``area_px`` what is visible of that, in pixels. ``truncated`` tells
        whether some of it is beyond the picture's edge.
        """
        seen: dict[int, dict[str, Any]] = {}
        for owner in np.unique(shot.owners).tolist():
            if not 0 <= owner < len(self._alone):
                continue
            rows, columns = np.nonzero(shot.owners == owner)
            found = self._count(owner, pose, RAYS)
            if _is_close(found, self._camera):
                found = self._count(owner, pose, MORE_RAYS)
            seen[owner] = {
                "pixels": len(rows),
                "area_px": round(found.area_px, 2),
                "fraction": round(found.fraction, 4),
                "box_px": [int(v) for v in (columns.min(), rows.min(), columns.max(), rows.max())],
                "truncated": self._is_cut(owner, pose),
            }
        return seen

    def _count(self, owner: int, pose: Floats, count: int) -> _Look:
        """Send ``count`` rays towards an object."""
        eye = pose[:3, 3]
        ways, solid = _towards(eye, self._alone[owner], self._edges[owner], count)
        ways = ways[self._caster(owner).blocked(eye, ways, np.inf)]
        local = ways @ pose[:3, :3]
        shown = inside(self._camera, project(self._camera, local))
        first = self._all.first_hits(eye, ways[shown]).triangles >> 1
        free = self._owners[first] == owner
        area = (
            float((local[shown][free, 2] ** -3).sum()) * solid * self._camera.fx * self._camera.fy
        )
        return _Look(float(free.sum()) / max(len(ways), 1), area)

    def _is_cut(self, owner: int, pose: Floats) -> bool:
        """Tell whether some corner of an object is not in the picture."""
        local = to_camera(pose, self._alone[owner].reshape(-1, 3))
        return not bool(inside(self._camera, project(self._camera, local)).all())

    def _caster(self, owner: int) -> RayCaster:
        if owner not in self._casters:
            quads = self._alone[owner]
            self._casters[owner] = RayCaster(quads.reshape(-1, 3), triangles(len(quads)))
        return self._casters[owner]


def _towards(eye: Floats, quads: Floats, edges: Floats, count: int) -> tuple[Floats, float]:
    """Return unit directions (n, 3) from an eye (3,) that quads (q, 4, 3) lie in, spread evenly.

    Also returns the solid angle of each. Heading and height on the unit sphere are
    drawn from a rectangle, which keeps areas: Archimedes.
    """
    away = quads - eye
    flat, rise = away[..., :2], away[..., 2]
    near = _nearest(flat, edges[..., :2])
    far = math.sqrt(float(np.einsum("qkc,qkc->qk", flat, flat).max()))
    middle = flat.reshape(-1, 2).mean(axis=0)
    turns = np.arctan2(flat[..., 1], flat[..., 0]) - math.atan2(middle[1], middle[0])
    turns = np.mod(turns + math.pi, 2 * math.pi) - math.pi
    start, width = float(turns.min()), float(np.ptp(turns))
    if width > math.pi:  # all around
        start, width, near = -math.pi, 2 * math.pi, 0.0
    low, high = (
        z / max(math.hypot(z, near if z * sign > 0 else far), 1e-9)
        for z, sign in ((float(rise.min()), -1), (float(rise.max()), 1))
    )
    places = _even(count)
    heading = math.atan2(middle[1], middle[0]) + start + width * places[:, 0]
    height = low + (high - low) * places[:, 1]
    aside = np.sqrt(1.0 - height**2)
    ways = np.stack([aside * np.cos(heading), aside * np.sin(heading), height], axis=1)
    return ways, width * (high - low) / count


@functools.lru_cache(maxsize=8)
def _even(count: int) -> Floats:
    """Return places (n, 2) in the unit square."""
    return np.mod(np.outer(np.arange(count) + 0.5, (_PLASTIC**-1, _PLASTIC**-2)), 1.0)


def _nearest(flat: Floats, edges: Floats) -> float:
    """Return how near flat polygons (q, 4, 2) with these edges come to the origin."""
    lengths = np.maximum(np.einsum("qkc,qkc->qk", edges, edges), 1e-12)
    share = np.clip(-np.einsum("qkc,qkc->qk", flat, edges) / lengths, 0, 1)
    foot = flat + share[..., None] * edges
    return math.sqrt(float(np.einsum("qkc,qkc->qk", foot, foot).min()))


def _is_close(found: _Look, camera: Camera) -> bool:
    """Tell whether a few more rays might change whether an object counts as seen."""
    size = found.area_px / _least(camera)
    return (
        found.fraction > SEEN_FRACTION - CLOSE_FRACTION
        and size > 1 / CLOSE_SIZE
        and (found.fraction < SEEN_FRACTION + CLOSE_FRACTION or size < CLOSE_SIZE)
    )


def _least(camera: Camera) -> float:
    """Return how many pixels an object must fill to count as seen."""
    return max(SEEN_PIXELS, SEEN_IMAGE_SHARE * camera.width * camera.height)


def is_seen(sighting: dict[str, Any], camera: Camera) -> bool:
    """Tell whether a sighting shows enough of an object to count as seen."""
    enough = sighting["fraction"] >= SEEN_FRACTION
    return bool(enough and round(sighting["area_px"]) >= _least(camera))


def of_room(room: MadeRoom) -> dict[str, Any]:
    """Return the truth about the room itself, in the aligned frame."""
    scene = room.scan.scene
    objects = [
        {
            "object_id": k,
            "id": thing.id,
            "label": thing.label,
            "center": list(thing.box.center),
            "size": list(thing.box.size),
            "axes": [list(axis) for axis in thing.box.axes],
        }
        for k, thing in enumerate(scene.objects)
    ]
    outline = [list(corner) for corner in scene.room.polygon or ()]
    return {
        "scene": scene.name,
        "objects": objects,
        "counts": dict(scene.counts),
        "room": {"area": scene.room.area, "height": scene.room.height, "polygon": outline},
    }
