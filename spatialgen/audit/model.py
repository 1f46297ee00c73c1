"""A small model that reads words only: which option, or how much, without a look."""

import re
import warnings
from collections.abc import Iterator, Sequence
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

#: Words of a question that are looked at: the first ones.
WORDS = 80

_PURPOSE = "guessing from words"
_WORD = re.compile(r"[^\W_]+")
_COLUMNS = 2**18

Floats = NDArray[np.float64]


def choose(questions: Sequence[Question], fold: NDArray[np.int64]) -> Guess:
    """Guess among options with a logistic regression on words, learned in the other folds."""
    linear = require("sklearn.linear_model", _PURPOSE, AUDITS)
    features = [list(_features(question)) for question in questions]
    probabilities: list[Floats] = [
        np.full(len(question.options), 1 / len(question.options)) for question in questions
    ]
    for part in np.unique(fold):
        known, asked = _known(fold != part), np.flatnonzero(fold == part).tolist()
        if len(known) < FEWEST:
            continue
        truths = [place == questions[i].right for i in known for place in _places(questions[i])]
        model = linear.LogisticRegression(
            solver="liblinear", dual=True, tol=0.01, max_iter=1_000, random_state=0
        )
        with warnings.catch_warnings():
            # A model that has not quite settled is a guess too.
            warnings.simplefilter(
                "ignore", require("sklearn.exceptions", _PURPOSE).ConvergenceWarning
            )
            model.fit(_hashed([each for i in known for each in features[i]]), truths)
        scores = model.decision_function(_hashed([each for i in asked for each in features[i]]))
        at = 0
        for i in asked:
            own = scores[at : at + len(questions[i].options)]
            at += len(own)
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
    features = [_of_text(question) for question in questions]
    guesses = constants.copy()
    for part in np.unique(fold):
        known, asked = _known(fold != part), np.flatnonzero(fold == part).tolist()
        if len(known) < FEWEST:
            continue
        model = linear.Ridge(alpha=1.0, solver="sparse_cg")
        model.fit(_hashed([features[i] for i in known]), np.log(truths[known]))
        told = model.predict(_hashed([features[i] for i in asked]))
        low, high = np.log(truths[known].min()), np.log(truths[known].max())
        guesses[asked] = np.round(np.exp(np.clip(told, low, high)), 6)
    return np.maximum(guesses, 1e-6)


def _known(others: NDArray[np.bool_]) -> list[int]:
    places: list[int] = np.flatnonzero(others).tolist()
    return places[:: -(-len(places) // LEARNED) or 1]


def _places(question: Question) -> range:
    return range(len(question.options))


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text))[:WORDS]


def _of_text(question: Question) -> list[str]:
    words = _words(question.text)
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def _features(question: Question) -> Iterator[list[str]]:
    """Yield what is known of each option: its place, words, rank, and the question's words."""
    words = sorted(set(_words(question.text)))
    order = ranks(question) if numeric(question) else None
    for place, option in enumerate(question.options):
        text, own = plain(option), _words(option)
        found = [f"place {place}", f"option {text}"]
        found += [f"word {word}" for word in own]
        found += [f"{word} in question" for word in own if word in words]
        found += [f"{word} with {text}" for word in words]
        found += [f"{a} before {b}" for a, b in pairwise(own)]
        if order is not None:
            found.append(f"rank {order[place]} of {len(order)}")
        yield found


def _hashed(features: Sequence[list[str]]) -> Any:
    text = require("sklearn.feature_extraction", _PURPOSE, AUDITS)
    return text.FeatureHasher(_COLUMNS, input_type="string", alternate_sign=False).transform(
        features
    )
