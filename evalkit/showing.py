"""What a question shows: the places in its prompt become image files and sampled videos."""

import io
import string
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from evalkit import prompt, records
from evalkit.benchmark import Benchmark, Media
from evalkit.media.archive import unsafe
from evalkit.media.cache import FrameCache
from evalkit.media.errors import MediaError
from evalkit.media.video import Sampling
from evalkit.optional import require
from evalkit.records import Doc

if TYPE_CHECKING:
    from evalkit.media.images import ImageStore

_COLUMN = "column "


class Finder(Protocol):
    """Finds media files by the paths at which they may be."""

    def find(self, *names: str) -> Path:
        """Return the first of the files that is there; raises MediaError ``missing``."""
        ...

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the paths at which there is no file."""
        ...


def cell_column(media: Media) -> str | None:
    """Return the column that ``media`` names, as ``column NAME``, or None for a path pattern."""
    if not media.place.startswith(_COLUMN):
        return None
    return media.place.removeprefix(_COLUMN).split(",")[0].split()[0]


def media_names(media: Media, doc: Doc) -> tuple[str, ...]:
    """Return the paths of a question's media, none where they lie in the row itself.

    In a path pattern, a column that holds a list gives one path for each of its elements.
    """
    column = cell_column(media)
    if column is None:
        return _filled(media.place, doc)
    cells = doc.get(column)
    cells = cells if isinstance(cells, list | tuple) else (cells,)
    return tuple(cell for cell in cells if isinstance(cell, str) and is_path(cell))


def media_places(media: Media, doc: Doc) -> tuple[tuple[str, ...], ...]:
    """Return, for each path that `media_names` gives, all paths at which the file may be."""
    ways = (media_names(media, doc), *(_filled(pattern, doc) for pattern in media.also))
    return tuple(
        tuple(dict.fromkeys(path for name in same for path in places(name)))
        for same in zip(*ways, strict=True)
    )


def _filled(pattern: str, doc: Doc) -> tuple[str, ...]:
    fields = [name for _, name, _, _ in string.Formatter().parse(pattern) if name]
    values = {name: doc[name] for name in fields}
    lists = [name for name in fields if isinstance(values[name], list | tuple)]
    if not lists:
        return (pattern.format_map(values),)
    column = lists[0]
    return tuple(pattern.format_map({**values, column: each}) for each in values[column])


def places(name: str) -> tuple[str, ...]:
    """Return the paths at which a medium may be: its own, and without its first folders.

    A row may name the folder of the whole dataset, and an archive's files may be named from
    inside or from outside the folder it stands for; so up to two folders are left out.
    """
    folders = name.split("/")
    return tuple("/".join(folders[skipped:]) for skipped in range(min(3, len(folders))))


def samplings(benchmark: Benchmark, docs: Iterable[Doc], sampling: Sampling) -> dict[str, Sampling]:
    """Return how each video is sampled so that one decoding serves all questions about it.

    ``docs`` are all questions of the benchmark, whether they are asked or not, so that a run
    that goes on finds the frames of the one before. Videos are named as by `media_names`; one
    that is not listed is sampled by ``sampling``.
    """
    whole, chosen = set[str](), defaultdict[str, set[int]](set)
    for doc in docs:
        for part in benchmark.prompt(doc):
            if isinstance(part, records.Video):
                name = media_names(benchmark.media, doc)[0]
                chosen[name].update(part.frames or ())
                if part.frames is None:
                    whole.add(name)
    return {
        name: replace(
            sampling,
            frames=sampling.frames if name in whole else 0,
            also=tuple(sorted(positions)),
        )
        for name, positions in chosen.items()
        if positions
    }


def is_path(cell: object) -> bool:
    """Say whether a cell names a file: base64 and bytes have no full stop."""
    return isinstance(cell, str) and len(cell) < 4096 and "." in cell


@dataclass(frozen=True, slots=True)
class Showing:
    """Where the media of a benchmark come from and how they are shown."""

    benchmark: Benchmark
    finder: Finder
    frames: FrameCache
    images: "ImageStore"
    sampling: Sampling
    samplings: Mapping[str, Sampling]

    def parts(self, doc: Doc, row: Mapping[str, Any] | None = None) -> tuple[prompt.Part, ...]:
        """Return the parts of a question's prompt with its media.

        ``row`` is the row with its images where these lie in the table. Videos are decoded.
        Raises MediaError for media that can't be shown, and for a row that names none: asked
        without, a question would be scored as if the model had looked.
        """
        parts = self.benchmark.prompt(doc)
        if all(isinstance(part, records.Text) for part in parts):
            raise MediaError("missing", "the row names no image and no video; get the data again")
        return tuple(shown for part in parts for shown in self._shown(part, doc, row))

    def _shown(
        self, part: records.Part, doc: Doc, row: Mapping[str, Any] | None
    ) -> tuple[prompt.Part, ...]:
        if isinstance(part, records.Text):
            return (prompt.Text(part.text),)
        if isinstance(part, records.Video):
            return self._video(part, doc)
        return (self._image(part.index, doc, row),)

    def _video(self, part: records.Video, doc: Doc) -> tuple[prompt.Part, ...]:
        """Return the video, or the frames that the question is about, each after its time.

        As a video, models would join these frames in pairs and tell one time for both.
        """
        media = self.benchmark.media
        path = self.finder.find(*media_places(media, doc)[0])
        sampling = self.samplings.get(media_names(media, doc)[0], self.sampling)
        video = self.frames.video(path, sampling, part.frames)
        if part.frames is None:
            return (video,)
        shown: list[prompt.Part] = []
        for position, frame in zip(video.indices, video.frames, strict=True):
            begin = "\n" if shown else ""
            shown.append(prompt.Text(f"{begin}Frame at {position / video.fps:.1f} s:\n"))
            shown.append(prompt.Image(f"{video.id}/{position}", frame))
        return tuple(shown)

    def _image(self, index: int, doc: Doc, row: Mapping[str, Any] | None) -> prompt.Image:
        image = self._own_image(index, doc, row)
        size = self.benchmark.media.size
        return image if size is None else self._resized(image, size)

    def _resized(self, image: prompt.Image, size: tuple[int, int]) -> prompt.Image:
        """Return an image brought to a size by cubic interpolation, whatever its proportions."""
        pillow = require("PIL.Image", "pillow", "showing images")
        content = io.BytesIO()
        with pillow.open(image.path) as picture:
            picture.resize(size, pillow.Resampling.BICUBIC).save(content, "PNG")
        return self.images.content(content.getvalue(), str(image.path))

    def _own_image(self, index: int, doc: Doc, row: Mapping[str, Any] | None) -> prompt.Image:
        column = cell_column(self.benchmark.media)
        if column is None:
            return self.images.file(
                self.finder.find(*media_places(self.benchmark.media, doc)[index])
            )
        cells = (row or doc).get(column)
        cell = cells[index] if isinstance(cells, list | tuple) else cells
        if isinstance(cell, str) and is_path(cell):
            return self.images.file(self.finder.find(*places(cell)))
        return self.images.cell(cell, f"image {index + 1} in column {column}")


def text_only(benchmark: Benchmark, doc: Doc) -> tuple[prompt.Part, ...]:
    """Return the text parts of a question's prompt; no media are opened."""
    parts = benchmark.prompt(doc)
    return tuple(prompt.Text(part.text) for part in parts if isinstance(part, records.Text))


@dataclass(frozen=True, slots=True)
class MediaFolder:
    """A folder with media by their paths."""

    root: Path

    def find(self, *names: str) -> Path:
        """Return the first of the files that is there; raises MediaError ``missing``."""
        for name in names:
            if not self.missing([name]):
                return self.root / name
        raise MediaError("missing", f"{self.root / names[0]}: there is no such file")

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the paths at which there is no file, or that lead elsewhere."""
        return [name for name in names if unsafe(name) or not (self.root / name).is_file()]


def shows(benchmark: Benchmark, docs: Sequence[Doc]) -> frozenset[str]:
    """Return which kinds of media the prompts of ``docs`` show: ``video``, ``image``."""
    kinds = set()
    for doc in docs:
        for part in benchmark.prompt(doc):
            if isinstance(part, records.Video):
                kinds.add("video")
            elif isinstance(part, records.Image):
                kinds.add("image")
    return frozenset(kinds)
