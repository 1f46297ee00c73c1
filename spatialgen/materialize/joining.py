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
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spatialgen import scenes
from spatialgen.dataset.rows import Row
from spatialgen.dataset.scenes import scene_from_json
from spatialgen.errors import SceneError
from spatialgen.graph.observe import FRAMES
from spatialgen.materialize import shelf as shelves
from spatialgen.materialize.agreement import disagreement, positions
from spatialgen.materialize.clips import write_clip
from spatialgen.materialize.published import Key, key_of
from spatialgen.materialize.shelf import Shelf
from spatialgen.media.images import read_each, reduced, write_image
from spatialgen.media.sampling import uniform
from spatialgen.records import Scene
from spatialgen.scan import Colors, Recording
from spatialgen.scenes import Rejected, SceneRef


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
        digest = scene_digest(job.data)
        before = shelves.read(plan.out, key)
        if digest in before.checked and _holds(plan, before, job.need, published):
            return Joined(key, before)
        return Joined(key, _written(plan, job, published, before, digest))
    except SceneError as error:
        return Joined(key, None, error.code, str(error))


def read_scene(data: Row) -> Scene:
    """Return the scene in a published row; raises SceneError ``damaged_scene``."""
    try:
        return scene_from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SceneError("damaged_scene", f"the published scene can't be read ({error})") from error


def scene_digest(data: Mapping[str, Any]) -> str:
    """Return a hash of the part of a published scene that a scan is checked against."""
    checked = {name: data.get(name) for name in ("objects", "frames")}
    text = json.dumps(checked, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def wanted_of(plan: Plan, need: Need, whole: Sequence[int]) -> list[int]:
    """Return the frames that pictures are needed of, ascending."""
    return sorted(need.single.union(whole if need.whole else ()))


def _holds(plan: Plan, shelf: Shelf, need: Need, published: Scene) -> bool:
    """Say whether everything that is needed was done before, and is still there."""
    if need.whole and not shelf.whole:
        return False
    known = {frame.index for frame in published.frames}
    needed = [i for i in wanted_of(plan, need, shelf.whole) if i in known or i in shelf.times_s]
    if any(i not in shelf.times_s and i not in shelf.lost for i in needed):
        return False
    files = [shelf.picture(index) for index in shelf.times_s]
    if plan.clip and need.whole and shelf.shown:
        if not shelf.clip:
            return False
        files.append(shelf.video)
    return all((plan.out / file).is_file() for file in files)


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
    times_s = {frame.index: frame.time_s for frame in published.frames}
    shelf = replace(before, whole=whole, checked=tuple({*before.checked, digest}))
    wanted = wanted_of(plan, job.need, whole)
    shelf = _with_pictures(plan, shelf, recording, colors, wanted, at, times_s)
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
    wanted: Iterable[int],
    at: Mapping[int, int],
    published_s: Mapping[int, float],
) -> Shelf:
    """Write the pictures of wanted frames, which are ``at`` positions of the recording."""
    times_s, lost = dict(shelf.times_s), dict(shelf.lost)
    places: dict[int, list[int]] = {}
    for index in wanted:
        if index not in at:
            lost[index] = "other_frame"
        else:
            places.setdefault(int(recording.indices[at[index]]), []).append(index)
    (plan.out / shelf.picture(0)).parent.mkdir(parents=True, exist_ok=True)
    for own, found in read_each(colors, sorted(places)):
        for index in places[own]:
            if isinstance(found, SceneError):
                lost[index] = found.code
                continue
            image = found if plan.max_side is None else reduced(found, plan.max_side)
            write_image(plan.out / shelf.picture(index), image)
            own_s = float(recording.times_s[at[index]])
            times_s[index] = round(published_s.get(index, own_s), 6)
            lost.pop(index, None)
    return replace(shelf, times_s=times_s, lost=lost)


def with_clip(plan: Plan, shelf: Shelf) -> Shelf:
    """Write the frames of the whole video as a clip, if there are any."""
    if not shelf.shown:
        return shelf
    pictures = [plan.out / shelf.picture(index) for index in shelf.shown]
    write_clip(plan.out / shelf.video, pictures, [shelf.times_s[index] for index in shelf.shown])
    return replace(shelf, clip=True)
