"""Pictures of a release fit the viewer, are those that were asked about, or are counted."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.errors import DatasetError, SceneError
from spatialgen.media.images import read_image
from spatialgen.records import Camera, Scene
from spatialgen.release import frames as module
from spatialgen.release.frames import FrameRows
from spatialgen.scan import Image, Recording, Scan
from spatialgen.scenes import SceneIndex, SceneRef
from spatialgen.tables.shards import VIEWER_BYTES
from tests.release.made_rows import scene


class Noise:
    """Pictures that compress badly; one of them is damaged."""

    def __init__(self, width: int, height: int, damaged: int) -> None:
        self._size, self._damaged = (height, width, 3), damaged

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        for index in indices:
            if index == self._damaged:
                raise SceneError("bad_image", "does not decode")
            draw = np.random.default_rng(index)
            yield index, draw.integers(0, 256, self._size, dtype=np.uint8)


def frame(index: int, width: int, height: int, moved_m: float = 0.0) -> dict[str, Any]:
    pose = [[1.0, 0.0, 0.0, float(index) + moved_m], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    lens = [100.0, 100.0, (width - 1) / 2, (height - 1) / 2, width, height]
    return {"index": index, "time_s": index / 2, "pose": pose, "camera": lens}


def cells(
    monkeypatch: pytest.MonkeyPatch,
    listed: list[dict[str, Any]],
    width: int = 40,
    height: int = 30,
    damaged: int = -1,
) -> tuple[list[dict[str, Any]], FrameRows]:
    """Return the cells of the frames listed, of a scan with frames 0 to 3 without 2."""
    indices = np.array([0, 1, 3])
    poses = np.repeat(np.eye(4)[None], 3, axis=0)
    poses[:, 0, 3] = indices
    camera = Camera(100.0, 100.0, (width - 1) / 2, (height - 1) / 2, width, height)
    colors = Noise(width, height, damaged)
    recording = Recording(4, indices, indices / 2, poses, (camera,), colors)
    made = Scene("synthetic", "room0", "room0", (), {})
    monkeypatch.setattr(module, "load", lambda ref: Scan(made, recording=recording))
    ref = SceneRef("scannet", "room0", "synthetic", "room0")
    rows = FrameRows(SceneIndex((ref,), (), {}, ()))
    return list(rows.of([scene(frames=listed)])), rows


def test_cells_are_the_frames_that_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    found, rows = cells(monkeypatch, [frame(0, 40, 30), frame(3, 40, 30)])
    assert [each["index"] for each in found] == [0, 3]
    assert [each["time_s"] for each in found] == [0.0, 1.5]
    assert found[1]["pose"][0] == [1.0, 0.0, 0.0, 3.0]
    assert (found[0]["camera"]["width"], found[0]["camera"]["fx"]) == (40, 100.0)
    assert found[1]["image"]["path"] == "room0_000003.jpg"
    assert rows.left_out == {}


def test_large_pictures_are_reduced_with_their_camera(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ((found,), _) = cells(monkeypatch, [frame(1, 2400, 1600)], 2400, 1600)
    content = found["image"]["bytes"]
    assert len(content) < VIEWER_BYTES
    (tmp_path / "x.jpg").write_bytes(content)
    height, width = read_image(tmp_path / "x.jpg").shape[:2]
    assert (found["camera"]["width"], found["camera"]["height"]) == (width, height)
    assert found["camera"]["fx"] == pytest.approx(100.0 * width / 2400)
    assert found["camera"]["cx"] == pytest.approx((width - 1) / 2)


def test_damaged_pictures_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    found, rows = cells(monkeypatch, [frame(i, 40, 30) for i in (0, 1, 3)], damaged=1)
    assert [each["index"] for each in found] == [0, 3]
    assert rows.left_out == {"bad_image": 1}


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param([frame(2, 40, 30)], id="frame without a pose"),
        pytest.param([frame(9, 40, 30)], id="frame beyond the end"),
        pytest.param([frame(1, 40, 30, moved_m=0.001)], id="camera elsewhere"),
        pytest.param([frame(1, 80, 60)], id="other size"),
        pytest.param([frame(1, 0, 0)], id="no size"),
    ],
)
def test_other_scans_are_refused(
    listed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatasetError, match="not the one that was asked about"):
        cells(monkeypatch, listed)
