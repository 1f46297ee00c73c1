"""The manifest: how a dataset was made and what is in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import spatialgen
from spatialgen.dataset.files import QUESTIONS, REJECTED, SCENES, file_hashes, read_rows
from spatialgen.dataset.rows import Row
from spatialgen.programs.language import VERSION as LANGUAGE_VERSION


def opening(config: dict[str, Any], inputs: dict[str, str]) -> dict[str, Any]:
    """Return the manifest of a run that has just begun."""
    return {
        "complete": False,
        "config": config,
        "versions": {
            "spatialgen": spatialgen.__version__,
            "language": LANGUAGE_VERSION,
            "pydantic-monty": version("pydantic-monty"),
            "numpy": version("numpy"),
        },
        "inputs": inputs,
    }


def closing(
    folder: Path,
    start: dict[str, Any],
    shared: Callable[[Iterable[Row], Mapping[str, int]], dict[str, Any]],
    wall_time_s: float,
) -> dict[str, Any]:
    """Return the manifest of a finished run: counted from the rows, not from memory.

    ``shared`` tells of the questions, and of the scenes that were rejected by reason, what
    benchmarks use too.
    """
    by_type: Counter[str] = Counter()
    scenes: Counter[str] = Counter()
    for row in read_rows(folder, QUESTIONS):
        by_type[row["question_type"]] += 1
        scenes[f"{row['dataset']}/{row['scene_name']}"] += 1
    by_reason: Counter[str] = Counter()
    bad_scenes: Counter[str] = Counter()
    for row in read_rows(folder, REJECTED):
        (by_reason if "question_type" in row else bad_scenes)[row["reason"]] += 1
    notes: Counter[str] = Counter()
    attempts: Counter[str] = Counter()
    read = 0
    for row in read_rows(folder, SCENES):
        read += 1
        notes.update(note["code"] for note in row["notes"])
        attempts.update(row.get("attempts", {}))
    return {
        **start,
        "complete": True,
        "counts": {
            "accepted": by_type.total(),
            "rejected": by_reason.total(),
            "by_type": dict(sorted(by_type.items())),
            "by_reason": dict(sorted(by_reason.items())),
            "scenes": read,
            "scenes_with_questions": len(scenes),
            "scenes_rejected": dict(sorted(bad_scenes.items())),
            "scene_notes": dict(sorted(notes.items())),
            **({"attempts": dict(sorted(attempts.items()))} if attempts else {}),
        },
        "contamination": shared(read_rows(folder, QUESTIONS), bad_scenes),
        "files": file_hashes(folder),
        "wall_time_s": round(wall_time_s, 3),
    }
