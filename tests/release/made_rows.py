"""Rows of dataset folders for tests of releases, and whole folders of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import MANIFEST, QUESTIONS, REJECTED, SCENES, file_hashes
from spatialgen.dataset.rows import row_id, to_line
from spatialgen.programs.language import VERSION

Row = dict[str, Any]


def question(number: int, dataset: str = "synthetic", scene: str = "room0", **more: Any) -> Row:
    """Return an accepted question, every second one with options."""
    words, program = f"How many chairs, {number}?", "def answer(scene): return 2"
    lettered = number % 2 == 0
    return {
        "id": row_id(f"{dataset}/{scene}", words, program),
        "dataset": dataset,
        "scene_name": scene,
        "question_type": "object_counting_mc" if lettered else "object_counting",
        "question": words,
        "options": ["A. 2", "B. 3"] if lettered else None,
        "ground_truth": "A" if lettered else "2",
        "answer": 2,
        "unit": None,
        "program": program,
        "language_version": VERSION,
        "frames": None if lettered else [0, 4],
        "proposer": "built-in",
        "round": 0,
        "seed": 0,
        "complexity": {"in_view": 4, "frames": None, "hops": 2, "margin": 2.5},
        "checks": {"margin": {"apart_m": 0.25}},
        "confidence": None,
        "band": None,
        **more,
    }


def rejected(number: int, **more: Any) -> Row:
    """Return a question that was turned down."""
    return question(number, ground_truth=None, answer=None) | {
        "reason": "margin",
        "detail": "too near",
        **more,
    }


def scene(dataset: str = "synthetic", name: str = "room0", **more: Any) -> Row:
    """Return a scene of two things, seen in one frame."""
    axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    things = [
        {"id": f"chair_{i}", "label": "chair", "center": [i, 0.5, 0.1], "size": [1, 1, 1]}
        for i in (1, 2)
    ]
    return {
        "dataset": dataset,
        "scene_name": name,
        "space": name,
        "objects": [{**thing, "axes": axes} for thing in things],
        "counts": {"chair": 2},
        "room": {"area": 12.5, "center": None, "height": 2.5, "polygon": [[0.0, 0.0], [1.0, 2.0]]},
        "frames": [
            {
                "index": 4,
                "time_s": 0.5,
                "pose": [[1.0, 0.0, 0.0, 0.1], [0.0, 1.0, 0.0, 0.2], [0.0, 0.0, 1.0, 0.3]],
                "camera": [300.0, 300.0, 319.5, 239.5, 640, 480],
                "fisheye": None,
                "seen": {"chair_1": [1.0, 2.0, 3.0, 4.0, 0.75, 12, False]},
            }
        ],
        "first_seen": {"chair_1": 0.5},
        "notes": [{"code": "no_mesh", "detail": "there is none"}],
        **more,
    }


def write_folder(
    folder: Path,
    questions: Sequence[Row],
    scenes: Sequence[Row],
    turned_down: Sequence[Row] = (),
    config: Mapping[str, Any] | None = None,
    **more: Any,
) -> Path:
    """Write a finished dataset folder of these rows; ``more`` goes into its manifest."""
    folder.mkdir(parents=True)
    for name, rows in ((QUESTIONS, questions), (SCENES, scenes), (REJECTED, turned_down)):
        (folder / name).write_bytes(b"".join(map(to_line, rows)))
    manifest = {
        "complete": True,
        "config": {"families": ["object_counting"], "seed": 0, **(config or {})},
        "versions": {"spatialgen": "0.1.0", "language": VERSION},
        "inputs": {"rooms.json": "aa"},
        "counts": {},
        "contamination": {"checked_against": {}},
        "files": file_hashes(folder),
        "wall_time_s": 1.5,
        **more,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder
