"""A small model that reads words only: which option, or how much, without a look."""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit.choices import guess_from, numeric, ranks
from spatialgen.audit.guess import Guess
from spatialgen.audit.question import Question, plain
from spatialgen.optional import AUDITS, require

#: Questions of a family that one fold's model learns from at most, evenly taken.
LEARNED = 10_000

#: Fewer teach nothing.
FEWEST = 10

#: What is looked at of a text: its first words and characters.
WORDS, CHARACTERS = 80, 1_000

_PURPOSE = "guessing from words"
_WORD = re.compile(r"[^\W_]+")
_COLUMNS = 2**18

Floats = NDArray[np.float64]


def choose(questions: Sequence[Question], fold: NDArray[np.int64]) -> Guess:
    """Guess among options with a logistic regression on words, learned in the other folds."""
    linear = require("sklearn.linear_model", _PURPOSE, AUDITS)
    sizes = [len(question.options) for question in questions]
    probabilities: list[Floats] = [np.full(size, 1 / size) for size in sizes]
    rows = _hashed(each for question in questions for each in _features(question))
    owner, begins = np.repeat(np.arange(len(sizes)), sizes), np.cumsum([0, *sizes])
    truths = np.array([place == q.right for q in questions for place in range(len(q.options))])
    for part in np.unique(fold):
        known = _known(fold != part)[owner]
        if len(np.unique(owner[known])) < FEWEST or truths[known].all():
            continue
        model = linear.LogisticRegression(
            solver="liblinear", dual=True, tol=0.01, max_iter=1_000, random_state=0
        )
        with warnings.catch_warnings():
            # A model that has not quite settled is a guess too.
            warnings.simplefilter(
                "ignore", require("sklearn.exceptions", _PURPOSE).ConvergenceWarning
            )
            model.fit(rows[known], truths[known])
        scores = np.zeros(len(owner))
        asked = (fold == part)[owner]
        scores[asked] = model.decision_function(rows[asked])
        for i in np.flatnonzero(fold == part).tolist():
            own = scores[begins[i] : begins[i + 1]]
            # Rounded, so that the last bits of another machine decide nothing.
            weights = np.exp(own - own.max())
            probabilities[i] = np.round(weights / weights.sum(), 6)
    return guess_from("model", questions, probabilities)


def predict(
    questions: Sequence[Question],
    truths: Floats,
    fold: NDArray[np.int64],
    constants: Floats,
) -> Floats:
    """Return the numbers that a ridge regression on words suggests, learned in the other folds."""
    linear = require("sklearn.linear_model", _PURPOSE, AUDITS)
    rows = _hashed(map(_of_text, questions))
    guesses = constants.copy()
    for part in np.unique(fold):
        known, asked = _known(fold != part), fold == part
        if known.sum() < FEWEST:
            continue
        model = linear.Ridge(alpha=1.0, solver="sparse_cg")
        model.fit(rows[known], np.log(truths[known]))
        low, high = np.log(truths[known].min()), np.log(truths[known].max())
        guesses[asked] = np.round(np.exp(np.clip(model.predict(rows[asked]), low, high)), 6)
    return np.maximum(guesses, 1e-6)


def _known(others: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # Of many, evenly taken ones.
    places = np.flatnonzero(others)
    known = np.zeros(len(others), dtype=bool)
    known[places[:: -(-len(places) // LEARNED) or 1]] = True
    return known


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text[:CHARACTERS]))[:WORDS]


def _of_text(question: Question) -> list[str]:
    words = _words(question.text)
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def _features(question: Question) -> Iterator[list[str]]:
    """Yield what is known of each option: its place, words, rank, and the question's words."""
    words = sorted(set(_words(question.text)))
    order = ranks(question) if numeric(question) else None
    for place, option in enumerate(question.options):
        text, own = plain(option[:CHARACTERS]), _words(option)
        found = [f"place {place}", f"option {text}"]
        found += [f"word {word}" for word in own]
        found += [f"{word} in question" for word in own if word in words]
        found += [f"{word} with {text}" for word in words]
        found += [f"{a} before {b}" for a, b in pairwise(own)]
        if order is not None:
            found.append(f"rank {order[place]} of {len(order)}")
        yield found


def _hashed(features: Iterable[list[str]]) -> Any:
    text = require("sklearn.feature_extraction", _PURPOSE, AUDITS)
    hasher = text.FeatureHasher(_COLUMNS, input_type="string", alternate_sign=False)
    rows = hasher.transform(features).tocsr()
    return rows[:, np.unique(rows.indices)]
