"""Which frames of a video are shown, and decoding exactly those.

Frames are counted by decoding, from the first to the last: what a file says about its own
length is a guess in some kinds (Matroska with a changing frame rate) and wrong in others, and
jumping to a frame lands beside it in many. OpenCV skips the costly part, the conversion to
colours, for the frames that are not wanted.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evalkit.errors import UsageError
from evalkit.media.container import Container, check_container
from evalkit.media.errors import MediaError
from evalkit.media.opencv import opencv

#: Height, width, 3: blue, green, red, 0 to 255.
Frame = npt.NDArray[np.uint8]

#: Larger frames are refused: 64 million pixels are 192 MB.
MAX_PIXELS = 64_000_000

# An mp4 lists its frames, so where far fewer come out of it something is broken. A few missing
# are normal, at the edges of what is shown.
_FEWEST_OF_LISTED = 0.9

# A clock of milliseconds, as Matroska's, shifts a frame by up to one.
_CLOCK_STEP_MS = 1.5
_STEADY = 0.1


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames are taken, and how large.

    ``frames`` are spread evenly from the first to the last frame; ``max_side`` is the longest
    side in pixels that a frame is reduced to, or None to leave frames as they are. ``also`` are
    positions that some questions ask for, where the video has them; ``frames`` may then be 0.
    """

    frames: int = 32
    max_side: int | None = None
    also: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Raise UsageError for a number of frames or a size below 1."""
        if self.frames < (0 if self.also else 1):
            raise UsageError(f"the number of frames must be 1 or more, not {self.frames}")
        if self.max_side is not None and self.max_side < 1:
            raise UsageError(f"the longest side must be 1 pixel or more, not {self.max_side}")

    @property
    def name(self) -> str:
        """The sampler, the number of frames and the size in one word, for the record of a run."""
        parts = [f"uniform-{self.frames}"] if self.frames else []
        parts += ["chosen-" + "-".join(map(str, self.also))] if self.also else []
        return "+".join(parts) + self.size

    @property
    def size(self) -> str:
        """What ``max_side`` adds to a name."""
        return f"-{self.max_side}px" if self.max_side else ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding found out about a video.

    ``indices`` are the positions of the sampled frames, repeated where the video has fewer
    frames than were asked for, and ``also`` those of `Sampling.also` that the video has.
    ``listed_frames`` is what the file itself says. ``fps`` is the mean rate; with
    ``variable_fps`` the time of a frame does not follow from its index.
    """

    indices: tuple[int, ...]
    also: tuple[int, ...]
    total_frames: int
    listed_frames: int
    fps: float
    variable_fps: bool


def uniform(total: int, count: int) -> tuple[int, ...]:
    """Return ``count`` frame positions from 0 to ``total`` - 1, rounded down.

    This is VSI-Bench's sampling. Fewer frames than ``count`` give repeated positions.
    """
    positions: Sequence[int] = np.linspace(0, total - 1, count, dtype=int).tolist()
    return tuple(positions)


def decode(path: Path, sampling: Sampling, keep: Callable[[int, Frame], None]) -> Decoded:
    """Decode a video and hand every sampled frame to ``keep``, with its index.

    ``keep`` sees each index once, in no promised order, and where a file is wrong about its
    length also frames that are not among the positions returned.

    Raises MediaError as `check_container` does, and ``corrupt``, ``no_frames``, ``too_large``
    or ``no_frame_rate``.
    """
    container = check_container(path)
    kept: set[int] = set()

    def keep_new(index: int, frame: Frame) -> None:
        keep(index, _reduced(frame, sampling.max_side))
        kept.add(index)

    listed, listed_fps = _properties(path)
    guess = uniform(listed, sampling.frames) if listed > 0 else ()
    times_ms = _pass(path, frozenset((*guess, *sampling.also)), keep_new)
    total = len(times_ms)
    _check_count(path, container, total, listed)
    indices = uniform(total, sampling.frames)
    # Only a file that is wrong about its length is read twice.
    also = tuple(index for index in sampling.also if index < total)
    if missing := frozenset((*indices, *also)) - kept:
        _pass(path, missing, keep_new)
        if not missing <= kept:
            raise MediaError("corrupt", f"{path}: does not decode twice to the same frames")
    fps, variable = _rate(times_ms, listed_fps)
    if fps <= 0:
        raise MediaError("no_frame_rate", f"{path}: has neither a frame rate nor times of frames")
    return Decoded(indices, also, total, max(listed, 0), fps, variable)


def _properties(path: Path) -> tuple[int, float]:
    """Return the number of frames and the frame rate that a file claims, 0 where it does not."""
    cv2 = opencv()
    capture = _open(path)
    try:
        width = capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MAX_PIXELS:
            size = f"{width:.0f} x {height:.0f}"
            message = f"{path}: frames of {size} pixels are above the limit of {MAX_PIXELS:,}"
            raise MediaError("too_large", message)
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        fps = capture.get(cv2.CAP_PROP_FPS)
    finally:
        capture.release()
    usable = math.isfinite(frames) and 0 < frames < 2**53
    return int(frames) if usable else 0, fps if math.isfinite(fps) and fps > 0 else 0.0


def _open(path: Path) -> Any:
    cv2 = opencv()
    # Named, because the other readers take a path as a pattern or a description of a pipeline.
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        capture.release()
        raise MediaError("corrupt", f"{path}: can't be opened as a video; get the file again")
    return capture


def _pass(path: Path, wanted: frozenset[int], keep: Callable[[int, Frame], None]) -> list[float]:
    """Go through a video once and return the time of every frame, in milliseconds."""
    cv2 = opencv()
    capture = _open(path)
    times_ms: list[float] = []
    try:
        while capture.grab():
            index = len(times_ms)
            times_ms.append(capture.get(cv2.CAP_PROP_POS_MSEC))
            if index in wanted:
                found, frame = capture.retrieve()
                if not found or frame is None:
                    raise MediaError("corrupt", f"{path}: frame {index} does not decode")
                keep(index, frame)
    except cv2.error as error:
        raise MediaError("corrupt", f"{path}: does not decode ({error.err})") from error
    finally:
        capture.release()
    return times_ms


def _check_count(path: Path, container: Container, total: int, listed: int) -> None:
    if not total:
        raise MediaError("no_frames", f"{path}: no frame of the video decodes; get the file again")
    if container.shown is not None and total < _FEWEST_OF_LISTED * container.shown * listed:
        message = f"{path}: is damaged, {total} of {listed} frames decode; get the file again"
        raise MediaError("corrupt", message)


def _rate(times_ms: Sequence[float], listed_fps: float) -> tuple[float, bool]:
    """Return frames per second, and whether the time between frames changes."""
    if len(times_ms) < 2:
        return listed_fps, False
    steps = np.diff(np.asarray(times_ms))
    span_ms = times_ms[-1] - times_ms[0]
    uneven = float(np.abs(steps - np.median(steps)).max())
    variable = uneven > max(_CLOCK_STEP_MS, _STEADY * float(np.median(steps)))
    if (variable or not listed_fps) and span_ms > 0:
        return 1000 * len(steps) / span_ms, variable
    return listed_fps, variable


def _reduced(frame: Frame, max_side: int | None) -> Frame:
    height, width = frame.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return frame
    cv2 = opencv()
    scale = max_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller: Frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return smaller
