"""One run in a folder at a time, and the commands that it starts.

A command holds the lock of the run that started it, so that whatever a killed run leaves
behind keeps the next start out for as long as it works. A run that is stopped in any other way
takes its commands along.
"""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from recipes.errors import ConfigError

#: Launchers of training that are also modules of what it needs: they are started with this
#: Python, whose commands need not be on the PATH.
_MODULES = {
    "accelerate": "accelerate.commands.accelerate_cli",
    "torchrun": "torch.distributed.run",
}

#: Seconds in which a command can end by itself when its run is stopped.
GRACE = 10.0


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a run's folder; raises ConfigError where another process holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(f"{folder}: a file is in the way; choose another out_dir") from None
    except OSError as error:
        raise ConfigError(f"out_dir: {error.strerror or error}; choose another") from None
    try:
        _lock(held, folder)
        yield
    finally:
        os.close(held)


def _lock(held: int, folder: Path) -> None:
    # The lock lasts until the last process with this descriptor has closed it.
    os.set_inheritable(held, True)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(
            f"{folder}: another run is at work here, or what a killed one had started; wait for "
            "it, or end it"
        ) from None


def launcher(words: Sequence[str]) -> list[str]:
    """Return the words that start a process for each GPU, as they are run here."""
    module = _MODULES.get(words[0])
    return [sys.executable, "-m", module, *words[1:]] if module else list(words)


def command(words: Sequence[str], name: str, show: bool = False) -> tuple[int, str]:
    """Run a command to its end; return its exit status, and in a line why it is not 0.

    The line is the first that begins with ``name:``, or else the last one of all that it said.
    With ``show`` what it says appears on stderr while it runs.
    """
    reason = last = ""
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        close_fds=False,  # it holds the lock of the run
        process_group=0,  # with whatever it starts itself
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if show:
                print(line, end="", file=sys.stderr, flush=True)
            last = line.strip() or last
            if not reason and last.startswith(f"{name}: "):
                reason = last.removeprefix(f"{name}: ")
        status = process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        process.stdout.close()
    return status, (reason or last or f"it ended with status {status}") if status else ""


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
