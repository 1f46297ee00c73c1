"""Blind guesses find what was planted, and nothing in what is fair."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra `audit` is not installed")

from spatialgen.audit import choices, numbers
from spatialgen.audit.folds import FOLDS, folds
from spatialgen.audit.question import Question
from spatialgen.audit.reading import read_questions
from spatialgen.audit.report import shortcuts
from spatialgen.audit.shortcuts import families, levels
from tests.audit.made_questions import (
    THINGS,
    WAYS,
    choice,
    fair_choices,
    leaning_choices,
    open_question,
    sized_things,
)

SHARED = Path(__file__).parents[2] / "../shared/data"


def shared(path: str) -> Path:
    file = SHARED / path
    if not file.is_file():
        pytest.skip(f"no {path} in a folder `shared/data` beside the repository")
    return file


def ranked(count: int) -> list[Question]:
    """Numbers among options, the second largest always right."""
    found = []
    for number in range(count):
        options = [str(value + number) for value in (40, 10, 30, 20)]
        turn = number % 4
        options = options[turn:] + options[:turn]
        right = options.index(str(30 + number))
        found.append(choice(number, number // 3, right, options))
    return found


def named(count: int) -> list[Question]:
    """The thing that is named decides, whatever the options' order."""
    found = []
    for number, question in enumerate(fair_choices(count, seed=3)):
        thing = number % 4
        text = f"Where is the {THINGS[thing]}?"
        right = question.options.index(WAYS[thing])
        found.append(choice(number, number // 5, right, question.options, text))
    return found


@pytest.mark.parametrize(
    ("questions", "finds"),
    [
        pytest.param(leaning_choices(200), {"text", "model"}, id="a frequent answer"),
        pytest.param(
            [
                choice(i, i // 4, 0 if i % 5 else 2, fair.options)
                for i, fair in enumerate(fair_choices(200))
            ],
            {"letter", "model"},
            id="a frequent letter",
        ),
        pytest.param(ranked(120), {"rank", "model"}, id="a place in order"),
        pytest.param(named(200), {"model"}, id="words of the question"),
        pytest.param(sized_things(200, 0.2), {"same words", "model"}, id="sizes of things"),
    ],
)
def test_what_is_planted_is_found(questions: list[Question], finds: set[str]) -> None:
    (family,) = families(questions)
    found = {guess.name for guess in family.guesses if guess.is_shortcut(family.groups)}
    assert found == finds


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_found_in_fair_questions(seed: int) -> None:
    (family,) = families(fair_choices(200, seed))
    assert not family.has_shortcut
    assert len(family.flagged()) < 20


def test_nothing_is_found_in_numbers_that_words_do_not_tell() -> None:
    mixed = [
        open_question(i, i // 5, 1.0 + (7 * i) % 11, f"How long is the {THINGS[i % 6]}?")
        for i in range(200)
    ]
    (family,) = families(mixed)
    assert not family.has_shortcut


def test_few_questions_prove_nothing() -> None:
    (family,) = families([choice(i, i) for i in range(6)])
    assert family.guesses
    (alone,) = families([choice(i, 0) for i in range(50)])
    assert alone.guesses == ()
    assert not alone.has_shortcut
    assert alone.base is None


def test_a_place_is_in_one_fold_whatever_the_order() -> None:
    questions = fair_choices(100)
    fold = dict(zip([q.id for q in questions], folds(questions).tolist(), strict=True))
    by_place = {
        q.scene: {fold[other.id] for other in questions if other.scene == q.scene}
        for q in questions
    }
    assert all(len(parts) == 1 for parts in by_place.values())
    assert set(fold.values()) == set(range(FOLDS))
    turned = questions[::-1]
    assert dict(zip([q.id for q in turned], folds(turned).tolist(), strict=True)) == fold


def test_scans_of_a_space_stay_together() -> None:
    scans = [f"scene00{i // 2:02}_0{i % 2}" for i in range(20)]
    questions = [
        Question(str(i), "scannet", scan, "way", "?", WAYS, 0, None, "front")
        for i, scan in enumerate(scans)
    ]
    fold = folds(questions)
    assert (fold[::2] == fold[1::2]).all()


def test_the_report_is_the_same_for_any_order() -> None:
    questions = [*leaning_choices(100), *sized_things(100, 0.3)]
    assert shortcuts(families(questions)) == shortcuts(families(questions[::-1]))


def test_accuracy_by_hand() -> None:
    guesses = np.array([10.0, 12.0, 14.5, 11.0, 1.2, 30.0])
    truths = np.array([10.0, 10.0, 10.0, 10.0, 1.0, 10.0])
    expected = [1.0, 0.6, 0.1, 0.9, 0.7, 0.0]
    assert numbers.accuracy(guesses, truths) == pytest.approx(expected)


def test_best_constant_by_hand() -> None:
    assert numbers.best_constant(np.array([2.0, 2.0, 2.0, 9.0])) == 2.0
    assert numbers.best_constant(np.array([5.0])) == 5.0


def test_ties_count_their_share() -> None:
    questions = [choice(0, 0, right=1)]
    guess = choices.guess_from("x", questions, [np.array([0.5, 0.5, 0.2, 0.1])])
    assert guess.scores.tolist() == [0.5]
    assert guess.base.tolist() == [0.25]


def test_levels_are_averaged() -> None:
    questions = [
        *[choice(i, i, 0, family="turn_easy") for i in range(4)],
        *[choice(i, i, i % 2, family="turn_hard") for i in range(4)],
        *[choice(i, i, 0, family="way_easy") for i in range(4)],
    ]
    assert levels(families(questions)) == {"turn": {"letter": 0.75, "text": 0.75}}


def test_options_and_numbers_of_one_family_are_apart() -> None:
    both = [
        *[choice(i, i) for i in range(3)],
        *[open_question(9 + i, i, 2.0, family="way") for i in range(3)],
    ]
    assert [family.name for family in families(both)] == ["way", "way (options)"]


def test_vsi_bench_has_the_known_shortcuts() -> None:
    found = families(read_questions(shared("vsi_bench/questions.jsonl")).questions)
    by_name = {family.name: family for family in found}
    # Of 519 of the 968 published questions; all of them give 47.9 by text and 36.3 by letter.
    direction = levels(found)["object_rel_direction"]
    assert direction == {
        "letter": pytest.approx(0.3724, abs=1e-4),
        "text": pytest.approx(0.4841, abs=1e-4),
    }
    assert {name for name, family in by_name.items() if family.has_shortcut} >= {
        "object_rel_direction_medium",
        "object_rel_direction_hard",
        "object_rel_distance",
        "object_size_estimation",
    }


def test_view_spatial_says_front() -> None:
    path = shared("viewspatial_bench/ViewSpatial-Bench.json")
    wanted = "Person perspective - Object View Orientation"
    (family,) = families([q for q in read_questions(path).questions if q.family == wanted])
    assert family.constants["text"] == pytest.approx(0.572, abs=5e-4)
    text = next(guess for guess in family.guesses if guess.name == "text")
    assert text.score > 0.7
    assert len(family.flagged()) > 500


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("mindcube", "mindcube"),
        ("mmsi_bench", "in question"),
        ("erqa", "in question"),
        ("embspatial_bench", "embspatial"),
        ("viewspatial_bench", "viewspatial"),
        ("vsi_bench", "vsi"),
    ],
)
def test_columns_of_published_benchmarks_are_known(name: str, shape: str) -> None:
    from spatialgen.audit.shapes import shape_of

    with shared(f"scoring/{name}.jsonl").open(encoding="utf-8") as stream:
        found = shape_of(json.loads(stream.readline())["doc"])
    assert found is not None
    assert found.name == shape
