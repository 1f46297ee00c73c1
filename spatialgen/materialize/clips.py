"""Pictures of a video as a short video of their own, each shown at its time."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import partial
from spatialgen.media._opencv import opencv
from spatialgen.media.images import read_image

#: Frames per second that a clip may have, and those of one whose times say nothing.
SLOWEST, FASTEST, ONE_A_SECOND = 0.01, 240.0, 1.0
#: From here on rates are whole numbers; OpenCV counts slower ones in thousandths.
WHOLE = 60.0


def write_clip(path: Path, pictures: Sequence[Path], times_s: Sequence[float]) -> None:
    """Write pictures as MPEG-4 of the first one's size, whole or not at all.

    A player's clock then tells when in the whole video a picture was taken, as far as they
    were taken evenly. Raises SceneError ``bad_image``, and OSError where the video can't
    be written.
    """
    cv2 = opencv()
    rate = _rate(times_s)
    first = read_image(pictures[0])
    size = (first.shape[1], first.shape[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = partial(path).with_suffix(".mp4")
    video = cv2.VideoWriter(str(unfinished), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
    try:
        if not video.isOpened():
            raise OSError(f"{path}: OpenCV can't write this video")
        for picture in pictures:
            image = read_image(picture)
            # The writer passes over what is of another size.
            video.write(image if image.shape == first.shape else cv2.resize(image, size))
    finally:
        video.release()
    # Of a full disk OpenCV says nothing.
    if _length(cv2, unfinished) != len(pictures):
        unfinished.unlink()
        raise OSError(f"{path}: OpenCV did not write all of this video; is the disk full?")
    os.replace(unfinished, path)


def _length(cv2: Any, path: Path) -> int:
    video = cv2.VideoCapture(str(path))
    try:
        return int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() else 0
    finally:
        video.release()


def _rate(times_s: Sequence[float]) -> float:
    """Return the mean rate, in steps that MPEG-4 can count time in."""
    lasts = times_s[-1] - times_s[0]
    rate = (len(times_s) - 1) / lasts if lasts > 0 else ONE_A_SECOND
    if not SLOWEST <= rate <= FASTEST:
        return ONE_A_SECOND
    return round(rate, 3) if rate < WHOLE else round(rate)
