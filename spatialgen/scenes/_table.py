"""Comma-separated tables with a header line, read row by row: they may be long."""

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from spatialgen.errors import SceneError
from spatialgen.scenes import _files as files

#: A table may take this many bytes; poses of two minutes at 1,000 rows a second take 50 million.
BYTES_LIMIT = 256 * 2**20


def rows(path: Path, columns: Sequence[str], code: str) -> Iterator[tuple[str, ...]]:
    """Yield the cells of ``columns`` of every whole row; short rows are passed over.

    Raises SceneError with ``code`` where the file can't be read, is no such table, or lacks
    a column.
    """
    files.size(path, BYTES_LIMIT, code)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            table = csv.reader(stream)
            header = [cell.strip() for cell in next(table, [])]
            absent = [column for column in columns if column not in header]
            if absent:
                raise SceneError(code, f"{path.name}: has no column {absent[0]!r}")
            places = [header.index(column) for column in columns]
            for row in table:
                if len(row) > max(places):
                    yield tuple(row[place] for place in places)
    except csv.Error as error:
        raise SceneError(code, f"{path.name}: {error}") from error
    except OSError as error:
        raise files.unreadable(path, code, error) from error


def numbers(cells: Sequence[str]) -> list[float] | None:
    """Return the cells as finite numbers, or None where one is none."""
    try:
        found = [float(cell) for cell in cells]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None
