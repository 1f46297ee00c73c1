"""Files of a scan's folder that are missing, too large, pipes, loops, or refused by the system."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._rigid import is_rigid, read_matrix

LONG = "x" * 5000


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with everything that is no file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("absent")
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("file", True), ("link", True), ("pipe", False), ("folder", False), ("loop", False),
        ("nowhere", False), ("absent", False), ("file/below", False), (LONG, False),
    ],
)  # fmt: skip
def test_what_is_a_file(name: str, expected: bool, odd: Path) -> None:
    assert files.is_file(odd / name) == expected
    if expected:
        assert files.size(odd / name, 5, "code") == 5
        assert files.content(odd / name, 5, "code") == b"12345"
    else:
        with pytest.raises(SceneError, match="there is no such file") as caught:
            files.content(odd / name, 5, "code")
        assert caught.value.code == "code"


def test_a_file_that_is_too_large(odd: Path) -> None:
    with pytest.raises(SceneError, match=r"file: 5 bytes, more than the 4 it may have") as caught:
        files.content(odd / "file", 4, "code")
    assert caught.value.code == "code"


@pytest.mark.parametrize("refused", ["stat", "open"])
def test_a_file_that_the_system_refuses(
    refused: str, odd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "is_file", lambda _: True)
    if refused == "stat":
        monkeypatch.setattr(files.os, "stat", refuse)
    else:
        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SceneError, match="file: can't be read: Permission denied") as caught:
        files.content(odd / "file", 5, "code")
    assert caught.value.code == "code"


def test_numbered_files(odd: Path) -> None:
    for name in ("10.jpg", "2.JPG", "007.png", "7.jpg", "1.txt", "x.jpg", "-1.jpg", "1e3.jpg",
                 f"{10**9}.jpg", ".3.jpg", "4.jpg.bak", "٣.jpg"):  # fmt: skip
        (odd / name).write_bytes(b"")
    (odd / "5.jpg").mkdir()
    (odd / "6.jpg").symlink_to("6.jpg")
    (odd / "8.jpg").symlink_to("file")
    found = files.numbered(odd, (".jpg", ".png"))
    assert {number: path.name for number, path in found.items()} == {
        2: "2.JPG",
        7: "007.png",
        8: "8.jpg",
        10: "10.jpg",
    }
    assert list(found) == [2, 7, 8, 10]


def test_numbered_files_of_a_prefix(odd: Path) -> None:
    for name in ("frame_000003.jpg", "frame_1.JPEG", "frame_.jpg", "2.jpg", "Frame_5.jpg",
                 "a_frame_4.jpg", "frame_frame_6.jpg"):  # fmt: skip
        (odd / name).write_bytes(b"")
    assert list(files.numbered(odd, (".jpg", ".jpeg"), prefix="frame_")) == [1, 3]


@pytest.mark.parametrize("name", ["absent", "file", "loop", LONG])
def test_no_folder_has_no_numbered_files(name: str, odd: Path) -> None:
    assert files.numbered(odd / name, (".jpg",)) == {}


def test_faults_of_one_kind_are_one_note() -> None:
    faults = Faults()
    for code, subject, detail in (
        ("a", "x", "1"),
        ("b", "x", "2"),
        ("a", "x", "3"),
        ("a", "y\n", "4"),
    ):
        faults.add(code, subject, detail)
    assert [(note.code, note.detail) for note in faults.notes()] == [
        ("a", "x: 1 (and 1 more)"),
        ("b", "x: 2"),
        ("a", "y\\n: 4"),
    ]


TURN = np.array([[0, -1, 0, 5], [1, 0, 0, -7], [0, 0, 1, 2], [0, 0, 0, 1.0]])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda m: m, True, id="sound"),
        pytest.param(lambda m: m.round(2) + 0.001, True, id="rounded"),
        pytest.param(lambda m: m * np.nan, False, id="nan"),
        pytest.param(lambda m: np.full_like(m, -np.inf), False, id="-inf"),
        pytest.param(lambda m: m @ np.diag([1.0, 1.0, -1.0, 1.0]), False, id="mirrored"),
        pytest.param(lambda m: m @ np.diag([1.1, 1.1, 1.1, 1.0]), False, id="scaled"),
        pytest.param(lambda m: m.T, False, id="transposed"),
        pytest.param(lambda m: m * 0, False, id="zero"),
        pytest.param(lambda m: m * 1e200, False, id="overflow"),
        pytest.param(lambda m: m + 2e4 * np.eye(4, k=3), False, id="far"),
    ],
)
def test_rigid(change: Callable[[np.ndarray], np.ndarray], expected: bool) -> None:
    assert is_rigid(np.array([change(TURN), TURN])).tolist() == [expected, True]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"1 0 0 0\n0 1 0 0\r\n0 0 1 0\n0 0 0 1", True),
        (b"-inf " * 16, True),
        (b"1 " * 15, False),
        (b"1 " * 17, False),
        (b"1 " * 15 + b"one", False),
        (b"", False),
        (b"1 " * 10**6, False),
    ],
)
def test_matrices(content: bytes, expected: bool, tmp_path: Path) -> None:
    path = tmp_path / "0.txt"
    path.write_bytes(content)
    assert (read_matrix(path) is not None) == expected
    assert read_matrix(tmp_path / "absent.txt") is None
