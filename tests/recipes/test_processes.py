"""The lock of a run, and the commands that hold it and end with it."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recipes.errors import ConfigError
from recipes.processes import alone, command, launcher

ROOT = Path(__file__).parents[2]

#: Seconds that anything here may take on a busy machine.
PATIENCE_S = 300.0

#: A run that starts a command, hears its process from it, tells it, and then stays.
RUN = """
import signal, sys
from pathlib import Path
from recipes.processes import alone, command
signal.signal(signal.SIGTERM, signal.default_int_handler)
out = Path(sys.argv[1])
with alone(out):
    stay = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    command([sys.executable, "-S", "-c", stay], "stay", show=True)
"""


def wait_for(known: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not known():
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.02)


@contextmanager
def begun(out: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Start a run; give it and the process of its command, which it has heard from."""
    words = [sys.executable, "-c", RUN, str(out)]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE) as run:
        assert run.stderr is not None
        yield run, int(run.stderr.readline())


def free(out: Path) -> bool:
    try:
        with alone(out):
            return True
    except ConfigError:
        return False


def test_what_a_killed_run_leaves_behind_keeps_the_next_one_out(tmp_path: Path) -> None:
    with begun(tmp_path) as (run, child):
        try:
            run.kill()
            run.wait()
            told = r"or what a killed one had started; wait"
            with pytest.raises(ConfigError, match=told), alone(tmp_path):
                pass
        finally:
            os.kill(child, signal.SIGKILL)
    wait_for(lambda: free(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_takes_its_commands_along(
    number: signal.Signals, tmp_path: Path
) -> None:
    with begun(tmp_path) as (run, child):
        run.send_signal(number)
        assert run.wait(PATIENCE_S) != 0
    assert free(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param("exit 0", "", id="well"),
        pytest.param("echo one; exit 3", "one", id="last line"),
        pytest.param("exit 3", "it ended with status 3", id="silent"),
        pytest.param("kill -9 $$", "it ended with status -9", id="killed"),
        pytest.param("echo it: why >&2; echo it: then; echo x; exit 1", "why", id="its own line"),
        pytest.param(r"printf 'it: \377 here\n'; exit 1", "\ufffd here", id="no UTF-8"),
    ],
)
def test_why_a_command_failed(script: str, told: str) -> None:
    status, found = command(["/bin/sh", "-c", script], "it")
    assert found == told
    assert bool(status) == bool(told)


@pytest.mark.parametrize("words", [["accelerate", "launch"], ["torchrun", "--nnodes", "1"]])
def test_launchers_are_those_of_this_python(words: list[str]) -> None:
    pytest.importorskip("accelerate")
    found = launcher(words)
    assert found[:2] == [sys.executable, "-m"]
    assert importlib.util.find_spec(found[2]) is not None
    assert found[3:] == words[1:]
    assert launcher(["srun", "-n", "4"]) == ["srun", "-n", "4"]


def test_a_run_that_would_block_is_not_taken_for_another(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), alone(tmp_path):
        raise BlockingIOError


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("file", "a file is in the way; choose another out_dir", id="a file"),
        pytest.param("file/run", "a file is in the way; choose another", id="below a file"),
        pytest.param("x" * 5_000, "^out_dir: File name too long; choose another$", id="long"),
    ],
)
def test_a_folder_that_can_t_be_is_told(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=told), alone(tmp_path / name):
        pass


def test_what_a_command_says_is_shown_beside_the_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for show in (False, True):
        command(["/bin/sh", "-c", "echo said"], "it", show)
    assert capsys.readouterr() == ("", "said\n")
