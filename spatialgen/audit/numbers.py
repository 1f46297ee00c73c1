"""Guessing numbers blind: mean relative accuracy, constants, and what the words suggest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit.guess import Guess
from spatialgen.audit.question import Question, plain

#: Relative errors within which a guess counts; its score is the share of them it is within.
#: VSI-Bench's thresholds (arXiv 2412.14171), with the bits that its code computes.
TOLERANCES = 1 - np.linspace(0.5, 0.95, 10)

#: A guess within this relative error is called right.
RIGHT = 0.1

#: Constants that are tried, of many answers evenly spread ones.
_TRIED = 1_000

Floats = NDArray[np.float64]


def accuracy(guesses: Floats, truths: Floats) -> Floats:
    """Return the mean relative accuracy of each guess (n)."""
    errors = np.abs(guesses - truths) / truths
    shares: Floats = (errors[:, None] <= TOLERANCES).mean(axis=1)
    return shares


def accuracy_when_right() -> float:
    """Return the least accuracy of a guess that is called right."""
    return float((RIGHT <= TOLERANCES).mean())


def best_constant(truths: Floats) -> float:
    """Return the answer that scores best when given to all, the smallest of equals."""
    values, counts = np.unique(truths, return_counts=True)
    places = np.unique(np.linspace(0, len(values) - 1, min(len(values), _TRIED)).astype(np.int64))
    scores = [
        float(counts @ accuracy(np.full(len(values), value), values)) for value in values[places]
    ]
    return float(values[places][int(np.argmax(scores))])


def constant(truths: Floats, fold: NDArray[np.int64]) -> Floats:
    """Return for each number the constant that is best in the other folds."""
    guesses = np.empty(len(truths))
    for part in np.unique(fold):
        guesses[fold == part] = best_constant(truths[fold != part])
    return guesses


def same_words(
    questions: Sequence[Question], truths: Floats, fold: NDArray[np.int64], constants: Floats
) -> Guess:
    """Guess the middle of what other places answer to the same words.

    It is certain as far as those answers agree with it. Words that are new get the constant.
    """
    answers: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    texts = [plain(question.text) for question in questions]
    for text, truth, part in zip(texts, truths.tolist(), fold.tolist(), strict=True):
        answers[text][part].append(truth)
    guesses, certainty = constants.copy(), np.zeros(len(truths))
    learned: dict[tuple[str, int], tuple[float, float]] = {}
    for i, place in enumerate(zip(texts, fold.tolist(), strict=True)):
        if place not in learned:
            learned[place] = _middle(answers[place[0]], place[1], float(constants[i]))
        guesses[i], certainty[i] = learned[place]
    return _guess("same words", guesses, truths, constants, certainty)


def _middle(answers: Mapping[int, list[float]], part: int, otherwise: float) -> tuple[float, float]:
    known = np.array([x for other, found in answers.items() if other != part for x in found])
    if not len(known):
        return otherwise, 0.0
    middle = float(np.median(known))
    return middle, float((np.abs(known - middle) <= RIGHT * middle).sum() / (len(known) + 2))


def from_words(predicted: Floats, truths: Floats, constants: Floats) -> Guess:
    """Return how the numbers that a model predicts from words do."""
    return _guess("model", predicted, truths, constants, np.zeros(len(truths)))


def _guess(
    name: str, guesses: Floats, truths: Floats, constants: Floats, certainty: Floats
) -> Guess:
    return Guess(name, accuracy(guesses, truths), accuracy(constants, truths), certainty)
