"""What a frame shows of every object: how much of it, how large, where, and whether cut off.

The surface points of ``visibility_samples`` that face the camera are weighed by
the solid angle they fill. A point counts as visible where the image shows it
and nothing is met before it; as hidden where something else is, or where it is
outside the image; and not at all where the object itself is in front of it. Where the
points are too few to be sure of what they say, more are laid on that object.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import inside, pixels_per_steradian, project, to_camera, widest_view
from spatialgen.graph.boxes import Boxes
from spatialgen.graph.visibility_occluders import MESH_SLACK, Occluder, box_crossing
from spatialgen.graph.visibility_samples import MORE, Sampler, Samples
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera, Sighting
from spatialgen.scan import Depth, Floats

Truths = npt.NDArray[np.bool_]

#: An object counts as seen from this visible fraction on, ...
SEEN_FRACTION = 0.10
#: ... if it fills this share of the image, and this many pixels.
SEEN_IMAGE_SHARE = 0.0005
SEEN_PIXELS = 16

#: An object is looked at again where the weights of its points are those of fewer even ones,
#: or where this much of it, or this share of its pixels, decides whether it counts as seen.
_ENOUGH = 600
_CLOSE_FRACTION, _CLOSE_SIZE = 0.03, 0.25

#: Nearer than this, in metres, a surface is taken to be this far away.
_NEAR = 0.05


@dataclass(frozen=True, eq=False)
class Surroundings:
    """All that is asked of each frame: the objects' points, and what may stand before them.

    ``sampler`` lays more points. ``own`` casts rays at each object alone. ``facing`` is 1
    where triangles are wound
    so that their normals point outward, -1 where inward, 0 where some do and some don't.
    """

    samples: Samples
    sampler: Sampler
    boxes: Boxes
    own: list[RayCaster | None]
    occluder: Occluder
    facing: int = 1


def is_seen(sighting: Sighting, camera: Camera, share: float = 1.0) -> bool:
    """Tell whether enough of an object shows for it to count as seen, or a share of that."""
    least = share * _least_pixels(camera)
    return sighting.fraction >= share * SEEN_FRACTION and sighting.pixels >= least


def _least_pixels(camera: Camera) -> float:
    return max(SEEN_PIXELS, SEEN_IMAGE_SHARE * camera.width * camera.height)


@dataclass(frozen=True, eq=False)
class _Points:
    """Surface points that face the camera, m of them, ordered by owner.

    ``owners`` (m,), ``places`` (m, 3) in the world, ``far`` (m,) from the camera, ``solid``
    angle (m,), ``pixels`` (m, 2), how many pixels each stands for (``filled``, m),
    whether it is in the image (``shown``, m), and on its object's box (``boxed``, m).
    """

    owners: npt.NDArray[np.intp]
    places: Floats
    far: Floats
    solid: Floats
    pixels: Floats
    filled: Floats
    shown: Truths
    boxed: Truths


def look(
    around: Surroundings,
    position: int,
    pose: Floats,
    camera: Camera,
    wanted: Truths | None = None,
) -> dict[int, Sighting]:
    """Return what a frame shows, by the index of the object; what fills no pixel is left out.

    ``position`` is the frame's in the recording, ``pose`` (4, 4) its camera's. Where only
    some objects are asked about, ``wanted`` (n,) tells which.
    """
    near = _within_view(around.samples, pose, camera)
    if wanted is not None:
        near = near[wanted[near]]
    if len(near) == 0:
        return {}
    frame = _View(pose, camera, around.occluder.depth(position))
    found = _weigh(around, frame, around.samples, near)
    unsure = [owner for owner, each in found.items() if _is_unsure(each, camera)]
    for owner in unsure:
        more = around.sampler.sample([owner], MORE)
        found |= _weigh(around, frame, more, np.zeros(1, dtype=np.intp))
    return {owner: each.sighting for owner, each in found.items() if each.sighting is not None}


@dataclass(frozen=True, eq=False)
class _View:
    """A frame: its camera's pose (4, 4), the camera, and the depth image if there is one."""

    pose: Floats
    camera: Camera
    depth: Depth | None


@dataclass(frozen=True, eq=False)
class _Weighed:
    """What points tell of one object; ``points``, how many even ones their weights are worth.

    ``sighting`` is None where it fills no pixel, of which ``area`` are visible.
    """

    sighting: Sighting | None
    fraction: float
    area: float
    points: float


def _weigh(
    around: Surroundings, frame: _View, samples: Samples, near: npt.NDArray[np.intp]
) -> dict[int, _Weighed]:
    """Return what the points of objects ``near`` tell, by the index of the object."""
    points = _facing_points(around, frame, samples, near)
    visible, hidden, empty = _judge(around, frame, points)
    starts = np.flatnonzero(np.diff(points.owners, prepend=-1, append=-1))
    return {
        int(points.owners[start]): _summed(
            frame.camera, points, slice(start, end), visible, hidden, empty
        )
        for start, end in itertools.pairwise(starts)
    }


def _is_unsure(found: _Weighed, camera: Camera) -> bool:
    """Tell whether more points might change much, or whether an object counts as seen."""
    size = found.area / _least_pixels(camera)
    if size < 1 - _CLOSE_SIZE:
        return False
    near_share = abs(found.fraction - SEEN_FRACTION) < _CLOSE_FRACTION
    near_size = size < 1 + _CLOSE_SIZE and found.fraction > SEEN_FRACTION - _CLOSE_FRACTION
    return near_share or near_size or found.points < _ENOUGH


def _facing_points(
    around: Surroundings, frame: _View, samples: Samples, near: npt.NDArray[np.intp]
) -> _Points:
    """Return the points that face the camera, of those objects of which some are in the image."""
    pose, camera = frame.pose, frame.camera
    away = samples.points[near] - pose[:3, 3]
    # How much each point is turned towards the camera, times its distance.
    facing = _towards(
        around, samples, near, pose[:3, 3], -np.einsum("nsc,nsc->ns", samples.normals[near], away)
    )
    row, column = np.nonzero(facing > 0)
    away = away[row, column]
    far = np.maximum(np.sqrt(np.einsum("mc,mc->m", away, away)), 1e-9)
    solid = samples.areas[near[row]] * facing[row, column] / (far * np.maximum(far, _NEAR) ** 2)
    local = to_camera(pose, samples.points[near[row], column])
    pixels = project(camera, local)
    shown = inside(camera, pixels)
    kept = np.flatnonzero((np.bincount(row[shown], minlength=len(near)) > 0)[row])
    row, column, local, shown = row[kept], column[kept], local[kept], shown[kept]
    solid = solid[kept]
    return _Points(
        owners=samples.numbers[near[row]],
        places=samples.points[near[row], column],
        far=far[kept],
        solid=solid,
        pixels=pixels[kept],
        filled=solid * np.where(shown, pixels_per_steradian(camera, local), 0.0),
        shown=shown,
        boxed=samples.boxed[near[row]],
    )


def _within_view(samples: Samples, pose: Floats, camera: Camera) -> npt.NDArray[np.intp]:
    """Return the objects whose spheres reach into the cone around the image."""
    local = to_camera(pose, samples.centers)
    far = np.linalg.norm(local, axis=1)
    outside = far > samples.radii
    with np.errstate(invalid="ignore", divide="ignore"):
        angle = np.arccos(np.clip(local[:, 2] / far, -1.0, 1.0))
        reach = np.arcsin(np.clip(samples.radii / far, 0.0, 1.0))
    return np.flatnonzero(~outside | (angle - reach <= widest_view(camera)))


def _towards(
    around: Surroundings,
    samples: Samples,
    near: npt.NDArray[np.intp],
    eye: Floats,
    cosines: Floats,
) -> Floats:
    """Return the cosines (n, s), times anything, of what faces the camera; 0 of what does not."""
    boxed = samples.boxed[near]
    sign = np.where(boxed, 1.0, float(around.facing))
    # From within a box one sees the far sides.
    boxes, owners = around.boxes, samples.numbers[near]
    offset = np.einsum("nkc,nc->nk", boxes.axes[owners], eye - boxes.centers[owners])
    sign[boxed & (np.abs(offset) <= 0.5 * boxes.sizes[owners]).all(axis=1)] = -1.0
    either = np.where(sign[:, None] == 0, np.abs(cosines), cosines * sign[:, None])
    return np.maximum(either, 0.0)


def _judge(around: Surroundings, frame: _View, points: _Points) -> tuple[Truths, Truths, Truths]:
    """Tell which points are visible, hidden, or where their box is empty: (m,) each."""
    owners, far, shown, pose = points.owners, points.far, points.shown, frame.pose
    met = np.full(len(owners), np.inf)
    asked = np.flatnonzero(shown)
    met[asked] = around.occluder.first_met(frame.depth, pose, points.places[asked], owners[asked])
    slack = around.occluder.slack(far)
    boxed = points.boxed
    # Points on triangles: what is before them may be their own object.
    visible = shown & (met >= far - slack)
    hidden = ~boxed & (~shown | (met < far - slack))
    _drop_own(around.own, pose[:3, 3], points, hidden)
    if around.facing == 0 or not around.occluder.exact:
        _drop_own(around.own, pose[:3, 3], points, visible)
    # Points on a box stand for what is behind them, up to where the ray leaves it.
    at = np.flatnonzero(boxed)
    empty = np.zeros(len(owners), dtype=np.bool_)
    if len(at):
        ways = (points.places[at] - pose[:3, 3]) / far[at, None]
        enter, leave = box_crossing(around.boxes, owners[at], pose[:3, 3], ways)
        before, behind = met[at] < enter - slack[at], met[at] > leave + slack[at]
        hidden[at] = ~shown[at] | before
        empty[at] = shown[at] & behind
        visible[at] = shown[at] & ~before & ~behind & ~np.isnan(met[at])
    return visible, hidden, empty


def _drop_own(own: list[RayCaster | None], eye: Floats, points: _Points, chosen: Truths) -> None:
    """Take from the chosen points (m,) those that their own object hides anyhow."""
    asked = np.flatnonzero(chosen)
    bounds = np.flatnonzero(np.diff(points.owners[asked], prepend=-1, append=-1))
    for start, end in itertools.pairwise(bounds):
        at = asked[start:end]
        caster = own[points.owners[at[0]]]
        if caster is not None:
            ways = (points.places[at] - eye) / points.far[at, None]
            chosen[at] = ~caster.blocked(eye, ways, points.far[at] - MESH_SLACK)


def _summed(
    camera: Camera, points: _Points, part: slice, visible: Truths, hidden: Truths, empty: Truths
) -> _Weighed:
    """Sum up what was found of one object's points."""
    at = np.flatnonzero(visible[part]) + part.start
    solid = points.solid[part]
    area, free = float(points.filled[at].sum()), visible[part] | empty[part]
    weights = solid[free | hidden[part]]
    total, square = float(weights.sum()), float((weights**2).sum())
    fraction = float(solid[free].sum()) / total if total > 0 else 0.0
    sighting = None
    if area >= 0.5:
        sighting = Sighting(
            box_px=_box(camera, points.pixels[at], points.filled[at]),
            fraction=fraction,
            pixels=max(1, min(round(area), camera.width * camera.height)),
            truncated=bool((hidden[part] & ~points.shown[part]).any()),
        )
    return _Weighed(sighting, fraction, area, total**2 / square if square > 0 else 0.0)


def _box(camera: Camera, pixels: Floats, filled: Floats) -> tuple[float, float, float, float]:
    """Return the first and last pixel across and down, around points that fill so many each.

    A point stands for a spot as wide as the root of its pixels; half of that lies
    outside of it, and half a pixel lies outside of a pixel's centre.
    """
    beyond = (0.5 * np.sqrt(filled) - 0.5)[:, None]
    last = np.array([camera.width - 1.0, camera.height - 1.0])
    low = np.clip((pixels - beyond).min(axis=0), 0.0, last)
    high = np.clip((pixels + beyond).max(axis=0), low, last)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
