"""Sampled frames of videos on disk, by content of the video, sampling and decoder.

A video is decoded once, however many questions it has, in this run and in later ones. Several
runs may share a folder.
"""

import hashlib
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from evalkit.media.entry import Entry, entries_by_age, read_entry, touch, write_entry
from evalkit.media.errors import MediaError
from evalkit.media.hashes import Hashes
from evalkit.media.opencv import decoder_name
from evalkit.media.store import Occupancy, explained, locked, new_folder
from evalkit.media.video import Decoded, Sampling
from evalkit.prompt import Video

# Part of the place of an entry: raise it when an entry's files change their meaning.
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How the videos of a run were had, each counted once.

    ``decoded``: by decoding; ``reused``: from the folder; ``repaired``: decoded because what the
    folder held was damaged (also in ``decoded``); ``failed``: not at all.
    """

    decoded: int = 0
    reused: int = 0
    repaired: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Stored:
    """A video's entry and where it is."""

    entry: Entry
    folder: Path
    id: str


class FrameCache:
    """A folder of decoded frames; a context manager.

    ``limit_bytes`` bounds what the folder holds between runs: when the last run that uses it
    begins or ends, the entries longest unused go. Threads may call `video` at the same time.
    """

    def __init__(self, root: Path, limit_bytes: int | None = None) -> None:
        self.root = root
        self.limit_bytes = limit_bytes
        self._hashes = Hashes(root / "hashes")
        self._known: dict[tuple[Path, Sampling], Future[_Stored]] = {}
        self._counts = {"decoded": 0, "reused": 0, "repaired": 0, "failed": 0}
        self._notes: dict[str, None] = {}
        self._mutex = threading.Lock()
        with explained(root):
            self._occupancy = Occupancy(root / "locks" / "runs")
            self._tidy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Bring the folder below its limit, unless another run uses it, and leave it."""
        with explained(self.root):
            self._tidy()
            self._occupancy.leave()

    @property
    def counts(self) -> CacheCounts:
        """How many videos were decoded, reused, repaired and failed so far."""
        with self._mutex:
            return CacheCounts(**self._counts)

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each video whose frame rate changes or that is wrong about its length."""
        with self._mutex:
            return tuple(sorted(self._notes))

    def video(self, path: Path, sampling: Sampling, chosen: tuple[int, ...] | None = None) -> Video:
        """Return the sampled frames of a video, decoding it where that was not done before.

        With ``chosen``, which are among ``sampling.also``, return only the frames at these
        positions. Raises MediaError for a video that can't be used, the same one each time it
        is asked for, or that has no such frame, and EvalkitError where the cache can't be
        written or OpenCV is missing.
        """
        found = self._once(path, sampling)
        if chosen is None:
            return found.entry.video(found.folder, found.id, path)
        return found.entry.chosen(found.folder, found.id, path, chosen)

    def _once(self, path: Path, sampling: Sampling) -> _Stored:
        key = (path, sampling)
        with self._mutex:
            known = self._known.get(key)
            mine = known is None
            if known is None:
                known = self._known[key] = Future()
        if mine:
            _settle(known, lambda: self._fetch(path, sampling))
        return known.result()

    def _fetch(self, path: Path, sampling: Sampling) -> _Stored:
        try:
            with explained(self.root):
                return self._stored(path, sampling)
        except MediaError:
            self._count("failed")
            raise

    def _stored(self, path: Path, sampling: Sampling) -> _Stored:
        content = self._hashes.of(path)
        video_id = hashlib.sha256(f"{content} {sampling.name}".encode()).hexdigest()
        place = self.root / "frames" / f"{decoder_name()}-{_FORMAT}"
        folder = place / video_id[:2] / video_id
        with locked(self.root / "locks" / video_id[:2]):
            entry = read_entry(folder)
            if entry is not None:
                self._count("reused")
                touch(folder)
            else:
                entry = self._decoded(path, sampling, folder)
        self._note(path, entry.decoded)
        return _Stored(entry, folder, video_id)

    def _decoded(self, path: Path, sampling: Sampling, folder: Path) -> Entry:
        damaged = folder.exists()
        with new_folder(folder, self.root / "partial") as partial:
            entry = write_entry(path, sampling, partial)
        self._count("decoded")
        if damaged:
            self._count("repaired")
        return entry

    def _count(self, what: str) -> None:
        with self._mutex:
            self._counts[what] += 1

    def _note(self, path: Path, found: Decoded) -> None:
        lines = []
        if found.variable_fps:
            lines.append(f"{path}: the frame rate changes; {found.fps:.2f} per second on average")
        if found.listed_frames != found.total_frames:
            lines.append(f"{path}: says {found.listed_frames} frames, has {found.total_frames}")
        with self._mutex:
            self._notes.update(dict.fromkeys(lines))

    def _tidy(self) -> None:
        with self._occupancy.alone() as alone:
            if not alone:
                return
            # What runs that were killed had begun.
            shutil.rmtree(self.root / "partial", ignore_errors=True)
            if self.limit_bytes is not None:
                _shrink(self.root / "frames", self.limit_bytes)


def _settle(future: Future[_Stored], make: Callable[[], _Stored]) -> None:
    """Give the future what ``make`` returns or raises."""
    try:
        future.set_result(make())
    except BaseException as error:  # an interruption too: others wait for this future
        future.set_exception(error)
        raise


def _shrink(root: Path, limit_bytes: int) -> None:
    entries = entries_by_age(root)
    excess = sum(size for _, size in entries) - limit_bytes
    for folder, size in entries:
        if excess <= 0:
            return
        shutil.rmtree(folder)
        excess -= size
