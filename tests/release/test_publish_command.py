"""``spatialgen publish`` as it is typed: what it shows, what it does, what it complains about."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import Fault, Hub
from hub_store import TOKEN

from spatialgen.dataset.files import MANIFEST, QUESTIONS
from tests.release.hub_here import REPO, held, hub_here, titles
from tests.release.made_rows import question, rejected, scene, write_folder
from tests.runs import Ended, here

pytest.importorskip("pyarrow")

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_here(tmp_path / "store", monkeypatch) as serving:
        yield serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [question(number) for number in range(4)]
    return write_folder(tmp_path / "dataset", rows, [scene()], [rejected(9)])


def published(capsys: Capture, *words: str | Path) -> Ended:
    repo = () if "--repo" in words else ("--repo", REPO)
    return here(capsys, "publish", *words, *repo, "--no-audit")


def test_a_dry_run_shows_all_and_sends_nothing(hub: Hub, folder: Path, capsys: Capture) -> None:
    ended = published(capsys, folder, "--dry-run")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "---"
    assert any(line.startswith("data/questions/round0-") for line in lines)
    assert lines[-1] == f"nothing was sent to {REPO}: leave out --dry-run to publish"
    assert hub.asked == []


def test_a_dry_run_needs_no_token(
    folder: Path, hub: Hub, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    told = published(capsys, folder, "--dry-run", "--json").json()
    assert told["repo"] == REPO
    assert told["bytes"] == sum(file["bytes"] for file in told["files"].values())
    assert [*told["parts"].values()] == [{"scenes": 1, "questions": 4}]


def test_publishing_and_once_more(hub: Hub, folder: Path, capsys: Capture) -> None:
    ended = published(capsys, folder, "--with-rejected")
    assert ended.status == 0
    assert f"/datasets/{REPO}/commit/" in ended.out
    assert "1 part added (" in ended.out
    assert titles(hub) == ["Add round 0: 4 questions"]
    assert any(path.startswith("data/rejected/") for path in held(hub))
    again = published(capsys, folder, "--with-rejected")
    assert again.out.endswith(": all of it was there already\n")
    told = published(capsys, folder, "--with-rejected", "--json").json()
    assert (told["added"], told["files"], told["bytes"]) == ([], [], 0)


def test_what_is_replaced_is_told(hub: Hub, folder: Path, tmp_path: Path, capsys: Capture) -> None:
    rows = [question(number, round=1) for number in range(6)]
    second = write_folder(tmp_path / "second", rows, [scene()], config={"round": 1})
    assert published(capsys, folder, second).status == 0
    ended = published(capsys, second, "--replace")
    assert ": 0 parts added, 1 removed (" in ended.out
    assert titles(hub)[-1] == "Remove rounds"


@pytest.mark.parametrize(
    ("rows", "rooms", "told"),
    [
        ([question(0, scene="..")], [scene()], "'..' can't be the name of a scene"),
        ([question(0)], [scene(name="x" * 101)], "can't be the name of a scene"),
        ([question(0, question="")], [scene()], "'question' is no text"),
        ([question(0, frames=[])], [scene()], "'frames' are no list of 1 to"),
        ([], [scene()], "holds no question"),
    ],
)
def test_what_nobody_could_join_is_refused(
    rows: list[Any],
    rooms: list[Any],
    told: str,
    hub: Hub,
    tmp_path: Path,
    capsys: Capture,
) -> None:
    folder = write_folder(tmp_path / "odd", rows, rooms)
    assert told in published(capsys, folder, "--dry-run").complaint(1)


def test_the_release_can_be_kept(hub: Hub, folder: Path, tmp_path: Path, capsys: Capture) -> None:
    published(capsys, folder, "--out", tmp_path / "kept")
    assert json.loads((tmp_path / "kept" / "release.json").read_bytes())["parts"]


def test_what_is_tried_again_is_told_and_no_token(
    hub: Hub, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spatialgen.release.retries.PAUSES_S", (0.0, 0.0))
    hub.faults[:] = [Fault("commit", "503"), Fault("info", "reset")]
    ended = published(capsys, folder)
    assert ended.status == 0
    assert ended.err.count("trying again in 0 s") == 2
    assert TOKEN not in ended.err + ended.out


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        pytest.param(
            ["--repo", "demo"], 2, "--repo 'demo': give the owner and the name", id="no owner"
        ),
        pytest.param(["--repo", "a/b/c"], 2, "--repo 'a/b/c': give the owner", id="too many names"),
        pytest.param(["--repo", "rooms/a b"], 2, "--repo 'rooms/a b': ", id="no name at all"),
        pytest.param(
            ["--repo", "roms/x"],
            2,
            "the token is for ann or rooms; did you mean rooms/x?",
            id="typo in the owner",
        ),
        pytest.param(
            ["--license", "apache"],
            2,
            "no licence 'apache'; did you mean apache-2.0?",
            id="licence",
        ),
        pytest.param(
            ["--source-license", "x"],
            2,
            "--source-license x: give it as NAME=ID",
            id="licence of a source",
        ),
        pytest.param(["--debias"], 2, "--no-audit does not go with --debias", id="no audit"),
    ],
)
def test_wrong_use_is_told(
    hub: Hub, folder: Path, capsys: Capture, words: list[str], status: int, told: str
) -> None:
    complaint = published(capsys, folder, *words).complaint(status)
    assert complaint.startswith(told) or told in complaint
    assert not hub.store.repos


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        pytest.param(
            "HF_TOKEN",
            "",
            "no token for the Hub: run `hf auth login`, or set HF_TOKEN",
            id="no token",
        ),
        pytest.param("HF_TOKEN", "hf_other", "the Hub does not take the token", id="another token"),
    ],
)
def test_a_token_is_needed(
    hub: Hub,
    folder: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    told: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert published(capsys, folder).complaint(1).startswith(told)


def test_no_right_is_told(hub: Hub, folder: Path, capsys: Capture) -> None:
    hub.store.create("theirs/demo", private=False)
    ended = published(capsys, folder, "--repo", "theirs/demo")
    assert ended.status == 1
    told = "spatialgen: theirs/demo: the token may not write there (status 403: "
    assert ended.err.splitlines()[-1].startswith(told)


def test_no_network_is_told(
    hub: Hub, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("spatialgen.release.retries.PAUSES_S", (0.0, 0.0, 0.0, 0.0))
    ended = published(capsys, folder)
    assert ended.status == 1
    assert ended.err.splitlines()[-1].startswith("spatialgen: http://127.0.0.1:9: can't be reached")


def test_offline_is_told(
    hub: Hub, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    told = published(capsys, folder).complaint(1)
    assert told == "HF_HUB_OFFLINE is set: unset it to publish"


@pytest.mark.parametrize(
    ("damage", "status", "told"),
    [
        pytest.param("none", 2, "not a dataset folder", id="no dataset"),
        pytest.param(
            "unfinished", 1, "unfinished; run the command that began it again", id="half-written"
        ),
        pytest.param("altered", 1, "altered or missing since the run ended", id="altered"),
        pytest.param("version", 1, "of the query language", id="another version"),
        pytest.param(
            "source", 2, "no licence is known for the scenes of 'lab'", id="source without licence"
        ),
        pytest.param("path", 1, "holds a path of a machine", id="path in the settings"),
    ],
)
def test_a_folder_that_is_not_fit(
    hub: Hub, folder: Path, capsys: Capture, damage: str, status: int, told: str
) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    match damage:
        case "none":
            (folder / MANIFEST).unlink()
        case "unfinished":
            manifest["complete"] = False
        case "altered":
            (folder / QUESTIONS).write_bytes(b"")
        case "version":
            manifest["versions"]["language"] = "99.0"
        case "source":
            shutil.rmtree(folder)
            write_folder(folder, [question(0, dataset="lab")], [scene(dataset="lab")])
        case "path":
            manifest["config"]["exclude"] = "/ho" + "me/ann/list.txt"
    if damage not in ("none", "source"):
        (folder / MANIFEST).write_text(json.dumps(manifest))
    assert told in published(capsys, folder).complaint(status)
    assert not hub.store.repos
