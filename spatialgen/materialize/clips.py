"""Pictures of a video as a short video of their own, each shown at its time."""

import os
from collections.abc import Sequence
from pathlib import Path

from spatialgen.dataset.files import partial
from spatialgen.media._opencv import opencv
from spatialgen.media.images import read_image

#: Frames per second of a clip of one picture, and of one whose times say nothing.
ONE_A_SECOND = 1.0


def write_clip(path: Path, pictures: Sequence[Path], times_s: Sequence[float]) -> None:
    """Write pictures of one size as MPEG-4, whole or not at all.

    The rate is the mean of their times, so that a player's clock tells when in the
    whole video a picture was taken. Raises SceneError ``bad_image``, and OSError where
    the video can't be written.
    """
    cv2 = opencv()
    lasts = times_s[-1] - times_s[0]
    rate = (len(times_s) - 1) / lasts if lasts > 0 else ONE_A_SECOND
    first = read_image(pictures[0])
    size = (first.shape[1], first.shape[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = partial(path).with_suffix(".mp4")
    video = cv2.VideoWriter(str(unfinished), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
    try:
        if not video.isOpened():
            raise OSError(f"{path}: OpenCV can't write this video")
        for picture in pictures:
            video.write(read_image(picture))
    finally:
        video.release()
    if not unfinished.stat().st_size:
        raise OSError(f"{path}: OpenCV wrote nothing; is the disk full?")
    os.replace(unfinished, path)
