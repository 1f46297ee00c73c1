"""The same scenes and seed give the same bytes, however the run goes about it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from spatialgen.dataset.files import MANIFEST, QUESTIONS, REJECTED, ROW_FILES, SCENES, read_manifest
from spatialgen.errors import DatasetError, UsageError
from spatialgen.progress import Progress
from spatialgen.propose.built_in import family_names
from spatialgen.run import ProposeConfig
from spatialgen.scenes.vsi_meta import write
from spatialgen.synth.rooms import furnish
from tests.runs import PER_SCENE, apart, made, read_lines, rows_in


@pytest.fixture(scope="module")
def expected(dataset: Path) -> dict[str, bytes]:
    return rows_in(dataset)


@pytest.fixture(scope="module")
def halves(rooms: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The shared rooms in two files."""
    folder = tmp_path_factory.mktemp("halves")
    whole = json.loads(rooms.read_bytes())
    names = list(whole)
    for path, part in ((folder / "a.json", names[1::2]), (folder / "b.json", names[::2])):
        path.write_text(json.dumps({name: whole[name] for name in part}))
    return [folder / "a.json", folder / "b.json"]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_number_of_workers(
    workers: int, rooms: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    made([rooms], tmp_path / "d", workers=workers)
    assert rows_in(tmp_path / "d") == expected


@pytest.mark.parametrize(("seed", "workers"), [("0", "2"), ("1", "1"), ("random", "2")])
def test_hash_seed(
    seed: str, workers: str, rooms: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    arguments = ("--per-scene", str(PER_SCENE), "--workers", workers)
    ended = apart(
        *("propose", "--scenes", rooms, "--out", tmp_path / "d", *arguments),
        env={"PYTHONHASHSEED": seed},
    )
    assert ended.status == 0, ended
    assert rows_in(tmp_path / "d") == expected


def test_surroundings(rooms: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    # Another time zone, locale, number of threads, terminal and working directory, and the
    # paths spelled in another way.
    env = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "COLUMNS": "20"}
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "FORCE_COLOR": "1"}
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    scenes = os.path.relpath(rooms.parent, folder) + "/./../" + rooms.parent.name
    ended = apart(
        *("propose", "--scenes", scenes, "--out", "../d", "--per-scene", str(PER_SCENE)),
        env=env,
        cwd=folder,
    )
    assert ended.status == 0, ended
    assert rows_in(tmp_path / "d") == expected


def test_folder_for_its_file(rooms: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    made([rooms.parent], tmp_path / "d")
    assert rows_in(tmp_path / "d") == expected


def test_order_and_repetition_of_inputs(
    halves: list[Path], expected: dict[str, bytes], tmp_path: Path
) -> None:
    a, b = halves
    for number, paths in enumerate([[b, a, b], [a.parent], [b, a.parent]]):
        made(paths, tmp_path / str(number))
        assert rows_in(tmp_path / str(number)) == expected, paths
    # All of them are one run: nothing is refused, nothing is done again.
    before = (tmp_path / "0" / MANIFEST).stat().st_mtime_ns
    made([b, a], tmp_path / "0")
    assert (tmp_path / "0" / MANIFEST).stat().st_mtime_ns == before


def test_copies_of_the_inputs(rooms: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    # Another place, another time of change, a link instead of a file.
    (tmp_path / "copy").mkdir()
    shutil.copy(rooms, tmp_path / "copy" / rooms.name)
    os.utime(tmp_path / "copy" / rooms.name, (0, 0))
    made([tmp_path / "copy"], tmp_path / "d")
    assert rows_in(tmp_path / "d") == expected
    (tmp_path / rooms.name).symlink_to(rooms)
    made([tmp_path / rooms.name], tmp_path / "d")


def test_order_of_scenes_in_a_file(rooms: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    whole = json.loads(rooms.read_bytes())
    path = tmp_path / "rooms.json"
    path.write_text(json.dumps(dict(reversed(whole.items()))))
    made([path], tmp_path / "d")
    assert rows_in(tmp_path / "d") == expected


def test_another_seed_asks_otherwise(
    rooms: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    made([rooms], tmp_path / "d", seed=1)
    other = rows_in(tmp_path / "d")
    assert other[QUESTIONS] != expected[QUESTIONS]
    assert other[REJECTED] != expected[REJECTED]
    assert other[SCENES] == expected[SCENES]
    assert {row["seed"] for row in read_lines(tmp_path / "d" / QUESTIONS)} == {1}


def test_scenes_do_not_know_each_other(rooms: Path, dataset: Path, tmp_path: Path) -> None:
    made([rooms], tmp_path / "d", limit=2)
    for name in ROW_FILES:
        assert (dataset / name).read_bytes().startswith((tmp_path / "d" / name).read_bytes()), name


def test_scenes_are_drawn_by_a_seed_of_their_own(rooms: Path, tmp_path: Path) -> None:
    def drawn(draw: int, seed: int = 0, limit: int = 2) -> list[str]:
        out = tmp_path / f"{draw}-{seed}-{limit}"
        made([rooms], out, limit=limit, draw=draw, seed=seed)
        return [row["scene_name"] for row in read_lines(out / SCENES)]

    all_drawn = {tuple(drawn(draw)) for draw in range(6)}
    assert len(all_drawn) > 1
    assert all(list(names) == sorted(names) and len(names) == 2 for names in all_drawn)
    assert drawn(3, seed=1) == drawn(3)
    assert set(drawn(3)) < set(drawn(3, limit=3))


def test_limit_takes_the_first_by_name(halves: list[Path], tmp_path: Path) -> None:
    manifest = made(halves, tmp_path / "d", limit=3)
    names = [row["scene_name"] for row in read_lines(tmp_path / "d" / SCENES)]
    assert names == ["room0_00000", "room0_00001", "room0_00002"]
    assert manifest["config"]["limit"] == 3
    assert made(halves, tmp_path / "all", limit=99)["counts"]["scenes"] == 4


@pytest.mark.parametrize("per_scene", [1, 3])
def test_per_scene_is_the_most_of_each(per_scene: int, rooms: Path, tmp_path: Path) -> None:
    made([rooms], tmp_path / "d", per_scene=per_scene)
    rows = read_lines(tmp_path / "d" / QUESTIONS)
    names = [row["scene_name"] for row in rows]
    assert [names.count(name) for name in sorted(set(names))] == [per_scene] * 4


def test_chosen_families_only(rooms: Path, tmp_path: Path) -> None:
    families = ("object_counting", "room_size_estimation")
    manifest = made([rooms], tmp_path / "d", families=families)
    types = {
        row["question_type"].removesuffix("_mc") for row in read_lines(tmp_path / "d" / QUESTIONS)
    }
    assert types <= set(families)
    assert "room_size_estimation" in types
    assert manifest["config"]["families"] == list(families)


def test_all_families_named_are_the_default(rooms: Path, tmp_path: Path) -> None:
    first = made([rooms], tmp_path / "d", limit=1)
    assert made([rooms], tmp_path / "d", limit=1, families=family_names()) == first  # the same run


def test_manifest(dataset: Path, rooms: Path) -> None:
    manifest = read_manifest(dataset)
    assert list(manifest) == [
        "complete",
        "config",
        "versions",
        "inputs",
        "counts",
        "contamination",
        "files",
        "wall_time_s",
    ]
    assert manifest["config"] == {
        "format": None,
        "proposer": "built-in",
        "families": list(family_names()),
        "per_scene": PER_SCENE,
        "seed": 0,
        "frames": 32,
        "limit": None,
        "draw": None,
    }
    assert list(manifest["inputs"]) == [rooms.name]
    assert manifest["counts"]["accepted"] == len(read_lines(dataset / QUESTIONS))
    assert manifest["counts"]["rejected"] == len(read_lines(dataset / REJECTED))
    assert manifest["counts"]["scenes"] == 4
    assert manifest["wall_time_s"] > 0
    assert sorted(path.name for path in dataset.iterdir()) == sorted([*ROW_FILES, MANIFEST])


def test_finished_folder_is_left_as_it_is(
    rooms: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in (copied, *copied.iterdir())}
    manifest = made([rooms], copied)
    assert manifest == read_manifest(copied)
    assert {path.name: path.stat().st_mtime_ns for path in (copied, *copied.iterdir())} == before
    assert "nothing is left to do" in capsys.readouterr().err


@pytest.mark.parametrize("name", ROW_FILES)
def test_finished_folder_that_was_altered_is_refused(name: str, rooms: Path, copied: Path) -> None:
    with (copied / name).open("ab") as stream:
        stream.write(b"\n")
    with pytest.raises(DatasetError, match=rf"{name}: altered or missing since .*restore it, or"):
        made([rooms], copied)
    (copied / name).unlink()
    with pytest.raises(DatasetError, match=rf"{name}: altered or missing"):
        made([rooms], copied)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        pytest.param({"seed": 1}, r"config\.seed was 0, now 1", id="seed"),
        pytest.param({"per_scene": 3}, r"config\.per_scene was 10, now 3", id="per scene"),
        pytest.param({"limit": 3}, r"config\.limit was null, now 3", id="limit"),
        pytest.param({"families": ("object_counting",)}, r"config\.families was", id="families"),
    ],
)
def test_another_run_in_the_folder_is_refused(
    config: dict[str, Any], told: str, rooms: Path, dataset: Path, expected: dict[str, bytes]
) -> None:
    with pytest.raises(UsageError, match=rf"holds another run \({told}.*choose another --out"):
        made([rooms], dataset, **config)
    assert rows_in(dataset) == expected


def test_other_scenes_in_the_folder_are_refused(rooms: Path, dataset: Path, tmp_path: Path) -> None:
    (tmp_path / rooms.name).write_bytes(rooms.read_bytes() + b" ")
    with pytest.raises(UsageError, match=r"inputs\.rooms\.json was .*the same scenes"):
        made([tmp_path / rooms.name], dataset)
    (tmp_path / "more.json").write_bytes(rooms.read_bytes())
    with pytest.raises(UsageError, match=r"inputs\.more\.json was null"):
        made([rooms, tmp_path / "more.json"], dataset)


def test_other_versions_are_refused(rooms: Path, copied: Path) -> None:
    manifest = read_manifest(copied)
    manifest["versions"]["numpy"] = "1.0"
    (copied / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match=r'versions\.numpy was "1.0", now .*install'):
        made([rooms], copied)


def test_damaged_manifest_is_told(rooms: Path, copied: Path) -> None:
    (copied / MANIFEST).write_text("{")
    with pytest.raises(DatasetError, match=r"manifest\.json: damaged.*in another folder"):
        made([rooms], copied)


def test_a_bad_scene_does_not_stop_the_others(rooms: Path, tmp_path: Path) -> None:
    whole = json.loads(rooms.read_bytes())
    path = tmp_path / "rooms.json"
    path.write_text(json.dumps({**whole, "room0_00001": {"dataset": "synthetic"}, "zzz": 5}))
    manifest = made([path], tmp_path / "d", workers=2)
    assert manifest["counts"]["scenes_rejected"] == {"missing_boxes": 1, "not_an_object": 1}
    assert manifest["counts"]["scenes"] == 3
    for row in read_lines(tmp_path / "d" / REJECTED):
        assert str(tmp_path) not in json.dumps(row)


def test_scene_far_too_large_for_a_room(rooms: Path, tmp_path: Path) -> None:
    hall = replace(furnish(0, 0, 501), name="hall")
    write(tmp_path / "rooms.json", [furnish(0, 1, 10), hall, furnish(0, 2, 10)])
    made([tmp_path / "rooms.json"], tmp_path / "d", per_scene=2)
    (bad,) = (row for row in read_lines(tmp_path / "d" / REJECTED) if "question" not in row)
    assert (bad["scene_name"], bad["reason"]) == ("hall", "too_large")
    assert bad["detail"] == "501 objects, at most 500 are taken"
    assert len(read_lines(tmp_path / "d" / QUESTIONS)) == 4


def test_what_is_no_scene_is_told(
    rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(rooms, tmp_path / "rooms.json")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    made([tmp_path], tmp_path / "d", limit=1)
    assert "package.json: no scene, skipped" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        {"per_scene": 0},
        {"per_scene": 10_001},
        {"seed": -1},
        {"limit": 0},
        {"unheard_of": 1},
        {"families": "object_counting"},
    ],
    ids=str,
)
def test_config_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProposeConfig(**wrong)


def test_unknown_family_is_refused_before_anything_is_written(rooms: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean object_counting"):
        made([rooms], tmp_path / "d", families=("object_countin",))
    assert not (tmp_path / "d").exists()


def test_progress_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("scenes") as progress:
        progress.begin(10, done=4)
        progress.advance("x")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "going on after 4 of 10 scenes\n"


def peak_mb(scenes: Path, out: Path) -> float:
    """Return the peak memory of a whole command in its own process, workers apart."""
    # A process's own account: the system's one of a child includes what it was forked from.
    measure = (
        "import re, sys; from pathlib import Path; from spatialgen.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) / 1024)"
    )
    words = ["propose", "--scenes", scenes, "--out", out, "--per-scene", "1", "--workers", "2"]
    done = subprocess.run(
        [sys.executable, "-c", measure, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
def test_memory_does_not_grow_with_the_number_of_scenes(tmp_path: Path) -> None:
    peaks = []
    for count in (20, 220):
        write(tmp_path / f"{count}.json", (furnish(0, index, 8) for index in range(count)))
        peaks.append(peak_mb(tmp_path / f"{count}.json", tmp_path / str(count)))
    assert peaks[1] < peaks[0] + 8
