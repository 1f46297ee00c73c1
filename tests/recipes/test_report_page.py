"""The report as text and page, with texts that would like to be more."""

from typing import Any

import pytest

from recipes import plots, report

EVIL = "<script>alert('x')</script>"


def seen(free: float) -> dict[str, Any]:
    one = {"n": 4, "free": free, "low": None, "high": None, "argmax": 0.75, "chance": 0.5}
    overall = {"free": free, "low": None, "high": None}
    return {"n": 4, "no_answer": 1, "overall": overall, "families": {EVIL: one}}


def a_round(number: int, evaluation: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "round": number,
        "accepted": 10,
        "rejected": {"margin": 3},
        "dropped": {"duplicate": 1},
        "visits": 32,
        "distinct": 9,
        "visits_by_family": {EVIL: 32},
        "shares": [{"family": EVIL, "level": "in_view=<=2", "share": 1.0, "questions": 10}],
        "bands": {"easy": 1, "frontier": 6, "hard": 2, "untagged": 1},
        "families": {EVIL: {"questions": 10, "confidence": 0.4, "bands": {}}},
        "evaluation": evaluation,
        "cost": {"seconds": {"train": 2.0}, "answers_per_second": 16.0, "peak_memory_mb": 900},
    }


FOUND: dict[str, Any] = {
    "config": {
        "model": EVIL,
        "steps": 4,
        "batch": 8,
        "feedback": {"signal": "paper"},
        "evaluate": {"generate": True},
        "deviations": [EVIL],
    },
    "samples": 64,
    "not_shown": {"video_truncated": 2},
    "start": {"seeing": seen(0.25), "benchmarks": {"vsi": {"n": 9, "overall": None}}},
    "rounds": [
        a_round(0, None),
        a_round(
            1,
            {
                "seeing": seen(0.5),
                "grey": seen(0.375),
                "prior": {EVIL: 0.6},
                "benchmarks": {"vsi": {"n": 9, "overall": 0.3, "no_answer": 3}},
            },
        ),
    ],
}

SAMPLE = {
    "id": "1",
    "question_type": EVIL,
    "question": EVIL,
    "scene_name": EVIL,
    "options": [f"A. {EVIL}"],
    "ground_truth": "A",
    "unit": None,
    "frames": [1],
    "confidence": None,
    "band": "untagged",
    "program": EVIL,
}


def test_the_table_has_every_column_that_is_known() -> None:
    head, row, whole, lost, official, unread, *_ = report.table(FOUND).splitlines()
    assert head.split()[-8:] == ["n", "start", "r1", "argmax", "chance", "prior", "grey", "blind"]
    assert row.split()[-8:] == ["4", "25.0", "50.0", "75.0", "50.0", "60.0", "37.5", "-"]
    assert official.split() == ["benchmark", "vsi", "9", "-", "30.0", *"-----"]
    assert whole.split()[-8:] == ["4", "25.0", "50.0", "-", "-", "-", "37.5", "-"]
    # No answer stands beside what the answers are worth.
    assert lost.split()[-8:] == ["4", "25.0", "25.0", "-", "-", "-", "25.0", "-"]
    assert unread.split() == ["without", "an", "answer", "9", "0.0", "33.3", *"-----"]


@pytest.mark.parametrize(
    ("generate", "told"),
    [
        pytest.param(True, "numbers count by VSI-Bench's relative accuracy", id="generated"),
        pytest.param(False, "numbers have to be exact, of the prior too", id="by passes"),
    ],
)
def test_the_note_says_what_numbers_are_worth(generate: bool, told: str) -> None:
    config = {**FOUND["config"], "evaluate": {"generate": generate}}
    found = {**FOUND, "config": config}
    for text in (report.table(found), report.page(found, {}, {})):
        words = " ".join(text.replace("&#x27;", "'").split())
        assert told in words
        assert "Left out, for their pictures can't be shown: video_truncated 2." in words


def test_what_was_asked_before_adds_to_what_was_rejected() -> None:
    one = {**a_round(0, None), "rejected": {"duplicate": 120}, "dropped": {"duplicate": 7}}
    page = report.page({**FOUND, "rounds": [one]}, {}, {})
    assert "<td>duplicate</td><td>127</td>" in page


def test_what_a_killed_stage_took_is_not_known() -> None:
    one = a_round(0, None)
    one["cost"] |= {"seconds": {"train": None, "filter": 1.0}, "answers_per_second": None}
    page = report.page({**FOUND, "rounds": [one]}, {}, {})
    assert "<td>train</td><td>-</td>" in page
    assert "<td>questions trained per second</td><td>-</td>" in page


def test_a_page_shows_texts_as_they_are() -> None:
    page = report.page(FOUND, {0: [SAMPLE]}, {"1": ["data:image/png;base64,AA"]})
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert page.count("<img") == 1


def test_a_round_in_one_line() -> None:
    told = report.line(FOUND["rounds"][1])
    assert told == (
        "round 1: 10 questions (1 easy, 6 frontier, 2 hard, 1 untagged); held-out 0.500"
    )


@pytest.mark.parametrize(
    ("values", "circles"),
    [
        pytest.param([0.0, 1.0], 2, id="both ends"),
        pytest.param([None, 0.5], 1, id="a gap"),
        pytest.param([7.0, -3.0], 2, id="out of range"),
        pytest.param([], 0, id="no rounds"),
    ],
)
def test_lines_stay_inside(values: list[float | None], circles: int) -> None:
    drawn = plots.lines("t", [str(i) for i in range(len(values))], {"a": values})
    assert drawn.count("<circle") == circles
    heights = [float(part.split('"')[1]) for part in drawn.split("cy=")[1:]]
    assert all(0 <= y <= 240 for y in heights)


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        pytest.param([0.1, 0.2, 0.3], [3], id="whole"),
        pytest.param([0.1, 0.2, None, 0.3, 0.4], [2, 2], id="in the middle"),
        pytest.param([None, 0.1, None, None, 0.2, None], [1, 1], id="points alone"),
        pytest.param([None, None], [], id="nothing"),
    ],
)
def test_a_line_has_gaps(values: list[float | None], runs: list[int]) -> None:
    drawn = plots.lines("t", [str(i) for i in range(len(values))], {"a": values})
    paths = [part.split('"')[0] for part in drawn.split('points="')[1:]]
    assert [len(path.split()) for path in paths] == runs


def test_bars_leave_out_what_is_nothing() -> None:
    drawn = plots.bars("t", ["1", "2"], {"a": [1, 0], "b": [3, 0]})
    assert drawn.count("<rect") == 2
    assert "b, 1: 3 (75.0%)" in drawn
