"""Moving rows from the accepted to the rejected ones, whole or not at all.

Both files are written anew beside the old ones; then `SET_ASIDE` says that they hold, and
takes them into place, now or, after a kill, when the run goes on.
"""

import heapq
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from math import floor
from operator import itemgetter
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import QUESTIONS, REJECTED, SCENES, partial, read_rows, write_json
from spatialgen.dataset.rows import Row, to_line

SET_ASIDE = "set_aside.json"


def set_aside(
    folder: Path, reason: str, details: Mapping[str, str], told: Mapping[str, Any]
) -> None:
    """Move the questions in ``details`` (by id) to the rejected ones of their scene, each with why.

    Both files stay in the order of the scenes. ``told`` is kept for whoever finishes the run.
    """
    new = {name: _renewed(folder / name) for name in (QUESTIONS, REJECTED)}
    with new[QUESTIONS].open("wb") as kept, new[REJECTED].open("wb") as rejected:
        for row in read_rows(folder, QUESTIONS):
            if row["id"] not in details:
                kept.write(to_line(row))
        for row in _rejected(folder, reason, details):
            rejected.write(to_line(row))
        for stream in (kept, rejected):
            stream.flush()
            os.fsync(stream.fileno())
    write_json(folder / SET_ASIDE, told)
    take_into_place(folder)


def _rejected(folder: Path, reason: str, details: Mapping[str, str]) -> Iterator[Row]:
    # The rejected rows of each scene, then those that are moved.
    scenes = {_scene(row): place for place, row in enumerate(read_rows(folder, SCENES))}
    moved = (
        row | {"reason": reason, "detail": details[row["id"]]}
        for row in read_rows(folder, QUESTIONS)
        if row["id"] in details
    )
    placed = (_placed(rows, scenes) for rows in (read_rows(folder, REJECTED), moved))
    for _, row in heapq.merge(*placed, key=itemgetter(0)):
        yield row


def _placed(
    rows: Iterable[Row], scenes: Mapping[tuple[str, str], int]
) -> Iterator[tuple[float, Row]]:
    # Rows with the place of their scene; one that was turned down itself stays where it is.
    place = -1.0
    for row in rows:
        place = scenes.get(_scene(row), floor(place) + 0.5)
        yield place, row


def _scene(row: Row) -> tuple[str, str]:
    return row["dataset"], row["scene_name"]


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
