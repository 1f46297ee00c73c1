"""From proposals to visits."""

from collections import Counter
from itertools import groupby
from typing import Any

import pytest

from evalkit.media.errors import MediaError
from recipes.choosing import (
    accept,
    added,
    asked,
    portions,
    reasons,
    showable,
    together,
    told,
    visits,
)
from recipes.feedback import Cell
from spatialgen.rng import generator

ONE, TWO = ("one", ""), ("two", "")


def row(question: str, options: list[str] | None = None, scene: str = "room") -> dict[str, Any]:
    told = {"dataset": "d", "scene_name": scene, "frames": None}
    return {**told, "question": question, "options": options}


def test_questions_asked_before_are_dropped() -> None:
    rows = [row("How far?"), row("how  FAR"), row("Where?"), row("How far?", scene="other")]
    accepted, dropped = accept(rows, [asked(row("Where?"))])
    assert accepted == [rows[0], rows[3]]
    assert [each["reason"] for each in dropped] == ["duplicate", "duplicate"]


def test_questions_that_can_t_be_shown_are_dropped_with_the_code() -> None:
    rows = [row("a"), row("b", scene="torn"), row("c", scene="torn"), row("d", scene="away")]
    decoded: list[str] = []

    def prompt(each: Any) -> None:
        decoded.append(each["scene_name"])
        if each["scene_name"] != "room":
            code = {"torn": "truncated", "away": "missing"}[each["scene_name"]]
            raise MediaError(code, f"{each['scene_name']}.mp4: is {code}")

    kept, dropped = showable(rows, prompt)
    assert kept == [rows[0]]
    assert reasons(dropped) == {"video_truncated": 2, "video_missing": 1}
    assert dropped[0] == {
        **rows[1],
        "reason": "video_truncated",
        "detail": "torn.mp4: is truncated",
    }
    assert decoded == ["room", "torn", "away"]  # the same pictures once
    assert told(reasons(dropped)) == "video_truncated 2, video_missing 1"
    assert told({}) == "none was asked"


def test_a_reason_that_is_given_twice_counts_twice() -> None:
    found = added({"duplicate": 120, "margin": 3}, {"duplicate": 7, "video_corrupt": 130})
    assert list(found.items()) == [("video_corrupt", 130), ("duplicate", 127), ("margin", 3)]


def test_the_same_options_in_another_order_are_the_same_question() -> None:
    one = asked(row("Which?", ["A. bed", "B. lamp"]))
    assert one == asked(row("which", ["A. lamp", "B. Bed"]))
    assert one != asked(row("Which?", ["A. bed", "B. sofa"]))
    assert one != asked(row("Which?", ["A. bed", "B. lamp"], scene="other"))


@pytest.mark.parametrize(
    ("shares", "count", "expected"),
    [
        pytest.param([0.5, 0.5], 4, [2, 2], id="even"),
        pytest.param([1 / 3, 1 / 3, 1 / 3], 4, [2, 1, 1], id="the rest to the first of equals"),
        pytest.param([0.6, 0.4], 3, [2, 1], id="largest remainder"),
        pytest.param([0.0, 0.0], 3, [2, 1], id="no share at all"),
        pytest.param([2.0, 6.0], 8, [2, 6], id="need not be one together"),
    ],
)
def test_portions(shares: list[float], count: int, expected: list[int]) -> None:
    assert portions(shares, count) == expected


CELLS: dict[Cell, list[str]] = {ONE: ["a", "b", "c"], TWO: list("defghijklm")}


def test_visits_are_exactly_as_many_and_by_shares() -> None:
    chosen = visits(CELLS, {ONE: 0.75, TWO: 0.25}, 12, generator(0))
    counts = Counter(chosen)
    assert len(chosen) == 12
    assert [counts[name] for name in "abc"] == [3, 3, 3]
    assert sorted(counts[name] for name in CELLS[TWO]) == [0] * 7 + [1] * 3


def test_visits_hang_on_the_seed_and_not_on_the_order_of_cells() -> None:
    shares = {ONE: 0.5, TWO: 0.5}
    first = visits(CELLS, shares, 20, generator(0))
    turned = dict(reversed(CELLS.items()))
    assert visits(turned, shares, 20, generator(0)) == first
    assert visits(CELLS, shares, 20, generator(1)) != first


def test_a_cell_without_questions_leaves_its_share_to_the_others() -> None:
    assert set(visits({ONE: ["a"], TWO: []}, {ONE: 0.1, TWO: 0.9}, 5, generator(0))) == {"a"}


def test_nothing_to_visit_is_refused() -> None:
    with pytest.raises(ValueError, match="no question"):
        visits({ONE: []}, {ONE: 1.0}, 5, generator(0))


def test_what_shares_pictures_comes_together() -> None:
    shown = {f"{picture}{i}": picture for picture in "abc" for i in range(5)}
    visits = [name for name in shown for _ in range(2)]
    found = together(visits, shown, 3, generator(0, "t"))
    assert sorted(found) == sorted(visits)
    groups = [list(group) for _, group in groupby(found, key=lambda name: shown[name])]
    assert len(groups) <= 12  # of fives, twice for every picture: three and two
    assert together(visits, shown, 3, generator(0, "t")) == found
    assert together(visits, shown, 1, generator(0, "t")) == visits
    for start in range(len(found) - 1):
        assert found[start] != found[start + 1]
