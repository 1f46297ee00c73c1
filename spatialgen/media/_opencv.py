"""OpenCV, imported when the first picture is decoded, and kept quiet."""

import functools
import os
from typing import Any

from spatialgen.optional import require


@functools.cache
def opencv() -> Any:
    """Return the module cv2; raises SpatialgenError with the line to run where it is missing."""
    # Both are read when cv2 is loaded. A damaged picture is told once, by us, in one line.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    return require("cv2", "decoding pictures")
