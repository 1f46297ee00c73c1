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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spatialgen.errors import SceneError
from spatialgen.labels import canonical, plural
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults

NAME = "scannetv2-labels.combined.tsv"

#: The table is looked for in the scan's folder and this many folders above.
LEVELS = 3

_BYTES_LIMIT = 4 * 2**20
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
    try:
        content = files.content(path, _BYTES_LIMIT, "bad_label_table")
        rows = csv.DictReader(
            io.StringIO(content.decode("utf-8", "replace"), newline=""),
            delimiter="\t",
            quoting=csv.QUOTE_NONE,
        )
        found: dict[str, Meaning] = {}
        for row in rows:
            raw = canonical(row["raw_category"])
            part = _SHELL.get(row["nyu40id"])
            found.setdefault(raw, Meaning(_renamed(raw, canonical(row["category"])), part))
    except SceneError as error:
        faults.add("bad_label_table", path.name, f"{error}; labels stay as written")
        return {}
    except (KeyError, AttributeError, csv.Error):
        detail = "no table with raw_category, category and nyu40id; labels stay as written"
        faults.add("bad_label_table", path.name, detail)
        return {}
    return found


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
