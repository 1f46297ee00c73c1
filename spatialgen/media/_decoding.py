"""Turning the bytes of a picture into pixels."""

from typing import Any

import numpy as np

from spatialgen.media._header import is_whole
from spatialgen.media._opencv import opencv


def color(content: bytes) -> Any:
    """Return a JPEG or PNG as blue, green, red, not turned; None where it does not decode.

    Its size is to be looked at before.
    """
    cv2 = opencv()
    return _decoded(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def raw(content: bytes) -> Any:
    """Return a picture's values as they are stored; None where it does not decode."""
    return _decoded(content, opencv().IMREAD_UNCHANGED)


def _decoded(content: bytes, flags: int) -> Any:
    if not is_whole(content):
        return None
    cv2 = opencv()
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:
        return None
