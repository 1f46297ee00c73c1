"""A clip shows the pictures it was made of, each at its time."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.materialize import clips
from spatialgen.materialize.clips import write_clip
from spatialgen.media.video import VideoFile


def pictures(folder: Path, sizes: list[tuple[int, int]]) -> list[Path]:
    """Write grey pictures, brighter and brighter."""
    paths = []
    for number, (width, height) in enumerate(sizes):
        paths.append(folder / f"{number}.jpg")
        grey = np.full((height, width, 3), 20 + 30 * number, np.uint8)
        assert cv2.imwrite(str(paths[-1]), grey)
    return paths


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        pytest.param([(64, 48)] * 5, (48, 64), id="same size"),
        pytest.param([(64, 48), (48, 64), (32, 24), (64, 48)], (48, 64), id="several sizes"),
        pytest.param([(33, 25)] * 3, (24, 32), id="odd size"),
        pytest.param([(64, 48)], (48, 64), id="one"),
    ],
)
def test_every_picture_is_a_frame(
    sizes: list[tuple[int, int]], shown: tuple[int, int], tmp_path: Path
) -> None:
    times_s = [1.0 + 0.75 * number for number in range(len(sizes))]
    write_clip(tmp_path / "a" / "clip.mp4", pictures(tmp_path, sizes), times_s)
    video = VideoFile(tmp_path / "a" / "clip.mp4")
    assert np.allclose(video.times_s, np.array(times_s) - 1.0, atol=0.01)
    frames = dict(video.read(range(len(sizes))))
    assert list(frames) == list(range(len(sizes)))
    for number, image in frames.items():
        assert image.shape[:2] == shown
        assert abs(float(image.mean()) - (20 + 30 * number)) < 6
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["clip.mp4"]


def test_a_clip_that_is_cut_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "_length", lambda cv2, path: 2)
    with pytest.raises(OSError, match=r"clip\.mp4: .*not write all .* is the disk full"):
        write_clip(tmp_path / "a" / "clip.mp4", pictures(tmp_path, [(64, 48)] * 3), [0.0, 1.0, 2.0])
    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize("times_s", [[0.0, 0.0], [5.0, 1.0], [0.0, 1e-9], [0.0, 1e9]])
def test_times_that_say_nothing_make_no_difference(times_s: list[float], tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", pictures(tmp_path, [(64, 48)] * 2), times_s)
    assert VideoFile(tmp_path / "clip.mp4").total == 2


def test_a_picture_that_does_not_decode_leaves_no_clip(tmp_path: Path) -> None:
    paths = pictures(tmp_path, [(64, 48)] * 3)
    paths[1].write_bytes(b"no picture")
    with pytest.raises(SceneError, match="neither a JPEG nor a PNG"):
        write_clip(tmp_path / "clip.mp4", paths, [0.0, 1.0, 2.0])
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.parametrize(
    "rate", [0.01, 0.0123, 0.1037, 1 / 3, 23.976, 29.97, 59.9999, 73.9, 197.818]
)
def test_any_rate_can_be_written(rate: float, tmp_path: Path) -> None:
    times_s = [number / rate for number in range(3)]
    write_clip(tmp_path / "clip.mp4", pictures(tmp_path, [(64, 48)] * 3), times_s)
    assert np.allclose(VideoFile(tmp_path / "clip.mp4").times_s, times_s, rtol=0.03)
