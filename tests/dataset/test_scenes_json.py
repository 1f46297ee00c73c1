"""A scene kept beside the questions is the scene that they were asked about."""

import json
from typing import Any

import pytest

from spatialgen.dataset.scenes import scene_from_json, scene_to_json
from spatialgen.records import Room, Scene
from spatialgen.synth.rooms import furnish
from tests.filmed_rooms import filmed
from tests.scenes_by_hand import LEANING, level_frame, scene_of, thing

SCENES = {
    "furnished": furnish(3, 1),
    "bare": scene_of([thing("chair-1", (0, 0, 0), (1, 1, 1))]),
    "leaning": scene_of([thing("a-1", (0.1, 1 / 3, -1e-7), (0.1, 2, 3), LEANING)]),
    "counted otherwise": scene_of([thing("chair-1", (0, 0, 0), (1, 1, 1))], {"chair": 4, "bed": 1}),
    "odd names": scene_of([thing('стул 🪑 "q" \\ </script>-1', (0, 0, 0), (1, 1, 1))]),
    "room": scene_of(
        [thing("chair-1", (0, 0, 0), (1, 1, 1))],
        room=Room(12.5, (1.0, 2.0, 0.0), 2.5, ((0.0, 0.0), (5.0, 0.0), (5.0, 2.5))),
    ),
    "film": scene_of(
        [thing("chair-1", (0, 0, 0), (1, 1, 1))],
        frames=[level_frame(0, 0.0, (0, 0, 1), 90, ["chair-1"]), level_frame(4, 0.5, (1, 0, 1), 0)],
    ),
}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_comes_back_the_same(scene: Scene) -> None:
    text = json.dumps(scene_to_json(scene), allow_nan=False)
    assert scene_from_json(json.loads(text)) == scene


@pytest.mark.parametrize("index", range(20))
def test_furnished_rooms_come_back_the_same(index: int) -> None:
    scene = furnish(11, index)
    text = json.dumps(scene_to_json(scene))
    again = scene_from_json(json.loads(text))
    assert again == scene
    assert json.dumps(scene_to_json(again)) == text


@pytest.mark.parametrize("index", range(3))
def test_filmed_rooms_come_back_the_same(index: int) -> None:
    scene = filmed(11, index)
    text = json.dumps(scene_to_json(scene))
    assert scene_from_json(json.loads(text)) == scene


@pytest.mark.parametrize("part", ["seen", "first_seen"])
def test_nothing_is_seen_that_is_not_there(part: str) -> None:
    data: Any = scene_to_json(SCENES["film"])
    where = data["frames"][0] if part == "seen" else data
    where[part] = {"ghost-1": next(iter(where[part].values()))}
    with pytest.raises(ValueError, match="'ghost-1' is seen, and no object has that id"):
        scene_from_json(data)


def test_counts_are_in_one_order() -> None:
    chair = thing("chair-1", (0, 0, 0), (1, 1, 1))
    one = scene_to_json(scene_of([chair], {"bed": 1, "chair": 2}))
    other = scene_to_json(scene_of([chair], {"chair": 2, "bed": 1}))
    assert json.dumps(one) == json.dumps(other)


def test_notes_are_not_part_of_it() -> None:
    assert "notes" not in scene_to_json(SCENES["bare"])


WRONG: list[Any] = [None, 5, -1.5, "x", [], {}, True, float("nan"), float("inf"), [[1]], [0, 0]]
NUMBERS = [5, -1.5, True]  # in Python, True is a number
NOTHING: list[Any] = [[], {}]


@pytest.mark.parametrize(
    ("path", "read"),
    [
        pytest.param(("objects",), NOTHING, id="objects"),
        pytest.param(("objects", 0), [], id="an object"),
        pytest.param(("objects", 0, "center"), [], id="center"),
        pytest.param(("objects", 0, "center", 1), NUMBERS, id="a coordinate"),
        pytest.param(("objects", 0, "size", 2), NUMBERS, id="a side"),
        pytest.param(("objects", 0, "axes"), [], id="axes"),
        pytest.param(("objects", 0, "axes", 2), [], id="an axis"),
        pytest.param(("objects", 0, "axes", 2, 2), NUMBERS, id="a number of an axis"),
        pytest.param(("counts",), NOTHING, id="counts"),
        pytest.param(("counts", "chair"), [5, True], id="a count"),
        pytest.param(("room",), [], id="room"),
        pytest.param(("room", "area"), [None, *NUMBERS], id="area"),
        pytest.param(("room", "center", 0), NUMBERS, id="a coordinate of the room"),
        pytest.param(("room", "polygon", 1), [[0, 0]], id="a corner"),
        pytest.param(("frames",), NOTHING, id="frames"),
    ],
)
def test_damage_is_a_plain_error(path: tuple[str | int, ...], read: list[Any]) -> None:
    for wrong in WRONG:
        data: Any = scene_to_json(SCENES["room"])
        inner = data
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = wrong
        if repr(wrong) in map(repr, read):
            scene_from_json(data)
        else:
            with pytest.raises((KeyError, TypeError, ValueError)):
                scene_from_json(data)


@pytest.mark.parametrize("key", scene_to_json(SCENES["room"]))
def test_missing_part_is_a_plain_error(key: str) -> None:
    data = scene_to_json(SCENES["room"])
    del data[key]
    with pytest.raises(KeyError, match=key):
        scene_from_json(data)
