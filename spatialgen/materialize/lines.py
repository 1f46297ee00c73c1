"""The files of an export, written from the questions whose pictures are there."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from spatialgen import exports
from spatialgen.dataset.files import partial
from spatialgen.dataset.rows import Row, to_line
from spatialgen.exports import Clip, Example, Export, Picture
from spatialgen.materialize.shelf import Shelf

#: The reason of a question about a frame that has no picture.
MISSING_FRAME = "missing_frame"


@dataclass
class Written:
    """What came of one export: its lines, and rows that have no place in it by reason."""

    export: Export
    media: str
    lines: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    kinds: set[str] = field(default_factory=set)

    def line(self, row: Row, shelf: Shelf) -> bytes:
        """Return the line of a question, or nothing where it is left out."""
        refused = self.export.refuses(row)
        shown = None if refused else shown_of(row, shelf, self.media)
        if shown is None:
            self.left_out[refused or MISSING_FRAME] += 1
            return b""
        self.lines += 1
        self.kinds.add("videos" if isinstance(shown, Clip) else "images")
        return to_line(self.export.line(Example(row, shown)))


def write_lines(
    out: Path, media: Mapping[str, str], rows: Iterable[tuple[Row, Shelf]]
) -> dict[str, Written]:
    """Write exports about questions with their shelves, and the files beside them.

    ``media`` says by the names of the formats how each shows whole videos. All are
    written in one pass, a file appears when it is whole.
    """
    written = {name: Written(exports.load(name), media[name]) for name in sorted(media)}
    with ExitStack() as stack:
        streams = [
            (each, stack.enter_context(partial(out / each.export.file).open("wb")))
            for each in written.values()
        ]
        for row, shelf in rows:
            for each, stream in streams:
                stream.write(each.line(row, shelf))
        for _, stream in streams:
            stream.flush()
            os.fsync(stream.fileno())
    for each in written.values():
        for name, text in each.export.beside(frozenset(each.kinds)).items():
            partial(out / name).write_text(text, encoding="utf-8", newline="\n")
            os.replace(partial(out / name), out / name)
        os.replace(partial(out / each.export.file), out / each.export.file)
    return written


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
