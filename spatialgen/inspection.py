"""What is in a scene, as plain data."""

from pathlib import Path
from typing import Any

from spatialgen import scenes
from spatialgen.errors import SceneError, UsageError
from spatialgen.graph.boxes import heights, longest_sides
from spatialgen.graph.build import build
from spatialgen.graph.observe import observe
from spatialgen.records import Scene
from spatialgen.scenes import Rejected, SceneIndex, SceneRef


def inspect(path: Path, name: str | None = None, format: str | None = None) -> dict[str, Any]:
    """Describe the scene at ``path``, or list the scenes where it holds several.

    ``name`` is a scene's name, alone or as dataset/name. Raises UsageError where
    nothing is there or no scene has that name, SceneError where the scene can't be
    used.
    """
    index = scenes.open_scenes([path], format)
    if name is None and len(index.refs) + len(index.rejected) != 1:
        return _list(index)
    candidates: tuple[SceneRef | Rejected, ...] = (*index.refs, *index.rejected)
    for found in candidates:
        if name not in (None, found.name, f"{found.dataset}/{found.name}"):
            continue
        if isinstance(found, Rejected):
            raise _unusable(path, found.name, found.code, found.detail)
        try:
            return _describe(observe(scenes.load(found)))
        except SceneError as error:
            raise _unusable(path, found.name, error.code, str(error)) from error
    raise UsageError(f"{path}: no scene {name!r}; without --name all are listed")


def _unusable(path: Path, name: str, code: str, detail: str) -> SceneError:
    return SceneError(code, f"{path}: scene {name} can't be used, {code}: {detail}")


def _list(index: SceneIndex) -> dict[str, Any]:
    listed: list[dict[str, Any]] = []
    for ref in index.refs:
        entry: dict[str, Any] = {"dataset": ref.dataset, "scene_name": ref.name}
        try:
            scene = observe(scenes.load(ref))
        except SceneError as error:
            listed.append(entry | {"rejected": error.code, "detail": str(error)})
            continue
        listed.append(
            entry
            | {
                "objects": len(scene.objects),
                "categories": len(scene.counts),
                "room_area": scene.room.area,
                "frames": len(scene.frames),
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


def _describe(scene: Scene) -> dict[str, Any]:
    graph = build(scene)
    sides, extents = longest_sides(graph.boxes), heights(graph.boxes)
    room = scene.room
    return {
        "dataset": scene.dataset,
        "scene_name": scene.name,
        "space": scene.space,
        "room": {"area": room.area, "height": room.height, "outline": room.polygon is not None},
        "objects": [
            {
                "id": thing.id,
                "label": thing.label,
                "center": [round(value, 3) for value in thing.box.center],
                "longest_side": round(float(sides[i]), 3),
                "height": round(float(extents[i]), 3),
            }
            for i, thing in enumerate(scene.objects)
        ],
        "counts": dict(sorted(scene.counts.items())),
        "frames": len(scene.frames),
        "notes": [{"code": note.code, "detail": note.detail} for note in scene.notes],
        "not_askable": _not_askable(scene),
    }


def _not_askable(scene: Scene) -> list[str]:
    # What questions lack in this scene.
    lacks = []
    if scene.room.area is None:
        lacks.append("room size: the floor area is not known")
    if not scene.frames:
        lacks.append("anything about the video: there are no frames")
    return lacks
