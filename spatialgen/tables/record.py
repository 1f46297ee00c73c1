"""release.json: what is in a release, part by part, and all that its card tells.

A part is a dataset folder, usually a round. Parts do not know each other, so two
releases are put together by the union of theirs.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spatialgen.errors import DatasetError
from spatialgen.tables.columns import TABLES

RELEASE = "release.json"

#: Raised whenever older code could not read the file.
FORMAT = 1

#: The licence where the terms of the scans go on to hold.
OTHER = "other"

# A part takes some 20,000: thousands of them do not take more.
_MOST_BYTES = 64_000_000

_SHA256 = r"^[0-9a-f]{64}$"

_NAME = r"round[0-9]{1,9}-[0-9a-f]{12}"

#: The name of a part: its round, and the head of a hash of it.
PartName = Annotated[str, Field(pattern=f"^{_NAME}$")]

#: Where a file of a part lies.
FilePath = Annotated[
    str,
    Field(
        pattern=rf"^(data/({'|'.join(TABLES)})/{_NAME}-[0-9]+\.parquet|parts/{_NAME}/[a-z]+\.[a-z]+)$"
    ),
]


LicenceId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]

TableName = Annotated[str, Field(pattern=f"^({'|'.join(TABLES)})$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class File(_Frozen):
    """A file of a part."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_SHA256)


class Table(_Frozen):
    """A table's rows of one part; ``bytes`` is what they take in memory.

    ``large`` of them are larger than the Hub's viewer shows.
    """

    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    large: int = Field(ge=0)


class Source(_Frozen):
    """How much a part has of one dataset of scenes, and under which terms these are had."""

    title: str
    licence: LicenceId
    url: str | None = Field(pattern=r"^https?://[\w./#?&=%~-]+$")
    frames: bool
    scenes: int = Field(ge=0)
    questions: int = Field(ge=0)


class Type(_Frozen):
    """Questions of one type: how many, the right letters, and of numbers the range."""

    accepted: int = Field(ge=0)
    rejected: int = Field(ge=0)
    letters: dict[str, int] = {}
    answers: dict[str, dict[str, float]] = {}
    most_frequent: dict[str, int] = {}


class Shortcut(_Frozen):
    """How well questions of one family are answered by who sees neither frames nor scene.

    ``score`` is that of the best ``guess``, ``base`` what is had without any; both are None
    where all questions are about one place. ``shortcut`` tells that some guess does better
    than luck explains, ``flagged`` counts questions guessed right and with certainty.
    """

    questions: int = Field(ge=0)
    base: float | None
    guess: str | None
    score: float | None
    shortcut: bool
    flagged: int = Field(ge=0)


class Overlap(_Frozen):
    """What is shared with a benchmark file; with a list of scenes no text can be."""

    name: str
    sha256: str = Field(pattern=_SHA256)
    in_shared_spaces: int = Field(ge=0)
    same: int | None
    near: int | None


class Part(_Frozen):
    """One dataset folder as it was released.

    ``dataset`` is the hash of the folder's rows, config and inputs, ``questions`` that of
    its questions alone; ``parents`` are those of the questions that whoever asked was
    shown. ``contamination`` is what the manifest says of it, ``overlaps`` what the audit
    found; ``shortcuts`` is None where nothing was audited. ``left_out`` counts questions
    and frames that are not released, by reason code; ``example`` is one of the questions.
    """

    round: int = Field(ge=0)
    dataset: str = Field(pattern=_SHA256)
    questions: str = Field(pattern=_SHA256)
    parents: tuple[str, ...] = Field(strict=False)
    config: dict[str, Any]
    versions: dict[str, str]
    files: dict[FilePath, File]
    tables: dict[TableName, Table]
    sources: dict[str, Source]
    types: dict[str, Type]
    reasons: dict[str, int]
    scenes_rejected: dict[str, int]
    contamination: dict[str, Any]
    overlaps: tuple[Overlap, ...] = Field(strict=False)
    shortcuts: dict[str, Shortcut] | None
    left_out: dict[str, int]
    example: dict[str, Any] | None

    def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return self.tables[table].rows if table in self.tables else 0


class Release(_Frozen):
    """What release.json holds; ``parts`` are by name."""

    format: int = FORMAT
    license: LicenceId
    parts: dict[PartName, Part]

    def table_names(self) -> tuple[str, ...]:
        """Return the tables that have rows, the main one first."""
        return tuple(name for name in TABLES if self.rows(name))

    def rows(self, table: str) -> int:
        """Return how many rows a table has in all parts."""
        return sum(each.rows(table) for each in self.parts.values())


def parse(data: Any, where: str = RELEASE) -> Release:
    """Return the release that a JSON object describes; raises DatasetError for another object."""
    if isinstance(data, Mapping) and data.get("format") != FORMAT:
        raise DatasetError(
            f"{where}: a release of format {data.get('format')!r}, not {FORMAT}; "
            "use the version of spatialgen that wrote it"
        )
    try:
        return Release.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "whole"
        raise DatasetError(f"{where}: damaged ({place}: {first['msg']})") from error


def read(folder: Path) -> Release:
    """Return what a release folder holds; raises DatasetError where it is none, or unfinished."""
    path = folder / RELEASE
    if not path.is_file():
        raise DatasetError(f"{folder}: not a finished release (there is no {RELEASE})")
    if path.stat().st_size > _MOST_BYTES:
        raise DatasetError(f"{path}: damaged (larger than {_MOST_BYTES:,} bytes)")
    try:
        return parse(json.loads(path.read_bytes()), str(path))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: damaged ({error})") from error


def combine(there: Release, ours: Release, relicensed: bool = False) -> Release:
    """Return the parts of both, under our licence where they are to be ``relicensed``.

    Else under the one that is there; where either is "other", the terms of scans, it holds
    for both.
    """
    parts = {**there.parts, **ours.parts}
    kept = OTHER if OTHER in (there.license, ours.license) else there.license
    license = ours.license if relicensed else kept
    return Release(license=license, parts={id: parts[id] for id in sorted(parts)})


def to_json(release: Release) -> str:
    """Return the text of release.json."""
    data = release.model_dump(mode="json")
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False, sort_keys=True) + "\n"
