"""Rows have the fields that others build on, in their order, and ids that hold."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from spatialgen.dataset.rows import (
    OPTIONS_SUFFIX,
    accepted_row,
    rejected_row,
    rejected_scene_row,
    row_id,
    to_line,
)
from spatialgen.programs.language import VERSION
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.judge import Verdict
from tests.runs import PER_SCENE, read_lines
from tests.scenes_by_hand import scene_of, thing

SCENE = scene_of([thing("chair-1", (0, 0, 0), (1, 1, 1))])

FIELDS = [
    "id",
    "dataset",
    "scene_name",
    "question_type",
    "question",
    "options",
    "ground_truth",
    "answer",
    "unit",
    "program",
    "language_version",
    "frames",
    "proposer",
    "round",
    "seed",
    "complexity",
    "checks",
    "confidence",
    "band",
]

MADE_BY = {"proposer": "someone", "round": 3, "seed": 7}


def draft(**changes: Any) -> Draft:
    usual = {
        "question_type": "counting",
        "question": "How many?",
        "program": "def answer(scene): return 1",
        "kind": "number",
        "decimals": 0,
    }
    return Draft(**{**usual, **changes})


def test_accepted_row_of_a_number() -> None:
    checks = (Check("margin", figures={"apart_m": 0.5}), Check("naming"))
    asked = draft(decimals=1, unit="meters", frames=(2, 5))
    row = accepted_row(SCENE, Verdict(asked, checks, 2.5), None, MADE_BY)
    assert row == {
        "id": row_id("hand/made", asked.question, asked.program),
        "dataset": "hand",
        "scene_name": "made",
        "question_type": "counting",
        "question": "How many?",
        "options": None,
        "ground_truth": "2.5",
        "answer": 2.5,
        "unit": "meters",
        "program": asked.program,
        "language_version": VERSION,
        "frames": [2, 5],
        "proposer": "someone",
        "round": 3,
        "seed": 7,
        "complexity": {"in_view": 0, "frames": 2, "hops": 0, "margin": None},
        "checks": {"margin": {"apart_m": 0.5}},
        "confidence": None,
        "band": None,
    }
    assert list(row) == FIELDS


@pytest.mark.parametrize(
    ("changes", "value", "options", "letter", "question_type"),
    [
        pytest.param(
            {"as_options": True}, 4, ["8", "4", "2"], "B", "counting" + OPTIONS_SUFFIX, id="number"
        ),
        pytest.param(
            {"kind": "choice", "choices": ("sofa", "bed")},
            "bed",
            ["sofa", "bed"],
            "B",
            "counting",
            id="choice",
        ),
        pytest.param(
            {"kind": "choice", "choices": ("yes", "no")},
            True,
            ["yes", "no"],
            "A",
            "counting",
            id="yes or no",
        ),
    ],
)
def test_accepted_row_with_options(
    changes: dict[str, Any], value: Any, options: list[str], letter: str, question_type: str
) -> None:
    row = accepted_row(SCENE, Verdict(draft(**changes), (), value), options, MADE_BY)
    assert row["options"] == [f"{'ABC'[i]}. {text}" for i, text in enumerate(options)]
    assert row["ground_truth"] == letter
    assert row["answer"] == value
    assert row["question_type"] == question_type


def test_rejected_row_goes_as_far_as_it_got() -> None:
    verdict = Verdict(draft(), (), reason="margin", detail="too close")
    row = rejected_row(SCENE, verdict, MADE_BY)
    assert list(row) == [*FIELDS, "reason", "detail"]
    assert (row["answer"], row["ground_truth"]) == (None, None)
    assert (row["reason"], row["detail"]) == ("margin", "too close")


def test_rejected_scene_row() -> None:
    assert rejected_scene_row("d", "s", "no_objects", "none") == {
        "dataset": "d",
        "scene_name": "s",
        "reason": "no_objects",
        "detail": "none",
    }


def test_id_is_a_hash_of_scene_question_and_program() -> None:
    text = "hand/made\x1fHow many?\x1fp"
    expected = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert row_id("hand/made", "How many?", "p") == expected


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("a/c", "q", "p"), id="scene"),
        pytest.param(("a/b", "Q", "p"), id="question"),
        pytest.param(("a/b", "q", "p "), id="program"),
        pytest.param(("a/b", "qp", ""), id="the border between question and program"),
    ],
)
def test_another_row_has_another_id(other: tuple[str, str, str]) -> None:
    assert row_id(*other) != row_id("a/b", "q", "p")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        pytest.param({"b": 1, "a": 2}, b'{"b": 1, "a": 2}\n', id="order of fields is kept"),
        pytest.param({"a": "стул 🪑"}, '{"a": "стул 🪑"}\n'.encode(), id="text stays readable"),
        pytest.param({"a": "x\ny"}, b'{"a": "x\\ny"}\n', id="one line whatever the text"),
        pytest.param({"a": "\ud800"}, b'{"a": "\\ud800"}\n', id="half a character"),
        pytest.param({"a": [1.0, 0.1, None, True]}, b'{"a": [1.0, 0.1, null, true]}\n', id="kinds"),
    ],
)
def test_line(row: dict[str, Any], line: bytes) -> None:
    assert to_line(row) == line
    assert json.loads(line) == row


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_no_line_holds_what_json_has_not(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        to_line({"a": number})


def test_rows_of_a_dataset(dataset: Path) -> None:
    rows = read_lines(dataset / "questions.jsonl")
    assert len(rows) == 4 * PER_SCENE
    assert all(list(row) == FIELDS for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["id"] == row_id(
            f"{row['dataset']}/{row['scene_name']}", row["question"], row["program"]
        )
        assert (row["confidence"], row["band"], row["frames"]) == (None, None, None)
        assert (row["proposer"], row["round"], row["seed"]) == ("built-in", 0, 0)
        assert isinstance(row["ground_truth"], str)
        assert row["checks"]["stability"]["rounds"] >= 8


def test_options_of_a_dataset(dataset: Path) -> None:
    rows = read_lines(dataset / "questions.jsonl")
    with_options = [row for row in rows if row["options"] is not None]
    assert 0 < len(with_options) < len(rows)
    for row in with_options:
        letters = [option[:3] for option in row["options"]]
        assert letters == [f"{letter}. " for letter in "ABCDEFGHIJ"[: len(letters)]]
        assert f"{row['ground_truth']}. " in letters


def test_rejected_rows_of_a_dataset(dataset: Path) -> None:
    rows = read_lines(dataset / "rejected.jsonl")
    assert rows
    assert all(list(row) == [*FIELDS, "reason", "detail"] for row in rows)
    assert all(row["reason"] and row["confidence"] is None for row in rows)
