"""Archives are unpacked whole and inside their folder, or not at all, with the reason."""

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.errors import DataError, EvalkitError
from evalkit.media import archive as archive_module
from evalkit.media.archive import Limits, members, unpack, unsafe
from tests.evalkit.made_media import write_zip

ROOT = Path(__file__).parents[2]
GOOD = {"videos/a.mp4": b"a" * 5000, "videos/deep/b.mp4": b"b", "c.txt": b""}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".complete"
    }


def test_files_come_out_as_they_went_in(tmp_path: Path, root: Path) -> None:
    archive = write_zip(tmp_path / "media.zip", GOOD)
    folder = unpack(archive, root)
    assert files_below(folder) == GOOD
    assert folder.parent == root
    assert folder.name.startswith("media-")
    assert not list(root.glob("partial/*/*"))
    assert {member.name: member.size for member in members(archive)} == {
        name: len(content) for name, content in GOOD.items()
    }


def test_folders_and_dots_in_names(tmp_path: Path, root: Path) -> None:
    archive = write_zip(
        tmp_path / "a.zip",
        [("./", b""), ("videos/", b""), ("./videos/./a.mp4", b"a"), ("b..c", b"b")],
    )
    assert files_below(unpack(archive, root)) == {"videos/a.mp4": b"a", "b..c": b"b"}


def test_a_second_time_nothing_is_written(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    folder = unpack(archive, root)
    monkeypatch.setattr(archive_module, "_extract", None)
    assert unpack(archive, root) == folder


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda folder: (folder / "c.txt").unlink(), id="file gone"),
        pytest.param(lambda folder: (folder / "videos/a.mp4").write_bytes(b"a"), id="file cut"),
        pytest.param(lambda folder: (folder / ".complete").unlink(), id="no mark"),
        pytest.param(shutil.rmtree, id="all gone"),
    ],
)
def test_what_is_missing_is_unpacked_again(
    tmp_path: Path, root: Path, damage: Callable[[Path], object]
) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    damage(unpack(archive, root))
    assert files_below(unpack(archive, root)) == GOOD


def test_a_changed_archive_gets_a_folder_of_its_own(tmp_path: Path, root: Path) -> None:
    archive = tmp_path / "a.zip"
    first = unpack(write_zip(archive, GOOD), root)
    second = unpack(write_zip(archive, GOOD | {"c.txt": b"new"}), root)
    assert first != second
    assert (first / "c.txt").read_bytes() == b""
    assert (second / "c.txt").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("../evil", "leads out", id="up"),
        pytest.param("a/../../evil", "leads out", id="up and up"),
        pytest.param("a/..", "leads out", id="up at the end"),
        pytest.param("/etc/evil", "is absolute", id="absolute"),
        pytest.param("//server/evil", "is absolute", id="server"),
        pytest.param("..\\evil", "backslash", id="up, backslash"),
        pytest.param("a\\b", "backslash", id="backslash"),
        pytest.param("C:/evil", "names a drive", id="drive"),
        pytest.param("c:evil", "names a drive", id="drive, relative"),
        pytest.param("", "no usable name", id="no name"),
        pytest.param("a\0b", "no usable name", id="zero byte"),
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, root: Path, name: str, words: str) -> None:
    assert words in (unsafe(name) or "")
    if name:  # zipfile writes no file without a name
        archive = write_zip(tmp_path / "a.zip", [("good", b"g"), (name, b"evil")])
        with pytest.raises(DataError, match=words) as caught:
            unpack(archive, root)
        assert str(caught.value).startswith(f"{archive}: ")
        assert "\n" not in str(caught.value)
    assert not root.exists()
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("name", ["a", "a/b.mp4", "a..b/c", ".hidden", "a b/ü.jpg", "at 12:30.mp4"])
def test_names_that_are_fine(name: str) -> None:
    assert unsafe(name) is None


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        pytest.param(stat.S_IFLNK | 0o777, "is a link", id="link"),
        pytest.param(stat.S_IFIFO | 0o644, "special file", id="pipe"),
        pytest.param(stat.S_IFCHR | 0o644, "special file", id="device"),
    ],
)
def test_only_files_and_folders(tmp_path: Path, root: Path, mode: int, words: str) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, mode << 16
        file.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match=words):
        unpack(archive, root)
    assert not root.exists()


@pytest.mark.parametrize(
    ("files", "limits", "words"),
    [
        pytest.param([("a", bytes(11_000_000))], Limits(), "grows more than 200 times", id="ratio"),
        pytest.param(
            [("a", b"xy"), ("b", b"z")], Limits(total_bytes=2), "3 bytes when", id="total"
        ),
        pytest.param([("a", b""), ("b", b"")], Limits(files=1), "lists 2 files", id="files"),
    ],
)
def test_bombs(
    tmp_path: Path, root: Path, files: list[tuple[str, bytes]], limits: Limits, words: str
) -> None:
    archive = write_zip(tmp_path / "a.zip", files)
    with pytest.raises(DataError, match=words):
        unpack(archive, root, limits)
    assert not root.exists()


def test_text_that_shrinks_well_is_no_bomb(tmp_path: Path, root: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", [("a.txt", b"question\n" * 500_000)])
    assert len(files_below(unpack(archive, root))["a.txt"]) == 4_500_000


def test_too_little_space(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(EvalkitError, match="5,001 bytes are needed and 100 are free"):
        unpack(archive, root)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_come_twice(tmp_path: Path, root: Path) -> None:
    for names in (("a", "a"), ("a/b", "./a/b"), ("a/b", "a")):
        archive = write_zip(tmp_path / "a.zip", [(name, b"x") for name in names])
        with pytest.raises(DataError, match=r"is listed twice|both a file and a folder"):
            unpack(archive, root)
    assert not root.exists()


def _encrypted(content: bytes) -> bytes:
    """Set the flag for encryption of the first file, in its head and in the listing."""
    changed = bytearray(content)
    changed[6] |= 1
    listing = content.index(b"PK\1\2")
    changed[listing + 8] |= 1
    return bytes(changed)


def _flipped(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[60] ^= 0xFF
    return bytes(changed)


def _other_size(content: bytes) -> bytes:
    """Let the listing say that the first file is longer than it is."""
    changed = bytearray(content)
    listing = content.index(b"PK\1\2")
    changed[listing + 24] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda content: content[:-10], "cut off or damaged", id="end missing"),
        pytest.param(lambda content: content[:100], "cut off or damaged", id="only the head"),
        pytest.param(lambda content: b"", "has 0 bytes", id="0 bytes"),
        pytest.param(lambda content: b"<html>", "is not a zip archive", id="html"),
        pytest.param(
            lambda content: b"version https://git-lfs.github.com/spec/v1\n", "LFS", id="placeholder"
        ),
        pytest.param(_encrypted, "is encrypted", id="encrypted"),
        pytest.param(_flipped, "'videos/a.mp4' is damaged", id="content"),
        pytest.param(_other_size, "'videos/a.mp4' (is damaged|has 5000 bytes)", id="size"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, root: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    archive.write_bytes(change(archive.read_bytes()))
    with pytest.raises(DataError, match=words) as caught:
        unpack(archive, root)
    assert str(caught.value).startswith(f"{archive}: ")
    assert "\n" not in str(caught.value)
    assert [path for path in root.rglob("*") if path.suffix in (".mp4", ".txt")] == []


def test_encryption_is_told_by_the_listing(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    archive.write_bytes(_encrypted(archive.read_bytes()))
    with pytest.raises(DataError, match="is encrypted; it is not unpacked"):
        members(archive)


def test_no_archive(tmp_path: Path, root: Path) -> None:
    with pytest.raises(DataError, match="there is no such archive"):
        unpack(tmp_path / "none.zip", root)


def test_what_a_killed_process_left_does_not_count(tmp_path: Path, root: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", GOOD)
    folder = unpack(archive, root)
    shutil.rmtree(folder)
    left = root / "partial" / folder.name / "0123" / "videos"
    left.mkdir(parents=True)
    (left / "a.mp4").write_bytes(b"a")
    assert files_below(unpack(archive, root)) == GOOD
    assert not left.exists()


UNPACK = """
import sys
from pathlib import Path
from evalkit.media import archive
written = []
real = archive._extract
archive._extract = lambda *args: (written.append(1), real(*args))
archive.unpack(Path(sys.argv[1]), Path(sys.argv[2]))
print(len(written))
"""


def test_processes_at_once_unpack_once(tmp_path: Path, root: Path) -> None:
    files = {f"{number}.bin": os.urandom(200_000) for number in range(50)}
    archive = write_zip(tmp_path / "a.zip", files)
    command = [sys.executable, "-c", UNPACK, str(archive), str(root)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    written = sorted(int(process.communicate(timeout=300)[0]) for process in running)
    assert written == [0, 0, 50]
    assert files_below(unpack(archive, root)) == files
