"""Splitting questions so that nothing learned of a place is asked there."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit.question import Question

#: So many parts; each is guessed by what the others teach.
FOLDS = 5


def folds(questions: Sequence[Question]) -> NDArray[np.int64]:
    """Return the fold of each question: all about one place are in one, whatever their order.

    Places take turns in the order of a hash of their names. Where there are fewer places
    than `FOLDS` there are as few folds.
    """
    groups = {question.group for question in questions}
    turn = {group: i % FOLDS for i, group in enumerate(sorted(groups, key=_mixed))}
    return np.array([turn[question.group] for question in questions], dtype=np.int64)


def _mixed(group: tuple[str, str]) -> tuple[str, tuple[str, str]]:
    text = "\x1f".join(group)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), group
