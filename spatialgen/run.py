"""The main job: scenes in, a dataset folder out, resumable at any scene."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from spatialgen.asking.rounds import written_rows
from spatialgen.audit import contamination, debias
from spatialgen.audit.contamination import Exclusion, read_exclusions
from spatialgen.audit.reading import read_folder
from spatialgen.dataset import manifest
from spatialgen.dataset.files import REMEDY, altered_files
from spatialgen.dataset.folder import DatasetWriter
from spatialgen.dataset.previous import Before, read_previous
from spatialgen.dataset.rows import rejected_scene_row
from spatialgen.errors import DatasetError
from spatialgen.graph.observe import FRAMES
from spatialgen.parallel import ordered_map, uninterrupted
from spatialgen.pipeline import Plan, SceneRows, Worker
from spatialgen.programs.executor import Executor
from spatialgen.progress import Progress
from spatialgen.propose import built_in, prompts, transcript
from spatialgen.propose.feedback import Feedback
from spatialgen.propose.generator import Generator as TextGenerator
from spatialgen.propose.settings import ModelSettings
from spatialgen.propose.transcript import Transcript
from spatialgen.rng import generator
from spatialgen.scenes import Rejected, SceneIndex, SceneRef, open_scenes

#: Where in a dataset folder the pictures are that a model is being shown.
PICTURES = ".pictures"


class ProposeConfig(BaseModel):
    """Everything that decides which rows ``propose`` writes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str | None = None
    proposer: str = built_in.NAME
    families: tuple[str, ...] = Field(default=(), description="empty: all of them")
    per_scene: int = Field(default=20, ge=1, le=10_000)
    seed: int = Field(default=0, ge=0)
    frames: int = Field(default=FRAMES, ge=1, le=1_000)
    limit: int | None = Field(default=None, ge=1)
    draw: int | None = Field(default=None, ge=0, description="which seed draws what limit leaves")
    debias: bool = Field(default=False, description="leave out what can be guessed blind")

    def plan(self, asker: "Asker | None" = None, feedback: Feedback | None = None) -> Plan:
        """Return what to ask about every scene; raises UsageError for an unknown family."""
        told = feedback if feedback is not None and feedback.sha256 else None
        asked = (self.per_scene, self.seed, self.frames, told.round + 1 if told else 0)
        if asker is not None:
            return Plan((), *asked, proposer=f"model:{asker.settings.model}")
        chosen = built_in.families(self.families or built_in.family_names())
        steering = told.steering if told else None
        return Plan(tuple(family.name for family in chosen), *asked, steering=steering)


@dataclass(frozen=True)
class Asker:
    """A model that asks instead of the built-in families, and what it is to know."""

    settings: ModelSettings
    generator: TextGenerator
    previous: Sequence[Path] = ()

    def config(self) -> dict[str, Any]:
        """Return what decides what is asked and answered, for the manifest."""
        return {
            **self.settings.model_dump(mode="json", exclude={"scenes_at_once"}),
            "generator": dict(self.generator.info()),
            "templates": prompts.hashes(),
        }


def propose(
    paths: list[Path],
    out: Path,
    config: ProposeConfig,
    exclude: list[Path],
    workers: int,
    progress: Progress,
    asker: Asker | None = None,
    feedback: Feedback | None = None,
) -> dict[str, Any]:
    """Write a dataset folder about the scenes under ``paths``; return its manifest.

    The built-in families ask, or a model where there is an ``asker``; ``feedback`` of the
    round before steers families, and is told to a model. A folder that
    the same command left unfinished is gone on with; a finished one is left as it is.
    Raises UsageError where it holds another run, DatasetError where it was altered
    after it was finished.
    """
    started = time.monotonic()
    plan = config.plan(asker, feedback)
    exclusions = read_exclusions(exclude)
    index = open_scenes(paths, config.format)
    resolved = {**config.model_dump(mode="json"), "families": list(plan.families)}
    del resolved["debias"]
    if config.debias:
        resolved["debias"] = debias.protocol()
    inputs = dict(index.inputs)
    before: dict[str, Before] = {}
    if asker is not None:
        resolved |= {"model": asker.config(), "round": plan.round}
        before, hashes = read_previous(asker.previous)
        inputs |= hashes
    if feedback is not None and feedback.sha256 is not None:
        inputs["feedback"] = feedback.sha256
    inputs |= {f"exclude:{each.name}": each.sha256 for each in exclusions}
    opening = manifest.opening(resolved, inputs)
    for name in index.skipped:
        progress.tell(f"{name}: no scene, skipped")
    refs, left_out = _select(index, exclusions, config)
    with DatasetWriter(out, opening) as writer:
        if writer.finished is not None:
            _refuse_altered(out, writer.finished)
            progress.tell(f"{out}: this run was finished before; nothing is left to do")
            return writer.finished
        progress.begin(len(refs), max(writer.done - 1, 0))
        if writer.done == 0:
            writer.append((), left_out, ())
        accepted = rejected = 0
        left = refs[writer.done - 1 :]
        if asker is None:
            asking = _rows(plan, left, workers)
        else:
            told = feedback or Feedback()
            asking = _written(plan, asker, left, out, told, before, workers)
        with closing(asking) as results:
            for rows in results:
                writer.append(rows.questions, rows.rejected, rows.scenes)
                accepted += len(rows.questions)
                rejected += len(rows.rejected)
                progress.advance(f"{accepted} questions, {rejected} rejected,")
        if config.debias and writer.told is None:
            progress.tell("guessing without looking, to leave out what that gets right")
            found = debias.debias(read_folder(out))
            writer.set_aside(debias.CODE, found.dropped, found.families)
        shared = partial(contamination.report, exclusions)
        ended = manifest.closing(out, opening, shared, time.monotonic() - started)
        if writer.told is not None:
            ended["debias"] = writer.told
        writer.finish(ended)
    return ended


def _refuse_altered(folder: Path, finished: Mapping[str, Any]) -> None:
    for name in altered_files(folder, finished):
        raise DatasetError(f"{folder / name}: altered or missing since the run ended; {REMEDY}")


def _select(
    index: SceneIndex, exclusions: Sequence[Exclusion], config: ProposeConfig
) -> tuple[list[SceneRef], list[dict[str, Any]]]:
    refs: list[SceneRef] = []
    rejected: list[Rejected] = list(index.rejected)
    for ref in index.refs:
        users = (each for each in exclusions if each.used.holds(ref.dataset, ref.name))
        user = next(users, None)
        if user is None:
            refs.append(ref)
        else:
            code, detail = contamination.CODE, user.detail
            rejected.append(Rejected(ref.path, ref.dataset, ref.name, code, detail))
    rows = [rejected_scene_row(r.dataset, r.name, r.code, r.detail) for r in rejected]
    return _limited(refs, config), rows


def _limited(refs: list[SceneRef], config: ProposeConfig) -> list[SceneRef]:
    if config.draw is None or config.limit is None:
        return refs[: config.limit]
    draw = config.draw

    def place(ref: SceneRef) -> float:
        # By its name: the same scenes are drawn of a set that has grown by a few.
        return float(generator(draw, "limit", ref.dataset, ref.name).random())

    chosen = {(each.dataset, each.name) for each in sorted(refs, key=place)[: config.limit]}
    return [each for each in refs if (each.dataset, each.name) in chosen]


def _written(
    plan: Plan,
    asker: Asker,
    refs: list[SceneRef],
    out: Path,
    feedback: Feedback,
    before: Mapping[str, Before],
    workers: int,
) -> Generator[SceneRows]:
    settings = asker.settings
    with Transcript(out / transcript.NAME, asker.generator) as kept:
        yield from written_rows(
            plan, settings, refs, out / PICTURES, kept, feedback, before, workers
        )


def _rows(plan: Plan, refs: list[SceneRef], workers: int) -> Generator[SceneRows]:
    if workers > 1 and len(refs) > 1:
        yield from ordered_map(partial(_prepare, plan), refs, min(workers, len(refs)))
        return
    yield from uninterrupted(_here(plan, refs))


def _here(plan: Plan, refs: list[SceneRef]) -> Iterator[SceneRows]:
    with Executor() as executor:
        yield from map(Worker(plan, executor).work, refs)


def _prepare(plan: Plan) -> Callable[[SceneRef], SceneRows]:
    # Its interpreters end with the worker process.
    executor = Executor()
    executor.__enter__()
    return Worker(plan, executor).work
