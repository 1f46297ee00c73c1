"""Hostile programs end as they must, soon, and what comes after them does not notice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spatialgen.programs.executor import Executor, Limits, Stage
from spatialgen.programs.results import Execution, Outcome
from tests.programs.hostile import HOSTILE, TRACE, Hostile
from tests.scenes_by_hand import backwards, living_room, world_of

PROBE = """
def answer(scene: Scene) -> object:
    import math
    table = scene.one('table')
    near = scene.nearest(table, scene.all('chair'))
    return [len(scene.objects), scene.count('chair'), near.id, norm((3.0, 4.0, 0.0)), math.pi > 3.1]
"""

SECRET = "swordfish-in-the-environment"

#: Seconds in which every program has ended also on a busy machine: its time is up long before,
#: and a worker that does not stop by itself is killed one second later.
SOON_S = 60.0

#: Seconds that a program gets which needs a moment, and which no busy machine takes from it.
PATIENCE_S = 30.0


@contextmanager
def started(seconds: float) -> Iterator[tuple[Executor, Stage, Stage]]:
    room = living_room()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPATIALGEN_TEST_SECRET", SECRET)
        with Executor(limits=Limits(seconds)) as made:
            yield made, made.stage(world_of(room)), made.stage(backwards(room))


@pytest.fixture(scope="module")
def hasty():
    with started(seconds=0.15) as made:
        yield made


@pytest.fixture(scope="module")
def patient():
    with started(seconds=PATIENCE_S) as made:
        yield made


def assert_contained(found: Execution, executor: Executor, stage: Stage) -> None:
    assert SECRET not in repr(found)
    assert len(found.detail) <= 1000
    assert (found.value is not None) is found.ok
    assert not Path(TRACE).exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executor, "limits", Limits(PATIENCE_S))
        again = executor.run(PROBE, stage)
    assert again == Execution(Outcome.OK, [9, 2, "chair-1", 5.0, True])


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.id)
def test_hostile_program_is_contained(hostile: Hostile, hasty, patient):
    executor, first, second = hasty if "timeout" in hostile.outcomes else patient
    before = time.perf_counter()
    objection = executor.check(hostile.source)
    found = objection or executor.agree(hostile.source, first, second)
    assert time.perf_counter() - before < SOON_S
    assert str(found.outcome) in hostile.outcomes, found
    assert_contained(found, executor, first)
    if objection is not None:  # it is contained without the type check, too
        before = time.perf_counter()
        bare = executor.run(hostile.source, first)
        assert time.perf_counter() - before < SOON_S
        assert_contained(bare, executor, first)


def test_the_table_is_large_and_its_ids_tell_programs_apart():
    assert len({hostile.id for hostile in HOSTILE}) == len(HOSTILE) >= 200
    outcomes = {outcome for hostile in HOSTILE for outcome in hostile.outcomes}
    assert outcomes == {str(outcome) for outcome in Outcome} - {"executor_crash"}
