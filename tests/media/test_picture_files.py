"""Pictures and depth maps in files: what is read, and what is refused before it is decoded."""

import os
import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.media.images import MAX_BYTES, DepthFiles, ImageFiles, image_size
from spatialgen.records import Camera
from tests.media.made_pictures import (
    HEIGHT,
    WIDTH,
    jpeg_claiming,
    number_in,
    numbered,
    png_claiming,
    save_depth,
    save_picture,
    turned_by_exif,
)

CAMERA = Camera(50.0, 50.0, 31.5, 23.5, WIDTH, HEIGHT)


def _jpeg() -> bytes:
    return cv2.imencode(".jpg", numbered(5))[1].tobytes()


def _depth(path: Path, unit_m: float = 0.001) -> DepthFiles:
    return DepthFiles({0: path}, CAMERA, np.eye(4), unit_m)


@pytest.mark.parametrize("ending", ["jpg", "png", "JPG"])
def test_pictures_by_frame_index(ending: str, tmp_path: Path) -> None:
    indices = (3, 17, 200)
    paths = {i: save_picture(tmp_path / f"{i}.{ending}", numbered(i)) for i in indices}
    found = list(ImageFiles(paths).read([3, 200]))
    assert [(index, number_in(image)) for index, image in found] == [(3, 3), (200, 200)]
    assert found[0][1].shape == (HEIGHT, WIDTH, 3)
    assert image_size(paths[3]) == (WIDTH, HEIGHT)


def test_colours_are_blue_green_red(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "0.png", numbered(0))
    ((_, image),) = ImageFiles({0: path}).read([0])
    assert image[-1, -1].tolist() == [0, 0, 255]


def test_bytes_after_the_end_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "0.jpg"
    path.write_bytes(_jpeg() + b"\0" * 500)
    ((_, image),) = ImageFiles({0: path}).read([0])
    assert number_in(image) == 5


def test_grey_and_transparent_pictures_get_three_colours(tmp_path: Path) -> None:
    grey = save_picture(tmp_path / "0.png", np.full((4, 6), 9, np.uint8))
    clear = save_picture(tmp_path / "1.png", np.full((4, 6, 4), 9, np.uint8))
    shapes = [image.shape for _, image in ImageFiles({0: grey, 1: clear}).read([0, 1])]
    assert shapes == [(4, 6, 3), (4, 6, 3)]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_pixels_stay_as_stored_whatever_a_tag_says(orientation: int, tmp_path: Path) -> None:
    path = tmp_path / "0.jpg"
    path.write_bytes(turned_by_exif(_jpeg(), orientation))
    ((_, image),) = ImageFiles({0: path}).read([0])
    assert (image.shape, number_in(image)) == ((HEIGHT, WIDTH, 3), 5)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "neither", id="empty"),
        pytest.param(b"GIF89a" + b"\0" * 99, "neither", id="another kind"),
        pytest.param(_jpeg()[:2], "neither", id="cut in the first marker"),
        pytest.param(_jpeg()[:30], "neither", id="cut before the size"),
        pytest.param(b"\xff\xd8" + b"\xff" * 5000, "neither", id="fill without end"),
        pytest.param(b"\xff\xd8" + b"\xff\xe0\0\2" * 5000, "neither", id="segments without end"),
        pytest.param(b"\xff\xd8\xff\xe0\0\0\xff\xe0", "neither", id="segment of no length"),
        pytest.param(_jpeg()[:-2], "does not decode", id="JPEG without end"),
        pytest.param(_jpeg()[: len(_jpeg()) * 3 // 4], "does not decode", id="cut in the pixels"),
        pytest.param(png_claiming(64, 48), "does not decode", id="no pixels"),
        pytest.param(png_claiming(0, 48), "0 x 48", id="no width"),
        pytest.param(png_claiming(50_000, 50_000), "limit", id="bomb, PNG"),
        pytest.param(jpeg_claiming(_jpeg(), 65_000, 65_000), "limit", id="bomb, JPEG"),
        pytest.param(png_claiming(64, 48, kind=7), "neither", id="unknown kind of colour"),
    ],
)
def test_damaged_pictures_are_refused(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "0.png"
    path.write_bytes(content)
    with pytest.raises(SceneError, match=told) as caught:
        list(ImageFiles({0: path}).read([0]))
    assert caught.value.code == "bad_image"
    assert str(tmp_path) not in str(caught.value)


def _missing(path: Path) -> None: ...


def _folder(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)


@pytest.mark.parametrize("make", [_missing, _folder, _loop, _pipe, _sparse])
def test_what_is_no_picture_file(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "0.png"
    make(path)
    with pytest.raises(SceneError) as image:
        list(ImageFiles({0: path}).read([0]))
    with pytest.raises(SceneError) as depth:
        _depth(path).read(0)
    assert (image.value.code, depth.value.code) == ("bad_image", "bad_depth")


def test_frames_that_have_no_file() -> None:
    with pytest.raises(SceneError, match="no picture of frame 4"):
        list(ImageFiles({}).read([4]))
    with pytest.raises(SceneError, match="no depth image of frame 4"):
        DepthFiles({}, CAMERA, np.eye(4)).read(4)


def test_one_picture_in_memory_at_a_time(tmp_path: Path) -> None:
    size = 1_000
    paths = {
        i: save_picture(tmp_path / f"{i}.png", np.zeros((size, size, 3), np.uint8))
        for i in range(12)
    }
    tracemalloc.start()
    for _ in ImageFiles(paths).read(range(12)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 3 * size * size


@pytest.mark.parametrize("length", [2**31, 2**32 - 1, 5000])
def test_chunks_longer_than_the_file_are_not_made_room_for(length: int, tmp_path: Path) -> None:
    path = save_depth(tmp_path / "0.png", np.zeros((HEIGHT, WIDTH)))
    content = bytearray(path.read_bytes())
    at = content.index(b"IDAT") - 4
    content[at : at + 4] = length.to_bytes(4, "big")
    path.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for read in (lambda: _depth(path).read(0), lambda: list(ImageFiles({0: path}).read([0]))):
        with pytest.raises(SceneError, match="does not decode"):
            read()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "in KB"


# -- depth -----------------------------------------------------------------------


def test_depth_becomes_metres(tmp_path: Path) -> None:
    steps = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) * 21
    path = save_depth(tmp_path / "0.png", steps)
    depth = _depth(path).read(0)
    assert (depth.dtype, depth.shape) == (np.float32, (HEIGHT, WIDTH))
    assert np.allclose(depth, steps / 1000)
    assert np.allclose(_depth(path, unit_m=0.00025).read(0), steps / 4000)


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        pytest.param(np.zeros((HEIGHT, WIDTH), np.uint8), "8 bits", id="8 bits"),
        pytest.param(np.zeros((HEIGHT, WIDTH, 3), np.uint16), "3 values", id="colours"),
        pytest.param(np.zeros((WIDTH, HEIGHT), np.uint16), "48 x 64 pixels", id="turned"),
        pytest.param(np.zeros((HEIGHT // 2, WIDTH), np.uint16), "64 x 24 pixels", id="smaller"),
    ],
)
def test_depth_of_another_kind(picture: np.ndarray, told: str, tmp_path: Path) -> None:
    path = save_picture(tmp_path / "0.png", picture)
    with pytest.raises(SceneError, match=told) as caught:
        _depth(path).read(0)
    assert caught.value.code == "bad_depth"


def test_depth_that_was_cut_short(tmp_path: Path) -> None:
    path = save_depth(tmp_path / "0.png", np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH))
    for length in range(0, path.stat().st_size - 60, 97):
        cut = tmp_path / "cut.png"
        cut.write_bytes(path.read_bytes()[:length])
        with pytest.raises(SceneError):
            _depth(cut).read(0)


def test_flipped_bits_are_read_or_refused(tmp_path: Path) -> None:
    content = save_picture(tmp_path / "0.jpg", numbered(77)).read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "flipped.jpg"
    for _ in range(300):
        changed = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            ((_, image),) = ImageFiles({0: path}).read([0])
        except SceneError as error:
            assert error.code == "bad_image"  # noqa: PT017 - either way is right
        else:
            assert image.ndim == 3
