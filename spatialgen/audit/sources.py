"""Where questions are read from: a dataset folder, a release, or the file of a benchmark."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from spatialgen.audit import rows, shapes
from spatialgen.dataset import files
from spatialgen.dataset.rows import Row
from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.tables import parquet, record, shards
from spatialgen.tables.columns import QUESTIONS, SCENES
from spatialgen.tables.part_files import part_files

# Rows of a parquet file that are in memory together.
_ROWS = 2_000

# What the audit looks at in a published scene.
_SCENE_COLUMNS = ("dataset", "scene_name", "objects")


@dataclass(frozen=True)
class Source:
    """What reads a source's questions, and its ``scenes`` where it holds them.

    ``where`` is what is told when a row is not what it should be, ``digest`` returns the
    SHA-256 of the questions as they are stored.
    """

    where: Path
    questions: Callable[[], Iterator[Row]]
    digest: Callable[[], str]
    scenes: Callable[[], Iterator[Row]] | None = None


def open_source(path: Path) -> Source:
    """Return what reads the questions at a path.

    Raises UsageError where there are none, DatasetError for a damaged manifest or record.
    """
    if not path.is_dir():
        read = _parquet_rows if parquet.is_parquet(path) else rows.read_rows
        return Source(path, partial(read, path), partial(_digest, path))
    if (path / files.MANIFEST).is_file():
        return _dataset_folder(path)
    if (path / record.RELEASE).is_file():
        return _release(path)
    raise UsageError(
        f"{path}: neither a dataset folder nor a release (there is no {files.MANIFEST}, "
        f"and no {record.RELEASE})"
    )


def _dataset_folder(folder: Path) -> Source:
    unfinished = not files.read_manifest(folder)["complete"]
    questions, scenes = (
        partial(files.read_rows, folder, name, unfinished=unfinished)
        for name in (files.QUESTIONS, files.SCENES)
    )
    file = folder / files.QUESTIONS
    return Source(file, questions, partial(_digest, file), scenes)


def _release(folder: Path) -> Source:
    parts = [part for _, part in sorted(record.read(folder).parts.items())]
    columns = {QUESTIONS: shapes.VSI.names, SCENES: _SCENE_COLUMNS}
    questions, scenes = (
        partial(_part_rows, folder, parts, table, chosen) for table, chosen in columns.items()
    )
    told = "".join(
        f"{file.sha256}  {path}\n"
        for part in parts
        for path, file in sorted(part.files.items())
        if path.startswith(f"data/{QUESTIONS}/")
    )
    sha256 = hashlib.sha256(told.encode()).hexdigest()
    return Source(folder, questions, lambda: sha256, scenes)


def _part_rows(
    folder: Path, parts: Sequence[record.Part], table: str, columns: Sequence[str]
) -> Iterator[Row]:
    for part in parts:
        yield from shards.read_cells(part_files(folder, str(folder), part, table), table, columns)


def _parquet_rows(path: Path) -> Iterator[Row]:
    return parquet.read(path, partial(_chosen, path), _ROWS)


def _chosen(path: Path, schema: Any) -> list[str]:
    # Pictures may lie beside the questions, also under a name that elsewhere is a text's.
    plain = [field.name for field in schema if parquet.is_plain(field.type)]
    names = [name for name in plain if schema.names.count(name) == 1]
    shape = shapes.shape_of(names)
    if shape is None:
        raise SpatialgenError(f"{path}: {shapes.unknown(schema.names)}")
    return [name for name in shape.names if name in names]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
