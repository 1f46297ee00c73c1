"""Whether letters and answers are evenly spread, and places evenly asked about."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from spatialgen.audit.guess import LUCK
from spatialgen.audit.question import Question, plain
from spatialgen.audit.shortcuts import Family

_LETTERS = "ABCDEFGHIJ"

#: Answers and labels that are told one by one.
SHOWN = 5


def balance(families: Sequence[Family]) -> dict[str, Any]:
    """Return per family how often which letter and which answer is right."""
    return {family.name: _family(family.questions) for family in families}


def _family(questions: Sequence[Question]) -> dict[str, Any]:
    answers = Counter(plain(question.answer) for question in questions)
    ranked = sorted(answers.items(), key=lambda item: (-item[1], item[0]))
    found: dict[str, Any] = {
        "distinct_answers": len(answers),
        "most_frequent": dict(ranked[:SHOWN]),
        "most_frequent_share": round(ranked[0][1] / len(questions), 4),
    }
    if questions[0].options:
        return found | _letters(questions)
    numbers = [question.number for question in questions if question.number is not None]
    cuts = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return found | {"quantiles": dict(zip(("min", "q1", "median", "q3", "max"), cuts, strict=True))}


def _letters(questions: Sequence[Question]) -> dict[str, Any]:
    most = max(len(question.options) for question in questions)
    right, expected = np.zeros(most), np.zeros(most)
    for question in questions:
        right[question.right] += 1
        expected[: len(question.options)] += 1 / len(question.options)
    deviation = float(((right - expected) ** 2 / expected).sum())
    return {
        "letters": {_LETTERS[i]: int(count) for i, count in enumerate(right)},
        "letters_uneven": deviation > _by_luck(most - 1),
    }


def _by_luck(freedom: int) -> float:
    # What chi-square exceeds as seldom as guesses exceed `LUCK` (Wilson and Hilferty, 1931).
    if freedom < 1:
        return math.inf
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + LUCK * math.sqrt(part)) ** 3)


def coverage(questions: Sequence[Question]) -> dict[str, Any]:
    """Return how the questions spread over places and families."""
    places: dict[tuple[str, str], Counter[str]] = {}
    for question in questions:
        if question.scene:
            places.setdefault(question.group, Counter())[question.family] += 1
    if not places:
        return {"places": 0}
    each = sorted(counts.total() for counts in places.values())
    return {
        "places": len(places),
        "questions_each": {
            "min": each[0],
            "median": float(np.median(each)),
            "max": each[-1],
        },
        "largest_share": round(each[-1] / sum(each), 4),
        "families_each": float(np.median([len(counts) for counts in places.values()])),
        "repeated": len(questions) - len({_said(question) for question in questions}),
    }


def scene_coverage(
    questions: Sequence[Question], scenes: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return how much of the scenes is asked about: scenes without questions, things unnamed.

    ``scenes`` are rows of ``scenes.jsonl``. A thing counts as named where its category is in
    the words of a question about its scene, or of its options.
    """
    words: dict[tuple[str, str], list[str]] = {}
    for question in questions:
        said = plain(" ".join((question.text, *question.options)))
        words.setdefault((question.dataset, question.scene), []).append(said)
    unasked = total = named = 0
    never: Counter[str] = Counter()
    for scene in scenes:
        said = " ".join(words.get((str(scene["dataset"]), str(scene["scene_name"])), ()))
        unasked += not said
        for label in _labels(scene.get("objects")):
            total += 1
            named += label in said
            never[label] += label not in said
    ranked = sorted((+never).items(), key=lambda item: (-item[1], item[0]))
    return {
        "scenes_without_questions": unasked,
        "categories_in_scenes": total,
        "categories_named": named,
        "most_often_unnamed": dict(ranked[:SHOWN]),
    }


def _labels(objects: object) -> set[str]:
    things = objects if isinstance(objects, list) else []
    return {
        plain(str(each["label"])) for each in things if isinstance(each, dict) and "label" in each
    }


def _said(question: Question) -> tuple[tuple[str, str], str, frozenset[str], str]:
    options = frozenset(map(plain, question.options))
    return question.group, plain(question.text), options, plain(question.answer)
