"""What families share whose answers are not equally frequent in rooms."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import numpy as np

from spatialgen.family import pick

K = TypeVar("K")
T = TypeVar("T")


def balanced(
    rng: np.random.Generator, groups: Mapping[K, list[T]], size: int
) -> Iterator[tuple[tuple[K, ...], tuple[T, ...]]]:
    """Yield ``size`` answers at a time, and for each one of its questions.

    Where the questions that come together have these answers as their options,
    whoever knows which answers are frequent gains nothing. One of them is always
    the answer that has most questions left (of several the first in ``groups``),
    so that few remain when less than ``size`` answers have any.
    """
    left = {answer: list(questions) for answer, questions in groups.items() if questions}
    while len(left) >= size:
        chosen, *others = sorted(left, key=lambda answer: -len(left[answer]))
        answers = [chosen]
        while len(answers) < size:
            answers.append(pick(rng, others))
            others.remove(answers[-1])
        order = [answers[i] for i in rng.permutation(size)]
        yield tuple(order), tuple(left[answer].pop() for answer in order)
        left = {answer: questions for answer, questions in left.items() if questions}
