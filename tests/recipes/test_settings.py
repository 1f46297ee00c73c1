"""Configs: what they hold, and every mistake at once."""

from pathlib import Path

import pytest

from recipes.errors import ConfigError
from recipes.settings import read

CONFIGS = Path(__file__).parents[2] / "recipes" / "configs"
ALL = sorted(CONFIGS.rglob("*.yaml"))

#: Where the configs for scans look for them, which is not everywhere.
HERE = ("scenes.paths=[.]", "held_out.paths=[.]")


def overrides(path: Path) -> tuple[str, ...]:
    return HERE if "paths:" in path.read_text(encoding="utf-8") else ()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_config_is_right(path: Path) -> None:
    assert read(path, overrides(path)).deviations


@pytest.mark.parametrize("name", ["qwen3vl_4b", "qwen3vl_8b", "static"])
def test_the_paper_s_budget(name: str) -> None:
    config = read(CONFIGS / f"{name}.yaml", HERE)
    assert (config.rounds, config.steps, config.batch) == (4, 100, 64)
    assert config.samples == 25_600
    assert config.frames == 32
    solver = config.solver
    assert (solver.learning_rate, solver.schedule, solver.warmup_steps) == (1e-6, "constant", 0)
    assert solver.lora is None
    assert not solver.count_end


def test_the_proposer_is_the_checkpoint_that_the_solver_begins_with() -> None:
    for name in ("qwen3vl_4b", "qwen3vl_8b", "static"):
        config = read(CONFIGS / f"{name}.yaml", HERE)
        assert config.proposer.kind == "model"
        assert config.proposer.model == config.model


def test_ablations_differ_from_the_demo_by_their_signal_alone() -> None:
    demo = read(CONFIGS / "demo.yaml").model_dump(exclude={"out_dir", "deviations"})
    signals = set()
    for path in sorted((CONFIGS / "ablations").glob("*.yaml")):
        other = read(path).model_dump(exclude={"out_dir", "deviations"})
        signals.add(other["feedback"].pop("signal"))
        assert other == {**demo, "feedback": {**demo["feedback"], "signal": "x"}} | {
            "feedback": other["feedback"]
        }
        assert other["feedback"] == {k: v for k, v in demo["feedback"].items() if k != "signal"}
    assert len(signals) == 7


BROKEN = """\
out_dir: out
model: tiny
rounds: 0
colour: red
scenes: {made: [{rooms: 1, seed: 1}], paths: [a]}
held_out: {paths: [nowhere]}
proposer: {kind: built-in, per_scene: many}
solver: {learning_rate: -1, lora: {rank: 2}}
"""


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read(path)
    first, *faults = str(refused.value).splitlines()
    assert first == f"{path}: 5 settings are wrong:"
    keys = [fault.strip().split(":")[0] for fault in faults]
    expected = ["scenes", "proposer.built-in.per_scene", "rounds", "solver.learning_rate", "colour"]
    assert keys == expected


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["rounds=5"], None, id="a number"),
        pytest.param(["scenes.made.0.rooms=3", "solver.loaders=1"], None, id="inside"),
        pytest.param(["rounds"], "write an override as key=value", id="no value"),
        pytest.param(["scenes.made.9.rooms=3"], "there is no 9", id="no such place"),
        pytest.param(["model.name=x"], "there is no model", id="nothing inside"),
        pytest.param(["rounds=[1"], "is no YAML", id="no YAML"),
        pytest.param(["solver.per_device_batch=7"], "7 does not divide", id="together"),
        pytest.param(["solver.lora={rank: 2}"], "trained from nothing", id="tiny with LoRA"),
        pytest.param(["rounds=x", "steps=0", "z=1"], "3 settings are wrong", id="all of them"),
    ],
)
def test_overrides(words: list[str], told: str | None) -> None:
    if told is None:
        assert read(CONFIGS / "demo.yaml", words) != read(CONFIGS / "demo.yaml")
        return
    with pytest.raises(ConfigError, match=told):
        read(CONFIGS / "demo.yaml", words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("- 1\n", "holds no settings", id="a list"),
        pytest.param("a: [\n", "is no YAML", id="no YAML"),
        pytest.param("", "holds no settings", id="empty"),
    ],
)
def test_what_is_no_config_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        read(path)
    with pytest.raises(ConfigError, match="can't be read"):
        read(tmp_path / "missing.yaml")
