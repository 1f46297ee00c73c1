"""What publish, materialize, audit and diff say of places where nothing can be read or written."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.release.made_rows import question, scene, write_folder
from tests.runs import here
from tests.scenes import made_scannet
from tests.test_bad_input import mounted

pytest.importorskip("pyarrow")

Capture = pytest.CaptureFixture[str]

LONG = "n" * 300
AGAIN = "what was done is kept: mend this and run the same command again"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset folder called "dataset", with a file beside it, in the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    made_scannet.save(made_scannet.room(0.5), tmp_path / "scans")
    rows = [question(number) for number in range(4)]
    return write_folder(tmp_path / "dataset", rows, [scene()])


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system with room for next to nothing, called "disk"."""
    disk = folder.parent / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or not mounted(disk, "size=16k"):
        pytest.skip("only root may mount a small file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


PUBLISH = ("publish", "dataset", "--repo", "rooms/demo", "--dry-run", "--no-audit", "--out")
JOIN = ("materialize", "dataset", "--scenes", "scans", "--workers", "1", "--out")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ((*PUBLISH, "file"), 2, "file: something else is there; choose another folder"),
        ((*PUBLISH, "file/x"), 2, "file/x: a file is in the way; choose another folder"),
        ((*PUBLISH, LONG), 1, f"{LONG}: File name too long; {AGAIN}"),
        ((*PUBLISH, "/proc/x"), 1, f"/proc/x: No such file or directory; {AGAIN}"),
        ((*JOIN, "file"), 2, "file: a file is in the way; choose another --out"),
        ((*JOIN, "file/x"), 2, "file/x: a file is in the way; choose another --out"),
        ((*JOIN, LONG), 1, f"{LONG}: File name too long; {AGAIN}"),
        (("publish", "file", *PUBLISH[2:], "o"), 2, "file: not a dataset folder (there is no"),
        (("audit", LONG), 1, f"{LONG}: File name too long; "),
        (("audit", "pipe"), 2, "pipe: there is no such file of questions"),
        (("audit", "file/x"), 2, "file/x: there is no such file of questions"),
        (("audit", "dataset", "--against", "pipe"), 2, "pipe: there is no such file of questions"),
        (("diff", "file", "dataset"), 2, "file: neither a dataset folder nor a release folder"),
        (("diff", "pipe", "dataset"), 2, "pipe: neither a dataset folder nor a release folder"),
    ],
)
def test_places_that_are_none(
    words: tuple[str, ...], status: int, told: str, folder: Path, capsys: Capture
) -> None:
    assert here(capsys, *words).complaint(status).startswith(told)


@pytest.mark.parametrize("words", [PUBLISH, JOIN])
def test_a_full_disk_is_named(words: tuple[str, ...], small_disk: Path, capsys: Capture) -> None:
    with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as stream:
        while stream.write(bytes(4_096)):
            pass
    told = here(capsys, *words, "disk/x").complaint(1)
    assert told == f"disk/x: No space left on device; {AGAIN}"


@pytest.mark.parametrize("words", [PUBLISH, JOIN])
def test_a_read_only_disk_is_named(
    words: tuple[str, ...], small_disk: Path, capsys: Capture
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    told = here(capsys, *words, "disk/x").complaint(1)
    assert told == f"disk/x: Read-only file system; {AGAIN}"
