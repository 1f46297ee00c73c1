"""What a ray from the camera meets first: by the mesh, by depth images, or by the boxes."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import inside, project, to_camera
from spatialgen.errors import SceneError
from spatialgen.graph.boxes import Boxes, stack
from spatialgen.raycast import RayCaster
from spatialgen.records import SceneObject
from spatialgen.scan import Depth, Depths, Floats, Indices, Mesh, Recording

Truths = npt.NDArray[np.bool_]

#: A surface this much before a point of the mesh is the point itself, in metres: the error
#: of single precision, even where a ray grazes it, and less than what is laid on something.
MESH_SLACK = 0.0003
#: Depth images differ from the mesh by this much, in metres, and by this share of the distance:
#: noise of the sensor, and poses that are a little off.
DEPTH_SLACK = 0.04
DEPTH_SLACK_SHARE = 0.01
#: A box hides nothing that is inside it, or sticks out of it by less than this, in metres.
BOX_SLACK = 0.05

# Pixels of depth that are asked as well where the nearest one contradicts the mesh.
_BESIDE = ((-1, 0), (1, 0), (0, -1), (0, 1))


class Occluder(Protocol):
    """Tells how far one sees; ``exact`` where it tells a thing's own near and far parts apart."""

    exact: bool

    def depth(self, position: int) -> Depth | None:
        """Return the depth image of a frame, by its position in the recording; None without any."""
        ...

    def first_met(
        self, depth: Depth | None, pose: Floats, points: Floats, owners: npt.NDArray[np.intp]
    ) -> Floats:
        """Return how far from the camera something first stands in the way to each point, (m,).

        ``depth`` is the frame's depth image, ``pose`` (4, 4) its camera's,
        ``points`` (m, 3) are of the objects ``owners`` (m,). Metres; inf where
        nothing does, NaN where it is not known. What lies behind the point may be
        told or not.
        """
        ...

    def slack(self, distances: Floats) -> Floats:
        """Return by how much what is met may be before a point and still be the point, (m,)."""
        ...


class MeshRays:
    """Rays against all triangles of the scan."""

    exact = True

    def __init__(self, mesh: Mesh) -> None:
        """Take the scan's mesh."""
        self.caster = RayCaster(mesh.vertices, mesh.faces)
        self._owners = mesh.owners

    def depth(self, position: int) -> Depth | None:
        """Return None: no image is asked."""
        return None

    def first_met(
        self, depth: Depth | None, pose: Floats, points: Floats, owners: npt.NDArray[np.intp]
    ) -> Floats:
        """Return the distances of what rays hit."""
        return self.hits(pose, points)[0]

    def hits(self, pose: Floats, points: Floats) -> tuple[Floats, Indices]:
        """Return the distances of what rays hit, and its owners, -1 for none: (m,) each."""
        found = self.caster.first_hits(pose[:3, 3], _ways(pose, points)[0])
        owners = np.where(found.triangles >= 0, self._owners[found.triangles], -1)
        return found.distances, owners

    def slack(self, distances: Floats) -> Floats:
        """Return a few millimetres: points lie on the triangles themselves."""
        return np.full_like(distances, MESH_SLACK)


class DepthImages:
    """The depth images of the recording, and the mesh, if any, for what they can't tell.

    Depth sees what the mesh does not have: people, doors that were open, things that
    were moved. The mesh tells apart what lies closer together than depth is good
    for, and what depth is blank about. ``bad`` collects the positions of images that
    can't be read: there, the mesh alone is asked.
    """

    def __init__(self, recording: Recording, depths: Depths, mesh: MeshRays | None) -> None:
        """Take the recording, its depth images, and rays against the mesh."""
        self.bad: set[int] = set()
        self.exact = mesh is not None
        self._indices = recording.indices
        self._depths = depths
        self._mesh = mesh

    def depth(self, position: int) -> Depth | None:
        """Return the frame's image; None where it can't be read."""
        try:
            return self._depths.read(int(self._indices[position]))
        except SceneError:
            self.bad.add(position)
            return None

    def first_met(
        self, depth: Depth | None, pose: Floats, points: Floats, owners: npt.NDArray[np.intp]
    ) -> Floats:
        """Return the distances of what depth shows before the points, else of what rays hit."""
        far = _ways(pose, points)[1]
        pixels, ahead = self._pixels(pose, points)
        met = self._measured(depth, pixels, far / ahead)
        if self._mesh is None:
            return met
        hit, hit_owners = self._mesh.hits(pose, points)
        free = met >= far - _depth_slack(far)
        # Something of the mesh far before what depth shows is not there in this frame.
        gone = free & (hit < far - _depth_slack(far)) & (hit_owners != owners)
        met, nearest = np.where(free | np.isnan(met), np.where(gone, far, hit), met), met
        # At an edge or where a surface runs along the view, the next pixel shows far another depth.
        asked = np.flatnonzero(np.abs(nearest - hit) > _depth_slack(hit))
        around = [nearest[asked]] + [
            self._measured(depth, pixels[asked] + shift, (far / ahead)[asked]) for shift in _BESIDE
        ]
        slack = _depth_slack(hit[asked])
        between = (np.fmin.reduce(around) - slack <= hit[asked]) & (
            hit[asked] <= np.fmax.reduce(around) + slack
        )
        met[asked[between]] = hit[asked[between]]
        return met

    def slack(self, distances: Floats) -> Floats:
        """Return the mesh's slack, or centimetres that grow with the distance."""
        return self._mesh.slack(distances) if self._mesh else _depth_slack(distances)

    def _pixels(self, pose: Floats, points: Floats) -> tuple[Floats, Floats]:
        """Return pixels (m, 2) of the depth camera, and how far ahead of it points are, (m,)."""
        seen = to_camera(pose, points) @ self._depths.from_color[:3, :3].T
        seen += self._depths.from_color[:3, 3]
        ahead = np.where(seen[:, 2] > 0, seen[:, 2], np.nan)
        return project(self._depths.camera, seen), ahead

    def _measured(self, depth: Depth | None, pixels: Floats, stretch: Floats) -> Floats:
        """Return how far depth reaches along the rays through pixels (m, 2); NaN where it is blank.

        The depth camera is beside the other: its ray's share is taken of the other's
        ray, which is ``stretch`` (m,) as long as depth is deep.
        """
        met = np.full(len(pixels), np.nan)
        if depth is None:
            return met
        at = np.flatnonzero(inside(self._depths.camera, pixels) & np.isfinite(stretch))
        columns, rows = np.rint(pixels[at]).astype(np.intp).T
        measured = depth[rows, columns].astype(np.float64)
        met[at] = np.where(np.isfinite(measured) & (measured > 0), measured * stretch[at], np.nan)
        return met


class BoxShadows:
    """Where there is neither mesh nor depth: the other objects' boxes stand in the way.

    A box is larger than its thing. It therefore hides nothing that is inside it,
    such as a cushion in a sofa's box, and nothing from a camera inside it.
    """

    exact = False

    def __init__(self, objects: Sequence[SceneObject]) -> None:
        """Take the objects of the scene."""
        self._boxes = stack([thing.box for thing in objects])

    def depth(self, position: int) -> Depth | None:
        """Return None: no image is asked."""
        return None

    def first_met(
        self, depth: Depth | None, pose: Floats, points: Floats, owners: npt.NDArray[np.intp]
    ) -> Floats:
        """Return where rays first enter a box that isn't their point's own, nor holds it."""
        ways, far = _ways(pose, points)
        met = far.copy()
        boxes = self._boxes
        eye_inside = _holds(boxes, pose[None, :3, 3], 0.0)[0]
        for i in np.flatnonzero(~eye_inside):
            enter, leave = box_crossing(boxes, np.full(len(points), i), pose[:3, 3], ways)
            one = Boxes(boxes.centers[[i]], boxes.sizes[[i]], boxes.axes[[i]])
            hides = (enter < leave) & (enter > 0) & (enter < met) & (owners != i)
            hides[hides] &= ~_holds(one, points[hides], BOX_SLACK)[:, 0]
            met[hides] = enter[hides]
        return met

    def slack(self, distances: Floats) -> Floats:
        """Return a few centimetres: boxes are only about where things are."""
        return np.full_like(distances, BOX_SLACK)


def box_crossing(
    boxes: Boxes, which: npt.NDArray[np.intp], eye: Floats, ways: Floats
) -> tuple[Floats, Floats]:
    """Return where rays from one eye (3,) enter and leave the box of each, (m,), in metres.

    ``ways`` (m, 3) are of unit length. A ray that misses its box leaves it before
    it enters. The slabs of T. Kay and J. Kajiya, 1986.
    """
    axes = boxes.axes[which]
    start = np.einsum("mkc,mc->mk", axes, eye - boxes.centers[which])
    step = np.einsum("mkc,mc->mk", axes, ways)
    half = 0.5 * boxes.sizes[which]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (-half - start) / step, (half - start) / step
    # A ray within a face's plane: 0 / 0 says nothing about that pair of faces.
    near = np.where(np.isnan(one) | np.isnan(other), -np.inf, np.minimum(one, other))
    away = np.where(np.isnan(one) | np.isnan(other), np.inf, np.maximum(one, other))
    return near.max(axis=1), away.min(axis=1)


def _depth_slack(distances: Floats) -> Floats:
    return DEPTH_SLACK + DEPTH_SLACK_SHARE * distances


def _ways(pose: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Return unit directions (m, 3) from the camera to points, and their distances (m,)."""
    away = points - pose[:3, 3]
    far = np.linalg.norm(away, axis=1)
    return away / np.maximum(far, 1e-9)[:, None], far


def _holds(boxes: Boxes, points: Floats, slack: float) -> Truths:
    """Tell which box (b) holds which point (m, 3), (m, b)."""
    offset = points[:, None, :] - boxes.centers
    local = np.abs(np.einsum("bkc,mbc->mbk", boxes.axes, offset))
    return np.asarray((local <= 0.5 * boxes.sizes + slack).all(axis=2))
