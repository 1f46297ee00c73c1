"""A Hub on this machine that the Hub's library in this process talks to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from hub_server import Hub, serving
from hub_store import Commit

from spatialgen.progress import Progress
from spatialgen.release.build import build
from spatialgen.release.hub import Hub as Client
from spatialgen.release.part import Options
from spatialgen.release.retries import Retries

REPO = "rooms/demo"


@contextmanager
def hub_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Serve a Hub; the library may have read another one's address when it was imported."""
    library = pytest.importorskip("huggingface_hub")
    constants = pytest.importorskip("huggingface_hub.constants")
    http = pytest.importorskip("huggingface_hub.utils._http")
    folder.mkdir()
    with serving(folder) as hub:
        for name, value in hub.env().items():
            monkeypatch.setenv(name, value)
        template = f"{hub.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "no-token"))
        monkeypatch.setattr(http, "time", SimpleNamespace(sleep=lambda pause_s: None))
        try:
            yield hub
        finally:
            library.close_session()


def client(told: list[str] | None = None, paused: list[float] | None = None) -> Client:
    """Return our client of `REPO`, which does not pause but notes for how long it would."""
    lines, pauses = told if told is not None else [], paused if paused is not None else []
    return Client(REPO, Retries(lines.append, pauses.append))


def released(folders: list[Path], out: Path, options: Options | None = None) -> Path:
    """Build a release folder."""
    with Progress("parts") as progress:
        build(folders, out, progress, options, repo=REPO)
    return out


def held(hub: Hub, commit: Commit | None = None) -> dict[str, bytes]:
    """Return what a commit holds, or main, without what the Hub itself puts there."""
    files = (commit or hub.store.repos[REPO].commits[-1]).files
    return {path: hub.store.content(f) for path, f in files.items() if path != ".gitattributes"}


def titles(hub: Hub) -> list[str]:
    """Return the titles of all commits after the first, oldest first."""
    return [commit.title for commit in hub.store.repos[REPO].commits[1:]]
