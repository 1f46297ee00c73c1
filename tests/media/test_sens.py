"""``.sens`` recordings: every compression, one picture at a time, cut and damaged files."""

import os
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.media import sens
from spatialgen.media.sens import SensFile
from spatialgen.records import Camera
from tests.scenes import made_scannet
from tests.scenes.made_scannet import COLOR, DEPTH

CAMERA = Camera(30.0, 30.0, 15.5, 11.5, *DEPTH)
#: Where the fields of the header begin in a made file, whose sensor name has 15 bytes.
KINDS_AT = 12 + 15 + 256
PNG = cv2.imencode(".png", made_scannet.color_image(1))[1].tobytes()
COUNT_AT = KINDS_AT + 8 + 16 + 4


def write(tmp_path: Path, count: int = 3, **changes: Any) -> Path:
    path = tmp_path / "x.sens"
    path.write_bytes(made_scannet.sens(count, **changes))
    return path


def test_header_poses_and_times(tmp_path: Path) -> None:
    file = SensFile(write(tmp_path))
    assert file.total == file.header.frames == 3
    assert file.header.name == "StructureSensor"
    assert (file.header.color_size, file.header.depth_size) == (COLOR, DEPTH)
    assert file.header.color_lens[0, 0] == 60.0
    assert file.header.depth_lens[0, 2] == 15.5
    assert file.header.unit_m == pytest.approx(0.001)
    assert np.allclose(file.poses, made_scannet.poses(3), atol=1e-6)
    assert file.stamps_us.tolist() == [1_000_000, 1_033_333, 1_066_666]


@pytest.mark.parametrize("kind", ["raw", "png", "jpeg"])
def test_pictures_of_every_kind(kind: str, tmp_path: Path) -> None:
    picture = made_scannet.color_image(2)
    if kind == "raw":  # red first, as the recorder has it
        color = {"kind": 0, "bytes": picture[:, :, ::-1].tobytes()}
    else:
        ending = ".png" if kind == "png" else ".jpg"
        number = 1 if kind == "png" else 2
        color = {"kind": number, "bytes": cv2.imencode(ending, picture)[1].tobytes()}
    file = SensFile(write(tmp_path, color=color))
    ((index, image),) = file.read([1])
    assert index == 1
    assert image.shape == (COLOR[1], COLOR[0], 3)
    assert np.abs(image.astype(int) - picture).max() <= 2


@pytest.mark.parametrize("kind", ["raw", "zlib"])
def test_depth_of_every_kind(kind: str, tmp_path: Path) -> None:
    steps = np.arange(DEPTH[0] * DEPTH[1], dtype="<u2").reshape(DEPTH[1], DEPTH[0])
    content = steps.tobytes() if kind == "raw" else zlib.compress(steps.tobytes())
    changes = {"kind": 0 if kind == "raw" else 1, "bytes": content}
    file = SensFile(write(tmp_path, depth=changes))
    depths = file.depths(CAMERA, np.eye(4))
    assert depths.camera == CAMERA
    assert np.allclose(depths.read(2), steps * 0.001)
    assert depths.read(2).dtype == np.float32


def test_pictures_in_any_order_and_again(tmp_path: Path) -> None:
    file = SensFile(write(tmp_path))
    assert [index for index, _ in file.read([2, 0, 0])] == [2, 0, 0]
    blue = [int(image[0, 0, 0]) for _, image in file.read([0, 1, 2])]
    assert blue == pytest.approx([0, 40, 80], abs=2)
    assert [file.read_depth(index)[0, 0] for index in range(3)] == pytest.approx(
        [1.0, 1.001, 1.002]
    )


@pytest.mark.parametrize("count", [0, 1, 5])
def test_cut_anywhere_gives_the_frames_before(count: int, tmp_path: Path) -> None:
    whole = made_scannet.sens(5)
    without = len(made_scannet.sens(0)) - 8
    frame = (len(whole) - 8 - without) / 5
    path = tmp_path / "x.sens"
    path.write_bytes(whole[: round(without + frame * count + frame / 2)])
    file = SensFile(path)
    assert (file.total, file.header.frames) == (count if count < 5 else 5, 5)
    assert len(file.poses) == len(file.stamps_us) == file.total
    for index, image in file.read(range(file.total)):
        assert image[0, 0, 0] == pytest.approx(40 * index, abs=2)


def test_cut_within_the_header(tmp_path: Path) -> None:
    path = tmp_path / "x.sens"
    whole = made_scannet.sens(1)
    for length in range(0, COUNT_AT + 8, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(SceneError, match=r"ends within its header|not a \.sens") as caught:
            SensFile(path)
        assert caught.value.code == "bad_sens"


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, struct.pack("<I", 3), "not a .sens file of version 4"),
        (4, struct.pack("<Q", 2**60), "not a .sens file of version 4"),
        (KINDS_AT + 8, struct.pack("<2I", 0, 48), "pictures of 0 x 48"),
        (KINDS_AT + 8, struct.pack("<2I", 2**31, 2**31), "pictures of 2147483648 x"),
        (KINDS_AT + 16, struct.pack("<2I", 2**31, 2**31), "and 2147483648 x"),
        (KINDS_AT + 24, struct.pack("<f", 0.0), "a metre has 0 steps"),
        (KINDS_AT + 24, struct.pack("<f", float("nan")), "a metre has nan steps"),
    ],
)
def test_headers_that_lie(at: int, value: bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path)
    content = bytearray(path.read_bytes())
    content[at : at + len(value)] = value
    path.write_bytes(content)
    with pytest.raises(SceneError, match=message) as caught:
        SensFile(path)
    assert caught.value.code == "bad_sens"


def test_number_of_frames_that_is_no_number(tmp_path: Path) -> None:
    file = SensFile(write(tmp_path, declared=2**63))
    assert (file.total, file.header.frames) == (3, 2**63)


def test_length_of_a_picture_that_goes_beyond_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    content = bytearray(path.read_bytes())
    first = COUNT_AT + 8 + 64 + 16
    (picture, steps) = struct.unpack_from("<2Q", content, first)
    second = first + 16 + picture + steps + 64 + 16
    struct.pack_into("<Q", content, second, 2**63)
    path.write_bytes(content)
    assert SensFile(path).total == 1


@pytest.mark.parametrize(
    "color",
    [
        {"bytes": b"\xff\xd8 no picture"},
        {"bytes": b"nothing"},
        {"bytes": cv2.imencode(".jpg", np.zeros((9, 9, 3), np.uint8))[1].tobytes()},
        {"bytes": cv2.imencode(".jpg", made_scannet.color_image(1))[1].tobytes()[:300]},
        {"bytes": cv2.imencode(".jpg", made_scannet.color_image(1))[1].tobytes()[:-20]},
        {"bytes": PNG[:33] + b"\x7f\xff\xff\xf0IDAT" + PNG[41:]},
        {"kind": 0, "bytes": b"too short"},
    ],
    ids=["no picture", "nothing", "another size", "cut", "end cut", "huge chunk", "raw too short"],
)
def test_pictures_that_do_not_decode(color: dict[str, Any], tmp_path: Path) -> None:
    file = SensFile(write(tmp_path, color=color))
    with pytest.raises(SceneError, match=r"x\.sens: the picture of frame 1 does not") as caught:
        list(file.read([1]))
    assert caught.value.code == "bad_image"


@pytest.mark.parametrize(
    "depth",
    [
        {"bytes": b"nothing"},
        {"bytes": zlib.compress(b"\0" * 10)},
        {"bytes": zlib.compress(b"\0" * 50_000_000)},
        {"bytes": zlib.compress(made_scannet.depth_image(1).tobytes())[:-9]},
        {"kind": 0, "bytes": b"too short"},
        {"kind": 2},
    ],
    ids=["nothing", "too little", "bomb", "cut", "raw too short", "occi"],
)
def test_depth_that_does_not_decode(depth: dict[str, Any], tmp_path: Path) -> None:
    file = SensFile(write(tmp_path, depth=depth))
    tracemalloc.start()
    with pytest.raises(SceneError, match=r"x\.sens: the depth of frame 0 does not") as caught:
        file.depths(CAMERA, np.eye(4)).read(0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "bad_depth"
    assert peak < 2_000_000


def test_kinds_that_are_not_known(tmp_path: Path) -> None:
    file = SensFile(write(tmp_path, color={"kind": -1}, depth={"kind": 2}))
    assert not file.has_colors
    assert not file.has_depths


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    file = SensFile(write(tmp_path))
    with pytest.raises(SceneError, match="there is no frame 3"):
        list(file.read([3]))
    with pytest.raises(SceneError, match="there is no frame -1"):
        file.read_depth(-1)


def test_file_that_went_away(tmp_path: Path) -> None:
    path = write(tmp_path)
    file = SensFile(path)
    path.unlink()
    with pytest.raises(SceneError, match="can't be read: No such file"):
        list(file.read([0]))


def test_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.sens")
    for name in ("pipe.sens", "absent.sens"):
        with pytest.raises(SceneError, match="there is no such file"):
            SensFile(tmp_path / name)


def test_gigabytes_are_passed_over(tmp_path: Path) -> None:
    """A file of 3 GB, most of which takes no place on the disk, costs no memory to walk."""
    path = write(tmp_path, 0, declared=3)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size - 8)
        stream.seek(0, os.SEEK_END)
        for _ in range(3):
            stream.write(np.eye(4, dtype="<f4").tobytes())
            stream.write(struct.pack("<4Q", 0, 0, 2**30, 0))
            stream.seek(2**30, os.SEEK_CUR)
        stream.truncate(stream.tell())
    tracemalloc.start()
    file = SensFile(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.total == 3
    assert peak < 1_000_000
    with pytest.raises(SceneError, match="frame 1 is larger than a picture is"):
        list(file.read([1]))


def test_memory_is_that_of_one_picture(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (COLOR[1], COLOR[0], 3), dtype=np.uint8)
    file = SensFile(write(tmp_path, 200, color={"kind": 0, "bytes": noise.tobytes()}))
    next(file.read([0]))
    tracemalloc.start()
    for _ in file.read(range(200)):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * noise.nbytes


def test_more_frames_than_any_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sens, "MAX_FRAMES", 2)
    assert SensFile(write(tmp_path)).total == 2
