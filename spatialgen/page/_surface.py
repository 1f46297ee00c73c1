"""Points on the surfaces of a mesh: few enough for a page, and coloured by the video."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import inside, project, resized, to_camera
from spatialgen.raycast import CHUNK, RayCaster
from spatialgen.records import Camera
from spatialgen.scan import Floats, Image, Mesh

#: An object's surface gets this many times the points of as much wall or floor.
FAVOUR = 3.0

#: Of so many points drawn at random one is kept, so that those kept are evenly spread: the
#: one nearest to the middle of its cube, which is so many times the spacing long.
CANDIDATES, CUBE = 5, 1.1

#: The cubes' size is changed so often, until at least this share of the wanted points is kept.
TRIES, FEWEST = 4, 0.75

#: Who stands in the room is told by at most so many of the camera's places.
VIEWERS = 64

#: A point counts as seen where the ray to it goes on for all but this many metres.
SLACK_M = 0.02

#: Surfaces seen at a flatter angle than this (its cosine) lend no colour.
FLATTEST = 0.1


@dataclass(frozen=True, eq=False)
class Points:
    """n points: places (n, 3) in metres, unit normals (n, 3), owners (n,) as a mesh has them.

    ``spacing`` is about how far neighbours on a wall are from each other, in metres.
    """

    places: Floats
    normals: Floats
    owners: npt.NDArray[np.int32]
    spacing: float


def sample(mesh: Mesh, rng: np.random.Generator, count: int) -> Points:
    """Return at most ``count`` points spread over the triangles, objects' closer than others.

    Normals follow the triangles' winding. Where there are no triangles, points
    are vertices, and their normals are zero.
    """
    if not len(mesh.faces):
        kept = np.unique(np.linspace(0, len(mesh.vertices) - 1, count, dtype=np.intp))
        return _plain(mesh.vertices[kept] if len(mesh.vertices) else np.zeros((0, 3)))
    reached = np.cumsum(_areas(mesh) * np.where(mesh.owners >= 0, FAVOUR, 1.0))
    if not reached[-1] > 0:
        return none()
    drawn = CANDIDATES * count
    faces = np.searchsorted(reached, rng.random(drawn) * reached[-1], side="right")
    faces = np.minimum(faces, len(reached) - 1)
    a, b = rng.random((2, drawn))
    outside = a + b > 1
    a, b = np.where(outside, 1 - a, a), np.where(outside, 1 - b, b)
    first, second, third = (mesh.vertices[mesh.faces[faces, corner]] for corner in range(3))
    places = first + a[:, None] * (second - first) + b[:, None] * (third - first)
    spacing = math.sqrt(float(reached[-1]) / count)
    owners = mesh.owners[faces]
    kept = _evened(places, spacing, owners)
    # Where surfaces lie close behind each other, cubes hold several and have to be smaller.
    for _ in range(TRIES):
        share = len(kept) / count
        if FEWEST <= share <= 1:
            break
        spacing *= math.sqrt(max(share, 0.1) / (0.5 + 0.5 * FEWEST))
        kept = _evened(places, spacing, owners)
    if len(kept) > count:
        kept = np.sort(rng.permutation(kept)[:count])
    across = np.cross((second - first)[kept], (third - first)[kept])
    normals = across / np.maximum(np.linalg.norm(across, axis=1), 1e-300)[:, None]
    return Points(places[kept], normals, owners[kept], spacing)


def _areas(mesh: Mesh) -> Floats:
    """Return the area of each triangle, (f,), a chunk at a time: scans have millions."""
    areas = np.empty(len(mesh.faces))
    for start in range(0, len(areas), CHUNK):
        chunk = slice(start, start + CHUNK)
        corners = mesh.vertices[mesh.faces[chunk]]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        areas[chunk] = np.linalg.norm(across, axis=1) / 2
    return areas


def _evened(places: Floats, spacing: float, owners: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """Return which points to keep: in each cube, the one nearest to its middle.

    Points of different owners do not share a cube; those of objects have smaller ones.
    """
    sides = CUBE * np.where(owners >= 0, spacing / math.sqrt(FAVOUR), spacing)
    # Off the planes on which floors and walls like to lie.
    cells = (places - places.min(axis=0)) / sides[:, None] + 0.37
    whole = np.floor(cells)
    aside = np.square(cells - whole - 0.5).sum(axis=1)
    order = np.lexsort((aside, *whole.T, owners))
    keys = np.column_stack([owners, whole])[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    return np.asarray(np.sort(order[begins]))


def none() -> Points:
    """Return no points."""
    return _plain(np.zeros((0, 3)))


def _plain(places: Floats) -> Points:
    sides = np.ptp(places, axis=0) if len(places) else np.zeros(3)
    around = 2 * float(sides[0] * sides[1] + sides[1] * sides[2] + sides[2] * sides[0])
    owners = np.full(len(places), -1, dtype=np.int32)
    return Points(places, np.zeros_like(places), owners, math.sqrt(around / max(len(places), 1)))


def turned_inwards(points: Points, caster: RayCaster, viewers: Floats) -> Points:
    """Return the points with the normals of walls, floor and ceiling turned into the room.

    How scanners wind their triangles differs, so it is not relied on. Where
    only one side of a surface has something to look at, that is the inner one;
    else it is the side of the nearest of the viewers (m, 3), who stand in the room.
    """
    outer = np.flatnonzero(points.owners < 0)
    places, normals = points.places[outer], points.normals[outer]
    inner = np.ones(len(outer), dtype=bool)
    if len(viewers):
        few = viewers[np.unique(np.linspace(0, len(viewers) - 1, VIEWERS, dtype=np.intp))]
        apart = [np.square(places - viewer).sum(axis=1) for viewer in few]
        towards = few[np.argmin(apart, axis=0)] - places
        inner = np.einsum("nc,nc->n", towards, normals) >= 0
    ahead, behind = (
        np.isfinite(caster.first_hits(places + SLACK_M / 4 * way, way).distances)
        for way in (normals, -normals)
    )
    inner = np.where(ahead == behind, inner, ahead)
    turned = points.normals.copy()
    turned[outer[~inner]] *= -1
    return replace(points, normals=turned)


class Painter:
    """Gives points the colour of the picture that shows them best."""

    def __init__(self, points: Points, caster: RayCaster) -> None:
        """Take points, and the mesh they lie on."""
        #: Red, green, blue, (n, 3); zero where no picture shows the point.
        self.colors = np.zeros((len(points.places), 3), dtype=np.uint8)
        self._points = points
        self._caster = caster
        self._best = np.zeros(len(points.places))

    def paint(self, image: Image, camera: Camera, pose: Floats) -> None:
        """Use a picture taken by ``camera`` with this camera-to-world pose (3 or 4, 4)."""
        points, eye = self._points, pose[:3, 3]
        height, width = image.shape[:2]
        lens = resized(camera, width, height)
        pixels = project(lens, to_camera(pose, points.places))
        ways = points.places - eye
        far = np.maximum(np.linalg.norm(ways, axis=1), 1e-6)
        ways = ways / far[:, None]
        # Which side of a surface is its front is not always known: both lend colour.
        flat = np.abs(np.einsum("nc,nc->n", ways, points.normals))
        worth = flat / (far * far)
        chosen = np.flatnonzero(inside(lens, pixels) & (flat > FLATTEST) & (worth > self._best))
        hits = self._caster.first_hits(eye, ways[chosen])
        chosen = chosen[hits.distances >= far[chosen] - SLACK_M]
        column, row = np.rint(pixels[chosen]).astype(np.intp).T
        self.colors[chosen] = np.maximum(image[row, column][:, ::-1], 1)
        self._best[chosen] = worth[chosen]
