"""One's own scan is told from another one by its objects, boxes and camera poses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spatialgen.materialize.agreement import disagreement, positions
from spatialgen.records import Box, Scene
from spatialgen.scan import Recording
from tests.filmed_rooms import filmed

PUBLISHED = filmed(0, 0)


def changed(change: Callable[[Box], Box], place: int = 0) -> Scene:
    """Return the scene with the box of one object changed."""
    things = list(PUBLISHED.objects)
    things[place] = replace(things[place], box=change(things[place].box))
    return replace(PUBLISHED, objects=tuple(things))


def moved(way_m: float) -> Callable[[Box], Box]:
    return lambda box: replace(box, center=(box.center[0] + way_m, *box.center[1:]))


def turned_about(box: Box) -> Box:
    # The same box, written otherwise: sides in another order, axes the other way.
    (a, b, c), (x, y, z) = box.axes, box.size
    flipped: Any = tuple(-value for value in c)
    return replace(box, axes=(flipped, a, b), size=(z, x, y))


FIRST = PUBLISHED.objects[0]


@pytest.mark.parametrize(
    ("own", "reason", "told"),
    [
        pytest.param(PUBLISHED, None, "", id="same"),
        pytest.param(changed(moved(0.01)), None, "", id="rounded"),
        pytest.param(changed(turned_about), None, "", id="axes in another order"),
        pytest.param(
            replace(PUBLISHED, objects=PUBLISHED.objects[::-1]), None, "", id="other order"
        ),
        pytest.param(replace(PUBLISHED, dataset="mine", name="x"), None, "", id="called otherwise"),
        pytest.param(
            changed(moved(0.5)),
            "other_boxes",
            f"{FIRST.label} ({FIRST.id}) is 0.5 m off",
            id="off",
        ),
        pytest.param(changed(moved(float("nan"))), "other_boxes", "is nan m off", id="no number"),
        pytest.param(changed(moved(1e308)), "other_boxes", "is inf m off", id="far away"),
        pytest.param(
            changed(lambda box: replace(box, size=(1e308, 1e308, 1e308))),
            "other_boxes",
            " m off",
            id="huge",
        ),
        pytest.param(
            changed(lambda box: replace(box, size=(box.size[0] + 1, *box.size[1:]))),
            "other_boxes",
            "is 0.5 m off",
            id="longer",
        ),
        pytest.param(
            replace(PUBLISHED, objects=PUBLISHED.objects[1:]),
            "other_objects",
            f"without {FIRST.label} ({FIRST.id})",
            id="fewer",
        ),
        pytest.param(
            replace(PUBLISHED, objects=(*PUBLISHED.objects, replace(FIRST, id="new"))),
            "other_objects",
            f"with {FIRST.label} (new)",
            id="more",
        ),
        pytest.param(
            replace(PUBLISHED, objects=(replace(FIRST, label="thing"), *PUBLISHED.objects[1:])),
            "other_objects",
            f"{FIRST.label} is called thing",
            id="renamed",
        ),
        pytest.param(replace(PUBLISHED, objects=()), "other_objects", "0 objects where", id="none"),
    ],
)
def test_objects_and_boxes(own: Scene, reason: str | None, told: str) -> None:
    found = disagreement(PUBLISHED, own)
    assert (found.reason if found else None) == reason
    assert told in (found.detail if found else "")


def test_a_scene_of_no_objects_agrees_with_its_like() -> None:
    empty = replace(PUBLISHED, objects=())
    assert disagreement(empty, empty) is None


def recording(indices: list[int], poses: Any, times_s: list[float] | None = None) -> Recording:
    times = np.arange(len(indices), dtype=float) if times_s is None else np.array(times_s)
    return Recording(max(indices) + 1, np.array(indices), times, np.array(poses), ())


POSES = [np.vstack([frame.pose, (0, 0, 0, 1)]) for frame in PUBLISHED.frames[:4]]
FRAMES = PUBLISHED.frames[:4]


def shifted(poses: list[Any], way_m: float) -> list[Any]:
    way = np.zeros((4, 4))
    way[0, 3] = way_m
    return [pose + way for pose in poses]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param(recording([0, 30, 60, 90], POSES), {0: 0, 30: 1, 60: 2, 90: 3}, id="same"),
        pytest.param(recording([0, 1, 2, 3], POSES), {0: 0, 30: 1, 60: 2, 90: 3}, id="thinned"),
        pytest.param(recording([0, 30], POSES[:2]), {0: 0, 30: 1}, id="shorter"),
        pytest.param(
            recording([0, 30, 60, 90], POSES[::-1]), {0: 3, 30: 2, 60: 1, 90: 0}, id="renumbered"
        ),
        pytest.param(recording([0, 30, 60, 90], shifted(POSES, 0.1)), {}, id="another video"),
        pytest.param(
            recording([0, 30, 60, 90], shifted(POSES, 0.001)),
            {0: 0, 30: 1, 60: 2, 90: 3},
            id="rounded",
        ),
        pytest.param(recording([0], np.full((1, 4, 4), np.nan)), {}, id="no pose"),
    ],
)
def test_frames_are_found_by_their_pose(own: Recording, expected: dict[int, int]) -> None:
    assert positions(FRAMES, own) == expected


def test_a_camera_that_stands_still_is_told_by_its_time() -> None:
    still = replace(FRAMES[1], index=7, time_s=2.1)
    own = recording([0, 1, 2, 3], [POSES[1]] * 4)
    assert positions((still,), own) == {7: 2}
