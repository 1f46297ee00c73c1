"""What families share whose answers are not equally frequent in rooms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from spatialgen.family import pick

#: What can be said of a candidate in a case.
YES, NO, UNCLEAR = 1, 0, -1

#: So many sets of candidates are tried, and so many of them used.
TRIED, USED = 400, 25

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


@dataclass(frozen=True, slots=True)
class FairSet:
    """Candidates to choose from, and cases in which each of them is the one.

    ``cases[k]`` is where the answer is ``candidates[k]``; in ``unclear``, if there
    is any such case, none can be told from the others. ``asked`` holds them all, in
    drawn order but for the unclear one, which comes second.
    """

    candidates: tuple[int, ...]
    cases: tuple[int, ...]
    unclear: int | None
    asked: tuple[int, ...]


def fair_sets(
    rng: np.random.Generator, verdicts: NDArray[np.int8], size: int, first: bool = False
) -> Iterator[FairSet]:
    """Yield sets of ``size`` candidates of which each is the answer equally often.

    ``verdicts`` (cases, candidates) are YES, NO or UNCLEAR. The answer in a case is
    the only candidate of the set with a YES, or if ``first`` counts the one that
    comes first; a case is left out where anything is unclear.
    """
    cases, count = verdicts.shape
    if cases == 0 or count < size:
        return
    drawn = np.sort(rng.random((TRIED, count)).argsort(axis=1)[:, :size], axis=1)
    used = 0
    for candidates in dict.fromkeys(map(tuple, drawn.tolist())):
        among = verdicts[:, candidates]
        numbers = (among == YES).sum(axis=1)
        told = (among != UNCLEAR).all(axis=1) & ((numbers > 0) if first else (numbers == 1))
        answers = np.where(told, (among == YES).argmax(axis=1), UNCLEAR)
        found = [np.flatnonzero(answers == k).tolist() for k in range(size)]
        if not all(found):
            continue
        other = np.flatnonzero(~told & (numbers > 0)).tolist()
        picked = tuple(pick(rng, places) for places in found)
        unclear = pick(rng, other) if other else None
        asked = [picked[k] for k in rng.permutation(size)]
        if unclear is not None:
            asked.insert(1, unclear)
        yield FairSet(candidates, picked, unclear, tuple(asked))
        used += 1
        if used == USED:
            return
