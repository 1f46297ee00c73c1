"""One published scene and one's own scan of it: checked, and its pictures put on the shelf.

Reasons for which a scene is not joined, besides those of `agreement` and those for which a
scan can't be used at all (see ``spatialgen inspect``):

    damaged_scene      the published scene is none
    missing_scene      there is no scan of it
    missing_frames     the scan has no pictures

Of single frames, ``lost`` on the shelf says: ``other_frame``, no frame has the published
pose; or why its picture does not decode.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spatialgen import scenes
from spatialgen.dataset.rows import Row
from spatialgen.dataset.scenes import scene_from_json
from spatialgen.errors import SceneError
from spatialgen.graph.observe import FRAMES
from spatialgen.materialize import shelf as shelves
from spatialgen.materialize.agreement import disagreement, positions
from spatialgen.materialize.clips import write_clip
from spatialgen.materialize.shelf import Shelf
from spatialgen.media.images import read_each, reduced, write_image
from spatialgen.media.sampling import uniform
from spatialgen.records import Scene
from spatialgen.scan import Colors, Recording
from spatialgen.scenes import Rejected, SceneRef
from spatialgen.tables.soundness import END_FRAME, MOST_FRAMES, Key, key_of


@dataclass(frozen=True, slots=True)
class Plan:
    """How pictures are written: below which folder, how large, how many of a whole video.

    ``frames`` of None stands for those that were sampled when the questions were made;
    ``clip`` asks for the whole video as a video too.
    """

    out: Path
    max_side: int | None = None
    frames: int | None = None
    clip: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What questions want of a scene: ``single`` frames by index, the ``whole`` video."""

    single: frozenset[int] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A published scene to be joined with the scan that is called the same, if there is one."""

    data: Row
    need: Need
    scan: SceneRef | Rejected | None


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of a scene: its shelf, or a reason and a sentence why there is none."""

    key: Key
    shelf: Shelf | None = None
    reason: str = ""
    detail: str = ""


def join(plan: Plan, job: Job) -> Joined:
    """Check a scan against the published scene, and write the pictures that are needed.

    Nothing is read of a scan whose pictures an earlier run wrote.
    """
    key = key_of(job.data)
    try:
        published = read_scene(job.data)
        digest = scene_digest(published)
        before = shelves.read(plan.out, key)
        if digest in before.checked and _is_done(plan, before, job.need):
            return Joined(key, before)
        return Joined(key, _written(plan, job, published, before, digest))
    except SceneError as error:
        return Joined(key, None, error.code, str(error))


def read_scene(data: Row) -> Scene:
    """Return the scene in a published row; raises SceneError ``damaged_scene``."""
    try:
        scene = scene_from_json(data)
        if len(scene.frames) > MOST_FRAMES:
            raise ValueError(f"{len(scene.frames)} frames, at most {MOST_FRAMES} are taken")
        if not all(0 <= frame.index < END_FRAME for frame in scene.frames):
            raise ValueError("a frame is at no position in a video")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SceneError("damaged_scene", f"the published scene can't be read ({error})") from error
    return scene


def scene_digest(published: Scene) -> str:
    """Return a hash of the part of a published scene that a scan is checked against."""
    frames = [(frame.index, frame.time_s, frame.pose) for frame in published.frames]
    text = repr((published.objects, frames))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def wanted_of(plan: Plan, shelf: Shelf, need: Need) -> list[int]:
    """Return the frames that still need a picture, ascending."""
    needed = need.single.union(shelf.whole if need.whole else ())
    held = {i for i in needed & shelf.times_s.keys() if (plan.out / shelf.picture(i)).is_file()}
    return sorted(needed - held)


def _is_done(plan: Plan, shelf: Shelf, need: Need) -> bool:
    """Say whether everything that is needed was done before, and is still there."""
    if (need.whole and not shelf.whole) or wanted_of(plan, shelf, need):
        return False
    clip = plan.clip and need.whole
    return not clip or (shelf.clip and (plan.out / shelf.video).is_file())


def _written(plan: Plan, job: Job, published: Scene, before: Shelf, digest: str) -> Shelf:
    recording, colors = _recording(job.scan, published)
    at = positions(published.frames, recording)
    sampled = sorted({frame.index for frame in published.frames})
    if plan.frames is not None or not sampled:
        # Frames of the scan itself, with which nothing has to agree.
        sampled = sorted(set(uniform(recording.total, plan.frames or FRAMES)))
        own = {int(index): place for place, index in enumerate(recording.indices)}
        at = {index: own[index] for index in sampled if index in own} | at
    whole = before.whole or (tuple(sampled) if job.need.whole else ())
    shelf = replace(before, whole=whole, checked=tuple({*before.checked, digest}))
    times_s = {index: float(recording.times_s[place]) for index, place in at.items()}
    times_s |= {frame.index: frame.time_s for frame in published.frames}
    shelf = _with_pictures(
        plan, shelf, recording, colors, wanted_of(plan, shelf, job.need), at, times_s
    )
    if plan.clip and job.need.whole:
        shelf = with_clip(plan, shelf)
    return shelves.write(plan.out, shelf)


def _recording(found: SceneRef | Rejected | None, published: Scene) -> tuple[Recording, Colors]:
    """Return the video of the scan, after it was found to be of the published scene."""
    if found is None:
        raise SceneError("missing_scene", "no scan of this name lies in --scenes")
    if isinstance(found, Rejected):
        raise SceneError(found.code, found.detail)
    scan = scenes.load(found)
    differs = disagreement(published, scan.scene)
    if differs is not None:
        raise SceneError(differs.reason, differs.detail)
    if scan.recording is None or scan.recording.colors is None:
        raise SceneError(
            "missing_frames", "the scan has no pictures; `spatialgen inspect` says why"
        )
    return scan.recording, scan.recording.colors


def _with_pictures(
    plan: Plan,
    shelf: Shelf,
    recording: Recording,
    colors: Colors,
    wanted: Sequence[int],
    at: Mapping[int, int],
    times_s: Mapping[int, float],
) -> Shelf:
    """Write the pictures of wanted frames, which are ``at`` positions of the recording."""
    held, lost = dict(shelf.times_s), dict(shelf.lost)
    places: dict[int, list[int]] = {}
    for index in wanted:
        if index in at:
            places.setdefault(int(recording.indices[at[index]]), []).append(index)
        else:
            lost[index] = "other_frame"
    (plan.out / shelf.picture(0)).parent.mkdir(parents=True, exist_ok=True)
    for own, found in read_each(colors, sorted(places)):
        for index in places[own]:
            if isinstance(found, SceneError):
                lost[index] = found.code
                continue
            image = found if plan.max_side is None else reduced(found, plan.max_side)
            write_image(plan.out / shelf.picture(index), image)
            held[index] = round(times_s[index], 6)
            lost.pop(index, None)
    return replace(shelf, times_s=held, lost=lost)


def with_clip(plan: Plan, shelf: Shelf) -> Shelf:
    """Write the frames of the whole video as a clip, if there are any."""
    if not shelf.shown:
        return shelf
    pictures = [plan.out / shelf.picture(index) for index in shelf.shown]
    write_clip(plan.out / shelf.video, pictures, [shelf.times_s[index] for index in shelf.shown])
    return replace(shelf, clip=True)
