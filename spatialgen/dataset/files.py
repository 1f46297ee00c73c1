"""The files of a dataset folder: their names, how they are read, and what they must hold."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import NoneType
from typing import Any

from spatialgen.dataset.rows import Row
from spatialgen.errors import DatasetError, UsageError

QUESTIONS = "questions.jsonl"
REJECTED = "rejected.jsonl"
SCENES = "scenes.jsonl"
MANIFEST = "manifest.json"
ROW_FILES = (QUESTIONS, REJECTED, SCENES)

_Shape = Mapping[str, type | tuple[type, ...]]

# What a reader may rely on; there is more in each.
_PLACE: _Shape = {"dataset": str, "scene_name": str}
_SHAPES: Mapping[str, _Shape] = {
    QUESTIONS: {
        **_PLACE,
        "id": str,
        "question_type": str,
        "question": str,
        "options": (list, NoneType),
        "ground_truth": str,
        "answer": object,
        "unit": (str, NoneType),
        "program": str,
    },
    REJECTED: {**_PLACE, "reason": str},
    SCENES: _PLACE,
}
_BEGUN: _Shape = {"complete": bool, "config": dict, "versions": dict, "inputs": dict}
_FINISHED: _Shape = {**_BEGUN, "counts": dict, "files": dict}

#: What to do about a folder that is not what it was.
REMEDY = "restore it, or make the dataset again in another folder"


def partial(path: Path) -> Path:
    """Return where a file is written until it is whole."""
    return path.with_name(f".{path.name}.partial")


@contextmanager
def naming(folder: Path) -> Iterator[None]:
    """Have a failure name the folder that is written to: a full disk is reported without."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            error.strerror = os.strerror(error.errno)  # libraries have words of their own
            error.filename = error.filename or str(folder)
        raise


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    with partial(path).open("wb") as stream:
        stream.write(text.encode("utf-8", "backslashreplace"))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial(path), path)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a dataset folder.

    Raises UsageError where the folder is none, DatasetError where its manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(f"{folder}: not a dataset folder (there is no {MANIFEST})")
    try:
        manifest = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: damaged ({error}); {REMEDY}") from error
    fault = _fault(manifest, _BEGUN) or _fault(manifest, _FINISHED if manifest["complete"] else {})
    if fault:
        raise DatasetError(f"{path}: not the manifest of a dataset, or damaged ({fault}); {REMEDY}")
    found: dict[str, Any] = manifest
    return found


def read_rows(folder: Path, name: str, *, unfinished: bool = False) -> Iterator[Row]:
    """Yield the rows of one of `ROW_FILES` one by one.

    Of an ``unfinished`` folder the file may be missing, and its last line torn.
    Raises DatasetError for what is no row, with its line number.
    """
    path = folder / name
    if unfinished and not path.exists():
        return
    if not path.is_file():
        raise DatasetError(f"{path}: missing; {REMEDY}")
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if unfinished and not line.endswith(b"\n"):
                return
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DatasetError(f"{path}:{number}: damaged ({error}); {REMEDY}") from error
            fault = _fault(row, _SHAPES[name])
            if fault:
                raise DatasetError(f"{path}:{number}: damaged ({fault}); {REMEDY}")
            yield row


def _fault(data: Any, shape: _Shape) -> str | None:
    if not isinstance(data, dict):
        return "a JSON object is expected"
    for key, kind in shape.items():
        if key not in data:
            return f"no {key!r}"
        if not isinstance(data[key], kind):
            return f"{key!r} is not what it should be"
    return None


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of rows; a missing one has none."""
    hashes = {}
    for name in ROW_FILES:
        if (folder / name).is_file():
            with (folder / name).open("rb") as stream:
                hashes[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashes


def altered_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of the files that are not what a finished manifest says, or missing."""
    now = file_hashes(folder)
    return [name for name in ROW_FILES if now.get(name) != manifest["files"].get(name)]
