"""The command: what it prints, how it ends, and what it says of bad input."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="the extra `audit` is not installed")

from spatialgen.audit.question import Question
from tests.audit.made_questions import fair_choices, leaning_choices, vsi_row
from tests.runs import here

Capture = pytest.CaptureFixture[str]


def file_of(path: Path, questions: list[Question]) -> Path:
    path.write_text("".join(json.dumps(vsi_row(question)) + "\n" for question in questions))
    return path


def test_a_dataset(dataset: Path, capsys: Capture) -> None:
    ended = here(capsys, "audit", dataset)
    assert ended.status == 0
    assert ended.err == ""
    for part in ("without looking", "How answers are spread", "4 places", "scenes without"):
        assert part in ended.out


def test_a_benchmark_as_json(tmp_path: Path, capsys: Capture) -> None:
    path = file_of(tmp_path / "bench.jsonl", leaning_choices(200))
    report = here(capsys, "audit", path, "--json").json()
    assert report["questions"] == 200
    family = report["shortcuts"]["families"]["way"]
    assert family["shortcut"] is True
    assert family["guesses"]["text"]["score"] > 0.5
    assert family["base"] == 0.25
    assert len(report["shortcuts"]["flagged"]) == family["flagged"]
    assert report["sources"][0]["name"] == "bench.jsonl"


def test_several_are_taken_together(tmp_path: Path, capsys: Capture) -> None:
    halves = [leaning_choices(200)[:100], leaning_choices(200)[100:]]
    paths = [file_of(tmp_path / f"{i}.jsonl", half) for i, half in enumerate(halves)]
    together = here(capsys, "audit", *paths, "--json").json()
    alone = here(
        capsys, "audit", file_of(tmp_path / "all.jsonl", leaning_choices(200)), "--json"
    ).json()
    assert together["shortcuts"] == alone["shortcuts"]


@pytest.mark.parametrize(
    ("ours", "theirs", "status"),
    [
        pytest.param(fair_choices(50), None, 0, id="clean"),
        pytest.param(leaning_choices(200), None, 1, id="a shortcut"),
        pytest.param(fair_choices(50), fair_choices(5), 1, id="a benchmark's"),
        pytest.param(
            fair_choices(50),
            [replace(q, scene=f"other{q.scene}", text="What?") for q in fair_choices(5)],
            0,
            id="another benchmark",
        ),
    ],
)
def test_check(
    ours: list[Question],
    theirs: list[Question] | None,
    status: int,
    tmp_path: Path,
    capsys: Capture,
) -> None:
    words: list[Any] = ["audit", file_of(tmp_path / "ours.jsonl", ours), "--check"]
    if theirs is not None:
        words += ["--against", file_of(tmp_path / "theirs.jsonl", theirs)]
    ended = here(capsys, *words)
    assert ended.status == status, ended
    if status:
        assert "should not be there" in ended.complaint(1)
        assert "way" in ended.out


@pytest.mark.parametrize(
    ("make", "status", "told"),
    [
        pytest.param(lambda path: None, 2, "there is no such file", id="missing"),
        pytest.param(lambda path: path.mkdir(), 2, "neither a dataset folder nor", id="a folder"),
        pytest.param(lambda path: path.write_text("a,b\n"), 1, "begins with neither", id="a table"),
        pytest.param(
            lambda path: path.write_text('{"prompt": "x"}\n'),
            1,
            "another shape",
            id="other columns",
        ),
        pytest.param(lambda path: path.symlink_to(path), 2, "no such file", id="a link to itself"),
    ],
)
def test_bad_input(
    make: Any, status: int, told: str, tmp_path: Path, dataset: Path, capsys: Capture
) -> None:
    path = tmp_path / "bench.jsonl"
    make(path)
    assert told in here(capsys, "audit", path).complaint(status)
    assert told in here(capsys, "audit", dataset, "--against", path).complaint(status)


def test_text_of_a_file_gives_the_terminal_no_orders(tmp_path: Path, capsys: Capture) -> None:
    odd = [
        replace(
            q,
            family="\x1b[2Jway | x\n",
            options=("\x1b]0;a", "b", "c\ud800", "d"),
            answer="d",
            right=3,
        )
        for q in fair_choices(30)
    ]
    path = file_of(tmp_path / "odd.jsonl", odd)
    ended = here(capsys, "audit", path)
    assert ended.status == 0, ended
    assert "\x1b" not in ended.out
    assert "?[2Jway / x?" in ended.out


def test_without_scikit_learn(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    path = file_of(tmp_path / "bench.jsonl", fair_choices(50))
    said = here(capsys, "audit", path).complaint(1)
    assert "needs sklearn" in said
    assert "pip install 'ouroboros-spatial[audit]'" in said
