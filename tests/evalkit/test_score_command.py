"""``evalkit list`` and ``evalkit score`` as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evalkit import backends
from evalkit.cli import main

DOC = {"id": "around_1", "gt_answer": "A"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def write(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def score_json(file: str, *more: str, benchmark: str = "mindcube") -> dict[str, Any]:
    result = run("score", benchmark, "--predictions", file, "--json", *more)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_list() -> None:
    found = json.loads(run("list", "--json").stdout)
    assert {"vsi-bench", "mindcube", "erqa"} <= {each["name"] for each in found["benchmarks"]}
    assert found["scorers"] == ["official", "lmms-eval", "vlmevalkit"]
    ways = {each["name"]: each for each in found["backends"]}
    assert set(ways) == set(backends.names())
    assert ways["random"]["blind"]
    assert not ways["random"]["needs_model"]
    assert ways["transformers"]["needs_model"]
    assert not ways["transformers"]["blind"]
    told = run("list").stdout
    assert "vsi-bench" in told
    assert all(each["summary"] in told for each in ways.values())


def test_listing_imports_no_heavy_library() -> None:
    code = (
        "import sys; from evalkit.cli import main; main(['list'], standalone_mode=False); "
        "print([m for m in ('torch', 'transformers', 'vllm', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_failed_rows_of_a_run_are_left_out_and_said(tmp_path: Path) -> None:
    error = {"code": "missing", "reason": "no such video"}
    failed = {"doc": DOC, "prediction": None, "error": error}
    answered = {"doc": DOC, "prediction": "A", "error": None}
    file = write(tmp_path / "samples.jsonl", answered, failed, answered)
    result = run("score", "mindcube", "--predictions", file, "--json")
    assert json.loads(result.stdout)["results"]["groups"]["around"]["n"] == 2
    assert "1 question of this run has no answer, left out" in result.stderr
    only = run("score", "mindcube", "--predictions", write(tmp_path / "one.jsonl", failed))
    assert only.exit_code == 1
    assert "all 1 rows have an error" in only.stderr


def test_score_prints_samples_in_order_and_results(tmp_path: Path) -> None:
    file = write(
        tmp_path / "p.jsonl",
        *({"doc": DOC, "prediction": text} for text in ("A", "B", "?", None)),
        {"doc": DOC},
    )
    found = score_json(file)
    assert (found["benchmark"], found["scorer"]) == ("mindcube", "official")
    assert [s["score"] for s in found["samples"]] == [1.0, 0.0, 0.0, 0.0, 0.0]
    outcomes = [s["outcome"] for s in found["samples"]]
    assert outcomes == ["correct", "incorrect", "no_answer", "no_answer", "no_answer"]
    assert [s["parsed"] for s in found["samples"]] == ["A", "B", None, None, None]
    results = found["results"]
    (around,) = results["groups"].values()
    assert around | {"score": 0.2, "n": 5, "no_answer": 0.6, "errors": 0} == around
    assert (results["n"], results["overall"], results["partial"]) == (5, None, True)
    assert results["missing"] == ["rotation", "among"]


def test_score_as_text_says_partial_or_overall(tmp_path: Path) -> None:
    rows = [
        {"doc": {"id": name, "gt_answer": "A"}, "prediction": "A"}
        for name in ("around_1", "among_1", "rotation_1")
    ]
    partial = run("score", "mindcube", "--predictions", write(tmp_path / "a", *rows[:2]))
    assert "partial: no overall score without rotation" in partial.stdout
    assert "overall  " not in partial.stdout
    whole = run("score", "mindcube", "--predictions", write(tmp_path / "b", *rows))
    assert "partial" not in whole.stdout
    assert "3 questions; the whole benchmark has 1,050 or 21,154" in whole.stdout


def test_numbers_that_json_has_not_are_texts(tmp_path: Path) -> None:
    doc = {"question_type": "object_counting", "ground_truth": "3"}
    file = write(tmp_path / "p.jsonl", {"doc": doc, "prediction": "nan"})
    found = score_json(file, benchmark="vsi-bench")
    assert found["samples"][0]["parsed"] == "nan"
    assert found["samples"][0]["score"] == 0


def test_a_row_that_the_scorer_raises_on(tmp_path: Path) -> None:
    doc = {"question_type": "object_counting", "ground_truth": "0"}
    file = write(tmp_path / "p.jsonl", {"doc": doc, "prediction": "3"})
    sample = score_json(file, benchmark="vsi-bench")["samples"][0]
    assert (sample["score"], sample["outcome"]) == (None, "error")
    assert "0" in sample["reason"]
    text = run("score", "vsi-bench", "--predictions", file).stdout
    assert "1 without a score (official raises there), left out" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("{", "is not a line of JSON", id="no JSON"),
        pytest.param("3", "expected", id="no object"),
        pytest.param('{"prediction": "A"}', 'expected {"doc"', id="no doc"),
        pytest.param('{"doc": {"id": "x"}}', "lacks the column gt_answer", id="a column"),
        pytest.param('{"doc": {}}', "lacks the columns id, gt_answer", id="columns"),
        pytest.param('{"doc": {"id": 1, "gt_answer": "A"}, "prediction": 3}', "int", id="number"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "p.jsonl"
    good = json.dumps({"doc": DOC, "prediction": "A"})
    file.write_text(f"{good}\n\n{line}\n", encoding="utf-8")
    result = run("score", "mindcube", "--predictions", str(file))
    assert result.exit_code == 1
    assert f"{file}:3: " in result.stderr
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    result = run("score", "mindcube", "--predictions", str(file))
    assert result.exit_code == 1
    assert "is not UTF-8 text" in result.stderr


def test_an_empty_file(tmp_path: Path) -> None:
    result = run("score", "mindcube", "--predictions", write(tmp_path / "p.jsonl"))
    assert result.exit_code == 1
    assert "holds no predictions" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["mindcub"], "did you mean mindcube", id="benchmark"),
        pytest.param(["mindcube", "--scorer", "lmms_eval"], "did you mean lmms-eval", id="scorer"),
        pytest.param(["mindcube"], "no such file", id="file"),
    ],
)
def test_wrong_use_exits_with_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = run("score", *arguments, "--predictions", str(tmp_path / "absent.jsonl"))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_pruned_questions_are_not_part_of_the_debiased_benchmark(tmp_path: Path) -> None:
    doc = {"question_type": "object_counting", "ground_truth": "3", "pruned": True}
    file = write(tmp_path / "p.jsonl", {"doc": doc, "prediction": "3"})
    result = run("score", "vsi-bench-debiased", "--predictions", file)
    assert result.exit_code == 1
    assert "is not part of vsi-bench-debiased" in result.stderr
    assert score_json(file, benchmark="vsi-bench")["samples"][0]["score"] == 1
