"""Isolated execution of programs: the only place that runs one.

Programs are hostile until proven otherwise. They run in pydantic-monty, an
interpreter of its own in worker processes, with no files, network, processes or
environment; clock and randomness are refused. A worker that dies is replaced,
and its program tried once more.
"""

import threading
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, NoReturn, Self

import pydantic_monty as monty

from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.programs import failures, source
from spatialgen.programs.results import MAX_PRINTED, Execution, Outcome, accept, same
from spatialgen.programs.world import World

#: Longest program, in characters.
MAX_SOURCE = 20_000

#: A worker is replaced after this many programs.
PROGRAMS_PER_WORKER = 2_000

#: The type checker's session is replaced after this many programs: it remembers
#: every text it has seen.
CHECKS_PER_SESSION = 500

#: Longest type check and longest loading of a scene, in seconds: many times what they take, as
#: no program is to blame for a busy machine. The first check also starts the checker.
CHECK_S = 5.0
LOADING_S = 20.0

# A name no stub declares. Put before a program it makes every type check fail,
# so that the checker reports on the text but never runs or remembers it.
_NEVER = "_only_check_never_run_"

# What follows a program. The empty line ends a continuation in its last line.
_CALL = "\n\nanswer(scene)"
_GUARDED_CALL = "\n\nleaving(answer(scene))"

# What the interpreter calls a program: the third text it is fed, after the
# language and the scene.
_PROGRAM_FEED = "<python-input-2>"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of a program may use."""

    seconds: float = 1.0
    memory_bytes: int = 64 * 2**20
    recursion: int = 200


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene loaded into the interpreter and frozen; every run starts from a copy."""

    state: bytes


class Executor:
    """A pool of isolated interpreters. Use it as a context manager.

    One executor may be used from several threads; as many programs run at a time
    as it has workers, and one more is type-checked. ``timeouts`` counts the runs and the type
    checks so far that took too long.
    """

    def __init__(self, workers: int = 1, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.timeouts = 0
        self._pool = monty.Monty(
            min_processes=workers,
            max_processes=workers + 1,  # one more holds the type checker's session
            max_checkouts_per_worker=PROGRAMS_PER_WORKER,
            request_timeout=max(self.limits.seconds, LOADING_S) + 5,
        )
        self._language: bytes = b""
        self._checker: monty.MontySession | None = None
        self._checks_left = 0
        self._checking = threading.Lock()

    def __enter__(self) -> Self:
        self._pool.__enter__()
        with self._session(LOADING_S) as session:
            session.feed_run(source.runtime())
            self._language = session.dump()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close_checker()
        self._pool.__exit__(kind, error, trace)

    def stage(self, world: World) -> Stage:
        """Load a scene once, for any number of runs.

        Raises SceneError ``too_large`` where the scene exceeds a program's memory, or takes
        longer than `LOADING_S`.
        """
        for _ in range(2):
            try:
                with self._session(LOADING_S) as session:
                    session.load_session(self._language)
                    session.feed_run(_loading(world), inputs={"_w": world})
                    return Stage(session.dump())
            except monty.MontyCrashedError:
                continue  # tried again on a new worker
            except monty.MontyRuntimeError as error:
                why = failures.first_line(str(error))
                detail = f"{len(world['objects'])} objects do not fit ({why})"
                raise SceneError("too_large", detail) from error
        raise SpatialgenError("the interpreter dies when a scene is loaded; reinstall spatialgen")

    def check(self, program: str) -> Execution | None:
        """Type-check a program against the language; None means nothing was found.

        The program is not run. Findings are `syntax`, `type_check` (with what is
        wrong, fit to be shown to whoever wrote it), `forbidden` for a module that
        does not exist inside, `timeout` for types that take too long, and
        `too_large` for a source over `MAX_SOURCE`.
        """
        if len(program) > MAX_SOURCE:
            detail = f"the program has {len(program)} characters, at most {MAX_SOURCE} are allowed"
            return Execution(Outcome.TOO_LARGE, detail=detail)
        with self._checking:
            for _ in range(2):
                try:
                    return self._check(program)
                except monty.MontyCrashedError as error:
                    self._close_checker()
                    if error.timed_out:
                        self.timeouts += 1
                        return Execution(Outcome.TIMEOUT, detail="its type check took too long")
        return Execution(Outcome.EXECUTOR_CRASH, detail="the type checker died twice on it")

    def run(self, program: str, stage: Stage) -> Execution:
        """Run a program on an untouched copy of a staged scene. Never raises for it.

        A run that a dead worker or the time limit ended is repeated once: both can
        be the machine's doing, and an answer must not hang on how busy that was.
        """
        for attempt in range(2):
            try:
                execution = self._run(program, stage)
            except monty.MontyCrashedError as error:
                if not error.timed_out:
                    continue
                execution = Execution(Outcome.TIMEOUT, detail=self._out_of_time)
            if execution.outcome is not Outcome.TIMEOUT:
                return execution
            if attempt:
                self.timeouts += 1
                return execution
        return Execution(Outcome.EXECUTOR_CRASH, detail="its worker died twice")

    def execute(self, program: str, first: Stage, second: Stage) -> Execution:
        """Type-check a program and run it under two conditions that must agree.

        ``first`` and ``second`` stage the same scene, its objects listed in
        different orders. The answer is the first run's.
        """
        return self.check(program) or self.agree(program, first, second)

    def agree(self, program: str, first: Stage, second: Stage) -> Execution:
        """Do what `execute` does for a program that was type-checked already."""
        answer = self.run(program, first)
        if not answer.ok:
            return answer
        again = self.run(program, second)
        if again.ok and same(answer.value, again.value):
            return answer
        other = repr(again.value) if again.ok else f"{again.outcome} ({again.detail})"
        detail = f"{answer.value!r}, then {other} with the objects listed in another order"
        return Execution(Outcome.NONDETERMINISTIC, detail=detail[:500])

    # -- inside --------------------------------------------------------------

    @property
    def _out_of_time(self) -> str:
        return f"it ran longer than {self.limits.seconds:g} s"

    def _session(self, seconds: float) -> monty.MontySession:
        return self._pool.checkout(
            limits={
                "max_feed_duration_secs": seconds,
                "max_memory": self.limits.memory_bytes,
                "max_recursion_depth": self.limits.recursion,
            },
            os_policy={"datetime": "call_host", "sleep": "call_host", "random_start": "call_host"},
        )

    def _check(self, program: str) -> Execution | None:
        if self._checker is None or self._checks_left == 0:
            self._close_checker()
            self._checker = self._pool.checkout(
                type_check=True,
                type_check_stubs=f"{source.stubs()}\nscene: Scene\n",
                type_check_format="json",
                limits={"max_feed_duration_secs": CHECK_S},
            )
            self._checker.__enter__()
            self._checks_left = CHECKS_PER_SESSION
        self._checks_left -= 1
        try:
            self._checker.feed_run(f"{_NEVER}\n{program}{_CALL}")
        except monty.MontyTypingError as error:
            return failures.of_types(error.display(), _lines(program))
        except monty.MontySyntaxError as error:
            return failures.of_syntax(error)
        except UnicodeEncodeError:
            return Execution(Outcome.SYNTAX, detail="the program is not valid Unicode")
        except monty.MontyRuntimeError:
            return None  # the program declares that very name, and stopped at it
        return None

    def _close_checker(self) -> None:
        if self._checker is not None:
            self._checker.__exit__(None, None, None)
            self._checker = None

    def _run(self, program: str, stage: Stage) -> Execution:
        refused: list[str] = []

        def refuse(*, name: str, **_: Any) -> NoReturn:
            refused.append(name)
            raise PermissionError(f"{name} is not available to programs")

        printed = monty.CollectString(max_bytes=MAX_PRINTED)
        text = program + _GUARDED_CALL
        try:
            with self._session(self.limits.seconds) as session:
                session.load_session(stage.state)
                result = session.feed_run(text, os=refuse, print_callback=printed)
        except monty.MontySyntaxError as error:
            return failures.of_syntax(error)
        except monty.MontyRuntimeError as error:
            failed = failures.of_run(error, _PROGRAM_FEED, _lines(program))
        except (UnicodeEncodeError, monty.MontyConversionError, RecursionError) as error:
            failed = Execution(Outcome.WRONG_TYPE, detail=failures.first_line(str(error)))
        else:
            failed = accept(result)
        if refused:  # even if the program swallowed the refusal
            return Execution(Outcome.FORBIDDEN, detail=f"it asked for {refused[0]}")
        if failed.outcome is Outcome.TIMEOUT:
            return replace(failed, detail=self._out_of_time)
        return failed


def _loading(world: World) -> str:
    # Of a list of objects and its reverse, one begins with the larger id. There a
    # few things are made first: all others then get other addresses and hashes,
    # and a program that answers with those is found out by the second run.
    objects = world["objects"]
    elsewhere = bool(objects) and objects[0]["id"] > objects[-1]["id"]
    made_first = "_first = [lambda: 'first']\n" if elsewhere else ""
    return f"{made_first}scene = Scene(_w)\n_w = None"


def _lines(program: str) -> int:
    return program.rstrip("\n").count("\n") + 1
