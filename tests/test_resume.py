"""A run that is killed, stopped or starved goes on with the same command to the same bytes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import kill_resume
from benchmarks.kill_resume import session
from spatialgen.dataset.files import MANIFEST, QUESTIONS, read_manifest
from spatialgen.dataset.folder import PROGRESS
from spatialgen.scenes.vsi_meta import write
from spatialgen.synth.rooms import furnish
from tests.runs import PATIENCE_S, PER_SCENE, apart, command, made, rows_in

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


#: Makes a run stop, once it has written so many lines of its journal, until its standard input
#: ends: one process before it works on the next scene, the parent of several before it writes it.
HOLD = """
import sys
from pathlib import Path
from spatialgen.dataset.folder import DatasetWriter
from spatialgen.pipeline import Worker

def hold(owner, name):
    go_on = getattr(owner, name)

    def held(*words):
        if journal.exists() and journal.read_bytes().count(b"\\n") > scenes:
            sys.stdin.read()
        return go_on(*words)

    setattr(owner, name, held)

journal, scenes = Path({journal!r}), {scenes}
hold(*{before})
"""


@pytest.fixture(scope="module")
def expected(dataset: Path) -> dict[str, bytes]:
    return rows_in(dataset)


class Runs:
    """Starts the command about the shared rooms again and again, with one output folder."""

    def __init__(self, rooms: Path, out: Path, per_scene: int = PER_SCENE) -> None:
        self.out = out
        self._words = ("propose", "--scenes", rooms, "--out", out, "--per-scene", str(per_scene))
        self._begun: list[subprocess.Popen[str]] = []

    def start(self, workers: int, first: str = "") -> subprocess.Popen[str]:
        """Start the command, whose process runs the lines ``first`` before."""
        run = subprocess.Popen(
            command(*self._words, "--workers", str(workers), first=first),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._begun.append(run)
        return run

    def start_until(self, scenes: int, workers: int) -> subprocess.Popen[str]:
        """Start, and wait until so many scenes are written; `communicate` lets the run go on."""
        before = 'Worker, "work"' if workers == 1 else 'DatasetWriter, "append"'
        journal = str(self.out / PROGRESS)
        hold = HOLD.format(journal=journal, scenes=scenes, before=f"({before})")
        run = self.start(workers, first=hold)
        until = time.monotonic() + PATIENCE_S
        while self.written() <= scenes:
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < until, "nothing came"
            time.sleep(0.002)
        return run

    def written(self) -> int:
        """Return the number of lines of the journal."""
        journal = self.out / PROGRESS
        return journal.read_bytes().count(b"\n") if journal.exists() else 0

    def finish(self, workers: int = 1) -> str:
        """Let the run end; return what it said on standard error."""
        run = self.start(workers)
        said = run.communicate(timeout=PATIENCE_S)[1]
        assert run.returncode == 0, said
        assert read_manifest(self.out)["complete"]
        return said

    def end(self) -> None:
        for run in self._begun:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
            with run:  # closes its pipes
                run.wait()


@pytest.fixture
def ended() -> Iterator[Callable[[Runs], Runs]]:
    """Take runs, of which nothing is left after the test."""
    held: list[Runs] = []

    def hold(runs: Runs) -> Runs:
        held.append(runs)
        return runs

    yield hold
    for runs in held:
        runs.end()


@pytest.fixture
def runs(rooms: Path, tmp_path: Path, ended: Callable[[Runs], Runs]) -> Runs:
    return ended(Runs(rooms, tmp_path / "d"))


def gone(run: subprocess.Popen[str]) -> bool:
    """Wait until no process of a run that has ended lives on, and tell whether it came to that."""
    until = time.monotonic() + PATIENCE_S
    while session(run.pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not session(run.pid)


@pytest.mark.parametrize(
    ("workers", "whole_group"),
    [
        pytest.param(1, False, id="one process"),
        pytest.param(3, False, id="the parent of three"),
        pytest.param(3, True, id="all of three"),
    ],
)
def test_killed_again_and_again(
    workers: int, whole_group: bool, runs: Runs, expected: dict[str, bytes]
) -> None:
    for scenes in range(3):
        run = runs.start_until(scenes, workers)
        (os.killpg if whole_group else os.kill)(run.pid, signal.SIGKILL)
        run.communicate()
        assert gone(run)
        assert not read_manifest(runs.out)["complete"]
    said = runs.finish(workers)
    assert said == "going on after 2 of 4 scenes\n"
    assert rows_in(runs.out) == expected


def test_killed_while_it_begins(runs: Runs, expected: dict[str, bytes]) -> None:
    for after_ms in (30, 150, 300, 450, 600):
        run = runs.start(workers=2)
        time.sleep(after_ms / 1000)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        assert gone(run)
    runs.finish()
    assert rows_in(runs.out) == expected


@pytest.mark.parametrize(
    ("workers", "whole_group"),
    [
        pytest.param(1, False, id="one process"),
        pytest.param(2, True, id="all of two, as a terminal does"),
    ],
)
def test_interrupted(
    workers: int, whole_group: bool, runs: Runs, expected: dict[str, bytes]
) -> None:
    run = runs.start_until(1, workers)
    (os.killpg if whole_group else os.kill)(run.pid, signal.SIGINT)
    said = run.communicate(timeout=PATIENCE_S)[1]
    assert run.returncode == 1
    assert said == "spatialgen: stopped; what was done is kept: run the same command again\n"
    assert gone(run)
    runs.finish(workers)
    assert rows_in(runs.out) == expected


def test_terminated(runs: Runs, expected: dict[str, bytes]) -> None:
    run = runs.start_until(1, workers=2)
    run.terminate()
    assert run.communicate(timeout=PATIENCE_S)[1] == ""
    assert run.returncode == -signal.SIGTERM
    assert gone(run)
    runs.finish()
    assert rows_in(runs.out) == expected


def children(pid: int) -> dict[int, str]:
    """Return the living children of a process with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, IndexError):  # no process, or one that has just ended
            continue
        if parent == str(pid) and words:
            found[int(entry.name)] = words
    return found


def test_worker_killed(tmp_path: Path, ended: Callable[[Runs], Runs]) -> None:
    # More scenes than are handed out ahead, so that the killed one had still work to do.
    rooms = tmp_path / "rooms.json"
    write(rooms, (furnish(0, index, 10) for index in range(16)))
    made([rooms], tmp_path / "straight", per_scene=2)
    runs = ended(Runs(rooms, tmp_path / "d", per_scene=2))
    run = runs.start_until(1, workers=2)
    workers = [pid for pid, words in children(run.pid).items() if "spawn_main" in words]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    said = run.communicate(timeout=PATIENCE_S)[1]
    assert run.returncode == 1
    assert said.startswith("spatialgen: a worker process died")
    assert said.count("\n") == 1
    assert gone(run)
    runs.finish(workers=2)
    assert rows_in(runs.out) == rows_in(tmp_path / "straight")


def test_interpreters_killed_do_not_matter(runs: Runs, expected: dict[str, bytes]) -> None:
    run = runs.start_until(1, workers=1)
    killed = [pid for pid, words in children(run.pid).items() if "monty" in words]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert killed
    said = run.communicate(timeout=PATIENCE_S)[1]
    assert run.returncode == 0, said
    assert rows_in(runs.out) == expected


def test_put_to_sleep_and_woken(runs: Runs, expected: dict[str, bytes]) -> None:
    run = runs.start_until(1, workers=2)
    os.killpg(run.pid, signal.SIGSTOP)
    time.sleep(1.5)  # longer than a program may take
    os.killpg(run.pid, signal.SIGCONT)
    said = run.communicate(timeout=PATIENCE_S)[1]
    assert run.returncode == 0, said
    assert rows_in(runs.out) == expected


def test_two_at_once(runs: Runs, expected: dict[str, bytes]) -> None:
    first = runs.start_until(1, workers=1)
    second = runs.start(workers=1)
    said = second.communicate(timeout=PATIENCE_S)[1]
    assert second.returncode == 2
    assert said == (
        f"spatialgen: {runs.out}: another run is writing here; wait for it or choose --out\n"
    )
    said = first.communicate(timeout=PATIENCE_S)[1]
    assert first.returncode == 0, said
    assert rows_in(runs.out) == expected


def test_no_room_left(runs: Runs, expected: dict[str, bytes]) -> None:
    room = len(expected[QUESTIONS]) // 2
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
    run = runs.start(2, limit)
    said = run.communicate(timeout=PATIENCE_S)[1]
    assert run.returncode == 1
    assert said == (
        f"spatialgen: {runs.out}: File too large; what was done is kept: mend this and run the "
        "same command again\n"
    )
    assert 1 < runs.written() < 5
    assert "going on after" in runs.finish()
    assert rows_in(runs.out) == expected


def test_unfinished_folder_is_no_dataset_yet(rooms: Path, runs: Runs) -> None:
    run = runs.start_until(2, workers=1)
    run.kill()
    run.communicate()
    told = apart("verify", runs.out).complaint(1)
    assert told == f"{runs.out}: unfinished; run the command that began it again"
    counted = apart("stats", runs.out, "--json").json()
    assert counted["complete"] is False
    assert counted["scenes"]["with_questions"] >= 2
    assert apart("stats", runs.out).out.startswith("unfinished: the command that began it goes on")
    other = apart("propose", "--scenes", rooms, "--out", runs.out, "--per-scene", "3")
    assert "holds another run (config.per_scene was 10, now 3)" in other.complaint(2)


def test_folder_finished_after_a_kill_is_like_any_other(runs: Runs, dataset: Path) -> None:
    run = runs.start_until(1, workers=1)
    run.kill()
    run.communicate()
    runs.finish()
    again, straight = read_manifest(runs.out), read_manifest(dataset)
    for manifest in (again, straight):
        del manifest["wall_time_s"]
    assert again == straight
    names = {path.name for path in runs.out.iterdir()}
    assert names == {path.name for path in dataset.iterdir()}
    assert MANIFEST in names


def test_benchmark_of_kills(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kill_resume, "ORPHAN_S", PATIENCE_S)
    assert kill_resume.main(["--kills", "2", "--rooms", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["kills"]) == 2
    assert all(folder["same"] for folder in report["folders"])
