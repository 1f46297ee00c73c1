"""Furnished rooms with a video: a camera walks in them, and sees what no box hides.

What a frame shows of an object is found by rays to points spread over its box:
no mesh, no picture, and ten times as fast as filming a room for real, which
``tests/test_filmed_rooms.py`` compares it with.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from spatialgen.cameras import inside, project, to_camera
from spatialgen.graph.visibility import is_seen
from spatialgen.records import Camera, Frame, Scene, Sighting
from spatialgen.rng import generator
from spatialgen.synth.rooms import furnish

Floats = NDArray[np.float64]

CAMERA = Camera(fx=300.0, fy=300.0, cx=319.5, cy=239.5, width=640, height=480)

FRAMES, SECONDS = 32, 62.0

#: Points along each side of a box's face.
GRID = 4


def _on_a_cube() -> tuple[Floats, Floats]:
    # Points all over a cube of side 1 around the origin, and the ways out there, (p, 3) each.
    steps = np.linspace(-0.5, 0.5, GRID)
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps))
    points, normals = [], []
    for axis in range(3):
        for end in (-0.5, 0.5):
            face = np.insert(np.stack([u, v], axis=1), axis, end, axis=1)
            points.append(face)
            normals.append(np.tile(2 * end * np.eye(3)[axis], (len(face), 1)))
    return np.concatenate(points), np.concatenate(normals)


POINTS, NORMALS = _on_a_cube()

#: What a ray may go into the box that it is sent to before something is in its way, in metres.
SKIN = 1e-4


@cache
def filmed(seed: int, index: int) -> Scene:
    """Return room ``index`` of ``seed`` with frames and first sightings."""
    return film(furnish(seed, index))


def film(scene: Scene, seconds: float = SECONDS) -> Scene:
    """Return a furnished room with a video of someone who walks about and looks around."""
    rng = generator(0, "film", scene.key)
    poses = _walk(scene, rng)
    shown = [seen(scene, pose, CAMERA) for pose in poses]
    step_s = seconds / (FRAMES - 1)
    frames = tuple(
        Frame(30 * i, round(i * step_s, 3), tuple(map(tuple, pose.tolist())), CAMERA, shown[i])
        for i, pose in enumerate(poses)
    )
    first_seen: dict[str, float] = {}
    for frame in frames:
        for id, sighting in frame.seen.items():
            if is_seen(sighting, CAMERA):
                first_seen.setdefault(id, frame.time_s)
    return replace(scene, frames=frames, first_seen=first_seen)


def _walk(scene: Scene, rng: np.random.Generator) -> list[Floats]:
    # Around the middle of the room, looking outward, inward, and down a little.
    outline = np.array(scene.room.polygon)
    middle = outline.mean(axis=0)
    reach = 0.5 * np.linalg.norm(outline - middle, axis=1).min()
    start, look = rng.uniform(0, 2 * math.pi, 2)
    bends = rng.uniform(1.0, 2.5, 2)
    poses = []
    for share in np.linspace(0.0, 1.0, FRAMES):
        around = start + 2 * math.pi * share * bends[0]
        place = middle + reach * (0.6 + 0.4 * share) * np.array(
            [math.cos(around), math.sin(around)]
        )
        heading = look + 2 * math.pi * share * bends[1] + 0.5 * math.sin(9 * share)
        pitch = -0.25 + 0.15 * math.sin(7 * share)
        poses.append(_pose(np.array([*place, 1.5 + 0.1 * math.sin(5 * share)]), heading, pitch))
    return poses


def _pose(place: Floats, heading: float, pitch: float) -> Floats:
    level = np.array([math.cos(heading), math.sin(heading), 0.0])
    right = np.array([math.sin(heading), -math.cos(heading), 0.0])
    ahead = math.cos(pitch) * level + math.sin(pitch) * np.array([0.0, 0.0, 1.0])
    return np.stack([right, np.cross(ahead, right), ahead, place], axis=1)


def seen(scene: Scene, pose: Floats, camera: Camera) -> Mapping[str, Sighting]:
    """Return what a camera with this pose (3, 4) sees of a scene's boxes."""
    centers = np.array([thing.box.center for thing in scene.objects])
    sizes = np.array([thing.box.size for thing in scene.objects])
    axes = np.array([thing.box.axes for thing in scene.objects])
    eye = pose[:, 3]
    points = centers[:, None] + np.einsum("pk,nk,nkc->npc", POINTS, sizes, axes)
    outward = np.einsum("pk,nkc->npc", NORMALS, axes)
    facing = np.einsum("npc,npc->np", eye - points, outward) > 0
    flat = project(camera, to_camera(pose, points.reshape(-1, 3)))
    pixels, image = flat.reshape(*facing.shape, 2), inside(camera, flat).reshape(facing.shape)
    shown = facing & image
    shown[shown] = ~_hidden(eye, points[shown], centers, sizes, axes)
    found = {}
    for i in np.flatnonzero(shown.any(axis=1)):
        low = pixels[i, shown[i]].min(axis=0).tolist()
        high = pixels[i, shown[i]].max(axis=0).tolist()
        found[scene.objects[i].id] = Sighting(
            box_px=(*low, *high),
            fraction=float(shown[i].sum() / facing[i].sum()),
            pixels=int((high[0] - low[0]) * (high[1] - low[1])) + 1,
            truncated=not image[i, facing[i]].all(),
        )
    return found


def _hidden(eye: Floats, points: Floats, centers: Floats, sizes: Floats, axes: Floats) -> Floats:
    # Whether any box is in the way from the eye to each point, by slabs.
    way = points - eye
    start = np.einsum("bkc,bc->bk", axes, eye - centers)[None]
    along = np.einsum("bkc,nc->nbk", axes, way)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = (-np.sign(along) * sizes / 2 - start) / along
        far = (np.sign(along) * sizes / 2 - start) / along
    enter, leave = near.max(axis=2), far.min(axis=2)
    before = 1.0 - SKIN / np.linalg.norm(way, axis=1)
    return np.asarray(((enter < leave) & (leave > 0) & (enter < before[:, None])).any(axis=1))
