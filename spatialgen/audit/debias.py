"""Leaving out questions until a blind guess gains next to nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from spatialgen.audit.folds import FOLDS
from spatialgen.audit.guess import LUCK, NEAR, Guess
from spatialgen.audit.question import Question
from spatialgen.audit.shortcuts import Family, families, measure
from spatialgen.optional import AUDITS, require

#: The reason under which a question is rejected that is left out for a shortcut.
CODE = "shortcut"

#: A family is measured anew so often at most, and loses this share of its questions at most.
ROUNDS, MOST = 20, 0.9

#: What is left out at a time, of what would do by itself: what remains teaches something else.
STEP = 0.5


def protocol() -> dict[str, Any]:
    """Return what decides which questions go, the version of what learns included."""
    require("sklearn", "leaving out what is guessed blind", AUDITS)
    limits = {"near": NEAR, "luck": LUCK, "rounds": ROUNDS, "most": MOST, "step": STEP}
    return {**limits, "folds": FOLDS, "scikit-learn": version("scikit-learn")}


@dataclass(frozen=True)
class Debiased:
    """What to leave out: a detail by the id of a question, and what it does to each family."""

    dropped: Mapping[str, str]
    families: Mapping[str, Mapping[str, Any]]


def debias(questions: Sequence[Question]) -> Debiased:
    """Return which of ``questions`` to leave out; only families with a shortcut lose any.

    They lose them until every guess is near its base; those go first that are guessed right
    and with the greatest certainty. It depends on the questions alone, not on their order.
    A family that still has a shortcut when it has lost `MOST` of its questions says so.
    """
    dropped: dict[str, str] = {}
    told: dict[str, dict[str, Any]] = {}
    for before in families(questions):
        if before.has_shortcut:
            after, gone = _thin(before)
            dropped |= gone
            told[before.name] = _told(before, after)
    return Debiased(dropped, told)


def _thin(family: Family) -> tuple[Family, dict[str, str]]:
    gone: dict[str, str] = {}
    allowed = int(MOST * len(family.questions))
    for _ in range(ROUNDS):
        worst = _worst(family)
        if worst is None or len(gone) == allowed:
            break
        places = _to_drop(worst, family)[: allowed - len(gone)]
        for place in places:
            question = family.questions[place]
            gone[question.id] = (
                f"guessed blind by {worst.name} with score {worst.scores[place]:.2f}, where "
                f"{worst.base[place]:.2f} is had anyway; the family's was {worst.score:.2f}"
            )
        left = [question for i, question in enumerate(family.questions) if i not in set(places)]
        if not left:
            break
        family = measure(family.name, left)
    return family, gone


def _worst(family: Family) -> Guess | None:
    found = [guess for guess in family.guesses if not guess.is_near(family.groups)]
    return max(found, key=lambda guess: guess.excess, default=None)


def _to_drop(guess: Guess, family: Family) -> list[int]:
    # Places of the questions that go now: the most gained and most certain first.
    gains = np.round(guess.scores - guess.base, 9)
    ids = [question.id for question in family.questions]
    order = sorted(
        range(len(ids)),
        key=lambda i: (-gains[i], -guess.certainty[i], family.questions[i].group, ids[i]),
    )
    left = float(gains.sum()) - np.cumsum(gains[order])
    remaining = len(ids) - np.arange(1, len(ids) + 1)
    enough = int(np.argmax(left <= NEAR * remaining)) + 1
    return order[: max(int(STEP * enough), 1)]


def _told(before: Family, after: Family) -> dict[str, Any]:
    return {
        "questions": {"before": len(before.questions), "after": len(after.questions)},
        "blind": {"before": _best(before), "after": _best(after)},
        "base": {"before": _rounded(before.base), "after": _rounded(after.base)},
        "shortcut_left": after.has_shortcut,
    }


def _best(family: Family) -> float | None:
    return None if family.best is None else round(family.best.score, 4)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
