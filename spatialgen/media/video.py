"""Frames of a video file, by OpenCV's FFmpeg.

What a file says about its own length is a guess in some kinds and wrong in
others, and jumping to a frame lands beside it in many. So frames are counted by
walking through the file's packets, which decodes nothing and takes a fraction of
a second, and pictures come from one pass from the start, in which only those
that are asked for are converted to colours.
"""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.media._header import MAX_PIXELS
from spatialgen.media._opencv import opencv
from spatialgen.scan import Floats, Image

#: Frames beyond this many are refused: six days of video at 60 a second.
MAX_FRAMES = 1 << 25

# Playlists and scripts, which FFmpeg would follow to other files, begin with none of these.
_MATROSKA = b"\x1a\x45\xdf\xa3"
_HEAD_BYTES = 12

# A damaged frame makes one step fail, the end of the video all that follow.
_MOST_FAILURES = 64


class VideoFile:
    """A video in an mp4, mov, mkv, webm or avi file: a ``Colors``."""

    def __init__(self, path: Path) -> None:
        """Take a file; it is opened when something is asked of it."""
        self.path = path

    @property
    def times_s(self) -> Floats:
        """When each frame is shown, (total,) in seconds as the container says, from 0 on.

        Raises SceneError ``bad_video`` where the file is none, or holds no frame.
        """
        times = self._stamps_s
        return times - times[0] if self._timed else np.arange(len(times)) / self._rate

    @property
    def total(self) -> int:
        """The number of frames; raises SceneError ``bad_video``."""
        return len(self._stamps_s)

    @property
    def fps(self) -> float:
        """The mean number of frames per second, by their times; raises SceneError ``bad_video``."""
        length = float(self.times_s[-1])
        return (self.total - 1) / length if length > 0 else self._rate

    @functools.cached_property
    def _rate(self) -> float:
        cv2 = opencv()
        with _Capture(self.path) as capture:
            rate = float(capture.get(cv2.CAP_PROP_FPS))
        return rate if 0 < rate < 1e6 else 30.0

    @functools.cached_property
    def _stamps_s(self) -> Floats:
        """The container's own times of all frames, ascending."""
        cv2 = opencv()
        stamps_ms: list[float] = []
        with _Capture(self.path, packets=True) as capture:
            while len(stamps_ms) < MAX_FRAMES and capture.grab():
                stamps_ms.append(capture.get(cv2.CAP_PROP_POS_MSEC))
        if not stamps_ms:
            raise _bad(self.path, "holds no frame")
        if len(stamps_ms) == MAX_FRAMES:
            raise _bad(self.path, f"has more than {MAX_FRAMES:,} frames")
        # Packets come in the order of decoding; a frame that refers to a later one is shown before.
        return np.sort(np.asarray(stamps_ms)) / 1000

    @functools.cached_property
    def _timed(self) -> bool:
        """Whether every frame has a time of its own."""
        return bool(np.isfinite(self._stamps_s).all() and (np.diff(self._stamps_s) > 0).all())

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        """Yield (index, image) of ascending frame indices, one image in memory at a time.

        Frames that do not decode are left out, and those after the end of a video that
        ends early. Raises SceneError ``bad_video`` where the file is none.
        """
        wanted = iter(indices)
        index = next(wanted, None)
        with _Capture(self.path) as capture:
            for position in self._walk(capture):
                while index is not None and index < position:
                    index = _following(wanted, index)
                if index is None:
                    return
                if index > position:
                    continue
                image = _picture(capture)
                while index == position:
                    if image is not None:
                        yield index, image
                    index = _following(wanted, index)

    def _walk(self, capture: Any) -> Iterator[int]:
        """Move to frame after frame and yield their positions, which ascend.

        A damaged frame is passed over by the decoder, so positions follow from times where
        there are any.
        """
        cv2 = opencv()
        stamps = self._stamps_s
        early = np.diff(stamps).min() / 2 if self._timed and len(stamps) > 1 else 0.0
        position, failures = -1, 0
        while position < len(stamps) - 1 and failures < _MOST_FAILURES:
            if not capture.grab():
                failures += 1
                continue
            failures, position = 0, position + 1
            if self._timed:
                shown = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                position = max(position, int(np.searchsorted(stamps, shown - early)))
            if position < len(stamps):
                yield position


def _following(wanted: Iterator[int], index: int) -> int | None:
    following = next(wanted, None)
    if following is not None and following < index:
        raise ValueError("frames of a video are read in ascending order")
    return following


def _picture(capture: Any) -> Image | None:
    cv2 = opencv()
    try:
        found, image = capture.retrieve()
    except cv2.error:
        return None
    return np.asarray(image) if found and image is not None else None


class _Capture:
    """An open video; ``packets`` leaves everything undecoded."""

    def __init__(self, path: Path, packets: bool = False) -> None:
        _check_kind(path)
        cv2 = opencv()
        # Named, because the other readers take a path as a pattern or a description of a pipeline.
        options = [cv2.CAP_PROP_FORMAT, -1] if packets else []
        self._capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG, options)
        self._path = path

    def __enter__(self) -> Any:
        cv2 = opencv()
        if not self._capture.isOpened():
            self._capture.release()
            raise _bad(self._path, "can't be opened as a video")
        # As with pictures: poses and lenses belong to the stored pixels.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        width = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if not width * height <= MAX_PIXELS:
            self._capture.release()
            raise _bad(self._path, f"frames of {width:.0f} x {height:.0f} pixels are too large")
        return self._capture

    def __exit__(self, *_: object) -> None:
        self._capture.release()


def _check_kind(path: Path) -> None:
    try:
        if not path.is_file():
            raise _bad(path, "there is no such file")
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise _bad(path, f"can't be read: {error.strerror}") from error
    avi = head[:4] == b"RIFF" and head[8:] == b"AVI "
    movie = head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
    if not (avi or movie or head.startswith(_MATROSKA)):
        raise _bad(path, "not a video file that is known here: mp4, mov, mkv, webm or avi")


def _bad(path: Path, what: str) -> SceneError:
    return SceneError("bad_video", f"{path.name}: {what}")
