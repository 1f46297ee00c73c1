"""The road of a question that a model wrote: the one of all, and what it lacks besides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spatialgen.dataset.previous import Before
from spatialgen.graph.build import SceneGraph
from spatialgen.pipeline import Plan
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.results import Outcome
from spatialgen.records import Value
from spatialgen.rng import generator
from spatialgen.verify.choices import check_choices
from spatialgen.verify.dependence import check_dependence, rearranged_stages
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.judge import Asked, StagedScene, Verdict, judge, stage_scene
from spatialgen.verify.meaning import meaning
from spatialgen.verify.surfaces import check_surfaces
from spatialgen.verify.uses import Uses, uses_of
from spatialgen.verify.wording import check_wording, grounded

#: Reasons that a model can do something about, once it is told.
MENDABLE = frozenset(
    {
        *(set(map(str, Outcome)) - {str(Outcome.OK), str(Outcome.EXECUTOR_CRASH)}),
        "wrong_answer_type",
        "giant_answer",
        "answer_in_question",
        "no_correct_option",
        "bad_options",
        "not_unique",
        "unknown_frame",
        "unlisted_frame",
        "unit_not_named",
        "unnamed_object",
        "unused_name",
    }
)


@dataclass(frozen=True)
class Examiner:
    """Judges drafts about one scene; it remembers what was asked about it.

    ``rooms`` are other rooms of the same things. ``meanings`` are those of what was asked.
    """

    graph: SceneGraph
    executor: Executor
    staged: StagedScene
    rooms: tuple[Stage, ...]
    asked: Asked
    meanings: set[str]

    def examine(self, draft: Draft, attempt: int) -> Verdict:
        """Take a draft through all checks, up to the first that fails.

        ``attempt`` counts the repairs before it. What fails for a reason in `MENDABLE`
        may be asked again.
        """
        uses = uses_of(draft.program, self.graph)
        draft = grounded(draft, self.graph, uses)
        tried = Check("attempt", figures={"repairs": attempt})
        first = check_choices(draft)
        if first.reason:
            return Verdict(draft, (tried, first), reason=first.reason, detail=first.detail)
        verdict = judge(draft, self.staged, self.executor, self.asked)
        verdict = replace(verdict, checks=(tried, first, *verdict.checks))
        if verdict.reason is None and verdict.value is not None:
            verdict = self._doubted(verdict, uses, verdict.value)
        if verdict.reason in MENDABLE and _is_new(verdict):
            self.asked.forget(draft.question, draft.program)
        return verdict

    def _doubted(self, verdict: Verdict, uses: Uses, value: Value) -> Verdict:
        verdict = replace(verdict, draft=printed(verdict.draft, value))
        for check in self._doubts(verdict.draft, uses, value):
            verdict = replace(verdict, checks=(*verdict.checks, check))
            if check.reason:
                return replace(verdict, reason=check.reason, detail=check.detail)
        return verdict

    def _doubts(self, draft: Draft, uses: Uses, value: Value) -> Iterator[Check]:
        # What stands in for a family's margins and second derivation.
        yield check_wording(draft, self.graph, uses, value, self.executor)
        yield check_surfaces(draft, self.graph, uses, value, self.executor)
        yield check_dependence(draft, value, self.executor, self.rooms)
        found = meaning(draft.program, self.graph, value, draft.unit, draft.choices)
        if found in self.meanings:
            yield Check("meaning", "same_meaning", "other words for what was asked before")
        elif found is not None:
            self.meanings.add(found)
            yield Check("meaning", figures={"hash": found})


def examiner(graph: SceneGraph, plan: Plan, executor: Executor, before: Before) -> Examiner:
    """Return the examiner of drafts about a scene; ``before`` is what was asked earlier."""
    key = graph.scene.key
    noise = generator(plan.seed, "noise", plan.round, key)
    others = generator(plan.seed, "other rooms", plan.round, key)
    asked = Asked()
    for question, program in zip(before.questions, before.programs, strict=True):
        asked.add(question, program)
    return Examiner(
        graph,
        executor,
        staged=stage_scene(graph, executor, noise),
        rooms=rearranged_stages(graph, executor, others),
        asked=asked,
        meanings=set(before.meanings),
    )


def printed(draft: Draft, value: Value) -> Draft:
    """Return a draft whose number is printed as its program rounded it: 2.0, and 1.25."""
    if draft.kind != "number" or not isinstance(value, float):
        return draft
    return replace(draft, decimals=1 if round(value, 1) == value else 2)


def _is_new(verdict: Verdict) -> bool:
    # Neither its wording nor its program was known: nothing else is forgotten with it.
    return any(check.name == "duplicate" and check.reason is None for check in verdict.checks)
