"""The phone's depth in one file: both kinds, in any order, cut, and packed by another method."""

import struct
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.media import depth_stream
from spatialgen.media.depth_stream import DepthStream
from spatialgen.records import Camera
from tests.scenes.made_scannetpp import deflated, depth_apart, depth_of
from tests.scenes.made_scannetpp import depth_stream as one_stream

CAMERA = Camera(200.0, 200.0, 127.5, 95.5, 256, 192)


def opened(path: Path, content: bytes) -> DepthStream:
    path.write_bytes(content)
    return DepthStream(path, CAMERA, np.eye(4))


@pytest.mark.parametrize("apart", [False, True], ids=["one stream", "packed apart"])
def test_pictures_in_any_order(apart: bool, tmp_path: Path) -> None:
    content = depth_apart(9) if apart else one_stream(9)
    stream = opened(tmp_path / "depth.bin", content)
    for number in (0, 1, 5, 8, 3, 3, 7):
        depth = stream.read(number)
        assert (depth.shape, depth.dtype) == ((192, 256), np.float32)
        assert np.array_equal(depth, depth_of(number)), number
    with pytest.raises(SceneError, match="9") as caught:
        stream.read(9)
    assert caught.value.code == "bad_depth"
    assert np.array_equal(stream.read(8), depth_of(8))


def test_details_survive(tmp_path: Path) -> None:
    depth = np.random.default_rng(0).uniform(0.2, 5.0, (3, 192, 256)).astype(np.float32)
    stream = opened(tmp_path / "depth.bin", deflated(depth.tobytes()))
    assert all(np.array_equal(stream.read(number), depth[number]) for number in range(3))


def test_what_was_not_measured_is_zero(tmp_path: Path) -> None:
    depth = depth_of(0).copy()
    depth[0, :4] = (np.nan, np.inf, -np.inf, -1.0)
    stream = opened(tmp_path / "depth.bin", deflated(depth.tobytes()))
    assert stream.read(0)[0, :5].tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" * 4096, id="zeros"),
        pytest.param(one_stream(1)[:40], id="cut in the first picture"),
        pytest.param(deflated(b"\0" * 1000), id="less than a picture"),
        pytest.param(depth_apart(2)[:-1][:50], id="apart and cut"),
        pytest.param(struct.pack("<I", 2**31) + b"x" * 99, id="a length beyond the file"),
        pytest.param(struct.pack("<I", 7) + b"garbage", id="a picture of text"),
    ],
)
def test_damaged_files(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depth_stream, "can_unpack_lz4", lambda: False)
    with pytest.raises(SceneError) as caught:
        opened(tmp_path / "depth.bin", content)
    assert caught.value.code in ("bad_depth", "unsupported_depth")
    assert str(tmp_path) not in str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("loop", "none", "."):
        with pytest.raises(SceneError, match=r"no such file|can't be read"):
            DepthStream(tmp_path / name, CAMERA, np.eye(4))


def test_a_stream_cut_in_the_middle_gives_what_is_before(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    depth = rng.uniform(0.2, 5.0, (4, 192, 256)).astype(np.float32)
    content = deflated(depth.tobytes())
    stream = opened(tmp_path / "depth.bin", content[: len(content) * 5 // 8])
    assert np.array_equal(stream.read(1), depth[1])
    for _ in range(2):
        with pytest.raises(SceneError, match="ends before picture 2"):
            stream.read(2)
    assert np.array_equal(stream.read(0), depth[0])


def test_a_bomb_is_unpacked_picture_by_picture(tmp_path: Path) -> None:
    """A picture that unpacks to a hundred times what one takes is not unpacked to its end."""
    content = deflated(b"\0" * (100 * 4 * 192 * 256))
    apart = struct.pack("<I", len(content)) + content
    assert np.array_equal(opened(tmp_path / "a", content).read(99), np.zeros((192, 256)))
    with pytest.raises(SpatialgenError):
        opened(tmp_path / "b", apart)


def test_lz4_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depth_stream, "can_unpack_lz4", lambda: False)
    with pytest.raises(SceneError, match="pip install lz4") as caught:
        opened(tmp_path / "depth.bin", struct.pack("<I", 3) + b"\xff\xff\xff")
    assert caught.value.code == "unsupported_depth"


def test_lz4_by_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for the package, whose blocks are a mark and the picture as it is."""
    block = types.ModuleType("lz4.block")

    def decompress(packed: bytes, uncompressed_size: int) -> bytes:
        if packed[:1] != b"\xff" or len(packed) - 1 > uncompressed_size:
            raise block.LZ4BlockError("not a block")
        return packed[1:]

    block.LZ4BlockError = type("LZ4BlockError", (RuntimeError,), {})
    block.decompress = decompress
    monkeypatch.setitem(sys.modules, "lz4", types.ModuleType("lz4"))
    monkeypatch.setitem(sys.modules, "lz4.block", block)
    monkeypatch.setattr(depth_stream, "can_unpack_lz4", lambda: True)
    steps = np.arange(192 * 256, dtype="<u2")
    first, short = b"\xff" + steps.tobytes(), b"\xff" + steps.tobytes()[:-2]
    content = b"".join(struct.pack("<I", len(each)) + each for each in (first, short, b"\xfe"))
    stream = opened(tmp_path / "depth.bin", content)
    assert np.allclose(stream.read(0).ravel(), steps * 0.001)
    for number in (1, 2):
        with pytest.raises(SceneError, match="picture"):
            stream.read(number)
