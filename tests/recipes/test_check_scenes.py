"""Scenes of a run: there, filmed, and held out from training."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recipes import check_model, check_scenes, evolve
from recipes.checking import check
from recipes.drafting import read
from spatialgen.scenes import SceneRef
from tests.recipes.small_round import make_scenes
from tests.recipes.test_evolve import ROOMS, config_file
from tests.runs import here

pytest.importorskip("torch")
pytest.importorskip("accelerate")


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_model, "model", lambda *_: None)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rooms 0 and 1 of the seed 10, and rooms 0 and 1 of the seed 90, on disk."""
    folder = tmp_path_factory.mktemp("scans")
    for seed in (10, 90):
        make_scenes(folder / str(seed), seed=seed)
    return folder


def faults_of(folder: Path, scenes: dict[str, Any], held_out: dict[str, Any]) -> list[str]:
    return check(read(config_file(folder, scenes=scenes, held_out=held_out)))[0]


def made(rooms: int, seed: int, /, **settings: Any) -> dict[str, Any]:
    return {"made": [{"rooms": rooms, "seed": seed, "settings": {**ROOMS, **settings}}]}


def test_folders_that_are_not_there_are_all_named(tmp_path: Path) -> None:
    nowhere = {"paths": ["/nowhere/a", "/nowhere/b"]}
    faults = faults_of(tmp_path, nowhere, nowhere)
    parts = [fault.split(":")[:2] for fault in faults]
    assert parts == [
        [f"{part}.paths", f" /nowhere/{name}"] for part in ("scenes", "held_out") for name in "ab"
    ]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"shadows": False}, None, id="a switch"),
        pytest.param({"things": ["bed", "chair"]}, None, id="a list"),
        pytest.param({"colour": 1}, "No such option '--colour'", id="unknown"),
        pytest.param({"objects": -1}, "-1 is not in the range", id="out of range"),
        pytest.param({"seconds": 1e6}, "seconds", id="too long"),
        pytest.param({"metadata_only": True}, "makes no videos", id="without videos"),
        pytest.param({"out": "elsewhere"}, "out: the run sets this itself", id="another place"),
        pytest.param({"seed": 10}, "seed: the run sets", id="the seed it has"),
        pytest.param({"seed=5": True}, "seed: the run sets", id="the seed in disguise"),
        pytest.param({"rooms": 9, "workers": 2}, "rooms, workers: the run", id="how many"),
        pytest.param({"json": True}, "json: the run sets", id="what it prints"),
        pytest.param({"help": True}, "help: the run sets", id="help"),
    ],
)
def test_rooms_are_checked_as_the_command_will(
    tmp_path: Path, settings: dict[str, Any], told: str | None
) -> None:
    faults = faults_of(tmp_path, made(2, 10, **settings), made(2, 90))
    assert len(faults) == (told is not None)
    assert told is None or told in faults[0]


def test_a_check_leaves_the_command_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # click keeps the names that a command's help had when it was first asked for.
    assert faults_of(tmp_path, made(2, 10), made(2, 90)) == []
    assert here(capsys, "synth", "-h").status == 0
    faults = faults_of(tmp_path, made(2, 10, help=True), made(2, 90))
    assert any("help: the run sets" in fault for fault in faults)


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        pytest.param("10", "90", None, id="other rooms"),
        pytest.param("10", "10", "2 of its scenes are also trained on", id="the same folder"),
        pytest.param(".", "90", "2 of its scenes", id="a folder of it"),
        pytest.param("10", made(2, 90), None, id="scans and made rooms"),
        pytest.param("10", made(2, 10), "synthetic/room10_00000", id="made again"),
        pytest.param(made(2, 10), "10", "2 of its scenes", id="made before"),
        pytest.param(made(1, 10), "10", "1 of its scenes", id="one of them"),
        pytest.param(made(2, 10), made(2, 10), "seed 10 is also trained on", id="seeds"),
        pytest.param(
            {**made(2, 10), "fresh": True}, made(2, 10_001), "seed 10001 is also", id="fresh rooms"
        ),
        pytest.param({**made(2, 10), "fresh": True}, made(2, 10), None, id="fresh and apart"),
    ],
)
def test_held_out_scenes_are_others(
    tmp_path: Path,
    scans: Path,
    ours: str | dict[str, Any],
    theirs: str | dict[str, Any],
    told: str | None,
) -> None:
    scenes, held_out = (
        {"paths": [str(scans / each)]} if isinstance(each, str) else each for each in (ours, theirs)
    )
    if ours == ".":
        scenes = {"paths": [str(scans / "10"), str(scans / "90")]}
    faults = faults_of(tmp_path, scenes, held_out)
    faults = [fault for fault in faults if fault.startswith("held_out")]
    assert len(faults) == (told is not None)
    assert told is None or told in faults[0]


def test_settings_of_rooms_move_no_held_out_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["scenes.made.0.settings.seed=5", "held_out.made.0.settings.seed=5", "dry_run=true"]
    assert evolve.main([str(config_file(tmp_path)), *words]) == 2
    told = capsys.readouterr().err
    assert all(part in told for part in ("scenes.made: settings", "held_out.made: settings"))


def test_two_scans_of_a_room_are_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(paths: list[Path], _: None) -> SimpleNamespace:
        name = f"scene0000_0{len(paths[0].name) % 2}"
        return SimpleNamespace(refs=(SceneRef("scannet", str(paths[0]), "scannet", name),))

    monkeypatch.setattr(check_scenes, "open_scenes", listed)
    places = [tmp_path / name for name in ("train", "unseen")]
    for place in places:
        place.mkdir()
    faults = faults_of(tmp_path, *({"paths": [str(place)]} for place in places))
    told = "held_out: 1 of its scenes are also trained on: scannet/scene0000"
    assert told in faults


def test_scenes_without_a_video_are_told(tmp_path: Path, scans: Path) -> None:
    folder = make_scenes(tmp_path / "rooms", seed=20)
    films = sorted(folder.rglob("*.mp4"))
    films[0].unlink()
    paths = {"paths": [str(folder)]}
    config = read(config_file(tmp_path, scenes=paths, held_out={"paths": [str(scans / "90")]}))
    faults, notes = check(config)
    assert faults == []
    assert any("1 of 2 scenes have no video: synthetic/room20_00000" in note for note in notes)
    films[1].unlink()
    faults, _ = check(config)
    assert len(faults) == 1
    assert faults[0].startswith("scenes.paths: no scene has a video where it is looked for, as")


def test_nothing_of_a_run_begins_before_it_was_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evolve.main([str(config_file(tmp_path)), "held_out={paths: [/nowhere]}"]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
