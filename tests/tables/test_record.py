"""release.json comes from anywhere: what is no release is told, and never followed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spatialgen.errors import DatasetError
from spatialgen.tables import record

HASH = "a" * 64
NAME = "round0-aaaaaaaaaaaa"


def part(**more: Any) -> dict[str, Any]:
    return {
        "round": 0,
        "dataset": HASH,
        "questions": HASH,
        "parents": [],
        "config": {},
        "versions": {},
        "files": {f"data/questions/{NAME}-00000.parquet": {"bytes": 1, "sha256": HASH}},
        "tables": {"questions": {"rows": 1, "bytes": 1, "large": 0}},
        "sources": {},
        "types": {},
        "reasons": {},
        "scenes_rejected": {},
        "contamination": {},
        "overlaps": [],
        "shortcuts": None,
        "left_out": {},
        "example": None,
        **more,
    }


def release(**more: Any) -> dict[str, Any]:
    return {"format": 1, "license": "cc-by-4.0", "parts": {NAME: part()}, **more}


def test_what_is_written_is_read() -> None:
    found = record.parse(release())
    assert record.parse(json.loads(record.to_json(found))) == found


SOURCE = {"title": "x", "licence": "mit", "url": None, "frames": False, "scenes": 1, "questions": 1}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param([], "damaged", id="no object"),
        pytest.param(release(format=2), "a release of format 2, not 1", id="newer"),
        pytest.param({}, "a release of format None", id="empty"),
        pytest.param(release(license="x: y"), "license", id="licence"),
        pytest.param(release(more=1), "more", id="unknown key"),
        pytest.param(release(parts={"../x": part()}), "parts", id="name of a part"),
        pytest.param(
            release(parts={NAME: part(files={"../../x": {"bytes": 1, "sha256": HASH}})}),
            "files",
            id="path that leaves",
        ),
        pytest.param(
            release(parts={NAME: part(files={"README.md": {"bytes": 1, "sha256": HASH}})}),
            "files",
            id="path of the card",
        ),
        pytest.param(release(parts={NAME: part(round=-1)}), "round", id="round"),
        pytest.param(release(parts={NAME: part(round="0")}), "round", id="text for a number"),
        pytest.param(
            release(parts={NAME: part(sources={"x": {**SOURCE, "url": "javascript:x"}})}),
            "url",
            id="link",
        ),
    ],
)
def test_what_is_no_release_is_told(data: Any, told: str) -> None:
    with pytest.raises(DatasetError, match=told):
        record.parse(data)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(lambda path: path.unlink(), "not a finished release", id="missing"),
        pytest.param(lambda path: path.write_text("{"), "damaged", id="torn"),
        pytest.param(lambda path: path.write_text("[" * 100_000), "damaged", id="deep"),
        pytest.param(lambda path: path.write_bytes(b"\xff"), "damaged", id="bytes"),
        pytest.param(lambda path: os.truncate(path, 10**9), "larger than", id="huge"),
    ],
)
def test_damaged_files_are_told(harm: Callable[[Path], Any], told: str, tmp_path: Path) -> None:
    path = tmp_path / record.RELEASE
    path.write_text(json.dumps(release()))
    harm(path)
    with pytest.raises(DatasetError, match=told):
        record.read(tmp_path)
