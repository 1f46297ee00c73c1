"""Pictures, depth maps and videos for tests, made on the spot; frames say which one they are."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

from spatialgen.scan import Image

WIDTH, HEIGHT = 64, 48

#: Ending and codec of the videos that every build of OpenCV can write.
KINDS = (("mp4", "mp4v"), ("avi", "MJPG"), ("webm", "VP80"), ("mkv", "FFV1"))


def numbered(index: int, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """A picture whose upper half tells ``index`` in eight bars; the lower right is red."""
    picture = np.zeros((height, width, 3), np.uint8)
    for bit in range(8):
        if index >> bit & 1:
            picture[: height // 2, width * bit // 8 : width * (bit + 1) // 8] = 255
    picture[height // 2 :, width // 2 :] = (0, 0, 255)
    return picture


def number_in(picture: Image) -> int:
    """Return the number that a picture shows."""
    height, width = picture.shape[:2]
    columns = [width * (2 * bit + 1) // 16 for bit in range(8)]
    return sum(int(picture[height // 4, x].mean() > 127) << bit for bit, x in enumerate(columns))


def save_picture(path: Path, picture: Image) -> Path:
    """Write a picture in the kind that the file's ending says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture), path
    return path


def save_depth(path: Path, depth_mm: object) -> Path:
    """Write depth in whole millimetres as a 16-bit PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.asarray(depth_mm, dtype=np.uint16)), path
    return path


def save_video(path: Path, count: int, codec: str = "mp4v", fps: float = 20) -> Path:
    """Write a video of ``count`` numbered frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fourcc = cv2.VideoWriter.fourcc(*codec)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, fps, (WIDTH, HEIGHT))
    assert writer.isOpened(), path
    for index in range(count):
        writer.write(numbered(index))
    writer.release()
    return path


def turned_by_tag(mp4: bytes) -> bytes:
    """Return an mp4 with a matrix that asks players to turn it by a quarter."""
    at = mp4.index(b"tkhd") + 4 + 40
    one = 0x10000
    turn = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 0x40000000)
    return mp4[:at] + turn + mp4[at + len(turn) :]


def png_claiming(width: int, height: int, bits: int = 8, kind: int = 2) -> bytes:
    """Return a PNG that declares a size and holds no pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    end = b"IEND"
    chunks = [
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (head, b"IDAT" + zlib.compress(b""), end)
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def turned_by_exif(jpeg: bytes, orientation: int) -> bytes:
    """Return a JPEG with a tag that asks viewers to turn it."""
    tiff = (
        b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0" * 4
    )
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def jpeg_claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG whose header tells another size than its pixels have."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]
