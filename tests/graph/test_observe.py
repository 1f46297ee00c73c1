"""From scan to scene: which frames are described, and when each object is first seen."""

import dataclasses

import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.graph.observe import KEY_S, observe, surroundings
from spatialgen.graph.visibility import is_seen, look
from spatialgen.media.sampling import uniform
from spatialgen.synth.scans import make
from spatialgen.synth.settings import settings


def made(index, **chosen):
    """Return a filmed room without depth images: what hides what is told from its mesh."""
    scan = make(0, index, settings(width=64, height=48, seconds=8.0, fps=10.0, **chosen))
    return dataclasses.replace(scan, recording=dataclasses.replace(scan.recording, depths=None))


@pytest.fixture(scope="module")
def scan():
    return made(0)


def densely(scan):
    """Return when each object is first seen by looking at every frame."""
    recording = scan.recording
    around, _ = surroundings(scan, recording)
    first = {}
    for position in range(len(recording.indices)):
        camera = recording.camera(position)
        for i, each in look(around, position, recording.poses[position], camera).items():
            if is_seen(each, camera):
                first.setdefault(scan.scene.objects[i].id, float(recording.times_s[position]))
    return first


@pytest.mark.parametrize("index", range(3))
def test_first_sightings_are_those_of_every_frame(index):
    scan = made(index)
    found, expected = observe(scan).first_seen, densely(scan)
    assert len(expected) > 3
    assert found == expected


@pytest.mark.parametrize("stretch", [0.1, 1.0, 100.0])
def test_times_may_run_at_any_speed(scan, stretch):
    recording = scan.recording
    times = recording.times_s * stretch
    slow = dataclasses.replace(scan, recording=dataclasses.replace(recording, times_s=times))
    found, expected = observe(slow).first_seen, observe(scan).first_seen
    if stretch * 0.1 >= KEY_S:
        expected = densely(scan)
    common = found.keys() & expected.keys()
    assert len(common) >= len(expected) - 1
    same = [found[id] == pytest.approx(expected[id] * stretch) for id in common]
    assert sum(same) >= len(same) - 1


def test_frames_are_taken_evenly_and_described_in_full(scan):
    scene = observe(scan, frames=7)
    total = scan.recording.total
    assert [frame.index for frame in scene.frames] == list(uniform(total, 7))
    around, _ = surroundings(scan, scan.recording)
    for frame in scene.frames:
        pose = scan.recording.poses[frame.index]
        np.testing.assert_array_equal(frame.pose, pose[:3])
        assert frame.time_s == scan.recording.times_s[frame.index]
        expected = look(around, frame.index, pose, frame.camera)
        assert frame.seen == {scan.scene.objects[i].id: each for i, each in expected.items()}


def test_frames_without_a_pose_are_left_out(scan):
    recording = scan.recording
    kept = np.array([i for i in range(recording.total) if i not in (0, 40, 41)])
    gappy = dataclasses.replace(
        recording,
        indices=kept,
        times_s=recording.times_s[kept],
        poses=recording.poses[kept],
    )
    scene = observe(dataclasses.replace(scan, recording=gappy), frames=9)
    wanted = [i for i in uniform(recording.total, 9) if i not in (0, 40, 41)]
    assert [frame.index for frame in scene.frames] == wanted
    assert len(wanted) < 9


def test_more_frames_than_there_are(scan):
    few = dataclasses.replace(
        scan.recording,
        total=3,
        **{name: getattr(scan.recording, name)[:3] for name in ("indices", "times_s", "poses")},
    )
    scene = observe(dataclasses.replace(scan, recording=few))
    assert [frame.index for frame in scene.frames] == [0, 1, 2]


def test_threads_change_nothing(scan):
    assert observe(scan, threads=1) == observe(scan, threads=3)


def test_what_is_never_seen_is_told(scan):
    scene = observe(scan)
    unseen = len(scene.objects) - len(scene.first_seen)
    told = [note.detail for note in scene.notes if note.code == "unseen_objects"]
    assert unseen == 0 or told[0].startswith(f"{unseen} of {len(scene.objects)}: ")


class Counted:
    """Depth images that say everything is 50 m away; some can't be read."""

    def __init__(self, camera, broken=()):
        self.camera, self.from_color = camera, np.eye(4)
        self.broken, self.asked = broken, []

    def read(self, index):
        self.asked.append(index)
        if index in self.broken:
            raise SceneError("bad_depth", f"frame {index}")
        return np.full((self.camera.height, self.camera.width), 50.0, dtype=np.float32)


def with_depths(scan, depths):
    return dataclasses.replace(scan, recording=dataclasses.replace(scan.recording, depths=depths))


def test_no_depth_image_is_read_twice_nor_all_of_them(scan):
    depths = Counted(scan.recording.cameras[0])
    observe(with_depths(scan, depths), frames=5)
    assert len(depths.asked) == len(set(depths.asked)) < scan.recording.total


def test_bad_depth_is_counted_and_the_mesh_asked_instead(scan):
    everything = range(scan.recording.total)
    bad = observe(with_depths(scan, Counted(scan.recording.cameras[0], everything)))
    by_mesh = observe(scan)
    assert bad.first_seen == by_mesh.first_seen
    (note,) = [note for note in bad.notes if note.code == "bad_depth"]
    assert "can't be read: 0, 5, 10, " in note.detail or "can't be read: 0, " in note.detail


def test_neither_mesh_nor_depth_is_told(scan):
    scene = observe(dataclasses.replace(scan, mesh=None))
    assert "visible_by_boxes" in [note.code for note in scene.notes]
    assert scene.first_seen


def test_a_scan_without_recording_stays_as_it_is(scan):
    assert observe(dataclasses.replace(scan, recording=None)) == scan.scene


def test_a_recording_without_poses_shows_nothing(scan):
    empty = dataclasses.replace(
        scan.recording,
        indices=np.zeros(0, np.int64),
        times_s=np.zeros(0),
        poses=np.zeros((0, 4, 4)),
    )
    assert observe(dataclasses.replace(scan, recording=empty)) == scan.scene
