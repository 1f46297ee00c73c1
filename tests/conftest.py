"""What several tests share: a few furnished rooms, and the dataset made from them."""

import shutil
from pathlib import Path

import pytest

from spatialgen import progress
from spatialgen.scenes.vsi_meta import write
from spatialgen.synth.rooms import furnish
from tests.runs import made


@pytest.fixture(autouse=True)
def quiet_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a slow machine from telling between two lines that are compared how far it is."""
    monkeypatch.setattr(progress, "EVERY_S", float("inf"))


@pytest.fixture(scope="session")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four rooms of ten objects in one metadata file."""
    path = tmp_path_factory.mktemp("rooms") / "rooms.json"
    write(path, (furnish(0, index, 10) for index in range(4)))
    return path


@pytest.fixture(scope="session")
def dataset(rooms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished dataset about `rooms`; a test that alters it takes `copied` instead."""
    folder = tmp_path_factory.mktemp("made") / "dataset"
    made([rooms], folder)
    return folder


@pytest.fixture
def copied(dataset: Path, tmp_path: Path) -> Path:
    """A copy of `dataset` to be damaged."""
    return Path(shutil.copytree(dataset, tmp_path / "dataset"))
