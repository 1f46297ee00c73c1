"""What a run would need, told before it begins."""

from pathlib import Path

import pytest

from recipes import tiny
from recipes.checking import check
from recipes.settings import read
from tests.recipes.test_evolve import config_file

pytest.importorskip("torch")
pytest.importorskip("accelerate")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("tiny") / "model")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param([], "0.00 G of them trained: 0.0 GB", id="all of it"),
        pytest.param(["solver.lora={rank: 2}"], "of which adapters are trained", id="adapters"),
    ],
)
def test_memory_is_told_without_loading_weights(
    checkpoint: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    (checkpoint / "model.safetensors").unlink(missing_ok=True)
    faults, notes = check(read(config_file(tmp_path, model=str(checkpoint)), words))
    assert faults == []
    assert any(told in note for note in notes)
    assert notes[-1] == "2 rounds x 2 steps x 8 = 32 questions visited"


def test_a_folder_that_is_no_checkpoint_is_a_fault(tmp_path: Path) -> None:
    faults, _ = check(read(config_file(tmp_path, model=str(tmp_path))))
    assert len(faults) == 1
    assert faults[0].startswith(f"model: {tmp_path} can't be loaded")


def test_a_name_that_is_not_here_is_told(tmp_path: Path) -> None:
    faults, notes = check(read(config_file(tmp_path, model="nobody/nothing-like-it")))
    assert faults == []
    assert any("is not on this machine; it will be fetched" in note for note in notes)


def test_every_fault_is_told(tmp_path: Path) -> None:
    words = ["solver.launch=[no-such-command]", "proposer.families=[nothing]"]
    faults, _ = check(read(config_file(tmp_path), [*words, "held_out.made.0.seed=10"]))
    parts = [fault.split(":")[0] for fault in faults]
    assert parts == ["held_out.made", "proposer.families", "solver.launch"]
