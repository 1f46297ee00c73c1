"""Splitting questions so that nothing learned of a place is asked there."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit.question import Question

#: So many parts; each is guessed by what the others teach.
FOLDS = 5


def folds(questions: Sequence[Question], turn: int = 0) -> NDArray[np.int64]:
    """Return the fold of each question: all about one place are in one, whatever their order.

    Places take turns in the order of a hash of their names; every ``turn`` has another.
    Where there are fewer places than `FOLDS` there are as few folds.
    """
    groups = {question.group for question in questions}
    ordered = sorted(groups, key=lambda group: (mixed(str(turn), *group), group))
    fold = {group: i % FOLDS for i, group in enumerate(ordered)}
    return np.array([fold[question.group] for question in questions], dtype=np.int64)


def mixed(*names: str) -> str:
    """Return a hash to sort by where names must not decide, and an order must be kept."""
    text = "\x1f".join(names)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
