"""What stops a run or is good to know of it, told before it begins."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer

from recipes import check_model, checking, estimating, tiny
from recipes.checking import check, ready
from recipes.drafting import read
from recipes.errors import ConfigError
from recipes.findings import LACKING
from tests.recipes.test_evolve import config_file

ROOT = Path(__file__).parents[2]

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the model out, where a test is about all else."""
    monkeypatch.setattr(check_model, "model", lambda *_: None)


def found(folder: Path, words: list[str], **changes: Any) -> tuple[list[str], list[str]]:
    return check(read(config_file(folder, **changes), words))


# -- all at once -------------------------------------------------------------------


def test_every_fault_of_every_kind_is_told_at_once(tmp_path: Path, light: None) -> None:
    words = ["batch=0", "solver.lr=3", "held_out={paths: [/nowhere]}", "solver.launch=[no-such]"]
    words += ["proposer.families=[object_countin]", "evaluate.benchmarks=[{name: vsi-bensh}]"]
    with pytest.raises(ConfigError, match="6 things are wrong") as refused:
        ready(config_file(tmp_path), words)
    parts = [line.strip().split(":")[0] for line in str(refused.value).splitlines()[1:]]
    assert parts == [
        *("batch", "solver.lr", "held_out.paths", "proposer.families"),
        *("evaluate.benchmarks", "solver.launch"),
    ]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        pytest.param("nope", "model: nope: there is no such folder", id="nowhere"),
        pytest.param("EMPTY", "can't be loaded", id="no checkpoint"),
        pytest.param("tiny", None, id="there"),
    ],
)
def test_a_model_is_looked_for_however_wrong_its_training_is(
    tmp_path: Path, model: str, told: str | None
) -> None:
    (tmp_path / "EMPTY").mkdir()
    name = model.replace("EMPTY", str(tmp_path / "EMPTY"))
    words = ["steps=0", "batch=x", "seeed=1", "solver.device=tpu", f"model={name}"]
    with pytest.raises(ConfigError, match=f"{5 if told else 4} things are wrong") as refused:
        ready(config_file(tmp_path), words)
    assert told is None or told in str(refused.value)


def test_nothing_is_told_of_what_stands_in_for_a_wrong_setting(tmp_path: Path, light: None) -> None:
    words = ["scenes.made.0.seed=x", "held_out.made.0.seed=0", "solver.launch=5"]
    with pytest.raises(ConfigError, match="2 things are wrong"):
        ready(config_file(tmp_path), words)


def test_a_config_that_is_right_comes_with_its_notes(tmp_path: Path, light: None) -> None:
    config, notes = ready(config_file(tmp_path), ["rounds=3"])
    assert config.rounds == 3
    assert notes[0] == "deviation from the paper: two rooms <and> no more"
    assert notes[-1] == "3 rounds x 2 steps x 8 = 48 questions visited"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        pytest.param(["scenes={paths: [LONG]}"], "scenes", id="scenes"),
        pytest.param(["evaluate.benchmarks=[{name: LONG}]"], "evaluate.benchmarks", id="benchmark"),
        pytest.param(["evaluate.questions=LONG"], "evaluate.questions", id="questions"),
    ],
)
def test_a_path_that_no_system_takes_is_a_fault(
    tmp_path: Path, light: None, words: list[str], part: str
) -> None:
    faults, _ = found(tmp_path, [word.replace("LONG", "x" * 5_000) for word in words])
    assert {fault.split(":")[0] for fault in faults} == {part}


@pytest.mark.parametrize("side", [1, 1_000_000])
def test_the_tiny_model_is_made_for_small_pictures(tmp_path: Path, side: int) -> None:
    faults, _ = found(tmp_path, [f"max_side={side}"])
    assert faults == [f"max_side: the tiny model is made for 16 to 1,024 pixels, not {side:,}"]


def test_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PACKAGES", ("torch", "no_such_package"))
    faults, _ = found(tmp_path, [])
    assert len(faults) == 1
    assert faults[0].startswith("no_such_package is not installed; run: pip install")


# -- proposers and benchmarks ------------------------------------------------------

MODEL = "proposer={kind: model, model: m, backend: openai, base_url: 'http://127.0.0.1:9/v1'"


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer(lambda _: "") as there:
        yield there


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param("[]", None, id="none"),
        pytest.param("[--per-reply, '4', --backend-option, concurrency=2]", None, id="right"),
        pytest.param("[--nope]", "No such option '--nope'", id="unknown"),
        pytest.param("[--per-reply, '900']", "900 is not in the range", id="out of range"),
        pytest.param("[--per-reply]", "requires an argument", id="without a value"),
        pytest.param("[--help]", "--help is no option of a run", id="help"),
        pytest.param("[--out, x, --seed, '5']", "--out, --seed: the run sets", id="the run's own"),
        pytest.param("[stray]", "--more: the run sets this itself", id="stray word"),
        pytest.param("[--backend-option, bach=4]", "bach: extra inputs", id="setting of none"),
    ],
)
def test_options_of_a_model_are_checked_without_running_it(
    tmp_path: Path, light: None, server: ChatServer, options: str, told: str | None
) -> None:
    model = MODEL.replace("http://127.0.0.1:9/v1", server.url)
    faults, _ = found(tmp_path, [f"{model}, options: {options}}}"], feedback={})
    assert len(faults) == (told is not None)
    assert told is None or told in faults[0]


@pytest.mark.parametrize(
    ("changes", "dry", "told"),
    [
        pytest.param({}, False, "no server answers at http://127.0.0.1:9/v1", id="no server"),
        pytest.param({}, True, None, id="no server yet"),
        pytest.param({"backend": "opnai"}, True, "did you mean openai?", id="backend"),
        pytest.param({"base_url": "nonsense"}, True, "must look like http://", id="address"),
        pytest.param({"base_url": None}, True, "needs --base-url", id="no address"),
    ],
)
def test_the_proposer_s_server_is_asked(
    tmp_path: Path, light: None, changes: dict[str, Any], dry: bool, told: str | None
) -> None:
    model = {"kind": "model", "model": "m", "backend": "openai"}
    model |= {"base_url": "http://127.0.0.1:9/v1", **changes}
    faults, notes = found(tmp_path, [f"dry_run={dry}"], feedback={}, proposer=model)
    assert len(faults) == (told is not None)
    assert told is None or told in faults[0]
    assert dry == any("no server answers" in note for note in notes) or told is not None


def test_a_package_that_loads_the_proposer_is_looked_for(
    tmp_path: Path, light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_LOADED_BY", {"vllm": "no_such_package"})
    faults, _ = found(tmp_path, ["proposer={kind: model, model: m}"], feedback={})
    assert faults == ["proposer.backend: no_such_package is not installed here"]


@pytest.mark.parametrize("part", ["proposer.folders", "evaluate.benchmarks", "evaluate.questions"])
def test_datasets_must_be_finished(tmp_path: Path, light: None, part: str) -> None:
    folders = [tmp_path / name for name in ("none", "begun", "whole")]
    for folder in folders:
        folder.mkdir()
    for folder, whole in zip(folders[1:], (False, True), strict=True):
        (folder / "manifest.json").write_text(json.dumps({"complete": whole}), encoding="utf-8")
    changes: list[dict[str, Any]] = [{"evaluate": {"questions": str(each)}} for each in folders]
    if part == "proposer.folders":
        changes = [{"proposer": {"kind": "dataset", "folders": list(map(str, folders))}}]
    elif part == "evaluate.benchmarks":
        changes = [{"evaluate": {"benchmarks": [{"name": str(each)} for each in folders]}}]
    faults = [fault for each in changes for fault in found(tmp_path, [], feedback={}, **each)[0]]
    assert [fault.split(": ")[0] for fault in faults] == [part] * 2
    assert [fault.split(": ")[2] for fault in faults] == [
        "is no dataset folder, of `spatialgen propose`",
        "is not finished; give its command once more",
    ]


def test_benchmarks_are_found_and_told(tmp_path: Path, light: None) -> None:
    benchmarks = [
        {"name": "vsi-bench"},
        {"name": "mindcube", "data": str(tmp_path)},
        {"name": "vsi-bench-debiased", "data": str(tmp_path)},
        {"name": "vsi-bench-debiased", "data": str(tmp_path / "nowhere")},
    ]
    faults, notes = found(tmp_path, [], evaluate={"benchmarks": benchmarks})
    assert any("vsi-bench comes from the Hub" in note for note in notes)
    assert any("mindcube does not tell the scenes" in note for note in notes)
    assert len(faults) == 3
    assert "vsi-bench-debiased: is there twice" in faults[0]
    assert "has no test" in faults[1]
    assert "so its scenes can't be kept out of training" in faults[1]
    assert "there is no such folder" in faults[2]


# -- what a dry run may lack -------------------------------------------------------


@pytest.mark.parametrize("name", ["qwen3vl_4b", "qwen3vl_8b", "static"])
def test_a_config_for_large_machines_is_right_on_a_small_one(
    tmp_path: Path, light: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    path = ROOT / "recipes" / "configs" / f"{name}.yaml"
    _, notes = ready(path, ["dry_run=true", "proposer.base_url=http://127.0.0.1:9/v1"])
    lacking = [note.split(": ")[1] for note in notes if note.startswith(LACKING)]
    assert lacking == [
        *["scenes.paths"] * 3,
        *("held_out.paths", "proposer.base_url", "solver.device"),
    ]


def test_a_launcher_that_is_not_there_is_lacking(tmp_path: Path, light: None) -> None:
    told = "solver.launch: there is no command 'no-such'; install it, or give another"
    assert found(tmp_path, ["solver.launch=[no-such]"])[0] == [told]
    faults, notes = found(tmp_path, ["solver.launch=[no-such]", "dry_run=true"])
    assert faults == []
    assert f"{LACKING}{told}" in notes


# -- the machine -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "gpus", "fault", "note"),
    [
        pytest.param(["solver.device=auto"], 0, None, "the CPU trains", id="auto, none"),
        pytest.param(["solver.device=cuda"], 0, "this machine has no GPU", None, id="none"),
        pytest.param(
            ["solver.device=cuda", "dry_run=true"], 0, None, "has no GPU", id="none, dry run"
        ),
        pytest.param(["solver.device=cuda"], 4, "there are 4 GPUs and one", None, id="several"),
        pytest.param(["solver.device=cuda", "solver.launch=[sh]"], 4, None, None, id="launched"),
        pytest.param(
            ["solver.device=auto", "solver.precision=bfloat16"], 1, "no bfloat16", None, id="old"
        ),
        pytest.param(["solver.precision=bfloat16"], 4, None, None, id="the CPU is wanted"),
    ],
)
def test_gpus_are_counted(
    tmp_path: Path,
    light: None,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    gpus: int,
    fault: str | None,
    note: str | None,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    faults, notes = found(tmp_path, words)
    assert len(faults) == (fault is not None)
    assert fault is None or fault in faults[0]
    assert note is None or any(note in each for each in notes)


# -- the model ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param([], "0.00 G of them trained: 0.0 GB", id="all of it"),
        pytest.param(["solver.lora={rank: 2}"], "0.00 G of them trained", id="adapters"),
        pytest.param(["solver.freeze=[visual]"], "questions of", id="part of it"),
    ],
)
def test_memory_and_time_are_told_without_loading_weights(
    checkpoint: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    faults, notes = found(tmp_path, words, model=str(checkpoint))
    assert faults == []
    assert any(told in note for note in notes)
    assert any("no less than" in note and "T/s" in note for note in notes)


def test_the_tiny_model_is_estimated_too(tmp_path: Path) -> None:
    faults, notes = found(tmp_path, [])
    assert faults == []
    assert any(note.startswith("training: 32 questions of") for note in notes)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("./no/such", "there is no such folder, and it is no name", id="relative"),
        pytest.param("/no/such", "there is no such folder", id="absolute"),
        pytest.param("~/no/such", "there is no such folder", id="home"),
        pytest.param("a/b/c", "there is no such folder", id="more than one slash"),
        pytest.param("tinny", "tiny is the model that is made on the spot", id="no slash"),
    ],
)
def test_a_model_that_is_nowhere_is_a_fault(tmp_path: Path, name: str, told: str) -> None:
    faults, _ = found(tmp_path, [], model=name)
    assert len(faults) == 1
    assert told in faults[0]


def test_a_folder_that_is_no_checkpoint_is_a_fault(tmp_path: Path) -> None:
    faults, _ = found(tmp_path, [], model=str(tmp_path))
    assert len(faults) == 1
    assert faults[0].startswith(f"model: {tmp_path} can't be loaded")


def test_a_name_that_is_not_here_is_told(tmp_path: Path) -> None:
    faults, notes = found(tmp_path, [], model="nobody/nothing-like-it")
    assert faults == []
    assert any("is not on this machine; it will be fetched" in note for note in notes)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["solver.lora={targets: [nope]}"], "no module called nope", id="adapters"),
        pytest.param(["solver.lora={targets: [norm]}"], "takes no such adapters", id="of what"),
        pytest.param(["solver.freeze=[visul]"], "no parameter with visul", id="misspelt"),
        pytest.param(["solver.freeze=[model]"], "nothing is left that is trained", id="all"),
    ],
)
def test_what_the_model_does_not_have_is_a_fault(
    checkpoint: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    faults, _ = found(tmp_path, words, model=str(checkpoint))
    assert len(faults) == 1
    assert told in faults[0]


def _without(name: str) -> Any:
    return lambda folder: (folder / name).unlink()


def _with(part: str, **changes: Any) -> Any:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        told[part] |= changes
        path.write_text(json.dumps(told), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(_without("chat_template.jinja"), "has no chat template: copy", id="template"),
        pytest.param(_without("model.safetensors"), "holds no weights", id="weights"),
        pytest.param(_without("config.json"), "can't be loaded", id="config"),
        pytest.param(_with("text_config", hidden_size=-3), "model", id="negative"),
        pytest.param(_with("text_config", hidden_size="many"), "model", id="no number"),
        pytest.param(_with("text_config", num_attention_heads=0), "model", id="no heads"),
        pytest.param(
            _with("text_config", num_hidden_layers=10**9), "more than 1000 layers", id="deep"
        ),
        pytest.param(_with("vision_config", depth=10**9), "more than 1000 layers", id="deep eyes"),
        pytest.param(_with("text_config", vocab_size=10**12), "training it needs", id="large"),
    ],
)
def test_a_broken_checkpoint_is_a_fault(
    checkpoint: Path, tmp_path: Path, change: Any, told: str
) -> None:
    copy = shutil.copytree(checkpoint, tmp_path / "copy")
    change(copy)
    faults, _ = found(tmp_path, [], model=str(copy))
    assert len(faults) == 1
    assert told in faults[0]


def test_too_little_memory_is_a_fault_and_a_note_in_a_dry_run(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimating, "memory", lambda _: (1 << 20, "of this machine"))
    faults, _ = found(tmp_path, [], model=str(checkpoint))
    assert len(faults) == 1
    assert "0.0 GB of this machine are free" in faults[0]
    faults, notes = found(tmp_path, ["dry_run=true"], model=str(checkpoint))
    assert faults == []
    assert any("of this machine are free" in note for note in notes)
