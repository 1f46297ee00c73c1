"""What is really in a made room and in each picture of it, by rendering every object alone.

Nothing here is shared with what computes visibility for real scans, so that
the two can check each other.
"""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import to_camera
from spatialgen.raycast import RayCaster
from spatialgen.scan import Floats
from spatialgen.synth.render import Shot, triangles
from spatialgen.synth.scans import MadeRoom

#: An object counts as seen from this visible share and this many pixels of a
#: picture on, of which a picture of 10,000 pixels needs at least this one.
SEEN_FRACTION, SEEN_SHARE_OF_PICTURE = 0.10, 0.0005

#: "Unbounded" pictures end this many picture widths beyond the real one's edge.
BEYOND = 4.0

#: Rays for one object alone; larger ones are looked at on a coarser lattice.
MOST_RAYS = 4096

#: Nearer to the camera plane than this a point has no usable pixel, in metres.
NEAR = 0.02


class Witness:
    """Says what each picture of a room shows of each object."""

    def __init__(self, room: MadeRoom) -> None:
        self._model, self._camera = room.model, room.film.camera
        model = room.model
        self._alone = [model.quads[model.owners == k] for k in range(model.objects)]

    def look(self, pose: Floats, shot: Shot) -> dict[int, dict[str, Any]]:
        """Return what is visible of each object that is: pixels, fraction, 2D box, truncated.

        The fraction compares solid angles: pixels far off the axis fill less of the view.
        The box is the first and last column and row, (x0, y0, x1, y1), of its visible pixels.
        """
        seen: dict[int, dict[str, Any]] = {}
        for owner in np.unique(shot.owners):
            if not 0 <= owner < self._model.objects:
                continue
            rows, columns = np.nonzero(shot.owners == owner)
            shown = float(self._angles(np.column_stack([columns, rows])).sum())
            whole, truncated = self._whole(int(owner), pose)
            seen[int(owner)] = {
                "pixels": len(rows),
                "fraction": round(shown / max(whole, shown), 4),
                "box_px": [int(v) for v in (columns.min(), rows.min(), columns.max(), rows.max())],
                "truncated": truncated,
            }
        return seen

    def _angles(self, pixels: Floats) -> Floats:
        """Return the solid angles of pixels (n, 2), relative to that of one on the axis, (n,)."""
        x = (pixels[:, 0] - self._camera.cx) / self._camera.fx
        y = (pixels[:, 1] - self._camera.cy) / self._camera.fy
        return np.asarray((1.0 + x * x + y * y) ** -1.5)

    def _whole(self, owner: int, pose: Floats) -> tuple[float, bool]:
        """Return what an object alone fills of an unbounded picture, and if the edge cuts it."""
        camera = self._camera
        low, high = self._bounds(owner, pose)
        sides = np.maximum(high - low + 1, 1)
        stride = int(np.ceil(np.sqrt(max(1.0, float(sides.prod()) / MOST_RAYS))))
        x, y = (np.arange(low[k], high[k] + 1, stride) for k in (0, 1))
        pixels = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        ways = np.column_stack(
            [
                (pixels[:, 0] - camera.cx) / camera.fx,
                (pixels[:, 1] - camera.cy) / camera.fy,
                np.ones(len(pixels)),
            ]
        )
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        hits = self._caster(owner).first_hits(pose[:3, 3], ways @ pose[:3, :3].T)
        met = pixels[hits.triangles >= 0]
        outside = (met < 0) | (met > (camera.width - 1, camera.height - 1))
        return float(self._angles(met).sum()) * stride**2, bool(outside.any())

    def _bounds(self, owner: int, pose: Floats) -> tuple[npt.NDArray[np.int64], ...]:
        """Return the first and last column and row that an object can reach, cut off far out."""
        camera = self._camera
        size = np.array([camera.width, camera.height])
        points = to_camera(pose, self._alone[owner].reshape(-1, 3))
        limits = np.stack([-BEYOND * size, (1 + BEYOND) * size])
        if (points[:, 2] < NEAR).any():
            low, high = limits
        else:
            focal, middle = np.array([camera.fx, camera.fy]), np.array([camera.cx, camera.cy])
            pixels = np.clip(points[:, :2] / points[:, 2:] * focal + middle, *limits)
            low, high = pixels.min(axis=0), pixels.max(axis=0)
        return np.floor(low).astype(np.int64), np.ceil(high).astype(np.int64)

    @functools.cache  # noqa: B019 - a witness lives as long as its room is written
    def _caster(self, owner: int) -> RayCaster:
        quads = self._alone[owner]
        return RayCaster(quads.reshape(-1, 3), triangles(len(quads)))


def is_seen(sighting: dict[str, Any], picture_pixels: int) -> bool:
    """Tell whether a sighting shows enough of an object to count as the first."""
    least = max(1.0, SEEN_SHARE_OF_PICTURE * picture_pixels)
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
