"""Joins a published dataset with scans: pictures on disk, training files, what is missing."""

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

import spatialgen
from spatialgen import exports
from spatialgen.dataset import files
from spatialgen.dataset.rows import Row, to_line
from spatialgen.errors import UsageError
from spatialgen.exports import Export
from spatialgen.materialize.folder import REPORT, writing
from spatialgen.materialize.joining import Job, Joined, Need, Plan, join
from spatialgen.materialize.lines import Written, write_lines
from spatialgen.materialize.published import Published, Round
from spatialgen.materialize.shelf import Shelf
from spatialgen.materialize.unpacking import unpack
from spatialgen.parallel import ordered_map
from spatialgen.progress import Progress
from spatialgen.scenes import Rejected, SceneRef, open_scenes
from spatialgen.tables.soundness import Key, key_of

#: What says which scenes are missing, and how many questions with them.
MISSING = "missing.jsonl"

_NO_SCENE = "no_published_scene"


class MaterializeConfig(BaseModel):
    """Everything that decides, besides dataset and scans, what is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exports: tuple[str, ...] = Field(min_length=1)
    media: Literal["pictures", "video"] | None = Field(
        default=None, description="None: what each export shows by default"
    )
    frames: int | None = Field(default=None, ge=1, le=1_000)
    max_side: int | None = Field(default=None, ge=16, le=20_000)

    def media_of(self, export: Export) -> str:
        """Return how an export shows whole videos; raises UsageError where it can't."""
        chosen = self.media or export.media[0]
        if chosen not in export.media:
            known = " or ".join(export.media)
            raise UsageError(f"--media {chosen}: {export.name} shows {known}; leave it out")
        return chosen


@dataclass
class _Asked:
    """What the questions of a round want of a scene, and how many there are."""

    single: set[int] = field(default_factory=set)
    whole: bool = False
    questions: int = 0

    @property
    def need(self) -> Need:
        return Need(frozenset(self.single), self.whole)


@dataclass
class _Outcome:
    """The scenes that were joined, round by round, and what is missing of the others.

    ``repeated`` counts questions that another round has too.
    """

    shelves: dict[Key, Shelf] = field(default_factory=dict)
    joined: list[set[Key]] = field(default_factory=list)
    questions: int = 0
    repeated: int = 0
    missing: list[dict[str, Any]] = field(default_factory=list)

    def note(self, result: Joined, questions: int) -> None:
        """Take in what came of a scene about which there are so many questions."""
        self.questions += questions
        if result.shelf is not None:
            self.shelves[result.key] = result.shelf
            self.joined[-1].add(result.key)
            return
        dataset, name = result.key
        told = {"dataset": dataset, "scene_name": name, "reason": result.reason}
        self.missing.append({**told, "detail": result.detail, "questions": questions})


def materialize(
    published: Published,
    paths: Sequence[Path],
    out: Path,
    config: MaterializeConfig,
    workers: int,
    progress: Progress,
    format: str | None = None,
) -> dict[str, Any]:
    """Write the pictures and training files of a published dataset; return the report.

    The pictures are of the scans under ``paths``, or where there are none those that the
    dataset brings along. A folder that was begun before with the same dataset and sizes
    is gone on with: what is there is neither decoded nor checked again, and the training
    files that it has are written anew. Raises UsageError where it holds something else.
    """
    media = {name: config.media_of(exports.load(name)) for name in config.exports}
    scans = _scans(published, paths, format)
    outcome = _Outcome()
    with writing(out, published.identity, config.frames, config.max_side) as before:
        media = {**before, **media}  # so that all files there are of the same questions
        formats = [exports.load(name) for name in media]
        plan = Plan(out, config.max_side, config.frames, clip="video" in media.values())
        asked = [_asked(round, formats) for round in published.rounds]
        if plan.clip:
            _refuse_names_of_files(out, formats, {key[0] for needs in asked for key in needs})
        progress.begin(sum(map(len, asked)))
        for round, needs in zip(published.rounds, asked, strict=True):
            _join_round(plan, round, needs, scans, workers, outcome, progress)
        written = write_lines(out, media, _shelved(published, outcome))
        _write_missing(out, outcome.missing)
        report = _report(published, config, outcome, written)
        files.write_json(out / REPORT, report)
    return report


def _scans(
    published: Published, paths: Sequence[Path], format: str | None
) -> dict[Key, SceneRef | Rejected] | None:
    if paths:
        index = open_scenes(paths, format)
        found: list[SceneRef | Rejected] = [*index.rejected, *index.refs]
        return {(each.dataset, each.name): each for each in found}
    if all(round.pictures is None for round in published.rounds):
        raise UsageError(f"{published.name}: brings no pictures; say with --scenes where scans are")
    return None


def _asked(round: Round, formats: Sequence[Export]) -> dict[Key, _Asked]:
    asked: dict[Key, _Asked] = {}
    for row in round.questions():
        found = asked.setdefault(key_of(row), _Asked())
        found.questions += 1
        if all(export.refuses(row) for export in formats):
            continue
        if row["frames"] is None:
            found.whole = True
        else:
            found.single.update(row["frames"])
    return asked


def _refuse_names_of_files(out: Path, formats: Sequence[Export], datasets: set[str]) -> None:
    # The clips of a dataset lie in a folder of its name, beside the files.
    beside = [name for each in formats for name in each.beside(frozenset({"images", "videos"}))]
    taken = {name.casefold() for name in (REPORT, MISSING, *(f.file for f in formats), *beside)}
    for name in sorted(datasets):
        if name.casefold() in taken:
            raise UsageError(
                f"{out}: a dataset is called {name!r}, and a file that is written there too; "
                "choose --media pictures, or another --as in another --out"
            )


def _join_round(
    plan: Plan,
    round: Round,
    asked: Mapping[Key, _Asked],
    scans: Mapping[Key, SceneRef | Rejected] | None,
    workers: int,
    outcome: _Outcome,
    progress: Progress,
) -> None:
    outcome.joined.append(set())
    left = dict(asked)
    if scans is None:
        steps = unpack(plan, round, {key: each.need for key, each in asked.items()})
    else:
        steps = _joined(plan, _jobs(round, asked, scans), min(workers, len(asked)))
    with closing(steps) as results:
        for result in results:
            outcome.note(result, left.pop(result.key).questions)
            progress.advance(f"{len(outcome.missing)} missing,")
    for key, each in left.items():
        detail = "the dataset does not hold the scene that these questions are about"
        outcome.note(Joined(key, None, _NO_SCENE, detail), each.questions)


def _jobs(
    round: Round, asked: Mapping[Key, _Asked], scans: Mapping[Key, SceneRef | Rejected]
) -> Iterator[Job]:
    seen: set[Key] = set()
    for data in round.scenes():
        key = key_of(data)
        if key in asked and key not in seen:
            seen.add(key)
            yield Job(data, asked[key].need, scans.get(key))


def _joined(plan: Plan, jobs: Iterator[Job], workers: int) -> Generator[Joined]:
    if workers > 1:
        yield from ordered_map(partial(_prepare, plan), jobs, workers)
    else:
        yield from map(partial(join, plan), jobs)


def _prepare(plan: Plan) -> Callable[[Job], Joined]:
    return partial(join, plan)


def _shelved(published: Published, outcome: _Outcome) -> Iterator[tuple[Row, Shelf]]:
    """Yield the questions of scenes that were joined; one that comes again is passed over."""
    seen: set[str] = set()
    for round, joined in zip(published.rounds, outcome.joined, strict=True):
        for row in round.questions():
            if key_of(row) not in joined:
                continue
            if row["id"] in seen:
                outcome.repeated += 1
                continue
            seen.add(row["id"])
            yield row, outcome.shelves[key_of(row)]


def _write_missing(out: Path, missing: Sequence[Mapping[str, Any]]) -> None:
    path = out / MISSING
    files.partial(path).write_bytes(b"".join(map(to_line, missing)))
    os.replace(files.partial(path), path)


def _report(
    published: Published,
    config: MaterializeConfig,
    outcome: _Outcome,
    written: Mapping[str, Written],
) -> dict[str, Any]:
    missing: Counter[str] = Counter()
    for each in outcome.missing:
        missing[each["reason"]] += each["questions"]
    lost = Counter(why for shelf in outcome.shelves.values() for why in shelf.lost.values())
    told = {
        name: {
            "file": each.export.file,
            "media": each.media,
            "lines": each.lines,
            "left_out": dict(sorted(each.left_out.items())),
        }
        for name, each in written.items()
    }
    return {
        "complete": True,
        "source": dict(published.identity),
        "frames": config.frames,
        "max_side": config.max_side,
        "version": spatialgen.__version__,
        "counts": {
            "questions": outcome.questions,
            "joined": outcome.questions - missing.total(),
            "repeated": outcome.repeated,
            "scenes": len(outcome.shelves),
            "pictures": sum(len(shelf.times_s) for shelf in outcome.shelves.values()),
        },
        "missing": dict(sorted(missing.items())),
        "scenes_missing": dict(sorted(Counter(m["reason"] for m in outcome.missing).items())),
        "frames_lost": dict(sorted(lost.items())),
        "exports": told,
    }
