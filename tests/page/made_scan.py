"""A furnished room with a video, put together from boxes: something for a page to show."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spatialgen.cameras import pixel_grid, rays
from spatialgen.errors import SceneError
from spatialgen.graph.boxes import corners, stack
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera, Frame, Note, Scene, Sighting
from spatialgen.scan import Floats, Image, Mesh, Recording, Scan
from spatialgen.synth.rooms import furnish

#: The faces of a box as two triangles each, wound outwards, by the order of UNIT_CORNERS.
BOX_FACES = np.array(
    [
        *([0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5]),
        *([0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6]),
        *([0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]),
    ]
)

#: Frames a second.
RATE = 2.0


@dataclass(frozen=True, eq=False)
class Rendered:
    """Pictures drawn when they are asked for; those in ``broken`` do not decode."""

    mesh: Mesh
    camera: Camera
    poses: Floats
    broken: tuple[int, ...] = ()

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        caster = RayCaster(self.mesh.vertices, self.mesh.faces)
        directions = rays(self.camera, pixel_grid(self.camera))
        for index in indices:
            if index in self.broken:
                raise SceneError("bad_image", f"frame {index}: does not decode")
            pose = self.poses[index]
            hits = caster.first_hits(pose[:3, 3], directions @ pose[:3, :3].T)
            light = 0.45 + 0.55 * np.abs(hits.normals @ [0.36, 0.48, 0.8])
            light *= np.clip(1.15 - hits.distances / 14, 0.3, 1)
            image = _paint(self.mesh.owners)[hits.triangles] * light[:, None]
            image[hits.triangles < 0] = 30
            shape = (self.camera.height, self.camera.width, 3)
            yield index, image.reshape(shape).astype(np.uint8)


def _paint(owners: np.ndarray) -> Floats:
    hues = np.arange(owners.max() + 2) * 2.4
    paint = 150 + 80 * np.cos(hues[:, None] + np.array([0.0, 2.1, 4.2]))
    paint[-1] = (205, 214, 222)
    return np.asarray(paint[owners])


def mesh_of(scene: Scene) -> Mesh:
    """Return the objects' boxes inside the room's walls, all wound towards the free space."""
    shapes = [(each, BOX_FACES) for each in corners(stack([thing.box for thing in scene.objects]))]
    counts = [12] * len(shapes)
    room, walls = shell(np.array(scene.room.polygon), scene.room.height or 2.5)
    shapes.append((room, walls))
    return Mesh(
        vertices=np.concatenate([places for places, _ in shapes]),
        faces=np.concatenate([faces + 8 * k for k, (_, faces) in enumerate(shapes)]).astype("i4"),
        owners=np.repeat([*range(len(counts)), -1], [*counts, len(walls)]).astype(np.int32),
    )


def shell(outline: Floats, height: float) -> tuple[Floats, np.ndarray]:
    """Return floor, ceiling and walls over a convex outline, as places and triangles."""
    x, y = outline.T
    nxt = np.roll(outline, -1, axis=0)
    if np.sum(x * nxt[:, 1] - y * nxt[:, 0]) < 0:
        outline = outline[::-1]
    n = len(outline)
    places = np.concatenate([np.c_[outline, np.full(n, z)] for z in (0.0, height)])
    k = np.arange(n)
    after = (k + 1) % n
    fan = np.stack([np.zeros(n - 2, dtype=int), k[1:-1], k[2:]], axis=1)
    walls = [np.stack(each, axis=1) for each in ((k, n + after, after), (k, n + k, n + after))]
    return places, np.concatenate([fan, n + fan[:, ::-1], *walls])


def walk(scene: Scene, total: int) -> Floats:
    """Return poses (total, 4, 4) of somebody who goes round the room and looks across it."""
    outline = np.array(scene.room.polygon)
    middle, reach = outline.mean(axis=0), 0.3 * np.ptp(outline, axis=0)
    poses = np.tile(np.eye(4), (total, 1, 1))
    for pose, angle in zip(poses, np.linspace(0.3, 0.3 + 1.7 * math.pi, total), strict=True):
        eye = np.array([*(middle + reach * [math.cos(angle), math.sin(angle)]), 1.55])
        wanted = np.array([*(middle - 0.6 * reach * [math.cos(angle - 0.5), math.sin(angle)]), 0.5])
        ahead = (wanted - eye) / np.linalg.norm(wanted - eye)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        pose[:3, :4] = np.stack([right, np.cross(ahead, right), ahead, eye], axis=1)
    return poses


def sightings(scene: Scene, mesh: Mesh, camera: Camera, pose: Floats) -> dict[str, Sighting]:
    """Return what a frame shows, by drawing it once with all objects and once with each alone."""
    directions = rays(camera, pixel_grid(camera)) @ pose[:3, :3].T
    hits = RayCaster(mesh.vertices, mesh.faces).first_hits(pose[:3, 3], directions)
    owners = np.where(hits.triangles >= 0, mesh.owners[hits.triangles], -1)
    owners = owners.reshape(camera.height, camera.width)
    seen = {}
    for place, thing in enumerate(scene.objects):
        rows, columns = np.nonzero(owners == place)
        if not len(rows):
            continue
        alone = RayCaster(mesh.vertices, mesh.faces[mesh.owners == place])
        whole = np.count_nonzero(alone.first_hits(pose[:3, 3], directions).triangles >= 0)
        box = (columns.min(), rows.min(), columns.max(), rows.max())
        cut = bool(set(box) & {0, camera.width - 1, camera.height - 1})
        figures = tuple(float(edge) for edge in box)
        seen[thing.id] = Sighting(figures, min(len(rows) / whole, 1.0), len(rows), cut)
    return seen


def made_scan(
    objects: int = 12,
    frames: int = 6,
    width: int = 96,
    seed: int = 0,
    fisheye: bool = False,
    broken: tuple[int, ...] = (),
) -> tuple[Scan, Scene]:
    """Return a scan, and the scene after its video was looked at."""
    scene = furnish(seed, 1, objects)
    mesh = mesh_of(scene)
    height = width * 3 // 4
    focal = width * (0.32 if fisheye else 0.55)
    lens = (0.01, -0.002, 0.0, 0.0) if fisheye else None
    camera = Camera(focal, focal, (width - 1) / 2, (height - 1) / 2, width, height, lens)
    poses = walk(scene, 4 * frames)
    colors = Rendered(mesh, camera, poses, broken)
    indices = np.arange(len(poses))
    recording = Recording(len(poses) + 3, indices, indices / RATE, poses, (camera,), colors)
    taken = [
        Frame(
            index,
            index / RATE,
            tuple(map(tuple, poses[index, :3].tolist())),
            camera,
            sightings(scene, mesh, camera, poses[index]),
        )
        for index in range(0, len(poses), 4)
    ]
    first: dict[str, float] = {}
    for frame in taken:
        for id in frame.seen:
            first.setdefault(id, frame.time_s)
    note = Note("bad_pose", "3 of the video's frames have no usable pose and are left out")
    bare = replace(scene, notes=(note,))
    return Scan(bare, mesh, recording), replace(bare, frames=tuple(taken), first_seen=first)
