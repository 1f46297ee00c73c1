"""Guessing among options blind: by letter, by text, by rank, and the constants behind them."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit.guess import Guess
from spatialgen.audit.question import Question, plain

#: What is seen of a question's options, in their order.
Seen = Callable[[Question], Sequence[Hashable]]

#: Options whose probability is at least this share of the highest are as good as equal.
EQUAL = 0.9

Floats = NDArray[np.float64]


def chance(questions: Sequence[Question]) -> Floats:
    """Return for each question the share that a draw among its options gets right."""
    return np.array([1 / len(question.options) for question in questions])


def letters(question: Question) -> Sequence[Hashable]:
    """Return the places of the options."""
    return range(len(question.options))


def texts(question: Question) -> Sequence[Hashable]:
    """Return what the options say."""
    return [plain(option) for option in question.options]


def ranks(question: Question) -> Sequence[Hashable]:
    """Return the places of options that are numbers in their order."""
    values = [float(option) for option in question.options]
    ordered = sorted(values)
    return [ordered.index(value) for value in values]


def numeric(question: Question) -> bool:
    """Say whether all options are finite numbers."""
    try:
        return all(np.isfinite(float(option)) for option in question.options)
    except ValueError:
        return False


def counted(name: str, questions: Sequence[Question], fold: NDArray[np.int64], seen: Seen) -> Guess:
    """Guess what is right most often where it is offered, as other places tell.

    What was never offered there is as likely as any.
    """
    options = [seen(question) for question in questions]
    probabilities: list[Floats] = [np.empty(0)] * len(questions)
    for part in np.unique(fold):
        offered, right = Counter[Hashable](), Counter[Hashable]()
        for i in np.flatnonzero(fold != part).tolist():
            offered.update(options[i])
            right[options[i][_right(questions[i])]] += 1
        for i in np.flatnonzero(fold == part).tolist():
            each = 1 / len(options[i])
            shares = np.array([(right[o] + each) / (offered[o] + 1) for o in options[i]])
            probabilities[i] = _levelled(shares, np.array([offered[o] + 1 for o in options[i]]))
    return guess_from(name, questions, probabilities)


def _levelled(shares: Floats, times: NDArray[np.int64]) -> Floats:
    # Shares that differ from the highest by less than a standard error are as high.
    spread = shares * (1 - shares) / times
    best = int(np.argmax(shares))
    near = shares[best] - shares <= np.sqrt(spread[best] + spread)
    return np.where(near & (shares > 0), shares[best], shares)


def guess_from(name: str, questions: Sequence[Question], probabilities: Sequence[Floats]) -> Guess:
    """Return how the likeliest option does; of options as good as equal each counts its share.

    Without that, a guess between two answers that are about as frequent would mostly take the
    one that is more frequent elsewhere because it is less so here, and seem worse than chance.
    """
    scores, certainty = np.empty(len(questions)), np.empty(len(questions))
    for i, (question, weights) in enumerate(zip(questions, probabilities, strict=True)):
        best = np.flatnonzero(weights >= EQUAL * weights.max())
        scores[i] = (_right(question) in best) / len(best)
        certainty[i] = weights[best].mean() / max(float(weights.sum()), 1e-12)
    base = chance(questions)
    luck = float(np.sqrt((base * (1 - base)).sum())) / len(base)
    return Guess(name, scores, base, certainty, luck)


def most_frequent(questions: Sequence[Question], seen: Seen) -> float:
    """Return the score of the one answer that is right most often, known from these questions.

    It is a constant: where it is not offered, it is wrong. Published baselines are of this kind.
    """
    right = Counter(seen(question)[_right(question)] for question in questions)
    return max(right.values()) / len(questions)


def _right(question: Question) -> int:
    if question.right is None:
        raise ValueError(f"question {question.id} has no options")
    return question.right
