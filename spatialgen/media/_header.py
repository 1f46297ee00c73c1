"""What a JPEG or PNG says of itself, read before any of its pixels are decoded."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

#: Larger pictures are refused: 64 million pixels are 192 MB.
MAX_PIXELS = 64_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# Segments that begin a picture: SOF0 to SOF15 without DHT, JPG and DAC, which lie between.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers that stand alone, without a length: RST0 to RST7, SOI, TEM.
_BARE = frozenset((*range(0xD0, 0xD9), 0x01))
# Segments before a JPEG's picture, and chunks of a PNG; a file with more is no photograph.
_MOST_SEGMENTS = 1000
_MOST_CHUNKS = 100_000


@dataclass(frozen=True, slots=True)
class Declared:
    """Width and height in pixels, bits of one value, and values per pixel."""

    width: int
    height: int
    bits: int
    channels: int


def declared(stream: BinaryIO) -> Declared | None:
    """Return what the header of a JPEG or PNG declares, None where it is neither."""
    start = stream.read(len(_PNG))
    if start == _PNG:
        return _png(stream.read(18))
    if start[:2] == _JPEG:
        stream.seek(2)
        return _jpeg(stream)
    return None


def _png(chunk: bytes) -> Declared | None:
    if len(chunk) < 18 or chunk[4:8] != b"IHDR":
        return None
    width, height, bits, kind = struct.unpack(">IIBB", chunk[8:18])
    channels = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}.get(kind)
    return None if channels is None else Declared(width, height, bits, channels)


def _jpeg(stream: BinaryIO) -> Declared | None:
    for _ in range(_MOST_SEGMENTS):
        marker = stream.read(2)
        while marker == b"\xff\xff":  # fill bytes
            marker = marker[1:] + stream.read(1)
        if len(marker) < 2 or marker[0] != 0xFF:
            return None
        if marker[1] in _BARE:
            continue
        head = stream.read(2)
        if len(head) < 2:
            return None
        (length,) = struct.unpack(">H", head)
        if marker[1] in _FRAMES:
            frame = stream.read(6)
            if len(frame) < 6:
                return None
            bits, height, width, channels = struct.unpack(">BHHB", frame)
            return Declared(width, height, bits, channels)
        stream.seek(length - 2, 1)
    return None


def is_whole(content: bytes) -> bool:
    """Tell whether a JPEG has its end, and a PNG all of the chunks that it announces.

    Decoders paint what a JPEG lacks grey, and make room for a chunk of any length.
    """
    if not content.startswith(_PNG):
        # Neither mark can stand inside the pixels' data, and a thumbnail lies before both.
        return content.rfind(b"\xff\xd9") > content.rfind(b"\xff\xda")
    at = len(_PNG)
    for _ in range(_MOST_CHUNKS):
        head = content[at : at + 8]
        if len(head) < 8:
            return False
        length, kind = struct.unpack(">I4s", head)
        at += 12 + length
        if kind == b"IEND":
            return bool(at <= len(content))
    return False
