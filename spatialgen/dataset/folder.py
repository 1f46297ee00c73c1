"""Writing a dataset folder so that a kill at any moment loses nothing.

While a run is under way ``progress.jsonl`` holds, per scene done, how long each
file was after it. A line counts only when it is whole and the files are at least
that long; the next run cuts them back to it and goes on with the next scene.
"""

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from spatialgen.dataset.files import MANIFEST, ROW_FILES, naming, partial, read_manifest, write_json
from spatialgen.dataset.rows import Row, to_line
from spatialgen.dataset.set_aside import SET_ASIDE, set_aside, take_into_place, was_set_aside
from spatialgen.errors import DatasetError, UsageError

PROGRESS = "progress.jsonl"

# What only an unfinished run needs.
_UNFINISHED = (SET_ASIDE, PROGRESS)

#: Parts of a manifest that decide which rows are written, and what to do where they differ.
_DECISIVE = {
    "config": "repeat its command to go on with it",
    "inputs": "give it the same scenes to go on with it",
    "versions": "install these versions to go on with it",
}


class DatasetWriter:
    """Appends whole scenes to a dataset folder. Use it as a context manager.

    ``done`` is the number of scenes that the folder holds already; ``finished``
    is its manifest where nothing is left to do; ``told`` is what was told when
    questions were set aside, which is done when all scenes are. One writer at a
    time: a second one raises UsageError, as does a folder that holds something
    else or another run.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.done = 0
        self.finished: dict[str, Any] | None = None
        self.told: Mapping[str, Any] | None = None
        self._manifest = manifest
        self._files: list[BinaryIO] = []
        self._progress: BinaryIO | None = None
        self._lock: int | None = None

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder, os.O_RDONLY)
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"{self.folder}: a file is in the way; choose another --out") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._refuse_foreign()
            with naming(self.folder):
                self._resume()
        except BlockingIOError:
            self._close()
            message = f"{self.folder}: another run is writing here; wait for it or choose --out"
            raise UsageError(message) from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def append(
        self, questions: Sequence[Row], rejected: Sequence[Row], scenes: Sequence[Row]
    ) -> None:
        """Write what came of one scene; it is on disk, or will be done again."""
        if self._progress is None:
            raise DatasetError(f"{self.folder}: the writer is closed")
        with naming(self.folder):
            for stream, rows in zip(self._files, (questions, rejected, scenes), strict=True):
                stream.write(b"".join(to_line(row) for row in rows))
                stream.flush()
            self.done += 1
            lengths = [stream.tell() for stream in self._files]
            self._progress.write(to_line({"scenes": self.done, "bytes": lengths}))
            self._progress.flush()

    def set_aside(self, reason: str, details: Mapping[str, str], told: Mapping[str, Any]) -> None:
        """Reject questions of the whole run after all: those in ``details``, by id."""
        with naming(self.folder):
            set_aside(self.folder, reason, details, {"scenes": self.done, "told": told})
        self.told = told

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """Write the final manifest and remove what only an unfinished run needs."""
        with naming(self.folder):
            for stream in self._files:
                os.fsync(stream.fileno())
            write_json(self.folder / MANIFEST, manifest)
            for name in _UNFINISHED:
                (self.folder / name).unlink(missing_ok=True)

    def _refuse_foreign(self) -> None:
        path = self.folder / MANIFEST
        if path.exists():
            _refuse_other_run(self.folder, read_manifest(self.folder), self._manifest)
            return
        # A kill can leave the first manifest half-written: that is ours.
        present = sorted({entry.name for entry in self.folder.iterdir()} - {partial(path).name})
        if present:
            raise UsageError(
                f"{self.folder}: not empty and not a dataset folder (it holds {present[0]}); "
                "choose another --out"
            )

    def _resume(self) -> None:
        if not (self.folder / MANIFEST).exists():
            write_json(self.folder / MANIFEST, self._manifest)
        there = read_manifest(self.folder)
        if there["complete"]:
            self.finished = there
            for name in _UNFINISHED:
                if (self.folder / name).exists():  # asked first: the folder may be read-only now
                    (self.folder / name).unlink()
            return
        moved = was_set_aside(self.folder)
        if moved is not None:
            take_into_place(self.folder)
            self.done, self.told = moved["scenes"], moved["told"]
            return
        self._files = [_open_for_append(self.folder / name) for name in ROW_FILES]
        self.done, lengths, journal = _last_progress(self.folder / PROGRESS, self._files)
        for stream, length in zip(self._files, lengths, strict=True):
            _cut_back(stream, length)
        self._progress = _open_for_append(self.folder / PROGRESS)
        _cut_back(self._progress, journal)

    def _close(self) -> None:
        for stream in (*self._files, self._progress):
            if stream is not None:
                # What could not be written was told when it was tried; it will be done again.
                with suppress(OSError):
                    stream.close()
        if self._lock is not None:  # the lock goes last: until then the files are this writer's
            os.close(self._lock)
        self._files, self._progress, self._lock = [], None, None


def _open_for_append(path: Path) -> BinaryIO:
    return path.open("r+b" if path.exists() else "w+b")


def _cut_back(stream: BinaryIO, length: int) -> None:
    stream.truncate(length)
    stream.seek(length)


def _last_progress(path: Path, files: Sequence[BinaryIO]) -> tuple[int, list[int], int]:
    # (scenes done, length of each file, length of the journal up to there)
    sizes = [stream.seek(0, os.SEEK_END) for stream in files]
    best: tuple[int, list[int], int] = (0, [0] * len(files), 0)
    if not path.exists():
        return best
    read = 0
    with path.open("rb") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
                scenes, lengths = entry["scenes"], entry["bytes"]
                held = all(0 <= length <= size for length, size in zip(lengths, sizes, strict=True))
            except (ValueError, KeyError, TypeError):
                break
            if not held or not line.endswith(b"\n"):
                break
            read += len(line)
            best = (scenes, lengths, read)
    return best


def _refuse_other_run(folder: Path, there: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    for part, remedy in _DECISIVE.items():
        old, new = there[part], ours[part]
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                raise UsageError(
                    f"{folder}: holds another run ({part}.{key} was {_brief(old.get(key))}, now "
                    f"{_brief(new.get(key))}); {remedy}, or choose another --out"
                )


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
