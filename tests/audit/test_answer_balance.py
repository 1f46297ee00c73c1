"""How letters, answers, places and things are spread, by hand."""

from collections import Counter

import pytest

pytest.importorskip("sklearn", reason="the extra `audit` is not installed")

from spatialgen.audit.balance import balance, coverage, scene_coverage
from spatialgen.audit.shortcuts import families
from tests.audit.made_questions import choice, fair_choices, open_question


def test_letters_and_answers() -> None:
    questions = [choice(i, i, i % 2) for i in range(9)]
    found = balance(families(questions))["way"]
    assert found["letters"] == {"A": 5, "B": 4, "C": 0, "D": 0}
    assert found["most_frequent"] == {"front": 5, "left": 4}
    assert found["most_frequent_share"] == pytest.approx(5 / 9, abs=1e-4)
    assert found["distinct_answers"] == 2


@pytest.mark.parametrize(
    ("rights", "uneven"),
    [
        pytest.param([0] * 40, True, id="always the first"),
        pytest.param([i % 4 for i in range(40)], False, id="in turn"),
        pytest.param([0, 0, 1, 2], False, id="few"),
    ],
)
def test_uneven_letters(rights: list[int], uneven: bool) -> None:
    questions = [choice(i, i, right) for i, right in enumerate(rights)]
    assert balance(families(questions))["way"]["letters_uneven"] is uneven


def test_letters_that_are_seldom_offered_are_expected_seldom() -> None:
    two = [choice(i, i, i % 2, ("yes", "no")) for i in range(40)]
    four = [choice(40 + i, i, i % 4) for i in range(8)]
    assert balance(families([*two, *four]))["way"]["letters_uneven"] is False


def test_numbers() -> None:
    questions = [open_question(i, i, float(i)) for i in range(1, 6)]
    found = balance(families(questions))["size"]
    assert found["quantiles"] == {"min": 1, "q1": 2, "median": 3, "q3": 4, "max": 5}
    assert "letters" not in found


def test_places() -> None:
    questions = [choice(0, 0), choice(1, 0, 1), choice(2, 0, family="other"), choice(3, 1)]
    assert coverage([*questions, choice(4, 1)]) == {
        "places": 2,
        "questions_each": {"min": 2, "median": 2.5, "max": 3},
        "largest_share": 0.6,
        "families_each": 1.5,
        "repeated": 2,
    }
    assert coverage([]) == {"places": 0}


def test_things_that_are_never_named() -> None:
    questions = [choice(0, 0, text="Where are the chairs?", options=("by the lamp", "at the bed"))]
    scenes = [
        {
            "dataset": "made",
            "scene_name": name,
            "objects": [{"label": label} for label in ("chair", "chair", "lamp", "Plant")],
        }
        for name in ("room0", "room1")
    ]
    assert scene_coverage(questions, scenes) == {
        "scenes_without_questions": 1,
        "categories_in_scenes": 6,
        "categories_named": 2,
        "most_often_unnamed": {"plant": 2, "chair": 1, "lamp": 1},
    }


def test_made_questions_are_what_they_say() -> None:
    answers = Counter(question.answer for question in fair_choices(400))
    assert max(answers.values()) < 140
