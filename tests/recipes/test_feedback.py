"""What a round's confidences make of the next round."""

import pytest

from recipes import feedback
from recipes.feedback import Cell, Figures, Visited, figures, for_model, shares, weights

EASY, EDGE, HARD = ("easy", ""), ("edge", ""), ("hard", "")


def visited(cell: Cell, *confidences: float | None, chance: float = 0.0) -> list[Visited]:
    return [Visited("d/room", cell, f"{cell}?", "B", each, chance) for each in confidences]


def rounds(*values: dict[Cell, tuple[float, ...]], chance: float = 0.0) -> list[feedback.Round]:
    return [
        figures(
            [each for cell, p in one.items() for each in visited(cell, *p, chance=chance)],
            {family: len(p) for (family, _), p in one.items()},
        )
        for one in values
    ]


CELLS = {EASY: 1, EDGE: 1, HARD: 1}
LAST = {EASY: (0.95, 0.99), EDGE: (0.4, 0.6), HARD: (0.01, 0.02)}


def test_the_paper_moves_to_the_frontier_and_lets_nothing_die() -> None:
    found = shares(CELLS, rounds(LAST), "paper", 0.3, 0)
    assert found == pytest.approx({EASY: 0.1, EDGE: 0.8, HARD: 0.1})


def test_edges_of_the_bands_belong_to_the_frontier() -> None:
    (last,) = rounds({EASY: (0.9,), HARD: (0.1,)})
    assert (last[EASY].frontier, last[HARD].frontier) == (1.0, 1.0)


def test_only_the_previous_round_counts() -> None:
    before = rounds({EASY: (0.5, 0.5), EDGE: (0.95, 0.95), HARD: (0.5, 0.5)})
    after = rounds(LAST)
    for signal in ("paper", "chance_corrected", "r_zero"):
        assert shares(CELLS, [*before, *after], signal, 0.3, 0) == shares(
            CELLS, after, signal, 0.3, 0
        )
    # Nor does an older round speak for a cell that the last one did not visit.
    older = rounds({HARD: (0.5,)}, {EASY: (0.99,), EDGE: (0.5,)})
    assert shares(CELLS, older, "paper", 0.0, 0) == shares(CELLS, older[1:], "paper", 0.0, 0)
    cumulative = shares(CELLS, [*before, *after], "cumulative", 0.3, 0)
    assert cumulative[EASY] == cumulative[EDGE] == pytest.approx(1 / 3)


@pytest.mark.parametrize("signal", feedback.NAMES)
@pytest.mark.parametrize(
    "past",
    [
        pytest.param([], id="nothing known"),
        pytest.param([{}], id="nothing visited"),
        pytest.param([LAST], id="all known"),
        pytest.param([{EASY: (0.99,)}, {EDGE: (0.5,)}], id="some known"),
        pytest.param([{EASY: (1.0,), EDGE: (1.0,), HARD: (1.0,)}], id="nothing worth anything"),
    ],
)
def test_shares_are_one_together_and_keep_the_floor(
    signal: str, past: list[dict[Cell, tuple[float, ...]]]
) -> None:
    found = shares(CELLS, rounds(*past), signal, 0.3, 0)
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) >= 0.1 - 1e-12
    assert list(found) == sorted(CELLS)


def test_a_cell_that_no_round_visited_is_worth_the_average() -> None:
    found = shares(CELLS, rounds({EASY: (0.99,), EDGE: (0.5,)}), "paper", 0.0, 0)
    assert found == pytest.approx({EASY: 0.0, EDGE: 2 / 3, HARD: 1 / 3})


def test_guessing_between_two_is_the_paper_s_frontier_and_not_ours() -> None:
    past = rounds({EDGE: (0.5, 0.5), EASY: (0.8, 0.8)}, chance=0.5)
    assert shares({EDGE: 1, EASY: 1}, past, "paper", 0.0, 0)[EDGE] == 0.5
    assert shares({EDGE: 1, EASY: 1}, past, "chance_corrected", 0.0, 0)[EDGE] == 0.0


def test_none_and_random_look_at_nothing() -> None:
    one, other = rounds(LAST), rounds({EASY: (0.5,), EDGE: (0.99,), HARD: (0.5,)})
    assert set(shares(CELLS, one, "none", 0.3, 0).values()) == {1 / 3}
    drawn = shares(CELLS, one, "random", 0.3, 0)
    assert drawn == shares(CELLS, other, "random", 0.3, 0)
    assert drawn != shares(CELLS, one, "random", 0.3, 1)
    assert drawn != shares(CELLS, [*one, *one], "random", 0.3, 0)


def cell_worth(signal: str, *past: Figures) -> float:
    return feedback.SIGNALS[signal](EDGE, past)


def of(n: int, corrected: float) -> Figures:
    return Figures(9, n, corrected, corrected, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        pytest.param([of(1_000, 0.0)] * 5, 0.16, id="no gain yet, much hope"),
        pytest.param([of(5_000, 0.0)] * 5, 0.0, id="no gain in 25,000 answers"),
        pytest.param([of(5_000, 0.0)] * 5 + [of(5_000, 0.4)], 0.24, id="it jumps after all"),
        pytest.param([of(1_000, 0.0), of(1_000, 0.5)], 0.25, id="gain is worth more than hope"),
        pytest.param([of(25_000, 0.0), of(9, 0.05)], 0.0475, id="a little gain is worth little"),
        pytest.param([of(1_000, 1.0)] * 2, 0.0, id="learned"),
        pytest.param([of(25_000, 0.5), of(9, 0.2)], 0.0, id="forgetting is no gain"),
    ],
)
def test_learning_progress_waits_long(past: list[Figures], expected: float) -> None:
    assert cell_worth("learning_progress", *past) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("signal", "values", "expected"),
    [
        pytest.param("r_zero", (0.5,), 1.0, id="r-zero: most uncertain"),
        pytest.param("r_zero", (0.3, 0.8), 0.5, id="r-zero: ends kept"),
        pytest.param("r_zero", (0.29, 0.81), 0.0, id="r-zero: filtered"),
        pytest.param("spatial_evo", (0.2,), 0.8, id="spatialevo"),
        pytest.param("spatial_evo", (1.0,), 0.05, id="spatialevo: least"),
    ],
)
def test_neighbours_signals(signal: str, values: tuple[float, ...], expected: float) -> None:
    (past,) = rounds({EDGE: values})
    assert cell_worth(signal, past[EDGE]) == pytest.approx(expected)


def test_a_model_is_told_question_answer_and_band_by_scene() -> None:
    rows = [
        Visited("d/two", EDGE, "Which?", "B. bed", 0.1, 0.5),
        Visited("d/one", EDGE, "How far?", "1.5 meters", None, 0.0),
        Visited("d/two", EASY, "Where?", "A. left", 0.97, 0.5),
    ]
    earlier = {"d/two": [{"question": "What?", "answer": "C. lamp", "band": "hard"}]}
    told = {
        "d/one": [{"question": "How far?", "answer": "1.5 meters", "band": "untagged"}],
        "d/two": [
            {"question": "Which?", "answer": "B. bed", "band": "frontier"},
            {"question": "Where?", "answer": "A. left", "band": "easy"},
        ],
    }
    assert for_model(rows, "paper", earlier, 0) == told
    cumulative = for_model(rows, "cumulative", earlier, 0)
    assert cumulative == {**told, "d/two": [*earlier["d/two"], *told["d/two"]]}
    assert earlier["d/two"][1:] == []
    # Of two options, 0.1 and 0.5 are no more than guessing.
    corrected = for_model(rows, "chance_corrected", earlier, 0)
    assert [each["band"] for each in corrected["d/two"]] == ["hard", "easy"]


def test_bands_dealt_at_random_are_those_of_the_round() -> None:
    rows = visited(EASY, *[0.95] * 20, *[0.05] * 20)

    def bands(seed: int, signal: str = "random") -> list[str]:
        (told,) = for_model(rows, signal, {}, seed).values()
        return [each["band"] for each in told]

    assert sorted(bands(0)) == sorted(bands(0, "paper"))
    assert bands(0) == bands(0)
    assert bands(0) != bands(0, "paper")
    assert bands(0) != bands(1)


def test_every_question_may_count_the_same_over_all_families() -> None:
    cells = {("one", "few"): 10, ("one", "many"): 30, ("two", "few"): 40}
    assert shares(cells, [], "none", 0.3, 0, "questions") == pytest.approx(
        {("one", "few"): 0.125, ("one", "many"): 0.375, ("two", "few"): 0.5}
    )
    assert set(shares({EASY: 0}, [], "none", 0.3, 0, "questions").values()) == {0.0}


def test_within_a_family_every_question_counts_the_same_without_a_signal() -> None:
    cells = {("one", "few"): 10, ("one", "many"): 30, ("two", "few"): 5}
    assert shares(cells, [], "none", 0.3, 0) == pytest.approx(
        {("one", "few"): 0.125, ("one", "many"): 0.375, ("two", "few"): 0.5}
    )


@pytest.mark.parametrize(
    ("asked", "before", "expected"),
    [
        pytest.param({EASY: 10, HARD: 10}, {}, {EASY: 1 / 3, HARD: 1.0}, id="by shares"),
        pytest.param({EASY: 5, HARD: 15}, {}, {EASY: 1.0, HARD: 1.0}, id="already as wanted"),
        pytest.param({EASY: 5, HARD: 15}, {EASY: 0.5}, {EASY: 0.5, HARD: 1.0}, id="half was left"),
        pytest.param({EASY: 90, HARD: 10}, {}, {EASY: 40 / 90, HARD: 1.0}, id="half at least"),
        pytest.param({EASY: 1, HARD: 10_000}, {}, {EASY: 1.0, HARD: 0.5}, id="a rare one"),
        pytest.param({EASY: 0, HARD: 10}, {}, {HARD: 1.0}, id="nothing known of one"),
        pytest.param({}, {}, {}, id="nothing known"),
    ],
)
def test_weights_give_the_shares_that_are_wanted(
    asked: dict[Cell, int], before: dict[Cell, float], expected: dict[Cell, float]
) -> None:
    found = weights({EASY: 0.25, HARD: 0.75}, asked, before)
    assert found == pytest.approx(expected, abs=1e-3)


def test_no_cell_dies() -> None:
    found = weights({EASY: 0.0, HARD: 1.0}, {EASY: 10, HARD: 10}, {})
    assert found == {EASY: 0.02, HARD: 1.0}
