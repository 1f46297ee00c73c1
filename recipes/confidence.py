"""How sure the solver is of the right answer, and what that makes of a question.

The confidence of a question is the geometric mean of the probabilities that the solver gives
the tokens of the right answer, each after those before it (Ouroboros-Spatial, arXiv
2606.11719): exp of the mean log-probability. Questions are easy above 0.9, hard below 0.1, and
at the frontier between them, both ends included.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Band = Literal["easy", "frontier", "hard", "untagged"]

BANDS: tuple[Band, ...] = ("easy", "frontier", "hard", "untagged")

#: The paper's constant thresholds.
EASY_ABOVE, HARD_BELOW = 0.9, 0.1


def token_log_probs(logits: ArrayLike, tokens: Sequence[int]) -> NDArray[np.float64]:
    """Return the log-probability of each token, (n,), from the logits before it, (n, vocabulary).

    Raises ValueError where the shapes do not go together.
    """
    rows = np.asarray(logits, dtype=np.float64)
    if rows.ndim != 2 or len(rows) != len(tokens) or not len(rows):
        raise ValueError(f"logits of shape {rows.shape} do not belong to {len(tokens)} tokens")
    highest = rows.max(axis=1)
    total = highest + np.log(np.exp(rows - highest[:, None]).sum(axis=1))
    return np.asarray(rows[np.arange(len(rows)), np.asarray(tokens)] - total)


def confidence(log_probs: Sequence[float]) -> float:
    """Return the geometric mean of probabilities from their logarithms, at most 1.

    Raises ValueError where there are none, or one is no number.
    """
    if not len(log_probs):
        raise ValueError("an answer without tokens has no confidence")
    mean = math.fsum(log_probs) / len(log_probs)
    if math.isnan(mean):
        raise ValueError("a log-probability is no number")
    return math.exp(min(mean, 0.0))


def band(
    value: float | None, easy_above: float = EASY_ABOVE, hard_below: float = HARD_BELOW
) -> Band:
    """Return the band of a confidence; a question that was never visited has none."""
    if value is None:
        return "untagged"
    if value > easy_above:
        return "easy"
    return "hard" if value < hard_below else "frontier"


def chance_of(options: Sequence[str] | None) -> float:
    """Return how often a guess is right: one in the number of options, and never without."""
    return 1.0 / len(options) if options else 0.0


def chance_corrected(value: float, chance: float) -> float:
    """Return what of a confidence is more than guessing: 0 at chance, 1 for certainty.

    An extension of ours: of two options, 0.5 is to know nothing, and yet lies between the
    paper's thresholds. Below chance it is negative.
    """
    if not 0.0 <= chance < 1.0:
        raise ValueError(f"a chance of {chance} leaves nothing to know")
    return (value - chance) / (1.0 - chance)
