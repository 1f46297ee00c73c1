"""What published benchmarks and our own datasets give away without a look, before and after.

    python benchmarks/blind_shortcuts.py --vsi QUESTIONS.jsonl --viewspatial ViewSpatial-Bench.json
    python benchmarks/blind_shortcuts.py --dataset DIR [--dataset DIR ...]

First the constant answers next to the figures that are published; then, for every family
in which a blind guess finds a shortcut, its best guess and a judge that had no part in
choosing what goes: a random forest on the words, learned on other folds. Both before and after
leaving out what `propose --debias` would. The exit status is 1 where a published figure
is not met, or a family keeps its shortcut.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialgen.audit import numbers
from spatialgen.audit.choices import guess_from
from spatialgen.audit.debias import debias
from spatialgen.audit.question import Question, plain
from spatialgen.audit.reading import read_questions
from spatialgen.audit.shortcuts import Family, families, levels
from spatialgen.optional import AUDITS, require

#: The judge's folds are not those of the guesses.
FOLDS, TREES = 4, 60

#: Family, constant, its published score, and how near the file at hand should come: it holds
#: a good half of VSI-Bench's questions, and all of ViewSpatial-Bench's.
VSI = (
    ("object_counting", "number", 0.621, 0.06),
    ("object_abs_distance", "number", 0.320, 0.02),
    ("object_size_estimation", "number", 0.299, 0.04),
    ("room_size_estimation", "number", 0.331, 0.02),
    ("object_rel_distance", "letter", 0.251, 0.02),
    ("object_rel_direction", "letter", 0.363, 0.02),
    ("object_rel_direction", "text", 0.479, 0.01),
    ("route_planning", "letter", 0.294, 0.02),
    ("obj_appearance_order", "letter", 0.252, 0.02),
)
VIEW = (("Person perspective - Object View Orientation", "text", 0.572, 0.0005),)


def compare(path: Path, published: Sequence[tuple[str, str, float, float]]) -> bool:
    """Print the constants of a benchmark next to what is published; say whether all are near."""
    found = families(read_questions(path).questions)
    scores = {family.name: family.constants for family in found} | levels(found)
    print(f"\n{path.name}: one answer for all questions of a family\n")
    print("| family | constant | published | here | |")
    print("|---|---|---|---|---|")
    near = True
    for family, constant, score, within in published:
        here = scores[family][constant]
        met = abs(here - score) <= within
        near &= met
        print(f"| {family} | {constant} | {score:.1%} | {here:.1%} | {'' if met else 'NOT MET'} |")
    return near


def thin(path: Path) -> bool:
    """Print what leaving questions out does; say whether no family keeps its shortcut."""
    questions = read_questions(path).questions
    dropped = debias(questions)
    left = [question for question in questions if question.id not in dropped.dropped]
    before = {family.name: family for family in families(questions)}
    after = {family.name: family for family in families(left)}
    print(f"\n{path.name}: {len(questions)} questions, {len(dropped.dropped)} left out\n")
    print("| family | questions | had anyway | best blind guess | judge |")
    print("|---|---|---|---|---|")
    for name, family in before.items():
        if name in dropped.families:
            print(f"| {name} | {_row((family, after[name]))} |")
    untouched = [name for name in before if name not in dropped.families]
    print(f"\nno shortcut found in: {', '.join(untouched) or 'none'}")
    return not any(told["shortcut_left"] for told in dropped.families.values())


def _row(pair: tuple[Family, Family]) -> str:
    columns = (
        [str(len(family.questions)) for family in pair],
        [_share(family.base) for family in pair],
        [_share(family.best.score if family.best else None) for family in pair],
        [_share(judge(family.questions)) for family in pair],
    )
    return " | ".join(" to ".join(column) for column in columns)


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def judge(questions: Sequence[Question]) -> float:
    """Return what a forest on words scores at questions about places that it did not see."""
    ensemble = require("sklearn.ensemble", "judging", AUDITS)
    vectors = require("sklearn.feature_extraction", "judging", AUDITS).DictVectorizer()
    fold = _folds(questions)
    if questions[0].options:
        rows = [_option(q, place) for q in questions for place in range(len(q.options))]
        owner = np.repeat(np.arange(len(questions)), [len(q.options) for q in questions])
        truths: NDArray[Any] = np.concatenate([_right(q) for q in questions])
        forest = ensemble.RandomForestClassifier
    else:
        rows = [_words(q.text) for q in questions]
        owner = np.arange(len(questions))
        truths = np.log([q.number or 1.0 for q in questions])
        forest = ensemble.RandomForestRegressor
    columns = vectors.fit_transform(rows).tocsr()
    told = np.zeros(len(rows))
    for part in range(FOLDS):
        asked = fold[owner] == part
        model = forest(TREES, min_samples_leaf=2, random_state=1).fit(
            columns[~asked], truths[~asked]
        )
        classes = questions[0].options
        answers = (
            model.predict_proba(columns[asked])[:, -1] if classes else model.predict(columns[asked])
        )
        told[asked] = answers
    if not questions[0].options:
        return float(numbers.accuracy(np.exp(told), np.exp(truths)).mean())
    each = np.split(told, np.cumsum([len(q.options) for q in questions])[:-1])
    return guess_from("forest", questions, each).score


def _folds(questions: Sequence[Question]) -> NDArray[np.int64]:
    digests = [hashlib.sha256(f"judge {q.group}".encode()).digest()[0] for q in questions]
    return np.array(digests, dtype=np.int64) % FOLDS


def _words(text: str) -> dict[str, float]:
    return dict.fromkeys(plain(text).split(), 1.0)


def _option(question: Question, place: int) -> dict[str, float]:
    option = question.options[place]
    words = {f"question {word}": 1.0 for word in _words(question.text)}
    own = {f"own {word}": 1.0 for word in _words(option)}
    return {**words, **own, f"option {plain(option)}": 1.0, "place": float(place)}


def _right(question: Question) -> NDArray[np.bool_]:
    return np.array([place == question.right for place in range(len(question.options))])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--vsi", type=Path, help="VSI-Bench's questions")
    parser.add_argument("--viewspatial", type=Path, help="ViewSpatial-Bench's questions")
    parser.add_argument(
        "--dataset", type=Path, action="append", default=[], help="a dataset folder"
    )
    options = parser.parse_args(arguments)
    fine = True
    for path, published in ((options.vsi, VSI), (options.viewspatial, VIEW)):
        if path is not None:
            fine &= compare(path, published)
            fine &= thin(path)
    for path in options.dataset:
        fine &= thin(path)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
