"""The rows of a benchmark's file: parquet, JSON lines, a JSON array, or tab-separated columns.

Files are read piece by piece, because some hold their images.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from evalkit.errors import DataError
from evalkit.optional import require

#: A row: its columns by name. Cells are what JSON has, and bytes in parquet files.
Row: TypeAlias = dict[str, Any]

_PARQUET_ROWS = 16
_CHUNK_CHARACTERS = 1 << 20
# The largest that csv takes on every system; images in base64 are long cells.
_CELL_CHARACTERS = 2**31 - 1


def read_rows(path: Path) -> Iterator[Row]:
    """Give the rows of a file, in its order.

    The ending of the name says the format (.parquet, .jsonl, .json, .tsv). Raises DataError with
    the number of the row, from 1, that can't be read.
    """
    try:
        reader = READERS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(READERS)
        raise DataError(f"{path}: rows are read from {known}, not from such a file") from None
    try:
        yield from reader(path)
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 at byte {error.start}") from error


def check_rows(path: Path, columns: Sequence[str]) -> int:
    """Return the number of rows of a file in which every row has all of ``columns``.

    Raises DataError with the first row that lacks one. Of a parquet file only the head is read;
    any other file is read to its end.
    """
    if path.suffix.lower() == ".parquet":
        file = _parquet(path)
        _check_columns(path, "the file", columns, file.schema_arrow.names)
        total: int = file.metadata.num_rows
        return total
    number = 0
    for number, row in enumerate(read_rows(path), start=1):
        _check_columns(path, f"row {number}", columns, list(row))
    return number


def _check_columns(path: Path, where: str, needed: Sequence[str], found: Sequence[str]) -> None:
    if missing := [name for name in needed if name not in found]:
        message = f"{path}: {where} has no column {', '.join(missing)}"
        raise DataError(f"{message} (it has {', '.join(sorted(found)) or 'none'})")


def _parquet(path: Path) -> Any:
    parquet = require("pyarrow.parquet", "pyarrow", f"reading {path.name}")
    try:
        return parquet.ParquetFile(path)
    except ValueError as error:  # pyarrow's errors about content are ValueErrors
        raise DataError(
            f"{path}: is no whole parquet file ({_line(error)}); get it again"
        ) from error


def _read_parquet(path: Path) -> Iterator[Row]:
    file = _parquet(path)
    try:
        for batch in file.iter_batches(batch_size=_PARQUET_ROWS):
            yield from batch.to_pylist()
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: is damaged ({_line(error)}); get it again") from error


def _read_lines(path: Path) -> Iterator[Row]:
    number = 0
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if line.strip():
                number += 1
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise DataError(f"{path}: row {number} is not JSON ({error})") from error
                yield _object(path, number, row)


def _read_array(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, row in enumerate(_elements(path, file), start=1):
            yield _object(path, number, row)


def _elements(path: Path, file: TextIO) -> Iterator[object]:
    """Give the elements of the JSON array in a file without holding all of its text."""
    decoder = json.JSONDecoder()
    text, at, number = file.read(_CHUNK_CHARACTERS), 0, 1
    at = _skip(text, at)
    if text[at : at + 1] != "[":
        raise DataError(f"{path}: is not a JSON array of rows")
    at += 1
    while True:
        text, at = _with_next(file, text, at)
        if number == 1 and text[at : at + 1] == "]":
            return
        chunk = _CHUNK_CHARACTERS
        while True:
            try:
                element, end = decoder.raw_decode(text, at)
                break
            except (ValueError, RecursionError) as error:
                # The text may end inside the row. Twice as much each time keeps this linear.
                more = file.read(chunk)
                if not more:
                    raise DataError(f"{path}: row {number} is not JSON ({error})") from error
                text, at, chunk = text[at:] + more, 0, 2 * chunk
        yield element
        number += 1
        text, at = _with_next(file, text, end)
        if text[at : at + 1] == "]":
            return
        if text[at : at + 1] != ",":
            raise DataError(f"{path}: is cut off or damaged after row {number - 1}")
        at += 1


def _with_next(file: TextIO, text: str, at: int) -> tuple[str, int]:
    """Return the text and the place of its next character that is no space, reading if needed."""
    at = _skip(text, at)
    while at == len(text) and (more := file.read(_CHUNK_CHARACTERS)):
        text, at = more, _skip(more, 0)
    return text, at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _read_table(path: Path) -> Iterator[Row]:
    before = csv.field_size_limit(_CELL_CHARACTERS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter="\t", strict=True)
        number = 0
        try:
            names = next(lines, [])
            for number, cells in enumerate(lines, start=1):
                if len(cells) != len(names):
                    message = f"has {len(cells)} cells under {len(names)} column names"
                    raise DataError(f"{path}: row {number} {message}")
                yield dict(zip(names, cells, strict=True))
        except csv.Error as error:
            raise DataError(f"{path}: after row {number}: {error}") from error
        finally:
            csv.field_size_limit(before)  # it holds for the whole process


def _object(path: Path, number: int, row: object) -> Row:
    if not isinstance(row, dict):
        raise DataError(f"{path}: row {number} is {type(row).__name__}, not an object with columns")
    return row


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


READERS: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    ".parquet": _read_parquet,
    ".jsonl": _read_lines,
    ".json": _read_array,
    ".tsv": _read_table,
}
