"""What a dataset shares with a benchmark, or with the scenes of a split."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.audit.benchmark import Used, read_benchmark
from spatialgen.audit.question import Question, plain
from spatialgen.audit.reading import Asked
from spatialgen.optional import AUDITS, require

#: Questions whose words and options are this much alike, rare words counting most (cosine of
#: tf-idf vectors), and whose answers read the same are near-duplicates.
ALIKE = 0.9

#: What is told one by one: so many of each kind.
SHOWN = 5

# Pairs of questions that are compared at once.
_PAIRS = 10_000_000


def overlap(questions: Sequence[Question], path: Path) -> dict[str, Any]:
    """Return what ``questions`` share with a benchmark, a dataset or a split's list of scenes.

    Raises what `read_benchmark` raises.
    """
    benchmark = read_benchmark(path)
    used, asked = benchmark.used, benchmark.asked
    found = {
        "name": benchmark.name,
        "sha256": benchmark.sha256,
        "kind": "scenes" if asked is None else "questions",
        "spaces": len(used.spaces),
        **_places(questions, used),
    }
    return found if asked is None else found | _texts(questions, asked, used)


def _places(questions: Sequence[Question], used: Used) -> dict[str, Any]:
    shared = [question for question in questions if used.holds(question.dataset, question.scene)]
    names = sorted({"/".join(filter(None, question.group)) for question in shared})
    return {
        "questions_in_shared_spaces": len(shared),
        "shared_spaces": len(names),
        "examples_of_spaces": names[:SHOWN],
    }


def _texts(questions: Sequence[Question], asked: Asked, used: Used) -> dict[str, Any]:
    same: dict[bool, int] = {True: 0, False: 0}
    near: dict[bool, int] = {True: 0, False: 0}
    told: list[dict[str, Any]] = []
    known = {_words(question) for question in asked.questions}
    twins = dict(_near_duplicates(questions, asked.questions))
    for i, question in enumerate(questions):
        here = used.holds(question.dataset, question.scene)
        if _words(question) in known:
            same[here] += 1
        elif i in twins:
            near[here] += 1
            twin, likeness = twins[i]
            told.append(
                {"id": question.id, "theirs": twin.id, "alike": likeness, "same_space": here}
            )
    told.sort(key=lambda each: (not each["same_space"], -each["alike"], each["id"]))
    return {
        "same_question_and_answer": {"in_shared_spaces": same[True], "elsewhere": same[False]},
        "near_duplicates": {"in_shared_spaces": near[True], "elsewhere": near[False]},
        "examples_of_near_duplicates": told[:SHOWN],
    }


def _words(question: Question) -> tuple[str, frozenset[str], str]:
    options = frozenset(map(plain, question.options))
    return plain(question.text), options, plain(question.answer)


def _near_duplicates(
    ours: Sequence[Question], theirs: Sequence[Question]
) -> Iterator[tuple[int, tuple[Question, float]]]:
    # Place of ours, and the most alike of theirs that has the same answer.
    text = require("sklearn.feature_extraction.text", "finding near-duplicates", AUDITS)
    by_answer: dict[str, list[int]] = defaultdict(list)
    for place, question in enumerate(ours):
        by_answer[plain(question.answer)].append(place)
    twins: dict[str, list[Question]] = defaultdict(list)
    for question in theirs:
        twins[plain(question.answer)].append(question)
    vectors = text.TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True)
    try:
        vectors.fit([_document(question) for question in theirs])
    except ValueError:  # no word in any of them
        return
    for answer, places in sorted(by_answer.items()):
        if answer not in twins:
            continue
        there = sorted(twins[answer], key=lambda question: question.id)
        side = vectors.transform([_document(question) for question in there]).T.tocsr()
        step = max(1, _PAIRS // len(there))
        for begin in range(0, len(places), step):
            some = places[begin : begin + step]
            likeness = (vectors.transform([_document(ours[i]) for i in some]) @ side).toarray()
            best = likeness.argmax(axis=1)
            for row in np.flatnonzero(likeness.max(axis=1) >= ALIKE).tolist():
                yield (
                    some[row],
                    (there[best[row]], round(float(likeness[row, best[row]]), 4)),
                )


def _document(question: Question) -> str:
    return " ".join((question.text, *sorted(question.options)))
