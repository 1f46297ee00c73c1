"""Annotation noise: what it does to a scene, and which programs survive it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.world import world
from spatialgen.records import Scene
from spatialgen.rng import generator
from spatialgen.synth.rooms import furnish
from spatialgen.verify.draft import Draft
from spatialgen.verify.stability import (
    AREA_SHARE,
    CAMERA_DEG,
    CAMERA_M,
    CENTER_M,
    EDGE_SHARE,
    FIRST_SEEN_S,
    FRACTION,
    ROUNDS,
    SIDE_M,
    YAW_DEG,
    check_stability,
    jitter,
    jittered_graphs,
)
from tests.conformance import check_frames
from tests.filmed_rooms import filmed
from tests.rooms_by_hand import leaning, put, room
from tests.scenes_by_hand import SIGHTING, asked, level_frame

SCENE = furnish(3, 1)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


def draws(count: int = 200) -> list[Scene]:
    rng = generator(1, "noise")
    return [jitter(SCENE, rng) for _ in range(count)]


def test_noise_is_that_of_annotators() -> None:
    assert 0.01 <= CENTER_M <= 0.05
    assert 0.01 <= SIDE_M <= 0.05
    assert 1 <= YAW_DEG <= 5
    assert 0.01 <= AREA_SHARE <= 0.05


def test_noise_has_the_size_it_says() -> None:
    before = np.array([thing.box.center for thing in SCENE.objects])
    sizes = np.array([thing.box.size for thing in SCENE.objects])
    scenes = draws()
    moves = np.array([[t.box.center for t in scene.objects] for scene in scenes]) - before
    grown = np.array([[t.box.size for t in scene.objects] for scene in scenes]) - sizes
    wide = sizes > 4 * SIDE_M  # thinner sides are kept from vanishing
    for noise, deviation in ((moves, CENTER_M), (grown[:, wide], SIDE_M)):
        # Cut off at twice the deviation, a normal distribution deviates by 0.95 of it.
        assert noise.std() == pytest.approx(0.95 * deviation, rel=0.05)
        assert abs(noise.mean()) < 0.05 * deviation
        assert np.abs(noise).max() == pytest.approx(2 * deviation)
    areas = np.array([scene.room.area for scene in scenes]) / SCENE.room.area - 1
    assert areas.std() == pytest.approx(0.95 * AREA_SHARE, rel=0.2)


def test_boxes_stay_boxes_and_turn_about_the_vertical_only() -> None:
    cosines = []
    for scene in draws(20):
        for old, new in zip(SCENE.objects, scene.objects, strict=True):
            assert (new.id, new.label) == (old.id, old.label)
            axes = np.array(new.box.axes)
            assert np.allclose(axes @ axes.T, np.eye(3))
            assert np.linalg.det(axes) == pytest.approx(1)
            assert new.box.axes[2] == (0.0, 0.0, 1.0)
            cosines.append(axes[0] @ np.array(old.box.axes[0]))
    turns = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    assert turns.max() == pytest.approx(2 * YAW_DEG, abs=1e-6)
    assert turns.mean() > 0.5 * YAW_DEG


def test_a_tilt_stays_and_a_thin_side_does_not_vanish() -> None:
    scene = room(leaning("guitar", (0, 0, 1), (1.0, 0.3, 0.005), 30))
    for seed in range(50):
        box = jitter(scene, generator(seed, "noise")).objects[0].box
        assert box.axes[0][2] == pytest.approx(0.5)
        assert min(box.size) >= 0.0025


def test_everything_else_is_untouched() -> None:
    scene = room(put("lamp", 0, 0), area=None, counts={"lamp": 3})
    after = jitter(scene, generator(0, "noise"))
    assert after.objects != scene.objects
    assert replace(after, objects=scene.objects) == scene


# -- videos ------------------------------------------------------------------------

FILMED = filmed(3, 1)


def test_a_video_changes_nothing_about_the_noise_of_boxes() -> None:
    rng, other = generator(1, "noise"), generator(1, "noise")
    without = jitter(SCENE, rng)
    assert (without.frames, without.first_seen) == ((), {})
    # Three numbers per centre, three per size, one per turn, and one for the area.
    other.standard_normal(7 * len(SCENE.objects) + 1)
    assert rng.random() == other.random()
    filmed_too = jitter(FILMED, generator(1, "noise"))
    assert (filmed_too.objects, filmed_too.room) == (without.objects, without.room)


def filmed_draws(count: int = 12) -> list[Scene]:
    rng = generator(1, "noise")
    return [jitter(FILMED, rng) for _ in range(count)]


def test_cameras_are_tracked_to_centimetres_and_a_degree() -> None:
    old = np.array([frame.pose for frame in FILMED.frames])
    new = np.array([[frame.pose for frame in scene.frames] for scene in filmed_draws()])
    moves = new[..., 3] - old[..., 3]
    assert moves.std() == pytest.approx(0.95 * CAMERA_M, rel=0.05)
    assert np.abs(moves).max() <= 2 * CAMERA_M + 1e-12
    turns = new[..., :3] @ old[..., :3].transpose(0, 2, 1)
    assert np.allclose(turns @ turns.swapaxes(-1, -2), np.eye(3))
    assert np.linalg.det(turns) == pytest.approx(1.0)
    angles = np.degrees(np.arccos((np.trace(turns, axis1=-2, axis2=-1) - 1) / 2))
    assert angles.max() <= np.sqrt(3) * 2 * CAMERA_DEG + 1e-9
    assert np.sqrt((angles**2).mean()) == pytest.approx(np.sqrt(3) * 0.95 * CAMERA_DEG, rel=0.05)


def test_sightings_change_a_little_and_stay_in_the_picture() -> None:
    fractions, edges = [], []
    for scene in filmed_draws():
        check_frames(scene)
        for old, new in zip(FILMED.frames, scene.frames, strict=True):
            assert (new.index, new.time_s, new.camera) == (old.index, old.time_s, old.camera)
            for id, again in new.seen.items():
                before = old.seen[id]
                fractions.append(again.fraction - before.fraction)
                edges.append(np.subtract(again.box_px, before.box_px) / ([640, 480] * 2))
                assert again.truncated == before.truncated
            assert all(old.seen[id].fraction < 2 * FRACTION for id in old.seen.keys() - new.seen)
    assert 0.5 * FRACTION < np.std(fractions) <= FRACTION
    assert np.abs(fractions).max() <= 2 * FRACTION + 1e-12
    assert np.abs(edges).max() <= 2 * EDGE_SHARE + 1e-12


def test_what_hardly_shows_may_be_overlooked_or_noticed() -> None:
    for fraction, ever, always in ((0.09, True, False), (0.11, True, False), (0.25, True, True)):
        sighting = replace(SIGHTING, fraction=fraction)
        frame = replace(level_frame(0, 0.0, (0, 0, 0), 0.0), seen={"lamp-1": sighting})
        scene = replace(room(put("lamp", 0, 2)), frames=(frame,))
        rng = generator(2, "noise")
        seen = [
            bool(language.visible_objects(language.frames[0]))
            for language in (asked(jitter(scene, rng)) for _ in range(60))
        ]
        assert (any(seen), all(seen)) == (ever, always), fraction


def test_first_sightings_move_by_a_few_frames() -> None:
    moved = [
        scene.first_seen[id] - time_s
        for scene in filmed_draws(40)
        for id, time_s in FILMED.first_seen.items()
        if time_s > 2 * FIRST_SEEN_S
    ]
    assert np.std(moved) == pytest.approx(0.95 * FIRST_SEEN_S, rel=0.1)
    assert np.abs(moved).max() <= 2 * FIRST_SEEN_S + 1e-12
    assert all(min(scene.first_seen.values()) >= 0 for scene in filmed_draws())


def test_noise_is_seeded_and_drawn_anew_each_round() -> None:
    graph = build(SCENE)
    first = jittered_graphs(graph, generator(4, "noise"))
    again = jittered_graphs(graph, generator(4, "noise"))
    other = jittered_graphs(graph, generator(5, "noise"))
    assert len(first) == ROUNDS >= 8
    assert [g.scene for g in first] == [g.scene for g in again]
    assert first[0].scene != other[0].scene
    assert len({str(g.scene.objects) for g in first}) == ROUNDS


# The lamp is 2 m from the bed; the fan is 1 cm farther from it.
ROOM = room(
    put("bed", 0, 0, size=(2, 2, 0.5)),
    put("lamp", 3.01, 0, size=(0.02, 0.02, 1)),
    put("fan", -3.02, 0, size=(0.02, 0.02, 1)),
    put("mouse", 0, 5, size=(0.06, 0.1, 0.04)),
)


@pytest.fixture(scope="module")
def stages(executor: Executor) -> list[Stage]:
    graphs = jittered_graphs(build(ROOM), generator(2, "noise"))
    return [executor.stage(world(graph)) for graph in graphs]


def program(body: str) -> str:
    return f"def answer(scene: Scene):\n    {body}\n"


NUMBER = Draft("test", "?", "", "number", decimals=1, unit="meters")
COUNT = Draft("test", "?", "", "number", decimals=0)
YES_NO = Draft("test", "?", "", "choice", choices=("yes", "no"))
NAME = Draft("test", "?", "", "choice", choices=("lamp", "fan", "bed"))
GAP = "scene.distance(scene.one('bed'), scene.one('lamp'))"


@pytest.mark.parametrize(
    ("draft", "body", "value", "stable"),
    [
        pytest.param(NUMBER, f"return round({GAP}, 1)", 2.0, True, id="a length in metres"),
        pytest.param(NUMBER, "return round(scene.one('bed').longest, 1)", 2.0, True, id="a side"),
        pytest.param(NUMBER, f"return ({GAP} - 1.99) * 100", 1.0, False, id="a small difference"),
        pytest.param(NUMBER, "return 100 * scene.one('mouse').longest", 10, False, id="too small"),
        pytest.param(YES_NO, f"return {GAP} > 1.9", True, True, id="clear of the limit"),
        pytest.param(YES_NO, f"return {GAP} > 1.99", True, False, id="1 cm from the limit"),
        pytest.param(
            NAME, "return scene.nearest(scene.one('bed')).label", "lamp", False, id="1 cm ahead"
        ),
        pytest.param(
            NAME,
            "return max(scene.objects, key=lambda o: o.longest).label",
            "bed",
            True,
            id="far ahead",
        ),
        pytest.param(COUNT, "return len(scene.objects)", 4, True, id="a count"),
        pytest.param(
            COUNT,
            "return len(scene.within(scene.one('bed'), 2.005))",
            1,
            False,
            id="a count at its limit",
        ),
        pytest.param(
            NAME,
            "assert scene.one('lamp').center[0] == 3.01\n    return 'lamp'",
            "lamp",
            False,
            id="fails under noise",
        ),
    ],
)
def test_stability(
    draft: Draft, body: str, value: Any, stable: bool, executor: Executor, stages: list[Stage]
) -> None:
    exact = executor.run(program(body), executor.stage(world(build(ROOM))))
    assert exact.value is not None
    assert exact.value == (pytest.approx(value) if draft is NUMBER else value)
    check = check_stability(replace(draft, program=program(body)), exact.value, executor, stages)
    assert check.reason == (None if stable else "unstable")
    figures: dict[str, Any] = dict(check.figures)
    if stable:
        assert figures["rounds"] == ROUNDS
        assert ("spread" in figures) == (draft.kind == "number")
        assert 0 <= figures.get("spread", 0) <= 0.2
    else:
        assert 1 <= figures["rounds"] <= ROUNDS
        assert f"under annotation noise (try {figures['rounds']})" in check.detail


def test_what_raises_under_noise_is_told(executor: Executor, stages: list[Stage]) -> None:
    body = "return 1.0 if scene.one('lamp').center[0] == 3.01 else 1 / 0"
    check = check_stability(replace(NUMBER, program=program(body)), 1.0, executor, stages)
    assert check.reason == "unstable"
    assert "exception" in check.detail
