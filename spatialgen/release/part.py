"""One dataset folder as a part of a release: its tables, its manifest, its reports, its plots."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from spatialgen.dataset import files
from spatialgen.dataset.rows import Row
from spatialgen.dataset.stats import count
from spatialgen.errors import DatasetError
from spatialgen.release import plots
from spatialgen.release.auditing import Audited, audited
from spatialgen.release.folder import Folder, digest
from spatialgen.release.frames import FrameRows
from spatialgen.release.licences import Source, sources_of
from spatialgen.scenes import SceneIndex
from spatialgen.tables import shards
from spatialgen.tables.columns import FRAMES, QUESTIONS, REJECTED, SCENES, to_cells
from spatialgen.tables.record import File, Part, Table, Type
from spatialgen.tables.record import Source as SourceShare
from spatialgen.tables.soundness import check_question, key_of

#: Of an example, what the card shows.
_SHOWN = ("scene_name", "question_type", "question", "options", "ground_truth", "program")
# What an example takes at most, its question and its program.
_EXAMPLE_CHARACTERS = 2_000

# What whoever joins a release with pictures relies on.
_CHECKS = {QUESTIONS: check_question}

_FILES = {QUESTIONS: files.QUESTIONS, SCENES: files.SCENES, REJECTED: files.REJECTED}


@dataclass(frozen=True)
class Options:
    """What is released of a dataset folder.

    ``sources`` are licences of datasets of scenes that are not known here, by name.
    ``scans`` is where the frames of made rooms are; without it none are released.
    ``audit`` looks for shortcuts, and for what is shared with the benchmark files in
    ``against``; ``debias`` leaves out questions until no shortcut is left.
    """

    rejected: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)
    scans: SceneIndex | None = None
    audit: bool = False
    against: Sequence[Path] = ()
    debias: bool = False


def write_part(folder: Folder, out: Path, options: Options) -> tuple[str, Part]:
    """Write the files of a dataset folder below ``out``; return the part's name and record.

    Raises UsageError for scenes under no known licence, DatasetError for damaged rows and
    missing pictures.
    """
    audit = None
    if options.audit or options.against or options.debias:
        audit = audited(folder.path, options.against, options.debias)
    name = _name(folder, options, audit)
    writer = _PartWriter(folder, out, name, options, audit.dropped if audit else {})
    writer.tables()
    writer.json("manifest", folder.manifest)
    if audit is not None:
        writer.json("audit", audit.report)
    return name, writer.part(audit)


def _name(folder: Folder, options: Options, audit: Audited | None) -> str:
    chosen = {
        "dataset": folder.sha256,
        "rejected": options.rejected,
        "scans": None if options.scans is None else dict(options.scans.inputs),
        "audit": None if audit is None else [audit.report, audit.dropped],
    }
    return f"round{folder.round}-{digest(chosen)[:12]}"


class _PartWriter:
    def __init__(
        self, folder: Folder, out: Path, name: str, options: Options, dropped: Mapping[str, str]
    ) -> None:
        self._folder, self._out, self._name = folder, out, name
        self._options, self._dropped = options, dropped
        self._tables: dict[str, Table] = {}
        self._files: dict[str, File] = {}
        self._sources: dict[str, Source] = {}
        self._scenes: Counter[str] = Counter()
        self._questions: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter(dropped.values())

    def tables(self) -> None:
        """Write the tables."""
        self._table(SCENES, self._cells(SCENES, self._read_scenes()))
        self._table(QUESTIONS, self._cells(QUESTIONS, self._accepted(self._questions)))
        if not self._tables[QUESTIONS].rows:
            raise DatasetError(f"{self._folder.path}: holds no question that could be released")
        if self._options.rejected:
            self._table(REJECTED, self._cells(REJECTED, self._released_rejected()))
        if self._options.scans is not None:
            frames = FrameRows(self._options.scans)
            free = (row for row in self._rows(SCENES) if self._sources[row["dataset"]].frames)
            self._table(FRAMES, frames.of(free))
            self._left_out.update(frames.left_out)

    def json(self, name: str, data: Mapping[str, Any]) -> None:
        """Write plain data beside the tables."""
        text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False, sort_keys=True)
        self._text(f"{name}.json", text + "\n")

    def part(self, audit: Audited | None) -> Part:
        """Draw the plots and return what the release says of this part."""
        counted = count(self._accepted(Counter()), self._rejected())
        types = {name: Type(**each) for name, each in counted["types"].items()}
        self._text("types.svg", plots.types(types))
        self._text("letters.svg", plots.letters(types))
        manifest = self._folder.manifest
        return Part(
            round=self._folder.round,
            dataset=self._folder.sha256,
            questions=manifest["files"].get(files.QUESTIONS, ""),
            parents=self._folder.parents,
            config=manifest["config"],
            versions=manifest["versions"],
            files=dict(sorted(self._files.items())),
            tables=self._tables,
            sources={
                name: SourceShare(
                    **asdict(source),
                    scenes=self._scenes[name],
                    questions=self._questions[name],
                )
                for name, source in sorted(self._sources.items())
            },
            types=types,
            reasons=counted["reasons"],
            scenes_rejected=counted["scenes"]["rejected"],
            contamination=manifest["contamination"],
            overlaps=() if audit is None else audit.overlaps(),
            shortcuts=None if audit is None else audit.shortcuts(),
            left_out=dict(sorted(self._left_out.items())),
            example=self._example(),
        )

    def _example(self) -> dict[str, Any] | None:
        # One with options about the whole video if there is one, and no long one.
        shown = None
        for row in self._accepted(Counter()):
            if len(row["question"]) + len(row["program"]) > _EXAMPLE_CHARACTERS:
                continue
            shown = shown or row
            if row["options"] and row.get("frames") is None:
                shown = row
                break
        return shown and {name: shown[name] for name in _SHOWN}

    def _rows(self, table: str) -> Iterator[Row]:
        return files.read_rows(self._folder.path, _FILES[table])

    def _read_scenes(self) -> Iterator[Row]:
        for row in self._rows(SCENES):
            self._licensed(row)
            self._scenes[row["dataset"]] += 1
            yield row

    def _accepted(self, counted: Counter[str]) -> Iterator[Row]:
        for row in self._rows(QUESTIONS):
            if row["id"] not in self._dropped:
                self._licensed(row)
                counted[row["dataset"]] += 1
                yield row

    def _rejected(self) -> Iterable[Row]:
        dropped = (
            {**row, "reason": self._dropped[row["id"]], "detail": "left out of the release"}
            for row in self._rows(QUESTIONS)
            if row["id"] in self._dropped
        )
        return chain(self._rows(REJECTED), dropped)

    def _released_rejected(self) -> Iterator[Row]:
        for row in self._rejected():
            self._licensed(row)
            yield row

    def _licensed(self, row: Row) -> None:
        if row["dataset"] not in self._sources:
            self._sources |= sources_of([row["dataset"]], self._options.sources)

    def _cells(self, table: str, rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
        for number, row in enumerate(rows, start=1):
            try:
                _CHECKS.get(table, key_of)(row)
                yield to_cells(table, row)
            except (ValueError, RecursionError) as error:
                where = f"{self._folder.path / _FILES[table]}: row {number}"
                raise DatasetError(f"{where} ({row['scene_name']:.100}): {error}") from error

    def _table(self, table: str, cells: Iterable[dict[str, Any]]) -> None:
        written = shards.write(table, cells, self._out / "data" / table / self._name)
        self._tables[table] = Table(rows=written.rows, bytes=written.bytes, large=written.large)
        for path in written.paths:
            with path.open("rb") as stream:
                self._note(path, hashlib.file_digest(stream, "sha256").hexdigest())

    def _text(self, name: str, text: str) -> None:
        path = self._out / "parts" / self._name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode("utf-8", "backslashreplace")
        path.write_bytes(content)
        self._note(path, hashlib.sha256(content).hexdigest())

    def _note(self, path: Path, sha256: str) -> None:
        size = os.path.getsize(path)
        self._files[path.relative_to(self._out).as_posix()] = File(bytes=size, sha256=sha256)
