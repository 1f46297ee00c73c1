"""The commands that make scenes and questions."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import EvalkitError
from recipes import proposing
from recipes.drafting import read
from recipes.errors import RecipeError
from tests.recipes.test_evolve import config_file


def test_a_command_that_fails_is_told_in_its_own_words() -> None:
    with pytest.raises(RecipeError, match=r"^spatialgen inspect failed: .*nowhere"):
        proposing.run(["inspect", "nowhere"])


def test_rounds_and_held_out_questions_have_seeds_of_their_own(tmp_path: Path) -> None:
    config = read(config_file(tmp_path), ["seed=3"])
    commands = [proposing.propose_command(config, (tmp_path,), tmp_path, n) for n in range(3)]
    commands.append(proposing.held_out_command(config, (tmp_path,), tmp_path))
    seeds = [words[words.index("--seed") + 1] for words in commands]
    assert seeds == ["3000", "3001", "3002", "3999"]


def test_paths_and_families_reach_the_command(tmp_path: Path) -> None:
    changes = {"kind": "built-in", "families": ["room_size_estimation"], "per_scene": 3}
    config = read(config_file(tmp_path, proposer=changes))
    words = proposing.propose_command(config, (Path("a"), Path("b")), Path("out"), 0)
    assert [words[i + 1] for i, w in enumerate(words) if w == "--scenes"] == ["a", "b"]
    assert words[words.index("--families") + 1] == "room_size_estimation"
    assert words[words.index("--per-scene") + 1] == "3"


def test_the_same_scans_are_drawn_for_every_round(tmp_path: Path) -> None:
    scans = {"paths": [str(tmp_path)], "limit": 7}
    config = read(config_file(tmp_path, scenes=scans), ["seed=3"])
    for number in (0, 1):
        words = proposing.propose_command(config, (tmp_path,), tmp_path, number)
        assert words[words.index("--limit") : words.index("--limit") + 4] == [
            *("--limit", "7", "--draw", "3")
        ]
    assert "--limit" not in proposing.held_out_command(config, (tmp_path,), tmp_path)


@pytest.mark.parametrize(
    ("status", "manifest", "good"),
    [
        pytest.param(1, {"complete": True, "counts": {"accepted": 0}}, True, id="asked in vain"),
        pytest.param(1, {"complete": True, "counts": {"accepted": 3}}, False, id="altered since"),
        pytest.param(1, {"complete": False, "counts": {"accepted": 0}}, False, id="not finished"),
        pytest.param(2, {"complete": True, "counts": {"accepted": 0}}, False, id="wrong use"),
        pytest.param(1, None, False, id="nothing there"),
        pytest.param(0, None, True, id="done"),
    ],
)
def test_only_a_dataset_without_questions_may_fail(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    manifest: dict[str, Any] | None,
    good: bool,
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    monkeypatch.setattr(proposing, "command", lambda *_: (status, "holds another run"))
    if good:
        proposing.run(["propose"], tmp_path)
        return
    with pytest.raises(RecipeError, match=r"^spatialgen propose failed: holds another run$"):
        proposing.run(["propose"], tmp_path)


def test_settings_of_rooms_reach_the_command(tmp_path: Path) -> None:
    chosen = {"shadows": False, "things": ["bed", "chair"], "in_view": 3, "size": "64x48"}
    rooms = [{"rooms": 2, "seed": 10, "settings": chosen}]
    made = read(config_file(tmp_path, scenes={"made": rooms})).scenes.made[0]
    words = proposing.synth_command(made, Path("out"))
    assert words[:7] == ["synth", "--out", "out", "--rooms", "2", "--seed", "10"]
    told = ["--in-view", "3", "--no-shadows", "--size", "64x48", "--things", "bed,chair"]
    assert words[7:] == told  # in the order of the config, which is sorted here
    assert "10007" in proposing.synth_command(made, Path("out"), 7)


def excluded(config: Any) -> list[str]:
    words = proposing.propose_command(config, (Path("a"),), Path("out"), 0)
    return [words[i + 1] for i, word in enumerate(words) if word == "--exclude"]


def test_scenes_of_the_benchmarks_are_kept_out(tmp_path: Path) -> None:
    data, folder = tmp_path / "vsi", tmp_path / "dataset"
    for each in (data, folder):
        each.mkdir()
    (data / "test.jsonl").write_text("", encoding="utf-8")
    benchmarks: list[dict[str, Any]] = [
        {"name": "vsi-bench", "data": str(data)},
        {"name": "vsi-bench-debiased", "data": str(data)},  # the same file
        {"name": "mindcube"},  # its questions do not name scenes
        {"name": str(folder)},
    ]
    config = read(config_file(tmp_path, evaluate={"benchmarks": benchmarks}))
    assert excluded(config) == [str(data / "test.jsonl"), str(folder / "questions.jsonl")]
    (data / "test.jsonl").rename(data / "test.parquet")
    with pytest.raises(RecipeError, match=r"vsi-bench: .* has no test\.jsonl, so its scenes"):
        excluded(config)
    data.rename(tmp_path / "gone")
    with pytest.raises(EvalkitError, match="there is no such folder"):
        excluded(config)
