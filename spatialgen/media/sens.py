"""ScanNet's ``.sens`` files: a whole recording in one file of gigabytes, read frame by frame.

Little-endian: version 4, the sensor's name, intrinsics and extrinsics of both
cameras, kinds of compression, sizes, the depth's unit, the number of frames.
Then per frame its camera-to-world pose, two times in microseconds, the lengths
of both pictures, and the pictures. (Layout of the reader that ScanNet provides.)
What follows the frames, the readings of a motion sensor, is not read.
"""

import io
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.media import _decoding as decoding
from spatialgen.media._header import MAX_PIXELS, declared
from spatialgen.records import Camera
from spatialgen.scan import Depth, Floats, Image

#: One picture takes no more bytes than this; a length beyond it is damage.
MAX_BYTES = 256_000_000
#: Frames beyond this many are not read: nine hours at 30 a second.
MAX_FRAMES = 1_000_000

_VERSION = 4
_LONGEST_NAME = 4096
_MATRICES = struct.Struct("<64f")
_SIZES = struct.Struct("<2i4IfQ")
_FRAME = struct.Struct("<16f4Q")
_RAW, _PNG, _JPEG = 0, 1, 2
_RAW_DEPTH, _ZLIB_DEPTH = 0, 1


@dataclass(frozen=True, eq=False)
class SensHeader:
    """What the file says before its first frame.

    ``color_lens`` and ``depth_lens`` (4, 4) hold the intrinsics, ``size`` is width
    and height. ``unit_m`` is one step of the depth in metres. ``frames`` is how
    many there should be.
    """

    name: str
    color_lens: Floats
    depth_lens: Floats
    color_kind: int
    depth_kind: int
    color_size: tuple[int, int]
    depth_size: tuple[int, int]
    unit_m: float
    frames: int


class SensFile:
    """A ``.sens`` file: its header, poses and times, and pictures one at a time.

    Only places in the file are kept: ``poses`` (n, 4, 4) as written, which may hold
    infinity, ``stamps_us`` (n,) of the colour pictures. n is the number of frames
    that are wholly there, fewer than ``header.frames`` where the file was cut.
    """

    def __init__(self, path: Path) -> None:
        """Walk through the file, passing over the pictures; raises SceneError ``bad_sens``."""
        self.path = path
        try:
            # Opening a pipe would wait for ever.
            if not path.is_file():
                raise _bad(path, "there is no such file")
            length = os.path.getsize(path)
            with path.open("rb") as stream:
                self.header = _header(stream, path)
                heads, starts = _walk(stream, length, self.header.frames)
        except OSError as error:
            raise _bad(path, f"can't be read: {error.strerror}") from error
        except struct.error:
            raise _bad(path, "ends within its header; get the file again") from None
        numbers = np.frombuffer(heads, np.dtype([("pose", "<f4", (4, 4)), ("rest", "<u8", 4)]))
        self.poses: Floats = numbers["pose"].astype(np.float64)
        self.stamps_us: npt.NDArray[np.uint64] = numbers["rest"][:, 0]
        self._color_bytes = numbers["rest"][:, 2].tolist()
        self._depth_bytes = numbers["rest"][:, 3].tolist()
        self._starts = starts

    @property
    def total(self) -> int:
        """The number of frames that are wholly there."""
        return len(self._starts)

    @property
    def has_colors(self) -> bool:
        """Whether the colour pictures are of a kind that can be decoded."""
        return self.header.color_kind in (_RAW, _PNG, _JPEG)

    @property
    def has_depths(self) -> bool:
        """Whether the depth images are of a kind that can be decoded."""
        return self.header.depth_kind in (_RAW_DEPTH, _ZLIB_DEPTH)

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        """Yield (index, image) in the order asked for, one image in memory at a time.

        Raises SceneError ``bad_image`` for a picture that is missing, too large or damaged.
        """
        for index in indices:
            content = self._content(index, 0, self._color_bytes, "bad_image")
            image = _color(content, self.header)
            if image is None:
                raise SceneError(
                    "bad_image", f"{self.path.name}: the picture of frame {index} does not decode"
                )
            yield index, image

    def depths(self, camera: Camera, from_color: Floats) -> "SensDepths":
        """Return the depth images, taken by ``camera``, in the place beside the colour one."""
        return SensDepths(self, camera, from_color)

    def read_depth(self, index: int) -> Depth:
        """Return the depth image of a frame; raises SceneError ``bad_depth``."""
        content = self._content(index, 1, self._depth_bytes, "bad_depth")
        depth = _depth(content, self.header)
        if depth is None:
            raise SceneError(
                "bad_depth", f"{self.path.name}: the depth of frame {index} does not decode"
            )
        return depth

    def _content(self, index: int, part: int, lengths: Sequence[int], code: str) -> bytes:
        if not 0 <= index < self.total:
            raise SceneError(code, f"{self.path.name}: there is no frame {index}")
        if lengths[index] > MAX_BYTES:
            raise SceneError(code, f"{self.path.name}: frame {index} is larger than a picture is")
        start = self._starts[index] + (self._color_bytes[index] if part else 0)
        try:
            with self.path.open("rb") as stream:
                stream.seek(start)
                return stream.read(lengths[index])
        except OSError as error:
            raise SceneError(code, f"{self.path.name}: can't be read: {error.strerror}") from error


class SensDepths:
    """The depth images of a ``.sens`` file: a ``Depths``."""

    def __init__(self, file: SensFile, camera: Camera, from_color: Floats) -> None:
        """Take the file, what the images were taken with, and where that is."""
        self.camera = camera
        self.from_color = from_color
        self._file = file

    def read(self, index: int) -> Depth:
        """Return one depth image; raises SceneError ``bad_depth`` where it does not decode."""
        return self._file.read_depth(index)


def _header(stream: BinaryIO, path: Path) -> SensHeader:
    version, length = struct.unpack("<IQ", stream.read(12))
    if version != _VERSION or length > _LONGEST_NAME:
        raise _bad(path, f"not a .sens file of version {_VERSION}")
    name = stream.read(length).decode("utf-8", "replace")
    matrices = np.array(_MATRICES.unpack(stream.read(_MATRICES.size))).reshape(4, 4, 4)
    color_kind, depth_kind, *sizes, steps, frames = _SIZES.unpack(stream.read(_SIZES.size))
    sides = (int(sizes[0]), int(sizes[1]), int(sizes[2]), int(sizes[3]))
    if not 0 < sides[0] * sides[1] <= MAX_PIXELS or sides[2] * sides[3] > MAX_PIXELS:
        raise _bad(path, "pictures of {} x {} and {} x {} pixels".format(*sides))
    if not 0 < steps < float("inf"):
        raise _bad(path, f"says that a metre has {steps:g} steps of depth")
    return SensHeader(
        name=name,
        color_lens=matrices[0],
        depth_lens=matrices[2],
        color_kind=color_kind,
        depth_kind=depth_kind,
        color_size=sides[:2],
        depth_size=sides[2:],
        unit_m=1.0 / steps,
        frames=frames,
    )


def _walk(stream: BinaryIO, length: int, frames: int) -> tuple[bytes, list[int]]:
    """Return the heads of the frames that are wholly there, and where their pictures begin."""
    heads = bytearray()
    starts: list[int] = []
    start = stream.tell()
    while len(starts) < min(frames, MAX_FRAMES):
        stream.seek(start)
        head = stream.read(_FRAME.size)
        if len(head) < _FRAME.size:
            break
        first, second = struct.unpack_from("<2Q", head, _FRAME.size - 16)
        if start + _FRAME.size + first + second > length:
            break
        heads += head
        starts.append(start + _FRAME.size)
        start += _FRAME.size + first + second
    return bytes(heads), starts


def _color(content: bytes, header: SensHeader) -> Image | None:
    width, height = header.color_size
    if header.color_kind == _RAW:
        if len(content) != width * height * 3:
            return None
        red_first = np.frombuffer(content, np.uint8).reshape(height, width, 3)
        return np.ascontiguousarray(red_first[:, :, ::-1])
    found = declared(io.BytesIO(content))
    if found is None or (found.width, found.height) != (width, height):
        return None
    image = decoding.color(content)
    return image if image is not None and image.shape == (height, width, 3) else None


def _depth(content: bytes, header: SensHeader) -> Depth | None:
    width, height = header.depth_size
    needed = width * height * 2
    if header.depth_kind == _ZLIB_DEPTH:
        try:
            # One byte more than needed, so that what goes on for ever is stopped and seen.
            content = zlib.decompressobj().decompress(content, needed + 1)
        except zlib.error:
            return None
    elif header.depth_kind != _RAW_DEPTH:
        return None
    if len(content) != needed:
        return None
    steps = np.frombuffer(content, "<u2").reshape(height, width)
    return np.asarray(steps * np.float32(header.unit_m), dtype=np.float32)


def _bad(path: Path, what: str) -> SceneError:
    return SceneError("bad_sens", f"{path.name}: {what}")
