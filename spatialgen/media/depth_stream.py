"""Depth of a phone's scanner in one file: ``depth.bin`` of ScanNet++.

Two kinds are about. Either the whole is one raw deflate stream of 32-bit floats in
metres, or every picture is packed by itself behind its length in 4 bytes: floats in
raw deflate, or 16-bit millimetres in an LZ4 block, for which the package lz4 is
needed. Nothing in the file says which; lengths that end exactly where the file ends
tell the second kind.
"""

import importlib
import threading
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.optional import require
from spatialgen.records import Camera
from spatialgen.scan import Depth, Floats

WIDTH, HEIGHT = 256, 192

_PIXELS = WIDTH * HEIGHT
_FLOATS, _STEPS = 4 * _PIXELS, 2 * _PIXELS
# What can't be made smaller grows by a little.
_LONGEST = _FLOATS + 4096
_MOST_FRAMES = 1 << 20
_CHUNK = 1 << 16
_RAW = -zlib.MAX_WBITS


class DepthStream:
    """Depth pictures by frame number, from one file: a ``Depths``; threads may share it.

    In a file that is one stream, pictures are found by unpacking all before them, so
    they should be asked for in ascending order; memory does not grow with the file.
    """

    def __init__(self, path: Path, camera: Camera, from_color: Floats) -> None:
        """Take a file, the depth camera and its place beside the colour one.

        Raises SceneError ``bad_depth`` where the file can't be read or holds no picture, and
        ``unsupported_depth`` where its first one is not packed as is known without lz4.
        """
        self.camera = camera
        self.from_color = from_color
        self._path = path
        self._mutex = threading.Lock()
        self._places = _places(path)
        self._stream: _Unpacking | None = None
        self._read(0)

    def read(self, index: int) -> Depth:
        """Return one depth image; raises SceneError ``bad_depth``."""
        with self._mutex:
            return self._read(index)

    def _read(self, index: int) -> Depth:
        try:
            raw = self._apart(index) if self._places is not None else self._in_stream(index)
        except OSError as error:
            raise _bad(self._path, f"can't be read: {error.strerror}") from error
        depth = raw.reshape(HEIGHT, WIDTH)
        return np.where(np.isfinite(depth) & (depth > 0), depth, np.float32(0))

    def _apart(self, index: int) -> Any:
        assert self._places is not None
        if not 0 <= index < len(self._places):
            raise _bad(self._path, f"has {len(self._places):,} pictures, none of number {index}")
        start, length = self._places[index]
        with self._path.open("rb") as stream:
            stream.seek(start)
            packed = stream.read(length)
        unpacked = _inflated(packed)
        if unpacked is not None:
            return np.frombuffer(unpacked, "<f4").astype(np.float32)
        return _millimetres(packed, self._path) * np.float32(0.001)

    def _in_stream(self, index: int) -> Any:
        if self._stream is None or self._stream.number > index:
            self._stream = _Unpacking(self._path)
        raw = b""
        while self._stream.number <= index:
            raw = self._stream.next_picture()
        return np.frombuffer(raw, "<f4").astype(np.float32)


class _Unpacking:
    """One pass through a file that is one stream; ``number`` is that of the next picture."""

    def __init__(self, path: Path) -> None:
        self.number = 0
        self._path = path
        self._at = 0
        self._unpack = zlib.decompressobj(_RAW)
        self._waiting = b""

    def next_picture(self) -> bytes:
        parts: list[bytes] = []
        missing = _FLOATS
        with self._path.open("rb") as stream:
            stream.seek(self._at)
            while missing:
                part = self._more(stream, missing)
                parts.append(part)
                missing -= len(part)
            self._at = stream.tell()
        self.number += 1
        return b"".join(parts)

    def _more(self, stream: BinaryIO, length: int) -> bytes:
        packed = self._waiting or stream.read(_CHUNK)
        try:
            part = self._unpack.decompress(packed, length)
        except zlib.error as error:
            raise _bad(self._path, f"picture {self.number} does not unpack ({error})") from error
        self._waiting = self._unpack.unconsumed_tail
        if not part and (self._unpack.eof or not packed):
            raise _bad(self._path, f"ends before picture {self.number}")
        return part


def can_unpack_lz4() -> bool:
    """Tell whether the package is there that pictures packed by LZ4 need."""
    try:
        importlib.import_module("lz4.block")
    except ImportError:
        return False
    return True


def _places(path: Path) -> list[tuple[int, int]] | None:
    """Return where each picture begins and its length, None where the file is one stream."""
    try:
        if not path.is_file():
            raise _bad(path, "there is no such file")
        size = path.stat().st_size
        places: list[tuple[int, int]] = []
        with path.open("rb") as stream:
            at = 0
            while at < size and len(places) < _MOST_FRAMES:
                stream.seek(at)
                length = int.from_bytes(stream.read(4), "little")
                if not 0 < length <= _LONGEST or at + 4 + length > size:
                    return None
                places.append((at + 4, length))
                at += 4 + length
    except OSError as error:
        raise _bad(path, f"can't be read: {error.strerror}") from error
    return places if places and at == size else None


def _inflated(packed: bytes) -> bytes | None:
    """Return the floats of one picture, None where the bytes are packed in another way."""
    unpack = zlib.decompressobj(_RAW)
    try:
        unpacked = unpack.decompress(packed, _FLOATS + 1)
    except zlib.error:
        return None
    return unpacked if len(unpacked) == _FLOATS and unpack.eof else None


def _millimetres(packed: bytes, path: Path) -> Any:
    if not can_unpack_lz4():
        raise SceneError("unsupported_depth", f"{path.name}: packed by LZ4; run: pip install lz4")
    block = require("lz4.block", "unpacking depth", "lz4")
    try:
        unpacked = block.decompress(packed, uncompressed_size=_STEPS)
    except (block.LZ4BlockError, ValueError, OverflowError) as error:
        raise _bad(path, f"a picture does not unpack ({error})") from error
    if len(unpacked) != _STEPS:
        raise _bad(path, f"a picture of {len(unpacked):,} bytes, not {_STEPS:,}")
    return np.frombuffer(unpacked, "<u2").astype(np.float32)


def _bad(path: Path, what: str) -> SceneError:
    return SceneError("bad_depth", f"{path.name}: {what}")
