"""Questions from a dataset folder, a release, or the file of a benchmark."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spatialgen.audit.question import Question
from spatialgen.audit.shapes import VSI, Shape, Unreadable, shape_of, unknown
from spatialgen.audit.sources import Source, open_source
from spatialgen.dataset.files import QUESTIONS, read_manifest, read_rows
from spatialgen.errors import SpatialgenError

#: So many questions are audited at once at most; each takes a kilobyte or two.
MOST = 500_000

#: So many characters they may have together. In parquet, a text may be stored once for all.
MOST_CHARACTERS = 2**28


@dataclass(frozen=True)
class Asked:
    """All questions of one source, and how many of its rows could not be read, by reason.

    ``sha256`` is of the file that they stand in, or of the hashes of several; ``names_scenes``
    tells whether rows of this shape say which scene of a dataset they are about.
    """

    name: str
    shape: str
    sha256: str
    questions: tuple[Question, ...]
    unreadable: Mapping[str, int]
    names_scenes: bool


def read_questions(path: Path) -> Asked:
    """Read the questions of a dataset folder, of a release, or of a benchmark file.

    Raises UsageError where there is none, SpatialgenError for a file of another shape.
    """
    source = open_source(path)
    asked, unreadable, shape = _read(source)
    name = os.path.basename(os.path.abspath(path))  # "." has a name then, a link keeps its own
    counts = dict(sorted(unreadable.items()))
    return Asked(name, shape.name, source.digest(), tuple(asked), counts, shape.names_scenes)


def read_folder(folder: Path) -> tuple[Question, ...]:
    """Return the questions of a dataset folder, finished or not; it may have none."""
    complete = read_manifest(folder)["complete"]
    rows = read_rows(folder, QUESTIONS, unfinished=not complete)
    return tuple(VSI.read(row, row["id"]) for row in rows)


def _read(source: Source) -> tuple[list[Question], Counter[str], Shape]:
    shape: Shape | None = None
    asked: list[Question] = []
    unreadable: Counter[str] = Counter()
    total = characters = 0
    for total, row in enumerate(source.questions(), start=1):
        if shape is None:
            shape = shape_of(row)
            if shape is None:
                raise SpatialgenError(f"{source.where}: {unknown(row)}")
        try:
            question = shape.read(row, str(total))
        except Unreadable as error:
            unreadable[str(error)] += 1
        except KeyError as error:
            unreadable[f"it has no {error}"] += 1
        else:
            asked.append(question)
            characters += len(question.text) + sum(map(len, question.options))
        if total > MOST or characters > MOST_CHARACTERS:
            raise SpatialgenError(
                f"{source.where}: has more than {MOST:,} questions, or {MOST_CHARACTERS:,} "
                "characters in them; audit parts of it"
            )
    if shape is None:
        raise SpatialgenError(f"{source.where}: holds no question")
    if not asked:
        why = ", ".join(unreadable)
        raise SpatialgenError(
            f"{source.where}: no question can be read from its {total} rows ({why})"
        )
    return asked, unreadable, shape
