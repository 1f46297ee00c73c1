"""The query language: by hand, in both interpreters, and under turns, moves and mirrors."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from spatialgen.programs.executor import Executor
from spatialgen.programs.results import Outcome, same
from spatialgen.records import Room
from spatialgen.rng import generator
from tests.programs.interpreters import returning, under_cpython
from tests.scenes_by_hand import (
    QUARTER,
    SIGHTING,
    asked,
    backwards,
    carried,
    level_frame,
    living_room,
    mirrored,
    scene_of,
    thing,
    world_of,
)

#: Names that stand for objects in the expressions below.
NAMES = {
    "TABLE": "scene.one('table')",
    "LAMP": "scene.one('lamp')",
    "SOFA": "scene.one('sofa')",
    "CABINET": "scene.one('cabinet')",
    "BOOK": "scene.one('book')",
    "BOARD": "scene.one('board')",
    "CUSHION": "scene.object('cushion-1')",
    "CHAIR1": "scene.object('chair-1')",
    "CHAIR2": "scene.object('chair-2')",
    "FRAME10": "scene.frame(10)",
    "FRAME5": "scene.frame(5)",
    "FRAME0": "scene.frame(0)",
}

#: What stays as it is when the scene is turned and moved on the floor.
INVARIANT = [
    ("scene.labels()", ["board", "book", "cabinet", "chair", "cushion", "lamp", "sofa", "table"]),
    ("[o.id for o in scene.all('chair')]", ["chair-1", "chair-2"]),
    ("scene.all('piano')", []),
    ("SOFA.id", "sofa-1"),
    ("scene.object('chair-2').label", "chair"),
    ("scene.count('chair')", 2),
    ("scene.count('cushion')", 3),
    ("scene.count('piano')", 0),
    ("len(scene.objects)", 9),
    ("scene.room_area()", 80.0),
    ("scene.room.height", 2.5),
    ("TABLE.longest", 2.0),
    ("TABLE.volume", 1.5),
    ("TABLE.height", 0.75),
    ("TABLE.base_area()", 2.0),
    ("[TABLE.bottom, TABLE.top]", [0.0, 0.75]),
    ("BOARD.longest", math.sqrt(2)),
    ("BOARD.volume", 1.0),
    ("BOARD.height", 2.0),
    ("BOARD.base_area()", 1.0),
    ("[BOARD.bottom, BOARD.top]", [0.0, 2.0]),
    ("len(BOARD.corners())", 8),
    ("repr(TABLE)", "<table-1>"),
    ("scene.distance(TABLE, CHAIR1)", 0.75),
    ("scene.distance(CHAIR1, TABLE)", 0.75),
    ("scene.distance(TABLE, SOFA)", 1.5),
    ("scene.distance(TABLE, CABINET)", 2.5),
    ("scene.distance(SOFA, CABINET)", 2.0),
    ("scene.distance(SOFA, BOARD)", math.sqrt(1.5**2 + 0.2**2)),
    ("scene.distance(BOARD, CHAIR2)", 2.5),
    ("scene.distance(TABLE, LAMP)", 0.0),
    ("scene.distance(BOOK, CABINET)", 0.0),
    ("scene.distance(TABLE, TABLE)", 0.0),
    ("scene.center_distance(TABLE, CHAIR1)", math.sqrt(2**2 + 0.125**2)),
    ("scene.floor_distance(TABLE, CHAIR1)", 2.0),
    ("scene.label_distance(TABLE, 'chair')", 0.75),
    ("scene.label_distance(LAMP, 'chair')", 1.15),
    ("scene.nearest(CABINET).id", "book-1"),
    ("scene.nearest(LAMP, scene.all('chair')).id", "chair-1"),
    ("scene.farthest(LAMP, scene.all('chair')).id", "chair-2"),
    ("scene.farthest(TABLE).id", "book-1"),
    ("[o.id for o in scene.within(SOFA, 1.51)]", ["cushion-1", "table-1"]),
    ("scene.within(BOOK, 1.0, [BOOK])", []),
    ("scene.turn_deg(TABLE, CHAIR1, SOFA)", 90.0),
    ("scene.turn_deg(TABLE, CHAIR1, CABINET)", 45.0),
    ("scene.turn_deg(TABLE, CHAIR1, BOARD)", 135.0),
    ("scene.turn_deg(TABLE, CHAIR1, CHAIR2)", 180.0),
    ("scene.turn_deg(TABLE, SOFA, CHAIR1)", 270.0),
    ("scene.turn_deg(TABLE, SOFA, CABINET)", 315.0),
    ("scene.left_or_right(TABLE, CHAIR1, CABINET)", "left"),
    ("scene.left_or_right(TABLE, SOFA, CABINET)", "right"),
    ("scene.left_right_back(TABLE, CHAIR1, SOFA)", "left"),
    ("scene.left_right_back(TABLE, SOFA, CABINET)", "right"),
    ("scene.left_right_back(TABLE, CHAIR1, CHAIR2)", "back"),
    ("scene.quadrant(TABLE, CHAIR1, CABINET)", "front-left"),
    ("scene.quadrant(TABLE, CHAIR1, BOARD)", "back-left"),
    ("scene.quadrant(TABLE, BOARD, CHAIR1)", "back-right"),
    ("scene.quadrant(TABLE, SOFA, CABINET)", "front-right"),
    ("scene.between(TABLE, CHAIR1, CHAIR2)", True),
    ("scene.between(LAMP, TABLE, CHAIR1)", True),
    ("scene.between(TABLE, LAMP, CHAIR1)", False),
    ("scene.between(CABINET, CHAIR1, CHAIR2)", False),
    ("scene.between(SOFA, CABINET, BOOK)", False),
    ("scene.over(LAMP, TABLE)", True),
    ("scene.over(TABLE, LAMP)", False),
    ("scene.over(CUSHION, SOFA)", True),
    ("scene.above(LAMP, TABLE)", True),
    ("scene.above(TABLE, LAMP)", False),
    ("scene.above(BOOK, CABINET)", False),
    ("scene.above(LAMP, SOFA)", False),
    ("scene.under(TABLE, LAMP)", True),
    ("scene.under(LAMP, TABLE)", False),
    ("scene.on(LAMP, TABLE)", True),
    ("scene.on(TABLE, LAMP)", False),
    ("scene.on(BOOK, CABINET)", False),
    ("[o.id for o in scene.resting_on(SOFA)]", ["cushion-1"]),
    ("scene.resting_on(BOARD)", []),
    ("scene.support_of(LAMP).id", "table-1"),
    ("scene.inside(BOOK, CABINET)", True),
    ("scene.inside(CABINET, BOOK)", False),
    ("scene.inside(CUSHION, SOFA)", False),
    ("[scene.inside(BOOK, BOOK), scene.on(BOOK, BOOK), scene.above(BOOK, BOOK)]", [False] * 3),
    ("BOOK.first_seen is None", True),
    ("scene.first_seen(SOFA)", 0.5),
    ("scene.first_seen(TABLE)", 0.0),
    ("scene.label_first_seen('chair')", 0.5),
    ("scene.frame(5).time_s", 0.5),
    ("scene.frame_at(0.7).index", 5),
    ("scene.frame_at(0.75).index", 5),
    ("scene.frame_at(99.0).index", 10),
    ("[f.index for f in scene.frames]", [0, 5, 10]),
    ("repr(FRAME5)", "<frame 5 at 0.5 s>"),
    ("list(FRAME0.image_size())", [640, 480]),
    ("scene.visible(LAMP, FRAME0)", True),
    ("scene.visible(LAMP, FRAME5)", False),
    ("[o.id for o in scene.visible_objects(FRAME5)]", ["chair-2", "sofa-1", "table-1"]),
    ("[f.index for f in scene.frames_showing(TABLE)]", [0, 5]),
    ("scene.frames_showing(BOOK)", []),
    ("scene.visible_fraction(LAMP, FRAME0)", 0.8),
    ("scene.visible_fraction(LAMP, FRAME5)", 0.0),
    ("scene.pixels(LAMP, FRAME0)", 15000),
    ("scene.pixels(LAMP, FRAME5)", 0),
    ("scene.truncated(LAMP, FRAME0)", False),
    ("list(scene.box_2d(LAMP, FRAME0))", [100.0, 120.0, 220.0, 300.0]),
    ("list(scene.image_position(LAMP, FRAME0))", [321 / 2 / 640, 421 / 2 / 480]),
    ("scene.camera_distance(TABLE, FRAME0)", math.sqrt(3**2 + 1.125**2)),
    ("list(scene.from_camera(TABLE, FRAME0))", [0.0, -1.125, 3.0]),
    ("list(scene.from_camera(SOFA, FRAME10))", [-5.0, -1.6, -1.0]),
    ("scene.camera_bearing_deg(BOARD, FRAME0)", math.degrees(math.atan2(3, 6))),
    ("scene.camera_bearing_deg(SOFA, FRAME10)", 180 - math.degrees(math.atan2(5, 1))),
    ("scene.camera_turn_deg(FRAME0, FRAME5)", 30.0),
    ("scene.camera_turn_deg(FRAME5, FRAME10)", -120.0),
    ("scene.camera_turn_deg(FRAME10, FRAME5)", 120.0),
    ("scene.camera_turn_deg(FRAME0, FRAME0)", 0.0),
    ("scene.camera_moved(FRAME0, FRAME5)", math.sqrt(2)),
    ("scene.camera_moved(FRAME5, FRAME10)", 0.5),
    ("scene.camera_way_deg(FRAME0, FRAME5)", 315.0),
    ("list(scene.camera_motion(FRAME0, FRAME5))", [1.0, 0.0, 1.0]),
    ("list(scene.camera_motion(FRAME5, FRAME10))", [0.0, 0.5, 0.0]),
    ("list(scene.camera_motion(FRAME10, FRAME0))", [1.0, -0.5, -1.0]),
    ("list(scene.seen_from(TABLE, CHAIR1, SOFA))", [-3.0, 0.0]),
    ("list(scene.seen_from(TABLE, SOFA, CABINET))", [3.0, 3.0]),
    ("list(scene.seen_from(CHAIR1, CHAIR2, CABINET))", [3.0, -1.0]),
]

#: What holds in the room as it stands: places, world directions, ties and exact limits.
AS_IT_STANDS = [
    ("list(SOFA.center)", [0.0, 3.0, 0.4]),
    ("list(SOFA.size)", [2.0, 1.0, 0.8]),
    ("[list(a) for a in SOFA.axes]", [list(axis) for axis in QUARTER]),
    (
        "[list(p) for p in sorted(TABLE.corners())]",
        [[x, y, z] for x in (-1.0, 1.0) for y in (-0.5, 0.5) for z in (0.0, 0.75)],
    ),
    ("[list(p) for p in SOFA.footprint()]", [[-0.5, 2.0], [0.5, 2.0], [0.5, 4.0], [-0.5, 4.0]]),
    ("[list(p) for p in sorted(BOARD.footprint())][0]", [-4.0, 2.75]),
    ("list(scene.room.center or [])", [0.0, 1.0, 1.25]),
    ("[list(p) for p in scene.room.polygon or []][2]", [5.0, 5.0]),
    ("scene.bearing_deg(TABLE, SOFA)", 90.0),
    ("scene.bearing_deg(SOFA, TABLE)", 270.0),
    ("scene.bearing_deg(TABLE, CABINET)", 45.0),
    ("scene.bearing_deg(TABLE, CHAIR2)", 180.0),
    ("scene.camera_bearing_deg(TABLE, FRAME0)", 0.0),
    ("list(FRAME5.position())", [1.0, -2.0, 1.5]),
    ("[f.heading_deg() for f in scene.frames]", [90.0, 120.0, 0.0]),
    ("list(FRAME0.forward())", [0.0, 1.0, 0.0]),
    ("list(FRAME0.right())", [1.0, 0.0, 0.0]),
    ("list(FRAME0.up())", [0.0, 0.0, 1.0]),
    ("scene.nearest(TABLE, scene.all('chair')).id", "chair-1"),
    ("scene.nearest(TABLE, scene.all('chair')[::-1]).id", "chair-1"),
    ("scene.farthest(TABLE, scene.all('chair')).id", "chair-1"),
    (
        "[o.id.rstrip('-1') for o in scene.by_distance(TABLE)]",
        ["lamp", "chair", "chair-2", "sofa", "board", "cabinet", "cushion", "book"],
    ),
    ("[o.id for o in scene.within(TABLE, 0.75)]", ["lamp-1", "chair-1", "chair-2"]),
    ("scene.left_right_back(TABLE, CHAIR1, BOARD)", "back"),
    ("scene.left_or_right(TABLE, CHAIR1, CHAIR2)", "right"),
    ("scene.quadrant(TABLE, CHAIR1, LAMP)", "front-left"),
]

#: What can't be answered, and what is said about it.
REFUSED = [
    ("scene.one('piano').id", "no 'piano' here; categories: board, book, cabinet, chair,"),
    ("scene.one('chair').id", "2 objects are called 'chair'"),
    ("scene.one('cushion').id", "3 objects are called 'cushion'"),
    ("scene.object('chair-3').id", "no object has the id 'chair-3'"),
    ("scene.label_distance(TABLE, 'piano')", "nothing to compare with table-1"),
    ("scene.nearest(TABLE, []).id", "nothing to compare with table-1"),
    ("scene.farthest(TABLE, [TABLE]).id", "nothing to compare with table-1"),
    ("scene.turn_deg(CABINET, BOOK, SOFA)", "a vertical direction has no bearing on the floor"),
    ("scene.support_of(CHAIR1).id", "chair-1 rests on nothing that is annotated"),
    ("scene.first_seen(BOOK)", "the video never shows book-1"),
    ("scene.label_first_seen('book')", "the video never shows 'book'"),
    ("scene.frame(7).time_s", "no frame 7; the last one is 10"),
    ("list(scene.box_2d(LAMP, FRAME5))", "frame 5 does not show lamp-1"),
    ("scene.truncated(BOOK, FRAME0)", "frame 0 does not show book-1"),
    ("scene.camera_way_deg(FRAME5, FRAME10)", "a vertical direction has no bearing on the floor"),
    ("list(scene.image_position(LAMP, FRAME5))", "frame 5 does not show lamp-1"),
    ("list(scene.seen_from(CABINET, BOOK, SOFA))", "a vector of length zero has no direction"),
]


def spelled(expression: str) -> str:
    for name, meaning in NAMES.items():
        expression = expression.replace(name, meaning)
    return returning(expression)


def close(value, expected):
    """Compare a result, lists item by item, floats to 1e-6."""
    if isinstance(expected, list) and isinstance(value, list):
        return len(value) == len(expected) and all(map(close, value, expected))
    if isinstance(expected, float):
        return math.isclose(value, expected, abs_tol=1e-6)
    return type(value) is type(expected) and value == expected


@pytest.fixture(scope="module")
def executor():
    with Executor() as made:
        yield made


@pytest.fixture(scope="module")
def stages(executor):
    room = living_room()
    return executor.stage(world_of(room)), executor.stage(backwards(room))


@pytest.mark.parametrize(("expression", "expected"), INVARIANT + AS_IT_STANDS)
def test_value_in_both_interpreters(expression, expected, executor, stages):
    program = spelled(expression)
    value = under_cpython(program, world_of(living_room()))
    assert close(value, expected), value
    inside = executor.execute(program, *stages)
    assert inside.outcome is Outcome.OK, inside
    assert same(inside.value, value)


@pytest.mark.parametrize(("expression", "why"), REFUSED)
def test_refusal_in_both_interpreters(expression, why, executor, stages):
    program = spelled(expression)
    with pytest.raises(ValueError, match=f"^{re.escape(why)}") as refusal:
        under_cpython(program, world_of(living_room()))
    inside = executor.execute(program, *stages)
    assert (inside.outcome, inside.line) == (Outcome.EXCEPTION, 2)
    assert inside.detail == f"ValueError: {refusal.value}"


@pytest.mark.parametrize(("expression", "expected"), INVARIANT + AS_IT_STANDS)
def test_no_value_hangs_on_the_order_of_objects(expression, expected):
    room = living_room()
    rng = generator(0, "test_language", expression)
    for _ in range(3):
        order = rng.permutation(len(room.objects)).tolist()
        assert close(under_cpython(spelled(expression), world_of(room, order)), expected)


@pytest.mark.parametrize("turn_deg", [17.0, 90.0, 222.5])
def test_turned_and_moved_rooms_give_the_same_values(turn_deg):
    seen = world_of(carried(living_room(), turn_deg, by=(7.0, -11.0, 0.0)))
    for expression, expected in INVARIANT:
        value = under_cpython(spelled(expression), seen)
        assert close(value, expected), (expression, value)


@pytest.mark.parametrize("turn_deg", [17.0, 90.0, 222.5])
def test_world_directions_turn_with_the_room(turn_deg):
    before, after = asked(living_room()), asked(carried(living_room(), turn_deg))
    for a in before.objects:
        for b in before.objects:
            if before.floor_distance(a, b) > 0:
                turned = after.bearing_deg(after.object(a.id), after.object(b.id))
                off = turned - before.bearing_deg(a, b) - turn_deg
                assert math.remainder(off, 360.0) == pytest.approx(0.0, abs=1e-9)
    for frame in before.frames:
        off = after.frame(frame.index).heading_deg() - frame.heading_deg()
        assert math.remainder(off - turn_deg, 360.0) == pytest.approx(0.0, abs=1e-6)


def test_a_mirror_swaps_left_and_right_and_nothing_else():
    before, after = asked(living_room()), asked(mirrored(living_room()))
    swapped = {"left": "right", "right": "left", "back": "back"}
    for stand, face, target in [
        ("table-1", "chair-1", "cabinet-1"),
        ("table-1", "sofa-1", "cabinet-1"),
        ("sofa-1", "table-1", "chair-1"),
        ("cabinet-1", "board-1", "table-1"),
        ("lamp-1", "sofa-1", "board-1"),
    ]:
        left = [before.object(id) for id in (stand, face, target)]
        right = [after.object(id) for id in (stand, face, target)]
        assert after.turn_deg(*right) == pytest.approx(360.0 - before.turn_deg(*left))
        assert after.left_or_right(*right) == swapped[before.left_or_right(*left)]
        assert after.left_right_back(*right) == swapped[before.left_right_back(*left)]
        front, side = before.quadrant(*left).split("-")
        assert after.quadrant(*right) == f"{front}-{swapped[side]}"
    for a, b in zip(before.objects, after.objects, strict=True):
        assert (a.height, a.base_area()) == pytest.approx((b.height, b.base_area()))
        assert [o.id for o in before.resting_on(a)] == [o.id for o in after.resting_on(b)]


def compass(x, y):
    """Return a stand at the origin, a face along +X, and a target at (x, y)."""
    return asked(
        scene_of(
            [
                thing("stand-1", (0.0, 0.0, 0.0), (0.1, 0.1, 0.1)),
                thing("face-1", (2.0, 0.0, 0.0), (0.1, 0.1, 0.1)),
                thing("target-1", (x, y, 0.0), (0.1, 0.1, 0.1)),
            ]
        )
    )


@pytest.mark.parametrize(
    ("x", "y", "turn_deg", "side", "sector", "quadrant"),
    [
        pytest.param(1.0, 0.0, 0.0, "left", "left", "front-left", id="0"),
        pytest.param(1.0, -1e-17, 0.0, "left", "left", "front-left", id="a rounding below 0"),
        pytest.param(1.0, -1e-9, 360.0, "right", "right", "front-right", id="a hair below 0"),
        pytest.param(1.0, 1e-9, 0.0, "left", "left", "front-left", id="a hair above 0"),
        pytest.param(0.0, 1.0, 90.0, "left", "left", "back-left", id="90"),
        pytest.param(1e-9, 1.0, 90.0, "left", "left", "front-left", id="a hair below 90"),
        pytest.param(-1.0, 1.0, 135.0, "left", "back", "back-left", id="135"),
        pytest.param(-1.0, 1.000001, 135.0, "left", "left", "back-left", id="a hair below 135"),
        pytest.param(-1.0, 0.0, 180.0, "right", "back", "back-right", id="180"),
        pytest.param(-1.0, 1e-9, 180.0, "left", "back", "back-left", id="a hair below 180"),
        pytest.param(-1.0, -1.0, 225.0, "right", "right", "back-right", id="225"),
        pytest.param(-1.0, -0.999999, 225.0, "right", "back", "back-right", id="a hair below 225"),
        pytest.param(0.0, -1.0, 270.0, "right", "right", "front-right", id="270"),
        pytest.param(-1e-9, -1.0, 270.0, "right", "right", "back-right", id="a hair below 270"),
    ],
)
def test_sectors_begin_exactly_at_their_first_degree(x, y, turn_deg, side, sector, quadrant):
    scene = compass(x, y)
    places = [scene.one(label) for label in ("stand", "face", "target")]
    assert scene.turn_deg(*places) == pytest.approx(turn_deg, abs=1e-4)
    assert scene.left_or_right(*places) == side
    assert scene.left_right_back(*places) == sector
    assert scene.quadrant(*places) == quadrant


@pytest.mark.parametrize(
    ("bottom", "above", "on"),
    [
        pytest.param(0.75, True, True, id="standing on it"),
        pytest.param(0.71, True, True, id="sunk by 4 cm"),
        pytest.param(0.66, False, True, id="sunk by 9 cm"),
        pytest.param(0.64, False, False, id="sunk by 11 cm"),
        pytest.param(0.84, True, True, id="9 cm above"),
        pytest.param(0.86, True, False, id="11 cm above"),
        pytest.param(2.00, True, False, id="hanging over it"),
    ],
)
def test_above_and_on_allow_for_annotation_noise(bottom, above, on):
    table, vase = thing("table-1", (0, 0, 0.375), (2, 1, 0.75)), (0.9, 0.4, bottom + 0.15)
    scene = asked(scene_of([table, thing("vase-1", vase, (0.1, 0.1, 0.3))]))
    pair = scene.one("vase"), scene.one("table")
    assert (scene.above(*pair), scene.on(*pair)) == (above, on)
    assert scene.under(*pair[::-1]) == above


@pytest.mark.parametrize(
    ("x", "inside"),
    [(0.0, True), (0.39, True), (0.41, True), (0.43, False), (0.9, False)],
)
def test_inside_allows_two_centimetres(x, inside):
    box, ball = thing("box-1", (0, 0, 0.5), (1, 1, 1)), thing("ball-1", (x, 0, 0.5), (0.2,) * 3)
    scene = asked(scene_of([box, ball]))
    assert scene.inside(scene.one("ball"), scene.one("box")) is inside


@pytest.mark.parametrize(
    ("y", "between"), [(0.0, True), (0.49, True), (-0.49, True), (0.5, False), (-0.51, False)]
)
def test_between_is_nearer_than_half_a_metre_to_the_line(y, between):
    posts = [thing(f"post-{i}", (x, 0, 0), (0.1,) * 3) for i, x in enumerate((-2.0, 2.0))]
    scene = asked(scene_of([*posts, thing("ball-1", (1.0, y, 5.0), (0.1,) * 3)]))
    assert scene.between(scene.one("ball"), *scene.all("post")) is between
    assert scene.between(scene.one("ball"), *scene.all("post")[::-1]) is between


def test_over_a_turned_box_goes_by_its_true_outline():
    r = math.sqrt(0.5)
    axes = ((r, r, 0.0), (-r, r, 0.0), (0.0, 0.0, 1.0))
    rug = thing("rug-1", (0, 0, 0.005), (2.0, 2.0, 0.01), axes)
    corner, side = (
        thing("ball-1", (1.3, 0, 0.1), (0.2,) * 3),
        thing("ball-2", (0.9, 0.9, 0.1), (0.2,) * 3),
    )
    scene = asked(scene_of([rug, corner, side]))
    assert scene.over(scene.object("ball-1"), scene.one("rug"))
    assert not scene.over(scene.object("ball-2"), scene.one("rug"))


@pytest.mark.parametrize(
    ("yaw_deg", "lean", "center", "size"),
    [
        pytest.param(42, (1e-15, -1e-15), (-3.5, 2.8, -1.4), (0.3, 2.7, 1.2), id="42 degrees"),
        pytest.param(57, (1e-17, 1e-17), (-0.1, -0.1, 3.3), (0.3, 0.1, 0.4), id="57 degrees"),
        pytest.param(36, (-1e-16, -1e-16), (2.4, 1.3, 3.8), (2.0, 0.2, 2.3), id="36 degrees"),
    ],
)
def test_a_box_covers_its_own_centre_whatever_its_rounding(yaw_deg, lean, center, size):
    # Found by search: rounding puts edges of 1e-16 m, facing anywhere, into the outline.
    cos, sin = math.cos(math.radians(yaw_deg)), math.sin(math.radians(yaw_deg))
    box = thing("box-1", center, size, ((cos, sin, 0.0), (-sin, cos, 0.0), (*lean, 1.0)))
    scene = asked(scene_of([box, thing("ball-1", center, (0.1, 0.1, 0.1))]))
    assert scene.over(scene.one("ball"), scene.one("box"))


def test_measures_of_tilted_boxes_agree_with_their_corners():
    rng = generator(0, "test_language", "tilted")
    for _ in range(50):
        axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        center, size = rng.normal(size=3), rng.uniform(0.1, 2.0, 3)
        tilted = thing("board-1", *map(tuple, (center.tolist(), size.tolist(), axes.tolist())))
        board = asked(scene_of([tilted])).one("board")
        corners = np.array(board.corners())
        assert (board.bottom, board.top) == pytest.approx(
            (corners[:, 2].min(), corners[:, 2].max())
        )
        assert board.height == pytest.approx(board.top - board.bottom)
        assert board.volume == pytest.approx(np.prod(size))
        assert board.base_area() == pytest.approx(ConvexHull(corners[:, :2]).volume)


def test_a_flat_thing_is_not_above_itself():
    scene = asked(scene_of([thing("rug-1", (0, 0, 0.01), (2.0, 1.0, 0.02))]))
    rug = scene.one("rug")
    assert not scene.above(rug, rug)
    assert not scene.under(rug, rug)
    assert not scene.on(rug, rug)


def test_the_camera_looks_along_its_z_axis_with_y_down():
    unturned = replace(
        level_frame(3, 0.0, (0, 0, 0), 0.0),
        pose=((1.0, 0.0, 0.0, 4.0), (0.0, 1.0, 0.0, 5.0), (0.0, 0.0, 1.0, 6.0)),
    )
    scene = asked(scene_of([thing("ball-1", (0, 0, 0), (1, 1, 1))], frames=[unturned]))
    frame = scene.frame(3)
    assert frame.position() == (4.0, 5.0, 6.0)
    assert (frame.right(), frame.up(), frame.forward()) == ((1, 0, 0), (0, -1, 0), (0, 0, 1))
    rolled = replace(unturned, pose=((0, 1, 0, 4), (0, 0, 1, 5), (1, 0, 0, 6)))
    leaning = asked(scene_of([], frames=[rolled])).frame(3)
    assert (leaning.right(), leaning.up(), leaning.forward()) == ((0, 0, 1), (-1, 0, 0), (0, 1, 0))
    with pytest.raises(ValueError, match="vertical direction"):
        frame.heading_deg()
    with pytest.raises(ValueError, match="in frame 3 the camera looks straight up or down"):
        scene.from_camera(scene.one("ball"), frame)


@pytest.mark.parametrize("pitch_deg", [-60.0, 0.0, 25.0])
def test_front_is_level_however_the_camera_is_pitched(pitch_deg):
    cos, sin = math.cos(math.radians(pitch_deg)), math.sin(math.radians(pitch_deg))
    pose = ((0.0, 0.0, 1.0, 1.0), (-1.0, 0.0, 0.0, 2.0), (0.0, -1.0, 0.0, 1.5))
    tilt = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    turned = np.hstack([np.array(pose)[:, :3] @ tilt, np.array(pose)[:, 3:]])
    camera = replace(level_frame(0, 0.0, (0, 0, 0), 0.0), pose=tuple(map(tuple, turned.tolist())))
    ball = thing("ball-1", (4.0, 0.0, 0.5), (0.1, 0.1, 0.1))
    scene = asked(scene_of([ball], frames=[camera]))
    assert scene.frames[0].forward()[2] == pytest.approx(sin)
    offset = scene.from_camera(scene.one("ball"), scene.frame(0))
    assert offset == pytest.approx((2.0, -1.0, 3.0))


def test_a_half_turn_of_the_camera_is_a_positive_one():
    frames = [level_frame(i, float(i), (0, 0, 0), heading) for i, heading in enumerate((30, 210))]
    scene = asked(scene_of([], frames=frames))
    assert scene.camera_turn_deg(*scene.frames) == pytest.approx(180.0)
    assert abs(scene.camera_turn_deg(*scene.frames[::-1])) == pytest.approx(180.0)


def test_what_is_seen_follows_its_object_wherever_that_is_listed():
    things = [thing(f"ball-{i}", (i, 0, 0), (0.1, 0.1, 0.1)) for i in range(13)]
    frame = level_frame(0, 0.0, (0, 0, 0), 0.0)
    seen = {f"ball-{i}": replace(SIGHTING, pixels=1000 * i, truncated=i == 11) for i in (1, 11, 12)}
    for order in (None, range(12, -1, -1)):
        scene = asked(scene_of(things, frames=[replace(frame, seen=seen)]), order)
        shown = scene.visible_objects(scene.frames[0])
        assert [o.id for o in shown] == ["ball-1", "ball-11", "ball-12"]
        assert [scene.pixels(o, scene.frames[0]) for o in shown] == [1000, 11000, 12000]
        assert [scene.truncated(o, scene.frames[0]) for o in shown] == [False, True, False]


@pytest.mark.parametrize(
    ("fraction", "pixels", "visible"),
    [
        pytest.param(0.10, 154, True, id="just enough"),
        pytest.param(0.09, 9000, False, id="too small a share"),
        pytest.param(0.90, 153, False, id="too few pixels"),
    ],
)
def test_a_glimpse_is_not_yet_visible(fraction, pixels, visible):
    glimpse = replace(SIGHTING, fraction=fraction, pixels=pixels)
    frame = replace(level_frame(0, 0.0, (0, 0, 0), 0.0), seen={"ball-1": glimpse})
    scene = asked(scene_of([thing("ball-1", (1, 0, 0), (0.1, 0.1, 0.1))], frames=[frame]))
    ball, frame = scene.one("ball"), scene.frame(0)
    assert scene.visible(ball, frame) is visible
    assert scene.visible_objects(frame) == [ball] * visible
    assert scene.frames_showing(ball) == [frame] * visible
    assert scene.visible_fraction(ball, frame) == fraction
    assert scene.pixels(ball, frame) == pixels
    assert scene.box_2d(ball, frame) == SIGHTING.box_px


def test_an_empty_room_without_a_video_says_what_is_missing():
    scene = asked(scene_of([]))
    assert (scene.labels(), scene.all("chair"), scene.count("chair")) == ([], [], 0)
    assert scene.room.polygon is scene.room.center is None
    with pytest.raises(ValueError, match="the area of this room is not known"):
        scene.room_area()
    with pytest.raises(ValueError, match="this scene has no video frames"):
        scene.frame(0)
    with pytest.raises(ValueError, match="this scene has no video frames"):
        scene.frame_at(1.0)
    with pytest.raises(ValueError, match="no 'chair' here"):
        scene.one("chair")


def test_a_floor_area_of_zero_is_known():
    assert asked(scene_of([], room=Room(area=0.0))).room_area() == 0.0


def test_a_label_counted_more_often_than_boxed_is_not_one():
    scene = asked(scene_of([thing("chair-1", (0, 0, 0), (1, 1, 1))], {"chair": 4}))
    assert (scene.count("chair"), len(scene.all("chair"))) == (4, 1)
    with pytest.raises(ValueError, match="4 objects are called 'chair'"):
        scene.one("chair")
