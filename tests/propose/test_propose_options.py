"""Options: apart from each other, and no place or rank that is the better guess."""

from collections import Counter

import pytest

from spatialgen.propose.options import NUMERIC_OPTIONS, build_options
from spatialgen.rng import generator
from spatialgen.verify.answers import spoken
from spatialgen.verify.draft import Draft
from spatialgen.verify.options import GAP, check_options, smallest_gap

NUMBER = Draft("test", "?", "", "number", as_options=True)

#: Values as programs print them, and their decimals; None where the draft names none.
VALUES = [
    *((value, 1) for value in (0.5, 0.9, 1.0, 2.0, 3.0, 9.9, 137.2, 1e3, 1e6)),
    *((value, 0) for value in (5, 6, 7, 8, 9, 10, 19, 63, 250, 1000, 10**6)),
    *((value, 2) for value in (0.05, 0.5, 1.0, 99.99)),
    *((value, None) for value in (0.37, 2.5, 40)),
    # A program of a model need not round: what is printed counts.
    *((value, 0) for value in (4.6, 137.4)),
]

#: Below these there is no room for three wrong numbers, which could be seen from their rank.
SMALL = [
    *((value, 1) for value in (0.0, 0.1, 0.2, 0.3)),
    *((value, 0) for value in (0, 1, 2, 3, 0.4, 1.5, 2.6)),
    *((value, 2) for value in (0.0, 0.01, 0.03)),
    (3, None),
    (0.004, None),
]


def numeric(value: float, decimals: int | None, seed: int = 0) -> tuple[list[str], str]:
    draft = Draft("test", "?", "", "number", as_options=True, decimals=decimals)
    options = build_options(draft, value, generator(seed, "options", value, decimals))
    assert options is not None
    return options, spoken(draft, value)


@pytest.mark.parametrize(("value", "decimals"), SMALL)
def test_a_number_without_smaller_ones_has_no_options(value: float, decimals: int | None) -> None:
    draft = Draft("test", "?", "", "number", as_options=True, decimals=decimals)
    for seed in range(30):
        assert build_options(draft, value, generator(seed, "options")) is None


@pytest.mark.parametrize(("value", "decimals"), VALUES)
def test_numbers_keep_their_distance(value: float, decimals: int | None) -> None:
    for seed in range(60):
        options, right = numeric(value, decimals, seed)
        assert len(options) == NUMERIC_OPTIONS
        assert options.count(right) == 1
        assert check_options(options, right, numeric=True).reason is None, options
        numbers = [float(text) for text in options]
        assert smallest_gap(numbers) >= GAP
        assert min(numbers) > 0, "zero is no plausible measure"
        assert {len(text.partition(".")[2]) for text in options} == {len(right.partition(".")[2])}


def chi_square(found: Counter[int], kinds: int) -> float:
    expected = sum(found.values()) / kinds
    return sum((found[i] - expected) ** 2 for i in range(kinds)) / expected


@pytest.mark.parametrize(
    ("value", "decimals"), [(250, 0), (3.7, 1), (12, 0), (1e3, 1), (5, 0), (0.5, 1)]
)
def test_neither_rank_nor_place_is_the_better_guess(value: float, decimals: int | None) -> None:
    ranks, places = Counter[int](), Counter[int]()
    for seed in range(2000):
        options, right = numeric(value, decimals, seed)
        places[options.index(right)] += 1
        ranks[sorted(options, key=float).index(right)] += 1
    assert chi_square(places, NUMERIC_OPTIONS) < 21.1  # one in ten thousand by chance
    assert chi_square(ranks, NUMERIC_OPTIONS) < 21.1


def test_wrong_numbers_are_plausible() -> None:
    for seed in range(200):
        options, _ = numeric(250, 0, seed)
        numbers = [float(text) for text in options]
        assert 250 / 4 <= min(numbers) < max(numbers) <= 250 * 4


@pytest.mark.parametrize("choices", [("left", "right"), ("yes", "no"), tuple("abc"), tuple("abcd")])
def test_choices_come_in_every_order_equally(choices: tuple[str, ...]) -> None:
    draft = Draft("test", "?", "", "choice", choices=choices)
    value = choices[0] if choices != ("yes", "no") else True
    places = Counter[int]()
    for seed in range(1000):
        options = build_options(draft, value, generator(seed, "options")) or []
        assert sorted(options) == sorted(choices)
        places[options.index(choices[0])] += 1
    assert chi_square(places, len(choices)) < 21.1


def test_the_same_generator_gives_the_same_options() -> None:
    assert numeric(250, 0, seed=7) == numeric(250, 0, seed=7)
    assert len({tuple(numeric(250, 0, seed)[0]) for seed in range(20)}) == 20


@pytest.mark.parametrize("value", ["bed", [1.0]])
def test_only_numbers_have_numeric_options(value: float) -> None:
    with pytest.raises(TypeError):
        build_options(NUMBER, value, generator(0, "options"))
