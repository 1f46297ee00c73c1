"""Opening the image files that a prompt names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.optional import require
from evalkit.prompt import Video

#: How image files begin, and what they are called on the web.
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
)


def moving(video: Video) -> Video:
    """Return a video of at least two frames: models join frames in pairs, and refuse a single one.

    As Qwen's own code does, an only frame is shown twice.
    """
    if len(video.frames) != 1:
        return video
    return replace(video, frames=video.frames * 2, indices=video.indices * 2)


def read_bytes(path: Path) -> bytes:
    """Return what is in an image file; raises ValueError where it is missing or empty."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error
    if not content:
        raise ValueError(f"{path}: the file is empty")
    return content


def media_type(content: bytes, path: Path) -> str:
    """Return the media type of an image by its first bytes; raises ValueError for others."""
    for signature, name in _SIGNATURES:
        if content.startswith(signature):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError(f"{path}: neither JPEG, PNG, GIF nor WebP")


def open_image(path: Path) -> Any:
    """Return an image as an RGB ``PIL.Image.Image``, turned upright as its EXIF data say.

    Raises ValueError with the path where it can't be opened.
    """
    pil = require("PIL.Image", "pillow")
    ops = require("PIL.ImageOps", "pillow")
    try:
        with pil.open(path) as image:
            return ops.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, pil.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{path}: can't be read as an image: {reason}") from error
