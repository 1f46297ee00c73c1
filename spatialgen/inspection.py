"""What is in a scene, as plain data."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatialgen import scenes
from spatialgen.errors import SceneError
from spatialgen.graph.boxes import heights, longest_sides
from spatialgen.graph.build import build
from spatialgen.graph.observe import FRAMES, observe
from spatialgen.records import Scene
from spatialgen.scan import Recording, Scan
from spatialgen.scenes import SceneIndex


@dataclass(frozen=True, eq=False)
class Inspected:
    """One scene: the scan it was read from, the scene after its video was looked at, the report."""

    scan: Scan
    scene: Scene
    report: dict[str, Any]


def inspect(
    path: Path, name: str | None = None, format: str | None = None, frames: int = FRAMES
) -> dict[str, Any]:
    """Describe the scene at ``path``, or list the scenes where it holds several.

    ``name`` is a scene's name, alone or as dataset/name; ``frames`` are taken of
    its video. Raises UsageError where nothing is there or no scene has that
    name, SceneError where the scene can't be used.
    """
    index = scenes.open_scenes([path], format)
    if name is None and len(index.refs) + len(index.rejected) != 1:
        return _list(index)
    return _inspected(path, index, name, frames).report


def inspect_one(
    path: Path, name: str | None = None, format: str | None = None, frames: int = FRAMES
) -> Inspected:
    """Return the scene at ``path`` and what `inspect` tells of it.

    Raises as `inspect` does, and UsageError where there are several scenes and no ``name``.
    """
    return _inspected(path, scenes.open_scenes([path], format), name, frames)


def _inspected(path: Path, index: SceneIndex, name: str | None, frames: int) -> Inspected:
    scan = scenes.load_named(path, index, name)
    scene = observe(scan, frames)
    return Inspected(scan, scene, describe(scan, scene))


def _list(index: SceneIndex) -> dict[str, Any]:
    listed: list[dict[str, Any]] = []
    for ref in index.refs:
        entry: dict[str, Any] = {"dataset": ref.dataset, "scene_name": ref.name}
        try:
            scan = scenes.load(ref)
        except SceneError as error:
            listed.append(entry | {"rejected": error.code, "detail": str(error)})
            continue
        scene = scan.scene
        listed.append(
            entry
            | {
                "objects": len(scene.objects),
                "categories": len(scene.counts),
                "room_area": scene.room.area,
                "frames": len(scene.frames) if scan.recording is None else scan.recording.total,
                "notes": len(scene.notes),
            }
        )
    for bad in index.rejected:
        listed.append(
            {
                "dataset": bad.dataset,
                "scene_name": bad.name,
                "rejected": bad.code,
                "detail": bad.detail,
            }
        )
    return {"scenes": listed, "skipped": list(index.skipped)}


def describe(scan: Scan, scene: Scene) -> dict[str, Any]:
    """Return what there is to tell of a scene, and of the scan it was observed in."""
    graph = build(scene)
    sides, extents = longest_sides(graph.boxes), heights(graph.boxes)
    room = scene.room
    shown_in = Counter(id for frame in scene.frames for id in frame.seen)
    mesh = scan.mesh
    return {
        "dataset": scene.dataset,
        "scene_name": scene.name,
        "space": scene.space,
        "room": {"area": room.area, "height": room.height, "outline": room.polygon is not None},
        "mesh": mesh and {"vertices": len(mesh.vertices), "faces": len(mesh.faces)},
        "video": None if scan.recording is None else _video(scan.recording),
        "frames": len(scene.frames),
        "objects": [
            {
                "id": thing.id,
                "label": thing.label,
                "center": [round(value, 3) for value in thing.box.center],
                "longest_side": round(float(sides[i]), 3),
                "height": round(float(extents[i]), 3),
                "first_seen_s": _seconds(scene.first_seen.get(thing.id)),
                "frames_seen": shown_in[thing.id],
            }
            for i, thing in enumerate(scene.objects)
        ],
        "seen": len(scene.first_seen),
        "counts": dict(sorted(scene.counts.items())),
        "notes": [{"code": note.code, "detail": note.detail} for note in scene.notes],
        "not_askable": _not_askable(scan, scene),
    }


def _video(recording: Recording) -> dict[str, Any]:
    times = recording.times_s
    camera = recording.camera(0) if recording.cameras else None
    return {
        "frames": recording.total,
        "usable_poses": len(recording.indices),
        "size": None if camera is None else [camera.width, camera.height],
        "fisheye": camera is not None and camera.fisheye is not None,
        "first_s": _seconds(float(times[0])) if len(times) else None,
        "last_s": _seconds(float(times[-1])) if len(times) else None,
        "pictures": recording.colors is not None,
        "depth": recording.depths is not None,
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _not_askable(scan: Scan, scene: Scene) -> list[str]:
    # What questions lack in this scene.
    lacks = []
    if not scene.objects:
        lacks.append("anything about objects: none is known")
    if scene.room.area is None:
        lacks.append("room size: the floor area is not known")
    if scene.room.polygon is None:
        lacks.append("routes and free floor: the floor's outline is not known")
    lack = _lack_of_frames(scan, scene)
    if lack:
        lacks.append(lack)
    elif scene.objects and not scene.first_seen:
        lacks.append("what frames show and in which order: no object is seen well enough")
    return lacks


def _lack_of_frames(scan: Scan, scene: Scene) -> str | None:
    if scene.frames:
        return None
    recording = scan.recording
    if recording is None:
        return "anything about the video: there are no frames"
    if not len(recording.indices):
        return "anything about the video: no frame has a usable pose"
    return "anything about the video: none of the frames taken has a usable pose"
