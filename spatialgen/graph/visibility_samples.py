"""Points spread evenly over the surface of every object, from its triangles or its box."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.graph.boxes import corners, stack
from spatialgen.raycast import RayCaster
from spatialgen.records import Box, SceneObject
from spatialgen.scan import Floats, Indices, Mesh

Truths = npt.NDArray[np.bool_]

#: Points on each object. A visible fraction is then good to about one hundredth.
COUNT = 2048

# The fraction of the golden ratio: its multiples fill the unit interval evenly.
_GOLDEN = 0.6180339887498949
# A box's faces as triangles of the corners of ``spatialgen.graph.boxes``, seen from outside.
_FACES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
_TRIANGLES = np.array([t for a, b, c, d in _FACES for t in ((a, b, c), (a, c, d))])


@dataclass(frozen=True, eq=False)
class Samples:
    """Surface points of n objects, s for each.

    ``points`` and outward ``normals`` are (n, s, 3), ``areas`` (n,) the square metres
    that each point stands for. ``boxed`` (n,) tells whose points lie on its box, for
    want of triangles. Spheres with ``centers`` (n, 3) and ``radii`` (n,) hold the points.
    """

    points: Floats
    normals: Floats
    areas: Floats
    boxed: Truths
    centers: Floats
    radii: Floats


def sample(objects: Sequence[SceneObject], mesh: Mesh | None) -> Samples:
    """Spread points over objects: over the triangles they own, over their boxes without any.

    Nothing is drawn by chance. The order of the triangles hardly matters: they are
    walked along a curve that stays near itself, a point every so many square metres.
    """
    count = len(objects)
    points, normals = np.zeros((count, COUNT, 3)), np.zeros((count, COUNT, 3))
    areas, boxed = np.zeros(count), np.ones(count, dtype=np.bool_)
    owned = _owned(mesh, count) if mesh is not None else [np.zeros(0, dtype=np.intp)] * count
    for i, (thing, faces) in enumerate(zip(objects, owned, strict=True)):
        if mesh is not None and len(faces):
            triangles = mesh.vertices[mesh.faces[faces]]
            boxed[i] = not (_doubled(triangles)[1] > 0).any()
        if boxed[i]:
            triangles = box_triangles(thing.box)
        points[i], normals[i], areas[i] = _spread(triangles)
    low, high = points.min(axis=1), points.max(axis=1)
    centers = 0.5 * (low + high)
    radii = np.linalg.norm(points - centers[:, None], axis=2).max(axis=1, initial=0.0)
    return Samples(points, normals, areas, boxed, centers, radii)


def own_casters(objects: Sequence[SceneObject], mesh: Mesh | None) -> list[RayCaster | None]:
    """Return a caster of each object's own triangles, None for those without any."""
    if mesh is None:
        return [None] * len(objects)
    return [
        RayCaster(*_compact(mesh.vertices, mesh.faces[faces])) if len(faces) else None
        for faces in _owned(mesh, len(objects))
    ]


def box_triangles(box: Box) -> Floats:
    """Return the faces of a box as triangles turned outward, (12, 3, 3)."""
    boxes = stack([box])
    triangles = corners(boxes)[0][_TRIANGLES]
    # The corners run left-handed where the axes do.
    return np.asarray(triangles[:, ::-1] if np.linalg.det(boxes.axes[0]) < 0 else triangles)


def _owned(mesh: Mesh, count: int) -> list[npt.NDArray[np.intp]]:
    """Return the faces of each of ``count`` objects."""
    order = np.argsort(mesh.owners, kind="stable")
    bounds = np.searchsorted(mesh.owners[order], np.arange(count + 1))
    return [order[start:end] for start, end in itertools.pairwise(bounds)]


def _compact(vertices: Floats, faces: Indices) -> tuple[Floats, npt.NDArray[np.intp]]:
    used, numbers = np.unique(faces, return_inverse=True)
    return vertices[used], numbers.reshape(faces.shape)


def _doubled(triangles: Floats) -> tuple[Floats, Floats]:
    """Return normals (t, 3), not of unit length, and their lengths: twice the areas, (t,)."""
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    lengths = np.linalg.norm(across, axis=1)
    return across, np.where(np.isfinite(lengths), lengths, 0.0)


def _spread(triangles: Floats) -> tuple[Floats, Floats, float]:
    """Return COUNT points and normals on triangles (t, 3, 3), and the area of each point."""
    across, doubled = _doubled(triangles)
    usable = np.flatnonzero(doubled > 0)
    if len(usable) == 0:
        # A box without any surface: points that no ray and no image can tell apart.
        middle = np.repeat(triangles[:1].mean(axis=1), COUNT, axis=0)
        return middle, np.zeros_like(middle), 0.0
    order = usable[np.argsort(_curve(triangles[usable].mean(axis=1)), kind="stable")]
    ends = np.cumsum(0.5 * doubled[order])
    places = (np.arange(COUNT) + 0.5) * (ends[-1] / COUNT)
    which = np.minimum(np.searchsorted(ends, places, side="right"), len(order) - 1)
    face = order[which]
    # How far into its triangle a place lies, and a second coordinate that fills the other way.
    first = np.clip(1.0 - (ends[which] - places) / (0.5 * doubled[face]), 0.0, 1.0)
    second = np.mod((np.arange(COUNT) + 0.5) * _GOLDEN, 1.0)
    root = np.sqrt(first)
    shares = np.stack([1.0 - root, root * (1.0 - second), root * second], axis=1)
    points = np.einsum("sk,skc->sc", shares, triangles[face])
    return points, across[face] / doubled[face][:, None], float(ends[-1] / COUNT)


def _curve(points: Floats) -> npt.NDArray[np.int64]:
    """Return the places of points (t, 3) along a curve of G. M. Morton, 1966, (t,)."""
    low = points.min(axis=0)
    scale = 1023.0 / max(float(np.ptp(points, axis=0).max()), 1e-12)
    code = np.zeros(len(points), dtype=np.int64)
    cells = ((points - low) * scale).astype(np.int64)
    for bit in range(10):
        for axis in range(3):
            code |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return code
