"""The pictures of a video as a page carries them: small, and within a budget."""

import base64
import math
from collections.abc import Iterator, Sequence

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.optional import require
from spatialgen.scan import Colors, Image

#: The longer side of a picture has at most so many pixels, and at least so many.
SIDE, SMALLEST = 480, 160

#: So many pictures have the full size; of more, each is smaller.
FULL_SIZED = 48

#: All pictures of a page together, in bytes before they become text.
BUDGET = 4_000_000

#: JPEG qualities, tried until a picture keeps to its share of the budget.
QUALITIES = (82, 70, 55, 40, 25, 10)


def read(colors: Colors, indices: Sequence[int]) -> Iterator[tuple[int, Image | str]]:
    """Yield (index, small picture) of ascending indices, or (index, why there is none)."""
    left = list(indices)
    longest = _side(len(left))
    while left:
        try:
            for index, image in colors.read(tuple(left)):
                yield index, _shrunk(image, longest)
                left.remove(index)
            yield from ((index, "missing_image") for index in left)
            return
        except SceneError as error:
            # The pictures come in order, so it is the next one that failed.
            yield left.pop(0), error.code


def as_uri(image: Image, count: int) -> str | None:
    """Return a picture as text, one of ``count`` on a page; None where it is too large."""
    cv2 = require("cv2", "showing pictures")
    for quality in QUALITIES:
        done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and len(data) <= BUDGET // max(count, 1):
            return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
    return None


def _side(count: int) -> int:
    return max(SMALLEST, round(SIDE * min(1.0, math.sqrt(FULL_SIZED / max(count, 1)))))


def _shrunk(image: Image, longest: int) -> Image:
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    cv2 = require("cv2", "showing pictures")
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
