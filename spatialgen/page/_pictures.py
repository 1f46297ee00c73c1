"""The pictures of a video as a page carries them: small, and within a budget."""

import base64
import math
from collections.abc import Iterator, Sequence

from spatialgen.errors import SceneError
from spatialgen.media.images import read_each, reduced
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
    longest = _side(len(indices))
    for index, found in read_each(colors, indices):
        yield index, found.code if isinstance(found, SceneError) else reduced(found, longest)


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
