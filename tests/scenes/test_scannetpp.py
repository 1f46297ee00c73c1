"""ScanNet++: scenes written from the description, and what can be wrong with them."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spatialgen import cameras
from spatialgen.errors import SceneError
from spatialgen.media import depth_stream
from spatialgen.records import Camera, Scene
from spatialgen.scan import Recording, Scan
from spatialgen.scenes import load, open_scenes, scannetpp
from spatialgen.scenes._nerfstudio import in_mesh_frame, lens_error
from tests.media.made_pictures import number_in, numbered, save_depth, save_picture
from tests.scenes import made_scannet
from tests.scenes.made_scannetpp import (
    FISHEYE,
    NAME,
    PINHOLE,
    SIZE,
    as_written,
    depth_apart,
    depth_of,
    groups,
    own_poses,
    pose_at,
    save_dslr,
    save_json,
    save_phone,
    save_scans,
    transforms,
)
from tests.scenes.made_scannetpp import depth_stream as one_stream


def opened(folder: Path) -> Scan:
    (ref,) = open_scenes([folder], "scannetpp").refs
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


# -- objects ------------------------------------------------------------------------


def test_objects_have_the_annotated_boxes(tmp_path: Path) -> None:
    scene = opened(save_scans(tmp_path)).scene
    assert (scene.key, scene.space) == (f"scannetpp/{NAME}", NAME)
    assert [thing.id for thing in scene.objects] == ["table_1", "chair_1", "chair_2", "trash_bin_1"]
    for thing, (_, center, size, turn_deg) in zip(scene.objects, made_scannet.THINGS, strict=True):
        assert thing.box.center == pytest.approx(center)
        assert thing.box.size == pytest.approx(size)
        angle = np.radians(turn_deg)
        assert thing.box.axes[0] == pytest.approx((np.cos(angle), np.sin(angle), 0))
    assert scene.room.area == pytest.approx(12.0, rel=0.05)
    assert scene.room.height == pytest.approx(2.5, abs=0.05)


def test_triangles_belong_to_the_segments_of_their_object(tmp_path: Path) -> None:
    scan = opened(save_scans(tmp_path))
    assert scan.mesh is not None
    middles = scan.mesh.vertices[scan.mesh.faces].mean(axis=1)
    for number, thing in enumerate(scan.scene.objects):
        owned = middles[scan.mesh.owners == number]
        away = (owned - thing.box.center) @ np.array(thing.box.axes).T
        assert len(owned) > 50
        assert np.all(np.abs(away) <= np.array(thing.box.size) / 2 + 1e-6)


def test_vertices_that_were_not_measured_bend_nothing(tmp_path: Path) -> None:
    changed = [{**group, "obb": None} for group in groups(made_scannet.room())]
    folder = save_scans(tmp_path, changed)
    sound = opened(folder)
    assert sound.mesh is not None
    path = folder / "scans" / "mesh_aligned_0.05.ply"
    vertices = sound.mesh.vertices.copy()
    vertices[::97] = np.nan
    vertices[5::97] = 1e30
    path.write_bytes(made_scannet.ply(vertices, sound.mesh.faces))
    scan = opened(folder)
    assert told(scan.scene)["bad_vertex"] == 1
    assert scan.mesh is not None
    assert np.isfinite(scan.mesh.vertices).all()
    assert scan.scene.room.area == pytest.approx(12.0, rel=0.05)
    for thing, expected in zip(scan.scene.objects, sound.scene.objects, strict=True):
        assert thing.box.center == pytest.approx(expected.box.center, abs=0.02)


@pytest.mark.parametrize("offset", [0, 5_000_000], ids=["numbers of vertices", "other numbers"])
def test_segments_are_always_asked(offset: int, tmp_path: Path) -> None:
    """A segment's number may be a vertex's, as in current releases, or not, as in older ones."""
    made = made_scannet.room()
    changed = [
        {**group, "segments": [number + offset for number in group["segments"]]}
        for group in groups(made)
    ]
    folder = save_scans(tmp_path, changed)
    numbers = [number + offset for number in made.segments]
    save_json(folder / "scans" / "segments.json", {"segIndices": numbers})
    scan = opened(folder)
    assert scan.mesh is not None
    assert Counter(scan.mesh.owners.tolist()).keys() == {-1, 0, 1, 2, 3}


@pytest.mark.parametrize(
    "obb",
    [
        pytest.param(None, id="no box"),
        pytest.param({"min": [0, 0, 0], "max": [1, 1, 1]}, id="only the hull"),
        pytest.param({"centroid": [0, 0, "x"]}, id="letters"),
        pytest.param(
            {"centroid": [0, 0, 0], "axesLengths": [1, 1, 0], "normalizedAxes": [1] * 9}, id="flat"
        ),
    ],
)
def test_boxes_are_fitted_where_none_is_usable(obb: Any, tmp_path: Path) -> None:
    changed = groups(made_scannet.room())
    table = next(group for group in changed if group["label"] == "table")
    table["obb"] = obb
    scene = opened(save_scans(tmp_path, changed)).scene
    assert told(scene)["fitted_box"] == 1
    _, center, size, _ = made_scannet.THINGS[0]
    assert scene.objects[0].box.center == pytest.approx(center, abs=0.01)
    assert sorted(scene.objects[0].box.size) == pytest.approx(sorted(size), rel=0.02)


def _drop(*names: str) -> Callable[[Path], None]:
    return lambda scans: [(scans / name).unlink() for name in names] and None  # type: ignore[func-returns-value]


def _write(name: str, content: str) -> Callable[[Path], None]:
    return lambda scans: (scans / name).write_text(content) and None  # type: ignore[func-returns-value]


def _loop(name: str) -> Callable[[Path], None]:
    def link(scans: Path) -> None:
        (scans / name).unlink()
        (scans / name).symlink_to(scans / name)

    return link


@pytest.mark.parametrize(
    ("change", "code", "owned"),
    [
        pytest.param(_drop("mesh_aligned_0.05.ply"), "missing_mesh", None, id="no mesh"),
        pytest.param(_loop("mesh_aligned_0.05.ply"), "missing_mesh", None, id="mesh is a loop"),
        pytest.param(_write("mesh_aligned_0.05.ply", "ply"), "bad_mesh", None, id="mesh cut"),
        pytest.param(_drop("segments.json"), "missing_segments", True, id="no segments"),
        pytest.param(_write("segments.json", "{"), "missing_segments", True, id="segments cut"),
        pytest.param(_write("segments.json", '{"segIndices": [1]}'), "missing_segments", True,
                     id="segments of another mesh"),
    ],
)  # fmt: skip
def test_boxes_do_without_the_mesh(
    change: Callable[[Path], None], code: str, owned: bool | None, tmp_path: Path
) -> None:
    folder = save_scans(tmp_path)
    change(folder / "scans")
    scan = opened(folder)
    assert told(scan.scene)[code] == 1
    assert len(scan.scene.objects) == 4
    assert (scan.mesh is not None) == bool(owned)
    if scan.mesh is not None:
        assert Counter(scan.mesh.owners.tolist()).keys() == {-1, 0, 1, 2, 3}
    else:
        assert told(scan.scene)["no_floor"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(_write("segments_anno.json", "{"), "bad_json", id="cut"),
        pytest.param(_write("segments_anno.json", "[" * 10**5), "too_deep", id="brackets"),
        pytest.param(_write("segments_anno.json", '{"segGroups": 5}'), "bad_annotation", id="five"),
        pytest.param(_write("segments_anno.json", '{"segGroups": []}'), "no_objects", id="nothing"),
    ],
)
def test_unusable_annotation(change: Callable[[Path], None], code: str, tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    change(folder / "scans")
    assert refused(folder) == code


@pytest.mark.parametrize("change", [_drop, _loop], ids=["none", "loop"])
def test_without_annotation_room_and_camera_are_known(
    change: Callable[[str], Callable[[Path], None]], tmp_path: Path
) -> None:
    folder = save_scans(tmp_path)
    change("segments_anno.json")(folder / "scans")
    scan = opened(folder)
    assert scan.scene.objects == ()
    assert told(scan.scene)["missing_annotation"] == 1
    annotated = opened(save_scans(tmp_path / "annotated")).scene
    assert scan.scene.room.area == pytest.approx(annotated.room.area, rel=0.05)
    assert scan.mesh is not None
    assert set(scan.mesh.owners.tolist()) == {-1}
    (folder / "scans" / "mesh_aligned_0.05.ply").unlink()
    (folder / "scans" / "segments_anno.json").unlink(missing_ok=True)
    (folder / "scans" / "mesh_aligned_0.05.ply").write_bytes(b"ply")
    assert refused(folder) == "no_objects"
    save_phone(folder)
    assert opened(folder).recording is not None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param([{"label": "lamp", "segments": []}], "empty_group", id="empty"),
        pytest.param([{"label": "lamp", "segments": [10**9]}], "bad_box", id="absent and no box"),
        pytest.param([{"label": 5, "segments": [1]}], "bad_group", id="label is a number"),
        pytest.param([7, None], "bad_group", id="no groups"),
        pytest.param([{"label": "lamp", "segments": [1.5]}], "bad_group", id="half a segment"),
    ],
)
def test_faulty_groups(more: list[Any], code: str, tmp_path: Path) -> None:
    changed = [*groups(made_scannet.room()), *more]
    scene = opened(save_scans(tmp_path, changed)).scene
    assert told(scene)[code] == 1
    assert len(scene.objects) == 4


def test_duplicated_groups(tmp_path: Path) -> None:
    changed = groups(made_scannet.room()) * 2
    scene = opened(save_scans(tmp_path, changed)).scene
    assert told(scene)["duplicate_group"] > 1
    assert scene.counts == {"table": 1, "chair": 2, "trash bin": 1}


# -- the change of frame --------------------------------------------------------------


def test_poses_of_transforms_are_turned_into_the_meshs_frame() -> None:
    """By hand: in the file, the camera's up and back, in a world with x and y swapped, z down."""
    written = np.array([[0, 0, -1, 2.0], [1, 0, 0, 1.0], [0, -1, 0, -1.5], [0, 0, 0, 1]])
    (pose,) = in_mesh_frame(written[None])
    right, down, ahead, place = pose[:3].T
    assert right.tolist() == [1, 0, 0]
    assert down.tolist() == [0, 0, -1]
    assert ahead.tolist() == [0, 1, 0]
    assert place.tolist() == [1.0, 2.0, 1.5]


def test_change_of_frame_is_undone() -> None:
    poses = np.array([pose_at(number) for number in (0, 70, 300)])
    written = np.array([as_written(pose) for pose in poses])
    assert np.allclose(in_mesh_frame(written), poses)


# -- photographs ----------------------------------------------------------------------


def test_fisheye_photographs(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    scan = opened(folder)
    video = recording(scan)
    assert video.total == 3
    assert video.times_s.tolist() == [0, 1, 2]
    assert told(scan.scene)["assumed_times"] == 1
    assert np.allclose(video.poses, [pose_at(number) for number in (0, 10, 20)])
    # Half a pixel less: COLMAP counts from the picture's corner.
    expected = Camera(40.0, 41.0, 31.5, 23.5, 64, 48, (0.03, -0.01, 0.002, 0.0))
    assert video.cameras == (expected,)
    assert video.colors is not None
    assert [number_in(image) for _, image in video.colors.read([0, 2])] == [0, 20]


def test_undistorted_photographs_are_preferred(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    save_dslr(folder, undistorted=True)
    assert recording(opened(folder)).camera(0).fisheye is None


def test_undistorted_poses_without_their_pictures(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    save_dslr(folder, undistorted=True, pictures=False)
    assert recording(opened(folder)).camera(0).fisheye is not None


def test_photographs_of_another_size(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    for number in (0, 10, 20):
        path = folder / "dslr" / "resized_images" / f"DSC{number:05d}.JPG"
        save_picture(path, numbered(number, 32, 24))
    camera = recording(opened(folder)).camera(0)
    assert (camera.width, camera.fx, camera.cx) == (32, 20.0, 15.5)


@pytest.mark.parametrize(
    ("frames", "lens", "code", "left"),
    [
        pytest.param({}, {}, None, 3, id="sound"),
        pytest.param({"transform_matrix": [[float("nan")] * 4] * 4}, {}, "bad_pose", 2, id="NaN"),
        pytest.param({"transform_matrix": [[1, 2], [3, 4]]}, {}, "bad_pose", 2, id="2 by 2"),
        pytest.param({"transform_matrix": [[0] * 4] * 4}, {}, "bad_pose", 2, id="zeros"),
        pytest.param({"file_path": 5}, {}, "bad_pose", 2, id="name is a number"),
        pytest.param({"file_path": ".."}, {}, "missing_images", 2, id="name leads out"),
        pytest.param({"file_path": "/x/y/DSC00010.JPG"}, {}, "duplicate_id", 2, id="same name"),
        pytest.param({"is_bad": True}, {}, "bad_picture", 2, id="marked as bad"),
        pytest.param({}, {"fl_x": 0}, "missing_intrinsics", 0, id="no focus"),
        pytest.param({}, {"k1": "x"}, "missing_intrinsics", 0, id="distortion of letters"),
        pytest.param({}, {"camera_model": "OPENCV", "k1": 0.01, "k2": 0, "k3": 0},
                     "straight_lens", 3, id="little distortion"),
        pytest.param({}, {"camera_model": "OPENCV", "k1": 0.5}, "unknown_lens", 0, id="much of it"),
        pytest.param({}, {"camera_model": "EQUIRECTANGULAR"}, "missing_intrinsics", 0, id="sphere"),
        pytest.param({}, {"frames": [0] * 200_001}, "bad_pose", 1, id="too many frames"),
        pytest.param({}, {"frames": 7, "test_frames": None}, "missing_poses", 0, id="no frames"),
    ],
)  # fmt: skip
def test_faulty_transforms(
    frames: dict[str, Any], lens: dict[str, Any], code: str | None, left: int, tmp_path: Path
) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    path = folder / "dslr" / "nerfstudio" / "transforms.json"
    content = json.loads(path.read_text())
    content["frames"][0] |= frames
    save_json(path, content | lens)
    scan = opened(folder)
    if code is not None:
        assert code in told(scan.scene)
    assert (0 if scan.recording is None else len(scan.recording.indices)) == left


def test_photographs_that_are_missing(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    pictures = sorted((folder / "dslr" / "resized_images").iterdir())
    pictures[1].unlink()
    scan = opened(folder)
    assert told(scan.scene)["missing_images"] == 1
    assert np.allclose(recording(scan).poses, [pose_at(0), pose_at(20)])
    for path in (pictures[0], pictures[2]):
        path.unlink()
    scan = opened(folder)
    assert recording(scan).colors is None
    assert len(recording(scan).indices) == 3


# -- the phone ------------------------------------------------------------------------


@pytest.mark.parametrize("as_video", [True, False], ids=["video", "pictures"])
def test_refined_poses_and_what_lies_between(as_video: bool, tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    save_dslr(folder)
    save_phone(folder, video=as_video)
    scan = opened(folder)
    video = recording(scan)
    assert video.total == 40
    # Known up to frame 30, and a little beyond.
    assert video.indices.tolist() == list(range(32))
    assert told(scan.scene)["bad_pose"] == 1
    within = video.poses[:31]
    assert np.allclose(within, [pose_at(number) for number in range(31)], atol=2e-4)
    assert np.allclose(video.times_s, video.indices / (20 if as_video else 30), atol=1e-3)
    assert video.cameras == (Camera(40.0, 41.0, 31.5, 23.5, *SIZE),)
    assert video.colors is not None
    assert [number_in(image) for _, image in video.colors.read([0, 17, 31])] == [0, 17, 31]


@pytest.mark.parametrize("flat", [False, True], ids=["rows", "one list"])
def test_own_poses_where_there_are_no_refined_ones(flat: bool, tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder, refined=None)
    if flat:
        known = own_poses(range(40))
        for each in known.values():
            each["aligned_pose"] = [cell for row in each["aligned_pose"] for cell in row]
            each["intrinsic"] = [cell for row in each["intrinsic"] for cell in row]
        save_json(phone / "pose_intrinsic_imu.json", known)
    video = recording(opened(folder))
    assert np.allclose(video.poses, [pose_at(number) for number in range(40)])
    # Intrinsics belong to 1920 x 1440 pixels, the pictures have 64 x 48.
    assert video.camera(0) == cameras.resized(Camera(1200, 1230, 959.5, 719.5, 1920, 1440), *SIZE)


def test_refined_poses_of_other_pictures_are_no_help(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder)
    strange = {f"IMG_{number}.jpg": as_written(pose_at(number)) for number in (1, 2)}
    save_json(phone / "nerfstudio" / "transforms.json", transforms(strange, PINHOLE))
    assert len(recording(opened(folder)).indices) == 40


def test_exported_pictures_with_gaps_count_as_the_video(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder, video=False)
    for number in range(40):
        if number % 10:
            (phone / "rgb" / f"frame_{number:06d}.jpg").unlink()
    (phone / "depth.bin").write_bytes(depth_apart(40))
    scan = opened(folder)
    video = recording(scan)
    assert (video.total, video.indices.tolist()) == (4, [0, 1, 2, 3])
    assert told(scan.scene)["thinned_frames"] == 1
    assert np.allclose(video.times_s, [0, 1 / 3, 2 / 3, 1])
    assert np.allclose(video.poses, [pose_at(10 * number) for number in range(4)])
    assert video.depths is not None
    assert np.array_equal(video.depths.read(2), depth_of(20))


def test_lying_video_is_turned_upright(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder, refined=None)
    roll = np.array([[0.0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    known = own_poses(range(40))
    for each in known.values():
        each["aligned_pose"] = (np.array(each["aligned_pose"]) @ roll).tolist()
    save_json(phone / "pose_intrinsic_imu.json", known)
    scan = opened(folder)
    video = recording(scan)
    assert told(scan.scene)["turned_frames"] == 1
    assert np.allclose(video.poses, [pose_at(number) for number in range(40)])
    assert (video.camera(0).width, video.camera(0).height) == SIZE[::-1]


@pytest.mark.parametrize("kind", ["stream", "apart", "pictures"])
def test_depth_of_the_phone(kind: str, tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder)
    if kind == "pictures":
        for number in range(40):
            save_depth(phone / "depth" / f"frame_{number:06d}.png", 1000 * depth_of(number))
    else:
        content = one_stream(40) if kind == "stream" else depth_apart(40)
        (phone / "depth.bin").write_bytes(content)
    scan = opened(folder)
    video = recording(scan)
    assert video.depths is not None
    assert "missing_depth" not in told(scan.scene)
    assert np.allclose(video.depths.read(7), depth_of(7), atol=1e-3)
    # The depth camera sees the same as the colour camera, in another size.
    assert video.depths.camera == cameras.resized(video.camera(0), 256, 192)


def test_depth_that_needs_another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depth_stream, "can_unpack_lz4", lambda: False)
    folder = save_scans(tmp_path)
    phone = save_phone(folder)
    (phone / "depth.bin").write_bytes(b"\x03\0\0\0\xff\xff\xff")
    scan = opened(folder)
    (note,) = (note for note in scan.scene.notes if note.code == "unsupported_depth")
    assert "pip install lz4" in note.detail
    assert recording(scan).depths is None


@pytest.mark.parametrize(
    ("name", "content", "code", "frames"),
    [
        pytest.param("rgb.mkv", "", "bad_video", 0, id="empty video"),
        pytest.param("rgb.mkv", "#EXTM3U\nfile.ts\n", "bad_video", 0, id="playlist"),
        pytest.param("pose_intrinsic_imu.json", "{", "bad_poses", 0, id="poses cut"),
        pytest.param("pose_intrinsic_imu.json", "[]", "bad_poses", 0, id="poses are a list"),
        pytest.param("pose_intrinsic_imu.json", '{"frame_000000": 1, "x": {}}', "bad_pose", 0,
                     id="poses of numbers"),
        pytest.param("pose_intrinsic_imu.json",
                     '{"frame_000000": ' + "[" * 10**4 + "]" * 10**4 + "}", "bad_poses", 0,
                     id="brackets"),
    ],
)  # fmt: skip
def test_faulty_phone(name: str, content: str, code: str, frames: int, tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder, refined=None)
    (phone / name).write_text(content)
    scan = opened(folder)
    assert code in told(scan.scene)
    assert "missing_frames" in told(scan.scene)
    assert (0 if scan.recording is None else len(scan.recording.indices)) == frames
    assert all(str(tmp_path) not in note.detail for note in scan.scene.notes)
    save_dslr(folder)
    assert recording(opened(folder)).total == 3


def test_poses_cut_in_the_middle_are_used_as_far_as_they_go(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    phone = save_phone(folder, refined=None)
    path = phone / "pose_intrinsic_imu.json"
    path.write_text(path.read_text()[: path.stat().st_size // 2])
    scan = opened(folder)
    assert {"bad_poses", "bad_pose"} <= told(scan.scene).keys()
    assert 10 < len(recording(scan).indices) < 30


def test_nothing_but_boxes(tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    scan = opened(folder)
    assert scan.recording is None
    assert told(scan.scene)["missing_frames"] == 1


def test_recognised_by_its_scans(tmp_path: Path) -> None:
    assert scannetpp.FORMAT.recognises(save_scans(tmp_path))
    assert not scannetpp.FORMAT.recognises(tmp_path)
    assert FISHEYE["camera_model"] == "OPENCV_FISHEYE"


@pytest.mark.parametrize(
    ("coefficients", "share"),
    [
        pytest.param((0.0, 0.0, 0.0, 0.0), 0.0, id="none"),
        pytest.param((0.05, -0.1, 0.001, -0.001), None, id="a phone's"),
        pytest.param((0.4, 0.0, 0.0, 0.0), None, id="a wide lens"),
        pytest.param((float("nan"), 0.0, 0.0, 0.0), np.inf, id="NaN"),
    ],
)
def test_distortion_is_measured_as_opencv_has_it(
    coefficients: tuple[float, float, float, float], share: float | None
) -> None:
    camera = Camera(1440.0, 1450.0, 955.0, 722.0, 1920, 1440)
    if share is None:
        u, v = np.meshgrid(np.linspace(0, 1919, 33), np.linspace(0, 1439, 33))
        x, y = (u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy
        points = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)
        matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
        moved, _ = cv2.projectPoints(
            points, np.zeros(3), np.zeros(3), matrix, np.array(coefficients)
        )
        straight = np.stack([u.ravel(), v.ravel()], axis=1)
        share = float(np.linalg.norm(moved[:, 0] - straight, axis=1).max() / camera.width)
    assert lens_error(camera, list(coefficients)) == pytest.approx(share, rel=1e-6)
