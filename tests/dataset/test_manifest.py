"""The manifest says how a dataset was made, and counts what is in its files."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import spatialgen
from spatialgen.dataset.files import QUESTIONS, REJECTED, SCENES, file_hashes
from spatialgen.dataset.manifest import closing, opening
from spatialgen.dataset.rows import Row
from spatialgen.programs.language import VERSION
from tests.runs import write_lines


def row(scene: str, kind: str = "counting", question: str = "q", **more: Any) -> dict[str, Any]:
    return {
        "dataset": "d",
        "scene_name": scene,
        "id": "1",
        "question_type": kind,
        "question": question,
        "options": None,
        "ground_truth": "2",
        "answer": 2,
        "unit": None,
        "program": "p",
        **more,
    }


def shared(rows: Iterable[Row], rejected: Mapping[str, int]) -> dict[str, Any]:
    """Say what this was given to look at."""
    return {"questions": len(list(rows)), "scenes": dict(rejected)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    accepted = [
        row("s1"),
        row("s1", "distance"),
        row("s2", question=" other?"),
        row("scene0001_01"),
        row("scene0001_02", question="z"),
    ]
    rejected: list[dict[str, Any]] = [
        {"dataset": "d", "scene_name": "bad", "reason": "no_objects", "detail": ""},
        {"dataset": "d", "scene_name": "used", "reason": "contaminated_space", "detail": ""},
        row("s1", reason="margin"),
        row("s1", reason="unstable"),
        row("s2", reason="margin"),
    ]
    scenes: list[dict[str, Any]] = [
        {"dataset": "d", "scene_name": "s1", "notes": [{"code": "a"}, {"code": "b"}]},
        {"dataset": "d", "scene_name": "s2", "notes": [{"code": "a"}]},
        {"dataset": "d", "scene_name": "quiet", "notes": []},
    ]
    for name, rows in ((QUESTIONS, accepted), (REJECTED, rejected), (SCENES, scenes)):
        write_lines(tmp_path / name, rows)
    return tmp_path


def test_opening() -> None:
    assert opening({"seed": 1}, {"rooms.json": "aa"}) == {
        "complete": False,
        "config": {"seed": 1},
        "versions": {
            "spatialgen": spatialgen.__version__,
            "language": VERSION,
            "pydantic-monty": version("pydantic-monty"),
            "numpy": version("numpy"),
        },
        "inputs": {"rooms.json": "aa"},
    }


def test_closing_counts_the_files(folder: Path) -> None:
    start = opening({"seed": 1}, {"rooms.json": "aa"})
    closed = closing(folder, start, shared, 1.23456)
    assert closed == {
        **start,
        "complete": True,
        "counts": {
            "accepted": 5,
            "rejected": 3,
            "by_type": {"counting": 4, "distance": 1},
            "by_reason": {"margin": 2, "unstable": 1},
            "scenes": 3,
            "scenes_with_questions": 4,
            "scenes_rejected": {"contaminated_space": 1, "no_objects": 1},
            "scene_notes": {"a": 2, "b": 1},
        },
        "contamination": {"questions": 5, "scenes": {"contaminated_space": 1, "no_objects": 1}},
        "files": file_hashes(folder),
        "wall_time_s": 1.235,
    }


def test_an_empty_dataset(tmp_path: Path) -> None:
    for name in (QUESTIONS, REJECTED, SCENES):
        write_lines(tmp_path / name, [])
    counts = closing(tmp_path, opening({}, {}), shared, 0.0)["counts"]
    assert (counts["accepted"], counts["rejected"], counts["scenes"]) == (0, 0, 0)
    assert counts["by_type"] == counts["scenes_rejected"] == {}
