"""Files of the loop: JSON and lines of JSON, written whole or not at all."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recipes.errors import RecipeError

#: What to do about a file that nothing makes again.
_MEND = "put it back from a copy, or begin another run"


def read_json(path: Path, mend: str = _MEND) -> dict[str, Any]:
    """Return a JSON object.

    Raises RecipeError where the file is missing or damaged, with what to ``mend`` then.
    """
    try:
        return _object(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _useless(path, error, mend) from error


def read_lines(path: Path, mend: str = _MEND) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file.

    Raises RecipeError where it is missing or damaged, with what to ``mend`` then.
    """
    number = 0
    try:
        with path.open("rb") as stream:
            for line in stream:
                number += 1
                yield _object(line)
    except (OSError, ValueError, RecursionError) as error:
        raise _useless(path, error, mend, f"line {number} ") from error


def _object(text: bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("a JSON object is expected")
    return found


def _useless(path: Path, error: Exception, mend: str, where: str = "") -> RecipeError:
    if isinstance(error, FileNotFoundError):
        return RecipeError(f"{path}: is missing; {mend}")
    if isinstance(error, OSError):
        return RecipeError(f"{path}: can't be read: {error.strerror or error}; mend this")
    return RecipeError(f"{path}: {where}is damaged ({error}); {mend}")


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON object."""
    _write(path, json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows, one a line."""
    _write(
        path, "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    )


def write_text(path: Path, text: str) -> None:
    """Write a text."""
    _write(path, text)


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        raise RecipeError(f"{path}: can't be written: {error.strerror or error}") from error
