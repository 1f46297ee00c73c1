"""Aria Digital Twin: a real folder, one made by hand, and what can be wrong with either."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen import cameras
from spatialgen.errors import SceneError
from spatialgen.labels import is_ambiguous
from spatialgen.records import Scene
from spatialgen.scan import Recording, Scan
from spatialgen.scenes import aria, load, open_scenes
from spatialgen.scenes._aria_things import USUAL, VAGUE
from tests.media.made_pictures import number_in
from tests.scenes.made_aria import (
    BOXES,
    INSTANCES,
    LENS,
    PLACES,
    TIMES_NS,
    TRACK_COLUMNS,
    UPRIGHT,
    csv_rows,
    frames,
    lying_pose,
    save_aria,
    table_of,
)

REAL = Path(__file__).parents[3] / "shared" / "data" / "aria_digital_twin"


def opened(folder: Path) -> Scan:
    (ref,) = open_scenes([folder], "aria").refs
    return load(ref)


def recording(scan: Scan) -> Recording:
    assert scan.recording is not None
    return scan.recording


def told(scene: Scene) -> Counter[str]:
    return Counter(note.code for note in scene.notes)


def refused(folder: Path) -> str:
    with pytest.raises(SceneError) as caught:
        opened(folder)
    assert str(folder) not in str(caught.value)
    return caught.value.code


# -- geometry --------------------------------------------------------------------


def test_y_up_becomes_z_up(tmp_path: Path) -> None:
    scene = opened(save_aria(tmp_path / "seq")).scene
    assert (scene.key, scene.space) == (
        "aria_digital_twin/seq",
        "aria_digital_twin.Apartment",
    )
    assert [thing.id for thing in scene.objects] == ["table_1", "cup_1", "spoon_1"]
    table, cup, _ = (thing.box for thing in scene.objects)
    # The table's origin is on the floor at (1, 0, -2), Y up; its box is not centred on it.
    assert table.center == pytest.approx((1.0, 2.0, 0.375))
    assert table.size == pytest.approx((1.6, 0.75, 0.8))
    assert np.allclose(table.axes, [[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    assert cup.center == pytest.approx((1.2, 2.1, 0.85))


def test_boxes_turn_with_their_thing(tmp_path: Path) -> None:
    half = np.sqrt(0.5)
    places = [("1", -1, 1.0, 0.0, -2.0, half, 0.0, half, 0.0)]  # a quarter turn about Y
    boxes = [("1", -1, 0.0, 2.0, 0.0, 0.5, 0.0, 0.4)]
    folder = save_aria(tmp_path / "seq", places=places, boxes=boxes)
    (thing,) = opened(folder).scene.objects
    # Its x axis points along -z of the file's world, which is +y of ours.
    assert thing.box.center == pytest.approx((1.0 + 0.2, 2.0 + 1.0, 0.25))
    assert np.allclose(thing.box.axes[0], (0, 1, 0))


def test_pictures_are_turned_upright_with_camera_and_poses(tmp_path: Path) -> None:
    scan = opened(save_aria(tmp_path / "seq"))
    video = recording(scan)
    assert told(scan.scene)["turned_frames"] == 1
    assert video.total == 3
    assert video.indices.tolist() == [0, 1, 2]
    assert np.allclose(video.times_s, [0, 0.1, 0.2])
    right, down, forward = video.poses[0, :3, :3].T
    assert np.allclose([right, down, forward], [(1, 0, 0), (0, 0, -1), (0, 1, 0)])
    assert np.allclose(video.poses[:, :3, 3], [(1.0 + 0.1 * k, 0, 1) for k in range(3)])
    assert video.colors is not None
    for index, image in video.colors.read([0, 2]):
        # The camera's right side pointed down, so the sky was on the left.
        assert number_in(np.ascontiguousarray(np.rot90(image))) == index


def test_a_point_stays_on_its_pixel_and_its_depth(tmp_path: Path) -> None:
    video = recording(opened(save_aria(tmp_path / "seq")))
    assert video.depths is not None
    point = np.array([[1.3, 2.0, 0.8]])  # Z up; (1.3, 0.8, -2) in the file's world
    seen = cameras.to_camera(video.poses[0], point)
    lying = np.linalg.inv(lying_pose((1.0, 1.0, 0.0)))
    stored = (lying @ [1.3, 0.8, -2.0, 1.0])[None, :3]
    assert np.allclose(seen @ video.depths.from_color[:3, :3].T, stored)
    u, v = cameras.project(video.camera(0), seen)[0]
    (was,) = cameras.project(video.depths.camera, stored)
    assert (u, v) == pytest.approx((63 - was[1], was[0]))
    assert video.depths.read(0)[int(was[1]), int(was[0])] == pytest.approx(2.0)


# -- the video's time --------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "quaternion", "boxed"),
    [
        pytest.param((0, 0, 0), UPRIGHT, True, id="lies still"),
        pytest.param((0, 0.04, 0), UPRIGHT, True, id="shakes"),
        pytest.param((0, 0.06, 0), UPRIGHT, False, id="carried away and back"),
        pytest.param((0, 0, 0), (0.9945, 0.1045, 0.0, 0.0), False, id="turned by 12 degrees"),
        pytest.param((0, 0, 0), (0.9990, 0.0436, 0.0, 0.0), True, id="turned by 5 degrees"),
        pytest.param((0, 0, 0), (-1.0, 0.0, 0.0, 0.0), True, id="the same turn, other sign"),
    ],
)
def test_things_that_are_moved_have_no_box(
    steps: tuple[float, ...], quaternion: tuple[float, ...], boxed: bool, tmp_path: Path
) -> None:
    turns = (UPRIGHT, quaternion, UPRIGHT)
    moving = [
        ("3", time, 1.0 + step, 1.0, -2.0, *turn)
        for time, step, turn in zip(TIMES_NS, steps, turns, strict=True)
    ]
    scene = opened(save_aria(tmp_path / "seq", places=[*PLACES[:2], *moving])).scene
    assert ("spoon_1" in {thing.id for thing in scene.objects}) is boxed
    assert scene.counts["spoon"] == 1
    assert told(scene)["moving_object"] == (not boxed)


def test_dynamic_things_are_where_the_video_begins(tmp_path: Path) -> None:
    before, after = TIMES_NS[0] - 10**9, TIMES_NS[-1] + 10**9
    places = [
        *PLACES[:2],
        ("3", after, 9.0, 9.0, 9.0, *UPRIGHT),
        ("3", TIMES_NS[1], 1.04, 1.0, -2.0, *UPRIGHT),
        ("3", TIMES_NS[0] + 3_000_000, 1.01, 1.0, -2.0, *UPRIGHT),
        ("3", before, 5.0, 5.0, 5.0, *UPRIGHT),
    ]
    scene = opened(save_aria(tmp_path / "seq", places=places)).scene
    (spoon,) = (thing for thing in scene.objects if thing.label == "spoon")
    assert spoon.box.center == pytest.approx((1.01, 2.0, 1.0))


def test_poses_follow_from_the_way_of_the_device(tmp_path: Path) -> None:
    mounted = np.linalg.inv(lying_pose((0, 0, 0))) @ lying_pose((0.5, 0, 0))
    bare = [{"timestamp_ns": time} for time in (*TIMES_NS, TIMES_NS[-1] + 10**9)]
    folder = save_aria(
        tmp_path / "seq",
        exported={"pinhole": LENS, "frames": bare, "T_device_camera": mounted.tolist()},
    )
    half = [np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0]  # x, y, z, w of lying_pose
    way = [
        ("g", time // 1000 + off, x, 1.0, 0.0, *half)
        for time, x in zip(TIMES_NS, (1.0, 1.1, 1.2), strict=True)
        for off in (-10_000, 10_000)
    ]
    (folder / "aria_trajectory.csv").write_text(table_of(TRACK_COLUMNS, way))
    scan = opened(folder)
    video = recording(scan)
    assert video.indices.tolist() == [0, 1, 2]
    assert video.total == 4
    assert told(scan.scene)["bad_pose"] == 1
    assert np.allclose(video.poses[:, :3, 3], [(1.5 + 0.1 * k, 0, 1) for k in range(3)], atol=1e-9)


# -- faults ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("instances.json", "missing_labels"),
        ("3d_bounding_box.csv", "missing_boxes"),
    ],
)
def test_without_boxes_or_names_there_is_no_scene(name: str, code: str, tmp_path: Path) -> None:
    folder = save_aria(tmp_path / "seq")
    (folder / name).unlink()
    assert refused(folder) == code
    (folder / name).symlink_to(folder / name)
    assert refused(folder) == code


@pytest.mark.parametrize(
    ("changes", "codes", "frames_left"),
    [
        pytest.param({"exported": None, "pictures": (), "depths": ()}, {"missing_frames"}, 0,
                     id="nothing exported"),
        pytest.param({"exported": []}, {"missing_frames"}, 0, id="not an object"),
        pytest.param({"exported": {"frames": frames()}}, {"missing_frames"}, 0, id="no camera"),
        pytest.param({"exported": {"pinhole": {**LENS, "fx": 0}, "frames": frames()}},
                     {"missing_frames"}, 0, id="camera without focus"),
        pytest.param({"exported": {"pinhole": LENS, "frames": [{"timestamp_ns": True}, 7]}},
                     {"bad_frame", "missing_frames"}, 0, id="frames without time"),
        pytest.param({"exported": {"pinhole": LENS, "frames": [0] * 200_001}}, {"bad_frame"}, 0,
                     id="too many frames"),
        pytest.param({"exported": {"pinhole": LENS, "frames": frames() * 2}}, {"bad_frame"}, 3,
                     id="frames twice"),
        pytest.param({"exported": {"pinhole": LENS, "frames": [
            {**frames()[0], "T_world_camera": [[float("nan")] * 4] * 4}, *frames()[1:]]}},
            {"missing_poses", "bad_pose"}, 2, id="NaN pose"),
        pytest.param({"pictures": (1, 2)}, {"missing_images"}, 2, id="a picture is missing"),
        pytest.param({"pictures": ()}, {"missing_images"}, 3, id="no pictures at all"),
        pytest.param({"depths": (0,)}, {"missing_depth"}, 3, id="depth of one frame"),
        pytest.param({"depths": ()}, {"missing_depth"}, 3, id="no depth"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(
    changes: dict[str, Any], codes: set[str], frames_left: int, tmp_path: Path
) -> None:
    scan = opened(save_aria(tmp_path / "seq", **changes))
    assert codes <= set(told(scan.scene))
    assert len(scan.scene.objects) == 3
    assert (0 if scan.recording is None else len(scan.recording.indices)) == frames_left


@pytest.mark.parametrize(
    ("changes", "code", "labels"),
    [
        pytest.param({"boxes": BOXES[1:]}, "missing_box", "cup spoon", id="no box"),
        pytest.param({"places": PLACES[1:]}, "missing_pose", "cup spoon", id="no place"),
        pytest.param({"boxes": [*BOXES, ("1", -1, 0, 1, 0, 1, 0, 1)]}, "duplicate_id",
                     "table cup spoon", id="box twice"),
        pytest.param({"boxes": [*BOXES, ("77", -1, 0, 1, 0, 1, 0, 1)]}, "unnamed_object",
                     "table cup spoon", id="thing without name"),
        pytest.param({"boxes": [("1", -1, 0, 1, 0, "x", 0, 1), *BOXES[1:]]}, "bad_box",
                     "cup spoon", id="box of letters"),
        pytest.param({"boxes": [("1", -1, 0, 1, 0, "nan", 0, 1), *BOXES[1:]]}, "bad_box",
                     "cup spoon", id="NaN"),
        pytest.param({"boxes": [("1", -1, 1, 0, 0, 1, 0, 1), *BOXES[1:]]}, "degenerate_box",
                     "cup spoon", id="min above max"),
        pytest.param({"places": [("1", -1, 0, 0, 0, 0, 0, 0, 0), *PLACES[1:]]}, "bad_box",
                     "cup spoon", id="no rotation"),
        pytest.param({"places": [("1", "soon", 0, 0, 0, *UPRIGHT), *PLACES[1:]]}, "bad_pose",
                     "cup spoon", id="time of letters"),
        pytest.param({"instances": {**INSTANCES, "1": {"category": 5}}}, "bad_label",
                     "cup spoon", id="category is a number"),
        pytest.param({"instances": {**INSTANCES, "1": []}}, "bad_label", "cup spoon",
                     id="instance is a list"),
        pytest.param({"instances": {**INSTANCES, "4": {"category": "person"}}}, "missing_box",
                     "table cup spoon", id="somebody is there"),
        pytest.param({"instances": {**INSTANCES, "1": {"category": "trash can"}}},
                     "label_renamed", "trash bin cup spoon", id="another name"),
    ],
)  # fmt: skip
def test_faulty_rows_become_notes(
    changes: dict[str, Any], code: str, labels: str, tmp_path: Path
) -> None:
    scene = opened(save_aria(tmp_path / "seq", **changes)).scene
    assert " ".join(thing.label for thing in scene.objects) == labels
    assert told(scene)[code] == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("instances.json", '{"a":' * 100_000, "too_deep", id="brackets"),
        pytest.param("instances.json", '{"a": 1, "a": 2}', "duplicate_key", id="key twice"),
        pytest.param("instances.json", "[]", "bad_json", id="a list"),
        pytest.param("instances.json", "{}", "no_objects", id="nothing named"),
        pytest.param("instances.json", "\x00", "bad_json", id="zeros"),
        pytest.param("3d_bounding_box.csv", "", "missing_boxes", id="empty table"),
        pytest.param("3d_bounding_box.csv", "object_uid,x\n1,2\n", "missing_boxes", id="columns"),
        pytest.param("scene_objects.csv", "a" * 200_000, "missing_poses", id="endless cell"),
        pytest.param("scene_objects.csv", '"', "missing_poses", id="open quote"),
    ],
)
def test_hostile_files(name: str, content: str, code: str, tmp_path: Path) -> None:
    folder = save_aria(tmp_path / "seq")
    (folder / name).write_text(content)
    assert refused(folder) == code


def test_files_larger_than_their_limit_are_not_read(tmp_path: Path) -> None:
    folder = save_aria(tmp_path / "seq")
    with (folder / "scene_objects.csv").open("r+b") as stream:
        stream.truncate(2**40)
    assert refused(folder) == "missing_poses"


def test_vague_categories_are_not_asked_about() -> None:
    assert all(is_ambiguous(label) for label in VAGUE.values())
    assert not any(is_ambiguous(label) for label in USUAL.values())


def test_recognised_by_its_table(tmp_path: Path) -> None:
    assert aria.FORMAT.recognises(save_aria(tmp_path / "seq"))
    (tmp_path / "other" / "scene_objects.csv").mkdir(parents=True)
    assert not aria.FORMAT.recognises(tmp_path / "other")


# -- the real recording ------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Scan:
    if not REAL.is_dir():
        pytest.skip("no folder shared/data beside the repository")
    return opened(REAL)


def test_real_things(real: Scan) -> None:
    scene = real.scene
    assert len(scene.objects) == 347
    assert told(scene)["moving_object"] == 2  # a fork and a spoon, in the hands of a person
    assert (scene.counts["refrigerator"], scene.counts["person"]) == (1, 1)
    lowest = min(thing.box.center[2] for thing in scene.objects)
    assert -0.2 < lowest < 0.3, "the floor is at the height 0"


def test_real_boxes_lie_at_the_depth_that_was_measured(real: Scan) -> None:
    """Box centres of things seen whole, against the depth images: 74 in two frames.

    A box's middle is behind the surface that is seen by half the thing's thickness, and
    hollow things show their back, so the median is what counts.
    """
    video, off = recording(real), []
    assert video.depths is not None
    published = csv_rows(REAL / "2d_bounding_box.csv")
    boxes = _boxes_by_uid(real)
    for frame, time in enumerate(("87551170910700", "87551204238700")):
        depth = video.depths.read(frame)
        for row in published:
            if (row["stream_id"], row["timestamp[ns]"]) != ("214-1", time):
                continue
            if float(row["visibility_ratio[%]"]) < 0.9 or row["object_uid"] not in boxes:
                continue
            center = np.array([boxes[row["object_uid"]]])
            seen = cameras.to_camera(video.poses[frame], center)
            stored = seen @ video.depths.from_color[:3, :3].T
            (pixel,) = np.rint(cameras.project(video.depths.camera, stored))
            if np.isfinite(pixel).all() and cameras.inside(video.depths.camera, pixel[None])[0]:
                u, v = pixel.astype(int)
                if depth[v, u] > 0:
                    off.append(depth[v, u] - seen[0, 2])
    assert len(off) > 70
    assert abs(float(np.median(off))) < 0.03
    assert float(np.median(np.abs(off))) < 0.05


def _boxes_by_uid(scan: Scan) -> dict[str, tuple[float, ...]]:
    """Return the box centre of each uid: objects are in the order of the file that names them."""
    names = json.loads((REAL / "instances.json").read_text())
    boxless = {"WoodenFork", "WoodenSpoon", "Skeleton_T"}
    uids = [uid for uid, raw in names.items() if raw["instance_name"] not in boxless]
    objects = scan.scene.objects
    return {uid: thing.box.center for uid, thing in zip(uids, objects, strict=True)}


def test_real_pictures_stand_upright(real: Scan) -> None:
    video = recording(real)
    # Six times are annotated; of three there are pictures, of two of these depth.
    assert (video.total, video.indices.tolist()) == (3, [0, 1, 2])
    assert told(real.scene)["missing_depth"] == 1
    assert video.colors is not None
    sizes = {image.shape for _, image in video.colors.read([0, 1, 2])}
    assert sizes == {(704, 704, 3)}
    # In every frame up in the world is up in the picture, to 30 degrees.
    assert all(video.poses[:, 2, 1] < -0.8)
