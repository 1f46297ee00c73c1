"""How many requests without a reply are too many."""

import pytest

from recipes.unanswered import too_much


@pytest.mark.parametrize(
    ("refused", "attempts", "told"),
    [
        pytest.param({}, {}, [], id="nothing asked"),
        pytest.param({"margin": 9}, {"question_replies": 2}, [], id="all answered"),
        pytest.param({"no_reply": 20}, {"question_replies": 100}, [], id="as many as may be"),
        pytest.param(
            {"no_reply": 60, "margin": 320},  # a reply holds eight questions
            {"question_replies": 90, "repair_replies": 10, "questions_written": 320},
            ["60 of 100 requests for questions"],
            id="few requests beside many questions",
        ),
        pytest.param(
            {"no_reply": 1, "no_review": 3, "no_blind_reply": 4},
            {"question_replies": 50, "reviews": 10, "blind_guesses": 12},
            ["3 of 10 requests for reviews", "4 of 12 requests for guesses"],
            id="kind by kind",
        ),
        pytest.param(
            {"no_reply": 2}, {}, ["2 of 0 requests for questions"], id="a count that is not there"
        ),
    ],
)
def test_kinds_are_told(refused: dict[str, int], attempts: dict[str, int], told: list[str]) -> None:
    assert too_much(refused, attempts) == told
