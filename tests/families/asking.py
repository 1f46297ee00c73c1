"""Ask a family about a room made by hand, and see what becomes of one question."""

from collections import Counter
from itertools import islice

from spatialgen.family import Family
from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor
from spatialgen.programs.world import world
from spatialgen.records import Scene, Value
from spatialgen.rng import generator
from spatialgen.verify.answers import spoken
from spatialgen.verify.draft import Draft
from spatialgen.verify.judge import Asked, Verdict, judge, stage_scene
from spatialgen.verify.margins import check_margins

NOT_ASKED = "not asked"


def drafts_about(family: Family, scene: Scene, *names: str, seed: int = 5) -> list[Draft]:
    """Return the drafts whose unique names, or else mentioned ones, begin with these."""
    drafts = family.ask(build(scene), generator(seed, family.name, scene.key))
    return [draft for draft in drafts if (*draft.unique, *draft.mentions)[: len(names)] == names]


def margin_of(family: Family, scene: Scene, *names: str) -> str | None:
    """Return NOT_ASKED, or the name of the margin that rejects the one draft about these."""
    drafts = drafts_about(family, scene, *names)
    if not drafts:
        return NOT_ASKED
    (draft,) = drafts
    check = check_margins(draft)
    return check.detail.split(" is ")[0] if check.reason else None


def value_of(program: str, scene: Scene, executor: Executor) -> Value | None:
    """Return what a program answers about a scene; it must be a program without fault."""
    finding = executor.check(program)
    assert finding is None, finding
    execution = executor.run(program, executor.stage(world(build(scene))))
    assert execution.ok, execution
    return execution.value


def verdicts_about(family: Family, scene: Scene, executor: Executor, *names: str) -> list[Verdict]:
    """Return the verdicts on all drafts about these names."""
    staged = stage_scene(build(scene), executor, generator(5, "noise"))
    asked = Asked()
    return [judge(draft, staged, executor, asked) for draft in drafts_about(family, scene, *names)]


def fate_of(family: Family, scene: Scene, executor: Executor, *names: str) -> str | None:
    """Return NOT_ASKED, the reason that rejects the one draft about these, or None."""
    verdicts = verdicts_about(family, scene, executor, *names)
    if not verdicts:
        return NOT_ASKED
    (verdict,) = verdicts
    return verdict.reason


def clear_answers(family: Family, scene: Scene, most: int) -> list[tuple[Draft, str]]:
    """Return those of the first drafts that keep their margins, with their derived answers."""
    graph = build(scene)
    drafts = islice(family.ask(graph, generator(5, family.name, scene.key)), most)
    clear = [draft for draft in drafts if check_margins(draft).reason is None]
    derived = [(draft, draft.derive(graph)) for draft in clear if draft.derive]
    return [(draft, spoken(draft, answer)) for draft, answer in derived if answer is not None]


def best_guess(answers: list[tuple[Draft, str]]) -> float:
    """Return how often the option is right that is so most often, of all times it is one."""
    right, shown = Counter[str](), Counter[str]()
    for draft, answer in answers:
        right[answer] += 1
        shown.update(draft.choices)
    hits = [
        answer == max(draft.choices, key=lambda choice: right[choice] / shown[choice])
        for draft, answer in answers
    ]
    return sum(hits) / len(hits)
