"""A release is complete, loads as its card says, and is the same bytes however it came about."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spatialgen.dataset.files import MANIFEST, QUESTIONS, read_rows
from spatialgen.errors import DatasetError, SpatialgenError, UsageError
from spatialgen.progress import Progress
from spatialgen.release.build import build
from spatialgen.release.part import Options
from spatialgen.scenes import open_scenes
from spatialgen.synth.settings import settings
from spatialgen.synth.writing import write_rooms
from spatialgen.tables import record, shards
from tests.release.made_rows import question, rejected, scene, write_folder
from tests.runs import made

pytest.importorskip("pyarrow")


def released(folders: list[Path], out: Path, options: Options | None = None, **more: Any) -> Any:
    with Progress("folders") as progress:
        return build(folders, out, progress, options, **more)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    first = write_folder(
        tmp_path / "first",
        [question(number) for number in range(4)],
        [scene()],
        [rejected(9), {"dataset": "synthetic", "scene_name": "x", "reason": "bad", "detail": ""}],
    )
    second = write_folder(
        tmp_path / "second",
        [question(number, scene="room1", round=1) for number in range(3)],
        [scene(name="room1")],
        config={"round": 1, "model": {"model": "a-model", "per_reply": 4}},
        inputs={"previous:aa": json.loads((first / MANIFEST).read_text())["files"][QUESTIONS]},
    )
    return [first, second]


def test_a_release_is_what_its_record_says(folders: list[Path], tmp_path: Path) -> None:
    release = released(folders, tmp_path / "out")
    assert record.read(tmp_path / "out") == release
    assert [part.round for part in release.parts.values()] == [0, 1]
    held = {name: each for part in release.parts.values() for name, each in part.files.items()}
    found = contents(tmp_path / "out")
    assert sorted(found) == sorted([*held, "README.md", "release.json"])
    assert {name: len(found[name]) for name in held} == {
        name: each.bytes for name, each in held.items()
    }
    (first, second) = release.parts.values()
    assert second.parents == (first.questions,)
    assert (first.tables["questions"].rows, second.tables["questions"].rows) == (4, 3)
    assert first.sources["synthetic"].questions == 4


def test_rows_come_back(dataset: Path, tmp_path: Path) -> None:
    release = released([dataset], tmp_path / "out", Options(rejected=True))
    (part,) = release.parts.values()
    for table in ("questions", "scenes", "rejected"):
        paths = [tmp_path / "out" / name for name in part.files if f"/{table}/" in name]
        assert list(shards.read(paths, table)) == list(read_rows(dataset, f"{table}.jsonl"))


def test_order_and_repetition_do_not_matter(folders: list[Path], tmp_path: Path) -> None:
    released(folders, tmp_path / "one")
    released([folders[1], *folders], tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_neither_process_nor_clock_matter(folders: list[Path], tmp_path: Path) -> None:
    released(folders, tmp_path / "here")
    manifest = json.loads((folders[0] / MANIFEST).read_text())
    (folders[0] / MANIFEST).write_text(json.dumps({**manifest, "wall_time_s": 9.0}))
    program = (
        "import sys; from pathlib import Path; from spatialgen.release.build import build\n"
        "from spatialgen.progress import Progress\n"
        "out, *folders = map(Path, sys.argv[1:])\n"
        "with Progress('folders') as progress: build(folders, out, progress)\n"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "5",
        "TZ": "Asia/Tokyo",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    subprocess.run(
        [sys.executable, "-c", program, tmp_path / "there", *folders], env=environment, check=True
    )
    assert contents(tmp_path / "here") == contents(tmp_path / "there")


def test_two_releases_are_put_together(folders: list[Path], tmp_path: Path) -> None:
    both = released(folders, tmp_path / "both")
    one, other = (released([folder], tmp_path / f"of-{folder.name}") for folder in folders)
    assert record.combine(one, other) == record.combine(other, one) == both


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_datasets_loads_each_config(folders: list[Path], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    release = released(folders, tmp_path / "out", Options(rejected=True))
    for table in release.table_names():
        loaded = datasets.load_dataset(
            str(tmp_path / "out"), table, split="train", cache_dir=str(tmp_path / "cache")
        )
        assert loaded.num_rows == release.rows(table)
    default = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert sorted(set(default["train"]["round"])) == [0, 1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pictures_of_made_rooms_are_released(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    small = settings(width=32, height=32, seconds=1.0, fps=4.0, objects=6)
    with Progress("rooms") as progress:
        write_rooms(tmp_path / "scans", 0, 1, small, 1, progress)
    made([tmp_path / "scans"], tmp_path / "dataset", frames=3)
    scans = open_scenes([tmp_path / "scans"])
    options = Options(scans=scans)
    release = released([tmp_path / "dataset"], tmp_path / "out", options)
    (kept,) = read_rows(tmp_path / "dataset", "scenes.jsonl")
    frames = datasets.load_dataset(
        str(tmp_path / "out"), "frames", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert frames["index"] == [frame["index"] for frame in kept["frames"]]
    assert frames[0]["image"].size == (32, 32)
    assert frames[0]["pose"] == kept["frames"][0]["pose"]
    assert release.license == "cc-by-4.0"

    with Progress("rooms") as progress:
        write_rooms(tmp_path / "others", 1, 1, small, 1, progress)
    options = Options(scans=open_scenes([tmp_path / "others"]))
    with pytest.raises(DatasetError, match="its pictures are not under the scenes given"):
        released([tmp_path / "dataset"], tmp_path / "none", options)
    assert not (tmp_path / "none").exists()

    (tmp_path / "others" / "room1_00000").rename(tmp_path / "others" / "room0_00000")
    for path in sorted((tmp_path / "others" / "room0_00000").iterdir()):
        path.rename(path.with_name(path.name.replace("room1", "room0")))
    options = Options(scans=open_scenes([tmp_path / "others"]))
    with pytest.raises(SpatialgenError, match="room0_00000"):
        released([tmp_path / "dataset"], tmp_path / "none", options)


def test_frames_of_scans_are_never_released(rooms: Path, tmp_path: Path) -> None:
    rows = [question(0, dataset="scannet")]
    folder = write_folder(tmp_path / "made", rows, [scene(dataset="scannet")])
    options = Options(scans=open_scenes([rooms]))
    release = released([folder], tmp_path / "out", options)
    assert release.table_names() == ("questions", "scenes")
    assert release.license == "other"


def test_what_gives_itself_away_is_left_out(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    rows = [
        question(
            2 * i, scene=f"room{i}", question=f"Where is it {i}?", options=["A. left", "B. right"]
        )
        for i in range(60)
    ]
    folder = write_folder(tmp_path / "made", rows, [scene(name=f"room{i}") for i in range(60)])
    plain = released([folder], tmp_path / "plain", Options(audit=True))
    (part,) = plain.parts.values()
    assert part.shortcuts is not None
    assert part.shortcuts["object_counting_mc"].shortcut
    thinned = released([folder], tmp_path / "thinned", Options(debias=True, rejected=True))
    (part,) = thinned.parts.values()
    gone = part.left_out["shortcut"]
    assert gone > 0
    assert (thinned.rows("questions"), thinned.rows("rejected")) == (60 - gone, gone)
    assert part.types["object_counting_mc"].accepted == 60 - gone


def manifested(**parts: Any) -> Callable[[Path], Any]:
    def harm(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps({**manifest, **parts}))

    return harm


def nested(levels: int) -> Any:
    data: Any = 1
    for _ in range(levels):
        data = [data]
    return data


def altered(folder: Path) -> None:
    with (folder / QUESTIONS).open("ab") as stream:
        stream.write(b"{}\n")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(
            manifested(complete=False), "unfinished; run the command that began it", id="unfinished"
        ),
        pytest.param(
            manifested(versions={"language": "1.3"}),
            "made with version 1.3 of the query language",
            id="older",
        ),
        pytest.param(manifested(config={"round": -1}), "config.round", id="round"),
        pytest.param(manifested(config={"round": 10**12}), "config.round", id="huge round"),
        pytest.param(manifested(config={"a": float("nan")}), "damaged", id="no number"),
        pytest.param(
            manifested(config={"a": nested(300)}), "nested more than 50 deep", id="too deep"
        ),
        pytest.param(manifested(contamination=3), "contamination", id="contamination"),
        pytest.param(manifested(inputs={"a": 3}), "inputs.a", id="inputs"),
        pytest.param(altered, "questions.jsonl: altered or missing", id="altered"),
        pytest.param(lambda folder: (folder / MANIFEST).unlink(), "not a dataset", id="foreign"),
        pytest.param(lambda folder: (folder / MANIFEST).write_text("{"), "damaged", id="torn"),
    ],
)
def test_folders_that_are_not_fit(
    harm: Callable[[Path], Any], told: str, folders: list[Path], tmp_path: Path
) -> None:
    harm(folders[0])
    with pytest.raises(SpatialgenError, match=told):
        released(folders, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "scenes", "told"),
    [
        pytest.param(
            [question(0, dataset="mine")],
            [scene(dataset="mine")],
            "no licence is known for the scenes of 'mine'",
            id="no licence",
        ),
        pytest.param([], [scene()], "holds no question", id="no question"),
        pytest.param([question(0, seed="x")], [scene()], "row 1 .room0.: 'seed' holds", id="row"),
        pytest.param(
            [question(0)], [scene(), scene(objects=3)], "row 2 .room0.: no scene", id="scene"
        ),
    ],
)
def test_rows_that_are_not_fit(rows: Any, scenes: Any, told: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "made", rows, scenes)
    with pytest.raises(SpatialgenError, match=told):
        released([folder], tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_licences_that_the_user_vouches_for(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "made", [question(0, dataset="mine")], [scene(dataset="mine")])
    release = released([folder], tmp_path / "out", Options(sources={"mine": "CC-BY-4.0"}))
    (part,) = release.parts.values()
    assert (part.sources["mine"].licence, part.sources["mine"].frames) == ("cc-by-4.0", False)
    with pytest.raises(UsageError, match=r"no licence 'cc-by'; did you mean .*cc-by-4.0"):
        released([folder], tmp_path / "no", Options(sources={"mine": "cc-by"}))


def test_rejected_drafts_need_a_licence_too(tmp_path: Path) -> None:
    turned_down = [rejected(3, dataset="mine")]
    folder = write_folder(tmp_path / "made", [question(0)], [scene()], turned_down)
    released([folder], tmp_path / "without")
    with pytest.raises(UsageError, match="no licence is known for the scenes of 'mine'"):
        released([folder], tmp_path / "with", Options(rejected=True))


def test_a_licence_that_is_none_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no licence 'apache'; did you mean apache-2.0"):
        released([tmp_path / "nothing"], tmp_path / "out", license="apache")


def test_the_folder_may_be_the_current_one_or_a_link(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    for out in (Path("."), tmp_path / "link"):
        released(folders[:1], out)
        assert (tmp_path / "here" / "release.json").is_file()
    assert (tmp_path / "link").is_symlink()


def test_only_a_release_is_replaced(folders: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    released(folders[:1], out)
    released(folders, out)
    assert len(record.read(out).parts) == 2
    (out / "mine.txt").write_text("keep me")
    with pytest.raises(UsageError, match="something else is there"):
        released(folders, out)
    assert (out / "mine.txt").read_text() == "keep me"
