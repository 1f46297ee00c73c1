"""PLY meshes: every kind that writers make, and every lie that a header can tell."""

import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.scenes import _ply as ply
from tests.scenes import made_scannet

KINDS = ("binary_little_endian", "binary_big_endian", "ascii")
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.5]])
FACES = np.array([[0, 1, 2], [0, 1, 3]])


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def ascii_ply(header: str, body: str = "") -> bytes:
    return f"ply\nformat ascii 1.0\n{header}\nend_header\n{body}".encode()


XYZ = "property float x\nproperty float y\nproperty float z"
TRIANGLE = f"element vertex 3\n{XYZ}\nelement face 1\nproperty list uchar int vertex_indices"


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_give_the_same_mesh(kind: str, tmp_path: Path) -> None:
    labels = np.array([1, 2, 0, 40])
    path = write(tmp_path / "m.ply", made_scannet.ply(CORNERS, FACES, kind, labels))
    mesh = ply.read(path)
    assert np.array_equal(mesh.vertices, CORNERS)
    assert mesh.vertices.dtype == np.float64
    assert np.array_equal(mesh.faces, FACES)
    assert mesh.faces.dtype == np.int32
    assert mesh.labels is not None
    assert mesh.labels.tolist() == [1, 2, 0, 40]


@pytest.mark.parametrize("kind", KINDS)
def test_mesh_without_labels_or_faces(kind: str, tmp_path: Path) -> None:
    mesh = ply.read(write(tmp_path / "m.ply", made_scannet.ply(CORNERS, FACES[:0], kind)))
    assert mesh.labels is None
    assert mesh.faces.shape == (0, 3)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param(TRIANGLE, "0 0 0 1 0 0\n0 1 0\n3 0 1 2\n", id="lines are not rows"),
        pytest.param(
            TRIANGLE.replace("_indices", "_index"), "0 0 0 1 0 0 0 1 0 3 0 1 2", id="index"
        ),
        pytest.param(
            f"comment x\x85y\nobj_info z\n{TRIANGLE}\nproperty uchar flag\nelement edge 2\n"
            "property int a",
            "0 0 0 1 0 0 0 1 0 3 0 1 2 7 1 2",
            id="further properties and elements",
        ),
        pytest.param(
            f"{TRIANGLE}\nproperty list uchar float texcoord",
            "0 0 0 1 0 0 0 1 0 3 0 1 2 6 .1 .2 .3 .4 .5 .6",
            id="texture",
        ),
        pytest.param(
            "element face 1\nproperty list uchar int vertex_indices\nelement vertex 3\n"
            "property double z\nproperty double y\nproperty double x",
            "3 0 1 2 0 0 0 0 0 1 0 1 0",
            id="faces first, z first",
        ),
        pytest.param(TRIANGLE.replace("\n", "\r\n"), "0 0 0 1 0 0 0 1 0 3 0 1 2", id="CRLF"),
    ],
)
def test_layouts_of_other_writers(header: str, body: str, tmp_path: Path) -> None:
    content = ascii_ply(header, body)
    if "\r" in header:
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    mesh = ply.read(write(tmp_path / "m.ply", content))
    assert mesh.vertices.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert mesh.faces.tolist() == [[0, 1, 2]]


def test_numbers_that_are_none_are_kept_for_the_reader(tmp_path: Path) -> None:
    corners = CORNERS.copy()
    corners[1, 2], corners[2, 0] = np.nan, -np.inf
    for kind in KINDS:
        mesh = ply.read(write(tmp_path / "m.ply", made_scannet.ply(corners, FACES, kind)))
        assert np.array_equal(mesh.vertices, corners, equal_nan=True), kind


def _replaced(kind: str, old: bytes, new: bytes) -> bytes:
    content = made_scannet.ply(CORNERS, FACES, kind)
    assert old in content
    return content.replace(old, new, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"vertex 4", b"vertex 5", "(?s)differ in length|a list of|left|faces are not triangles"),
        (b"vertex 4", b"vertex 3", "(?s)differ in length|a list of|left|faces are not triangles"),
        (b"vertex 4", b"vertex 999999999999", "999,999,999,999 of vertex need"),
        (b"vertex 4", b"vertex 9" + b"9" * 5000, "header has the line 'element vertex 99"),
        (b"vertex 4", b"vertex -4", "header has the line 'element vertex -4'"),
        (b"vertex 4", b"vertex 0", "left|a list of|no vertices|differ|triangles"),
        (b"face 2", b"face 3", "3 of face need"),
        (b"face 2", b"face 1", "are left after its last face"),
        (b"face 2", b"face 4000000000", "4,000,000,000 of face need"),
        (b"element face", b"element vertex", "two of one name"),
        (b"float z", b"float w", "no vertices with x, y and z"),
        (b"float z", b"float y", "two properties of vertex have one name"),
        (b"float z", b"string z", "header has the line 'property string z'"),
        (b"end_header", b"and_header", "its header has no end"),
        (b"format ", b"formed ", "header has the line 'formed"),
        (b" 1.0\n", b" 1.0 x\n", "header has the line 'format"),
        (b"ply\n", b"plx\n", "not a PLY file"),
    ],
)
def test_headers_that_lie(kind: str, old: bytes, new: bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "m.ply", _replaced(kind, old, new))
    with pytest.raises(SceneError, match=message) as caught:
        ply.read(path)
    assert caught.value.code == "bad_mesh"
    assert str(caught.value).startswith("m.ply: ")
    assert "\n" not in str(caught.value)


def test_wrong_byte_order_is_refused_quietly(tmp_path: Path) -> None:
    # Read backwards, this is a number that signals when it is widened.
    corners = CORNERS.astype("<f4")
    corners[0, 0] = np.array([0x0100A07F], "<u4").view("<f4")[0]
    content = made_scannet.ply(corners, FACES, KINDS[0]).replace(b"little", b"big", 1)
    with pytest.raises(SceneError, match=r"a list of|need|differ|a face names a vertex"):
        ply.read(write(tmp_path / "m.ply", content))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["vertex", "face"])
def test_no_more_than_fits_into_memory(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One byte of the file can become eight: the size of the file says too little.
    count = {"vertex": len(CORNERS), "face": len(FACES)}[name]
    path = write(tmp_path / "m.ply", made_scannet.ply(CORNERS, FACES, kind))
    monkeypatch.setitem(ply.MOST, name, count)
    ply.read(path)
    monkeypatch.setitem(ply.MOST, name, count - 1)
    with pytest.raises(SceneError, match=f"{count} of {name}, more than the {count - 1} it may"):
        ply.read(path)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_counts_of_another_type(kind: str, tmp_path: Path) -> None:
    content = _replaced(kind, b"uchar int vertex_indices", b"float int vertex_indices")
    with pytest.raises(SceneError, match=r"a list of|need|too many|differ"):
        ply.read(write(tmp_path / "m.ply", content))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("faces", "message"),
    [
        ([[0, 1, 4]], "names a vertex that is not among its 4"),
        ([[0, -1, 2]], "names a vertex that is not among its 4"),
        ([[0, 2**31 - 1, 2]], "names a vertex that is not among its 4"),
    ],
)
def test_faces_of_absent_vertices(kind: str, faces: Any, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "m.ply", made_scannet.ply(CORNERS, np.array(faces), kind))
    with pytest.raises(SceneError, match=message):
        ply.read(path)


@pytest.mark.parametrize(
    ("header", "body", "message"),
    [
        (TRIANGLE, "0 0 0 1 0 0 0 1 0 4 0 1 2 0", "faces are not triangles"),
        (
            TRIANGLE.replace("face 1", "face 2"),
            "0 0 0 1 0 0 0 1 0 3 0 1 2 4 0 1 2 0",
            "differ in length: not only triangles",
        ),
        (TRIANGLE, "0 0 0 1 0 0 0 1 0 3 0 one 2", "something that is no number"),
        (TRIANGLE, "0 0 0 1 0 0 0 1 0 3 0 nan 2", "a face has a number that is no whole one"),
        (TRIANGLE, "0 0 0 1 0 0 0 1 0 nan 0 1 2", "the first face has a list of nan"),
        (TRIANGLE, "0 0 0 1 0 0 0 1 0", "ends before the first face"),
        (TRIANGLE, "", "3 of vertex need 9 numbers, and 0 are left"),
        (
            f"element vertex 1\n{XYZ}",
            "0 0 0" + " 1" * 9,
            "9 numbers are left after its last vertex",
        ),
        ("element vertex 2\nproperty list uchar float x", "1 5 1 5", "no vertices with x"),
        ("property float x", "", "header has the line 'property float x'"),
        ("", "", "no elements"),
    ],
)
def test_bodies_in_ascii(header: str, body: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=message) as caught:
        ply.read(write(tmp_path / "m.ply", ascii_ply(header, body)))
    assert caught.value.code == "bad_mesh"


@pytest.mark.parametrize("kind", KINDS)
def test_cut_anywhere(kind: str, tmp_path: Path) -> None:
    whole = made_scannet.ply(CORNERS, FACES, kind).rstrip(b"\n")
    for length in range(len(whole)):
        # In ASCII, cutting a number of several digits would leave one; here each has one digit.
        with pytest.raises(SceneError) as caught:
            ply.read(write(tmp_path / "m.ply", whole[:length]))
        assert caught.value.code == "bad_mesh"


def test_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ply")
    (tmp_path / "loop.ply").symlink_to("loop.ply")
    (tmp_path / "folder.ply").mkdir()
    for name in ("pipe", "loop", "folder", "absent"):
        with pytest.raises(SceneError, match=rf"{name}\.ply: there is no such file"):
            ply.read(tmp_path / f"{name}.ply")


@pytest.mark.parametrize(
    ("kind", "limit"), [("ascii", ply.ASCII_LIMIT), ("binary_little_endian", ply.BYTES_LIMIT)]
)
def test_files_larger_than_any_mesh(kind: str, limit: int, tmp_path: Path) -> None:
    path = write(tmp_path / "m.ply", made_scannet.ply(CORNERS, FACES, kind))
    with path.open("r+b") as stream:
        stream.truncate(limit + 1)  # takes no place on the disk
    with pytest.raises(SceneError, match=r"more than the"):
        ply.read(path)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_memory_stays_near_the_size_of_the_file(kind: str, tmp_path: Path) -> None:
    count = 100_000
    corners = np.random.default_rng(3).uniform(0, 5, (count, 3))
    faces = np.arange(3 * count).reshape(-1, 3) % count
    path = write(tmp_path / "m.ply", made_scannet.ply(corners, faces, kind))
    tracemalloc.start()
    ply.read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.7 * path.stat().st_size
