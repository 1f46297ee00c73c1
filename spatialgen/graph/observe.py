"""From a scan to the scene that questions are asked about: what its video shows, and when.

A few frames, evenly taken from the whole video, are described in full. When each
object is first seen is found in two steps: key frames all along the video, and
then every frame between the key frame that first shows an object and the one
before it. So a time is that of the very first frame that shows enough of the
object, unless an earlier glimpse of it falls between two key frames.

Notes made here:

    bad_depth          depth images that can't be read; the mesh is asked instead, if there is one
    visible_by_boxes   neither mesh nor depth: what hides what is told from boxes alone
    turned_faces       the mesh's triangles are wound the wrong way round, or some of them
    unseen_objects     objects of which the video never shows enough
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from spatialgen.cameras import pixel_grid, rays, resized
from spatialgen.graph.boxes import stack
from spatialgen.graph.visibility import Surroundings, is_seen, look
from spatialgen.graph.visibility_occluders import BoxShadows, DepthImages, MeshRays, Occluder
from spatialgen.graph.visibility_samples import own_casters, sample
from spatialgen.media.sampling import uniform
from spatialgen.raycast import RayCaster
from spatialgen.records import Frame, Note, Scene, Sighting
from spatialgen.scan import Floats, Mesh, Recording, Scan

#: Frames that a model is shown, and that questions may be about.
FRAMES = 32
#: Seconds between key frames, and the frames between them where the times say nothing.
KEY_S = 0.5
KEY_FRAMES = 10
#: Frames looked at side by side: decoding, casting rays and arithmetic let each other run.
THREADS = 2

# Rays that tell how triangles are wound: so many frames, and so many rays across each.
_PROBES, _PROBE_SIDE = 16, 8
# Triangles wound one way by more than this share are wound that way.
_CLEAR = 0.9


@dataclass(frozen=True, eq=False)
class _Looked:
    """What was found in one frame: sightings by object, and which objects are seen."""

    sightings: dict[int, Sighting]
    seen: frozenset[int]


def observe(scan: Scan, frames: int = FRAMES, threads: int = THREADS) -> Scene:
    """Return the scene with its frames and first sightings filled in.

    ``frames`` are taken evenly from the whole video; those without a usable
    pose are left out. Memory does not grow with the length of the video, and no depth
    image is read twice. The result does not depend on ``threads``.
    """
    scene, recording = scan.scene, scan.recording
    if recording is None or len(recording.indices) == 0:
        return scene
    around, notes = surroundings(scan, recording)
    sampled = _sampled(recording, frames)
    keys = _key_positions(recording)
    looked: dict[int, _Looked] = {}
    with ThreadPoolExecutor(threads) as pool:

        def visit(positions: Sequence[int]) -> Iterator[tuple[int, _Looked]]:
            yield from zip(
                positions, pool.map(lambda p: _look(around, recording, p), positions), strict=True
            )

        for position, found in visit(sorted({*keys, *sampled})):
            looked[position] = found if position in sampled else replace(found, sightings={})
        first = _first_positions({p: found.seen for p, found in looked.items()})
        for position, found in visit(_between(first, sorted(looked))):
            for i in found.seen:
                first[i] = min(first.get(i, position), position)
    ids = [thing.id for thing in scene.objects]
    if isinstance(around.occluder, DepthImages) and around.occluder.bad:
        notes.append(_bad_depth(recording, around.occluder.bad))
    unseen = [ids[i] for i in range(len(ids)) if i not in first]
    if unseen:
        notes.append(Note("unseen_objects", f"{len(unseen)} of {len(ids)}: {_some(unseen)}"))
    return replace(
        scene,
        frames=tuple(_frame(recording, p, looked[p].sightings, ids) for p in sampled),
        first_seen={ids[i]: float(recording.times_s[first[i]]) for i in sorted(first)},
        notes=scene.notes + tuple(notes),
    )


def surroundings(scan: Scan, recording: Recording) -> tuple[Surroundings, list[Note]]:
    """Return what frames are looked at with, and notes about it.

    Depth images tell best what hides what, because they were taken with the
    pictures; then the mesh; and where there is neither, the boxes.
    """
    objects, notes = scan.scene.objects, list[Note]()
    mesh = scan.mesh if scan.mesh is not None and len(scan.mesh.faces) else None
    rays_at = MeshRays(mesh) if mesh is not None else None
    facing = _facing(rays_at.caster, mesh, recording) if rays_at and mesh else 1
    if facing != 1:
        which = "many" if facing == 0 else "most"
        notes.append(
            Note("turned_faces", f"{which} triangles of objects face away from the cameras")
        )
    occluder: Occluder
    if recording.depths is not None:
        occluder = DepthImages(recording, recording.depths, rays_at)
    elif rays_at is not None:
        occluder = rays_at
    else:
        occluder = BoxShadows(objects)
        notes.append(Note("visible_by_boxes", "no mesh and no depth images: boxes hide each other"))
    boxes = stack([thing.box for thing in objects])
    own = own_casters(objects, mesh)
    return Surroundings(sample(objects, mesh), boxes, own, occluder, facing), notes


def _facing(caster: RayCaster, mesh: Mesh, recording: Recording) -> int:
    """Tell whether triangles of objects face the cameras (1), face away (-1), or some do (0)."""
    towards = total = 0
    for position in uniform(len(recording.indices), _PROBES):
        camera = resized(recording.camera(position), _PROBE_SIDE, _PROBE_SIDE)
        pose = recording.poses[position]
        ways = rays(camera, pixel_grid(camera)) @ pose[:3, :3].T
        hits = caster.first_hits(pose[:3, 3], ways)
        met = (hits.triangles >= 0) & (mesh.owners[hits.triangles] >= 0)
        cosines = np.einsum("nc,nc->n", hits.normals[met], ways[met])
        towards += int((cosines < 0).sum())
        total += int(met.sum())
    if towards >= _CLEAR * total:
        return 1
    return -1 if towards <= (1 - _CLEAR) * total else 0


def _look(around: Surroundings, recording: Recording, position: int) -> _Looked:
    camera = recording.camera(position)
    sightings = look(around, position, recording.poses[position], camera)
    seen = frozenset(i for i, sighting in sightings.items() if is_seen(sighting, camera))
    return _Looked(sightings, seen)


def _sampled(recording: Recording, frames: int) -> list[int]:
    """Return the positions of the frames that are described."""
    wanted = np.unique(np.array(uniform(recording.total, frames), dtype=np.int64))
    position = np.searchsorted(recording.indices, wanted)
    position = np.minimum(position, len(recording.indices) - 1)
    found: list[int] = position[recording.indices[position] == wanted].tolist()
    return found


def _key_positions(recording: Recording) -> list[int]:
    """Return positions about KEY_S apart, the first and the last among them."""
    count = len(recording.indices)
    step = float(np.median(np.diff(recording.times_s))) if count > 1 else 0.0
    stride = max(1, int(KEY_S / step)) if step > 0 else KEY_FRAMES
    return sorted({*range(0, count, stride), count - 1})


def _first_positions(seen: dict[int, frozenset[int]]) -> dict[int, int]:
    """Return the first position at which each object is seen."""
    first: dict[int, int] = {}
    for position in sorted(seen):
        for i in seen[position]:
            first.setdefault(i, position)
    return first


def _between(first: dict[int, int], looked: Sequence[int]) -> list[int]:
    """Return the positions between a first sighting and what was looked at before it."""
    before = dict(zip(looked[1:], looked[:-1], strict=True))
    wanted = {
        position
        for end in set(first.values())
        if end in before
        for position in range(before[end] + 1, end)
    }
    return sorted(wanted)


def _frame(
    recording: Recording, position: int, sightings: dict[int, Sighting], ids: Sequence[str]
) -> Frame:
    pose: Floats = recording.poses[position][:3]
    a, b, c = ((float(x), float(y), float(z), float(w)) for x, y, z, w in pose)
    return Frame(
        index=int(recording.indices[position]),
        time_s=float(recording.times_s[position]),
        pose=(a, b, c),
        camera=recording.camera(position),
        seen={ids[i]: sightings[i] for i in sorted(sightings)},
    )


def _bad_depth(recording: Recording, bad: set[int]) -> Note:
    frames = [str(recording.indices[position]) for position in sorted(bad)]
    return Note("bad_depth", f"{len(frames)} images can't be read: {_some(frames)}")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
