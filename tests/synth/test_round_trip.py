"""Made rooms, written as scans, parsed as scans: what comes back is what was made."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen import scenes
from spatialgen.graph import visibility
from spatialgen.graph.observe import observe
from spatialgen.progress import Progress
from spatialgen.records import Box, Scene
from spatialgen.scan import Scan
from spatialgen.synth import truth
from spatialgen.synth.scans import make
from spatialgen.synth.settings import settings
from spatialgen.synth.writing import write_rooms

SEED, COUNT = 12, 3
SETTINGS = settings(width=128, height=96, seconds=6, fps=8)


@dataclass(frozen=True)
class Back:
    """A room that came back: its truth, the scan as parsed, and what its video shows."""

    truth: dict[str, Any]
    scan: Scan
    scene: Scene


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> list[Back]:
    out = tmp_path_factory.mktemp("rooms")
    with Progress("rooms") as progress:
        write_rooms(out, SEED, COUNT, SETTINGS, 1, progress)
    index = scenes.open_scenes([out])
    assert index.rejected == ()
    return [_back(out, ref) for ref in index.refs]


def _back(out: Path, ref: scenes.SceneRef) -> Back:
    told = json.loads((out / ref.name / "truth.json").read_text())
    scan = scenes.load(ref)
    return Back(told, scan, observe(scan, frames=SETTINGS.frames))


def test_scenes_are_recognised_and_named(rooms: list[Back]) -> None:
    assert [room.scene.key for room in rooms] == [
        f"synthetic/room{SEED}_{index:05d}" for index in range(COUNT)
    ]
    for room in rooms:
        assert {note.code for note in room.scene.notes} <= {"unseen_objects"}


def test_labels_and_counts(rooms: list[Back]) -> None:
    for room in rooms:
        told = [(each["id"], each["label"]) for each in room.truth["objects"]]
        assert [(thing.id, thing.label) for thing in room.scene.objects] == told
        assert dict(room.scene.counts) == room.truth["counts"]


def test_boxes(rooms: list[Back]) -> None:
    for room in rooms:
        for thing, told in zip(room.scene.objects, room.truth["objects"], strict=True):
            assert np.linalg.norm(np.subtract(thing.box.center, told["center"])) < 0.01
            assert _size_error(thing.box, told) < 0.02, (thing.id, thing.box.size, told["size"])


def _size_error(box: Box, told: dict[str, Any]) -> float:
    """Return the largest relative error of a side; a square's sides may have changed places."""
    errors = []
    for order in ([0, 1, 2], [1, 0, 2]):
        size = np.array(told["size"])[order]
        along = np.abs(np.array(box.axes)[0] @ np.array(told["axes"])[order[0]])
        square = abs(size[0] / size[1] - 1) < 0.02
        if along > 0.9 or square:
            errors.append(float(np.abs(np.array(box.size) / size - 1).max()))
    return min(errors)


def test_rooms(rooms: list[Back]) -> None:
    for room in rooms:
        told = room.truth["room"]
        assert room.scene.room.area == pytest.approx(told["area"], rel=0.02)
        assert room.scene.room.height == pytest.approx(told["height"], abs=0.01)


def test_the_recording_in_memory_is_that_on_disk(rooms: list[Back]) -> None:
    for index, room in enumerate(rooms):
        made, read = make(SEED, index, SETTINGS).recording, room.scan.recording
        assert made is not None
        assert read is not None
        assert (read.total, read.indices.tolist()) == (made.total, made.indices.tolist())
        assert read.times_s == pytest.approx(made.times_s)
        assert np.abs(read.poses - made.poses).max() < 1e-4
        assert read.camera(0).fx == pytest.approx(made.camera(0).fx, abs=1e-5)
        assert (read.camera(0).cx, read.camera(0).cy) == (63.5, 47.5)
        assert read.colors is not None
        assert made.colors is not None
        assert read.depths is not None
        assert made.depths is not None
        both = zip(read.colors.read([0, 9]), made.colors.read([0, 9]), strict=True)
        for (a, image), (b, rendered) in both:
            assert a == b
            assert np.abs(image.astype(int) - rendered).mean() < 5
            assert np.abs(read.depths.read(a) - made.depths.read(b)).max() <= 0.0006


def test_the_truth_means_by_seen_what_the_package_means() -> None:
    assert truth.SEEN_FRACTION == visibility.SEEN_FRACTION
    assert truth.SEEN_IMAGE_SHARE == visibility.SEEN_IMAGE_SHARE
    assert truth.SEEN_PIXELS == visibility.SEEN_PIXELS


def test_first_seen(rooms: list[Back]) -> None:
    """To the very frame, unless an object is within a point of the threshold in it."""
    exact = total = 0
    for room in rooms:
        told = room.truth["first_seen"]
        for k, thing in enumerate(room.scene.objects):
            total += 1
            exact += told.get(str(k)) == room.scene.first_seen.get(thing.id)
    assert exact >= 0.98 * total


def test_visible_fractions_and_boxes(rooms: list[Back]) -> None:
    errors, offsets = [], []
    for room in rooms:
        for frame, told in zip(room.scene.frames, room.truth["frames"], strict=True):
            assert frame.index == told["index"]
            for k, thing in enumerate(room.scene.objects):
                seen, expected = frame.seen.get(thing.id), told["seen"].get(str(k))
                if expected is None or expected["area_px"] < truth.SEEN_PIXELS:
                    continue
                assert seen is not None, (thing.id, frame.index)
                errors.append(abs(seen.fraction - expected["fraction"]))
                offsets.append(np.abs(np.subtract(seen.box_px, expected["box_px"])).max())
    assert np.mean(errors) < 0.005
    assert np.mean(np.array(errors) <= 0.05) >= 0.998
    assert np.median(offsets) <= 1.5
