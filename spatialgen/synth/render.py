"""Pictures of a room: one ray per pixel, a lamp with shadows, and light from everywhere."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import pixel_grid, rays
from spatialgen.raycast import Hits, RayCaster
from spatialgen.records import Camera
from spatialgen.scan import Depth, Floats, Image
from spatialgen.synth.model import Model
from spatialgen.synth.textures import mix

#: Shadow rays start this far from the surface, in metres.
OFF_SURFACE = 2e-3

#: What is left of the lamp's light in its shadow.
IN_SHADOW = 0.35

#: Pixels worked on at once, so that memory stays flat.
CHUNK = 1 << 17

#: Distance at which the lamp's light has fallen to half, in metres.
HALF_LIGHT = 4.5


@dataclass(frozen=True, eq=False)
class Shot:
    """One picture: colour (h, w, 3), depth (h, w), and what each pixel shows (h, w).

    ``owners`` holds indices as ``Model.owners`` does, -1 for nothing.
    """

    color: Image
    depth: Depth
    owners: npt.NDArray[np.int32]


class Renderer:
    """Takes pictures of one room with one camera."""

    def __init__(
        self, model: Model, camera: Camera, *, shadows: bool = True, samples: int = 1
    ) -> None:
        """Take the room and the camera; ``samples`` squared rays make the colour of a pixel."""
        self._model, self._camera, self._shadows = model, camera, shadows
        self._caster = RayCaster(model.quads.reshape(-1, 3), triangles(len(model.quads)))
        self._pixels = pixel_grid(camera)
        self._ways = rays(camera, self._pixels)
        steps = (np.arange(samples) + 0.5) / samples - 0.5
        self._shifts = [np.array([a, b]) for a in steps for b in steps] if samples > 1 else []
        self._surface = np.concatenate(
            [model.along, model.across, model.origins, model.normals], axis=1
        ).astype(np.float32)
        self._colors = np.array([(p.first, p.second) for p in model.paints], dtype=np.float32)
        self._patterns = np.array([p.pattern for p in model.paints], dtype=np.int8)
        self._periods = np.array([p.period for p in model.paints], dtype=np.float32)
        self._pixel = np.float32(1 / (camera.fx * samples))

    def shoot(self, pose: Floats) -> Shot:
        """Return the picture from a pose (4, 4)."""
        camera, count = self._camera, len(self._ways)
        owners = np.empty(count, dtype=np.int32)
        depth = np.empty(count, dtype=np.float32)
        color = np.empty((count, 3), dtype=np.uint8)
        for start in range(0, count, CHUNK):
            part = slice(start, start + CHUNK)
            ways = self._ways[part]
            hits = self._cast(pose, ways)
            met = hits.triangles >= 0
            owners[part] = np.where(met, self._model.owners[hits.triangles >> 1], -1)
            depth[part] = np.where(met, hits.distances * ways[:, 2], 0)
            shade = self._smooth(pose, part) if self._shifts else self._shade(pose, ways, hits)
            color[part] = np.clip(shade[:, ::-1] * 255 + 0.5, 0, 255)
        size = (camera.height, camera.width)
        return Shot(color.reshape(*size, 3), depth.reshape(size), owners.reshape(size))

    def _smooth(self, pose: Floats, part: slice) -> npt.NDArray[np.float32]:
        """Return the colours (n, 3) of some pixels, each the mean of several rays."""
        total = np.zeros((len(self._pixels[part]), 3), dtype=np.float32)
        for shift in self._shifts:
            ways = rays(self._camera, self._pixels[part] + shift)
            total += self._shade(pose, ways, self._cast(pose, ways))
        return total / np.float32(len(self._shifts))

    def _cast(self, pose: Floats, ways: Floats) -> Hits:
        return self._caster.first_hits(pose[:3, 3], ways @ pose[:3, :3].T)

    def _shade(self, pose: Floats, ways: Floats, hits: Hits) -> npt.NDArray[np.float32]:
        """Return the colours (n, 3), red first, of what the rays met; black for nothing."""
        met = hits.triangles >= 0
        at = slice(None) if met.all() else np.flatnonzero(met)
        color = np.zeros((len(ways), 3), dtype=np.float32)
        quads = hits.triangles[at] >> 1
        eye = pose[:3, 3].astype(np.float32)
        toward = (ways[at] @ pose[:3, :3].T).astype(np.float32)
        distance = hits.distances[at].astype(np.float32)
        points = eye + toward * distance[:, None]
        surface = self._surface[quads]
        facing = np.einsum("ij,ij->i", surface[:, 9:], toward)
        normals = surface[:, 9:] * -np.sign(facing)[:, None]
        blur = distance * self._pixel / np.maximum(np.abs(facing), 0.25)
        albedo = self._albedo(quads, points - surface[:, 6:9], surface, blur)
        color[at] = albedo * self._light(points, normals, np.abs(facing))
        return color

    def _albedo(
        self,
        quads: npt.NDArray[np.int32],
        local: npt.NDArray[np.float32],
        surface: npt.NDArray[np.float32],
        blur: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float32]:
        paint = self._model.paint[quads]
        u = np.einsum("ij,ij->i", local, surface[:, 0:3])
        v = np.einsum("ij,ij->i", local, surface[:, 3:6])
        share = mix(self._patterns[paint], u, v, self._periods[paint], blur)[:, None]
        both = self._colors[paint]
        return np.asarray(both[:, 0] * (1 - share) + both[:, 1] * share, dtype=np.float32)

    def _light(
        self,
        points: npt.NDArray[np.float32],
        normals: npt.NDArray[np.float32],
        facing: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float32]:
        """Return the light (n, 3) that comes back from a white surface."""
        style = self._model.style
        way = np.asarray(self._model.light, dtype=np.float32) - points
        far = np.sqrt(np.einsum("ij,ij->i", way, way))
        way /= np.maximum(far, 1e-6)[:, None]
        direct = np.clip(np.einsum("ij,ij->i", normals, way), 0, 1)
        direct *= 1 / (1 + (far / HALF_LIGHT) ** 2)
        if self._shadows:
            lit = np.flatnonzero(direct > 0.02)
            dark = self._dark(points[lit], normals[lit], way[lit], far[lit])
            direct[lit[dark]] *= IN_SHADOW
        # Faces that look up are lighter, and those seen head-on: edges show without a lamp.
        everywhere = 0.84 + 0.14 * normals[:, 2] + 0.08 * normals[:, 0] + 0.12 * facing
        lamp = np.asarray(style.light, dtype=np.float32)
        strength = style.ambient * everywhere + 1.35 * (1 - style.ambient) * direct
        return np.asarray(strength[:, None] * lamp, dtype=np.float32)

    def _dark(
        self,
        points: npt.NDArray[np.float32],
        normals: npt.NDArray[np.float32],
        way: npt.NDArray[np.float32],
        far: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.bool_]:
        """Tell which points (n,) something keeps the lamp's light from."""
        starts = points + normals * np.float32(OFF_SURFACE)
        hits = self._caster.first_hits(starts, way)
        return np.asarray(hits.distances < far - 2 * OFF_SURFACE)


def triangles(quads: int) -> npt.NDArray[np.int32]:
    """Return two triangles (2q, 3) per quadrilateral; triangle t belongs to quadrilateral t / 2."""
    corners = np.array([(0, 1, 2), (0, 2, 3)], dtype=np.int32)
    return (np.arange(quads, dtype=np.int32)[:, None, None] * 4 + corners).reshape(-1, 3)
