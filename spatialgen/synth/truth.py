"""What is really in a made room and in each picture of it, by rendering every object alone.

Nothing here is shared with what computes visibility for real scans, so that
the two can check each other. What is in truth.json, in the aligned frame:

    scene, fps, axis_alignment
    objects     object_id (as in aggregation.json), id, label, center, size, axes
    counts      how many of each label
    room        area, height, polygon
    first_seen  object_id -> seconds: the first picture that shows enough of it
    frames      index, time_s, seen: object_id -> pixels, fraction, box_px, truncated
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import pixel_grid, project, to_camera
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera
from spatialgen.scan import Floats
from spatialgen.synth.filming import facing
from spatialgen.synth.render import Shot, triangles
from spatialgen.synth.scans import MadeRoom

#: An object counts as seen from this visible share on, if it also fills this
#: share of the picture and this many pixels.
SEEN_FRACTION, SEEN_IMAGE_SHARE, SEEN_PIXELS = 0.10, 0.0005, 16

#: The picture is extended by this many widths; what reaches farther is looked at by itself.
BEYOND = 1.5

#: Rays for one object alone; for larger ones the lattice is coarser than the pixels.
MOST_RAYS = 4096

#: Nearer to the camera plane than this a point has no usable pixel, in metres.
NEAR = 0.02


class Witness:
    """Says what each picture of a room shows of each object."""

    def __init__(self, room: MadeRoom) -> None:
        """Take a room."""
        self._camera = room.film.camera
        model = room.model
        self._alone = [model.quads[model.owners == k] for k in range(model.objects)]
        self._casters: dict[int, RayCaster] = {}
        pixels = pixel_grid(self._camera)
        shape = (self._camera.height, self._camera.width)
        self._solid = _solid(_slopes(self._camera, pixels)).reshape(shape)

    def look(self, pose: Floats, shot: Shot) -> dict[int, dict[str, Any]]:
        """Return what is visible of each object that is: pixels, fraction, 2D box, truncated.

        The fraction is a share of the solid angle that the object fills, so
        that it does not depend on where in the picture it is. The box is the first and
        last column and row, (x0, y0, x1, y1), of the visible pixels.
        """
        seen: dict[int, dict[str, Any]] = {}
        for owner in np.unique(shot.owners):
            if not 0 <= owner < len(self._alone):
                continue
            shown = shot.owners == owner
            rows, columns = np.nonzero(shown)
            whole, truncated = self._whole(int(owner), pose)
            part = float(self._solid[shown].sum())
            seen[int(owner)] = {
                "pixels": len(rows),
                "fraction": round(part / max(whole, part), 4),
                "box_px": [int(v) for v in (columns.min(), rows.min(), columns.max(), rows.max())],
                "truncated": truncated,
            }
        return seen

    def _whole(self, owner: int, pose: Floats) -> tuple[float, bool]:
        """Return the solid angle of an object alone, and whether the picture's edge cuts it.

        In pixels of the middle of the picture, which is extended as far as needed.
        """
        camera, points = self._camera, self._alone[owner].reshape(-1, 3)
        size = np.array([camera.width, camera.height])
        local = to_camera(pose, points)
        if (local[:, 2] >= NEAR).all():
            pixels = project(camera, local)
            low, high = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
            if (low >= -BEYOND * size).all() and (high <= (1 + BEYOND) * size).all():
                lattice, stride = _lattice(low, high)
                met = lattice[self._meets(owner, pose, _slopes(camera, lattice))]
                cut = ((met < 0) | (met > size - 1)).any()
                return float(_solid(_slopes(camera, met)).sum()) * stride**2, bool(cut)
        return self._beside(owner, pose), True

    def _beside(self, owner: int, pose: Floats) -> float:
        """Return the solid angle of an object that reaches beside or behind the camera."""
        points = self._alone[owner].reshape(-1, 3)
        toward = facing(pose[:3, 3], points.mean(axis=0))
        local = to_camera(toward, points)
        slopes = local[:, :2] / np.maximum(local[:, 2:], 0.1 * np.abs(local[:, :2]).max())
        low, high = slopes.min(axis=0), slopes.max(axis=0)
        step = math.sqrt(float(np.prod(high - low)) / MOST_RAYS)
        lattice = np.stack(
            np.meshgrid(*(np.arange(low[k], high[k] + step, step) for k in (0, 1))), axis=-1
        ).reshape(-1, 2)
        met = lattice[self._meets(owner, toward, lattice)]
        return float(_solid(met).sum()) * step**2 * self._camera.fx * self._camera.fy

    def _meets(self, owner: int, pose: Floats, slopes: Floats) -> npt.NDArray[np.bool_]:
        if owner not in self._casters:
            quads = self._alone[owner]
            self._casters[owner] = RayCaster(quads.reshape(-1, 3), triangles(len(quads)))
        ways = np.column_stack([slopes, np.ones(len(slopes))])
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        hits = self._casters[owner].first_hits(pose[:3, 3], ways @ pose[:3, :3].T)
        return np.asarray(hits.triangles >= 0)


def _slopes(camera: Camera, pixels: Floats) -> Floats:
    """Return x / z and y / z (n, 2) of the rays through pixels (n, 2)."""
    return np.asarray((pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy))


def _solid(slopes: Floats) -> Floats:
    """Return the solid angle (n,) of pixels, next to one in the middle of the picture."""
    return np.asarray((1 + np.square(slopes).sum(axis=1)) ** -1.5)


def _lattice(low: Floats, high: Floats) -> tuple[Floats, int]:
    """Return pixels (n, 2) of a part of the plane, and how far apart they are."""
    sides = high - low + 1
    stride = math.ceil(math.sqrt(max(1.0, float(sides.prod()) / MOST_RAYS)))
    columns, rows = (np.arange(low[k], high[k] + 1, stride) for k in (0, 1))
    return np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2), stride


def is_seen(sighting: dict[str, Any], camera: Camera) -> bool:
    """Tell whether a sighting shows enough of an object to count as seen."""
    least = max(SEEN_PIXELS, SEEN_IMAGE_SHARE * camera.width * camera.height)
    return bool(sighting["fraction"] >= SEEN_FRACTION and sighting["pixels"] >= least)


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
