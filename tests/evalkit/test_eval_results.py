"""What results.json says: means, intervals, baselines, and by which protocol."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalkit import discovery
from evalkit.backends import Settings
from evalkit.benchmark import Generation
from evalkit.errors import DataError
from evalkit.media.video import Sampling
from evalkit.protocol import protocol, unlike
from evalkit.questions import Questions, load, question_ids, questions
from evalkit.run import run
from evalkit.summary import other_scorers, summary
from tests.evalkit.made_run import fake, make_plan, right_answers, vsi_rows, write_rows

VSI = discovery.load("vsi-bench")
OFFICIAL = VSI.scorers["official"]
ROWS = vsi_rows(4)
QUESTIONS = questions(VSI, ROWS)


def summed(answers: dict[str, str], total: int | None = None) -> dict[str, Any]:
    return summary(VSI, OFFICIAL, QUESTIONS, answers, total or len(QUESTIONS))


def wrong(kind: str, scenes: int, text: str = "0") -> dict[str, str]:
    """Return right answers but for the questions of one type in the first scenes."""
    answers = right_answers(ROWS)
    names = [str(row["id"]) for row in ROWS if row["question_type"] == kind][:scenes]
    return {**answers, **dict.fromkeys(names, text)}


def test_the_overall_score_is_the_mean_of_eight_with_one_for_directions() -> None:
    found = summed(wrong("object_rel_direction_hard", 2, "A"))
    assert found["groups"]["object_rel_direction_hard"]["score"] == 0.5
    assert found["groups"]["object_rel_direction"]["score"] == pytest.approx(2.5 / 3)
    assert found["overall"] == pytest.approx((7 + 2.5 / 3) / 8)
    assert found["partial"] == []


def test_intervals_are_over_scenes_of_each_group_and_of_the_whole() -> None:
    found = summed(wrong("object_counting", 2, "3"))
    counting = found["groups"]["object_counting"]
    # Two of four within 25 %, which is six tenths.
    assert counting["low"] < counting["score"] == 0.8 < counting["high"]
    assert found["groups"]["route_planning"] | {"low": None, "high": None} == {
        "score": 1.0,
        "n": 4,
        "no_answer": 0.0,
        "errors": 0,
        "chance_adjusted": None,
        "low": None,
        "high": None,
        "failed": 0,
        "outcomes": {"correct": 4, "partial": 0, "incorrect": 0, "no_answer": 0, "error": 0},
    }
    # The whole leans on the group with an eighth of its weight.
    assert found["overall"] - found["low"] == pytest.approx((0.8 - counting["low"]) / 8)
    assert found["clusters"] == 4
    # No score is above 1 or below 0, so no interval is; draws of four scenes alone would be.
    halves = summed(wrong("object_rel_direction_hard", 2, "A"))
    hard = halves["groups"]["object_rel_direction_hard"]
    assert (hard["low"], hard["high"], counting["high"]) == (0.0, 1.0, 1.0)


def test_no_answer_is_counted_beside_every_score() -> None:
    found = summed(wrong("object_counting", 3, "I can't tell"))
    assert found["groups"]["object_counting"]["no_answer"] == 0.75
    assert found["groups"]["object_counting"]["score"] == 0.25
    assert found["outcomes"]["no_answer"] == 3
    assert found["no_answer"] == 3 / 40


def test_failed_questions_are_in_no_mean_and_make_the_run_partial() -> None:
    answers = wrong("object_counting", 2)
    lost = next(str(row["id"]) for row in ROWS if row["question_type"] == "object_counting")
    found = summed({name: text for name, text in answers.items() if name != lost})
    counting = found["groups"]["object_counting"]
    assert (counting["score"], counting["n"], counting["failed"]) == (pytest.approx(2 / 3), 3, 1)
    assert found["overall"] is None
    assert found["overall_answered"] == pytest.approx((7 + 2 / 3) / 8)
    assert found["partial"] == ["1 of 40 questions failed"]


def test_a_type_without_an_answer_leaves_no_overall_score_at_all() -> None:
    answers = {
        str(row["id"]): row["ground_truth"]
        for row in ROWS
        if row["question_type"] != "object_rel_direction_easy"
    }
    found = summed(answers)
    assert (found["overall"], found["overall_answered"], found["low"]) == (None, None, None)
    assert found["missing_types"] == ["object_rel_direction_easy"]
    assert "object_rel_direction" not in found["groups"]


def test_nothing_answered_is_told_and_no_crash() -> None:
    found = summed({})
    assert (found["answered"], found["failed"]) == (0, 40)
    assert {(each["score"], each["n"], each["failed"]) for each in found["groups"].values()} == {
        (None, 0, 4)
    }
    assert found["overall_answered"] is None


def test_a_mean_over_rows_has_the_interval_of_a_mean() -> None:
    mindcube = discovery.load("mindcube")
    docs = [
        {"id": f"{kind}_{n}_q{q}", "question": "A. x B. y", "images": [], "gt_answer": "A"}
        for kind in ("among", "around", "rotation")
        for n in range(6)
        for q in range(2)
    ]
    items = questions(mindcube, docs)
    answers = {item.id: "A." if k % 4 else "B." for k, item in enumerate(items)}
    found = summary(mindcube, mindcube.scorers["official"], items, answers, len(items))
    assert found["overall"] == 0.75
    assert found["clusters"] == 18
    # Of 18 scenes 9 score 1/2 and 9 score 1; sd 0.25, so about 0.75 +- 1.96 * 0.06.
    assert found["low"] == pytest.approx(0.75 - 1.96 * 0.25 / np.sqrt(17), abs=0.02)


def test_every_scorer_scores_the_same_answers() -> None:
    answers = wrong("object_counting", 4, "about 4 tables")
    found = other_scorers(VSI, QUESTIONS, answers)
    assert list(found) == ["official", "lmms-eval", "vlmevalkit"]
    assert found["official"]["overall"] == pytest.approx(7 / 8)
    assert found["lmms-eval"]["overall"] == 1.0
    assert found["lmms-eval"]["errors"] == 0


@pytest.mark.parametrize(
    ("docs", "expected"),
    [
        pytest.param([{"id": 3}, {"id": 1}], ["3", "1"], id="id"),
        pytest.param([{"id": 3}, {"id": 3}], ["0", "1"], id="twice the same"),
        pytest.param([{"id": 1}, {"id": None}], ["0", "1"], id="one lacks it"),
        pytest.param([{"question_id": "a"}, {"question_id": "b"}], ["a", "b"], id="question_id"),
        pytest.param([{}, {}], ["0", "1"], id="none"),
    ],
)
def test_question_ids(docs: list[dict[str, Any]], expected: list[str]) -> None:
    assert question_ids(docs) == expected


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Questions:
    folder = tmp_path_factory.mktemp("data")
    return load(VSI, folder / "cache", write_rows(folder, ROWS))


def id_of(found: Questions, frames: int = 32, scorer: str = "official") -> dict[str, Any]:
    return protocol(found, scorer, Sampling(frames), blind=False)


def test_a_protocol_says_everything_that_moves_a_score(loaded: Questions) -> None:
    found = id_of(loaded)
    assert found["id"].startswith("vsi-bench/uniform-32/official/")
    assert (found["frames"], found["sampler"]) == (32, "uniform-32")
    assert found["decoder"].startswith("opencv-")
    assert found["generation"] == {"max_new_tokens": 16, "temperature": 0.0}
    assert id_of(loaded) == found


def test_whatever_moves_a_score_moves_the_protocol(loaded: Questions) -> None:
    base = id_of(loaded)
    other_prompt = replace(VSI, prompt=lambda doc: (*VSI.prompt(doc), VSI.prompt(doc)[1]))
    longer = replace(VSI, generation=Generation(64))
    changed = {
        "frames sampler": id_of(loaded, frames=16),
        "scorer": id_of(loaded, scorer="lmms-eval"),
        "prompt": id_of(replace(loaded, benchmark=other_prompt)),
        "generation": id_of(replace(loaded, benchmark=longer)),
        "data": id_of(replace(loaded, data=replace(loaded.data, content="0" * 64))),
    }
    for names, other in changed.items():
        assert unlike(base, other) == names.split()
        assert other["id"] != base["id"]


def test_a_blind_run_compares_with_a_sighted_one(loaded: Questions) -> None:
    blind = protocol(loaded, "official", Sampling(32), blind=True)
    assert blind["id"].startswith("vsi-bench/blind/")
    assert unlike(blind, id_of(loaded)) == []
    assert unlike(blind, id_of(loaded, scorer="lmms-eval")) == ["scorer"]


def test_results_carry_what_every_result_must(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data", ROWS)
    note = data / ".cache" / "huggingface" / "download" / "test.jsonl.metadata"
    note.parent.mkdir(parents=True)
    note.write_text("c0ffee\n")
    settings = Settings(model="m", base_url="http://user:secret@host/v1", batch_size=3)
    plan = make_plan(
        data, tmp_path / "cache", fake(right_answers(ROWS)), blind=True, settings=settings
    )
    found = run(plan, tmp_path / "out")
    assert found["dataset"]["revision"] == "c0ffee"
    assert (found["dataset"]["count"], found["dataset"]["whole"]) == (40, 5130)
    assert found["model"] == {"backend": "fake", "model": "fake"}
    assert {"evalkit", "python", "numpy"} <= found["versions"].keys()
    assert set(found["baselines"]) >= {"chance", "frequency_letter", "frequency_text"}
    assert found["baselines"]["chance"]["groups"]["object_rel_distance"] == 0.25
    assert found["grouping"]["merged"]["object_rel_direction"] == [
        f"object_rel_direction_{level}" for level in ("easy", "medium", "hard")
    ]
    assert found["timing"]["asked"] == 40
    for path in (tmp_path / "out").iterdir():
        assert "secret" not in path.read_text()
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([{"question_type": "x"}], "has no column ground_truth", id="needed column"),
        pytest.param(
            [{"question_type": "route_planning", "ground_truth": "A", "question": "?"}],
            "question 0 has no column 'options'",
            id="column of the prompt",
        ),
        pytest.param(
            [
                {
                    "question_type": "route_planning",
                    "ground_truth": "A",
                    "options": None,
                    "question": "?",
                }
            ],
            "question 0 can't be asked",
            id="no options",
        ),
    ],
)
def test_rows_that_can_not_be_asked_are_told(
    tmp_path: Path, rows: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        load(VSI, tmp_path / "cache", write_rows(tmp_path / "data", rows))


def test_more_questions_than_the_benchmark_has_are_refused(tmp_path: Path) -> None:
    debiased = discovery.load("vsi-bench-debiased")
    rows = [{**ROWS[0], "id": number} for number in range(2364)]
    with pytest.raises(DataError, match="has 2,364 questions where vsi-bench-debiased has 2,363"):
        load(debiased, tmp_path / "cache", write_rows(tmp_path / "data", rows))


def test_rows_that_are_not_part_of_a_benchmark_are_left_out(tmp_path: Path) -> None:
    debiased = discovery.load("vsi-bench-debiased")
    rows = [{**row, "pruned": number % 2 == 0} for number, row in enumerate(ROWS)]
    folder = write_rows(tmp_path / "data", rows)
    found = load(debiased, tmp_path / "cache", folder)
    assert [item.id for item in found.items] == [str(row["id"]) for row in ROWS[1::2]]
