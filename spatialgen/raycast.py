"""Where rays first meet a mesh, by Embree; the only place that knows it.

Embree was chosen for speed and size: see benchmarks/README.md. Its own figures
are single precision, so a distance is good to about a millionth of itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.optional import require

Floats = npt.NDArray[np.float64]

#: Rays handed over at once, so that memory stays flat.
CHUNK = 1 << 18


@dataclass(frozen=True, eq=False)
class Hits:
    """Where n rays end: triangle (n,), -1 for none; distance (n,) in metres, inf for none.

    ``normals`` (n, 3) are of unit length and not turned towards the ray; zero for none.
    """

    triangles: npt.NDArray[np.int32]
    distances: npt.NDArray[np.float64]
    normals: npt.NDArray[np.float64]


class RayCaster:
    """Triangles that rays can be sent at."""

    def __init__(self, vertices: npt.ArrayLike, faces: npt.ArrayLike) -> None:
        """Take vertices (v, 3) in metres and faces (f, 3).

        Raises SpatialgenError where Embree is not installed.
        """
        scene = require("embreex.rtcore_scene", "casting rays")
        meshes = require("embreex.mesh_construction", "casting rays")
        corners = np.asarray(vertices, dtype=np.float64).reshape(-1, 3)
        # Single precision is finest near zero: far scenes are moved there.
        self._origin = corners.mean(axis=0) if len(corners) else np.zeros(3)
        self._scene: Any = scene.EmbreeScene()
        self._empty = not np.size(faces)
        if not self._empty:
            near = np.ascontiguousarray(corners - self._origin, dtype=np.float32)
            self._mesh = meshes.TriangleMesh(
                self._scene, near, np.ascontiguousarray(faces, dtype=np.int32)
            )

    def first_hits(self, origins: npt.ArrayLike, directions: npt.ArrayLike) -> Hits:
        """Send rays from origins (n, 3) or one (3,) in unit directions (n, 3).

        A ray with NaN in it meets nothing.
        """
        ways = np.asarray(directions, dtype=np.float64).reshape(-1, 3)
        starts = np.broadcast_to(np.asarray(origins, dtype=np.float64) - self._origin, ways.shape)
        count = len(ways)
        triangles = np.full(count, -1, dtype=np.int32)
        distances = np.full(count, np.inf)
        normals = np.zeros((count, 3))
        if self._empty:
            return Hits(triangles, distances, normals)
        for chunk in _chunks(starts, ways):
            found = self._scene.run(
                np.ascontiguousarray(starts[chunk], dtype=np.float32),
                np.ascontiguousarray(ways[chunk], dtype=np.float32),
                output=1,
            )
            met = found["primID"] >= 0
            triangles[chunk] = np.where(met, found["primID"], -1)
            distances[chunk] = np.where(met, found["tfar"], np.inf)
            across = np.where(met[:, None], found["Ng"], 0).astype(np.float64)
            lengths = np.sqrt(np.einsum("ij,ij->i", across, across))
            normals[chunk] = across / np.maximum(lengths, 1e-300)[:, None]
        return Hits(triangles, distances, normals)

    def blocked(
        self, origins: npt.ArrayLike, directions: npt.ArrayLike, reach: npt.ArrayLike
    ) -> npt.NDArray[np.bool_]:
        """Tell which rays (n,) meet something within ``reach`` (n,) metres; faster than the hits.

        Rays are given as to `first_hits`.
        """
        ways = np.asarray(directions, dtype=np.float64).reshape(-1, 3)
        starts = np.broadcast_to(np.asarray(origins, dtype=np.float64) - self._origin, ways.shape)
        ends = np.array(np.broadcast_to(reach, ways.shape[:1]), dtype=np.float32)
        met = np.zeros(len(ways), dtype=np.bool_)
        if self._empty:
            return met
        for chunk in _chunks(starts, ways):
            found = self._scene.run(
                np.ascontiguousarray(starts[chunk], dtype=np.float32),
                np.ascontiguousarray(ways[chunk], dtype=np.float32),
                dists=np.ascontiguousarray(ends[chunk]),
                query="OCCLUDED",
            )
            met[chunk] = found >= 0
        return met


def _chunks(starts: Floats, ways: Floats) -> Iterator[slice | npt.NDArray[np.intp]]:
    """Yield, in parts, which rays are free of NaN and infinities."""
    if np.isfinite(ways).all() and np.isfinite(starts).all():
        for start in range(0, len(ways), CHUNK):
            yield slice(start, start + CHUNK)
        return
    usable = np.flatnonzero(np.isfinite(ways).all(axis=1) & np.isfinite(starts).all(axis=1))
    for start in range(0, len(usable), CHUNK):
        yield usable[start : start + CHUNK]
