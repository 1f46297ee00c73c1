"""Questions from a dataset folder, or from the file of a benchmark."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatialgen.audit import rows
from spatialgen.audit.question import Question
from spatialgen.audit.shapes import SHAPES, Shape, Unreadable, shape_of
from spatialgen.dataset.files import QUESTIONS, read_manifest
from spatialgen.dataset.files import read_rows as read_folder_rows
from spatialgen.errors import SpatialgenError

#: So many questions are audited at once at most; each takes a kilobyte or two.
MOST = 500_000


@dataclass(frozen=True)
class Asked:
    """All questions of one source, and how many of its rows could not be read, by reason.

    ``sha256`` is of the file that they stand in.
    """

    name: str
    shape: str
    sha256: str
    questions: tuple[Question, ...]
    unreadable: Mapping[str, int]


def read_questions(path: Path) -> Asked:
    """Read the questions of a dataset folder or of a benchmark file.

    Raises UsageError where there is neither, SpatialgenError for a file of another shape.
    """
    if path.is_dir():
        complete = read_manifest(path)["complete"]
        file = path / QUESTIONS
        found: Iterable[dict[str, Any]] = read_folder_rows(path, QUESTIONS, unfinished=not complete)
    else:
        file, found = path, rows.read_rows(path)
    asked, unreadable, shape = _read(file, found)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    name = path.resolve().name
    return Asked(name, shape.name if shape else "", digest, tuple(asked), dict(unreadable))


def read_folder(folder: Path) -> tuple[Question, ...]:
    """Return the questions of a dataset folder, finished or not; it may have none."""
    complete = read_manifest(folder)["complete"]
    rows = read_folder_rows(folder, QUESTIONS, unfinished=not complete)
    return tuple(shape.read(row, row["id"]) for row in rows if (shape := shape_of(row)))


def _read(
    file: Path, found: Iterable[dict[str, Any]]
) -> tuple[list[Question], Counter[str], Shape | None]:
    shape: Shape | None = None
    asked: list[Question] = []
    unreadable: Counter[str] = Counter()
    total = 0
    for total, row in enumerate(found, start=1):
        if total > MOST:
            raise SpatialgenError(f"{file}: has more than {MOST:,} questions; audit parts of it")
        if shape is None:
            shape = shape_of(row)
            if shape is None:
                raise SpatialgenError(f"{file}: {_unknown(row)}")
        try:
            asked.append(shape.read(row, str(total)))
        except Unreadable as error:
            unreadable[str(error)] += 1
        except KeyError as error:
            unreadable[f"it has no {error}"] += 1
    if not asked:
        why = ", ".join(unreadable) or "it is empty"
        raise SpatialgenError(f"{file}: no question can be read from its {total} rows ({why})")
    return asked, unreadable, shape


def _unknown(row: Mapping[str, Any]) -> str:
    has = ", ".join(map(str, list(row)[:12])) or "none"
    wanted = "; or ".join(", ".join(shape.columns) for shape in SHAPES)
    return f"a benchmark file of another shape (its columns: {has:.200}); known are: {wanted}"
