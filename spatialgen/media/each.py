"""Every picture that was asked for, or what is wrong with it."""

from collections.abc import Iterator, Sequence

from spatialgen.errors import SceneError
from spatialgen.scan import Colors, Image


def each_picture(
    colors: Colors, indices: Sequence[int]
) -> Iterator[tuple[int, Image | SceneError]]:
    """Yield every one of ascending indices with its picture, or with what is wrong with it."""
    waiting = list(indices)
    while waiting:
        try:
            for index, image in colors.read(tuple(waiting)):
                while waiting[0] != index:
                    yield waiting.pop(0), SceneError("bad_image", "does not decode")
                yield waiting.pop(0), image
            for index in waiting:
                yield index, SceneError("bad_image", "the video has no such frame")
            waiting = []
        except SceneError as error:
            yield waiting.pop(0), error
