"""Memory and time of a run, by hand-made sizes."""

import os
from pathlib import Path

import pytest

from recipes import estimating
from recipes.drafting import read
from recipes.estimating import Size
from recipes.settings import SolverSettings
from tests.recipes.test_evolve import config_file

torch = pytest.importorskip("torch")


def test_memory_is_sixteen_bytes_a_trained_parameter_and_four_another() -> None:
    assert Size(total=10, trained=10).bytes == 160
    assert Size(total=10, trained=1).bytes == 16 + 36


def test_size_counts_a_shared_weight_once() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    model[1].weight = model[0].weight
    model[0].bias.requires_grad_(False)
    assert estimating.size_of(model) == Size(total=15, trained=12)


@pytest.mark.parametrize(
    ("words", "size", "each"),
    [
        pytest.param([], Size(10, 10), 60, id="all trained: six a parameter"),
        pytest.param([], Size(10, 0), 40, id="gradients pass through what is frozen"),
        pytest.param(["solver.gradient_checkpointing=true"], Size(10, 10), 80, id="forward twice"),
        pytest.param(["solver.together=4"], Size(10, 10), 15, id="four share a pass"),
    ],
)
def test_operations(tmp_path: Path, words: list[str], size: Size, each: int) -> None:
    config = read(config_file(tmp_path), words)
    assert config.samples == 32
    assert estimating.operations(config, size, 7) == each * 7 * 32


def test_speed_is_measured_where_training_will_be(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = estimating.speed(SolverSettings(device="cpu"))
    assert measured is not None
    assert 1e7 < measured < 1e15
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert estimating.speed(SolverSettings(device="cuda")) is None
    assert estimating.memory(SolverSettings(device="cuda")) is None


@pytest.mark.parametrize(
    ("device", "launch", "expected"),
    [("cpu", ("accelerate",), 0), ("cuda", (), 1), ("auto", ("accelerate",), 8)],
)
def test_processes(
    monkeypatch: pytest.MonkeyPatch, device: str, launch: tuple[str, ...], expected: int
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 8)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (80, 90))
    monkeypatch.setattr(estimating, "apart", lambda ask, *what: ask(*what))
    solver = SolverSettings.model_validate({"device": device, "launch": launch})
    assert estimating.processes(solver) == expected
    if expected:
        assert estimating.memory(solver) == (
            80 * expected,
            "of the GPU" if expected == 1 else "of 8 GPUs",
        )


def test_gpus_are_asked_by_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert estimating.apart(os.getpid) != os.getpid()
    asked: list[tuple[object, ...]] = []

    def answered(*what: object) -> int:
        asked.append(what)
        return 5

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(estimating, "apart", answered)
    solver = SolverSettings(launch=("accelerate",))
    assert estimating.memory(solver) == (5, "of 2 GPUs")
    assert estimating.speed(solver) == 10
    assert [each[1] for each in asked] == [2, "cuda"]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "2 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (9_000, "2 hours"),
        (1e6, "12 days"),
    ],
)
def test_duration(seconds: float, told: str) -> None:
    assert estimating.duration(seconds) == told
