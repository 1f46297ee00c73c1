"""Furnished rooms: what holds for every one of them, and that they repeat."""

import hashlib
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from spatialgen.errors import UsageError
from spatialgen.records import Box, Scene, SceneObject
from spatialgen.synth.catalogue import FURNISHINGS
from spatialgen.synth.rooms import furnish

ROOMS = tuple(furnish(seed=11, index=index) for index in range(200))
LARGE = furnish(seed=11, index=0, objects=160)
ALL = (*ROOMS, LARGE)

#: One millimetre, in metres: how far boxes may pass through each other or the walls.
MM = 0.001
ON_FURNITURE = {"pillow", "monitor", "keyboard", "computer mouse", "telephone", "microwave"}
ON_FURNITURE |= {"printer", "book", "speaker"}
ON_WALLS = {"window", "clock", "mirror", "picture", "whiteboard", "towel", "radiator"}
BACK_TO_WALL = {"bed", "sofa", "bookshelf", "refrigerator", "desk", "closet", "door", "piano"}


def _bottom(box: Box) -> float:
    return box.center[2] - box.size[2] / 2


def _top(box: Box) -> float:
    return box.center[2] + box.size[2] / 2


def _footprint(box: Box, shrunk: float = 0.0) -> np.ndarray:
    """Return the corners of the box seen from above, counter-clockwise, shape (4, 2)."""
    axes = np.array(box.axes)[:2, :2] * ((np.array(box.size[:2]) - 2 * shrunk) / 2)[:, None]
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return np.array(box.center[:2]) + signs @ axes


def _shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """Return the area that two convex outlines share, by clipping one with the other."""
    points = list(a)
    for start, end in zip(b, np.roll(b, -1, axis=0), strict=True):
        edge = end - start
        kept = []
        for p, q in zip(points, points[1:] + points[:1], strict=True):
            side_p = edge[0] * (p - start)[1] - edge[1] * (p - start)[0]
            side_q = edge[0] * (q - start)[1] - edge[1] * (q - start)[0]
            if side_p >= 0:
                kept.append(p)
            if (side_p >= 0) != (side_q >= 0):
                kept.append(p + (q - p) * side_p / (side_p - side_q))
        points = kept
        if not points:
            return 0.0
    x, y = np.array(points).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _overlapping(objects: tuple[SceneObject, ...]) -> Iterator[tuple[str, str]]:
    """Yield the pairs that pass through each other by more than a millimetre."""
    for a, b in combinations(objects, 2):
        if min(_top(a.box), _top(b.box)) - max(_bottom(a.box), _bottom(b.box)) <= MM:
            continue
        reach = math.hypot(*a.box.size[:2]) / 2 + math.hypot(*b.box.size[:2]) / 2
        if math.dist(a.box.center[:2], b.box.center[:2]) >= reach:
            continue
        if _shared_area(_footprint(a.box, MM / 2), _footprint(b.box, MM / 2)) > 0:
            yield a.id, b.id


def _inside(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Tell for each point (shape (n, 2)) whether it is inside the outline, by crossings."""
    inside = np.zeros(len(points), dtype=bool)
    x, y = points.T
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return inside


def _wall_gap(box: Box, outline: np.ndarray) -> float:
    """Return how far the back of a box is from the wall that it is parallel to."""
    back = _footprint(box)[:2].mean(axis=0)
    gaps = []
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        along = (end - start) / np.linalg.norm(end - start)
        share = (back - start) @ along / np.linalg.norm(end - start)
        if abs(along @ np.array(box.axes[0][:2])) > 1 - 1e-9 and 0 < share < 1:
            offset = back - start
            gaps.append(abs(float(along[0] * offset[1] - along[1] * offset[0])))
    return min(gaps, default=math.inf)


def _support(scene: Scene, thing: SceneObject) -> SceneObject | None:
    """Return what ``thing`` stands on: tops and bottoms must be equal to the last bit."""
    for other in scene.objects:
        offset = np.array(thing.box.center) - other.box.center
        u, v, _ = np.array(other.box.axes) @ offset
        within = abs(u) < other.box.size[0] / 2 and abs(v) < other.box.size[1] / 2
        if within and _top(other.box) == _bottom(thing.box):
            return other
    return None


def test_the_checks_of_this_file_find_faults() -> None:
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    boxes = [Box((x, 0.0, 0.5), (1.0, 1.0, 1.0), axes) for x in (0.0, 0.99, 2.0)]
    things = tuple(SceneObject(str(k), "box", box) for k, box in enumerate(boxes))
    assert list(_overlapping(things)) == [("0", "1")]
    ell = np.array([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
    points = np.array([(0.5, 0.5), (1.5, 1.5), (0.5, 1.9), (2.1, 0.5)])
    assert _inside(points, ell).tolist() == [True, False, True, False]


def test_nothing_passes_through_anything() -> None:
    for scene in ALL:
        assert list(_overlapping(scene.objects)) == [], scene.name


def test_everything_is_inside_the_room() -> None:
    share = np.linspace(0, 1, 33)[:, None, None]
    for scene in ALL:
        room = scene.room
        assert room.polygon is not None
        assert room.height is not None
        prints = np.array([_footprint(thing.box, MM) for thing in scene.objects])
        edges = prints * (1 - share[:, None]) + np.roll(prints, -1, axis=1) * share[:, None]
        assert _inside(edges.reshape(-1, 2), np.array(room.polygon)).all(), scene.name
        for thing in scene.objects:
            assert _bottom(thing.box) >= 0
            assert _top(thing.box) <= room.height


def test_everything_stands_lies_or_hangs() -> None:
    for scene in ALL:
        outline = np.array(scene.room.polygon)
        for thing in scene.objects:
            if thing.label in ON_WALLS:
                assert _bottom(thing.box) > 0
                assert _wall_gap(thing.box, outline) < MM, thing.id
            elif thing.label in ON_FURNITURE:
                assert _support(scene, thing) is not None, (scene.name, thing.id)
            elif _bottom(thing.box) > 0:
                hangs = thing.label == "tv" and _wall_gap(thing.box, outline) < MM
                assert hangs or _support(scene, thing) is not None, (scene.name, thing.id)


def test_small_things_lie_where_people_put_them() -> None:
    places = {
        "pillow": {"bed", "sofa"},
        "monitor": {"desk"},
        "microwave": {"counter"},
        "telephone": {"desk", "table"},
    }
    seen = Counter[str]()
    for scene in ALL:
        for thing in scene.objects:
            if thing.label in places:
                support = _support(scene, thing)
                assert support is not None
                assert support.label in places[thing.label]
                seen[thing.label] += 1
    assert seen.keys() == places.keys()


def test_large_furniture_has_its_back_to_a_wall() -> None:
    for scene in ALL:
        outline = np.array(scene.room.polygon)
        for thing in scene.objects:
            if thing.label in BACK_TO_WALL:
                assert _wall_gap(thing.box, outline) < 0.05, (scene.name, thing.id)


def test_chairs_are_at_a_table_or_desk_and_look_at_it() -> None:
    for scene in ALL:
        hosts = [o.box for o in scene.objects if o.label in ("table", "desk")]
        for chair in scene.objects:
            if chair.label != "chair" or chair.box.size[0] >= 0.6:
                continue
            seat = np.array(chair.box.center[:2])
            ahead = seat + np.array(chair.box.axes[1][:2]) * 0.6
            assert any(_inside(ahead[None], _footprint(host))[0] for host in hosts), (
                scene.name,
                chair.id,
            )


@pytest.mark.parametrize(
    ("label", "depth"), [("door", 0.79), ("refrigerator", 0.69), ("closet", 0.59), ("bed", 0.39)]
)
def test_the_floor_in_front_is_free(label: str, depth: float) -> None:
    for scene in ALL:
        for box in (thing.box for thing in scene.objects if thing.label == label):
            front = np.array((*box.axes[1][:2], 0.0)) * (box.size[1] + depth) / 2
            middle = np.array((*box.center[:2], 0.15)) + front
            free = Box(tuple(middle), (box.size[0] - 0.01, depth - 0.01, 0.3), box.axes)
            space = SceneObject(f"in front of a {label}", "", free)
            assert list(_overlapping((space, *scene.objects))) == [], scene.name
            assert _inside(_footprint(free), np.array(scene.room.polygon)).all(), scene.name


def test_people_can_walk_round_a_dining_table() -> None:
    for scene in ALL:
        for table in scene.objects:
            if table.label == "table" and table.box.size[2] > 0.6:
                around = _footprint(table.box, shrunk=-0.54)
                assert _inside(around, np.array(scene.room.polygon)).all(), scene.name


def test_axes_are_right_handed_and_upright() -> None:
    for scene in ALL:
        for thing in scene.objects:
            axes = np.array(thing.box.axes)
            assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)
            assert np.linalg.det(axes) == pytest.approx(1)
            assert thing.box.axes[2] == (0.0, 0.0, 1.0)


def test_numbers_are_plain_floats() -> None:
    for scene in ALL:
        room = scene.room
        assert type(room.area) is type(room.height) is float
        assert room.center is not None
        assert room.polygon is not None
        numbers = [*room.center, *(x for corner in room.polygon for x in corner)]
        for thing in scene.objects:
            box = thing.box
            numbers += [*box.center, *box.size, *(x for axis in box.axes for x in axis)]
        assert {type(x) for x in numbers} == {float}


def test_counts_ids_and_names() -> None:
    for index, scene in enumerate(ROOMS):
        assert (scene.dataset, scene.name, scene.space) == (
            "synthetic",
            f"room11_{index:05d}",
            f"room11_{index:05d}",
        )
        assert scene.notes == scene.frames == ()
        assert dict(scene.counts) == Counter(thing.label for thing in scene.objects)
        so_far = Counter[str]()
        for thing in scene.objects:
            so_far[thing.label] += 1
            assert thing.id == f"{thing.label.replace(' ', '_')}_{so_far[thing.label]}"
    assert any(thing.id == "trash_bin_1" for scene in ROOMS for thing in scene.objects)


def test_rooms_have_ordinary_sizes_and_several_shapes() -> None:
    for scene in ROOMS:
        room = scene.room
        assert room.area is not None
        assert room.height is not None
        assert 8 <= room.area <= 60
        assert 2.3 <= room.height <= 3.2
        assert 8 <= len(scene.objects) <= 40
    corners = Counter(len(scene.room.polygon or ()) for scene in ROOMS)
    assert corners.keys() == {4, 6}
    assert min(corners.values()) >= 30
    straight = sum(_is_straight(scene) for scene in ROOMS)
    assert 60 <= straight <= 140


def _is_straight(scene: Scene) -> bool:
    """Tell whether the walls run along x and y."""
    outline = np.array(scene.room.polygon)
    return bool((np.abs(np.roll(outline, -1, axis=0) - outline).min(axis=1) < 1e-9).all())


def test_area_is_that_of_the_outline() -> None:
    for scene in ALL:
        x, y = np.array(scene.room.polygon).T
        area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
        assert scene.room.area == pytest.approx(area, rel=1e-12)


def test_rooms_are_varied_enough_for_questions() -> None:
    labels = {thing.label for scene in ROOMS for thing in scene.objects}
    assert len(labels) >= 40
    unique = [sum(count == 1 for count in scene.counts.values()) for scene in ROOMS]
    assert sum(number >= 5 for number in unique) >= 0.9 * len(ROOMS)
    several = {label for scene in ROOMS for label, count in scene.counts.items() if count >= 2}
    assert several >= {"chair", "pillow", "window", "door", "monitor"}


@pytest.mark.parametrize(
    ("label", "shortest", "longest"),
    [
        ("bed", (0.4, 0.65), (1.95, 2.15)),
        ("door", (0.05, 0.12), (1.95, 2.1)),
        ("refrigerator", (0.55, 0.8), (1.4, 2.0)),
        ("keyboard", (0.02, 0.04), (0.36, 0.46)),
        ("clock", (0.03, 0.06), (0.24, 0.4)),
        ("chair", (0.4, 0.85), (0.75, 1.05)),
        ("computer mouse", (0.03, 0.05), (0.1, 0.13)),
    ],
)
def test_sizes_are_those_of_real_things(
    label: str, shortest: tuple[float, float], longest: tuple[float, float]
) -> None:
    sizes = [t.box.size for scene in ALL for t in scene.objects if t.label == label]
    assert sizes
    for size in sizes:
        assert shortest[0] - MM <= min(size) <= shortest[1] + MM
        assert longest[0] - MM <= max(size) <= longest[1] + MM


def test_sizes_and_numbers_keep_to_the_catalogue() -> None:
    for scene in ROOMS:
        for thing in scene.objects:
            records = [item for item in FURNISHINGS if item.label == thing.label]
            assert any(
                all(
                    low - MM <= side <= high + MM
                    for side, (low, high) in zip(
                        thing.box.size, (item.width, item.depth, item.height), strict=True
                    )
                )
                for item in records
            ), (scene.name, thing.id)
            assert scene.counts[thing.label] <= max(item.most for item in records)


@pytest.mark.parametrize("objects", [1, 2, 5, 10, 40, 160])
def test_exactly_as_many_objects_as_asked_for(objects: int) -> None:
    for index in range(3):
        scene = furnish(3, index, objects)
        assert len(scene.objects) == sum(scene.counts.values()) == objects
        assert list(_overlapping(scene.objects)) == []


def test_a_room_grows_for_its_objects() -> None:
    assert LARGE.room.area is not None
    assert LARGE.room.area > 60
    assert sum(count == 1 for count in LARGE.counts.values()) >= 3
    start = time.process_time()
    furnish(4, 0, 160)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("objects", [0, -1, 2001])
def test_numbers_of_objects_that_are_refused(objects: int) -> None:
    with pytest.raises(UsageError, match=f"{objects} objects in a room: ask for 1 to 2000"):
        furnish(0, 0, objects)


def test_a_room_depends_on_its_seed_and_index_only() -> None:
    again = [furnish(11, index) for index in (7, 3, 5)]
    assert again == [ROOMS[7], ROOMS[3], ROOMS[5]]
    assert len({scene.objects for scene in ROOMS}) == len(ROOMS)
    assert all(furnish(12, index).objects != ROOMS[index].objects for index in range(20))


def test_rooms_repeat_in_other_processes() -> None:
    code = (
        "import hashlib\n"
        "from spatialgen.synth.rooms import furnish\n"
        "rooms = [furnish(11, index) for index in range(20)]\n"
        "print(hashlib.sha256(repr(rooms).encode()).hexdigest())\n"
    )
    here = hashlib.sha256(repr(list(ROOMS[:20])).encode()).hexdigest()
    for hash_seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here
