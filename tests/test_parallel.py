"""Work is spread over processes that keep the order, tell failures and end in time."""

import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.parallel import AHEAD, ordered_map, uninterrupted
from tests import parallel_work as work


def mapped(function: Callable[[Any], Any], items: Any, workers: int) -> Generator[Any]:
    return ordered_map(partial(work.prepare, function), items, workers)


#: Far longer than what is asked of takes on a busy machine, far shorter than waiting it out.
SOON_S, LONG_S = 60.0, 600.0


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def interrupted_after(seconds: float, results: Iterator[Any]) -> None:
    """Go through results, and send ourselves what ^C sends after a while."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        for _ in results:
            pass
    finally:
        timer.join()


@pytest.mark.parametrize(
    ("items", "workers"),
    [
        pytest.param(range(30), 2, id="more items than workers"),
        pytest.param(range(2), 3, id="more workers than items"),
        pytest.param(range(1), 1, id="one"),
        pytest.param((), 2, id="none"),
    ],
)
def test_same_as_map(items: Any, workers: int) -> None:
    assert list(mapped(work.square, items, workers)) == list(map(work.square, items))


def test_order_is_kept_when_items_take_different_times() -> None:
    assert list(mapped(work.slow_when_even, range(12), 3)) == list(range(12))


def test_results_larger_than_a_pipe() -> None:
    found = list(mapped(work.big, range(9), 2))
    assert found == [bytes([number]) * 2**20 for number in range(9)]


def test_every_worker_works_and_none_remains(tmp_path: Path) -> None:
    found = list(mapped(partial(work.once_both_work, tmp_path), range(40), 2))
    assert [number for number, _ in found] == list(range(40))
    pids = {pid for _, pid in found}
    assert os.getpid() not in pids
    assert len(pids) == 2
    assert not any(map(alive, pids))


def test_items_are_taken_only_so_far_ahead() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    for index, _ in enumerate(mapped(work.square, items(), 2)):
        assert taken - index <= 2 * AHEAD + 1


def test_what_a_worker_raises_is_raised_here() -> None:
    results = mapped(work.failing_at_three, range(10), 2)
    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pytest.raises(UsageError, match="3 is not liked") as raised:
        next(results)
    (note,) = raised.value.__notes__
    assert "in a worker process" in note
    assert "parallel_work.py" in note


def test_work_goes_on_up_to_what_failed() -> None:
    results = mapped(work.failing_at_three, [3, 3, 0, 3, 1], 2)
    with pytest.raises(UsageError):
        list(results)
    results = mapped(work.failing_at_three, [0, 1, 2, 3, 3, 3, 3], 3)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(UsageError):
        next(results)


def test_failing_preparation_is_raised_here() -> None:
    results = ordered_map(partial(work.failing_to_prepare, 7), range(3), 2)
    with pytest.raises(MemoryError, match="7 parts do not fit"):
        next(results)


def test_result_that_cannot_be_sent_is_raised_here() -> None:
    with pytest.raises(TypeError, match="not to be sent"):
        list(mapped(work.unsendable, range(3), 2))


@pytest.mark.parametrize("workers", [1, 2])
def test_dead_worker_is_told(workers: int) -> None:
    results = mapped(partial(work.dying_at, 5), range(20), workers)
    with pytest.raises(SpatialgenError, match=r"a worker process died.*fewer --workers") as raised:
        list(results)
    assert "\n" not in str(raised.value)


def test_workers_killed_from_outside_are_told() -> None:
    results = mapped(work.with_pid, range(10_000), 2)
    pids = {pid for _, pid in (next(results) for _ in range(20))}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(SpatialgenError, match="a worker process died"):
        list(results)


def test_closing_early_ends_the_workers_at_once() -> None:
    results = mapped(work.with_pid, range(10_000), 2)
    pids = {pid for _, pid in (next(results) for _ in range(20))}
    assert all(map(alive, pids))
    results.close()
    assert not any(map(alive, pids))


def test_closing_does_not_wait_for_slow_items() -> None:
    results = mapped(work.sleeping, [0.0, 0.0, LONG_S, LONG_S], 2)
    assert next(results) == 0.0
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < SOON_S


def test_nothing_starts_before_the_first_result_is_asked_for(tmp_path: Path) -> None:
    results = mapped(partial(work.writing_to, tmp_path), range(5), 2)
    assert list(tmp_path.iterdir()) == []
    assert next(results) == 0
    results.close()


def test_workers_do_not_hear_an_interrupt() -> None:
    assert list(mapped(work.interrupted, range(6), 2)) == list(range(6))


def test_interrupt_ends_the_workers_and_comes_through() -> None:
    results = mapped(work.with_pid, range(100_000), 2)
    pids = {pid for _, pid in (next(results) for _ in range(20))}
    with pytest.raises(KeyboardInterrupt):
        interrupted_after(0.2, results)
    results.close()
    assert not any(map(alive, pids))


@pytest.mark.parametrize("delay_ms", range(0, 40, 4))
def test_interrupt_while_workers_start(delay_ms: int) -> None:
    handler = signal.getsignal(signal.SIGINT)
    results = mapped(work.sleeping, [LONG_S] * 4, 3)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted_after(delay_ms / 1000, results)
    assert time.monotonic() - started < SOON_S
    assert signal.getsignal(signal.SIGINT) is handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


class Steps:
    """Steps in which ^C comes, and that lose the exception, as some extensions do."""

    def __init__(self, interrupts: int) -> None:
        self.interrupts = interrupts
        self.done: list[int] = []

    def __iter__(self) -> Iterator[int]:
        for number in range(3):
            try:
                for _ in range(self.interrupts if number == 1 else 0):
                    os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                self.done.append(-1)
            self.done.append(number)
            yield number


def test_steps_are_yielded() -> None:
    assert list(uninterrupted(iter(Steps(0)))) == [0, 1, 2]
    assert list(uninterrupted(iter(()))) == []


def test_interrupt_waits_for_the_end_of_its_step() -> None:
    steps = Steps(1)
    handler = signal.getsignal(signal.SIGINT)
    results = uninterrupted(iter(steps))
    assert next(results) == 0
    with pytest.raises(KeyboardInterrupt):
        next(results)
    assert steps.done == [0, 1]
    assert signal.getsignal(signal.SIGINT) is handler


def test_second_interrupt_does_not_wait_and_is_not_lost() -> None:
    steps = Steps(2)
    with pytest.raises(KeyboardInterrupt):
        list(uninterrupted(iter(steps)))
    assert steps.done == [0, -1, 1]


def test_failing_step_leaves_the_handler_in_place() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(UsageError):
        list(uninterrupted(map(work.failing_at_three, [1, 3])))
    assert signal.getsignal(signal.SIGINT) is handler


def test_steps_outside_the_main_thread() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.extend(uninterrupted(iter(Steps(0)))))
    thread.start()
    thread.join()
    assert found == [0, 1, 2]


def test_usable_outside_the_main_thread() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.extend(mapped(work.square, range(6), 2)))
    thread.start()
    thread.join()
    assert found == [0, 1, 4, 9, 16, 25]
