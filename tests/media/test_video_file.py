"""Videos: the frames that are asked for, at the container's times, in one pass."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.media.video import VideoFile
from tests.media.made_pictures import (
    HEIGHT,
    KINDS,
    WIDTH,
    jpeg_claiming,
    number_in,
    save_video,
    turned_by_tag,
)


@pytest.mark.parametrize(("ending", "codec"), KINDS)
def test_frames_and_times(ending: str, codec: str, tmp_path: Path) -> None:
    video = VideoFile(save_video(tmp_path / f"v.{ending}", 60, codec))
    assert video.total == 60
    assert np.allclose(video.times_s, np.arange(60) / 20, atol=1e-3)
    assert video.fps == pytest.approx(20, rel=1e-3)
    found = list(video.read([0, 1, 7, 30, 59]))
    assert [(index, number_in(image)) for index, image in found] == [
        (index, index) for index in (0, 1, 7, 30, 59)
    ]
    assert found[0][1].shape == (HEIGHT, WIDTH, 3)


def test_counting_decodes_the_same_number(tmp_path: Path) -> None:
    path = save_video(tmp_path / "v.mp4", 43)
    capture, decoded = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG), 0
    while capture.grab():
        decoded += 1
    assert VideoFile(path).total == decoded == 43


def test_repeated_and_descending_indices(tmp_path: Path) -> None:
    video = VideoFile(save_video(tmp_path / "v.mp4", 5))
    assert [number_in(image) for _, image in video.read([1, 1, 4])] == [1, 1, 4]
    with pytest.raises(ValueError, match="ascending"):
        list(video.read([3, 2]))


def test_frames_stay_what_they_were(tmp_path: Path) -> None:
    images = [
        image for _, image in VideoFile(save_video(tmp_path / "v.avi", 9, "MJPG")).read([2, 6])
    ]
    assert [number_in(image) for image in images] == [2, 6]


def test_pixels_stay_as_stored_whatever_a_tag_says(tmp_path: Path) -> None:
    path = save_video(tmp_path / "v.mp4", 5)
    path.write_bytes(turned_by_tag(path.read_bytes()))
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    assert capture.read()[1].shape == (WIDTH, HEIGHT, 3), "the tag does turn it otherwise"
    ((_, image),) = VideoFile(path).read([3])
    assert (image.shape, number_in(image)) == ((HEIGHT, WIDTH, 3), 3)


def test_ends_early(tmp_path: Path) -> None:
    # Matroska has no index that would be lost: what lies before the cut is a shorter video.
    content = save_video(tmp_path / "whole.mkv", 60, "FFV1").read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(content[: len(content) // 2])
    video = VideoFile(path)
    assert 10 < video.total < 50
    found = [index for index, _ in video.read(range(0, 60, 5))]
    assert found == [index for index in range(0, 60, 5) if index < video.total]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_mp4_without_its_index(share: float, tmp_path: Path) -> None:
    content = save_video(tmp_path / "whole.mp4", 60).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SceneError) as caught:
        _ = VideoFile(path).total
    assert caught.value.code == "bad_video"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "not a video file", id="empty"),
        pytest.param(b"#EXTM3U\nhttp://localhost/x.ts\n", "not a video", id="playlist"),
        pytest.param(b"ffconcat version 1.0\nfile a.mp4\n", "not a video", id="list of files"),
        pytest.param(b"\x1a\x45\xdf\xa3" + b"\0" * 500, "can't be opened", id="Matroska of zeros"),
        pytest.param(b"RIFF\xff\xff\xff\xffAVI ", "can't be opened", id="AVI of nothing"),
    ],
)
def test_what_is_no_video(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    path.write_bytes(content)
    for ask in (lambda: VideoFile(path).total, lambda: list(VideoFile(path).read([0]))):
        with pytest.raises(SceneError, match=told) as caught:
            ask()
        assert caught.value.code == "bad_video"


def test_missing_file_and_symlink_loop(tmp_path: Path) -> None:
    (tmp_path / "loop.mkv").symlink_to(tmp_path / "loop.mkv")
    for name in ("loop.mkv", "none.mkv", "."):
        with pytest.raises(SceneError, match=r"no such file|can't be read"):
            _ = VideoFile(tmp_path / name).total


def test_a_damaged_frame_is_left_out_and_the_others_stay_in_place(tmp_path: Path) -> None:
    content = save_video(tmp_path / "v.avi", 20, "MJPG").read_bytes()
    for damaged in (0, 7, 19):
        at = content.index(b"movi")
        for _ in range(damaged + 1):
            at = content.index(b"00dc", at + 4)
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        path = tmp_path / f"damaged{damaged}.avi"
        path.write_bytes(content[: at + 8] + b"\0" * length + content[at + 8 + length :])
        video = VideoFile(path)
        found = [(index, number_in(image)) for index, image in video.read(range(20))]
        assert found == [(index, index) for index in range(20) if index != damaged]


def test_frame_larger_than_the_video_says(tmp_path: Path) -> None:
    content = save_video(tmp_path / "v.avi", 3, "MJPG").read_bytes()
    first = content.index(b"00dc", content.index(b"movi")) + 8
    length = int.from_bytes(content[first - 4 : first], "little")
    bomb = jpeg_claiming(content[first : first + length], 30_000, 30_000)
    path = tmp_path / "bomb.avi"
    path.write_bytes(content[:first] + bomb + content[first + length :])
    assert [index for index, _ in VideoFile(path).read([0, 1, 2])] == [1, 2]


def test_flipped_bits_are_read_or_refused(tmp_path: Path) -> None:
    content = save_video(tmp_path / "v.webm", 12, "VP80").read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "flipped.webm"
    for _ in range(60):
        changed = bytearray(content)
        for place in rng.integers(0, len(content), 4):
            changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        video = VideoFile(path)
        try:
            assert len(video.times_s) == video.total
            assert all(np.diff(video.times_s) >= 0)
            list(video.read(range(0, video.total, 3)))
        except SceneError as error:
            assert error.code in ("bad_video", "bad_image")  # noqa: PT017 - either way is right
