"""Pictures and depth maps that lie in one file per frame.

A picture is taken as it is stored: the poses and lenses of a recording belong to
the stored pixels, so what a JPEG says about turning it is ignored.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.media import _decoding as decoding
from spatialgen.media._header import MAX_PIXELS, Declared, declared
from spatialgen.media._opencv import opencv
from spatialgen.records import Camera
from spatialgen.scan import Colors, Depth, Floats, Image

#: A file of one picture takes no more bytes than this.
MAX_BYTES = 256_000_000


class ImageFiles:
    """Colour pictures, one JPEG or PNG for each frame index: a ``Colors``."""

    def __init__(self, paths: Mapping[int, Path]) -> None:
        """Take the files by frame index; none is opened yet."""
        self._paths = dict(paths)

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        """Yield (index, image) in the order asked for, one image in memory at a time.

        Raises SceneError ``bad_image`` for a picture that is missing, too large or damaged.
        """
        for index in indices:
            path = self._paths.get(index)
            if path is None:
                raise SceneError("bad_image", f"there is no picture of frame {index}")
            yield index, read_image(path)


class DepthFiles:
    """Depth along the view axis, one 16-bit PNG for each frame index: a ``Depths``."""

    def __init__(
        self,
        paths: Mapping[int, Path],
        camera: Camera,
        from_color: Floats,
        unit_m: float = 0.001,
    ) -> None:
        """Take the files by frame index, the depth camera and its place beside the colour one.

        One step of a pixel's value is ``unit_m`` metres, and 0 says that nothing was measured.
        """
        self.camera = camera
        self.from_color = from_color
        self._paths = dict(paths)
        self._unit_m = unit_m

    def read(self, index: int) -> Depth:
        """Return the depth image of a frame.

        Raises SceneError ``bad_depth`` where it is missing, no 16-bit PNG, of another size
        than the camera's, or damaged.
        """
        path = self._paths.get(index)
        if path is None:
            raise SceneError("bad_depth", f"there is no depth image of frame {index}")
        header, content = _content(path, "bad_depth")
        size = (self.camera.width, self.camera.height)
        if (header.width, header.height) != size:
            found = f"{header.width} x {header.height}"
            raise SceneError(
                "bad_depth",
                f"{path.name}: {found} pixels, but the camera has {size[0]} x {size[1]}",
            )
        if (header.bits, header.channels) != (16, 1):
            found = f"{header.channels} values of {header.bits} bits"
            raise SceneError("bad_depth", f"{path.name}: a pixel has {found}, not one of 16")
        raw = decoding.raw(content)
        if raw is None or raw.dtype != np.uint16 or raw.shape != size[::-1]:
            raise SceneError("bad_depth", f"{path.name}: does not decode; get the file again")
        return np.asarray(raw * np.float32(self._unit_m), dtype=np.float32)


def read_each(colors: Colors, indices: Sequence[int]) -> Iterator[tuple[int, Image | SceneError]]:
    """Yield each of ascending frame indices with its picture, or with why there is none.

    That is ``missing_image`` for what a video passes over.
    """
    waiting = list(indices)
    while waiting:
        try:
            for index, image in colors.read(tuple(waiting)):
                while waiting[0] != index:
                    yield waiting.pop(0), SceneError("missing_image", "does not decode")
                yield waiting.pop(0), image
            for index in waiting:
                yield index, SceneError("missing_image", "the video has no such frame")
            return
        except SceneError as error:
            # The pictures come in order, so it is the next one that failed.
            yield waiting.pop(0), error


def read_image(path: Path) -> Image:
    """Return the picture in a file; raises SceneError ``bad_image``."""
    _, content = _content(path, "bad_image")
    image = decoding.color(content)
    if image is None or image.dtype != np.uint8:
        raise SceneError("bad_image", f"{path.name}: does not decode; get the file again")
    return np.asarray(image)


def image_size(path: Path) -> tuple[int, int]:
    """Return the width and height that a picture declares; raises SceneError ``bad_image``."""
    header = _opened(path, "bad_image")
    return header.width, header.height


def reduced(image: Image, max_side: int) -> Image:
    """Return the picture with its longer side at most ``max_side`` pixels, as it is if it fits."""
    height, width = image.shape[:2]
    if max(height, width) <= max_side:
        return image
    cv2 = opencv()
    scale = max_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def write_image(path: Path, image: Image) -> None:
    """Write a picture as JPEG or PNG, as the file's ending says; raises OSError."""
    path.write_bytes(encoded(image, path.suffix))


def encoded(image: Image, suffix: str) -> bytes:
    """Return the file of a picture, as `write_image` writes it."""
    found, content = opencv().imencode(suffix, image)
    if not found:
        raise ValueError(f"{suffix}: no kind of picture that can be written")
    return bytes(content.tobytes())


def _opened(path: Path, code: str) -> Declared:
    try:
        # Anything but a file is refused first: opening a pipe would wait for ever.
        if not path.is_file():
            raise SceneError(code, f"{path.name}: there is no such file")
        if os.path.getsize(path) > MAX_BYTES:
            raise SceneError(code, f"{path.name}: larger than {MAX_BYTES:,} bytes")
        with path.open("rb") as stream:
            header = declared(stream)
    except OSError as error:
        raise SceneError(code, f"{path.name}: can't be read: {error.strerror}") from error
    if header is None:
        raise SceneError(code, f"{path.name}: neither a JPEG nor a PNG")
    if not 0 < header.width * header.height <= MAX_PIXELS:
        size = f"{header.width} x {header.height}"
        raise SceneError(code, f"{path.name}: {size} pixels; the limit is {MAX_PIXELS:,} in all")
    return header


def _content(path: Path, code: str) -> tuple[Declared, bytes]:
    """Return what a picture declares, and its bytes, after its size was found to be sound."""
    header = _opened(path, code)
    try:
        return header, path.read_bytes()
    except OSError as error:
        raise SceneError(code, f"{path.name}: can't be read: {error.strerror}") from error
