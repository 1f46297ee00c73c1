"""From a scan to the scene that questions are asked about: what its video shows, and when.

A few frames, evenly taken from the whole video, are described in full. When each
object is first seen is found in two steps: key frames are looked through until one
shows it, and then every frame between that one and the key frame before, and before that
the frames next to key frames that nearly show it. So a time is that of the very first
frame that shows enough of the object, unless an earlier glimpse of it, shorter
than KEY_S, comes and goes between two key frames with next to nothing of it.

Notes made here:

    bad_depth          depth images that can't be read; the mesh is asked instead, if there is one
    visible_by_boxes   neither mesh nor depth: what hides what is told from boxes alone
    turned_faces       the mesh's triangles are wound the wrong way round, or some of them
    unseen_objects     objects of which the video never shows enough
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import pixel_grid, rays, resized
from spatialgen.graph.boxes import stack
from spatialgen.graph.visibility import Surroundings, is_seen, look
from spatialgen.graph.visibility_occluders import BoxShadows, DepthImages, MeshRays, Occluder
from spatialgen.graph.visibility_samples import Sampler, own_casters
from spatialgen.media.sampling import uniform
from spatialgen.raycast import RayCaster
from spatialgen.records import Frame, Note, Scene, Sighting
from spatialgen.scan import Floats, Mesh, Recording, Scan

#: Frames that a model is shown, and that questions may be about.
FRAMES = 32
#: Seconds between key frames, and the frames between them where the times say nothing.
KEY_S = 0.25
KEY_FRAMES = 10
#: A key frame nearly shows an object that has this share of what counts as seen.
HINT = 0.2
#: Frames looked at side by side: decoding, casting rays and arithmetic let each other run.
THREADS = 2

# Key frames after which those objects are left alone that were seen.
_BATCH = 8
# Rays that tell how triangles are wound: so many frames, and so many rays across each.
_PROBES, _PROBE_SIDE = 16, 8
# Triangles wound one way by more than this share are wound that way.
_CLEAR = 0.9

#: A frame's position in the recording, and which objects to look for; None for all.
_Job: TypeAlias = tuple[int, npt.NDArray[np.bool_] | None]
#: Looks at frames, and yields the position and the sightings of each in turn.
_Visit: TypeAlias = Callable[[Iterable[_Job]], Iterator[tuple[int, dict[int, Sighting]]]]


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
    with ThreadPoolExecutor(threads) as pool:

        def visit(jobs: Iterable[_Job]) -> Iterator[tuple[int, dict[int, Sighting]]]:
            return pool.map(lambda job: (job[0], _look(around, recording, *job)), jobs)

        described = dict(visit((position, None) for position in sampled))
        first = _first_seen(recording, len(scene.objects), described, visit)
    ids = [thing.id for thing in scene.objects]
    if isinstance(around.occluder, DepthImages) and around.occluder.bad:
        notes.append(_bad_depth(recording, around.occluder.bad))
    unseen = [ids[i] for i in range(len(ids)) if i not in first]
    if unseen:
        notes.append(Note("unseen_objects", f"{len(unseen)} of {len(ids)}: {_some(unseen)}"))
    return replace(
        scene,
        frames=tuple(_frame(recording, p, described[p], ids) for p in sampled),
        first_seen={ids[i]: float(recording.times_s[first[i]]) for i in sorted(first)},
        notes=scene.notes + tuple(notes),
    )


def _first_seen(
    recording: Recording,
    objects: int,
    described: Mapping[int, Mapping[int, Sighting]],
    visit: _Visit,
) -> dict[int, int]:
    """Return the first position at which each object is seen.

    An object is looked for in key frames until it was seen, and then between the frame
    that shows it and the last one before in which it was looked for; and, as long
    as it wasn't seen, beside those that nearly show it.
    """
    first: dict[int, int] = {}
    hints = [set[int]() for _ in range(objects)]

    def note(position: int, sightings: Mapping[int, Sighting]) -> None:
        camera = recording.camera(position)
        for i, sighting in sightings.items():
            if position < first.get(i, position + 1):
                if is_seen(sighting, camera):
                    first[i] = position
                elif is_seen(sighting, camera, HINT):
                    hints[i].add(position)

    for position, sightings in described.items():
        note(position, sightings)
    keys = [position for position in _key_positions(recording) if position not in described]
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        wanted = np.array([first.get(i, batch[0]) >= batch[0] for i in range(objects)])
        if wanted.any():
            for position, sightings in visit((position, wanted) for position in batch):
                note(position, sightings)
    for position, sightings in visit(_between(first, hints, sorted({*keys, *described}), objects)):
        note(position, sightings)
    return first


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
    sampler, own = Sampler(objects, mesh), own_casters(objects, mesh)
    return Surroundings(sampler.sample(), sampler, boxes, own, occluder, facing), notes


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


def _look(
    around: Surroundings,
    recording: Recording,
    position: int,
    wanted: npt.NDArray[np.bool_] | None,
) -> dict[int, Sighting]:
    pose, camera = recording.poses[position], recording.camera(position)
    return look(around, position, pose, camera, wanted)


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


def _between(
    first: Mapping[int, int],
    hints: Sequence[set[int]],
    looked: Sequence[int],
    objects: int,
) -> list[_Job]:
    """Return what to look for between two frames looked at that show or nearly show it."""
    jobs: list[_Job] = []
    for before, after in pairwise(looked):
        if after > before + 1:
            wanted = np.array(
                [
                    first.get(i) == after
                    or (first.get(i, after) >= after and not hints[i].isdisjoint((before, after)))
                    for i in range(objects)
                ],
                dtype=np.bool_,
            )
            if wanted.any():
                jobs += [(position, wanted) for position in range(before + 1, after)]
    return jobs


def _frame(
    recording: Recording, position: int, sightings: Mapping[int, Sighting], ids: Sequence[str]
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
