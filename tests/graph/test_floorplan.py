"""The free floor: a room by hand, distances against sampled points, and what is not in the way."""

import numpy as np
import pytest

from spatialgen.graph import floorplan as subject
from spatialgen.graph.boxes import footprints
from spatialgen.graph.build import build
from spatialgen.graph.relations import signed_distance
from spatialgen.rng import generator
from spatialgen.synth.rooms import furnish
from tests.rooms_by_hand import put, room

#: An L: the 6 x 6 square around the origin without its upper right quarter.
ELL = ((-3.0, -3.0), (3.0, -3.0), (3.0, 0.0), (0.0, 0.0), (0.0, 3.0), (-3.0, 3.0))


def plan_of(*things, outline=None):
    return subject.floor_plan(build(room(*things, outline=outline)))


def walk(outline, *things):
    """Return the walk by all of these things but those called "box", as the one of `Walks`."""
    graph = build(room(*things, outline=outline))
    stops = [i for i, thing in enumerate(graph.scene.objects) if thing.label != "box"]
    found = subject.walks(
        subject.floor_plan(graph), graph.boxes.centers[:, :2], np.array([stops], dtype=np.intp)
    )
    walls = None if found.walls_m is None else float(found.walls_m[0])
    return found.starts[0], found.ends[0], found.length_m[0], found.clear_m[0], walls


@pytest.mark.parametrize(
    ("thing", "start", "end", "expected"),
    [
        pytest.param(put("bed", 0, 0), (-2, 1), (2, 1), 0.8, id="passing by a side"),
        pytest.param(put("bed", 0, 0), (-2, 0), (2, 0), 0.0, id="through the middle"),
        pytest.param(put("bed", 0, 0), (-0.1, 0), (0.1, 0), 0.0, id="inside"),
        pytest.param(put("bed", 0, 0), (1.2, 0), (5, 0), 1.0, id="leading away"),
        pytest.param(put("bed", 0, 0), (3.2, 4.2), (3.2, 4.2), 5.0, id="standing still"),
        pytest.param(
            put("bed", 0, 0, turn_deg=45), (-2, 1), (2, 1), 1 - 0.2 * 2**0.5, id="passing a corner"
        ),
        pytest.param(put("bed", 0, 0, size=(2, 0, 1)), (0, 1), (0, 3), 1.0, id="a line"),
        pytest.param(put("bed", 0, 0, size=(2, 0, 1)), (0.5, 1), (0.5, -1), 0.0, id="through it"),
        pytest.param(put("bed", 0, 0, size=(2, 0, 1)), (2, 0), (4, 0), 1.0, id="in line with it"),
        pytest.param(put("bed", 0, 0, size=(0, 0, 1)), (-2, 1), (2, 1), 1.0, id="a point"),
    ],
)
def test_clearance_by_hand(thing, start, end, expected):
    pieces = np.array([start], dtype=float), np.array([end], dtype=float)
    for first, last in (pieces, pieces[::-1]):
        found = subject.clearances(plan_of(put("lamp", 9, 9), thing), first, last)
        assert found.shape == (1, 2)
        assert found[0, 1] == pytest.approx(expected, abs=1e-12)


def test_clearances_are_those_of_sampled_points(monkeypatch):
    graph, rng = build(furnish(5, 3)), generator(0, "pieces")
    plan = subject.floor_plan(graph)
    starts, ends = rng.uniform(-4, 8, (2, 60, 2))
    found = subject.clearances(plan, starts, ends)
    shares = np.linspace(0, 1, 801)[:, None]
    for i, outline in enumerate(footprints(graph.boxes)):
        for k in range(len(starts)):
            points = starts[k] + shares * (ends[k] - starts[k])
            apart = max(0.0, float(-signed_distance(outline, points).max()))
            step = float(np.hypot(*(ends[k] - starts[k]))) / 800
            assert apart - step <= found[k, i] <= apart + 1e-9
    monkeypatch.setattr(subject, "CHUNK", 1)
    assert (subject.clearances(plan, starts, ends) == found).all()
    assert subject.clearances(plan, starts[:0], ends[:0]).shape == (0, len(graph.boxes))


@pytest.mark.parametrize("outline", [ELL, ELL[::-1]])
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param((-2, -2), (2, -2), 1.0, id="along a wall"),
        pytest.param((-2, 2), (2, -2), 0.0, id="grazing the inner corner"),
        pytest.param((-2.5, 1.5), (1.5, -2.5), 0.5, id="near the walls at its ends"),
        pytest.param((-1, 2), (2, -1), 0.0, id="across the missing quarter"),
        pytest.param((1, 1), (2, 2), -1.0, id="outside"),
    ],
)
def test_walls_by_hand(outline, start, end, expected):
    walls = np.array(outline)
    found = subject.wall_clearances(walls, np.array([start], float), np.array([end], float))
    assert found == pytest.approx([expected])


@pytest.mark.parametrize(
    ("thing", "reachable", "blocking"),
    [
        pytest.param(put("table", 0, 0, size=(1, 1, 0.7)), True, True, id="table"),
        pytest.param(put("rug", 0, 0, size=(2, 2, 0.02)), True, False, id="rug"),
        pytest.param(put("tv", 0, 0, bottom=1.2, size=(1, 0.1, 0.6)), True, True, id="tv"),
        pytest.param(put("clock", 0, 0, bottom=2.0), False, False, id="above the head"),
        pytest.param(put("wall", 0, 0, size=(4, 0.1, 2.5)), True, True, id="one wall"),
        pytest.param(put("wall", 0, 0, size=(4, 6, 2.5)), True, False, id="walls round the room"),
        pytest.param(put("floor", 0, 0, size=(4, 6, 0.2)), True, False, id="uneven floor"),
        pytest.param(put("ceiling", 0, 0, 2.5, (4, 6, 0.2)), False, False, id="ceiling"),
    ],
)
def test_what_is_in_the_way(thing, reachable, blocking):
    plan = plan_of(put("box", 5, 5), thing)
    assert (plan.reachable[1], plan.blocking[1]) == (reachable, blocking)


def test_what_carries_each_other():
    plan = plan_of(
        put("desk", 0, 0, size=(2, 1, 0.7)),
        put("monitor", 0, 0, bottom=0.7, size=(0.5, 0.2, 0.4)),
        put("mug", 0.5, 0, bottom=0.7, size=(0.1, 0.1, 0.1)),
        put("chair", 0, -0.8),
        put("rug", 0, 0, size=(4, 4, 0.02)),
    )
    assert plan.stacks.tolist() == [
        [True, True, True, False, False],
        [True, True, True, False, False],
        [True, True, True, False, False],
        [False, False, False, True, False],
        [False, False, False, False, True],
    ]


# Cubes of 0.4 m: one stands 0.25 m before a side, which is 0.2 m from the centre.
DOOR, BED, DESK = put("door", 0, 0), put("bed", 4, 0), put("desk", 4, 3)
FREE = 4 - 2 * 0.2 - 2 * 0.25


def test_a_walk_by_hand():
    starts, ends, length, clear, walls = walk(None, DOOR, BED, DESK)
    np.testing.assert_allclose(starts[0], (0.45, 0), atol=1e-12)
    np.testing.assert_allclose(ends[0], (3.55, 0), atol=1e-12)
    np.testing.assert_allclose(starts[1], ends[0])
    # It goes on to (4, 3) and meets the desk's lower side at y = 2.8.
    direction = np.array((0.45, 3.0)) / np.hypot(0.45, 3.0)
    np.testing.assert_allclose(ends[1], (3.55 + 0.45 * 2.8 / 3, 2.8) - 0.25 * direction, atol=1e-12)
    assert length == pytest.approx(np.hypot(0.45, 3.0) * 2.8 / 3 - 0.25)
    # Of what it does not visit at the time, the desk is nearest, seen from before the bed.
    assert clear == pytest.approx(np.hypot(0.25, 2.8))
    assert walls is None
    assert walk(None, DOOR, BED)[2] == pytest.approx(FREE)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        pytest.param(put("box", 2, 1), 0.8, id="beside the way"),
        pytest.param(put("box", 2, -0.3), 0.1, id="too near"),
        pytest.param(put("box", 2, 0), 0.0, id="in the way"),
        pytest.param(put("box", -0.4, 0), 0.65, id="behind the start"),
        pytest.param(put("box", 4.4, 0), 0.65, id="behind the end"),
        pytest.param(put("box", 2, 0, bottom=2.0), np.inf, id="overhead"),
        pytest.param(put("box", 2, 0, size=(1, 1, 0.05)), np.inf, id="flat on the floor"),
        pytest.param(put("box", 4, 0, bottom=0.4), np.inf, id="on what it visits"),
        pytest.param(put("box", 3.9, 0, size=(2, 2, 0.4)), 0.0, id="around what it visits"),
    ],
)
def test_what_a_walk_comes_near_to(box, expected):
    assert walk(None, DOOR, BED, box)[3] == pytest.approx(expected)


def test_a_walk_does_not_pass_through_what_it_reached():
    # From the door to the front of the wide bed, then to what stands behind it.
    behind = put("desk", 7, 0.5)
    assert walk(None, DOOR, put("bed", 4, 0, size=(0.4, 3, 0.4)), behind)[3] == 0.0
    # A rug one walks over.
    assert walk(None, DOOR, put("rug", 4, 0, size=(0.4, 3, 0.05)), behind)[3] > 3


def test_what_carries_a_thing_ends_the_walk_to_it():
    table, lamp = put("box", 4, 0, size=(2, 2, 0.4)), put("lamp", 4, 0, bottom=0.4)
    _, ends, length, clear, _ = walk(None, DOOR, table, lamp)
    np.testing.assert_allclose(ends[0], (3 - 0.25, 0), atol=1e-12)
    assert (length, clear) == (pytest.approx(2.75 - 0.45), np.inf)
    # And from the lamp one starts in front of the table.
    np.testing.assert_allclose(walk(None, lamp, table, DOOR)[0][0], (2.75, 0), atol=1e-12)


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((put("bed", 0, 0), put("desk", 0.5, 0)), id="side by side"),
        pytest.param((put("bed", 0, 0, size=(2, 2, 0.4)), put("cat", 0, 0, 0.4)), id="onto it"),
        pytest.param((put("cat", 0.1, 0, 0.4), put("bed", 0, 0, size=(2, 2, 0.4))), id="off it"),
        pytest.param((put("bed", 0, 0), put("desk", 0, 0)), id="in one place"),
    ],
)
def test_no_room_to_walk(pair):
    assert walk(None, *pair)[2] < 0


@pytest.mark.parametrize(
    ("door", "desk", "expected"),
    [
        # The inner corner of the L is at the origin, 0.5 from the line y = -0.5.
        pytest.param(put("door", -2.8, -0.5), put("desk", 2.8, -0.5), 0.5, id="past a corner"),
        pytest.param(put("door", -0.5, 2.5), put("desk", 2.5, -0.5), -1, id="outside at once"),
        pytest.param(put("door", -2.5, 2), put("desk", 2, -1), 0.0, id="through the corner"),
        # Half a metre from where it starts at the left wall: 0.2 + 0.25 + 0.5 from it.
        pytest.param(put("door", -3, -1.5), put("desk", 3, -1.5), 0.95, id="from wall to wall"),
        pytest.param(put("door", -2.8, -2.9), put("desk", 2.8, -2.9), 0.1, id="along the wall"),
        pytest.param(put("door", 1, 1), put("desk", 3, 3), -1.0, id="outside"),
    ],
)
def test_walls_of_a_walk(door, desk, expected):
    walls = walk(ELL, door, desk)[4]
    assert walls == pytest.approx(expected, abs=0.01) if expected >= 0 else walls < 0
