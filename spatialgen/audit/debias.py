"""Leaving out questions until a blind guess gains next to nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from spatialgen.audit.folds import FOLDS, mixed
from spatialgen.audit.guess import LUCK, NEAR, Guess
from spatialgen.audit.question import Question
from spatialgen.audit.shortcuts import Family, families, measure
from spatialgen.optional import AUDITS, require

#: The reason under which a question is rejected that is left out for a shortcut.
CODE = "shortcut"

#: A family is measured anew so often at most, each time with its places split otherwise, until
#: no guess was better than its base so often in a row; it loses this share of its questions at
#: most.
ROUNDS, CALM, MOST = 40, 3, 0.9

#: What is left out at a time, of what would do by itself: what remains teaches something else.
STEP = 0.5


def protocol() -> dict[str, Any]:
    """Return what decides which questions go, the version of what learns included."""
    require("sklearn", "leaving out what is guessed blind", AUDITS)
    limits = {
        "near": NEAR,
        "luck": LUCK,
        "rounds": ROUNDS,
        "calm": CALM,
        "most": MOST,
        "step": STEP,
    }
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
    # Each turn splits the places otherwise: what is even in one split only, because all that
    # it got right went, is uneven in the next.
    name, left = family.name, family.questions
    gone: dict[str, str] = {}
    allowed, calm = int(MOST * len(left)), 0
    for turn in range(ROUNDS):
        found = measure(name, left, turn)
        worst = _worst(found)
        calm = 0 if worst else calm + 1
        if calm == CALM or len(gone) == allowed:
            break
        if worst is not None:
            places = set(_to_drop(worst, found)[: allowed - len(gone)])
            gone |= {found.questions[place].id: _detail(worst, place) for place in places}
            left = tuple(q for i, q in enumerate(found.questions) if i not in places)
    return measure(name, left), gone


def _detail(guess: Guess, place: int) -> str:
    return (
        f"guessed blind by {guess.name} with score {guess.scores[place]:.2f}, where "
        f"{guess.base[place]:.2f} is had anyway; the family's was {guess.score:.2f}"
    )


def _worst(family: Family) -> Guess | None:
    found = [guess for guess in family.guesses if not guess.is_near(family.groups)]
    return max(found, key=lambda guess: guess.excess, default=None)


def _to_drop(guess: Guess, family: Family) -> list[int]:
    # Places of the questions that go now: the most gained and most certain first. Of those
    # that are about as certain any goes, so that what remains is not told by what went.
    gains = np.round(guess.scores - guess.base, 2)
    certainty = np.round(guess.certainty, 1)
    order = sorted(
        range(len(gains)),
        key=lambda i: (
            -gains[i],
            -certainty[i],
            mixed(*family.questions[i].group, family.questions[i].id),
        ),
    )
    left = float(gains.sum()) - np.cumsum(gains[order])
    remaining = len(gains) - np.arange(1, len(gains) + 1)
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
