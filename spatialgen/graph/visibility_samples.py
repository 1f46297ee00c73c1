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

#: Points on each object, ...
COUNT = 2048
#: ... and on one that is looked at again, because these were too few.
MORE = 8192

# The plastic number: multiples of its powers fill the unit square evenly, in no step with any
# pattern of triangles. M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018.
_PLASTIC = 1.32471795724474602596
# A box's faces as triangles of the corners of ``spatialgen.graph.boxes``, seen from outside.
_FACES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
_TRIANGLES = np.array([t for a, b, c, d in _FACES for t in ((a, b, c), (a, c, d))])


@dataclass(frozen=True, eq=False)
class Samples:
    """Surface points of n objects, s for each.

    ``numbers`` (n,) tells which objects. ``points`` and outward ``normals`` are (n, s, 3),
    ``areas`` (n,) the square metres that each point stands for. ``boxed`` (n,) tells
    whose points lie on its box, for want of triangles. Spheres with ``centers`` (n, 3)
    and ``radii`` (n,) hold the points.
    """

    numbers: npt.NDArray[np.intp]
    points: Floats
    normals: Floats
    areas: Floats
    boxed: Truths
    centers: Floats
    radii: Floats


@dataclass(frozen=True, eq=False)
class _Surface:
    """Triangles (t, 3, 3) in the order in which points are laid on them.

    ``normals`` (t, 3) are of unit length; ``ends`` (t,) tells how much surface there
    is up to the end of each triangle. ``boxed`` where they are a box's.
    """

    triangles: Floats
    normals: Floats
    ends: Floats
    boxed: bool


class Sampler:
    """The surface of every object: the triangles it owns, or its box where it has none."""

    def __init__(self, objects: Sequence[SceneObject], mesh: Mesh | None) -> None:
        """Take the objects and the scan's mesh, if there is one."""
        self._surfaces: list[_Surface] = []
        empty = [np.zeros(0, dtype=np.intp)] * len(objects)
        owned = empty if mesh is None else _owned(mesh, len(objects))
        for thing, faces in zip(objects, owned, strict=True):
            made = None
            if mesh is not None and len(faces):
                made = _surface(mesh.vertices[mesh.faces[faces]], boxed=False)
            if made is None:
                made = _surface(box_triangles(thing.box), boxed=True)
            # A box without any surface: points that no ray and no image can tell apart.
            self._surfaces.append(made or _dot(thing.box))

    def sample(self, numbers: Sequence[int] | None = None, count: int = COUNT) -> Samples:
        """Spread ``count`` points over each of some objects, evenly; over all where None are named.

        Nothing is drawn by chance, and the order of the triangles hardly matters.
        """
        which = list(range(len(self._surfaces)) if numbers is None else numbers)
        points, normals = np.zeros((2, len(which), count, 3))
        areas = np.zeros(len(which))
        for i, number in enumerate(which):
            points[i], normals[i], areas[i] = _spread(self._surfaces[number], count)
        low, high = points.min(axis=1), points.max(axis=1)
        centers = 0.5 * (low + high)
        return Samples(
            numbers=np.array(which, dtype=np.intp),
            points=points,
            normals=normals,
            areas=areas,
            boxed=np.array([self._surfaces[number].boxed for number in which], dtype=np.bool_),
            centers=centers,
            radii=np.linalg.norm(points - centers[:, None], axis=2).max(axis=1, initial=0.0),
        )


def sample(objects: Sequence[SceneObject], mesh: Mesh | None) -> Samples:
    """Spread points over objects: over the triangles they own, over their boxes without any."""
    return Sampler(objects, mesh).sample()


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


def _surface(triangles: Floats, *, boxed: bool) -> _Surface | None:
    """Put triangles (t, 3, 3) in order, those without area left out; None where none has any.

    Side by side are those that face alike, and of these neighbours, along a curve. Each side
    of a thing so gets its share of the points, however its triangles and those of
    another side lie among each other.
    """
    across, doubled = _doubled(triangles)
    usable = np.flatnonzero(doubled > 0)
    if len(usable) == 0:
        return None
    normals = across[usable] / doubled[usable, None]
    axis = np.abs(normals).argmax(axis=1)
    side = 2 * axis + (np.take_along_axis(normals, axis[:, None], axis=1)[:, 0] > 0)
    order = np.lexsort((_curve(triangles[usable].mean(axis=1)), side))
    kept = usable[order]
    return _Surface(triangles[kept], normals[order], np.cumsum(0.5 * doubled[kept]), boxed)


def _dot(box: Box) -> _Surface:
    middle = np.broadcast_to(np.array(box.center, dtype=np.float64), (1, 3, 3))
    return _Surface(middle, np.zeros((1, 3)), np.zeros(1), boxed=True)


def _spread(surface: _Surface, count: int) -> tuple[Floats, Floats, float]:
    """Return points and normals (count, 3) on a surface, and the area of each point.

    The surface is walked along its triangles, and each of ``count`` equal parts of it
    has a point somewhere.
    """
    total, ends = float(surface.ends[-1]), surface.ends
    if total == 0:
        middle = np.repeat(surface.triangles.mean(axis=1), count, axis=0)
        return middle, np.zeros_like(middle), 0.0
    steps = np.arange(count)
    within, second = np.mod((steps[:, None] + 0.5) / (_PLASTIC, _PLASTIC**2), 1.0).T
    places = (steps + within) * (total / count)
    which = np.minimum(np.searchsorted(ends, places, side="right"), len(ends) - 1)
    # How far into its triangle a place lies, as a share of the area.
    begins = np.concatenate([[0.0], ends[:-1]])
    first = np.clip((places - begins[which]) / (ends - begins)[which], 0.0, 1.0)
    root = np.sqrt(first)
    shares = np.stack([1.0 - root, root * (1.0 - second), root * second], axis=1)
    points = np.einsum("sk,skc->sc", shares, surface.triangles[which])
    return points, surface.normals[which], total / count


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
