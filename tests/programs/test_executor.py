"""Isolated execution: every outcome, lost workers, many programs, nothing left behind."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from spatialgen.errors import SceneError
from spatialgen.programs import executor as subject
from spatialgen.programs.executor import MAX_SOURCE, Executor, Limits
from spatialgen.programs.results import Execution, Outcome
from tests.programs.interpreters import returning
from tests.scenes_by_hand import backwards, living_room, scene_of, thing, world_of

HEAD = "def answer(scene: Scene) -> object:\n"

#: Seconds that programs get which need a moment, and which no busy machine takes from them.
PATIENCE_S = 60.0

OUTCOMES = [
    ("ok", returning("scene.count('chair')"), None, ""),
    ("syntax", HEAD + "    x = = 1\n", 2, "Expected an expression"),
    ("syntax", HEAD + "    x = 1\n    yield x\n", 3, "do not yet support yield"),
    ("syntax", "from os import *\n" + returning("1"), 1, "Wildcard imports"),
    ("type_check", HEAD + "    x = 1\n    return scene.chairs\n", 3, "no attribute `chairs`"),
    ("type_check", returning("scene.one(7).id"), 2, "Expected `str`"),
    ("forbidden", "import math\nimport socket\n" + returning("1"), 2, "socket"),
    ("forbidden", returning("open('x').read()"), 2, "open"),
    ("forbidden", "import os\n" + returning("os.getenv('HOME')"), None, "os.getenv"),
    ("timeout", HEAD + "    while True:\n        pass\n", None, "longer than 0.2 s"),
    ("memory", HEAD + "    x = [0]\n    return len(x * 10**10)\n", 3, "memory limit"),
    ("recursion", HEAD + "    return answer(scene)\n", 2, "recursion depth"),
    ("exception", HEAD + "    x = 0\n    return 1 / x\n", 3, "ZeroDivisionError: division by"),
    ("exception", returning("scene.one('piano').id"), 2, "ValueError: no 'piano' here"),
    ("wrong_type", returning("scene.one('table').center"), None, "tuple"),
    ("non_finite", returning("1e308 * 10"), None, "inf"),
    ("too_large", returning("list(range(5000))"), None, "1000 values"),
    ("too_large", HEAD + "    print('x' * 200_000)\n    return 1\n", None, "printed more"),
    ("too_large", returning("1") + "#" * MAX_SOURCE, None, "characters"),
    ("nondeterministic", returning("scene.objects[0].id"), None, "another order"),
]


@pytest.fixture(scope="module")
def executor():
    with Executor(limits=Limits(PATIENCE_S)) as made:
        yield made


@pytest.fixture(scope="module")
def stages(executor):
    return staged(executor)


def staged(executor):
    room = living_room()
    return executor.stage(world_of(room)), executor.stage(backwards(room))


@pytest.mark.parametrize(("outcome", "program", "line", "detail"), OUTCOMES)
def test_every_way_to_end(outcome, program, line, detail, executor, stages, monkeypatch):
    if outcome == "timeout":
        monkeypatch.setattr(executor, "limits", Limits(seconds=0.2))
    found = executor.execute(program, *stages)
    assert (str(found.outcome), found.line) == (outcome, line), found
    assert detail in found.detail
    assert found.ok is (outcome == "ok")
    assert (found.value is not None) is found.ok


def test_every_outcome_but_a_crash_has_a_case():
    assert {outcome for outcome, *_ in OUTCOMES} == set(Outcome) - {Outcome.EXECUTOR_CRASH}


# -- lines ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "line"),
    [
        pytest.param("x = 1 / 0\n" + returning("1"), 1, id="top level"),
        pytest.param("\n\n" + HEAD + "\n    return 1 / 0\n", 5, id="after empty lines"),
        pytest.param(returning("1 / 0").replace("\n", "\r\n"), 2, id="Windows line ends"),
        pytest.param(
            "def half(x):\n    return x / 0\n" + returning("half(1)"), 2, id="in a helper"
        ),
        pytest.param(
            HEAD + "    x = [1, 2]\n    return sorted(x, key=lambda v: v / 0)\n", 3, id="in a key"
        ),
        pytest.param(
            HEAD + "    a = scene.one('table')\n    return scene.nearest(a, []).id\n",
            3,
            id="where the language was called",
        ),
        pytest.param(HEAD + "    return 1\nanswer = None\n", 3, id="the call is the last line"),
    ],
)
def test_the_line_at_fault_is_the_programs(program, line, executor, stages):
    found = executor.run(program, stages[0])
    assert (found.outcome, found.line) == (Outcome.EXCEPTION, line), found


@pytest.mark.parametrize(
    ("program", "line"),
    [
        pytest.param(returning("scene.foo"), 2, id="in the body"),
        pytest.param("x: int = 'a'\n" + returning("x"), 1, id="first line"),
        pytest.param("x = 1\n", 1, id="no answer: told at the end"),
        pytest.param("def answer() -> int:\n    return 1", 2, id="no scene: told at the end"),
    ],
)
def test_the_line_of_a_finding_is_the_programs(program, line, executor):
    found = executor.check(program)
    assert (found.outcome, found.line) == (Outcome.TYPE_CHECK, line), found


# -- the type check --------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("while True:\n    pass\n" + returning("1"), id="endless"),
        pytest.param("x = [0] * 10**9\n" + returning("1"), id="huge"),
        pytest.param("raise SystemExit\n" + returning("1"), id="raises"),
        pytest.param(
            "_only_check_never_run_ = 1\nwhile True:\n    pass\n" + returning("1"),
            id="endless, with our sentinel defined",
        ),
        pytest.param(
            "def _only_check_never_run_(): pass\nwhile True:\n    pass\n" + returning("1"),
            id="endless, with our sentinel a function",
        ),
    ],
)
def test_a_check_runs_nothing(program, executor):
    executor.check(returning("1"))  # the first one also starts the checker
    before = time.perf_counter()
    executor.check(program)
    assert time.perf_counter() - before < subject.CHECK_S / 2


def test_a_check_remembers_nothing():
    helper = "def helper(scene: Scene) -> int:\n    return 1\n"
    uses = returning("helper(scene)")
    with Executor() as executor:
        assert executor.check(uses).outcome is Outcome.TYPE_CHECK
        assert executor.check(helper + uses) is None
        again = executor.check(uses)
        assert again.outcome is Outcome.TYPE_CHECK
        assert "`helper`" in again.detail
        sentinel = f"_only_check_never_run_ = 1\n{helper}{uses}"
        assert executor.check(sentinel) is None
        assert executor.check(uses) == again
        assert executor.check(returning("scene.foo")).line == 2


def test_a_checker_that_is_replaced_finds_the_same(monkeypatch):
    monkeypatch.setattr(subject, "CHECKS_PER_SESSION", 2)
    with Executor() as executor:
        for _ in range(5):
            assert executor.check(returning("1")) is None
            assert executor.check(returning("scene.foo")).outcome is Outcome.TYPE_CHECK


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(returning("1  # type: ignore"), id="idle type: ignore"),
        pytest.param("# ty: ignore\n" + returning("1"), id="idle ty: ignore"),
        pytest.param("from __future__ import annotations\n" + returning("1"), id="future"),
        pytest.param(returning("list(map(str, [1]))"), id="map"),
        pytest.param(returning("list(filter(None, [1]))"), id="filter"),
        pytest.param(returning("getattr(scene, 'room').area or 0"), id="getattr"),
        pytest.param(returning("hasattr(scene, 'video')"), id="hasattr"),
        pytest.param(returning("format(2.5, '.2f')"), id="format"),
        pytest.param("def answer(scene):\n    return 1\n", id="without annotations"),
    ],
)
def test_harmless_programs_are_not_objected_to(program, executor, stages):
    assert executor.execute(program, *stages).outcome is Outcome.OK


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(HEAD + "    return 1\nx = 1 + \\", id="continued line"),
        pytest.param(HEAD + "    return 1\n5 if True else \\", id="continued condition"),
        pytest.param('"""\n' + returning("1"), id="open text"),
        pytest.param(HEAD + '    return f"""{scene', id="open format"),
        pytest.param("(\n" + returning("1"), id="open bracket"),
        pytest.param(")\n" + returning("1"), id="closed bracket"),
        pytest.param(HEAD + "    return 1\nif True:", id="open block"),
        pytest.param(HEAD + "    return 1\n@", id="open decorator"),
        pytest.param(HEAD + "    return 1\nreturn 3", id="return outside"),
    ],
)
def test_what_we_add_to_a_program_can_not_be_swallowed(program, executor, stages):
    found = executor.execute(program, *stages)
    assert found.outcome is Outcome.SYNTAX
    assert 1 <= found.line <= program.count("\n") + 1


# -- two runs that must agree ------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("scene.objects[-1].label", id="last object"),
        pytest.param("scene.object('lamp-1').index", id="place in the list"),
        pytest.param("[o.id for o in scene.objects if o.label == 'chair']", id="unsorted"),
        pytest.param("list({o.label: 1 for o in scene.objects})", id="keys of a dict"),
        pytest.param("list(set([o.label for o in scene.objects]))", id="a set"),
        pytest.param("max(scene.objects, key=lambda o: o.label == 'chair').id", id="tie"),
        pytest.param("float(scene.gaps[16:32])", id="the table of distances"),
        pytest.param("id(scene)", id="id of the scene"),
        pytest.param("id([])", id="id of something new"),
        pytest.param("id('abc')", id="id of a text"),
        pytest.param("hash(scene) % 1000", id="hash of an object"),
        pytest.param("repr(scene)", id="address of an object"),
        pytest.param("str(lambda: 1)", id="address of a function"),
    ],
)
def test_what_hangs_on_order_or_place_is_found_out(expression, executor, stages):
    found = executor.execute(returning(expression), *stages)
    assert found.outcome is Outcome.NONDETERMINISTIC
    assert "then" in found.detail


def test_a_second_run_that_fails_is_told(executor, stages):
    program = returning("scene.objects[0].first_seen + 1  # type: ignore")
    found = executor.execute(program, *stages)
    assert found.outcome is Outcome.NONDETERMINISTIC
    assert "TypeError" in executor.execute(program, *stages[::-1]).detail + found.detail


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("sum([o.volume for o in scene.objects])", id="sum of floats"),
        pytest.param("sorted(set([o.label for o in scene.objects]))", id="sorted set"),
        pytest.param("{o.id: o.height for o in scene.objects}", id="dict"),
        pytest.param("hash('abc') % 1000", id="hash of a text"),
    ],
)
def test_what_does_not_is_let_through(expression, executor, stages):
    assert executor.execute(returning(expression), *stages).ok


# -- nothing reaches the next program ----------------------------------------------

POISON = [
    "Scene.one = lambda self, label: self.objects[0]",
    "Scene.count = lambda self, label: 0",
    "Scene.distance = lambda self, a, b: 0.0",
    "Object.corners = lambda self: []",
    "scene.one = None",
    "scene.objects.clear()",
    "scene.objects.reverse()",
    "scene.objects.append(scene.objects[0])",
    "scene.counts['chair'] = 99",
    "scene.counts.clear()",
    "scene.gaps = scene.gaps.replace('0.75', '9.75')",
    "scene.frames.clear()",
    "scene.frame(0).packed = ''",
    "scene.room.area = 0.0",
    "scene.objects[0].label = 'piano'",
    "scene.objects[0].center = (9.0, 9.0, 9.0)",
    "scene.objects[0].first_seen = 99.0",
    "scene.__init__({'objects': [], 'counts': {}, 'frames': [], 'gaps': '', 'room': {}})",
    "exec('def norm(a): return 0.0')",
]

SHADOW = [
    "norm = lambda a: 0.0",
    "len = lambda x: 0",
    "sorted = lambda *a, **k: []",
    "ValueError = KeyError",
    "math = None",
    "Scene = None",
    "scene = None",
    "leaving = lambda x: 7",
    "refusal = lambda x: None",
    "MAX_RESULT_ITEMS = 10**9",
    "answer = lambda scene: 7",
    "__name__ = 'x'",
    "import math\nmath.pi = 3",
    "import json\njson.dumps = len",
    "from math import *",
]

PROBE = """
def answer(scene: Scene) -> object:
    import math
    table = scene.one('table')
    return {
        'ids': [o.id for o in sorted(scene.objects, key=lambda o: o.id)],
        'labels': scene.labels(),
        'chairs': scene.count('chair'),
        'gap': scene.distance(table, scene.object('chair-1')),
        'far': scene.center_distance(table, scene.one('sofa')),
        'corners': len(table.corners()),
        'frames': [len(scene.visible_objects(f)) for f in scene.frames] + [table.first_seen],
        'area': scene.room_area(),
        'pi': math.pi,
        'norm': norm((3.0, 4.0, 0.0)),
        'name': __name__,
    }
"""


@pytest.fixture(scope="module")
def untouched(executor, stages):
    found = executor.execute(PROBE, *stages)
    assert found.ok
    return found


@pytest.mark.parametrize("poison", POISON)
def test_what_a_program_changes_is_gone(poison, executor, stages, untouched):
    for program in (f"{HEAD}    {poison}\n    return 1\n", f"{poison}\n{returning('1')}"):
        assert executor.run(program, stages[0]).outcome in (Outcome.OK, Outcome.EXCEPTION)
        assert executor.run(PROBE, stages[0]) == untouched


@pytest.mark.parametrize("shadow", SHADOW)
def test_what_a_program_names_is_gone(shadow, executor, stages, untouched):
    executor.run(f"{shadow}\n{returning('1')}", stages[0])
    executor.run(f"{returning('1')}{shadow}\n", stages[0])
    assert executor.run(PROBE, stages[0]) == untouched


def test_a_program_can_not_count_its_runs(executor, stages):
    program = f"runs = 0\n{HEAD}    global runs\n    runs += 1\n    return runs\n"
    assert [executor.run(program, stages[0]).value for _ in range(3)] == [1, 1, 1]


# -- workers ------------------------------------------------------------------------

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")

#: Takes a good part of a second, then answers.
SLOW = HEAD + "    n = 0\n    for i in range(3_000_000):\n        n += 1\n    return n\n"


def workers() -> set[int]:
    """Return the interpreter processes that this process has started."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, _, rest = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue  # it has ended
            state, parent = rest.split()[:2]
            if name.endswith("(monty") and int(parent) == os.getpid() and state != "Z":
                found.add(int(entry.name))
    return found


def left(others: set[int], count: int) -> set[int]:
    """Return our workers, once there are so many: one that is told to end needs a moment."""
    until = time.monotonic() + PATIENCE_S
    while len(found := workers() - others) != count and time.monotonic() < until:
        time.sleep(0.01)
    return found


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@contextmanager
def killing(known: set[int], times: int | None) -> Iterator[list[int]]:
    """Kill new workers a moment after they appear: so many, or all (None)."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.05) and (times is None or len(killed) < times):
            for pid in sorted(workers() - known - set(killed))[:1]:
                with suppress(ProcessLookupError):  # it has ended by itself
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


@needs_proc
def test_a_program_whose_worker_is_killed_is_run_again_and_not_blamed():
    others = workers()
    with Executor(limits=Limits(PATIENCE_S)) as executor:
        stage = executor.stage(world_of(living_room()))
        with killing(others, times=1) as killed:
            found = executor.run(SLOW, stage)
        assert len(killed) == 1
        assert found == Execution(Outcome.OK, 3_000_000)
        assert workers() - others
        assert executor.run(returning("1"), stage).ok


@needs_proc
def test_a_program_whose_worker_is_killed_twice_ends_as_a_crash():
    others = workers()
    with Executor(limits=Limits(PATIENCE_S)) as executor:
        stage = executor.stage(world_of(living_room()))
        with killing(others, times=None) as killed:
            found = executor.run(SLOW, stage)
        assert len(killed) >= 2
        assert (found.outcome, found.value) == (Outcome.EXECUTOR_CRASH, None)
        assert executor.run(returning("1"), stage) == Execution(Outcome.OK, 1)


@needs_proc
def test_idle_workers_that_are_killed_are_replaced():
    others = workers()
    with Executor() as executor:
        stages = staged(executor)
        assert executor.execute(returning("1"), *stages).ok
        for pid in workers() - others:
            os.kill(pid, signal.SIGKILL)
        assert executor.check(returning("scene.foo")).outcome is Outcome.TYPE_CHECK
        assert executor.execute(returning("2"), *stages) == Execution(Outcome.OK, 2)
        for pid in workers() - others:
            os.kill(pid, signal.SIGKILL)
        assert staged(executor)


@needs_proc
def test_thousands_of_programs_leave_few_small_workers():
    others = workers()
    with Executor() as executor:
        stage = executor.stage(world_of(scene_of([])))
        first = workers() - others
        for i in range(subject.PROGRAMS_PER_WORKER + 50):
            assert executor.run(returning(f"len('x' * {i})"), stage).value == i
        last = left(others, 1)
        assert len(first) == len(last) == 1
        assert first != last, "the worker was not replaced"
        assert max(map(resident_mb, last)) < 100
    assert left(others, 0) == set()


def test_threads_may_share_an_executor():
    room = living_room()
    with Executor(workers=2) as executor:
        first, second = staged(executor)
        expected = {o.id: o.box.center[2] for o in room.objects}
        programs = [returning(f"scene.object({id!r}).center[2]") for id in expected] * 5

        def execute(program: str) -> object:
            assert executor.check(returning("scene.foo")) is not None
            return executor.execute(program, first, second).value

        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(execute, programs)) == list(expected.values()) * 5


def test_a_scene_that_does_not_fit_is_refused_by_name():
    many = [thing(f"chair-{i}", (float(i), 0.0, 0.0), (0.5, 0.5, 0.5)) for i in range(300)]
    with Executor(limits=Limits(memory_bytes=2 * 2**20)) as executor:
        with pytest.raises(SceneError, match="300 objects do not fit") as refusal:
            executor.stage(world_of(scene_of(many)))
        assert refusal.value.code == "too_large"
        assert executor.stage(world_of(living_room()))
