"""Points on the surfaces of a mesh: few enough for a page, and coloured by the video."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import inside, project, resized, to_camera
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera
from spatialgen.scan import Floats, Image, Mesh

#: A page holds at most so many points.
POINTS = 60_000

#: An object's surface gets this many times the points of as much wall or floor.
FAVOUR = 3.0

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


def sample(mesh: Mesh, rng: np.random.Generator, count: int = POINTS) -> Points:
    """Return points spread over the triangles, or over the vertices where there are no triangles.

    Normals follow the triangles' winding, and are zero for plain vertices.
    """
    if not len(mesh.faces):
        kept = np.unique(np.linspace(0, len(mesh.vertices) - 1, count, dtype=np.intp))
        return _plain(mesh.vertices[kept] if len(mesh.vertices) else np.zeros((0, 3)))
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    doubled = np.linalg.norm(across, axis=1)
    reached = np.cumsum(doubled * np.where(mesh.owners >= 0, FAVOUR, 1.0))
    if not reached[-1] > 0:
        count = 0
    # One point in each of equal shares of the area, so that none clump.
    shares = (np.arange(count) + rng.random(count)) * (reached[-1] / max(count, 1))
    faces = np.minimum(np.searchsorted(reached, shares, side="right"), len(reached) - 1)
    a, b = _spread(faces, rng)
    outside = a + b > 1
    a, b = np.where(outside, 1 - a, a), np.where(outside, 1 - b, b)
    first, second, third = np.moveaxis(corners[faces], 1, 0)
    places = first + a[:, None] * (second - first) + b[:, None] * (third - first)
    normals = across[faces] / np.maximum(doubled[faces], 1e-300)[:, None]
    spacing = math.sqrt(float(reached[-1]) / 2 / max(count, 1))
    return Points(places, normals, mesh.owners[faces], spacing)


def _spread(faces: npt.NDArray[np.intp], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return two numbers in 0..1 for each of ascending faces, evenly spread within a face.

    The k-th point of a face is term k of the R2 sequence (M. Roberts, "The Unreasonable
    Effectiveness of Quasirandom Sequences", 2018).
    """
    places = np.arange(len(faces))
    within = places - np.searchsorted(faces, faces)
    start = rng.random((2, len(faces)))[:, np.searchsorted(faces, faces)]
    steps = np.array([[0.7548776662466927], [0.5698402909980532]])
    a, b = (start + within * steps) % 1.0
    return a, b


def none() -> Points:
    """Return no points."""
    return _plain(np.zeros((0, 3)))


def _plain(places: Floats) -> Points:
    sides = np.ptp(places, axis=0) if len(places) else np.zeros(3)
    around = 2 * float(sides[0] * sides[1] + sides[1] * sides[2] + sides[2] * sides[0])
    owners = np.full(len(places), -1, dtype=np.int32)
    return Points(places, np.zeros_like(places), owners, math.sqrt(around / max(len(places), 1)))


def facing(points: Points, viewers: Floats) -> Points:
    """Return the points with all normals turned round where most look away from the viewers.

    Which way a mesh is wound differs between scanners, and not within a mesh.
    ``viewers`` (m, 3) stand in the room.
    """
    if not len(points.places) or not len(viewers):
        return points
    towards = viewers.mean(axis=0) - points.places
    away = np.einsum("nc,nc->n", towards, points.normals) < 0
    outer = points.owners < 0
    if np.mean(away[outer] if outer.any() else away) <= 0.5:
        return points
    return replace(points, normals=-points.normals)


class Painter:
    """Gives points the colour of the picture that shows them best."""

    def __init__(self, points: Points, mesh: Mesh) -> None:
        """Take the points of a mesh; raises SpatialgenError where Embree is not installed."""
        #: Red, green, blue, (n, 3); zero where no picture shows the point.
        self.colors = np.zeros((len(points.places), 3), dtype=np.uint8)
        self._points = points
        self._caster = RayCaster(mesh.vertices, mesh.faces)
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
