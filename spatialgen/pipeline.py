"""From scenes to rows: one scene at a time, whoever maps over them."""

from dataclasses import dataclass, field, replace

from spatialgen import scenes
from spatialgen.dataset.rows import Row, accepted_row, rejected_row, rejected_scene_row
from spatialgen.dataset.scenes import scene_to_json
from spatialgen.errors import SceneError
from spatialgen.family import Family
from spatialgen.graph.build import build
from spatialgen.graph.observe import FRAMES, observe
from spatialgen.graph.surfaces import NO_SURFACES, Surfaces, surfaces
from spatialgen.programs.executor import Executor
from spatialgen.propose import built_in
from spatialgen.propose.options import build_options
from spatialgen.propose.steering import Steering
from spatialgen.records import Scene
from spatialgen.rng import generator
from spatialgen.scenes import SceneRef
from spatialgen.verify.answers import spoken
from spatialgen.verify.judge import Asked, Verdict, judge, stage_scene
from spatialgen.verify.options import check_options

#: A scene is given up when this many drafts per wanted question were tried.
TRIES = 6

#: Programs get the distances between all pairs: far larger scenes are not rooms.
MOST_OBJECTS = 500


@dataclass(frozen=True)
class Plan:
    """What to ask about every scene."""

    families: tuple[str, ...]
    per_scene: int
    seed: int
    frames: int = FRAMES
    round: int = 0
    proposer: str = built_in.NAME
    steering: Steering | None = None


@dataclass(frozen=True)
class SceneRows:
    """All that came of one scene."""

    key: str
    questions: tuple[Row, ...] = ()
    rejected: tuple[Row, ...] = ()
    scenes: tuple[Row, ...] = ()


@dataclass
class Worker:
    """Turns scene references into rows with one executor; lives in one process."""

    plan: Plan
    executor: Executor
    families: tuple[Family, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.families = built_in.families(self.plan.families)

    def work(self, ref: SceneRef) -> SceneRows:
        """Read a scene, ask, judge; a scene that can't be used becomes a rejected row."""
        try:
            scan = scenes.load(ref)
            return self.ask(observe(scan, self.plan.frames), surfaces(scan))
        except SceneError as error:
            row = rejected_scene_row(ref.dataset, ref.name, error.code, str(error))
            return SceneRows(f"{ref.dataset}/{ref.name}", rejected=(row,))

    def ask(self, scene: Scene, measured: Surfaces = NO_SURFACES) -> SceneRows:
        """Ask about a scene until enough questions are accepted or drafts run out.

        ``measured`` are the surfaces of its objects, which distances are held against.
        Raises SceneError ``too_large`` for a scene that no program could be given.
        """
        refuse_giants(scene)
        plan = self.plan
        graph = build(scene, measured)
        noise = generator(plan.seed, "noise", plan.round, scene.key)
        staged = stage_scene(graph, self.executor, noise)
        asked = Asked()
        accepted: list[Row] = []
        rejected: list[Row] = []
        drafts = built_in.drafts(graph, self.families, plan.seed, plan.round, plan.steering)
        for draft in drafts:
            if len(accepted) == plan.per_scene:
                break
            if len(accepted) + len(rejected) == TRIES * plan.per_scene:
                break
            row, passed = to_row(scene, judge(draft, staged, self.executor, asked), plan)
            (accepted if passed else rejected).append(row)
        return SceneRows(scene.key, tuple(accepted), tuple(rejected), (stored(scene),))


def refuse_giants(scene: Scene) -> None:
    """Raise SceneError ``too_large`` where a scene has more objects than a room has."""
    if len(scene.objects) > MOST_OBJECTS:
        raise SceneError(
            "too_large", f"{len(scene.objects)} objects, at most {MOST_OBJECTS} are taken"
        )


def to_row(scene: Scene, verdict: Verdict, plan: Plan) -> tuple[Row, bool]:
    """Return the row of a judged draft, its options drawn, and whether it was accepted."""
    draft = verdict.draft
    made_by = {"proposer": plan.proposer, "round": plan.round, "seed": plan.seed}
    options = None
    if verdict.reason is None and (draft.kind == "choice" or draft.as_options):
        options = drawn_options(scene, verdict, plan)
        if options is None:
            verdict = replace(verdict, draft=replace(draft, as_options=False))
        else:
            value = verdict.value if verdict.value is not None else ""
            check = check_options(options, spoken(draft, value), draft.kind == "number")
            verdict = replace(
                verdict,
                checks=(*verdict.checks, check),
                reason=check.reason,
                detail=check.detail,
            )
    if verdict.reason is not None:
        return rejected_row(scene, verdict, made_by), False
    return accepted_row(scene, verdict, options, made_by), True


def drawn_options(scene: Scene, verdict: Verdict, plan: Plan) -> list[str] | None:
    """Return the options of a question in the order drawn for it: always the same one.

    None as `build_options` does.
    """
    draft = verdict.draft
    shuffle = generator(plan.seed, "options", scene.key, draft.question, draft.program)
    return build_options(draft, verdict.value if verdict.value is not None else "", shuffle)


def stored(scene: Scene) -> Row:
    """Return the row of ``scenes.jsonl``: the scene as programs saw it, and its notes."""
    notes = [{"code": note.code, "detail": note.detail} for note in scene.notes]
    return {**scene_to_json(scene), "notes": notes}
