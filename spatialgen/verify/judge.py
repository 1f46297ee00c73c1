"""The road every question takes, built-in or model-written: run it, then doubt it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spatialgen.graph.build import SceneGraph
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.results import Outcome
from spatialgen.programs.world import world
from spatialgen.records import Value
from spatialgen.verify.answers import check_answer
from spatialgen.verify.derivation import check_derivation
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.margins import check_margins
from spatialgen.verify.naming import check_naming
from spatialgen.verify.stability import check_stability, jittered_graphs
from spatialgen.verify.trivial import check_trivial, empty_graph


@dataclass(frozen=True)
class StagedScene:
    """A scene loaded into the executor in every form that the checks need."""

    graph: SceneGraph
    first: Stage
    second: Stage
    jittered: tuple[Stage, ...]
    nothing: Stage


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a draft: the executed value, every check made, the reason if rejected."""

    draft: Draft
    checks: tuple[Check, ...]
    value: Value | None = None
    reason: str | None = None
    detail: str = ""


@dataclass
class Asked:
    """What was asked about a scene already, by wording and by program."""

    questions: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)

    def add(self, question: str, program: str) -> None:
        """Remember a question."""
        self.questions.add(_plain(question))
        self.programs.add(program)

    def forget(self, question: str, program: str) -> None:
        """Let a question be asked again, as one that is mended is."""
        self.questions.discard(_plain(question))
        self.programs.discard(program)


def stage_scene(graph: SceneGraph, executor: Executor, rng: np.random.Generator) -> StagedScene:
    """Load a scene, the same with its objects in reverse, jittered ones and an empty one."""
    count = len(graph.scene.objects)
    return StagedScene(
        graph,
        first=executor.stage(world(graph)),
        second=executor.stage(world(graph, range(count - 1, -1, -1))),
        jittered=tuple(executor.stage(world(g)) for g in jittered_graphs(graph, rng)),
        nothing=executor.stage(world(empty_graph())),
    )


def judge(draft: Draft, staged: StagedScene, executor: Executor, asked: Asked) -> Verdict:
    """Take a draft through all checks, the cheap ones first, up to the first that fails.

    A draft that reaches its execution is remembered in ``asked``.
    """
    done: list[Check] = []
    for check in _before(draft, staged, asked):
        done.append(check)
        if check.reason:
            return Verdict(draft, tuple(done), reason=check.reason, detail=check.detail)
    asked.add(draft.question, draft.program)
    execution = executor.execute(draft.program, staged.first, staged.second)
    value = execution.value
    if execution.outcome is not Outcome.OK or value is None:
        where = f"line {execution.line}: " if execution.line else ""
        detail = where + execution.detail
        return Verdict(draft, tuple(done), reason=str(execution.outcome), detail=detail)
    for check in _after(draft, staged, executor, value):
        done.append(check)
        if check.reason:
            return Verdict(draft, tuple(done), value, check.reason, check.detail)
    return Verdict(draft, tuple(done), value)


def _before(draft: Draft, staged: StagedScene, asked: Asked) -> Iterator[Check]:
    yield check_naming(draft, staged.graph)
    yield check_margins(draft)
    yield _check_duplicate(draft, asked)


def _after(draft: Draft, staged: StagedScene, executor: Executor, value: Value) -> Iterator[Check]:
    yield check_answer(draft, value)
    yield check_trivial(draft, value, executor, staged.nothing)
    yield check_derivation(draft, staged.graph, value)
    yield check_stability(draft, value, executor, staged.jittered)


def _check_duplicate(draft: Draft, asked: Asked) -> Check:
    if _plain(draft.question) in asked.questions:
        return Check("duplicate", "duplicate", "the same wording was asked before")
    if draft.program in asked.programs:
        return Check("duplicate", "duplicate", "the same program was asked before")
    return Check("duplicate")


def _plain(question: str) -> str:
    return " ".join(question.casefold().split())
