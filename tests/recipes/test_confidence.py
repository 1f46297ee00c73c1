"""The formula on hand-made logits, and the edges of the bands."""

import math

import numpy as np
import pytest

from recipes.confidence import (
    band,
    chance_corrected,
    chance_of,
    confidence,
    token_log_probs,
)


def logits_of(*probabilities: float) -> list[float]:
    """Return logits whose softmax are these probabilities, shifted by a constant."""
    return [math.log(each) + 7.0 for each in probabilities]


@pytest.mark.parametrize(
    ("rows", "tokens", "expected"),
    [
        pytest.param([logits_of(0.25, 0.75)], [0], 0.25, id="one token"),
        pytest.param([logits_of(0.5, 0.5), logits_of(0.02, 0.98)], [0, 0], 0.1, id="two tokens"),
        pytest.param(
            [logits_of(0.8, 0.1, 0.1), logits_of(0.1, 0.1, 0.8), logits_of(0.1, 0.729, 0.171)],
            [1, 0, 1],
            (0.1 * 0.1 * 0.729) ** (1 / 3),
            id="the product's root, not the mean",
        ),
        pytest.param([[1000.0, 0.0]], [0], 1.0, id="large logits do not overflow"),
        pytest.param([[-1000.0, 0.0]], [0], 0.0, id="an impossible token"),
    ],
)
def test_confidence_is_the_geometric_mean(
    rows: list[list[float]], tokens: list[int], expected: float
) -> None:
    assert confidence(token_log_probs(rows, tokens).tolist()) == pytest.approx(expected, abs=1e-12)


def test_token_log_probs_are_those_of_softmax() -> None:
    found = token_log_probs([[0.0, 1.0, 2.0]], [2])
    weights = np.exp([0.0, 1.0, 2.0])
    assert found == pytest.approx(np.log(weights[2:] / weights.sum()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1.0, "easy", id="certain"),
        pytest.param(0.9000001, "easy", id="above 0.9"),
        pytest.param(0.9, "frontier", id="0.9 is the frontier's"),
        pytest.param(0.5, "frontier", id="middle"),
        pytest.param(0.1, "frontier", id="0.1 is the frontier's"),
        pytest.param(0.0999999, "hard", id="below 0.1"),
        pytest.param(0.0, "hard", id="nothing"),
        pytest.param(None, "untagged", id="never visited"),
    ],
)
def test_bands(value: float | None, expected: str) -> None:
    assert band(value) == expected


@pytest.mark.parametrize(
    ("value", "options", "expected"),
    [
        pytest.param(0.5, ["A. a", "B. b"], 0.0, id="two options, guessing"),
        pytest.param(0.95, ["A. a", "B. b"], 0.9, id="two options"),
        pytest.param(0.1, ["A. a", "B. b", "C. c", "D. d"], -0.2, id="below chance"),
        pytest.param(0.3, None, 0.3, id="a number is not guessed"),
    ],
)
def test_chance_is_taken_out(value: float, options: list[str] | None, expected: float) -> None:
    assert chance_corrected(value, chance_of(options)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: confidence([]), id="no tokens"),
        pytest.param(lambda: confidence([math.nan]), id="no number"),
        pytest.param(lambda: token_log_probs([[0.0, 1.0]], [0, 1]), id="too few logits"),
        pytest.param(lambda: token_log_probs([], []), id="nothing"),
        pytest.param(lambda: chance_corrected(0.5, 1.0), id="one option"),
    ],
)
def test_what_has_no_confidence_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()  # type: ignore[operator]
