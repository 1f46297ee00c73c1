"""SITE-Bench: its prompts, and what its code takes for the answer."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit import discovery, report
from evalkit.benchmarks.site_bench import BENCHMARK
from evalkit.questions import load
from evalkit.records import Image, Part, Row, Sample, Text, Video
from evalkit.report import lmms_eval
from evalkit.report._runs import load_run
from evalkit.run import run
from evalkit.scoring import results, score_row
from tests.evalkit.made_run import fake, make_plan, write_rows

DOC = {
    "question": " Which is nearer? ",
    "options": ["chair", "table", "bed"],
    "answer": "B",
    "category": "counting & existence",
    "dataset": "x",
    "visual": ["a/1.jpg", "a/2.jpg"],
}
ASKED = (
    "Question: Which is nearer?\nOptions:\nA: chair\nB: table\nC: bed\n"
    "Give me the answer letter directly. The best answer is:"
)
VIDEO = (
    "Select the best answer to the following multiple-choice question based on the video. "
    "Respond with only the letter of the correct option.\n"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, (Image(0), Image(1), Text("\n" + ASKED)), id="images in front"),
        pytest.param(
            {"question": "Is <image> left of <image>?", "options": ["yes", "no"]},
            (
                Text("Question: Is "),
                Image(0),
                Text(" left of "),
                Image(1),
                Text(
                    "?\nOptions:\nA: yes\nB: no\n"
                    "Give me the answer letter directly. The best answer is:"
                ),
            ),
            id="images between the words",
        ),
        pytest.param({"visual": ["v/1.mp4"]}, (Video(), Text(VIDEO + ASKED)), id="video"),
    ],
)
def test_prompt(changes: dict[str, object], expected: tuple[Part, ...]) -> None:
    assert BENCHMARK.prompt({**DOC, **changes}) == expected


@pytest.mark.parametrize(
    ("prediction", "score"),
    [
        pytest.param("B", 1, id="alone"),
        pytest.param("b", 1 / 3, id="lower case is drawn"),
        pytest.param("", 1 / 3, id="nothing is drawn"),
        pytest.param("D", 1 / 3, id="beyond the options is drawn"),
        pytest.param("(B) because A is far", 1, id="parentheses before letters that stand alone"),
        pytest.param("A or B", 1, id="the last that stands alone"),
        pytest.param("B or A", 0, id="the last is wrong"),
        pytest.param("B. table, A. chair", 0, id="equal places give the first letter"),
        pytest.param("answer:B", 1, id="colon"),
        pytest.param("C.", 0, id="wrong"),
    ],
)
def test_score(prediction: str, score: float) -> None:
    scorer = BENCHMARK.scorers["official"]
    assert score_row(BENCHMARK, scorer, Row(DOC, prediction)).score == score


def test_an_answer_by_chance_is_no_answer_in_our_reading() -> None:
    sample = score_row(BENCHMARK, BENCHMARK.scorers["official"], Row(DOC, "I can't tell"))
    assert (sample.score, sample.outcome) == (1 / 3, "no_answer")


def answered(category: str, options: int, prediction: str) -> Row:
    doc = {**DOC, "category": category, "options": list("abcdef"[:options]), "visual": [category]}
    return Row(doc, prediction)


def test_chance_is_taken_out_over_all_questions() -> None:
    first, second = BENCHMARK.types[:2]
    rows = [answered(first, 2, "B"), answered(first, 4, "A"), answered(second, 4, "B")]
    rows += [answered(name, 4, "B") for name in BENCHMARK.types[2:]]
    scorer = BENCHMARK.scorers["official"]
    found = results(BENCHMARK, scorer, [row.doc for row in rows], score_rows_of(rows))
    chances = 1 / 2 + 6 / 4
    assert found.overall == pytest.approx(6 / 7)
    assert found.chance_adjusted == pytest.approx((6 - chances) / (7 - chances))
    # One of two right by 1/2 and 1/4: (1 - 3/4) / (2 - 3/4).
    assert found.groups[first].chance_adjusted == pytest.approx(0.2)
    assert found.groups[second].chance_adjusted == 1
    part = results(BENCHMARK, scorer, [rows[0].doc], score_rows_of(rows[:1]))
    assert (part.overall, part.chance_adjusted) == (None, None)
    guessed = [answered(name, 4, "?") for name in BENCHMARK.types]
    drawn = results(BENCHMARK, scorer, [row.doc for row in guessed], score_rows_of(guessed))
    assert drawn.chance_adjusted == 0


def score_rows_of(rows: list[Row]) -> list[Sample]:
    return [score_row(BENCHMARK, BENCHMARK.scorers["official"], row) for row in rows]


def test_a_run_reports_it_with_an_interval_and_in_lmms_evals_names(tmp_path: Path) -> None:
    fields = [
        {"category": name, "options": ["x", "y"], "answer": "AB"[at % 2], "visual": [f"{at}.jpg"]}
        for at, name in enumerate(BENCHMARK.types * 5)
    ]
    rows = [{**DOC, **each} for each in fields]
    write_rows(tmp_path / "data", rows)
    plan = make_plan(
        tmp_path / "data", tmp_path / "cache", fake(lambda _: "B"), "site-bench", blind=True
    )
    changed = replace(plan.questions, data=replace(plan.questions.data, count=len(rows)))
    found = run(replace(plan, questions=changed), tmp_path / "out", quiet=True)
    adjusted = found["results"]["chance_adjusted"]
    # Half are right, as by chance: nothing is left, give or take.
    assert adjusted["score"] == 0
    assert -0.6 < adjusted["low"] < 0 < adjusted["high"] < 0.6
    assert "With chance taken out: 0.00 (" in report.present(tmp_path / "out", "text")
    (results_file, _) = lmms_eval.files([load_run(tmp_path / "out")]).values()
    scores = json.loads(results_file)["results"]["site_bench_image"]
    assert (scores["accuracy,none"], scores["chance_adjusted_acc,none"]) == (50, 0)
    assert "counting_and_existence_caa,none" in scores


def test_images_and_videos_are_loaded_together(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from tests.evalkit.made_media import write_parquet

    for name, doc in (("image_test", DOC), ("video_test", {**DOC, "visual": ["v/1.mp4"]})):
        (tmp_path / name).mkdir()
        write_parquet(tmp_path / name / "test-00000-of-00001.parquet", [doc])
    found = load(discovery.load("site-bench"), tmp_path / "cache", tmp_path)
    assert [item.doc["visual"][0] for item in found.items] == ["a/1.jpg", "v/1.mp4"]
