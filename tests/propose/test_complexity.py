"""The figures of a question's complexity, and their levels."""

import pytest

from spatialgen.propose.complexity import complexity, level
from spatialgen.records import Box, Camera, Frame, Room, Scene, SceneObject, Sighting
from spatialgen.verify.draft import Draft, Margin

BOX = Box((0.0, 0.0, 0.5), (1.0, 1.0, 1.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
POSE = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))


def frame(index: int, *seen: str) -> Frame:
    sighting = Sighting((0.0, 0.0, 9.0, 9.0), 1.0, 81, False)
    camera = Camera(10.0, 10.0, 4.5, 4.5, 10, 10)
    return Frame(index, float(index), POSE, camera, dict.fromkeys(seen, sighting))


SCENE = Scene(
    "d",
    "s",
    space="s",
    objects=tuple(SceneObject(f"{name}_1", name, BOX) for name in ("a", "b", "c")),
    counts={"a": 1, "b": 1, "c": 1},
    room=Room(9.0),
    frames=(frame(3, "a_1", "b_1"), frame(7, "b_1"), frame(9)),
)


def draft(frames: tuple[int, ...] | None, margins: tuple[Margin, ...] = ()) -> Draft:
    return Draft("t", "q", "scene.one(scene.frame(3))", "choice", frames=frames, margins=margins)


@pytest.mark.parametrize(
    ("frames", "in_view", "count"),
    [
        pytest.param((3,), 2, 1, id="one frame"),
        pytest.param((3, 7), 2, 2, id="what two frames show is counted once"),
        pytest.param((9,), 0, 1, id="an empty frame"),
        pytest.param((8,), 0, 1, id="a frame that is not described"),
        pytest.param(None, 3, None, id="the whole video shows the room"),
    ],
)
def test_what_is_in_view(frames: tuple[int, ...] | None, in_view: int, count: int | None) -> None:
    found = complexity(draft(frames), SCENE)
    assert (found["in_view"], found["frames"], found["hops"]) == (in_view, count, 2)


@pytest.mark.parametrize(
    ("margins", "expected"),
    [
        pytest.param((), None, id="none"),
        pytest.param((Margin("a", 0.3, 0.1), Margin("b", 0.2, 0.1)), 2.0, id="the tightest"),
        pytest.param((Margin("a", 99.0, 0.1),), 10.0, id="at most"),
        pytest.param((Margin("sure", True, 1),), None, id="yes or no is no width"),
        pytest.param((Margin("a", float("inf"), 0.1),), None, id="without end"),
    ],
)
def test_how_wide_the_margin_is(margins: tuple[Margin, ...], expected: float | None) -> None:
    assert complexity(draft((3,), margins), SCENE)["margin"] == expected


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param({"in_view": 0, "margin": 1.0}, "in_view<=1 margin<=1.5", id="lowest"),
        pytest.param({"in_view": 2, "margin": 1.5}, "in_view<=2 margin<=1.5", id="an end belongs"),
        pytest.param({"in_view": 17, "margin": 3.1}, "in_view>16 margin>3", id="highest"),
        pytest.param({"in_view": 3, "margin": None}, "in_view<=4 margin:all", id="without figure"),
    ],
)
def test_levels(figures: dict[str, float | None], expected: str) -> None:
    assert level(figures, ("in_view", "margin")) == expected
    assert level(figures, ()) == ""
