"""Answers that are rare in rooms: sets of questions in which each option is right once."""

from collections import Counter

import numpy as np
import pytest

from spatialgen.families import _balance as subject
from spatialgen.families._balance import NO, UNCLEAR, YES, balanced, fair_sets
from spatialgen.rng import generator


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
