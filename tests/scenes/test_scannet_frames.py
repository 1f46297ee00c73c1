"""The recordings of ScanNet scans: exported frames, videos, .sens, and the faults of each."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.scan import Recording, Scan
from tests.media.made_pictures import HEIGHT, WIDTH, number_in, save_video
from tests.scenes import made_scannet
from tests.scenes.made_scannet import ALIGNMENT, COLOR, DEPTH, NAME, load, noted

#: Notes that every made scan has.
USUAL = {"label_renamed"}


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    made = made_scannet.room()
    made.text["frameRate"] = "10"
    del made.text["numColorFrames"]
    return made_scannet.save(made, tmp_path)


def recorded(folder: Path) -> tuple[Recording, dict[str, str]]:
    found = load(folder)
    assert found.recording is not None, noted(found)
    notes = {code: text for code, text in noted(found).items() if code not in USUAL}
    return found.recording, notes


def set_text(scan: Path, **changes: str | None) -> None:
    """Change values of the text file, or leave them out."""
    made = made_scannet.room()
    made.text.update({"frameRate": "10"})
    del made.text["numColorFrames"]
    made.text.update({key: value for key, value in changes.items() if value is not None})
    for key in (key for key, value in changes.items() if value is None):
        made.text.pop(key, None)
    made_scannet.save_text(made, scan)


# -- exported frames ---------------------------------------------------------------


def test_exported_frames(scan: Path) -> None:
    made_scannet.save_exported(scan, range(5))
    film, notes = recorded(scan)
    assert notes == {}
    assert film.total == 5
    assert film.indices.tolist() == [0, 1, 2, 3, 4]
    assert film.times_s == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    expected = ALIGNMENT @ np.array(made_scannet.poses(5))
    assert np.allclose(film.poses, expected, atol=1e-5)
    assert film.colors is not None
    blue = {index: int(image[0, 0, 0]) for index, image in film.colors.read([1, 3])}
    assert blue == {1: pytest.approx(40, abs=2), 3: pytest.approx(120, abs=2)}
    assert film.depths is not None
    assert film.depths.read(3)[0, 0] == pytest.approx(1.003)
    camera = film.camera(0)
    assert (camera.fx, camera.cx, camera.width, camera.height) == (60.0, 31.5, *COLOR)
    assert (film.depths.camera.fx, film.depths.camera.width) == (30.0, DEPTH[0])
    assert film.depths.from_color[0, 3] == -0.038


def test_without_a_rate_30_frames_a_second_are_assumed(scan: Path) -> None:
    set_text(scan, frameRate=None)
    made_scannet.save_exported(scan, range(4))
    film, notes = recorded(scan)
    assert list(notes) == ["assumed_frame_rate"]
    assert film.times_s == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30])


@pytest.mark.parametrize("declared", ["5", "3"])
def test_frames_that_were_declared_and_are_not_there(declared: str, scan: Path) -> None:
    set_text(scan, numColorFrames=declared)
    made_scannet.save_exported(scan, range(4))
    film, notes = recorded(scan)
    assert film.total == 4
    assert notes == {
        "frame_count": f"scene0000_00: {declared} frames in the text file, and 4 are there"
    }


@pytest.mark.parametrize(
    "bad",
    [
        np.full((4, 4), -np.inf),
        np.full((4, 4), np.nan),
        np.diag([1.0, 1.0, -1.0, 1.0]),
        np.diag([2.0, 2.0, 2.0, 1.0]),
        np.zeros((4, 4)),
        np.eye(4)[[0, 1, 3, 2]],
        np.eye(4) + np.array([[0, 0, 0, 1e9], *np.zeros((3, 4))]),
        np.eye(3),
    ],
    ids=["-inf", "nan", "mirrored", "scaled", "zero", "rows exchanged", "far", "3 x 3"],
)
def test_poses_that_are_none_are_dropped_and_counted(bad: Any, scan: Path) -> None:
    made_scannet.save_exported(scan, range(5))
    np.savetxt(scan / "pose/2.txt", bad, fmt="%f")
    film, notes = recorded(scan)
    assert (film.total, film.indices.tolist()) == (5, [0, 1, 3, 4])
    assert film.times_s == pytest.approx([0.0, 0.1, 0.3, 0.4])
    assert notes == {"bad_pose": "poses: 1 of 5 are not finite or rigid, dropped"}


@pytest.mark.parametrize("content", [b"", b"no numbers", b"\xff" * 99, b"1 " * 100_000])
def test_pose_files_that_are_none(content: bytes, scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    (scan / "pose/0.txt").write_bytes(content)
    film, notes = recorded(scan)
    assert film.indices.tolist() == [1, 2]
    assert list(notes) == ["bad_pose"]


def test_frames_without_a_pose_file_are_dropped_and_counted(scan: Path) -> None:
    made_scannet.save_exported(scan, range(5))
    for number in (0, 3):
        (scan / f"pose/{number}.txt").unlink()
    film, notes = recorded(scan)
    assert (film.total, film.indices.tolist()) == (5, [1, 2, 4])
    assert notes == {"missing_pose": "pose: 2 of 5 frames have no file, dropped"}


def test_frames_without_a_picture_are_dropped_and_counted(scan: Path) -> None:
    made_scannet.save_exported(scan, range(5))
    (scan / "color/3.jpg").unlink()
    film, notes = recorded(scan)
    assert (film.total, film.indices.tolist()) == (5, [0, 1, 2, 4])
    assert notes == {"missing_picture": "frames: 1 of 5 frames have no file, dropped"}


def test_every_20th_frame_is_a_video_of_its_own(scan: Path) -> None:
    made_scannet.save_exported(scan, range(0, 100, 20))
    film, notes = recorded(scan)
    assert (film.total, film.indices.tolist()) == (5, [0, 1, 2, 3, 4])
    assert film.times_s == pytest.approx([0, 2, 4, 6, 8])
    assert list(notes) == ["thinned_frames"]
    assert film.depths is not None
    assert film.depths.read(2)[0, 0] == pytest.approx(1.040)


def test_pictures_of_every_20th_frame_with_poses_of_all(scan: Path) -> None:
    made_scannet.save_exported(scan, range(0, 100, 20))
    for number, pose in enumerate(made_scannet.poses(100)):
        made_scannet.save_pose(scan, number, pose)
    film, _ = recorded(scan)
    assert (film.total, len(film.poses)) == (5, 5)
    expected = ALIGNMENT @ np.array(made_scannet.poses(100)[::20])
    assert np.allclose(film.poses, expected, atol=1e-5)


def test_numbers_with_zeros_before_them(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    for path in [*scan.glob("color/*"), *scan.glob("pose/*"), *scan.glob("depth/*")]:
        path.rename(path.with_name(f"{int(path.stem):06d}{path.suffix}"))
    (scan / "color/notes.jpg").write_text("no frame")
    (scan / "color/-1.jpg").write_text("no frame")
    (scan / "color/9.jpg").mkdir()
    (scan / "color/8.jpg").symlink_to("8.jpg")
    film, notes = recorded(scan)
    assert (film.total, notes) == (3, {})


def test_numbers_far_apart_cost_nothing(scan: Path) -> None:
    made_scannet.save_exported(scan, [0, 1, 999_999_999])
    film, _ = recorded(scan)
    assert film.total == 10**9
    assert film.indices.tolist() == [0, 1, 999_999_999]


@pytest.mark.parametrize("size", [(32, 24), (128, 96)])
def test_pictures_exported_in_another_size(size: tuple[int, int], scan: Path) -> None:
    made_scannet.save_exported(scan, range(3), color_size=size, depth_size=(16, 12))
    film, notes = recorded(scan)
    assert notes == {}
    camera = film.camera(0)
    assert (camera.width, camera.height) == size
    assert camera.fx == pytest.approx(60 * size[0] / COLOR[0])
    assert camera.cx == pytest.approx((size[0] - 1) / 2)
    assert film.depths is not None
    assert (film.depths.camera.width, film.depths.camera.fx) == (16, 15.0)
    assert film.depths.read(1).shape == (12, 16)


def test_intrinsics_exported_for_the_size_of_the_pictures(scan: Path) -> None:
    """The text file still tells the size of the recording, which they don't belong to."""
    made_scannet.save_exported(scan, range(3), color_size=(32, 24))
    made_scannet.save_lens(scan, "color", 30, (32, 24))
    camera = recorded(scan)[0].camera(0)
    assert (camera.fx, camera.cx, camera.width) == (30.0, 15.5, 32)


def test_intrinsics_of_the_text_file(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    for path in scan.glob("intrinsic/*"):
        path.unlink()
    film, notes = recorded(scan)
    assert notes == {}
    assert film.camera(0).fx == 60.0
    set_text(scan, fx_color=None)
    loaded = load(scan)
    assert loaded.recording is None
    assert {"missing_intrinsics", "missing_frames"} <= noted(loaded).keys()


def test_intrinsics_that_are_none(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    made_scannet.save_lens(scan, "depth", float("nan"), DEPTH)
    film, notes = recorded(scan)
    assert film.depths is None
    assert notes == {"missing_depth": "depth: no usable intrinsics or image, not used"}
    made_scannet.save_lens(scan, "color", -60, COLOR)
    assert load(scan).recording is None


def test_depth_that_is_not_there_for_every_frame(scan: Path) -> None:
    made_scannet.save_exported(scan, range(4))
    (scan / "depth/2.png").unlink()
    film, notes = recorded(scan)
    assert len(film.indices) == 4
    assert notes == {"missing_depth": "depth: 1 of 4 frames have no image"}
    assert film.depths is not None
    assert film.depths.read(3)[0, 0] == pytest.approx(1.003)
    with pytest.raises(SceneError, match="there is no depth image of frame 2"):
        film.depths.read(2)


def test_one_depth_image_of_another_size(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    other = scan.parent / "other"
    other.mkdir()
    made_scannet.save_exported(other, range(3), depth_size=(8, 6))
    (other / "depth/1.png").rename(scan / "depth/1.png")
    film, _ = recorded(scan)
    assert film.depths is not None
    with pytest.raises(SceneError, match="8 x 6 pixels, but the camera has 32 x 24"):
        film.depths.read(1)


def test_first_picture_damaged(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3), color_size=(32, 24))
    (scan / "color/0.jpg").write_bytes(b"\xff\xd8\xff")
    film, notes = recorded(scan)
    assert notes == {"bad_image": "color: 0.jpg: neither a JPEG nor a PNG"}
    assert film.camera(0).width == 32
    assert film.colors is not None
    with pytest.raises(SceneError, match=r"0\.jpg"):
        next(film.colors.read([0]))


def test_depth_without_a_place_beside_the_colour_camera(scan: Path) -> None:
    set_text(scan, colorToDepthExtrinsics=None)
    made_scannet.save_exported(scan, range(3))
    film, notes = recorded(scan)
    assert film.depths is not None
    assert np.array_equal(film.depths.from_color, np.eye(4))
    assert list(notes) == ["assumed_registration"]


def test_poses_alone(scan: Path) -> None:
    for number, pose in enumerate(made_scannet.poses(4)):
        made_scannet.save_pose(scan, number, pose)
    film, notes = recorded(scan)
    assert (film.total, film.colors, film.depths) == (4, None, None)
    assert film.camera(0).width == COLOR[0]
    assert list(notes) == ["missing_picture"]


def test_pictures_alone(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    for path in scan.glob("pose/*"):
        path.unlink()
    loaded = load(scan)
    assert loaded.recording is None
    assert {"missing_pose", "missing_frames"} <= noted(loaded).keys()


def test_no_frames_at_all(scan: Path) -> None:
    loaded = load(scan)
    assert loaded.recording is None
    assert noted(loaded)["missing_frames"].startswith("scene0000_00: no frames with poses")


def test_no_usable_pose_at_all(scan: Path) -> None:
    made_scannet.save_exported(scan, range(3))
    for path in scan.glob("pose/*"):
        path.write_text("-inf " * 16)
    loaded = load(scan)
    assert loaded.recording is None
    assert noted(loaded)["bad_pose"] == "poses: 3 of 3 are not finite or rigid, dropped"
    assert "missing_frames" in noted(loaded)
    # The pictures are there: that they are missing would send people the wrong way.
    assert "missing_picture" not in noted(loaded)


# -- a video -----------------------------------------------------------------------


def filmed(scan: Path, frames: int, poses: int) -> None:
    save_video(scan / f"{NAME}.mp4", frames, fps=20)
    for number, pose in enumerate(made_scannet.poses(poses)):
        made_scannet.save_pose(scan, number, pose)


def test_a_video_with_poses(scan: Path) -> None:
    filmed(scan, 10, 10)
    film, notes = recorded(scan)
    assert notes == {}
    assert (film.total, film.indices.tolist()) == (10, list(range(10)))
    # The video tells its own times; the text file's rate is for frames that have none.
    assert film.times_s == pytest.approx(np.arange(10) / 20, abs=1e-3)
    assert (film.camera(0).width, film.camera(0).height) == (WIDTH, HEIGHT)
    assert film.colors is not None
    assert [number_in(image) for _, image in film.colors.read([2, 7])] == [2, 7]


@pytest.mark.parametrize(("frames", "usable"), [(9, 9), (11, 10)])
def test_a_video_a_frame_longer_or_shorter_than_the_poses(
    frames: int, usable: int, scan: Path
) -> None:
    filmed(scan, frames, 10)
    film, _ = recorded(scan)
    assert (film.total, len(film.indices)) == (frames, usable)


def test_a_video_that_ends_early_is_not_trusted(scan: Path) -> None:
    """It could as well be of every second frame."""
    filmed(scan, 5, 10)
    film, notes = recorded(scan)
    assert (film.total, film.colors) == (10, None)
    assert notes["other_video"] == (
        "scene0000_00.mp4: 5 frames for 10 poses: it is cut or of other frames, not used"
    )


@pytest.mark.parametrize("content", [b"", b"no video", b"\0" * 1000])
def test_a_video_that_is_none(content: bytes, scan: Path) -> None:
    filmed(scan, 3, 3)
    (scan / f"{NAME}.mp4").write_bytes(content)
    film, notes = recorded(scan)
    assert film.colors is None
    assert notes["bad_video"].endswith(", not used")


def test_a_video_without_intrinsics(scan: Path) -> None:
    set_text(scan, fx_color=None)
    filmed(scan, 3, 3)
    loaded = load(scan)
    assert loaded.recording is None
    assert noted(loaded)["missing_intrinsics"].startswith("exported frames: no intrinsics of the")


def test_a_video_without_poses(scan: Path) -> None:
    save_video(scan / f"{NAME}.mp4", 3)
    loaded = load(scan)
    assert loaded.recording is None
    assert noted(loaded)["missing_pose"].startswith("scene0000_00.mp4: pictures without pose/")
    with_sens(scan, 2)
    film, notes = recorded(scan)
    assert (film.total, notes) == (2, {})


# -- .sens -------------------------------------------------------------------------


def with_sens(scan: Path, count: int, **changes: Any) -> None:
    (scan / f"{NAME}.sens").write_bytes(made_scannet.sens(count, **changes))


def test_a_sens_file(scan: Path) -> None:
    with_sens(scan, 4)
    film, notes = recorded(scan)
    assert notes == {}
    assert film.total == 4
    assert film.times_s == pytest.approx([0, 0.033333, 0.066666, 0.099999])
    assert np.allclose(film.poses, ALIGNMENT @ np.array(made_scannet.poses(4)), atol=1e-5)
    assert film.camera(0).fx == 60.0
    assert film.depths is not None
    assert film.depths.camera.fx == 30.0
    assert film.depths.read(3)[0, 0] == pytest.approx(1.003)
    assert film.colors is not None
    ((_, image),) = film.colors.read([2])
    assert image[0, 0, 0] == pytest.approx(80, abs=2)


@pytest.mark.parametrize(
    "stamps",
    [
        [0, 0, 0, 0],
        [5, 4, 9, 1],
        [0, 1, 2, 3],
        [0, 1, 2, 2**63],
        [0, 10**9, 2 * 10**9, 3 * 10**9],
    ],
    ids=["zero", "random", "too fast", "absurd", "too slow"],
)
@pytest.mark.parametrize("rate", ["10", None])
def test_times_that_can_not_be_true(stamps: list[int], rate: str | None, scan: Path) -> None:
    set_text(scan, frameRate=rate)
    with_sens(scan, 4, stamps=stamps)
    film, notes = recorded(scan)
    assert film.times_s == pytest.approx(np.arange(4) / (10 if rate else 30))
    assert list(notes) == ([] if rate else ["assumed_frame_rate"])


def test_one_frame_has_no_times_to_compare(scan: Path) -> None:
    with_sens(scan, 1)
    assert recorded(scan)[0].times_s.tolist() == [0.0]


def test_poses_that_were_lost_while_recording(scan: Path) -> None:
    poses = made_scannet.poses(4)
    poses[0], poses[2] = np.full((4, 4), -np.inf), np.full((4, 4), np.nan)
    with_sens(scan, 4, poses=poses)
    film, notes = recorded(scan)
    assert (film.total, film.indices.tolist()) == (4, [1, 3])
    assert notes == {"bad_pose": "poses: 2 of 4 are not finite or rigid, dropped"}


def test_a_sens_file_that_was_cut(scan: Path) -> None:
    set_text(scan, numColorFrames="6")
    with_sens(scan, 6)
    path = scan / f"{NAME}.sens"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    film, notes = recorded(scan)
    assert 0 < film.total < 6
    assert film.colors is not None
    assert len(list(film.colors.read(range(film.total)))) == film.total
    assert notes.keys() == {"cut_sens", "frame_count"}
    assert notes["cut_sens"] == f"scene0000_00.sens: cut after {film.total} of 6 frames"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" * 99])
def test_a_sens_file_that_is_none(content: bytes, scan: Path) -> None:
    (scan / f"{NAME}.sens").write_bytes(content)
    loaded = load(scan)
    assert loaded.recording is None
    assert {"bad_sens", "missing_frames"} <= noted(loaded).keys()
    assert "/" not in noted(loaded)["bad_sens"]


def test_a_sens_file_without_frames(scan: Path) -> None:
    with_sens(scan, 0)
    assert load(scan).recording is None


def test_a_sens_file_of_unknown_compression(scan: Path) -> None:
    with_sens(scan, 2, color={"kind": -1}, depth={"kind": 2})
    film, notes = recorded(scan)
    assert (film.colors, film.depths) == (None, None)
    assert notes.keys() == {"unknown_compression", "missing_depth"}


def test_a_sens_file_without_intrinsics(scan: Path) -> None:
    none = [np.zeros((4, 4))] * 4
    with_sens(scan, 2, matrices=none)
    film, notes = recorded(scan)
    assert film.camera(0).fx == 60.0  # the text file's
    assert notes == {}
    set_text(scan, fx_color=None, fx_depth=None)
    loaded = load(scan)
    assert loaded.recording is None
    assert "missing_intrinsics" in noted(loaded)


def test_every_form_of_a_recording_is_the_same_recording(tmp_path: Path) -> None:
    """As exported frames, as a video with exported poses and depth, and as .sens."""
    made = made_scannet.room()
    made.text.update({"frameRate": "20", "numColorFrames": "6"})
    made.text.update({"colorWidth": str(WIDTH), "colorHeight": str(HEIGHT)})
    films = []
    for form in ("exported", "video", "sens"):
        scan = made_scannet.save(made, tmp_path / form)
        if form == "sens":
            with_sens(scan, 6, stamps=[50_000 * index for index in range(6)])
        else:
            made_scannet.save_exported(scan, range(6))
        if form == "video":
            save_video(scan / f"{NAME}.mp4", 6, fps=20)
            shutil.rmtree(scan / "color")
        film, notes = recorded(scan)
        assert notes == {}, form
        films.append(film)
    first = films[0]
    for film in films:
        assert film.total == first.total == 6
        assert np.array_equal(film.indices, first.indices)
        assert np.allclose(film.times_s, first.times_s, atol=1e-3)
        assert np.allclose(film.poses, first.poses, atol=2e-5)
        assert film.cameras == first.cameras
        assert film.depths is not None
        assert first.depths is not None
        assert film.depths.camera == first.depths.camera
        assert np.array_equal(film.depths.from_color, first.depths.from_color)
        assert np.array_equal(film.depths.read(4), first.depths.read(4))


def test_exported_frames_go_before_sens(scan: Path) -> None:
    with_sens(scan, 4)
    made_scannet.save_exported(scan, range(6))
    assert recorded(scan)[0].total == 6


@pytest.mark.parametrize("broken", ["intrinsics", "poses"])
def test_sens_stands_in_for_exported_frames_that_can_not_be_used(broken: str, scan: Path) -> None:
    with_sens(scan, 4)
    made_scannet.save_exported(scan, range(6))
    if broken == "poses":
        for path in scan.glob("pose/*"):
            path.write_text("nan " * 16)
    else:
        made_scannet.save_lens(scan, "color", -1, COLOR)
    film, notes = recorded(scan)
    assert film.total == 4
    assert notes.keys() == {"bad_pose" if broken == "poses" else "missing_intrinsics"}


def test_loading_twice_gives_the_same(scan: Path) -> None:
    with_sens(scan, 3)
    first, second = load(scan), load(scan)
    assert first.scene == second.scene
    assert _arrays(first) == _arrays(second)


def _arrays(scan: Scan) -> list[bytes]:
    assert scan.recording is not None
    assert scan.mesh is not None
    found = [scan.recording.poses, scan.recording.times_s, scan.mesh.vertices, scan.mesh.owners]
    return [each.tobytes() for each in found]
