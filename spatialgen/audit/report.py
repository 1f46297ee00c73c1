"""The audit of datasets or benchmark files, as plain data."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from spatialgen.audit.balance import balance, coverage, scene_coverage
from spatialgen.audit.folds import FOLDS
from spatialgen.audit.guess import LUCK, NEAR, Guess
from spatialgen.audit.overlap import overlap
from spatialgen.audit.question import Question
from spatialgen.audit.reading import read_questions
from spatialgen.audit.shortcuts import CERTAIN, Family, families, levels
from spatialgen.audit.sources import open_source


def audit(paths: Sequence[Path], against: Sequence[Path] = ()) -> dict[str, Any]:
    """Return what is in the questions of ``paths``, taken together, that should not be.

    Each path is a dataset folder, a release or a file of questions; ``against`` are such, or
    lists of scenes. Raises UsageError where one is missing, SpatialgenError where it is of
    another kind.
    """
    sources = [read_questions(path) for path in paths]
    questions = [question for source in sources for question in source.questions]
    found = families(questions)
    return {
        "sources": [
            {
                "name": source.name,
                "shape": source.shape,
                "sha256": source.sha256,
                "questions": len(source.questions),
                "unreadable": dict(source.unreadable),
            }
            for source in sources
        ],
        "questions": len(questions),
        "contamination": [overlap(questions, path) for path in against],
        "shortcuts": shortcuts(found),
        "balance": balance(found),
        "coverage": coverage(questions) | _scenes(paths, questions),
    }


def clean(report: dict[str, Any]) -> bool:
    """Say whether an audit found neither a question shared with a benchmark nor a shortcut."""
    shared = any(_shared(each) for each in report["contamination"])
    return not shared and not report["shortcuts"]["families_with_shortcuts"]


def shortcuts(found: Sequence[Family]) -> dict[str, Any]:
    """Return how the families can be answered blind, as plain data."""
    return {
        "protocol": {"folds": FOLDS, "near": NEAR, "luck": LUCK, "certain": CERTAIN},
        "families": {family.name: _family(family) for family in found},
        "levels": {
            name: {constant: round(score, 4) for constant, score in merged.items()}
            for name, merged in levels(found).items()
        },
        "families_with_shortcuts": [family.name for family in found if family.has_shortcut],
        "flagged": sorted(question.id for family in found for question in family.flagged()),
    }


def _family(family: Family) -> dict[str, Any]:
    return {
        "questions": len(family.questions),
        "places": int(family.groups.max()) + 1,
        "kind": "options" if family.questions[0].options else "number",
        "base": None if family.base is None else round(family.base, 4),
        "constants": {name: round(score, 4) for name, score in family.constants.items()},
        "guesses": {guess.name: _guess(guess, family) for guess in family.guesses},
        "shortcut": family.has_shortcut,
        "flagged": len(family.flagged()),
    }


def _guess(guess: Guess, family: Family) -> dict[str, Any]:
    return {
        "score": round(guess.score, 4),
        "excess": round(guess.excess, 4),
        "error": round(guess.error(family.groups), 4),
        "shortcut": guess.is_shortcut(family.groups),
    }


def _shared(found: dict[str, Any]) -> bool:
    if found["questions_in_shared_spaces"]:
        return True
    kinds = ("same_question_and_answer", "near_duplicates")
    return any(found.get(kind, {}).get("in_shared_spaces") for kind in kinds)


def _scenes(paths: Sequence[Path], questions: Sequence[Question]) -> dict[str, Any]:
    scenes = [open_source(path).scenes for path in paths]
    readers = [read for read in scenes if read is not None]
    if len(readers) < len(paths):
        return {}
    return scene_coverage(questions, chain.from_iterable(read() for read in readers))
