"""Rooms worked out on paper: what the programs answer, and what must not be asked."""

from collections import Counter
from collections.abc import Iterator

import pytest

from spatialgen.families import (
    nearest_object,
    nearest_object_height,
    object_abs_distance,
    object_between,
    object_count_comparison,
    object_counting,
    object_counting_near,
    object_distance_order,
    object_height_comparison,
    object_rel_direction_easy,
    object_rel_direction_hard,
    object_rel_direction_medium,
    object_rel_distance,
    object_size_comparison,
    object_size_estimation,
    object_support,
    room_size_estimation,
)
from spatialgen.families.room_size_estimation import SQUARE_FEET
from spatialgen.family import CENTIMETRES, FEET, INCHES, Family
from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor
from spatialgen.records import Scene, Value
from spatialgen.rng import generator
from spatialgen.verify.margins import check_margins
from tests.families.asking import NOT_ASKED, drafts_about, margin_of, value_of, verdicts_about
from tests.rooms_by_hand import TINY, Thing, around, put, room
from tests.scenes_by_hand import carried


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


# Seen from above, in metres: the table spans x -1..1 and y -0.5..0.5, the sofa
# x 3.5..4.5 and y -1..1, the bed x -1..1 and y 2.7..4.3. One chair stands between
# table and sofa (x 1.8..2.2), one below the table (y -1.7..-1.3).
STUDY = room(
    put("table", 0, 0, size=(2.0, 1.0, 0.75)),
    put("lamp", 0.5, 0, bottom=0.75, size=(0.2, 0.2, 0.5)),
    put("sofa", 4, 0, size=(1.0, 2.0, 0.8)),
    put("bed", 0, 3.5, size=(2.0, 1.6, 0.5)),
    put("pillow", 0, 4.0, bottom=0.5, size=(0.6, 0.4, 0.15)),
    put("clock", -3, 0, bottom=1.8, size=(0.1, 0.3, 0.3)),
    put("chair", 2, 0, size=(0.4, 0.4, 0.9)),
    put("chair", 0, -1.5, size=(0.4, 0.4, 0.9)),
    put("book", -0.6, 3.0, bottom=0.5, size=(0.2, 0.3, 0.05)),
    put("book", 0, 3.0, bottom=0.5, size=(0.2, 0.3, 0.05)),
    put("book", 0.6, 3.0, bottom=0.5, size=(0.2, 0.3, 0.05)),
    area=35.3,
)


ANSWERS: list[tuple[str, Value]] = [
    (object_counting.program("chair"), 2),
    (object_counting.program("book"), 3),
    # 3.5 - 1
    (object_abs_distance.program("table", "sofa"), 2.5),
    (object_abs_distance.program("sofa", "table", CENTIMETRES), 250),
    (object_abs_distance.program("sofa", "table", FEET), 8.2),
    # 2.5 along x and 1.7 along y: the root of 9.14
    (object_abs_distance.program("sofa", "bed"), 3.0),
    (object_abs_distance.program("sofa", "bed", CENTIMETRES), 302),
    (object_abs_distance.program("lamp", "table"), 0.0),
    (object_size_estimation.program("sofa"), 200),
    (object_size_estimation.program("lamp"), 50),
    (object_size_estimation.program("sofa", INCHES), 79),
    (object_size_estimation.program("sofa", FEET), 6.6),
    (room_size_estimation.program(), 35.3),
    (room_size_estimation.program(SQUARE_FEET), 380),
    # table 2.5, bed 3.0, clock 6.5, the nearer chair 1.3
    (object_rel_distance.program("sofa", ["table", "bed", "clock"]), "table"),
    (object_rel_distance.program("sofa", ["clock", "bed"]), "bed"),
    (object_rel_distance.program("sofa", ["table", "bed", "clock", "chair"]), "chair"),
    (object_distance_order.program("sofa", ("bed", "clock", "table")), "table, bed, clock"),
    (object_distance_order.program("clock", ("sofa", "bed", "table")), "table, bed, sofa"),
    (nearest_object.program("sofa"), "chair"),
    (nearest_object.program("clock"), "table"),
    (nearest_object.program("pillow"), "bed"),
    (nearest_object_height.program("sofa"), 90),
    (nearest_object_height.program("sofa", INCHES), 35),
    (nearest_object_height.program("clock"), 75),
    (object_counting_near.program("chair", "sofa", 1.5), 1),
    (object_counting_near.program("chair", "sofa", 1.0), 0),
    # both are 0.8 m from the table
    (object_counting_near.program("chair", "table", 1.0), 2),
    (object_counting_near.program("book", "bed", 1.0), 3),
    (object_count_comparison.program(("book", "chair", "sofa"), "max"), "books"),
    (object_count_comparison.program(("book", "chair", "sofa"), "min"), "sofas"),
    (object_size_comparison.program(("lamp", "sofa", "clock"), 0), "sofa"),
    (object_size_comparison.program(("lamp", "sofa", "clock"), 1), "lamp"),
    (object_size_comparison.program(("lamp", "sofa", "clock"), 2), "clock"),
    # longest sides 2.0 and 2.0, but heights 0.75 and 0.5
    (object_height_comparison.program(("table", "bed"), 0), "table"),
    (object_height_comparison.program(("table", "bed", "pillow"), 2), "pillow"),
    (object_support.program("lamp"), "table"),
    (object_support.program("pillow"), "bed"),
    (object_between.program("lamp", "clock", "sofa"), True),
    (object_between.program("lamp", "sofa", "clock"), True),
    (object_between.program("sofa", "clock", "lamp"), False),
    (object_between.program("lamp", "bed", "sofa"), False),
]


@pytest.mark.parametrize(("program", "expected"), ANSWERS)
def test_answer(program: str, expected: Value, executor: Executor) -> None:
    answer = value_of(program, STUDY, executor)
    assert answer == expected
    assert type(answer) is type(expected)


#: By the angle of the target, counted to the left from straight ahead.
DIRECTIONS = [
    (45, "left", "left", "front-left"),
    (120, "left", "left", "back-left"),
    (150, "left", "back", "back-left"),
    (200, "right", "back", "back-right"),
    (240, "right", "right", "back-right"),
    (315, "right", "right", "front-right"),
]


@pytest.mark.parametrize("facing_deg", [0, 100, 265])
@pytest.mark.parametrize(("angle_deg", "easy", "medium", "hard"), DIRECTIONS)
def test_direction(
    angle_deg: float, easy: str, medium: str, hard: str, facing_deg: float, executor: Executor
) -> None:
    scene = carried(facing(angle_deg), facing_deg, (3.0, -8.0, 1.0))
    names = ("lamp", "clock", "guitar")
    assert value_of(object_rel_direction_easy.program(*names), scene, executor) == easy
    assert value_of(object_rel_direction_medium.program(*names), scene, executor) == medium
    assert value_of(object_rel_direction_hard.program(*names), scene, executor) == hard
    behind = 135 < angle_deg < 225
    assert (margin_of(object_rel_direction_easy.FAMILY, scene, *names) is None) != behind


def facing(angle_deg: float) -> Scene:
    """Return a room in which one stands at the lamp and faces the clock; heights differ."""
    return room(
        put("lamp", 0, 0, bottom=1.0, size=TINY),
        put("clock", 2, 0, bottom=2.0, size=TINY),
        around("guitar", angle_deg, 2.0),
    )


ACCEPTED: list[tuple[Family, tuple[str, ...], set[Value]]] = [
    (object_counting.FAMILY, ("chair",), {2}),
    (object_counting.FAMILY, ("book",), {3}),
    (object_size_estimation.FAMILY, ("sofa",), {200, 79, 6.6}),
    (room_size_estimation.FAMILY, (), {35.3, 380}),
    (nearest_object.FAMILY, ("sofa",), {"chair"}),
    (nearest_object_height.FAMILY, ("sofa",), {90, 35}),
    (object_support.FAMILY, ("lamp",), {"table"}),
    (object_support.FAMILY, ("pillow",), {"bed"}),
    (object_between.FAMILY, ("lamp", "clock", "sofa"), {True}),
    (object_rel_direction_easy.FAMILY, ("clock", "table", "bed"), {"left"}),
    (object_rel_direction_medium.FAMILY, ("clock", "table", "bed"), {"left"}),
    (object_rel_direction_hard.FAMILY, ("clock", "table", "bed"), {"front-left"}),
    (object_rel_direction_hard.FAMILY, ("clock", "bed", "table"), {"front-right"}),
]


@pytest.mark.parametrize(("family", "names", "expected"), ACCEPTED)
def test_accepted(
    family: Family, names: tuple[str, ...], expected: set[Value], executor: Executor
) -> None:
    verdicts = verdicts_about(family, STUDY, executor, *names)
    if not verdicts:  # where only the first name has a place of its own
        verdicts = verdicts_about(family, STUDY, executor, *names[:1], *names[:0:-1])
    assert verdicts
    for verdict in verdicts:
        assert verdict.reason is None, verdict.detail
        assert verdict.value in expected


def test_what_is_asked_in_the_study(executor: Executor) -> None:
    def asked(family: Family) -> set[tuple[str, ...]]:
        return {
            (*verdict.draft.unique, *((str(verdict.value),) if verdict.draft.choices else ()))
            for verdict in verdicts_about(family, STUDY, executor)
        }

    single = ["bed", "clock", "lamp", "pillow", "sofa", "table"]
    counted = verdicts_about(object_counting.FAMILY, STUDY, executor)
    assert {verdict.draft.mentions for verdict in counted} == {("book",), ("chair",)}
    assert asked(object_size_estimation.FAMILY) == {(label,) for label in single}
    assert asked(object_support.FAMILY) == {("lamp", "table"), ("pillow", "bed")}
    assert len(asked(object_abs_distance.FAMILY)) == 15
    assert {a for a, _ in asked(nearest_object.FAMILY)} == set(single)


CORNER = (put("sofa", -4, -4), put("bed", -4, 4))


def pair(gap: float) -> list[Thing]:
    """Return two cubes of 0.4 m this far apart."""
    return [put("lamp", 0, 0), put("fan", 0.4 + gap, 0)]


def ringed(**gaps: float) -> list[Thing]:
    """Return a tiny clock, and things at these distances from it, each in its own direction."""
    sides = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    things = [put("clock", 0, 0, size=TINY)]
    for (label, gap), (x, y) in zip(gaps.items(), sides, strict=False):
        away = TINY[0] + gap
        things.append(put(label, x * away, y * away, size=TINY))
    return things


ABSOLUTE = object_abs_distance.FAMILY
ROOM = room_size_estimation.FAMILY
COUNTING = object_counting.FAMILY
SIZE = object_size_estimation.FAMILY
RELATIVE = object_rel_distance.FAMILY
ORDER = object_distance_order.FAMILY
NEAREST_HEIGHT = nearest_object_height.FAMILY
NEAREST = nearest_object.FAMILY
LONGER = object_size_comparison.FAMILY
TALLER = object_height_comparison.FAMILY
MORE = object_count_comparison.FAMILY
SUPPORT = object_support.FAMILY

#: What must not be asked, or not be accepted, and why: the family, the room, the
#: names the question is about, the margin or reason that stands against it.
MARGINS: list[tuple[str, Family, Scene, tuple[str, ...], str | None]] = [
    ("touching", ABSOLUTE, room(*pair(0.0)), (), "distance_m"),
    ("too near", ABSOLUTE, room(*pair(0.19)), (), "distance_m"),
    ("far enough", ABSOLUTE, room(*pair(0.21)), (), None),
    ("no area", ROOM, room(*pair(1), area=None), (), NOT_ASKED),
    ("one of a kind", COUNTING, room(*pair(1)), ("lamp",), NOT_ASKED),
    ("means anything", COUNTING, room(put("object", 0, 0), put("object", 2, 0)), (), NOT_ASKED),
    ("mistaken", COUNTING,
     room(put("tv", 0, 0), put("tv", 2, 0), put("monitor", 4, 0)), (), NOT_ASKED),
    ("mistaken for what has no box", COUNTING,
     room(put("tv", 0, 0), put("tv", 2, 0), counts={"monitor": 1}), (), NOT_ASKED),
    ("no plural", COUNTING, room(put("luggage", 0, 0), put("luggage", 2, 0)), (), NOT_ASKED),
    ("twice", SIZE, room(put("lamp", 0, 0), put("lamp", 2, 0)), (), NOT_ASKED),
    ("twice by count", SIZE, room(put("lamp", 0, 0), counts={"lamp": 2}), (), NOT_ASKED),
    ("too few", RELATIVE, room(put("lamp", 0, 0), put("bed", 2, 0)), (), NOT_ASKED),
    ("twice", RELATIVE, room(*ringed(bed=1, fan=2), put("clock", 3, 3)), ("clock",), NOT_ASKED),
    ("first touches", RELATIVE, room(*ringed(bed=0.1, fan=2)), ("clock",), "nearest_m"),
    ("second near first", RELATIVE, room(*ringed(bed=1, fan=1.1)), ("clock",), "apart_m"),
    ("apart", RELATIVE, room(*ringed(bed=1, fan=1.16)), ("clock",), None),
    ("last two near", RELATIVE, room(*ringed(bed=1, fan=2, sofa=2.1)), ("clock",), "apart_m"),
    ("a candidate without box", RELATIVE,
     room(*ringed(bed=1, fan=2), counts={"fan": 2}), ("clock",), "annotated_all"),
    ("too few", ORDER, room(*ringed(bed=1, fan=2)), ("clock",), NOT_ASKED),
    ("last two near", ORDER, room(*ringed(bed=1, fan=2, sofa=2.1)), ("clock",), "apart_m"),
    ("apart", ORDER, room(*ringed(bed=1, fan=2, sofa=2.2)), ("clock",), None),
    ("two nearest", NEAREST, room(*ringed(bed=1, fan=1.1, sofa=3)), ("clock",), "apart_m"),
    ("two nearest of one kind", NEAREST,
     room(*ringed(bed=1, sofa=3, fan=3), put("bed", 0, -1.05, size=TINY)), ("clock",), "rivals"),
    ("two nearest of one kind", NEAREST_HEIGHT,
     room(*ringed(bed=1, sofa=3, fan=3), put("bed", 0, -1.05, size=TINY)), ("clock",), "apart_m"),
    ("something without box", NEAREST,
     room(*ringed(bed=1, fan=2, sofa=3), counts={"plant": 1}), ("clock",), "annotated_all"),
    ("nothing to choose", NEAREST, room(*ringed(bed=1)), ("clock",), NOT_ASKED),
    ("as long", LONGER,
     room(put("bed", 0, 0, size=(2, 1, 1)), put("sofa", 0, 3, size=(1, 1.75, 1))),
     (), "lead_share"),
    ("longer", LONGER,
     room(put("bed", 0, 0, size=(2, 1, 1)), put("sofa", 0, 3, size=(1, 1.65, 1))), (), None),
    ("longer by a finger", LONGER,
     room(put("book", 0, 0, size=(0.2, 0.1, 0.1)), put("clock", 0, 3, size=(0.1, 0.16, 0.1))),
     (), "lead_m"),
    ("as tall", TALLER,
     room(put("bed", 0, 0, size=(9, 9, 1)), put("sofa", 9, 9, size=(1, 1, 0.9))), (), "lead_share"),
    ("taller", TALLER,
     room(put("bed", 0, 0, size=(9, 9, 1)), put("sofa", 9, 9, size=(1, 1, 0.8))), (), None),
    ("equally many", MORE, room(put("bed", 0, 0), put("sofa", 2, 0)), (), "lead"),
    ("boxes missing", MORE,
     room(put("bed", 0, 0), put("sofa", 2, 0), counts={"bed": 4}), (), "annotated_all"),
    ("on the floor", SUPPORT, STUDY, ("sofa",), NOT_ASKED),
    ("hangs over it", SUPPORT,
     room(put("counter", 0, 0, size=(2, 1, 0.9)), put("window", 0, 0.2, bottom=0.9), *CORNER),
     ("window",), NOT_ASKED),
    ("floats", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("lamp", 0, 0, bottom=0.76), *CORNER),
     ("lamp",), "touch_m"),
    ("sunk in", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("lamp", 0, 0, bottom=0.64), *CORNER),
     ("lamp",), "touch_m"),
    ("touches", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("lamp", 0, 0, bottom=0.74), *CORNER),
     ("lamp",), "rivals"),
    ("each on one", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("lamp", 0, 0, bottom=0.74),
          put("bed", 3, 0, size=(2, 1, 0.7)), put("clock", 3, 0, bottom=0.7)),
     ("lamp",), None),
    ("on the edge", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("lamp", 0.98, 0, bottom=0.7), *CORNER),
     ("lamp",), "inside_m"),
    ("at a seam", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("dresser", 1.5, 0, size=(1, 1, 0.7)),
          put("lamp", 0.96, 0, bottom=0.7), *CORNER),
     ("lamp",), "rivals"),
    ("astride a seam", SUPPORT,
     room(put("table", 0, 0, size=(2, 1, 0.7)), put("counter", 1.52, 0, size=(1, 1, 0.7)),
          put("lamp", 1.0, 0, bottom=0.7), *CORNER),
     ("lamp",), "only_base"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("family", "scene", "names", "expected"),
    [case[1:] for case in MARGINS],
    ids=[f"{case[1].name}: {case[0]}" for case in MARGINS],
)
def test_margin(family: Family, scene: Scene, names: tuple[str, ...], expected: str | None) -> None:
    assert margin_of(family, scene, *names) == expected


@pytest.mark.parametrize(
    ("x", "aside", "expected"),
    [
        (0.0, 0.34, None),
        (0.0, 0.36, "edge_m"),
        (0.0, -0.64, "edge_m"),
        (0.0, -0.66, None),
        (1.84, 0.0, None),
        (1.86, 0.0, "edge_m"),
        (2.14, 0.0, "edge_m"),
        (2.16, 0.0, None),
        (-2.1, 0.0, "edge_m"),
        (-2.1, 2.0, None),
    ],
)
def test_between_keeps_clear_of_every_limit(x: float, aside: float, expected: str | None) -> None:
    scene = room(put("lamp", x, aside, 1.0), put("fan", -2, 0), put("clock", 2, 0))
    # Asked directly: the family leaves out what would make "no" the better guess.
    draft = object_between._draft(build(scene), generator(1, "draft"), "lamp", "fan", "clock")
    assert check_margins(draft).reason == (None if expected is None else "margin")
    if expected is not None:
        assert margin_of(object_between.FAMILY, scene, "lamp") == expected


def test_between_is_asked_only_as_often_with_no_as_with_yes() -> None:
    nothing_in_line = room(put("lamp", 0, 3), put("fan", -2, 0), put("clock", 2, 0))
    assert margin_of(object_between.FAMILY, nothing_in_line, "lamp") == NOT_ASKED
    answers = Counter(
        draft.derive and draft.derive(build(STUDY))
        for draft in drafts_about(object_between.FAMILY, STUDY)
        if check_margins(draft).reason is None
    )
    assert answers[True] == answers[False] > 1


def test_between_needs_two_ends_apart() -> None:
    scene = room(put("lamp", 0, 0), put("fan", -0.45, 0), put("clock", 0.45, 0))
    assert margin_of(object_between.FAMILY, scene, "lamp") == "ends_m"


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ((1.34, 3.0), None),
        ((1.36, 3.0), "edge_m"),
        ((1.64, 0.5), "edge_m"),
        ((1.66, 0.5), None),
        ((1.66, 3.0), "count"),
    ],
)
def test_counting_near_keeps_clear_of_the_radius(
    gaps: tuple[float, float], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_counting_near, "RADII_M", (1.5,))
    first, second = (0.4 + gap for gap in gaps)
    scene = room(put("lamp", 0, 0), put("chair", first, 0), put("chair", 0, second))
    assert margin_of(object_counting_near.FAMILY, scene, "lamp") == expected
    lost = room(*(put("lamp", 0, 0), put("chair", 1, 0), put("chair", 0, 1)), counts={"chair": 3})
    assert margin_of(object_counting_near.FAMILY, lost, "lamp") == "annotated_all"
