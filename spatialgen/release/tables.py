"""Parquet files of a release: written and read as a stream, the same bytes for the same rows."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import partial
from spatialgen.dataset.rows import Row
from spatialgen.errors import DatasetError
from spatialgen.optional import PUBLISH, require
from spatialgen.release.columns import (
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

# A row group that says it takes more in memory is not read, nor one with more values in a column.
_MOST_GROUP_BYTES = 500_000_000
_MOST_GROUP_VALUES = 20_000_000

# What the rows that are decoded together take at most. A value that is stored once for many rows
# is copied for each of them, so that a small file may hold large rows.
_MOST_BATCH_BYTES = 256_000_000


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
        with _open(partial(path), schema) as file:
            while group is not None and held < shard_bytes:
                file.write_table(group, row_group_size=group.num_rows)
                held += group.nbytes
                written.rows += group.num_rows
                written.large += _large(group)
                group = next(groups, None)
        os.replace(partial(path), path)
        written.paths.append(path)
        written.bytes += held
    return written


def read(paths: Sequence[Path], table: str) -> Iterator[Row]:
    """Yield the rows that the files of a table hold, as a dataset folder has them.

    Raises DatasetError for a file that is no such table or damaged.
    """
    for cells in read_cells(paths, table):
        yield from_cells(table, cells)


def read_cells(paths: Sequence[Path], table: str) -> Iterator[dict[str, Any]]:
    """Yield the cells of a table, row by row; raises what `read` raises."""
    parquet = require("pyarrow.parquet", "reading a release", PUBLISH)
    for path in paths:
        try:
            with parquet.ParquetFile(path) as file:
                _refuse_foreign(path, file, table)
                rows = _rows_at_once(file.metadata, table)
                for batch in file.iter_batches(batch_size=rows):
                    yield from batch.to_pylist()
        except (OSError, ValueError, _arrow().ArrowException) as error:
            line = str(error).partition("\n")[0]
            raise DatasetError(f"{path}: can't be read ({line}); get the file again") from error


def _refuse_foreign(path: Path, file: Any, table: str) -> None:
    for column in _schema(table):
        kinds = [field.type for field in file.schema_arrow if field.name == column.name]
        if kinds != [column.type]:
            held = f"{column.name} holds {', '.join(map(str, kinds)):.100}"
            fault = held if kinds else f"no column {column.name}"
            raise DatasetError(f"{path}: not the table {table!r} of a release ({fault})")
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        if group.total_byte_size > _MOST_GROUP_BYTES:
            raise DatasetError(
                f"{path}: row group {index} is larger than {_MOST_GROUP_BYTES:,} bytes"
            )
        if max(group.column(i).num_values for i in range(group.num_columns)) > _MOST_GROUP_VALUES:
            raise DatasetError(
                f"{path}: row group {index} has a column of more than {_MOST_GROUP_VALUES:,} values"
            )


def _rows_at_once(metadata: Any, table: str) -> int:
    # A value is no larger than all that its row group stores.
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    largest = max((group.total_byte_size for group in groups), default=0)
    return max(1, min(GROUP_ROWS[table], _MOST_BATCH_BYTES // max(largest, 1)))


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
    parquet = require("pyarrow.parquet", "writing a release", PUBLISH)
    return parquet.ParquetWriter(path, schema, version="2.6", compression="zstd")


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
