"""Rows and media come from a folder or the Hub alike, and what is missing has a command."""

import base64
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import DataError
from evalkit.hub import PAUSES_S
from evalkit.media.cache import FrameCache
from evalkit.media.errors import MediaError
from evalkit.media.images import ImageStore
from evalkit.media.video import Sampling
from evalkit.places import download_line, matching
from evalkit.source import Dataset, Selection, open_dataset, usual_files
from tests.evalkit.loopback_hub import COMMIT, Hub, serving
from tests.evalkit.made_media import as_lines, number_in, write_parquet, write_video, write_zip

ROOT = Path(__file__).parents[2]

VIDEOS = Selection(
    repo="org/videos",
    revision=COMMIT,
    files=("test-*.parquet", "test.jsonl"),
    columns=("id", "dataset", "scene_name", "question", "options"),
    media=("arkitscenes.zip", "scannet.zip"),
)


def question(number: int, dataset: str, scene: str) -> dict[str, Any]:
    return {
        "id": number,
        "dataset": dataset,
        "scene_name": scene,
        "question": f"How many chairs are in room {number}?",
        "options": None if number % 2 else ["A. one", "B. two"],
    }


QUESTIONS = [
    question(0, "arkitscenes", "41"),
    question(11, "arkitscenes", "42"),
    question(12, "scannet", "scene0011_00"),
    question(13, "scannet", "scene0015_00"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Videos in two archives, the rows beside them: VSI-Bench's layout."""
    lengths = {"arkitscenes/41": 40, "arkitscenes/42": 50, "scannet/scene0011_00": 60}
    made = {
        f"{name}.mp4": write_video(tmp_path / "made" / f"{name}.mp4", length).read_bytes()
        for name, length in lengths.items()
    }
    folder = tmp_path / "data"
    for archive in ("arkitscenes", "scannet"):
        files = {name: content for name, content in made.items() if name.startswith(archive)}
        write_zip(folder / f"{archive}.zip", files)
    (folder / "test.jsonl").write_bytes(as_lines(QUESTIONS))
    return folder


def video_of(row: dict[str, Any]) -> str:
    return f"{row['dataset']}/{row['scene_name']}.mp4"


def test_a_folder_of_videos(tmp_path: Path, folder: Path) -> None:
    dataset = open_dataset(VIDEOS, tmp_path / "cache", folder)
    assert list(dataset.rows()) == list(dataset.rows()) == QUESTIONS
    assert (dataset.count, dataset.revision) == (4, None)
    assert dataset.missing(map(video_of, QUESTIONS)) == ["scannet/scene0015_00.mp4"]
    assert not (tmp_path / "cache").exists()  # nothing was unpacked to find that out
    with FrameCache(tmp_path / "cache") as cache:
        for row, total in zip(QUESTIONS[:3], (40, 50, 60), strict=True):
            video = cache.video(dataset.find(video_of(row)), Sampling(8))
            assert video.total_frames == total
            assert [number_in(frame) for frame in video.frames] == list(video.indices)


def test_parquet_comes_first_and_says_the_same(tmp_path: Path, folder: Path) -> None:
    (folder / "test.jsonl").write_bytes(as_lines(QUESTIONS[:1]))
    write_parquet(folder / "test-00001-of-00002.parquet", QUESTIONS[2:])
    write_parquet(folder / "test-00000-of-00002.parquet", QUESTIONS[:2])
    dataset = open_dataset(VIDEOS, tmp_path / "cache", folder)
    assert list(dataset.rows()) == QUESTIONS


def test_media_beside_the_archives_are_used_where_they_are(tmp_path: Path, folder: Path) -> None:
    path = write_video(folder / "arkitscenes" / "41.mp4", 7)
    dataset = open_dataset(VIDEOS, tmp_path / "cache", folder)
    assert dataset.find("arkitscenes/41.mp4") == path
    assert dataset.find("other/41.mp4", "arkitscenes/41.mp4") == path
    assert not (tmp_path / "cache").exists()


def test_only_the_archive_that_is_needed_is_unpacked(tmp_path: Path, folder: Path) -> None:
    dataset = open_dataset(VIDEOS, tmp_path / "cache", folder)
    dataset.find("scannet/scene0011_00.mp4")
    unpacked = [path.name for path in (tmp_path / "cache" / "archives").glob("*-*")]
    assert [name.partition("-")[0] for name in unpacked] == ["scannet"]


def test_rows_in_an_archive(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    files = {
        "data/raw/tiny.jsonl": as_lines([{"id": "a", "images": ["a.png"]}]),
        "data/a.png": b"x",
    }
    write_zip(folder / "data.zip", files)
    source = Selection("org/images", files=("data/raw/tiny.jsonl",), media=("data.zip",))
    dataset = open_dataset(source, tmp_path / "cache", folder)
    assert [row["id"] for row in dataset.rows()] == ["a"]
    assert dataset.find("data/a.png").read_bytes() == b"x"


def test_images_in_rows(tmp_path: Path) -> None:
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    )
    folder = tmp_path / "data"
    folder.mkdir()
    write_parquet(folder / "test.parquet", [{"id": 1, "images": [{"bytes": png, "path": None}]}])
    table = f"index\timage\n1\t{json.dumps([base64.b64encode(png).decode()])}\n"
    (folder / "test.tsv").write_text(table)
    store = ImageStore(tmp_path / "images")
    ids = []
    for name, column in (("test.parquet", "images"), ("test.tsv", "image")):
        dataset = open_dataset(Selection("org/x", files=(name,)), tmp_path / "cache", folder)
        (row,) = dataset.rows()
        cell = row[column] if name.endswith("parquet") else json.loads(row[column])
        ids.append(store.cell(cell[0]).id)
    assert len(set(ids)) == 1


def opened(tmp_path: Path, folder: Path, **changes: Any) -> Dataset:
    return open_dataset(replace(VIDEOS, **changes), tmp_path / "cache", folder)


@pytest.mark.parametrize(
    ("prepare", "changes", "words"),
    [
        pytest.param(lambda f: (f / "test.jsonl").unlink(), {}, "has no file with rows", id="none"),
        pytest.param(
            lambda f: None, {"columns": ("id", "answer")}, "row 1 has no column answer", id="column"
        ),
        pytest.param(
            lambda f: (f / "test.jsonl").write_bytes(as_lines([*QUESTIONS[:2], {"id": 3}])),
            {},
            "row 3 has no column dataset, scene_name, question, options",
            id="column of one row",
        ),
        pytest.param(
            lambda f: (f / "test.jsonl").write_bytes(b"\n"), {}, "have none", id="no rows at all"
        ),
        pytest.param(
            lambda f: (f / "scannet.zip").write_bytes(b"PK\3\4"),
            {},
            "scannet.zip: is cut",
            id="zip",
        ),
    ],
)
def test_what_is_wrong_with_a_folder(
    tmp_path: Path,
    folder: Path,
    prepare: Callable[[Path], object],
    changes: dict[str, Any],
    words: str,
) -> None:
    prepare(folder)
    with pytest.raises(DataError, match=words) as caught:
        opened(tmp_path, folder, **changes)
    assert str(caught.value).startswith(str(folder))
    assert "\n" not in str(caught.value)


def command_in(error: BaseException) -> list[str]:
    return shlex.split(str(error).partition("with: ")[2])


def test_the_command_for_a_missing_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my data"
    with pytest.raises(DataError, match="there is no such folder") as caught:
        open_dataset(VIDEOS, tmp_path / "cache", folder)
    at = ["--repo-type", "dataset", "--revision", COMMIT, "--local-dir", str(folder)]
    assert command_in(caught.value) == ["hf", "download", "org/videos", *at]


@pytest.mark.parametrize(
    ("remove", "name", "files"),
    [
        pytest.param(["scannet.zip"], "scannet/a.mp4", ["scannet.zip"], id="its archive"),
        pytest.param(
            ["scannet.zip", "arkitscenes.zip"],
            "scannet/a.mp4",
            ["scannet.zip"],
            id="of two, its own",
        ),
        pytest.param(["scannet.zip"], "other/a.mp4", ["scannet.zip"], id="perhaps in there"),
        pytest.param([], "scannet/a.mp4", [], id="in no archive"),
    ],
)
def test_the_command_for_missing_media(
    tmp_path: Path, folder: Path, remove: list[str], name: str, files: list[str]
) -> None:
    for archive in remove:
        (folder / archive).unlink()
    with pytest.raises(MediaError, match=name) as caught:
        opened(tmp_path, folder).find(name)
    assert caught.value.code == "missing"
    assert "\n" not in str(caught.value)
    at = ["--repo-type", "dataset", "--revision", COMMIT, "--local-dir", str(folder)]
    assert command_in(caught.value) == ["hf", "download", "org/videos", *files, *at]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "C:/x", "a\\b", ""])
def test_rows_can_t_name_files_elsewhere(tmp_path: Path, folder: Path, name: str) -> None:
    (tmp_path / "secret").write_text("")
    dataset = opened(tmp_path, folder)
    with pytest.raises(MediaError) as caught:
        dataset.find(name)
    assert caught.value.code == "unsafe_name"
    assert dataset.missing([name]) == [name]


def test_the_commit_of_a_download_is_known(tmp_path: Path, folder: Path) -> None:
    notes = folder / ".cache" / "huggingface" / "download"
    notes.mkdir(parents=True)
    (notes / "test.jsonl.metadata").write_text(f"{COMMIT}\netag\n1.0\n")
    assert opened(tmp_path, folder).revision == COMMIT


def test_the_digest_is_of_the_rows(tmp_path: Path, folder: Path) -> None:
    first = opened(tmp_path, folder).digest
    assert opened(tmp_path, folder).digest == first
    (folder / "test.jsonl").write_bytes(as_lines(QUESTIONS[::-1]))
    assert opened(tmp_path, folder).digest != first


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("test.jsonl", ["test.jsonl"]),
        ("test*", ["test.jsonl", "test_debiased.parquet"]),
        ("*/test*", ["data/test-0.parquet"]),
        ("*", ["test.jsonl", "test_debiased.parquet"]),
        ("none", []),
    ],
)
def test_patterns_match_alike_in_folders_and_lists(
    tmp_path: Path, pattern: str, found: list[str]
) -> None:
    names = ["test_debiased.parquet", "data/test-0.parquet", "test.jsonl"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(as_lines(QUESTIONS))
    assert list(matching(names, pattern)) == found
    if found == ["test.jsonl"]:
        source = Selection("org/x", files=(pattern,))
        assert open_dataset(source, tmp_path / "cache", tmp_path).count == 4


def test_files_of_another_configuration_are_not_taken() -> None:
    assert "test.jsonl" in usual_files(None, "test")
    assert "data/test-*.parquet" in usual_files("default", "test")
    assert all(name.startswith("debiased/") for name in usual_files("debiased", "test"))


def test_download_line() -> None:
    line = download_line("org/x", None, Path("my data"), ["a b.zip"])
    assert line == "hf download org/x 'a b.zip' --repo-type dataset --local-dir 'my data'"


OPEN = """
import json, sys
from pathlib import Path
from evalkit.errors import EvalkitError
from evalkit.source import Selection, open_dataset
fields, cache, find = json.loads(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
fields = {name: tuple(it) if isinstance(it, list) else it for name, it in fields.items()}
try:
    dataset = open_dataset(Selection(**fields), cache)
    print(json.dumps({
        "rows": [str(row) for row in dataset.rows()],
        "count": dataset.count,
        "revision": dataset.revision,
        "found": [dataset.find(name).read_text() for name in find],
        "imported": sorted({"datasets", "huggingface_hub"} & sys.modules.keys()),
    }))
except EvalkitError as error:
    print(json.dumps({"error": str(error), "kind": type(error).__name__}))
"""


def from_hub(
    hub: Hub, tmp_path: Path, source: dict[str, Any], *find: str, offline: str = "0"
) -> dict[str, Any]:
    """Open a selection in a process of its own, whose Hub is ``hub``; return what it prints."""
    settings = {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": offline,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    command = [sys.executable, "-c", OPEN, json.dumps(source), str(tmp_path / "cache"), *find]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def zipped(tmp_path: Path) -> bytes:
    return write_zip(tmp_path / "made.zip", {"scannet/a.txt": b"a"}).read_bytes()


def test_the_hub_gives_files_at_the_pinned_commit(tmp_path: Path, zipped: bytes) -> None:
    files = {"test.jsonl": as_lines(QUESTIONS), "scannet.zip": zipped, "other.zip": zipped}
    source = {"repo": "org/x", "revision": COMMIT, "files": ["test.jsonl"]}
    source |= {"columns": ["id"], "media": ["other.zip", "scannet.zip"]}
    with serving(Hub("org/x", files)) as hub:
        found = from_hub(hub, tmp_path, source, "scannet/a.txt")
        resolved = [path for path in hub.asked if "/resolve/" in path]
    again = from_hub(hub, tmp_path, source, "scannet/a.txt", offline="1")
    assert found["rows"] == [str(row) for row in QUESTIONS]
    assert (found["count"], found["revision"], found["found"]) == (4, COMMIT, ["a"])
    assert found["imported"] == ["huggingface_hub"]
    assert all(f"/resolve/{COMMIT}/" in path for path in resolved)
    assert not any("other.zip" in path for path in resolved)
    # What was downloaded before is enough where there is no Hub.
    assert again == found


def test_the_hub_gives_what_the_card_says(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", [{"id": 1, "image": {"bytes": b"x", "path": "a.png"}}])
    card = (
        "configs:\n- config_name: full\n  data_files:\n  - split: test\n    path: odd/*.parquet\n"
    )
    files = {
        "odd/a.parquet": (tmp_path / "a.parquet").read_bytes(),
        "README.md": f"---\n{card}---\n".encode(),
        "test.jsonl": as_lines(QUESTIONS),
    }
    source = {"repo": "org/x", "config": "full", "columns": ["id"]}
    with serving(Hub("org/x", files)) as hub:
        found = from_hub(hub, tmp_path, source)
        assert found["rows"] == ["{'id': 1, 'image': {'bytes': b'x', 'path': 'a.png'}}"]
        assert (found["count"], found["revision"]) == (1, COMMIT)
        other = from_hub(hub, tmp_path, source | {"config": "none"})
        assert "'none' not found. Available: ['full']" in other["error"]
        column = from_hub(hub, tmp_path, source | {"columns": ["answer"]})
        assert "has no column answer" in column["error"]
    whole = files["odd/a.parquet"]
    for broken in (b"PAR1", whole[:4] + bytes(40) + whole[44:]):
        with serving(Hub("org/y", files | {"odd/a.parquet": broken})) as hub:
            error = from_hub(hub, tmp_path, source | {"repo": "org/y"})["error"]
        assert error.startswith("org/y: ")
        assert "\n" not in error


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param({"repo": "org/none"}, "is no dataset on the Hub", id="repository"),
        pytest.param({"repo": "org/x", "revision": "v9"}, "has no revision 'v9'", id="revision"),
        pytest.param(
            {"repo": "org/x", "files": ["a.jsonl"]},
            "get the data with: hf download org/x --repo-type dataset --local-dir x",
            id="file",
        ),
    ],
)
def test_what_the_hub_does_not_have(tmp_path: Path, source: dict[str, Any], words: str) -> None:
    with serving(Hub("org/x", {"test.jsonl": as_lines(QUESTIONS)})) as hub:
        found = from_hub(hub, tmp_path, source)
    assert words in found["error"]
    assert "\n" not in found["error"]


def test_a_busy_hub_is_asked_again(tmp_path: Path) -> None:
    hub = Hub("org/x", {"test.jsonl": as_lines(QUESTIONS)}, faults=[503])
    with serving(hub):
        found = from_hub(hub, tmp_path, {"repo": "org/x", "files": ["test.jsonl"]})
    assert found.get("count") == 4


@pytest.mark.slow
def test_a_hub_that_is_away_is_one_line(tmp_path: Path) -> None:
    hub = Hub("org/x", {}, endpoint="http://127.0.0.1:9")
    found = from_hub(hub, tmp_path, {"repo": "org/x", "files": ["test.jsonl"]})
    assert found["kind"] == "DataError"
    line = "get it with: hf download org/x --repo-type dataset --local-dir x and add --data x"
    assert found["error"].endswith(line)
    assert "\n" not in found["error"]
    assert sum(PAUSES_S) < 10
