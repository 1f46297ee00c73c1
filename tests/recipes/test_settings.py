"""Configs: what they hold, and every mistake at once."""

from pathlib import Path

import pytest
import yaml

from recipes import feedback
from recipes.drafting import draft, read
from recipes.errors import ConfigError

CONFIGS = Path(__file__).parents[2] / "recipes" / "configs"
ALL = sorted(CONFIGS.rglob("*.yaml"))

#: Where the configs for scans look for them, which is not everywhere.
HERE = ("scenes.paths=[.]", "held_out.paths=[.]")


#: A model in place of the demo's families.
MODEL = "proposer={kind: model, model: x, backend: openai}"


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


@pytest.mark.parametrize("name", ["qwen3vl_4b", "qwen3vl_8b", "static"])
def test_a_batch_is_made_of_what_the_launcher_s_processes_take(name: str) -> None:
    solver = read(CONFIGS / f"{name}.yaml", HERE).solver
    file = CONFIGS.parents[1] / solver.launch[solver.launch.index("--config_file") + 1]
    processes = yaml.safe_load(file.read_text(encoding="utf-8"))["num_processes"]
    assert 64 % (processes * solver.per_device_batch) == 0


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
    assert signals == set(feedback.NAMES) - {demo["feedback"]["signal"]}


def test_a_config_stands_on_another(tmp_path: Path) -> None:
    base = (CONFIGS / "demo.yaml").read_text(encoding="utf-8")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "base.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "middle.yaml").write_text("base: below/base.yaml\nrounds: 3\n", encoding="utf-8")
    top = tmp_path / "top.yaml"
    top.write_text("base: middle.yaml\nfeedback: {floor: 0.1}\n", encoding="utf-8")
    config, demo = read(top, ["steps=2"]), read(CONFIGS / "demo.yaml")
    changed = {"rounds": 3, "steps": 2, "feedback": demo.feedback.model_copy(update={"floor": 0.1})}
    assert config == demo.model_copy(update=changed)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("base: top.yaml\n", "base: the name of a config", id="itself"),
        pytest.param("base: 3\n", "base: the name of a config", id="no name"),
        pytest.param("base: none.yaml\n", "none.yaml: can't be read", id="missing"),
    ],
)
def test_a_base_that_is_none(text: str, told: str, tmp_path: Path) -> None:
    top = tmp_path / "top.yaml"
    top.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        read(top)


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
    assert first == f"{path}: 6 things are wrong:"
    keys = [fault.strip().split(":")[0] for fault in faults]
    expected = ["scenes", "proposer.per_scene", "rounds", "solver.learning_rate", "colour"]
    assert keys == [*expected, "solver.lora"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["batch=0", "solver.per_device_batch=7"], ["batch"], id="nothing made up"),
        pytest.param(["batch=63", "solver.lr=1"], ["solver.lr", "solver.per_device_batch"], id="2"),
        pytest.param(["scenes.made.0.rooms=0", "steps=0"], ["made.0.rooms", "steps"], id="3"),
        pytest.param(["scenes.made=[{seed: 1}, {rooms: 0}]"], ["made.0.rooms", "1.rooms"], id="4"),
        pytest.param(["proposer.kind=nobody"], ["proposer"], id="no kind"),
        pytest.param(["proposer={kind: model}"], ["proposer.model"], id="what a part lacks"),
        pytest.param(["proposer={kind: model, model: []}"], ["proposer.model"], id="kind and name"),
        pytest.param(["solver.betas=[1.0, 1.0]"], ["betas.0", "betas.1"], id="moments"),
        pytest.param(["solver.learning_rate=.inf"], ["learning_rate"], id="infinite"),
        pytest.param(["solver.clip=.nan", "feedback.floor=.nan"], ["clip", "floor"], id="nan"),
        pytest.param(["batch=1000000000000"], ["batch"], id="huge"),
        pytest.param(["steps=1000000", "batch=1000000"], ["steps"], id="huge together"),
        pytest.param(["rounds=1000", "seed=4294967296"], ["seed", "rounds"], id="seeds"),
        pytest.param(["proposer.per_scene=20000"], ["proposer.per_scene"], id="too many to ask"),
        pytest.param(["solver.freeze=['']"], ["solver.freeze"], id="freeze all"),
        pytest.param(["solver.freeze=[visual]"], ["solver.freeze"], id="freeze the tiny model"),
        pytest.param(["scenes={paths: [a], made: [{rooms: 1}]}"], ["scenes"], id="either"),
        pytest.param(["scenes=5", "held_out=", "out_dir=[]", "model=1"], ["s"] * 4, id="stand-ins"),
    ],
)
def test_each_mistake_is_told_once(words: list[str], told: list[str]) -> None:
    found = draft(CONFIGS / "demo.yaml", words)
    assert len(found.faults) == len(told)
    places = " ".join(fault.split(":")[0] for fault in found.faults)
    assert all(part in places for part in told)


#: Words of pydantic about Python.
FOREIGN = ("input", "extra", "field", "valid", "tuple", "discriminator", "dictionary", "instance")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        pytest.param("seeed=1", "seeed: there is no such setting", id="misspelt"),
        pytest.param("model=null", "model: is missing", id="taken away"),
        pytest.param("rounds=x", "rounds: a whole number is expected", id="no number"),
        pytest.param("rounds=1.5", "rounds: a whole number is expected", id="half"),
        pytest.param("rounds=0", "rounds: 1 or more is expected", id="too few"),
        pytest.param("rounds=1000", "rounds: less than 1000 is expected", id="too many"),
        pytest.param("solver.clip=0", "solver.clip: more than 0.0 is expected", id="nothing"),
        pytest.param("solver.clip=.nan", "solver.clip: a number is expected", id="nan"),
        pytest.param("feedback.floor=2", "feedback.floor: 1.0 or less is expected", id="more"),
        pytest.param("rehearse=5", "rehearse: true or false is expected", id="switch"),
        pytest.param("model=[]", "model: a text is expected", id="no text"),
        pytest.param("model=''", "model: a text is expected, and not", id="empty text"),
        pytest.param("out_dir=[]", "out_dir: a path is expected", id="no path"),
        pytest.param("feedback.knobs=hops", "feedback.knobs: a list is expected", id="no list"),
        pytest.param("solver.betas=[0, 0, 0]", "solver.betas: a list of no more than 2", id="long"),
        pytest.param("answers=yes", "answers: 'letter' or 'text' is expected", id="none of them"),
        pytest.param("solver=5", "solver: settings are expected here", id="no part"),
        pytest.param("scenes.made.0=5", "scenes.made.0: settings are", id="no rooms"),
        pytest.param("scenes.made.0.settings=5", "0.settings: settings are", id="no mapping"),
        pytest.param("proposer={}", "proposer: is without its kind", id="no kind"),
        pytest.param("proposer.kind=a", "proposer: there is no kind 'a'; there", id="other kind"),
        pytest.param("proposer=5", "proposer: settings are expected here", id="no proposer"),
        pytest.param("proposer={kind: dataset, folders: []}", "a list of 1 or", id="no folders"),
        pytest.param("null.x=1", "null: there is no such setting", id="text null"),
        pytest.param("solver={null: 1}", "solver.None: is no name of a setting", id="null"),
    ],
)
def test_mistakes_are_told_in_words_of_the_config(word: str, told: str) -> None:
    found = draft(CONFIGS / "demo.yaml", [word])
    assert len(found.faults) == 1
    assert told in found.faults[0]
    assert not any(each in found.faults[0].lower() for each in FOREIGN)


def test_names_that_are_no_text_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = "base: BASE\nnull: 1\n5: 2\nyes: &again {1: *again}\nfeedback: {~: 1}\n"
    base = str(CONFIGS / "demo.yaml")
    path.write_text(text.replace("BASE", base), encoding="utf-8")
    names = [fault.split(":")[0] for fault in draft(path).faults]
    assert names == ["None", "5", "True", "feedback.None"]


def test_null_takes_a_setting_back_to_its_default(tmp_path: Path) -> None:
    base, top = tmp_path / "base.yaml", tmp_path / "top.yaml"
    demo = (CONFIGS / "demo.yaml").read_text(encoding="utf-8")
    base.write_text(demo, encoding="utf-8")
    top.write_text("base: base.yaml\nmax_side: null\nfeedback:\n", encoding="utf-8")
    config = read(top, ["proposer.families=null", "solver.clip=null", "feedback.floor=0.1"])
    expected = (None, (), 1.0, 0.1, ())
    assert config.proposer.kind == "built-in"
    solver, signals = config.solver, config.feedback
    found = (config.max_side, config.proposer.families, solver.clip, signals.floor, signals.knobs)
    assert found == expected


def test_a_draft_knows_what_it_has() -> None:
    found = draft(CONFIGS / "demo.yaml", ["solver.lr=1", "solver.clip=x", "scenes.made.0.rooms=0"])
    assert found.has("solver.launch", "solver.learning_rate", "held_out", "scenes.paths")
    assert not found.has("solver.clip")
    assert not found.has("solver")
    assert not found.has("rounds", "scenes.made")
    # What is right of a part is kept, and of a list what is right in it.
    assert found.config.solver.precision == "float32"
    assert len(found.config.scenes.made) == 2


def test_an_empty_file_of_settings_lacks_all_that_has_no_default(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("{seed: 1}", encoding="utf-8")
    with pytest.raises(ConfigError, match="5 things are wrong:\n  out_dir: is missing"):
        read(path)


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
        pytest.param([MODEL, "feedback.signal=r_zero"], "compares families", id="signal"),
        pytest.param(["scenes.limit=3"], "limit is for paths", id="made rooms with a limit"),
        pytest.param(["rounds=x", "steps=0", "z=1"], "3 things are wrong", id="all of them"),
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
