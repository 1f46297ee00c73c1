"""The files of an export, written from the questions whose pictures are there."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from spatialgen.dataset.files import partial
from spatialgen.dataset.rows import Row, to_line
from spatialgen.exports import Clip, Example, Export, Picture
from spatialgen.materialize.shelf import Shelf

#: The reason of a question about a frame that has no picture.
MISSING_FRAME = "missing_frame"


@dataclass
class Written:
    """What came of one export: its lines, and rows that have no place in it by reason."""

    lines: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    kinds: set[str] = field(default_factory=set)


def write_lines(
    out: Path, export: Export, media: str, rows: Iterable[tuple[Row, Shelf]]
) -> Written:
    """Write the lines of an export about questions with their shelves, and the files beside it."""
    written = Written()
    path = out / export.file
    with partial(path).open("wb") as stream:
        for row, shelf in rows:
            _write_line(stream, export, media, row, shelf, written)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial(path), path)
    for name, text in export.beside(frozenset(written.kinds)).items():
        partial(out / name).write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial(out / name), out / name)
    return written


def _write_line(
    stream: BinaryIO, export: Export, media: str, row: Row, shelf: Shelf, written: Written
) -> None:
    refused = export.refuses(row)
    shown = None if refused else shown_of(row, shelf, media)
    if shown is None:
        written.left_out[refused or MISSING_FRAME] += 1
        return
    stream.write(to_line(export.line(Example(row, shown))))
    written.lines += 1
    written.kinds.add("videos" if isinstance(shown, Clip) else "images")


def shown_of(row: Row, shelf: Shelf, media: str) -> tuple[Picture, ...] | Clip | None:
    """Return what is shown with a question; None where a frame that it is about is not there."""
    if row["frames"] is None:
        if media == "video":
            return Clip(shelf.video) if shelf.clip else None
        indices: Sequence[int] = shelf.shown
    else:
        indices = row["frames"]
    if not indices or any(index not in shelf.times_s for index in indices):
        return None
    return tuple(Picture(shelf.picture(index), shelf.times_s[index]) for index in indices)
