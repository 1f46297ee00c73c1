"""Functions that worker processes of ``test_parallel`` are given; they have to be importable."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spatialgen.errors import UsageError


def prepare(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return function


def square(number: int) -> int:
    return number * number


def with_pid(number: int) -> tuple[int, int]:
    time.sleep(0.005)
    return number, os.getpid()


def once_both_work(folder: Path, number: int) -> tuple[int, int]:
    """Wait until two processes have begun to work, however long the second one takes to start."""
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 2:
        time.sleep(0.005)
    return number, os.getpid()


def slow_when_even(number: int) -> int:
    time.sleep(0.05 * (number % 2 == 0))
    return number


def failing_at(bad: int, number: int) -> int:
    if number == bad:
        raise UsageError(f"{number} is not liked")
    return number


def dying_at(bad: int, number: int) -> int:
    if number == bad:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def writing_to(folder: Path, number: int) -> int:
    """Leave a file that tells which items were begun."""
    (folder / str(number)).touch()
    time.sleep(0.01)
    return number


def sleeping(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def interrupted(number: int) -> int:
    """Send ourselves what ^C sends."""
    os.kill(os.getpid(), signal.SIGINT)
    return number


def failing_to_prepare(parts: int) -> Callable[[Any], Any]:
    raise MemoryError(f"{parts} parts do not fit")


class Unpicklable:
    """A result that can't be sent back."""

    def __reduce__(self) -> Any:
        raise TypeError("not to be sent")


def unsendable(number: int) -> Unpicklable:
    return Unpicklable()


def big(number: int) -> bytes:
    """More than fits into a pipe."""
    return bytes([number]) * 2**20


def failing_at_three(number: int) -> int:
    """Fail at the third item while the others are not done yet."""
    time.sleep(0.05 * (number < 3))
    return failing_at(3, number)
