"""ScanNet's table of labels, ``scannetv2-labels.combined.tsv``: what annotators' words stand for.

Two things are taken from it. ``nyu40id`` tells walls, floors and ceilings from
things. ``category`` is another name for the same thing ("wall lamp": lamp), and is
taken where it means as many of them: the table also has "books" down as book,
"stack of chairs" as chair and "lamp base" as lamp, and by these names a pile
would be counted as one and a part as the whole.

Two revisions are about; they differ in one row, of which the earlier one is
taken. Rows are found by ``raw_category``, because ids repeat.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spatialgen.errors import SceneError
from spatialgen.labels import canonical, plural
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults, reason

NAME = "scannetv2-labels.combined.tsv"

#: The table is looked for in the scan's folder and this many folders above.
LEVELS = 3

_BYTES_LIMIT = 4 * 2**20
_COLUMNS = ("raw_category", "category", "nyu40id")
_SHELL = {"1": "wall", "2": "floor", "22": "ceiling"}
# Last words of what is no thing in a room but a part of the room.
_SHELL_WORDS = {
    "wall": "wall", "walls": "wall", "floor": "floor", "floors": "floor", "ceiling": "ceiling",
    "ceilings": "ceiling", "room": "room", "rooms": "room",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """``label`` is canonical; ``part`` is wall, floor, ceiling or room, None for a thing."""

    label: str
    part: str | None


def find(folder: Path) -> Path | None:
    """Return the table that lies beside a scan or in a folder above it, or None."""
    above = folder.absolute()
    for place in (above, *list(above.parents)[:LEVELS]):
        if files.is_file(place / NAME):
            return place / NAME
    return None


def read(path: Path | None, faults: Faults) -> Mapping[str, Meaning]:
    """Return the meanings of the labels in a table, by canonical label."""
    if path is None:
        return {}
    found: dict[str, Meaning] = {}
    try:
        for raw, category, nyu40 in _rows(path):
            label = canonical(raw)
            renamed = Meaning(_renamed(label, canonical(category)), _SHELL.get(nyu40))
            found.setdefault(label, renamed)
    except SceneError as error:
        detail = f"{reason(error)}; labels stay as written"
        faults.add("bad_label_table", path.name, detail)
        return {}
    return found


def _rows(path: Path) -> Iterator[tuple[str, ...]]:
    text = files.content(path, _BYTES_LIMIT, "bad_label_table").decode("utf-8", "replace")
    lines = io.StringIO(text, newline="")
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
    try:
        if not set(_COLUMNS) <= set(rows.fieldnames or ()):
            missing = f"{path.name}: no table with the columns {', '.join(_COLUMNS)}"
            raise SceneError("bad_label_table", missing)
        for row in rows:
            yield tuple(row[column] for column in _COLUMNS)
    except csv.Error as error:
        raise SceneError("bad_label_table", f"{path.name}: {error}") from None


def meaning(raw: str, table: Mapping[str, Meaning]) -> Meaning:
    """Return what an annotator's label stands for; one that the table lacks stands for itself."""
    label = canonical(raw)
    found = table.get(label, Meaning(label, None))
    return Meaning(found.label, found.part or _SHELL_WORDS.get(label.rpartition(" ")[2]))


def _renamed(raw: str, category: str) -> str:
    """Return the category's name where it means as many of the same things as ``raw``."""
    several = plural(raw) == raw and plural(category) != category
    pile = " of " in raw
    piece = raw.startswith(f"{category} ")
    return raw if several or pile or piece or category == "unknown" else category
