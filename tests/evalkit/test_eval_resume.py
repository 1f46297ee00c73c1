"""A run that is stopped at any moment, and started again, ends as if it had not been."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalkit.backends import Settings
from evalkit.backends._base import Backend
from evalkit.backends.fake import FakeSession
from evalkit.errors import DataError, EvalkitError, UsageError
from evalkit.folder import RunFolder
from evalkit.media.video import Sampling
from evalkit.prompt import Completion, Prompt
from evalkit.run import run
from tests.evalkit.made_media import write_video
from tests.evalkit.made_run import (
    fake,
    make_plan,
    right_answers,
    samples_in,
    scores_in,
    vsi_rows,
    write_rows,
)

ROOT = Path(__file__).parents[2]
ROWS = vsi_rows(3)


@pytest.fixture(scope="module")
def vsi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vsi")
    write_rows(folder, ROWS)
    for scene in range(3):
        write_video(folder / "scannet" / f"scene{scene:04d}.mp4", 8)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


class _Stopping(FakeSession):
    """Is interrupted after some answers."""

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Completion]:
        for number, completion in enumerate(super().generate(prompts)):
            if number == 7:
                raise KeyboardInterrupt
            yield completion


def stop_early(vsi: Path, cache: Path, out: Path) -> None:
    session = _Stopping(right_answers(ROWS))
    with pytest.raises(KeyboardInterrupt):
        run(make_plan(vsi, cache, session), out)


def straight(vsi: Path, cache: Path, out: Path) -> tuple[bytes, dict[str, Any]]:
    run(make_plan(vsi, cache, fake(right_answers(ROWS))), out)
    return scores_in(out)


def test_a_stopped_run_asks_only_what_is_missing_and_ends_alike(
    vsi: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "stopped"
    stop_early(vsi, cache, out)
    kept = samples_in(out)
    assert len(kept) == 7
    assert not (out / "results.json").exists()
    session = fake(right_answers(ROWS))
    found = run(make_plan(vsi, cache, session), out)
    assert {prompt.id for prompt in session.prompts} == {str(row["id"]) for row in ROWS} - {
        row["id"] for row in kept
    }
    assert "going on after 7 of 30 questions" in capsys.readouterr().err
    assert (found["timing"]["kept"], found["timing"]["asked"]) == (7, 23)
    assert scores_in(out) == straight(vsi, cache, tmp_path / "straight")


def test_half_a_row_at_the_end_is_dropped_and_asked_again(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    samples = out / "samples.jsonl"
    content = samples.read_bytes()
    samples.write_bytes(content[:-25])
    session = fake(right_answers(ROWS))
    run(make_plan(vsi, cache, session), out)
    assert len(session.prompts) == 24
    assert scores_in(out) == straight(vsi, cache, tmp_path / "straight")


@pytest.mark.parametrize("line", [b"{half", b"[]", b'{"id": 3}', b"\xff"])
def test_a_damaged_row_elsewhere_is_told_with_its_line(
    vsi: Path, cache: Path, tmp_path: Path, line: bytes
) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    samples = out / "samples.jsonl"
    lines = samples.read_bytes().splitlines()
    samples.write_bytes(b"\n".join([*lines[:2], line, *lines[3:]]) + b"\n")
    with pytest.raises(DataError, match=r"samples\.jsonl:3: .*delete this line"):
        run(make_plan(vsi, cache, fake({})), out)


def test_a_folder_without_an_answer_takes_other_settings(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (tmp_path / "file").write_text("")
    with pytest.raises(EvalkitError, match="can't write the cache"):
        run(make_plan(vsi, tmp_path / "file", fake({})), out)
    assert (out / "run.json").exists()
    other = make_plan(vsi, cache, fake(right_answers(ROWS)), sampling=Sampling(2))
    assert run(other, out)["frames"] == 2
    with pytest.raises(UsageError, match="frames: 2, not 4"):
        run(make_plan(vsi, cache, fake({})), out)


def test_failed_questions_alone_are_asked_again(
    vsi: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    answers = right_answers(ROWS)
    run(make_plan(vsi, cache, fake(answers, failing={"0": "busy", "33": "busy"})), out)
    session = fake(answers, failing={"33": "still busy"})
    found = run(make_plan(vsi, cache, session), out)
    assert sorted(prompt.id for prompt in session.prompts) == ["0", "33"]
    assert "asking 2 failed questions again" in capsys.readouterr().err
    assert found["results"]["failed"] == 1
    reasons = [row["error"]["reason"] for row in samples_in(out) if row["error"]]
    assert reasons == ["still busy"]
    run(make_plan(vsi, cache, fake(answers)), out)
    assert scores_in(out) == straight(vsi, cache, tmp_path / "straight")


def test_a_finished_run_is_not_opened_again(vsi: Path, cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run(make_plan(vsi, cache, fake(right_answers(ROWS))), out)

    def refuse(_settings: Settings, _known: Any) -> FakeSession:
        raise AssertionError("the backend was opened")

    plan = make_plan(vsi, cache, fake({}), backend=Backend("refuses", refuse))
    assert run(plan, out) == first


def test_a_lost_results_file_is_made_again_from_the_rows(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = straight(vsi, cache, out)
    (out / "results.json").unlink()
    assert straight(vsi, cache, out) == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"sampling": Sampling(8)}, "frames: 4, not 8", id="frames"),
        pytest.param({"scorer": "vlmevalkit"}, "scorer: .*official.*vlmevalkit", id="scorer"),
        pytest.param({"limit": 5}, "limit: null, not 5", id="limit"),
        pytest.param({"backend_name": "openai"}, 'backend: "fake", not "openai"', id="backend"),
        pytest.param({"settings": Settings(seed=3)}, "settings.seed: 0, not 3", id="seed"),
        pytest.param({"blind": True}, 'decoder: "opencv-', id="blind"),
    ],
)
def test_changed_settings_are_refused_by_name(
    vsi: Path, cache: Path, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    before = (out / "samples.jsonl").read_bytes()
    with pytest.raises(UsageError, match=told):
        run(make_plan(vsi, cache, fake({}), **changes), out)
    assert (out / "samples.jsonl").read_bytes() == before


def test_changed_data_are_refused(vsi: Path, cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    data = write_rows(tmp_path / "data", [{**ROWS[0], "ground_truth": "5"}, *ROWS[1:]])
    with pytest.raises(UsageError, match=r"dataset\.content"):
        run(make_plan(data, cache, fake({}), blind=False), out)


def test_another_model_is_refused_and_how_it_runs_is_not(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    with pytest.raises(UsageError, match='model: "fake", not "tuned"'):
        run(make_plan(vsi, cache, fake({}, name="tuned")), out)
    settings = Settings(batch_size=2, concurrency=1, timeout_s=3.0)
    run(make_plan(vsi, cache, fake(right_answers(ROWS)), settings=settings), out)


def test_a_folder_with_rows_of_unknown_origin_is_refused(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    (out / "run.json").unlink()
    with pytest.raises(UsageError, match="choose another --out"):
        run(make_plan(vsi, cache, fake({})), out)


def test_two_runs_in_one_folder_are_refused(vsi: Path, cache: Path, tmp_path: Path) -> None:
    with RunFolder(tmp_path / "out"), pytest.raises(EvalkitError, match="another evalkit run"):
        run(make_plan(vsi, cache, fake({})), tmp_path / "out")
    run(make_plan(vsi, cache, fake({}), limit=1), tmp_path / "out")


def program(vsi: Path, out: Path, cache: Path, sleep_s: float) -> list[str]:
    script = ROOT / "tests" / "evalkit" / "made_run.py"
    return [sys.executable, str(script), str(vsi), str(out), str(cache), str(sleep_s)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def killed_run(vsi: Path, out: Path, cache: Path, moment: float) -> int:
    """Kill a run when ``moment`` of its 30 answers are there; return how many rows it left."""
    samples = out / "samples.jsonl"
    process = subprocess.Popen(
        program(vsi, out, cache, 0.004), env=environment(), stderr=subprocess.PIPE
    )
    try:
        while process.poll() is None:
            size = samples.stat().st_size if samples.exists() else 0
            if size > moment * 9000 or (out / "results.json").exists():
                break
            time.sleep(0.001)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return len(samples.read_bytes().splitlines()) if samples.exists() else 0


def test_a_run_that_is_killed_again_and_again_ends_alike(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    rng = np.random.Generator(np.random.PCG64(5))
    for moment in sorted(rng.uniform(0, 1, 8)):
        killed_run(vsi, out, cache, moment)
    session = fake(right_answers(ROWS))
    run(make_plan(vsi, cache, session), out)
    assert len(session.prompts) < 30
    assert scores_in(out) == straight(vsi, cache, tmp_path / "straight")


def test_a_full_disk_is_told_in_a_line_and_the_run_goes_on_later(
    vsi: Path, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "full"
    finished = subprocess.run(
        ["sh", "-c", 'ulimit -f 10; exec "$@"', "sh", *program(vsi, out, cache, 0)],  # 5120 bytes
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    last = finished.stderr.strip().splitlines()[-1]
    assert "the disk is full; free some space and give the same command again" in last
    content = (out / "samples.jsonl").read_bytes()
    assert content.endswith(b"\n")
    assert 0 < len(content) <= 5120
    assert not list(out.glob(".part-*"))
    run(make_plan(vsi, cache, fake(right_answers(ROWS))), out)
    assert scores_in(out) == straight(vsi, cache, tmp_path / "straight")


def test_rows_are_on_disk_when_they_are_answered(vsi: Path, cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    seen = []

    def script(prompt: Prompt) -> str:
        samples = out / "samples.jsonl"
        seen.append(len(samples.read_bytes().splitlines()) if samples.exists() else 0)
        return "A"

    run(make_plan(vsi, cache, fake(script)), out)
    assert seen == list(range(30))


def test_the_header_is_there_before_the_first_row(vsi: Path, cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stop_early(vsi, cache, out)
    header = json.loads((out / "run.json").read_text())
    assert header["protocol"]["id"].startswith("vsi-bench/uniform-4/official/")
    assert header["model"] == {"backend": "fake", "model": "fake"}
