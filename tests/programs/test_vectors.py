"""Vectors and angles of the query language, by hand and in both interpreters."""

import math

import pytest

from spatialgen.programs import vectors as subject
from spatialgen.programs.executor import Executor
from spatialgen.rng import generator
from tests.programs.interpreters import returning
from tests.scenes_by_hand import living_room, world_of

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)

VALUES = [
    ("add((1.0, 2.0, 3.0), (10.0, 20.0, 30.0))", (11.0, 22.0, 33.0)),
    ("sub((1.0, 2.0, 3.0), (10.0, 20.0, 30.0))", (-9.0, -18.0, -27.0)),
    ("scale((1.0, -2.0, 0.5), -2)", (-2.0, 4.0, -1.0)),
    ("dot((1.0, 2.0, 3.0), (4.0, -5.0, 6.0))", 12.0),
    ("cross((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))", Z),
    ("cross((0.0, 1.0, 0.0), (1.0, 0.0, 0.0))", (0.0, 0.0, -1.0)),
    ("cross((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))", (-3.0, 6.0, -3.0)),
    ("norm((2.0, -3.0, 6.0))", 7.0),
    ("norm((0.0, 0.0, 0.0))", 0.0),
    ("unit((0.0, 3.0, 4.0))", (0.0, 0.6, 0.8)),
    ("angle_deg((1.0, 0.0, 0.0), (0.0, 0.0, 2.0))", 90.0),
    ("angle_deg((1.0, 0.0, 0.0), (-3.0, 0.0, 0.0))", 180.0),
    ("angle_deg((1.0, 1.0, 0.0), (2.0, 2.0, 0.0))", 0.0),
    ("angle_deg((1.0, 0.0, 0.0), (1.0, -1.0, 0.0))", 45.0),
    ("turn_deg((1.0, 0.0, 0.0), (5.0, 0.0, 9.0))", 0.0),
    ("turn_deg((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))", 90.0),
    ("turn_deg((1.0, 0.0, 0.0), (-1.0, 1.0, 0.0))", 135.0),
    ("turn_deg((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0))", 180.0),
    ("turn_deg((1.0, 0.0, 0.0), (-1.0, -1.0, 0.0))", 225.0),
    ("turn_deg((1.0, 0.0, 0.0), (0.0, -1.0, 0.0))", 270.0),
    ("turn_deg((0.0, 1.0, 0.0), (1.0, 0.0, 0.0))", 270.0),
    ("turn_deg((1.0, 0.0, 0.0), (1.0, -1e-17, 0.0))", 0.0),
    ("[signed_deg(turn) for turn in (0.0, 90.0, 180.0, 270.0)]", (0.0, 90.0, 180.0, -90.0)),
    ("round_half_up(2.5)", 3.0),
    ("round_half_up(3.5)", 4.0),
    ("round_half_up(2.4999)", 2.0),
    ("round_half_up(-2.5)", -3.0),
    ("round_half_up(1.25, 1)", 1.3),
    ("round_half_up(1249.0, -2)", 1200.0),
    ("round_half_up(0.0)", 0.0),
]


@pytest.fixture(scope="module")
def executor():
    with Executor() as made:
        yield made


@pytest.fixture(scope="module")
def stage(executor):
    return executor.stage(world_of(living_room()))


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[e for e, _ in VALUES])
def test_value_in_both_interpreters(expression, expected, executor, stage):
    assert eval(expression, dict(vars(subject))) == pytest.approx(expected, abs=1e-12)
    many = isinstance(expected, tuple)
    program = returning(f"list({expression})" if many else expression)
    assert executor.check(program) is None
    inside = executor.run(program, stage)
    assert inside.value == pytest.approx(list(expected) if many else expected, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        pytest.param(lambda: subject.unit((0.0, 0.0, 0.0)), "no direction", id="unit of zero"),
        pytest.param(lambda: subject.turn_deg(Z, X), "vertical", id="turn from straight up"),
        pytest.param(lambda: subject.turn_deg(X, Z), "vertical", id="turn to straight up"),
    ],
)
def test_what_is_not_defined_says_why(call, why):
    with pytest.raises(ValueError, match=why):
        call()


@pytest.mark.parametrize(
    ("turn", "of_two", "of_four", "of_eight"),
    [
        pytest.param(0.0, "a", "a", "a", id="straight ahead"),
        pytest.param(22.4, "a", "a", "a", id="a little to the left"),
        pytest.param(22.5, "a", "a", "b", id="the edge belongs to the left one"),
        pytest.param(45.0, "a", "b", "b", id="half left"),
        pytest.param(100.0, "b", "b", "c", id="left"),
        pytest.param(180.0, "b", "c", "e", id="behind"),
        pytest.param(314.9, "a", "d", "h", id="half right"),
        pytest.param(337.5, "a", "a", "a", id="the last edge"),
        pytest.param(359.9999, "a", "a", "a", id="a hair to the right"),
    ],
)
def test_the_first_of_equal_sectors_is_straight_ahead(turn, of_two, of_four, of_eight):
    assert subject.sector(turn, list("ab")) == of_two
    assert subject.sector(turn, list("abcd")) == of_four
    assert subject.sector(turn, list("abcdefgh")) == of_eight


@pytest.mark.parametrize("value", [-0.0, -0.04, 0.04, -1e-300])
def test_rounding_never_gives_minus_zero(value):
    assert math.copysign(1.0, subject.round_half_up(value, 1)) == 1.0


def test_a_turn_is_below_a_full_one():
    rng = generator(0, "test_vectors", "turn")
    for angle in (rng.uniform(-1e-14, 1e-14, 200)).tolist():
        turn = subject.turn_deg(X, (math.cos(angle), math.sin(angle), 0.0))
        assert 0.0 <= turn < 360.0


def test_turns_add_up_and_turn_back():
    rng = generator(0, "test_vectors", "sum")
    for a, b, c in rng.normal(size=(200, 3, 3)).tolist():
        back = subject.turn_deg(a, b) + subject.turn_deg(b, a)
        assert math.remainder(back, 360.0) == pytest.approx(0.0, abs=1e-9)
        around = subject.turn_deg(a, b) + subject.turn_deg(b, c) + subject.turn_deg(c, a)
        assert math.remainder(around, 360.0) == pytest.approx(0.0, abs=1e-9)


def test_products_obey_their_laws():
    rng = generator(0, "test_vectors", "products")
    for a, b in rng.normal(size=(200, 2, 3)).tolist():
        product = subject.cross(a, b)
        assert subject.dot(product, a) == pytest.approx(0.0, abs=1e-12)
        assert subject.cross(b, a) == pytest.approx(subject.scale(product, -1.0))
        both = subject.norm(product) ** 2 + subject.dot(a, b) ** 2
        assert both == pytest.approx(subject.dot(a, a) * subject.dot(b, b))
        assert subject.norm(subject.unit(a)) == pytest.approx(1.0)
        assert subject.add(subject.sub(a, b), b) == pytest.approx(a)
