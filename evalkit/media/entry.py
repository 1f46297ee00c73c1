"""One video's frames in the cache: a folder of PNG files and ``entry.json`` about them.

PNG, because the model must see the same pixels with and without the cache; uncompressed, because
a frame of 640 x 480 is then written and read in a tenth of the time for 1.7 times the space.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.media.errors import MediaError
from evalkit.media.opencv import opencv
from evalkit.media.video import Decoded, Frame, Sampling, decode
from evalkit.prompt import Video

_ABOUT = "entry.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """What decoding found, and size in bytes and CRC-32 of the file of every distinct frame."""

    decoded: Decoded
    files: Mapping[str, tuple[int, int]]

    def video(self, folder: Path, video_id: str, source: Path) -> Video:
        """Return the sampled frames of the entry in ``folder`` as a part of a prompt."""
        return self._shown(folder, video_id, self.decoded.indices, source)

    def chosen(
        self, folder: Path, video_id: str, source: Path, positions: tuple[int, ...]
    ) -> Video:
        """Return just the frames at ``positions``, in that order.

        Raises MediaError ``no_such_frame`` for a position behind the video's end.
        """
        total = self.decoded.total_frames
        if beyond := [position for position in positions if position >= total]:
            message = f"{source}: has {total} frames, so none at position {beyond[0]} (from 0)"
            raise MediaError("no_such_frame", f"{message}; the question is about another video")
        return self._shown(folder, video_id, positions, source)

    def _shown(
        self, folder: Path, video_id: str, positions: tuple[int, ...], source: Path
    ) -> Video:
        found = self.decoded
        frames = tuple(folder / _file_name(position) for position in positions)
        return Video(video_id, frames, positions, found.fps, found.total_frames, source)


def write_entry(source: Path, sampling: Sampling, folder: Path) -> Entry:
    """Decode a video into an empty folder; raises as `decode` does, and OSError."""
    files: dict[str, tuple[int, int]] = {}

    def keep(index: int, frame: Frame) -> None:
        content = _png(frame)
        name = _file_name(index)
        (folder / name).write_bytes(content)
        files[name] = (len(content), zlib.crc32(content))

    decoded = decode(source, sampling, keep)
    wanted = _file_names(decoded)
    for name in [name for name in files if name not in wanted]:
        (folder / name).unlink()
        del files[name]
    about = {"source": source.name, "sampling": sampling.name, **asdict(decoded), "files": files}
    (folder / _ABOUT).write_text(json.dumps(about, indent=1, sort_keys=True), encoding="utf-8")
    return Entry(decoded, files)


def read_entry(folder: Path) -> Entry | None:
    """Return the entry in ``folder``, or None where there is none or a byte of it has changed."""
    try:
        entry = _parsed(json.loads((folder / _ABOUT).read_bytes()))
        for name, (size, crc) in entry.files.items():
            content = (folder / name).read_bytes()
            if (len(content), zlib.crc32(content)) != (size, crc):
                return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return entry


def touch(folder: Path) -> None:
    """Note that the entry was used now: the oldest entries are the first to go."""
    (folder / _ABOUT).touch()


def entries_by_age(root: Path) -> list[tuple[Path, int]]:
    """Return the folders of all entries below ``root`` with their bytes, longest unused first."""
    found = [(about.stat().st_mtime_ns, about.parent) for about in root.rglob(_ABOUT)]
    return [(folder, _bytes_in(folder)) for _, folder in sorted(found)]


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def _parsed(about: Mapping[str, Any]) -> Entry:
    indices: Sequence[int] = about["indices"]
    also: Sequence[int] = about["also"]
    decoded = Decoded(
        indices=tuple(int(index) for index in indices),
        also=tuple(int(index) for index in also),
        total_frames=int(about["total_frames"]),
        listed_frames=int(about["listed_frames"]),
        fps=float(about["fps"]),
        variable_fps=bool(about["variable_fps"]),
    )
    files = {str(name): (int(size), int(crc)) for name, (size, crc) in about["files"].items()}
    if _file_names(decoded) != files.keys():
        raise ValueError("frames and files differ")
    return Entry(decoded, files)


def _file_names(decoded: Decoded) -> set[str]:
    return {_file_name(index) for index in (*decoded.indices, *decoded.also)}


def _file_name(index: int) -> str:
    return f"{index:07d}.png"


def _png(frame: Frame) -> bytes:
    cv2 = opencv()
    options = [cv2.IMWRITE_PNG_COMPRESSION, 0, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    written, content = cv2.imencode(".png", frame, options)
    if not written:
        raise EvalkitError("OpenCV can't write PNG images; install another build of it")
    data: bytes = content.tobytes()
    return data
