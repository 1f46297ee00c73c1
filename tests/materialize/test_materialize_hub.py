"""A dataset on the Hub is fetched at one commit, with the real client and a real server."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hub_server import Fault, Hub

from spatialgen.errors import DatasetError, HubError, SpatialgenError, UsageError
from spatialgen.materialize.published import Published
from spatialgen.materialize.sources import open_source
from spatialgen.release.part import Options
from spatialgen.release.retries import Retries
from spatialgen.scenes import open_scenes
from tests.release.hub_here import hub_here, released
from tests.release.made_rows import question, scene, write_folder

REPO = "rooms/published"


def push(hub: Hub, files: Mapping[str, bytes]) -> str:
    """Commit files as a client would; return the commit."""
    header = {"key": "header", "value": {"summary": "add", "description": ""}}
    lines: list[Any] = [header]
    for path, content in files.items():
        stored = hub.store.keep(content, large=True)
        value = {"path": path, "oid": stored.sha256, "size": stored.size}
        lines.append({"key": "lfsFile", "value": value})
    return hub.store.commit(REPO, [json.dumps(line).encode() for line in lines]).oid


@pytest.fixture
def release(dataset: Path, tmp_path: Path) -> Path:
    """A release without pictures."""
    return released([dataset], tmp_path / "release", Options(audit=False))


@pytest.fixture
def hub(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with that release, and a client whose cache is empty."""
    constants = pytest.importorskip("huggingface_hub.constants")
    with hub_here(tmp_path / "hub", monkeypatch) as running:
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        running.store.create(REPO, private=False)
        files = sorted(path for path in release.rglob("*") if path.is_file())
        push(running, {path.relative_to(release).as_posix(): path.read_bytes() for path in files})
        yield running


def fetched(repo: str = REPO, revision: str | None = None) -> Published:
    """Return the dataset on the Hub, asked for without a pause."""
    return open_source(repo, Retries(lambda _: None, lambda _: None), revision)


def rows(published: Published) -> list[dict[str, Any]]:
    """Return all questions and scenes."""
    return [
        row for part in published.rounds for read in (part.questions, part.scenes) for row in read()
    ]


def test_an_answer_without_end_is_left(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatialgen.release.bounds.MOST_BYTES", 4_000_000)
    hub.faults[:] = [Fault("info", "endless")]
    with pytest.raises(HubError, match="answers with more than 4,000,000 bytes"):
        fetched()
    assert rows(fetched())


def test_the_hub_gives_what_the_release_gives(hub: Hub, release: Path) -> None:
    local, found = open_source(str(release), Retries(print)), fetched()
    commit = hub.store.repo(REPO).commits[-1].oid
    assert rows(found) == rows(local) != []
    assert found.identity == {"commit": commit, **local.identity}
    assert commit[:12] in found.name


def test_a_commit_that_was_fetched_needs_no_network(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.store.repo(REPO).commits[-1].oid
    before = rows(fetched())
    asked = len(hub.asked)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert rows(fetched(revision=commit)) == before
    assert len(hub.asked) == asked
    with pytest.raises(HubError, match="offline mode"):
        fetched()


def test_what_is_published_on_top_is_another_commit_of_the_same(hub: Hub) -> None:
    before = fetched()
    commit = push(hub, {"notes.txt": b"more"})
    assert fetched().identity == {**before.identity, "commit": commit}
    assert fetched(revision=before.identity["commit"]).identity == before.identity


@pytest.mark.parametrize("kind", ["503", "429", "reset", "lost"])
@pytest.mark.parametrize("endpoint", ["info", "resolve"])
def test_what_passes_is_waited_for(endpoint: str, kind: str, hub: Hub) -> None:
    hub.faults.append(Fault(endpoint, kind, times=2))
    assert rows(fetched())
    assert all(fault.times == 0 for fault in hub.faults)


@pytest.mark.parametrize(
    ("repo", "revision", "kind", "told"),
    [
        pytest.param("rooms/pubilshed", None, UsageError, "no dataset on the Hub", id="typo"),
        pytest.param(REPO, "v9", UsageError, "has no revision 'v9' on the Hub", id="revision"),
        pytest.param("a--b/c", None, SpatialgenError, "a--b/c", id="no name"),
        pytest.param("rooms/other", None, UsageError, "not published by spatialgen", id="foreign"),
    ],
)
def test_what_does_not_pass_is_one_line(
    repo: str, revision: str | None, kind: type[Exception], told: str, hub: Hub
) -> None:
    hub.store.create("rooms/other", private=False)
    with pytest.raises(kind, match=re.escape(told)) as raised:
        fetched(repo, revision)
    assert "\n" not in str(raised.value)


def test_no_network_is_one_line(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"the Hub can't be reached .*; check the network"):
        fetched()


def test_a_pipe_in_a_release_is_no_table(release: Path) -> None:
    (path,) = (release / "data" / "questions").iterdir()
    path.unlink()
    os.mkfifo(path)
    (part,) = open_source(str(release), Retries(print)).rounds
    with pytest.raises(DatasetError, match=r"data/questions/.* is missing or damaged"):
        next(part.questions())


def test_a_release_whose_frames_are_none_brings_no_pictures(rooms: Path, tmp_path: Path) -> None:
    rows = [question(0, dataset="scannet")]
    made = write_folder(tmp_path / "made", rows, [scene(dataset="scannet")])
    folder = released([made], tmp_path / "out", Options(scans=open_scenes([rooms])))
    (part,) = open_source(str(folder), Retries(print), pictures=True).rounds
    assert part.pictures is None


def test_a_hub_that_is_busy_for_hours_is_told(hub: Hub) -> None:
    hub.faults[:] = [Fault("info", "429", retry_after_s=4_000)]
    with pytest.raises(HubError, match="the Hub asks to wait for"):
        fetched()
