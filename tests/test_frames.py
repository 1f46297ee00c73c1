"""Frames for models: those that questions are about, with the camera of the written picture."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spatialgen.errors import SceneError, UsageError
from spatialgen.frames import export
from spatialgen.graph.observe import observe
from spatialgen.scenes import load, open_scenes
from tests.media.made_pictures import number_in
from tests.runs import here
from tests.scenes import made_scannet
from tests.scenes.made_aria import TIMES_NS, save_aria
from tests.scenes.made_scannetpp import pose_at, save_phone, save_scans


def picture(folder: Path, entry: dict[str, Any]) -> Any:
    image = cv2.imread(str(folder / entry["file"]))
    assert image is not None
    return image


@pytest.fixture
def filmed(tmp_path: Path) -> Path:
    """A ScanNet++ scene whose video has 40 frames, each with a pose."""
    folder = save_scans(tmp_path / "scenes")
    save_phone(folder, refined=None)
    return folder


@pytest.mark.parametrize("png", [False, True], ids=["jpg", "png"])
def test_frames_are_evenly_taken_with_camera_and_pose(
    png: bool, filmed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    report = export(filmed, out, 5, png=png)
    assert report == json.loads((out / "frames.json").read_text())
    assert (report["total"], report["sampling"]) == (40, "uniform-5")
    assert [entry["index"] for entry in report["frames"]] == [0, 9, 19, 29, 39]
    assert report["left_out"] == []
    for entry in report["frames"]:
        assert entry["file"] == f"frame_{entry['index']:06d}.{'png' if png else 'jpg'}"
        assert number_in(picture(out, entry)) == entry["index"]
        assert entry["time_s"] == pytest.approx(entry["index"] / 20, abs=1e-3)
        assert np.allclose(entry["pose"], pose_at(entry["index"]))
        assert (entry["camera"]["width"], entry["camera"]["height"]) == (64, 48)


def test_frames_are_those_that_questions_are_about(filmed: Path, tmp_path: Path) -> None:
    (ref,) = open_scenes([filmed]).refs
    scene = observe(load(ref), 7)
    report = export(filmed, tmp_path / "out", 7)
    assert [frame.index for frame in scene.frames] == [each["index"] for each in report["frames"]]
    for frame, entry in zip(scene.frames, report["frames"], strict=True):
        assert frame.time_s == pytest.approx(entry["time_s"])
        assert np.allclose(frame.pose, entry["pose"][:3])


def test_smaller_pictures_have_a_smaller_camera(filmed: Path, tmp_path: Path) -> None:
    report = export(filmed, tmp_path / "out", 2, max_side=32)
    for entry in report["frames"]:
        camera = entry["camera"]
        assert picture(tmp_path / "out", entry).shape == (24, 32, 3)
        assert (camera["width"], camera["height"], camera["fx"]) == (32, 24, 20.0)
        assert camera["cx"] == pytest.approx(15.5)
    whole = export(filmed, tmp_path / "whole", 2, max_side=64)
    assert whole["frames"][0]["camera"]["width"] == 64


def test_same_bytes_again(filmed: Path, tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        export(filmed, tmp_path / name, 6)
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "ab"
    )
    assert first == second
    assert len(first) == 7


def test_pictures_of_an_earlier_run_do_not_stay(filmed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filmed, out, 6)
    (out / "frame_of_mine.jpg").write_bytes(b"")
    listed = {entry["file"] for entry in export(filmed, out, 2, png=True)["frames"]}
    assert {path.name for path in out.iterdir()} == {"frames.json", "frame_of_mine.jpg", *listed}


def test_more_frames_than_there_are(filmed: Path, tmp_path: Path) -> None:
    report = export(filmed, tmp_path / "out", 1000)
    assert [entry["index"] for entry in report["frames"]] == list(range(40))


def test_frames_of_a_sens_file(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    (scan / f"{scan.name}.sens").write_bytes(made_scannet.sens(4))
    report = export(scan, tmp_path / "out", 4)
    assert [entry["index"] for entry in report["frames"]] == [0, 1, 2, 3]
    blues = [int(picture(tmp_path / "out", entry)[0, 0, 0]) for entry in report["frames"]]
    assert np.allclose(blues, [0, 40, 80, 120], atol=6)


def test_what_is_left_out_is_listed(tmp_path: Path) -> None:
    folder = save_aria(tmp_path / "seq")
    exported = folder / "exported"
    (exported / f"pinhole_rgb_{TIMES_NS[1]}.jpg").write_bytes(b"x")
    content = json.loads((exported / "camera_rgb.json").read_text())
    content["frames"][2]["T_world_camera"] = None
    (exported / "camera_rgb.json").write_text(json.dumps(content))
    report = export(folder, tmp_path / "out", 3)
    assert [entry["index"] for entry in report["frames"]] == [0]
    assert [(each["index"], each["code"]) for each in report["left_out"]] == [
        (1, "bad_image"),
        (2, "bad_pose"),
    ]
    assert str(tmp_path) not in json.dumps(report)


def test_a_damaged_frame_of_a_video(tmp_path: Path) -> None:
    folder = save_scans(tmp_path / "scenes")
    phone = save_phone(folder, refined=None)
    content = bytearray((phone / "rgb.mkv").read_bytes())
    content[len(content) // 2 :] = b"\0" * (len(content) - len(content) // 2)
    (phone / "rgb.mkv").write_bytes(content)
    report = export(folder, tmp_path / "out", 1000)
    assert 0 < len(report["frames"]) < 40
    # The decoder hides the damage where it begins behind the picture before.
    for entry in report["frames"][:-1]:
        assert number_in(picture(tmp_path / "out", entry)) == entry["index"]


@pytest.mark.parametrize(
    ("pictures", "told"),
    [((), "no pinhole_rgb"), ((0,), None)],
    ids=["no pictures", "one picture"],
)
def test_without_pictures(pictures: tuple[int, ...], told: str | None, tmp_path: Path) -> None:
    folder = save_aria(tmp_path / "seq", pictures=pictures)
    if told is None:
        assert len(export(folder, tmp_path / "out", 3)["frames"]) == 1
        return
    with pytest.raises(SceneError, match=told) as caught:
        export(folder, tmp_path / "out", 3)
    assert caught.value.code == "missing_frames"
    assert not (tmp_path / "out").exists()


def test_pictures_that_can_not_be_used(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(0.1), tmp_path / "scans")
    made_scannet.save_exported(scan, range(3))
    for path in scan.glob("pose/*"):
        path.write_text("nan " * 16)
    with pytest.raises(SceneError, match="3 of 3 are not finite or rigid"):
        export(scan, tmp_path / "out", 3)
    for number, pose in enumerate(made_scannet.poses(3)):
        made_scannet.save_pose(scan, number, pose)
    shutil.rmtree(scan / "color")
    (scan / f"{scan.name}.mp4").write_bytes(b"x" * 100)
    with pytest.raises(SceneError, match="not a video file that is known here"):
        export(scan, tmp_path / "out", 3)


def test_every_picture_is_damaged(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(0.1), tmp_path / "scans")
    made_scannet.save_exported(scan, range(3))
    for path in scan.glob("color/*"):
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SceneError, match=r"no frame has a pose and a picture \(.*\)") as caught:
        export(scan, tmp_path / "out", 3)
    assert caught.value.code == "missing_frames"


def test_one_of_several_scenes(filmed: Path, tmp_path: Path) -> None:
    save_aria(filmed.parent / "seq")
    with pytest.raises(UsageError, match="holds 2 scenes"):
        export(filmed.parent, tmp_path / "out", 3)
    with pytest.raises(UsageError, match="no scene 'x'"):
        export(filmed.parent, tmp_path / "out", 3, name="x")
    for name in ("seq", "aria_digital_twin/seq"):
        assert export(filmed.parent, tmp_path / "out", 3, name=name)["scene_name"] == "seq"


def test_command(filmed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    ended = here(capsys, "frames", filmed, "--out", out, "--count", "4")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"4 of 40 frames in {out}\n"
    ended = here(capsys, "frames", filmed, "--out", out, "--count", "4", "--json")
    assert ended.json() == json.loads((out / "frames.json").read_text())


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--out", "o", "--count", "0"], 2, "--count"),
        (["--count", "3"], 2, "--out"),
        (["--out", "o", "--format", "scanet"], 2, "scannet"),
    ],
)
def test_wrong_use(
    words: list[str], status: int, told: str, filmed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = here(capsys, "frames", filmed, *words)
    assert ended.status == status
    assert told in ended.err
    assert ended.err.count("\n") == 1
