"""A scan's text file: values as they are really written, and values that can't be meant."""

from pathlib import Path

import numpy as np
import pytest

from spatialgen.records import Camera
from spatialgen.scenes import _scannet_text as scannet_text
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._scannet_text import Parameters
from tests.scenes import made_scannet

#: The numbers of the real scene0000_00, with a space before each line's end as some files have.
REAL = (
    "axisAlignment = 0.945519 0.325568 0.000000 -5.384390 -0.325568 0.945519 0.000000 -2.871780 "
    "0.000000 0.000000 1.000000 -0.064350 0.000000 0.000000 0.000000 1.000000 \n"
    "colorHeight = 968\ncolorToDepthExtrinsics = 0.999973 0.006791 0.002776 -0.037886 "
    "-0.006767 0.999942 -0.008366 -0.003410 -0.002833 0.008347 0.999961 -0.021924 "
    "-0.000000 0.000000 -0.000000 1.000000\ncolorWidth = 1296\ndepthHeight = 480\n"
    "depthWidth = 640\nfx_color = 1170.187988\nfx_depth = 571.623718\nfy_color = 1170.187988\n"
    "fy_depth = 571.623718\nmx_color = 647.750000\nmx_depth = 319.500000\n"
    "my_color = 483.750000\nmy_depth = 239.500000\nnumColorFrames = 5578\n"
    "numDepthFrames = 5578\nnumIMUmeasurements = 11834\nsceneType = Apartment "
)


def read(tmp_path: Path, text: str) -> tuple[Parameters, list[str]]:
    path = tmp_path / "scene0000_00.txt"
    path.write_text(text)
    faults = Faults()
    found = scannet_text.read(path, faults)
    return found, [f"{note.code}: {note.detail}" for note in faults.notes()]


def test_a_real_file(tmp_path: Path) -> None:
    found, notes = read(tmp_path, REAL)
    assert notes == []
    assert found.alignment is not None
    assert np.allclose(found.alignment, made_scannet.ALIGNMENT)
    assert found.from_color is not None
    assert found.from_color[0, 3] == -0.037886
    assert found.color == Camera(1170.187988, 1170.187988, 647.75, 483.75, 1296, 968)
    assert found.depth == Camera(571.623718, 571.623718, 319.5, 239.5, 640, 480)
    assert (found.frames, found.rate) == (5578, None)


@pytest.mark.parametrize(
    "text", [REAL.replace("\n", "\r\n"), REAL.replace(" = ", "="), f"\n{REAL}\n"]
)
def test_other_line_ends_and_spaces(text: str, tmp_path: Path) -> None:
    found, notes = read(tmp_path, text)
    assert notes == []
    assert (found.frames, found.color is None, found.alignment is None) == (5578, False, False)


def test_a_test_scan_has_no_alignment(tmp_path: Path) -> None:
    lines = [line for line in REAL.splitlines() if not line.startswith(("axis", "sceneType"))]
    found, notes = read(tmp_path, "\n".join(lines))
    assert found.alignment is None
    assert found.color is not None
    assert notes == [
        "missing_alignment: scene0000_00.txt: no usable axisAlignment, so the scene stays as it "
        "stands in its mesh"
    ]


MOTION = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("axisAlignment = 1 0 0", "axisAlignment is not 16 numbers"),
        ("axisAlignment = " + MOTION.replace("1", "x"), "axisAlignment is not 16 numbers"),
        ("axisAlignment = " + MOTION.replace("1", "nan"), "axisAlignment is not 16 numbers"),
        ("axisAlignment = " + MOTION.replace("1", "-1"), "axisAlignment is no motion"),
        ("axisAlignment = " + MOTION.replace("1", "2"), "axisAlignment is no motion"),
        ("axisAlignment = " + MOTION.replace("1", "1e300"), "axisAlignment is no motion"),
        ("axisAlignment = " + MOTION.replace("0", "1e5", 1), "axisAlignment is no motion"),
        ("colorToDepthExtrinsics = ", "colorToDepthExtrinsics is not 16 numbers"),
        ("fx_color = wide", "fx_color is not a number"),
        ("fx_color = 1 2", "fx_color is not a number"),
        ("fx_color = -3", "no camera has the numbers of the color camera"),
        ("fx_color = 1e9", "no camera has the numbers of the color camera"),
        ("mx_depth = 90000", "no camera has the numbers of the depth camera"),
        ("colorWidth = 0", "no camera has the numbers of the color camera"),
        ("colorWidth = 12.5", "no camera has the numbers of the color camera"),
        ("depthHeight = 1e9", "no camera has the numbers of the depth camera"),
        ("numColorFrames = inf", "numColorFrames is not a number"),
        ("numColorFrames = -1", "numColorFrames is -1"),
        ("frameRate = 0", "frameRate is 0"),
        ("frameRate = 1e9", "frameRate is 1e+09"),
    ],
)
def test_values_that_can_not_be_meant(line: str, message: str, tmp_path: Path) -> None:
    # Of two lines with one key the first is taken.
    _, notes = read(tmp_path, f"{line}\n{REAL}")
    assert [note for note in notes if "bad_parameter" in note] == [
        note for note in notes if message in note and note.endswith(", ignored")
    ]
    assert any(message in note for note in notes)


@pytest.mark.parametrize("content", [None, b"\x00" * (2**20 + 1)], ids=["absent", "too large"])
def test_no_text_file(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    if content is not None:
        path.write_bytes(content)
    faults = Faults()
    found = scannet_text.read(path, faults)
    assert (found.alignment, found.color, found.frames) == (None, None, None)
    (note,) = faults.notes()
    assert note.code == "missing_parameters"
    assert note.detail.endswith("so the scene stays as it stands in its mesh")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(bytes(range(256)) * 10)
    faults = Faults()
    assert scannet_text.read(path, faults).color is None
    assert [note.code for note in faults.notes()] == ["missing_alignment"]


def test_frame_rate_is_read_where_it_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, f"{REAL}\nframeRate = 10")[0].rate == 10.0
