"""Writing many rooms: the same bytes whoever does it, nothing half done, nothing overwritten."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spatialgen.errors import UsageError
from spatialgen.progress import Progress
from spatialgen.synth import writing
from spatialgen.synth.settings import RoomSettings, settings
from spatialgen.synth.writing import RECEIPT, Written, write_rooms

SMALL = settings(width=32, height=32, seconds=0.5, objects=5, spacing=0.2)


def rooms(
    out: Path, count: int = 3, chosen: RoomSettings = SMALL, workers: int = 1, seed: int = 4
) -> Written:
    with Progress("rooms") as progress:
        return write_rooms(out, seed, count, chosen, workers, progress)


def digest(folder: Path) -> str:
    """Return a hash of all names and bytes under a folder."""
    seen = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        seen.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()


def test_bytes_do_not_depend_on_workers_hash_seed_or_time_zone(tmp_path: Path) -> None:
    assert rooms(tmp_path / "here") == Written(made=3, kept=0, frames=12)
    rooms(tmp_path / "two", workers=2)
    code = (
        "import sys; from pathlib import Path\n"
        "from spatialgen.progress import Progress\n"
        "from spatialgen.synth.settings import settings\n"
        "from spatialgen.synth.writing import write_rooms\n"
        "chosen = settings(width=32, height=32, seconds=0.5, objects=5, spacing=0.2)\n"
        "with Progress('rooms') as progress:\n"
        "    write_rooms(Path(sys.argv[1]), 4, 3, chosen, 1, progress)\n"
    )
    apart = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "apart")], env=apart, check=True)
    seen = {digest(tmp_path / name) for name in ("here", "two", "apart")}
    assert len(seen) == 1
    rooms(tmp_path / "other", seed=5)
    assert digest(tmp_path / "other") not in seen


def test_a_room_is_the_same_among_few_and_among_many(tmp_path: Path) -> None:
    rooms(tmp_path / "one", count=1)
    rooms(tmp_path / "more", count=2)
    assert digest(tmp_path / "one/room4_00000") == digest(tmp_path / "more/room4_00000")


def test_what_is_whole_is_kept_and_the_rest_is_made(tmp_path: Path) -> None:
    rooms(tmp_path, count=2)
    before = digest(tmp_path / "room4_00000")
    stamp = (tmp_path / "room4_00000" / RECEIPT).stat().st_mtime_ns
    (tmp_path / "unrelated.txt").write_text("mine")
    assert rooms(tmp_path, count=3) == Written(made=1, kept=2, frames=12)
    assert (tmp_path / "room4_00000" / RECEIPT).stat().st_mtime_ns == stamp
    assert digest(tmp_path / "room4_00000") == before
    assert (tmp_path / "unrelated.txt").read_text() == "mine"
    assert rooms(tmp_path, count=3) == Written(made=0, kept=3, frames=12)


@pytest.mark.parametrize("harm", ["cut", "deleted", "added"])
def test_a_damaged_room_is_made_again(harm: str, tmp_path: Path) -> None:
    rooms(tmp_path, count=1)
    folder = tmp_path / "room4_00000"
    before = digest(folder)
    if harm == "cut":
        depth = folder / "depth" / "2.png"
        depth.write_bytes(depth.read_bytes()[:-9])
    elif harm == "deleted":
        shutil.rmtree(folder / "pose")
    else:
        (folder / "color" / "99.jpg").write_bytes(b"x")
    assert rooms(tmp_path, count=1).made == 1
    assert digest(folder) == before


def test_an_interrupted_room_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = writing.write

    def interrupted(folder: Path, *rest: object) -> None:
        original(folder, *rest)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rooms(tmp_path, count=1)
    assert [path.name for path in tmp_path.iterdir()] == [".room4_00000.partial"]
    monkeypatch.undo()
    rooms(tmp_path, count=1)
    assert [path.name for path in tmp_path.iterdir()] == ["room4_00000"]


def foreign_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.tex").write_text("precious")


def foreign_receipt(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / RECEIPT).write_text(json.dumps({"made_by": "someone else"}))


def nested_receipt(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / RECEIPT).write_text("[" * 100_000)


def foreign_file(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file")


def link_to_nowhere(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.symlink_to("nowhere")


@pytest.mark.parametrize(
    "put",
    [foreign_folder, foreign_receipt, nested_receipt, foreign_file, link_to_nowhere],
    ids=lambda put: put.__name__,
)
def test_what_is_not_ours_is_refused_and_left_alone(
    put: "object", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    put(out / "room4_00001")  # type: ignore[operator]
    before = digest(out)
    with pytest.raises(UsageError, match=r"room4_00001: not made by `spatialgen synth`; choose"):
        rooms(out)
    assert digest(out) == before
    assert not (out / "room4_00000").exists()


def test_rooms_of_other_settings_are_refused(tmp_path: Path) -> None:
    rooms(tmp_path, count=1)
    before = digest(tmp_path)
    other = SMALL.model_copy(update={"colors": "class"})
    with pytest.raises(UsageError, match=r"room4_00000: made with other settings; choose"):
        rooms(tmp_path, count=1, chosen=other)
    assert digest(tmp_path) == before
