"""Entries of metadata files for tests: two chairs and a trash bin, and changes to them."""

import json
from pathlib import Path
from typing import Any

from spatialgen.records import Scene
from spatialgen.scenes import SceneRef
from spatialgen.scenes.vsi_meta import FORMAT

UPRIGHT = [1, 0, 0, 0, 1, 0, 0, 0, 1]


def box(
    x: float = 0.0, size: Any = (1, 2, 3), axes: Any = UPRIGHT, **others: Any
) -> dict[str, Any]:
    return {"centroid": [x, 0, 0.5], "axesLengths": size, "normalizedAxes": axes, **others}


def entry(**changes: Any) -> dict[str, Any]:
    """An entry without fault, with some keys replaced, or left out where the value is ``...``."""
    whole: dict[str, Any] = {
        "dataset": "made",
        "room_size": 12.5,
        "room_center": [1, 2, 3],
        "object_counts": {"chair": 2, "trash bin": 1},
        "object_bbox": {"chair": [box(0), box(5)], "trash bin": [box(9)]},
    }
    return {key: value for key, value in {**whole, **changes}.items() if value is not ...}


def save(folder: Path, scenes: dict[str, Any], name: str = "meta.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(scenes))
    return path


def load_one(folder: Path, raw: Any, name: str = "room 7") -> Scene:
    (found,) = FORMAT.index(save(folder, {name: raw}))
    assert isinstance(found, SceneRef)
    return FORMAT.load(found).scene


def codes(scene: Scene) -> list[str]:
    return [note.code for note in scene.notes]
