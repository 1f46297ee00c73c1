"""How far each family can be answered without a look, and which of its questions."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit import choices, model, numbers
from spatialgen.audit.folds import folds
from spatialgen.audit.guess import Guess
from spatialgen.audit.question import Question

#: A question that is guessed right with at least this certainty is flagged.
CERTAIN = 0.8

# Levels of one family, whose figures are averaged: object_rel_direction_easy, _medium, _hard.
_LEVEL = re.compile(r"(.+)_(?:easy|medium|hard)")


@dataclass(frozen=True)
class Family:
    """The questions of one family that are asked alike, and how guesses do on them.

    ``constants`` are the scores of single answers that are known from these very questions,
    as published baselines are; the guesses learn from other places only. There are none
    where all questions are about one place.
    """

    name: str
    questions: tuple[Question, ...]
    constants: Mapping[str, float]
    guesses: tuple[Guess, ...]
    groups: NDArray[np.int64]

    @property
    def base(self) -> float | None:
        """What is had without any guess: chance, or the best constant of other places."""
        return float(self.guesses[0].base.mean()) if self.guesses else None

    @property
    def best(self) -> Guess | None:
        """The guess that does best, the first of equals."""
        return max(self.guesses, key=lambda guess: guess.excess) if self.guesses else None

    @property
    def has_shortcut(self) -> bool:
        """Whether some guess does better than luck explains."""
        return any(guess.is_shortcut(self.groups) for guess in self.guesses)

    def flagged(self) -> list[Question]:
        """Return the questions that some guess is sure of and right about."""
        sure = np.zeros(len(self.questions), dtype=bool)
        for guess in self.guesses:
            sure |= (guess.certainty >= CERTAIN) & (guess.scores >= numbers.accuracy_when_right())
        return [question for question, is_sure in zip(self.questions, sure, strict=True) if is_sure]


def families(questions: Sequence[Question]) -> list[Family]:
    """Return the families by name; open questions whose answer is no number are left out."""
    sorts: dict[tuple[str, bool], list[Question]] = defaultdict(list)
    for question in questions:
        if question.options or question.number is not None:
            sorts[question.family, bool(question.options)].append(question)
    both = {name for name, lettered in sorts if (name, not lettered) in sorts}
    return [
        measure(f"{name} (options)" if lettered and name in both else name, found)
        for (name, lettered), found in sorted(sorts.items())
    ]


def measure(name: str, questions: Sequence[Question], turn: int = 0) -> Family:
    """Guess the questions of one family, which all have options, or all a number.

    Each ``turn`` splits the places otherwise.
    """
    # The order of the file is no matter: neither to folds nor to what a model learns from.
    ordered = tuple(sorted(questions, key=lambda question: (question.group, question.id)))
    _, groups = np.unique(
        [f"{a}\x1f{b}" for a, b in (q.group for q in ordered)], return_inverse=True
    )
    fold = folds(ordered, turn)
    can_guess = fold.max() > 0
    if ordered[0].options:
        constants = {
            "letter": choices.most_frequent(ordered, choices.letters),
            "text": choices.most_frequent(ordered, choices.texts),
        }
        guesses = _choose(ordered, fold) if can_guess else ()
    else:
        truths = np.array([question.number for question in ordered], dtype=np.float64)
        always = np.full(len(truths), numbers.best_constant(truths))
        constants = {"number": float(numbers.accuracy(always, truths).mean())}
        guesses = _estimate(ordered, truths, fold) if can_guess else ()
    return Family(name, ordered, constants, guesses, groups)


def levels(found: Sequence[Family]) -> dict[str, dict[str, float]]:
    """Return the mean of the constants over the levels of a family, where it has several."""
    merged: dict[str, list[Family]] = defaultdict(list)
    for family in found:
        match = _LEVEL.fullmatch(family.name)
        if match:
            merged[match[1]].append(family)
    return {
        name: {
            constant: float(np.mean([part.constants[constant] for part in parts]))
            for constant in parts[0].constants
            if all(constant in part.constants for part in parts)
        }
        for name, parts in merged.items()
        if len(parts) > 1
    }


def _choose(questions: Sequence[Question], fold: NDArray[np.int64]) -> tuple[Guess, ...]:
    found = [
        choices.counted("letter", questions, fold, choices.letters),
        choices.counted("text", questions, fold, choices.texts),
    ]
    if all(map(choices.numeric, questions)):
        found.append(choices.counted("rank", questions, fold, choices.ranks))
    return (*found, model.choose(questions, fold))


def _estimate(
    questions: Sequence[Question], truths: NDArray[np.float64], fold: NDArray[np.int64]
) -> tuple[Guess, ...]:
    constants = numbers.constant(truths, fold)
    told = model.predict(questions, truths, fold, constants)
    return (
        numbers.same_words(questions, truths, fold, constants),
        numbers.from_words(told, truths, constants),
    )
