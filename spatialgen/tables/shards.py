"""Parquet files of a release: written and read as a stream, the same bytes for the same rows."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from spatialgen.dataset import files
from spatialgen.dataset.rows import Row
from spatialgen.errors import DatasetError
from spatialgen.optional import PUBLISH, require
from spatialgen.tables import parquet
from spatialgen.tables.columns import (
    COLUMNS,
    FRAMES,
    QUESTIONS,
    REJECTED,
    SCENES,
    Kind,
    features,
    from_cells,
)

#: Rows that are in memory together, which are one row group of a file.
GROUP_ROWS: Mapping[str, int] = {QUESTIONS: 2_000, REJECTED: 2_000, SCENES: 16, FRAMES: 64}

#: A file is closed when its rows take this many bytes in memory, and the next one begun.
SHARD_BYTES = 256_000_000

#: What the Hub's viewer shows of a row.
VIEWER_BYTES = 2_000_000


@dataclass
class Written:
    """What came of one table: its files, its rows, and how many bytes these take in memory.

    ``large`` counts rows of which the Hub's viewer does not show all.
    """

    paths: list[Path] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    large: int = 0


def write(
    table: str,
    rows: Iterable[dict[str, Any]],
    stem: Path,
    shard_bytes: int = SHARD_BYTES,
) -> Written:
    """Write rows of cells to ``stem``-00000.parquet and so on; of no row, no file.

    A file appears when it is whole.
    """
    schema = _schema(table)
    written = Written()
    stem.parent.mkdir(parents=True, exist_ok=True)
    groups = _groups(table, rows, schema)
    group = next(groups, None)
    while group is not None:
        path = stem.with_name(f"{stem.name}-{len(written.paths):05}.parquet")
        held = 0
        with _open(files.partial(path), schema) as file:
            while group is not None and held < shard_bytes:
                file.write_table(group, row_group_size=group.num_rows)
                held += group.nbytes
                written.rows += group.num_rows
                written.large += _large(group)
                group = next(groups, None)
        os.replace(files.partial(path), path)
        written.paths.append(path)
        written.bytes += held
    return written


def read(paths: Sequence[Path], table: str) -> Iterator[Row]:
    """Yield the rows that the files of a table hold, as a dataset folder has them.

    Raises DatasetError for a file that is no such table or damaged.
    """
    for cells in read_cells(paths, table):
        yield from_cells(table, cells)


def read_cells(
    paths: Sequence[Path], table: str, columns: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the cells of a table, row by row, of some ``columns`` where these are named.

    Raises what `read` raises.
    """
    for path in paths:
        yield from parquet.read(path, partial(_chosen, path, table, columns), GROUP_ROWS[table])


def _chosen(path: Path, table: str, columns: Sequence[str], schema: Any) -> Sequence[str]:
    # The columns to read of a file; DatasetError where it does not hold the table.
    for column in _schema(table):
        kinds = [field.type for field in schema if field.name == column.name]
        if kinds != [column.type]:
            held = f"{column.name} holds {', '.join(map(str, kinds)):.100}"
            fault = held if kinds else f"no column {column.name}"
            raise DatasetError(f"{path}: not the table {table!r} of a release ({fault})")
    return columns or list(COLUMNS[table])


def _groups(table: str, rows: Iterable[dict[str, Any]], schema: Any) -> Iterator[Any]:
    arrow = _arrow()
    waiting: list[dict[str, Any]] = []
    for cells in rows:
        waiting.append(cells)
        if len(waiting) == GROUP_ROWS[table]:
            yield arrow.Table.from_pylist(waiting, schema)
            waiting = []
    if waiting:
        yield arrow.Table.from_pylist(waiting, schema)


def _large(group: Any) -> int:
    if group.nbytes <= VIEWER_BYTES:
        return 0
    return sum(group.slice(i, 1).nbytes > VIEWER_BYTES for i in range(group.num_rows))


def _open(path: Path, schema: Any) -> Any:
    library = require("pyarrow.parquet", "writing a release", PUBLISH)
    return library.ParquetWriter(path, schema, version="2.6", compression="zstd")


def _schema(table: str) -> Any:
    columns = COLUMNS[table]
    told = json.dumps({"info": {"features": features(columns)}})
    fields = [(name, _type(kind)) for name, kind in columns.items()]
    return _arrow().schema(fields, metadata={"huggingface": told})


def _type(kind: Kind) -> Any:
    arrow = _arrow()
    if isinstance(kind, list):
        return arrow.list_(_type(kind[0]))
    if isinstance(kind, Mapping):
        return arrow.struct([(name, _type(each)) for name, each in kind.items()])
    if kind == "image":
        return arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    return {"bool": arrow.bool_()}.get(kind) or arrow.type_for_alias(kind)


def _arrow() -> Any:
    return require("pyarrow", "writing a release", PUBLISH)
