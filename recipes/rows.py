"""Files of the loop: JSON and lines of JSON, written whole or not at all."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recipes.errors import RecipeError


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object; raises RecipeError where the file is missing or damaged."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"{path}: missing or damaged ({error}); remove its folder") from error
    if not isinstance(found, dict):
        raise RecipeError(f"{path}: a JSON object is expected; remove its folder")
    return found


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file; raises RecipeError where it is missing or damaged."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                yield json.loads(line)
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"{path}: missing or damaged ({error}); remove its folder") from error


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
