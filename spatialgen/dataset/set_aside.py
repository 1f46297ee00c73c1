"""Moving rows from the accepted to the rejected ones, whole or not at all.

Both files are written anew beside the old ones; then `SET_ASIDE` says that they hold, and
takes them into place, now or, after a kill, when the run goes on.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import QUESTIONS, REJECTED, partial, read_rows, write_json
from spatialgen.dataset.rows import to_line

SET_ASIDE = "set_aside.json"


def set_aside(
    folder: Path, reason: str, details: Mapping[str, str], told: Mapping[str, Any]
) -> None:
    """Move the questions in ``details`` (by id) behind the rejected ones, with a reason each.

    ``told`` is kept for whoever finishes the run.
    """
    new = {name: _renewed(folder / name) for name in (QUESTIONS, REJECTED)}
    with new[QUESTIONS].open("wb") as kept, new[REJECTED].open("wb") as rejected:
        for row in read_rows(folder, REJECTED):
            rejected.write(to_line(row))
        for row in read_rows(folder, QUESTIONS):
            if row["id"] in details:
                rejected.write(to_line(row | {"reason": reason, "detail": details[row["id"]]}))
            else:
                kept.write(to_line(row))
        for stream in (kept, rejected):
            stream.flush()
            os.fsync(stream.fileno())
    write_json(folder / SET_ASIDE, told)
    take_into_place(folder)


def take_into_place(folder: Path) -> None:
    """Exchange the files that were written anew for the old ones, as far as that is left to do."""
    for name in (QUESTIONS, REJECTED):
        if _renewed(folder / name).exists():
            os.replace(_renewed(folder / name), folder / name)


def was_set_aside(folder: Path) -> dict[str, Any] | None:
    """Return what was told when rows were moved, or None where none were."""
    path = folder / SET_ASIDE
    if not path.exists():
        return None
    told: dict[str, Any] = json.loads(path.read_bytes())
    return told


def _renewed(path: Path) -> Path:
    return partial(path).with_suffix(".renewed")
