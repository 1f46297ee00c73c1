"""The rows and media of a benchmark, from a local folder or from the Hub.

A `Selection` says what lies where; nothing here knows a benchmark by its name.
"""

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import DataError
from evalkit.hub import HubTable, hub_place
from evalkit.media.archive import members, unpack, unsafe
from evalkit.media.errors import MediaError
from evalkit.media.store import sha256_of
from evalkit.places import LocalFolder, Place, download_line, matching
from evalkit.rows import Row, check_rows, read_rows

#: How many of the patterns that no file matches a message names.
_PATTERNS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a dataset is wanted, and what holds it.

    ``files`` are patterns of the files with the rows, the preferred one first; all files that
    match the first pattern which matches any are read, in the order of their names. Without
    patterns the card on the Hub says which files ``config`` and ``split`` mean, and in a folder
    the usual names are tried (`usual_files`). ``columns`` must be in every row. ``media`` are
    zip archives; rows may lie in them too. ``revision`` is a commit; None means the newest.
    """

    repo: str
    revision: str | None = None
    config: str | None = None
    split: str = "test"
    files: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


def usual_files(config: str | None, split: str) -> tuple[str, ...]:
    """Return the patterns that datasets without a description of their files follow.

    Files of a configuration lie in a folder of its name: a file beside it is of another one.
    """
    folders = ("data/", "") if config in (None, "default") else (f"{config}/",)
    stems = (f"{split}-*", split)
    endings = ("parquet", "jsonl", "json", "tsv")
    return tuple(
        f"{folder}{stem}.{ending}" for folder in folders for stem in stems for ending in endings
    )


class Dataset:
    """The rows of a selection and its media; made by `open_dataset`.

    ``count`` is the number of rows. ``revision`` is the commit that they are of, None where it
    is not known; ``digest`` is a SHA-256 over the files with the rows, None where ``datasets``
    loaded them. Threads may call `find` at the same time.
    """

    def __init__(self, selection: Selection, place: Place, cache: Path) -> None:
        self._selection = selection
        self._place = place
        self._cache = cache
        self._mutex = threading.Lock()
        self._listings: dict[str, frozenset[str]] = {}
        self._unpacked: dict[str, Path] = {}
        if place.folder is not None:
            self._check_archives()
        described = place.folder is None and not selection.files
        self._table = self._described_table() if described else None
        self._files, self.revision = ((), place.revision("")) if described else self._row_files()
        self.digest = _digest(self._files) if self._files else None
        self.count = self._checked_count()

    def rows(self) -> Iterator[Row]:
        """Give the rows in the dataset's order; may be called again. Raises DataError."""
        if self._table is not None:
            yield from self._table
        for path in self._files:
            yield from read_rows(path)

    def find(self, *names: str) -> Path:
        """Return the file at the first of some paths that is there, unpacking its archive.

        Raises MediaError ``missing`` with the command that gets it, or ``unsafe_name`` for a
        path that leads elsewhere, and DataError for a damaged archive.
        """
        for name in names:
            if reason := unsafe(name):
                raise MediaError("unsafe_name", f"{name!r}: {reason}, so it is not opened")
        for name in names:
            if (path := self._place.get(name)) is not None:
                return path
        for archive in self._likely_first(names):
            for name in names:
                if name in self._listing(archive):
                    return self._folder(archive) / name
        raise MediaError("missing", self._missing(names))

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the paths at which there is no file, without unpacking anything."""
        return [
            name
            for name in names
            if unsafe(name)
            or (
                self._place.get(name) is None
                and not any(name in self._listing(archive) for archive in self._selection.media)
            )
        ]

    def _check_archives(self) -> None:
        """Raise DataError now for an archive that is cut off, not after hours."""
        for archive in self._selection.media:
            self._listing(archive)

    def _row_files(self) -> tuple[tuple[Path, ...], str | None]:
        """Return the files with the rows, and the commit they are of."""
        selection, place = self._selection, self._place
        patterns = selection.files or usual_files(selection.config, selection.split)
        for pattern in patterns:
            if names := place.match(pattern):
                paths = [path for name in names if (path := place.get(name)) is not None]
                return tuple(paths), place.revision(names[0])
        for archive in selection.media if selection.files else ():
            for pattern in patterns:
                if names := matching(tuple(self._listing(archive)), pattern):
                    folder = self._folder(archive)
                    return tuple(folder / name for name in names), place.revision(archive)
        named = ", ".join(patterns[:_PATTERNS_TOLD])
        message = f"{place.name}: has no file with rows, such as {named}"
        raise DataError(f"{message}; get the data with: {self._line()}")

    def _described_table(self) -> HubTable:
        selection, commit = self._selection, self._place.revision("")
        return HubTable(selection.repo, selection.config, selection.split, commit)

    def _checked_count(self) -> int:
        selection, where = self._selection, self._place.name
        if self._table is not None:
            if missing := [name for name in selection.columns if name not in self._table.columns]:
                raise DataError(f"{where}: has no column {', '.join(missing)}")
            count = len(self._table)
        else:
            count = sum(check_rows(path, selection.columns) for path in self._files)
        if not count:
            raise DataError(f"{where}: the files with the rows have none; get them again")
        return count

    def _likely_first(self, names: Sequence[str]) -> list[str]:
        """Return the archives, those named like the first folder of a path first."""
        tops = [name.partition("/")[0] for name in names]
        return sorted(self._selection.media, key=lambda archive: Path(archive).stem not in tops)

    def _listing(self, archive: str) -> frozenset[str]:
        """Return the paths in an archive, none where there is no such archive."""
        with self._mutex:
            if archive not in self._listings:
                path = self._place.get(archive)
                listed = members(path) if path is not None else ()
                self._listings[archive] = frozenset(member.name for member in listed)
            return self._listings[archive]

    def _folder(self, archive: str) -> Path:
        with self._mutex:
            if archive not in self._unpacked:
                path = self._place.get(archive)
                assert path is not None, archive
                self._unpacked[archive] = unpack(path, self._cache / "archives")
            return self._unpacked[archive]

    def _missing(self, names: Sequence[str]) -> str:
        absent = [archive for archive in self._selection.media if self._place.get(archive) is None]
        tops = {name.partition("/")[0] for name in names}
        likely = [archive for archive in absent if Path(archive).stem in tops]
        what = " or ".join(names)
        if not self._selection.media:
            where = f"is not in {self._place.name}"
        elif absent:
            where = f"is not in {self._place.name}, and {', '.join(likely or absent)} is not there"
        else:
            where = f"is neither in {self._place.name} nor in its archives"
        return f"{what}: {where}; get it with: {self._line(likely or absent)}"

    def _line(self, files: Sequence[str] = ()) -> str:
        selection = self._selection
        folder = self._place.folder or Path(selection.repo.rpartition("/")[2])
        return download_line(selection.repo, selection.revision, folder, files)


def open_dataset(selection: Selection, cache: Path, folder: Path | None = None) -> Dataset:
    """Open a benchmark's rows and media from ``folder``, or from the Hub where it is None.

    Archives are unpacked below ``cache``. Raises DataError, with the command that gets the data
    where they are missing, and for a column that is missing in a row.
    """
    if folder is None:
        return Dataset(selection, hub_place(selection.repo, selection.revision), cache)
    return Dataset(selection, LocalFolder(folder, selection.repo, selection.revision), cache)


def _digest(paths: Sequence[Path]) -> str:
    lines = [f"{path.name} {sha256_of(path)}\n" for path in paths]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
