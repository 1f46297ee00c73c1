"""Answers that are rare in rooms: sets of questions in which each option is right once."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from spatialgen.families import _balance as subject
from spatialgen.families._balance import NO, UNCLEAR, YES, balanced, fair_sets, with_rivals
from spatialgen.graph.build import build
from spatialgen.rng import generator
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.margins import check_margins
from tests.rooms_by_hand import put, room


def rng():
    return generator(0, "balance")


@pytest.mark.parametrize(
    ("counts", "size", "expected"),
    [
        pytest.param({"front": 9, "back": 2}, 2, 2, id="as often as the rarest"),
        pytest.param({"a": 3, "b": 2, "c": 1}, 2, 3, id="nothing is left"),
        pytest.param({"a": 5, "b": 5, "c": 5, "d": 5}, 4, 5, id="all together"),
        pytest.param({"a": 5, "b": 0}, 2, 0, id="only one answer"),
        pytest.param({}, 2, 0, id="no questions"),
    ],
)
def test_balanced(counts, size, expected):
    groups = {answer: [(answer, i) for i in range(count)] for answer, count in counts.items()}
    found = list(balanced(rng(), groups, size))
    assert len(found) == expected
    asked = [question for _, questions in found for question in questions]
    assert len(set(asked)) == len(asked) == size * expected
    for answers, questions in found:
        assert tuple(answer for answer, _ in questions) == answers
        assert len(set(answers)) == size
    assert {answer: len(questions) for answer, questions in groups.items()} == counts


def resting(**answers: str) -> list[Draft]:
    """Return drafts about these names, with these answers and an option that no other has."""
    return [
        Draft(
            "test", f"{name}?", "", "choice", (answer, "moon"), unique=(name,), mentions=(answer,)
        )
        for name, answer in answers.items()
    ]


@pytest.mark.parametrize(
    ("drafts", "options", "alone"),
    [
        pytest.param(resting(lamp="table", pillow="bed"), [{"bed", "table"}] * 2, 0, id="two"),
        pytest.param(
            resting(lamp="table", vase="table", pillow="bed"),
            [{"bed", "table"}] * 2,
            1,
            id="one over",
        ),
        pytest.param(resting(lamp="table", vase="table"), [], 2, id="one answer only"),
        pytest.param(resting(lamp="table", table="bed"), [], 2, id="one is asked about"),
        pytest.param(
            resting(lamp="table", vase="desk", fan="bed", book="shelf", clock="sofa"),
            [4] * 4,
            1,
            id="four of five",
        ),
        pytest.param([], [], 0, id="none"),
    ],
)
def test_rivals(drafts, options, alone):
    labels = {name for draft in drafts for name in (*draft.unique, *draft.mentions)}
    graph = build(room(*(put(label, 2.0 * i, 0) for i, label in enumerate(sorted(labels)))))
    found = list(with_rivals(graph, rng(), drafts))
    assert sorted(draft.unique for draft in found) == sorted(draft.unique for draft in drafts)
    answers = {draft.unique: draft.choices[0] for draft in drafts}
    asked = [draft for draft in found if not check_margins(draft).reason]
    assert len(found) - len(asked) == alone
    if options and isinstance(options[0], int):
        assert sorted(len(draft.choices) for draft in asked) == sorted(options)
    else:
        assert [set(draft.choices) for draft in asked] == options
    right, offered = Counter(), Counter()
    for draft in asked:
        assert draft.mentions == draft.choices
        assert draft.unique[0] not in draft.choices
        right[answers[draft.unique]] += 1
        offered.update({choice: 1 / len(draft.choices) for choice in draft.choices})
    assert all(right[choice] == pytest.approx(offered[choice]) for choice in offered)


def test_what_is_not_sound_has_no_rivals():
    lamp, pillow = resting(lamp="table", pillow="bed")
    bad = replace(lamp, margins=(Margin("inside_m", 0.0, 0.1),))
    graph = build(
        room(*(put(label, i, 0) for i, label in enumerate(("lamp", "table", "pillow", "bed"))))
    )
    found = {draft.unique[0]: draft for draft in with_rivals(graph, rng(), [bad, pillow])}
    assert found["lamp"] is bad
    assert check_margins(found["pillow"]).detail.startswith("rivals")


VERDICTS = np.random.default_rng(3).choice([YES, NO, UNCLEAR], (60, 7), p=[0.4, 0.4, 0.2])


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_fair_sets(size, first):
    verdicts = VERDICTS.astype(np.int8)
    found = list(fair_sets(rng(), verdicts, size, first))
    assert found
    assert len(found) <= subject.USED
    assert len({chosen.candidates for chosen in found}) == len(found)
    for chosen in found:
        assert list(chosen.candidates) == sorted(set(chosen.candidates))
        for k, case in enumerate(chosen.cases):
            among = verdicts[case, chosen.candidates]
            assert UNCLEAR not in among
            assert among[k] == YES
            assert YES not in (among[:k] if first else np.delete(among, k))
        asked = list(chosen.asked)
        if chosen.unclear is not None:
            assert asked.pop(1) == chosen.unclear
            among = verdicts[chosen.unclear, chosen.candidates].tolist()
            assert UNCLEAR in among or (not first and among.count(YES) > 1)
        assert sorted(asked) == sorted(chosen.cases)
    again = list(fair_sets(rng(), verdicts, size, first))
    assert again == found


def test_every_candidate_of_a_set_is_right_equally_often():
    right, shown = Counter(), Counter()
    for chosen in fair_sets(rng(), VERDICTS.astype(np.int8), 3):
        for candidate in chosen.candidates:
            right[candidate] += 1
            shown[candidate] += len(chosen.cases)
    assert all(shown[candidate] == 3 * right[candidate] for candidate in right)


@pytest.mark.parametrize(
    "verdicts",
    [
        pytest.param(np.empty((0, 5)), id="no cases"),
        pytest.param(np.empty((5, 0)), id="no candidates"),
        pytest.param(np.ones((5, 2)), id="too few candidates"),
        pytest.param(np.ones((5, 5)), id="all of them always"),
        pytest.param(np.eye(5)[:4], id="one is never the answer"),
        pytest.param(np.full((5, 5), UNCLEAR), id="all unclear"),
    ],
)
def test_no_fair_set(verdicts):
    size = verdicts.shape[1] if verdicts.shape == (4, 5) else 3
    assert list(fair_sets(rng(), verdicts.astype(np.int8), size)) == []


def test_the_first_candidate_is_not_asked_about_first():
    first = Counter()
    for chosen in fair_sets(rng(), VERDICTS.astype(np.int8), 3):
        first[chosen.cases.index(chosen.asked[0])] += 1
    assert len(first) == 3
    assert max(first.values()) < 2 * first.total() / 3
