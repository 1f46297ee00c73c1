"""Walks worked out on paper: the turns they take, and those that must not be asked."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from spatialgen.families import route_planning as subject
from spatialgen.families.route_planning import BACK, LEFT, RIGHT
from spatialgen.graph.build import build
from spatialgen.graph.floorplan import floor_plan
from spatialgen.programs.executor import Executor
from spatialgen.rng import generator
from spatialgen.synth.rooms import furnish
from spatialgen.verify import reference_routes
from spatialgen.verify.draft import Draft
from tests.families.asking import best_guess, clear_answers, value_of, verdicts_about
from tests.rooms_by_hand import Thing, put, room
from tests.scenes_by_hand import carried, mirrored

FAMILY = subject.FAMILY
HALL = ((-6.0, -6.0), (6.0, -6.0), (6.0, 6.0), (-6.0, 6.0))


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


# Seen from above: the door in the west, the sofa in the middle, the bed in the
# north, the desk in the south, the tv in the east; the piano in the north-west.
HOUSE_THINGS = (
    put("door", -5, 0),
    put("sofa", 0, 0),
    put("bed", 0, 5),
    put("desk", 0, -5),
    put("tv", 5, 0.5),
    put("piano", -5, 5),
)
HOUSE = room(*HOUSE_THINGS, outline=HALL)

ANSWERS: list[tuple[tuple[str, ...], bool, str]] = [
    (("door", "sofa", "bed"), True, LEFT),
    (("door", "sofa", "desk"), True, RIGHT),
    (("bed", "sofa", "door"), True, RIGHT),
    (("sofa", "door", "bed"), False, RIGHT),
    (("sofa", "door", "desk"), False, LEFT),
    (("sofa", "door", "tv"), False, BACK),
    (("desk", "bed", "sofa", "door"), True, f"{BACK}, {RIGHT}"),
    (("door", "sofa", "bed", "piano"), True, f"{LEFT}, {LEFT}"),
    (("sofa", "tv", "bed", "piano"), False, f"{LEFT}, {LEFT}"),
    (("door", "sofa", "bed", "piano", "door"), True, f"{LEFT}, {LEFT}, {LEFT}"),
]


@pytest.mark.parametrize("turned_deg", [0, 77, 200])
@pytest.mark.parametrize(("names", "faced", "expected"), ANSWERS)
def test_turns(
    names: tuple[str, ...], faced: bool, expected: str, turned_deg: float, executor: Executor
) -> None:
    start, face, stops = names[0], names[1], names[1:] if faced else names[2:]
    scene = carried(HOUSE, turned_deg, (3.0, -8.0, 1.0))
    program = subject.program(start, face, stops)
    assert value_of(program, scene, executor) == expected
    places = {thing.label: thing.box.center for thing in scene.objects}
    second = reference_routes.turns(places[start], places[face], [places[stop] for stop in stops])
    assert second == expected
    swapped = {LEFT: RIGHT, RIGHT: LEFT, BACK: BACK}
    seen_in_a_mirror = ", ".join(swapped[turn] for turn in expected.split(", "))
    assert value_of(program, mirrored(scene), executor) == seen_in_a_mirror


# A corridor of free floor 12 m long; a box may stand in it, and the bed lies round the corner.
POLE = (0.02, 0.02, 0.4)
START, CORNER, GOAL = put("door", -5, -4), put("sofa", 3, -4), put("bed", 3, 4)


def fate(
    *things: Thing,
    outline: tuple[tuple[float, float], ...] | None = HALL,
    counts: dict[str, int] | None = None,
) -> str | None:
    """Return what margin rejects the walk from the door to the sofa and then to the bed."""
    graph = build(room(*things, outline=outline, counts=counts))
    (route,) = subject.routes(graph, floor_plan(graph), [("door", "sofa", "bed")], faced=True)
    failed = [margin.name for margin in route.margins if not margin.value >= margin.needed]
    return failed[0] if failed else None


# Two sofas: names that a walk can't use, and boxes that stand in its way.
def crate(x: float, y: float, size: float = 0.4, bottom: float = 0.0) -> tuple[Thing, ...]:
    away = put("box", -5.5, 5.5, size=(0.1, 0.1, 0.4))
    return away, put("box", x, y, bottom, size=(size, size, 0.4))


@pytest.mark.parametrize(
    ("things", "outline", "expected"),
    [
        pytest.param((), HALL, None, id="a free walk"),
        pytest.param((), HALL[::-1], None, id="walls the other way round"),
        pytest.param((), None, "walls_known", id="walls not known"),
        pytest.param(crate(-1, -3.5), HALL, None, id="0.3 m beside the way"),
        pytest.param(crate(-1, -3.6), HALL, "clear_m", id="0.2 m beside the way"),
        pytest.param(crate(-1, -4), HALL, "clear_m", id="in the way"),
        pytest.param(crate(-1, -4, bottom=1.9), HALL, None, id="overhead"),
        pytest.param(crate(3, 0), HALL, "clear_m", id="in the way of the second piece"),
        pytest.param(crate(3, -4, bottom=0.4), HALL, None, id="on the sofa"),
        pytest.param(
            (), ((-6, -6), (6, -6), (6, 6), (0, 6), (0, -3.8), (-6, -3.8)), "walls_m", id="a wall"
        ),
        pytest.param(
            (), ((-6, -6), (6, -6), (6, 6), (0, 6), (0, -3), (-6, -3)), None, id="round a corner"
        ),
        pytest.param(
            (),
            ((-6, -6), (-1, -6), (-1, 0), (1, 0), (1, -6), (6, -6), (6, 6), (-6, 6)),
            "walls_m",
            id="through a wall",
        ),
    ],
)
def test_free_floor(
    things: tuple[Thing, ...], outline: tuple[tuple[float, float], ...] | None, expected: str | None
) -> None:
    assert fate(START, CORNER, GOAL, *things, outline=outline) == expected


def test_what_has_no_box_may_be_in_the_way() -> None:
    assert fate(START, CORNER, GOAL, counts={"chair": 1}) == "annotated_all"


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("angle_deg", "expected"),
    [
        (10, "turns"),
        (29, "turns"),
        (49, "turn_edge_deg"),
        (51, None),
        (114, None),
        (116, "turn_edge_deg"),
        (134, "turn_edge_deg"),
        (154, "turn_edge_deg"),
        (156, None),
        (165, None),
    ],
)
def test_turns_that_are_clear(angle_deg: float, side: int, expected: str | None) -> None:
    # Coming from the west one goes on from the origin, turning by so much.
    angle = np.radians(side * angle_deg)
    goal = put("bed", 5 * np.cos(angle), 5 * np.sin(angle), size=POLE)
    scene = (put("door", -4, 0, size=POLE), put("sofa", 0, 0, size=POLE), goal)
    assert fate(*scene) == expected


@pytest.mark.parametrize(
    ("things", "expected"),
    [
        pytest.param((put("door", 2.1, -4), CORNER, GOAL), "piece_m", id="next to each other"),
        pytest.param((put("door", 1.5, -4), CORNER, GOAL), None, id="two steps apart"),
        # The bed holds the door up: whoever goes there comes back to where the walk began.
        pytest.param(
            (put("door", -5, -4, bottom=0.4), CORNER, put("bed", -4.7, -4)),
            "apart_m",
            id="one place",
        ),
        # The sofa is 3 m wide: who stops before it does not turn left by 60 degrees but by 36.
        pytest.param(
            (put("door", -5, -4), put("sofa", 3, -4, size=(3, 0.2, 0.4)), put("bed", 4.25, -1.83)),
            "turn_edge_in_front_deg",
            id="another turn in front of it",
        ),
    ],
)
def test_lengths(things: tuple[Thing, ...], expected: str | None) -> None:
    assert fate(*things) == expected


@pytest.mark.parametrize(
    "unfit",
    [
        pytest.param((put("book", 3, 4, size=(0.2, 0.2, 0.1)),), id="small"),
        pytest.param((put("lamp", 3, 4, bottom=1.9),), id="overhead"),
        pytest.param((put("chair", 3, 4), put("chair", 0, 4)), id="two of a kind"),
    ],
)
def test_landmarks(unfit: tuple[Thing, ...]) -> None:
    drafts = list(FAMILY.ask(build(room(*HOUSE_THINGS, *unfit, outline=HALL)), generator(5, "x")))
    named = {name for draft in drafts for name in draft.unique}
    assert named == {thing.label for thing in HOUSE_THINGS}


@pytest.fixture(scope="module")
def answers() -> list[tuple[Draft, str]]:
    return [each for index in range(30) for each in clear_answers(FAMILY, furnish(29, index), 40)]


def test_options(answers: list[tuple[Draft, str]]) -> None:
    for draft, answer in answers:
        assert answer in draft.choices
        if "," not in answer:
            assert set(draft.choices) == {LEFT, RIGHT, BACK}
            continue
        assert len(draft.choices) == 4
        swapped = {LEFT: RIGHT, RIGHT: LEFT, BACK: BACK}
        for choice in draft.choices:
            assert ", ".join(swapped[turn] for turn in choice.split(", ")) in draft.choices


@pytest.mark.parametrize("several", [False, True])
def test_the_most_frequent_answer_is_no_good_guess(
    several: bool, answers: list[tuple[Draft, str]]
) -> None:
    asked = [(draft, answer) for draft, answer in answers if ("," in answer) == several]
    assert len(asked) > 80
    assert best_guess(asked) < (0.36 if several else 0.4)


def test_judged(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "KEPT", 8)
    verdicts = verdicts_about(FAMILY, HOUSE, executor)
    reasons = Counter(verdict.reason for verdict in verdicts)
    assert reasons[None] > 10
    assert reasons["margin"] > 2
    assert reasons.keys() <= {None, "margin", "unstable"}
