"""What families share whose answers are not equally frequent in rooms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from spatialgen.family import alternating, is_sound, pick
from spatialgen.graph.build import SceneGraph
from spatialgen.verify.draft import Draft, Margin

#: What can be said of a candidate in a case.
YES, NO, UNCLEAR = 1, 0, -1

#: So many sets of candidates are tried, and so many of them used.
TRIED, USED = 400, 25

#: So many answers share a question's options, fewer where a room has no more; sets that
#: do not fit are drawn anew so often.
RIVALS, REDRAWN = (4, 3, 2), 30

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


def with_rivals(
    graph: SceneGraph, rng: np.random.Generator, drafts: Sequence[Draft]
) -> Iterator[Draft]:
    """Yield drafts about one thing each whose options are the answers of one another.

    The first of a draft's choices is its answer. Tables carry more than beds do; as
    each option is right once, knowing that is no help. A draft that finds no other
    answer to go with, or is not sound, is yielded to be rejected.
    """
    sound = {draft.unique[0]: draft for draft in drafts if is_sound(graph, draft)}
    answers = {name: draft.choices[0] for name, draft in sound.items()}
    asked = []
    for options, names in _rival_sets(rng, answers):
        rivals = Margin("rivals", len(options) - 1, 1)
        for name in names:
            margins = (*sound[name].margins, rivals)
            asked.append(replace(sound[name], choices=options, mentions=options, margins=margins))
    return alternating(asked, [draft for draft in drafts if draft.unique[0] not in sound])


def _rival_sets(
    rng: np.random.Generator, answers: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield options, and names of which each has another one of these as its answer.

    No option is among the names. Those that fit in nowhere come last, each with its
    answer alone.
    """
    left = dict(answers)
    for size in RIVALS:
        for _ in range(REDRAWN):
            known = sorted(set(left.values()))
            options = tuple(known[i] for i in rng.permutation(len(known))[:size])
            fit = {answer: name for name, answer in left.items() if name not in options}
            if len(options) == size and all(option in fit for option in options):
                names = tuple(fit[option] for option in options)
                yield options, names
                left = {name: answer for name, answer in left.items() if name not in names}
    for name, answer in left.items():
        yield (answer,), (name,)


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
