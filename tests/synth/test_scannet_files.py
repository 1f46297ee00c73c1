"""The files of a made room, read back byte by byte without the parser they are made for."""

import json
import re
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spatialgen.synth.scannet_files import write
from spatialgen.synth.scans import MadeRoom, make_room
from spatialgen.synth.settings import settings

SEED, INDEX = 31, 2
NAME = f"room{SEED}_{INDEX:05d}"
SETTINGS = settings(width=80, height=60, seconds=2, fps=5, objects=14)


@pytest.fixture(scope="module")
def room() -> MadeRoom:
    return make_room(SEED, INDEX, SETTINGS)


@pytest.fixture(scope="module")
def folder(room: MadeRoom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / NAME
    path.mkdir()
    write(path, room, SEED, INDEX, SETTINGS.fps)
    return path


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="ascii"))


def parameters(folder: Path) -> dict[str, str]:
    lines = (folder / f"{NAME}.txt").read_text().splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def alignment(folder: Path) -> np.ndarray:
    return np.array(parameters(folder)["axisAlignment"].split(), dtype=float).reshape(4, 4)


def mesh(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return vertices (v, 3), colours (v, 4) and faces (f, 3), unpacked record by record."""
    data = (folder / f"{NAME}_vh_clean_2.ply").read_bytes()
    header, body = data.split(b"end_header\n", 1)
    lines = header.decode("ascii").splitlines()
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    (vertices,) = (int(line.split()[2]) for line in lines if line.startswith("element vertex"))
    (faces,) = (int(line.split()[2]) for line in lines if line.startswith("element face"))
    properties = [line.removeprefix("property ") for line in lines if line.startswith("property")]
    assert properties == [
        "float x", "float y", "float z", "uchar red", "uchar green", "uchar blue", "uchar alpha",
        "list uchar int vertex_indices",
    ]  # fmt: skip
    vertex, face = struct.Struct("<fff4B"), struct.Struct("<B3i")
    assert len(body) == vertices * vertex.size + faces * face.size
    rows = np.array(list(vertex.iter_unpack(body[: vertices * vertex.size])))
    corners = np.array(list(face.iter_unpack(body[vertices * vertex.size :])))
    assert (corners[:, 0] == 3).all()
    return rows[:, :3], rows[:, 3:].astype(int), corners[:, 1:]


def test_the_folder_is_laid_out_as_a_scan_and_its_export(folder: Path) -> None:
    frames = [str(k) for k in range(10)]
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [
            f"{NAME}_vh_clean_2.ply", f"{NAME}_vh_clean_2.0.010000.segs.json",
            f"{NAME}.aggregation.json", f"{NAME}.txt", f"{NAME}.mp4", "truth.json",
            "color", "depth", "pose", "intrinsic",
        ]
    )  # fmt: skip
    for kind, suffix in (("color", "jpg"), ("depth", "png"), ("pose", "txt")):
        assert sorted(p.name for p in (folder / kind).iterdir()) == [
            f"{k}.{suffix}" for k in frames
        ]
    assert sorted(p.name for p in (folder / "intrinsic").iterdir()) == [
        "extrinsic_color.txt", "extrinsic_depth.txt", "intrinsic_color.txt", "intrinsic_depth.txt",
    ]  # fmt: skip


def test_the_text_file_says_what_there_is(folder: Path) -> None:
    found = parameters(folder)
    assert list(found) == sorted(found)
    assert found["frameRate"] == "5"
    assert found["numColorFrames"] == found["numDepthFrames"] == "10"
    assert (found["colorWidth"], found["colorHeight"]) == ("80", "60")
    assert (found["depthWidth"], found["depthHeight"]) == ("80", "60")
    for sensor in ("color", "depth"):
        matrix = np.loadtxt(folder / "intrinsic" / f"intrinsic_{sensor}.txt")
        named = [float(found[f"{key}_{sensor}"]) for key in ("fx", "fy", "mx", "my")]
        assert [matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]] == named
        assert named[2:] == [39.5, 29.5]
    identity = np.array(found["colorToDepthExtrinsics"].split(), dtype=float).reshape(4, 4)
    assert (identity == np.eye(4)).all()


def test_the_alignment_turns_about_z_and_is_needed(folder: Path, room: MadeRoom) -> None:
    matrix = alignment(folder)
    assert (matrix[2, :3] == (0, 0, 1)).all()
    assert (matrix[:3, 2] == (0, 0, 1)).all()
    assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=2e-6)
    assert np.abs(matrix[:3, :3] - np.eye(3)).max() > 0.01
    raw = mesh(folder)[0]
    assert raw[:, :2].min(axis=0) == pytest.approx((0, 0), abs=1e-3)
    assert 0 <= raw[:, 2].min() <= 0.1 + 1e-3
    aligned = raw @ matrix[:3, :3].T + matrix[:3, 3]
    outline = np.array(room.scan.scene.room.polygon)
    assert aligned[:, :2].min(axis=0) == pytest.approx(outline.min(axis=0), abs=1e-4)
    assert aligned[:, :2].max(axis=0) == pytest.approx(outline.max(axis=0), abs=1e-4)
    assert aligned[:, 2].min() == pytest.approx(0, abs=1e-4)
    assert aligned[:, 2].max() == pytest.approx(room.layout.floor.height, abs=1e-4)


def test_the_mesh_is_sound(folder: Path) -> None:
    vertices, colors, faces = mesh(folder)
    assert np.isfinite(vertices).all()
    assert faces.min() == 0
    assert faces.max() == len(vertices) - 1
    assert (colors[:, 3] == 255).all()
    assert len(np.unique(colors[:, :3], axis=0)) > 50
    a, b, c = vertices[faces].transpose(1, 0, 2)
    assert (np.linalg.norm(np.cross(b - a, c - a), axis=1) > 0).all()


def test_segments_lead_from_vertices_to_objects(folder: Path, room: MadeRoom) -> None:
    segments = read_json(folder / f"{NAME}_vh_clean_2.0.010000.segs.json")
    groups = read_json(folder / f"{NAME}.aggregation.json")
    assert segments["sceneId"] == groups["sceneId"] == f"synthetic.{NAME}"
    assert all(isinstance(value, str) for value in segments["params"].values())
    of_vertex = segments["segIndices"]
    vertices, _, _ = mesh(folder)
    assert len(of_vertex) == len(vertices)
    assert sorted(set(of_vertex)) != list(range(len(set(of_vertex)))), "ids are labels, with gaps"
    things = room.scan.scene.objects
    found = groups["segGroups"]
    assert [group["objectId"] for group in found] == list(range(len(found)))
    assert [group["id"] for group in found] == list(range(len(found)))
    labels = [group["label"] for group in found]
    assert labels[: len(things)] == [thing.label for thing in things]
    assert Counter(labels[len(things) :]).keys() == {"floor", "ceiling", "wall"}
    owner = {segment: k for k, group in enumerate(found) for segment in group["segments"]}
    assert sum(len(group["segments"]) for group in found) == len(owner), "no segment is shared"
    assert owner.keys() == set(of_vertex)
    assert np.median([len(group["segments"]) for group in found[: len(things)]]) > 5
    matrix = alignment(folder)
    aligned = vertices @ matrix[:3, :3].T + matrix[:3, 3]
    owners = np.array([owner[segment] for segment in of_vertex])
    for k, thing in enumerate(things):
        local = (aligned[owners == k] - thing.box.center) @ np.array(thing.box.axes).T
        assert local.max(axis=0) == pytest.approx(np.array(thing.box.size) / 2, abs=1e-3)
        assert local.min(axis=0) == pytest.approx(-np.array(thing.box.size) / 2, abs=1e-3)


def test_poses_and_depth_land_on_the_mesh(folder: Path) -> None:
    vertices, _, _ = mesh(folder)
    matrix = np.loadtxt(folder / "intrinsic" / "intrinsic_depth.txt")
    for frame in (0, 4, 9):
        depth = cv2.imread(str(folder / "depth" / f"{frame}.png"), cv2.IMREAD_UNCHANGED)
        assert depth.dtype == np.uint16
        assert depth.shape == (60, 80)
        pose = np.loadtxt(folder / "pose" / f"{frame}.txt")
        assert (pose[3] == (0, 0, 0, 1)).all()
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1, abs=1e-4)
        v, u = np.mgrid[0:60:12, 0:80:16]
        z = depth[v, u].ravel() / 1000
        assert (z > 0.1).all()
        x = (u.ravel() - matrix[0, 2]) / matrix[0, 0] * z
        y = (v.ravel() - matrix[1, 2]) / matrix[1, 1] * z
        points = np.column_stack([x, y, z]) @ pose[:3, :3].T + pose[:3, 3]
        # Vertices are at most 5 cm apart along edges, so none of the surface is far from one.
        away = np.linalg.norm(points[:, None] - vertices[None], axis=2).min(axis=1)
        assert away.max() < 0.05


def test_pictures_are_what_was_rendered(folder: Path, room: MadeRoom) -> None:
    for frame in (0, 7):
        image = cv2.imread(str(folder / "color" / f"{frame}.jpg"))
        shot = room.film.shot(frame)
        assert np.abs(image.astype(int) - shot.color).mean() < 4
        depth = cv2.imread(str(folder / "depth" / f"{frame}.png"), cv2.IMREAD_UNCHANGED)
        assert np.abs(depth / 1000 - shot.depth).max() <= 0.0005 + 1e-6
    video = cv2.VideoCapture(str(folder / f"{NAME}.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(5)
    for frame in range(10):
        read, image = video.read()
        assert read
        assert np.abs(image.astype(int) - room.film.shot(frame).color).mean() < 12
    assert not video.read()[0]
    video.release()


def test_the_truth_is_complete_and_agrees_with_the_pictures(folder: Path, room: MadeRoom) -> None:
    truth = read_json(folder / "truth.json")
    scene = room.scan.scene
    assert truth["counts"] == dict(scene.counts)
    assert truth["room"]["area"] == scene.room.area
    assert truth["axis_alignment"] == alignment(folder).tolist()
    for told, thing in zip(truth["objects"], scene.objects, strict=True):
        assert (told["id"], told["label"]) == (thing.id, thing.label)
        assert tuple(told["center"]) == thing.box.center
        assert tuple(told["size"]) == thing.box.size
    assert [frame["time_s"] for frame in truth["frames"]] == [k / 5 for k in range(10)]
    first: dict[str, float] = {}
    for frame in truth["frames"]:
        owners = room.film.shot(frame["index"]).owners
        expected = {str(k) for k in np.unique(owners) if 0 <= k < len(scene.objects)}
        assert frame["seen"].keys() == expected
        for k, seen in frame["seen"].items():
            rows, columns = np.nonzero(owners == int(k))
            assert seen["pixels"] == len(rows)
            assert seen["box_px"] == [columns.min(), rows.min(), columns.max(), rows.max()]
            assert 0 < seen["fraction"] <= 1
            if seen["fraction"] >= 0.1 and round(seen["area_px"]) >= 16:
                first.setdefault(k, frame["time_s"])
    assert truth["first_seen"] == first
    assert first


def test_nothing_of_this_machine_is_in_the_files(folder: Path) -> None:
    for path in folder.iterdir():
        if path.suffix in (".json", ".txt"):
            assert not re.search(r"/(home|tmp|root|work)/", path.read_text())
