"""Rooms that are filmed quickly for tests, next to rooms that are filmed for real."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from spatialgen.graph.build import build
from spatialgen.graph.observe import observe
from spatialgen.graph.visibility import is_seen
from spatialgen.programs.executor import Executor
from spatialgen.propose.built_in import drafts, families, family_names
from spatialgen.records import Frame, Scene
from spatialgen.rng import generator
from spatialgen.synth.scans import make
from spatialgen.synth.settings import RoomSettings
from spatialgen.verify.judge import Asked, judge, stage_scene
from tests.conformance import UNCLEAR, check_frames
from tests.filmed_rooms import filmed, seen

FRAMES, DRAFTS = 12, 60


@pytest.fixture(scope="module")
def made() -> Scene:
    return observe(make(5, 0, RoomSettings(seconds=6.0, height=72)), FRAMES)


def noticed(frame: Frame) -> set[str]:
    return {id for id, sighting in frame.seen.items() if is_seen(sighting, frame.camera)}


def test_boxes_show_about_what_a_mesh_shows(made: Scene) -> None:
    both, one, fractions, centers = 0, 0, [], []
    for frame in made.frames:
        quick = Frame(
            0, 0.0, frame.pose, frame.camera, seen(made, np.array(frame.pose), frame.camera)
        )
        common = noticed(frame) & noticed(quick)
        both, one = both + len(common), one + len(noticed(frame) ^ noticed(quick))
        for id in common:
            a, b = frame.seen[id], quick.seen[id]
            fractions.append(abs(a.fraction - b.fraction))
            centers.append(abs(sum(a.box_px[::2]) - sum(b.box_px[::2])) / 2)
    assert both > 40
    assert one < 0.2 * both, (both, one)
    assert np.median(fractions) < 0.1
    assert np.median(centers) < 2.0  # pixels, of 96


@pytest.mark.parametrize("index", range(4))
def test_filmed_rooms_have_sound_videos(index: int) -> None:
    scene = filmed(17, index)
    check_frames(scene)
    assert len({frame.time_s for frame in scene.frames}) == len(scene.frames) == 32
    assert len(scene.first_seen) > 0.7 * len(scene.objects)
    sightings = [sighting for frame in scene.frames for sighting in frame.seen.values()]
    assert {sighting.truncated for sighting in sightings} == {True, False}
    hidden = [each for each in sightings if each.fraction < 0.9 and not each.truncated]
    assert len(hidden) > 5


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


def test_a_room_filmed_for_real_can_be_asked_about(made: Scene, executor: Executor) -> None:
    check_frames(made)
    graph = build(made)
    staged = stage_scene(graph, executor, generator(1, "noise"))
    asked, reasons, about = Asked(), Counter[str | None](), set[str]()
    for _, draft in zip(range(DRAFTS), drafts(graph, families(family_names()), 3, 0), strict=False):
        verdict = judge(draft, staged, executor, asked)
        reasons[verdict.reason] += 1
        assert verdict.reason in {None, *UNCLEAR}, (verdict.reason, verdict.detail, draft)
        if verdict.reason is None:
            about.add(draft.question_type)
    assert reasons[None] > 0.4 * DRAFTS
    assert {"camera_turn", "camera_object_distance", "view_relation"} <= about


def test_without_annotation_the_camera_and_the_floor_are_asked_about(
    made: Scene, executor: Executor
) -> None:
    frames = tuple(replace(frame, seen={}) for frame in made.frames)
    graph = build(replace(made, objects=(), counts={}, frames=frames, first_seen={}))
    staged, asked = stage_scene(graph, executor, generator(1, "noise")), Asked()
    accepted = set()
    for draft in islice(drafts(graph, families(family_names()), 1, 0), DRAFTS):
        verdict = judge(draft, staged, executor, asked)
        accepted |= {draft.question_type} if verdict.reason is None else set()
    assert accepted >= {"camera_turn", "camera_displacement"}
    assert accepted <= {"camera_turn", "camera_displacement", "room_size_estimation"}
