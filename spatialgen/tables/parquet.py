"""Rows of a parquet file as a stream, within bounds: what a small file holds may be large."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from spatialgen.errors import DatasetError
from spatialgen.optional import PUBLISH, require

#: How a parquet file begins.
MAGIC = b"PAR1"

# A row group that says it takes more in memory is not read, nor one with more values in a column.
_MOST_GROUP_BYTES = 500_000_000
_MOST_GROUP_VALUES = 20_000_000

# What the rows that are decoded together take at most. A value that is stored once for many rows
# is copied for each of them, so that a small file may hold large rows.
_MOST_BATCH_BYTES = 256_000_000


def is_parquet(path: Path) -> bool:
    """Tell whether a file begins as parquet files do."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def read(
    path: Path, choose: Callable[[Any], Collection[str]], most_rows: int
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, at most ``most_rows`` of which are decoded together.

    ``choose`` is given the file's schema and returns the columns that are read: the others
    are never decoded. Raises DatasetError for a file that is damaged, or too large for its
    rows to be read one by one, and what ``choose`` raises.
    """
    parquet = require("pyarrow.parquet", "reading parquet files", PUBLISH)
    arrow = require("pyarrow", "reading parquet files", PUBLISH)
    try:
        with parquet.ParquetFile(path) as file:
            names = sorted(choose(file.schema_arrow))
            groups = _stored_columns(file, names)
            _refuse_large(path, groups)
            rows = _rows_at_once(groups, most_rows)
            for batch in file.iter_batches(batch_size=rows, columns=names):
                yield from batch.to_pylist()
    except (OSError, ValueError, arrow.ArrowException) as error:
        line = str(error).partition("\n")[0]
        raise DatasetError(f"{path}: can't be read ({line}); get the file again") from error


def _stored_columns(file: Any, names: Sequence[str]) -> list[list[Any]]:
    # Of each row group what is stored of the columns that are read: a list or a struct has a
    # stored column for each leaf. Others are not even looked up: pyarrow ends the process over
    # what some damaged ones say of themselves.
    places = [
        place
        for place in range(file.metadata.num_columns)
        if file.schema.column(place).path.partition(".")[0] in names
    ]
    groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
    return [[group.column(place) for place in places] for group in groups]


def _refuse_large(path: Path, groups: Sequence[Sequence[Any]]) -> None:
    for index, columns in enumerate(groups):
        if _size(columns) > _MOST_GROUP_BYTES:
            raise DatasetError(
                f"{path}: row group {index} is larger than {_MOST_GROUP_BYTES:,} bytes"
            )
        if max((column.num_values for column in columns), default=0) > _MOST_GROUP_VALUES:
            raise DatasetError(
                f"{path}: row group {index} has a column of more than {_MOST_GROUP_VALUES:,} values"
            )


def _rows_at_once(groups: Sequence[Sequence[Any]], most_rows: int) -> int:
    # A value is no larger than all that its row group stores.
    largest = max(map(_size, groups), default=0)
    return max(1, min(most_rows, _MOST_BATCH_BYTES // max(largest, 1)))


def _size(columns: Sequence[Any]) -> int:
    return sum(column.total_uncompressed_size for column in columns)


def is_plain(kind: Any) -> bool:
    """Tell whether the values of a column are texts, numbers or lists of these: no pictures."""
    types = require("pyarrow.types", "reading parquet files", PUBLISH)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_dictionary(kind):
        kind = kind.value_type
    texts = types.is_string(kind) or types.is_large_string(kind)
    return texts or any(
        is_kind(kind)
        for is_kind in (types.is_integer, types.is_floating, types.is_boolean, types.is_null)
    )
