"""ScanNet scans as a whole: what a sound one gives, and every fault that real ones have."""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen import cameras
from spatialgen.errors import SceneError, UsageError
from spatialgen.records import Room
from spatialgen.scenes import Rejected, SceneRef, open_scenes
from spatialgen.scenes import load as load_ref
from spatialgen.scenes._labels_tsv import NAME as TABLE
from spatialgen.scenes.scannet import FORMAT
from tests.scenes import made_scannet
from tests.scenes.made_scannet import ALIGNMENT, NAME, ROOM, THINGS, Made, load, noted

IDS = ["table_1", "chair_1", "chair_2", "trash_bin_1"]
MESH, LABELLED = f"{NAME}_vh_clean_2.ply", f"{NAME}_vh_clean_2.labels.ply"
SEGMENTS, GROUPS = f"{NAME}_vh_clean_2.0.010000.segs.json", f"{NAME}.aggregation.json"


def ids(scan: Any) -> list[str]:
    return [thing.id for thing in scan.scene.objects]


# -- a sound scan ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["binary_little_endian", "binary_big_endian", "ascii"])
def test_boxes_are_those_of_the_things_in_the_aligned_frame(kind: str, tmp_path: Path) -> None:
    scan = load(made_scannet.save(made_scannet.room(), tmp_path, kind))
    assert scan.scene.key == "scannet/scene0000_00"
    assert scan.scene.space == "scene0000"
    assert ids(scan) == IDS
    assert scan.scene.counts == {"table": 1, "chair": 2, "trash bin": 1}
    for thing, (_, center, size, turn_deg) in zip(scan.scene.objects, THINGS, strict=True):
        assert thing.box.center == pytest.approx(center, abs=1e-3)
        assert thing.box.size == pytest.approx(size, abs=2e-3)
        angle = np.radians(turn_deg)
        along = abs(np.dot(thing.box.axes[0][:2], (np.cos(angle), np.sin(angle))))
        assert along == pytest.approx(1.0, abs=1e-4)
        assert thing.box.axes[2] == (0.0, 0.0, 1.0)


def test_room_is_measured_from_its_parts(tmp_path: Path) -> None:
    room = load(made_scannet.save(made_scannet.room(), tmp_path)).scene.room
    length, width, height = ROOM
    assert room.area == pytest.approx(length * width, rel=0.02)
    assert room.height == pytest.approx(height, abs=1e-3)
    assert room.center is not None
    assert room.center == pytest.approx((0, 0, height / 2), abs=0.02)


def test_mesh_is_aligned_and_its_triangles_have_owners(tmp_path: Path) -> None:
    made = made_scannet.room()
    scan = load(made_scannet.save(made, tmp_path))
    assert scan.mesh is not None
    turned = made.vertices @ ALIGNMENT[:3, :3].T + ALIGNMENT[:3, 3]
    assert np.allclose(scan.mesh.vertices, turned, atol=1e-5)
    assert np.array_equal(scan.mesh.faces, made.faces)
    for number, thing in enumerate(scan.scene.objects):
        own = scan.mesh.vertices[scan.mesh.faces[scan.mesh.owners == number]].reshape(-1, 3)
        inside = (own - thing.box.center) @ np.array(thing.box.axes).T
        assert (np.abs(inside) <= np.array(thing.box.size) / 2 + 1e-3).all()
        assert len(own) > 1000
    # Walls, floor, ceiling, and what nobody annotated.
    shell = scan.mesh.faces[scan.mesh.owners == -1]
    assert len(shell) == len(made.faces) - sum(scan.mesh.owners >= 0)


def test_a_sound_scan_has_only_the_notes_that_it_must_have(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    made_scannet.save_exported(scan, range(4))
    assert noted(load(scan)) == {
        "label_renamed": "trash bin: written trash can",
        "assumed_frame_rate": "scene0000_00: no usable times of frames, so 30 frames a second "
        "are assumed",
    }


# -- the real alignment of scene0000_00 --------------------------------------------

#: Centres in the aligned frame, from two independent public files: of the raw centres turned by
#: the matrix, and of the boxes that were published aligned.
REAL = (
    ("window", (1.49, 3.47, 1.83), (1.48, 3.52, 1.86)),
    ("window", (2.91, -3.48, 1.45), (2.90, -3.48, 1.53)),
    ("sink", (3.00, -2.11, 0.46), (3.07, -2.18, 0.43)),
    ("bed", (-0.38, -2.50, 0.48), (-0.30, -2.48, 0.40)),
)


def in_mesh_frame(point: Any) -> Any:
    """Undo the alignment by its formula: turn back what was moved back."""
    return ALIGNMENT[:3, :3].T @ (np.array(point) - ALIGNMENT[:3, 3])


@pytest.mark.parametrize(("label", "turned", "published"), REAL)
def test_real_matrix_takes_the_mesh_to_the_published_centres(
    label: str, turned: Any, published: Any, tmp_path: Path
) -> None:
    made = made_scannet.room()
    raw = in_mesh_frame(turned)
    # Raw scans begin at about (0, 0, 0), which tells A p from the other ways to read the matrix.
    assert (raw > 0).all()
    corners = np.array([[x, y, z] for x in (-0.2, 0.2) for y in (-0.3, 0.3) for z in (-0.1, 0.1)])
    made.vertices = np.concatenate([made.vertices, raw + corners])
    made.segments += [900_001] * len(corners)
    made.groups.append({"id": 99, "objectId": 99, "segments": [900_001], "label": label})
    scene = load(made_scannet.save(made, tmp_path)).scene
    assert scene.objects[-1].label == label
    assert scene.objects[-1].box.center == pytest.approx(turned, abs=1e-3)
    assert np.linalg.norm(np.subtract(scene.objects[-1].box.center, published)) < 0.13


def test_other_readings_of_the_matrix_leave_the_raw_room() -> None:
    turn, move = ALIGNMENT[:3, :3], ALIGNMENT[:3, 3]
    centers = np.array([turned for _, turned, _ in REAL])
    assert ((centers - move) @ turn > 0).all(), "A p"
    assert not ((centers - move) @ turn.T > 0).all(), "the rotation transposed"
    assert not (centers @ turn.T + move > 0).all(), "the inverse"


def test_aligning_changes_nothing_that_a_camera_sees(tmp_path: Path) -> None:
    """A vertex falls on the pixel that it fell on in the mesh's own frame."""
    made = made_scannet.room()
    scan = made_scannet.save(made, tmp_path)
    made_scannet.save_exported(scan, range(4))
    loaded = load(scan)
    assert loaded.recording is not None
    assert loaded.mesh is not None
    for pose, raw_pose in zip(loaded.recording.poses, made_scannet.poses(4), strict=True):
        lens = loaded.recording.camera(0)
        seen = cameras.project(lens, cameras.to_camera(pose, loaded.mesh.vertices))
        before = cameras.project(lens, cameras.to_camera(raw_pose, made.vertices))
        near = cameras.to_camera(pose, loaded.mesh.vertices)[:, 2] > 0.5
        assert np.allclose(seen[near], before[near], atol=0.01)
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0, abs=1e-4)


# -- what is missing ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (f"{NAME}.txt", {"missing_parameters", "assumed_registration"}),
        ("color", {"missing_picture"}),
        ("depth", set()),
        ("intrinsic", set()),
        ("pose", {"missing_pose", "missing_frames"}),
        (TABLE, set()),
    ],
)
def test_a_scan_without_a_part_is_used(name: str, codes: set[str], tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    made_scannet.save_exported(scan, range(4))
    (scan / TABLE).write_text("raw_category\tcategory\tnyu40id\nchair\tchair\t5\n")
    (scan / name).rename(tmp_path.parent / f"{tmp_path.name} {name}")
    loaded = load(scan)
    assert ids(loaded) == IDS
    assert noted(loaded).keys() - {"label_renamed", "assumed_frame_rate"} == codes
    assert (loaded.recording is None) == (name == "pose")


def test_without_the_text_file_the_frame_is_that_of_the_mesh(tmp_path: Path) -> None:
    made = made_scannet.room()
    scan = made_scannet.save(made, tmp_path)
    made_scannet.save_exported(scan, range(4))
    (scan / f"{NAME}.txt").unlink()
    loaded = load(scan)
    assert loaded.mesh is not None
    assert np.allclose(loaded.mesh.vertices, made.vertices, atol=1e-5)
    assert loaded.recording is not None
    assert np.allclose(loaded.recording.poses, made_scannet.poses(4), atol=1e-5)
    assert {"missing_parameters", "assumed_registration"} <= noted(loaded).keys()
    assert loaded.scene.room.area == pytest.approx(12.0, rel=0.02)


def test_a_scan_without_alignment_says_so(tmp_path: Path) -> None:
    made = made_scannet.room()
    del made.text["axisAlignment"], made.text["sceneType"]
    loaded = load(made_scannet.save(made, tmp_path))
    assert "missing_alignment" in noted(loaded)
    assert loaded.mesh is not None
    assert np.allclose(loaded.mesh.vertices, made.vertices, atol=1e-5)


def test_the_labelled_mesh_stands_in_for_the_mesh(tmp_path: Path) -> None:
    made = made_scannet.room()
    scan = made_scannet.save(made, tmp_path)
    made_scannet.save_labels(made, scan)
    (scan / MESH).unlink()
    loaded = load(scan)
    assert ids(loaded) == IDS
    assert noted(loaded)["mesh_from_labels"] == f"{MESH}: not there, so {LABELLED} is taken"


@pytest.mark.parametrize("name", [SEGMENTS, GROUPS])
def test_without_annotation_room_and_camera_are_known(name: str, tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    (scan / f"{NAME}.sens").write_bytes(made_scannet.sens(2))
    area = load(scan).scene.room.area
    (scan / name).unlink()
    loaded = load(scan)
    assert noted(loaded)["missing_annotation"] == (
        f"{name}: there is no such file (test scans are not annotated): "
        "nothing can be asked of objects"
    )
    assert loaded.scene.objects == ()
    assert loaded.scene.room.area == pytest.approx(area, rel=0.05)
    assert loaded.mesh is not None
    assert set(loaded.mesh.owners.tolist()) == {-1}
    assert loaded.recording is not None


def test_without_a_mesh_the_camera_is_known(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    (scan / MESH).unlink()
    with pytest.raises(SceneError, match="neither floor nor video to ask about") as caught:
        load(scan)
    assert caught.value.code == "no_objects"
    (scan / f"{NAME}.sens").write_bytes(made_scannet.sens(2))
    loaded = load(scan)
    assert noted(loaded)["missing_mesh"] == (
        f"{MESH}: not there, nor {LABELLED}: nothing can be asked of objects and the room"
    )
    assert (loaded.scene.objects, loaded.scene.room, loaded.mesh) == ((), Room(), None)
    assert loaded.recording is not None


def test_a_test_scan_has_no_objects(tmp_path: Path) -> None:
    """As downloaded: no alignment, no scene type, no annotation."""
    made = made_scannet.room()
    del made.text["axisAlignment"], made.text["sceneType"]
    scan = made_scannet.save(made, tmp_path, name="scene0707_00")
    for path in scan.glob("*.json"):
        path.unlink()
    (scan / "scene0707_00.sens").write_bytes(made_scannet.sens(2))
    index = open_scenes([tmp_path])
    loaded = load_ref(index.refs[0])
    assert {"missing_annotation", "missing_alignment"} <= noted(loaded).keys()
    assert loaded.scene.objects == ()
    assert loaded.recording is not None


def test_only_the_groups_of_the_full_mesh_are_there(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    (scan / GROUPS).rename(scan / f"{NAME}_vh_clean.aggregation.json")
    told = noted(load(scan))["missing_annotation"]
    assert f"{NAME}_vh_clean.aggregation.json is of the full mesh" in told


# -- the room without its parts ----------------------------------------------------


def relabelled(made: Made, old: str, new: str) -> Made:
    for each in made.groups:
        each["label"] = new if each["label"] == old else each["label"]
    return made


@pytest.mark.parametrize("labelled", [False, True])
def test_a_floor_that_is_no_group(labelled: bool, tmp_path: Path) -> None:
    made = made_scannet.room()
    made.groups.remove(made.group("floor"))
    scan = made_scannet.save(made, tmp_path)
    if labelled:
        made_scannet.save_labels(made, scan)
    loaded = load(scan)
    assert ids(loaded) == IDS
    assert loaded.scene.room.area == pytest.approx(12.0, rel=0.03)
    assert ("room_from_labels" in noted(loaded)) == labelled


def test_labels_of_the_mesh_that_stands_in(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.groups.remove(made.group("floor"))
    scan = made_scannet.save(made, tmp_path)
    made_scannet.save_labels(made, scan)
    (scan / MESH).unlink()
    assert {"mesh_from_labels", "room_from_labels"} <= noted(load(scan)).keys()


def test_labels_of_another_mesh_are_not_used(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.groups.remove(made.group("floor"))
    scan = made_scannet.save(made, tmp_path)
    content = made_scannet.ply(made.vertices[:99], made.faces[:0], labels=made.labels[:99])
    (scan / LABELLED).write_bytes(content)
    assert "room_from_labels" not in noted(load(scan))
    (scan / LABELLED).write_bytes(content[:-5])
    assert noted(load(scan))["bad_mesh"].endswith("get the file again, not used")


def test_a_scan_without_floor_and_ceiling(tmp_path: Path) -> None:
    made = made_scannet.room()
    kept = np.array(made.segments)
    shell = {number for each in made.groups[:6] for number in each["segments"]}
    gone = np.isin(kept, list(shell))
    made.vertices[gone, 2] = np.linspace(-3, 6, int(gone.sum()))  # a slope, and no level
    made.groups = made.groups[6:]
    loaded = load(made_scannet.save(made, tmp_path))
    assert {"no_ceiling"} <= noted(loaded).keys()
    assert loaded.scene.room.height is None


# -- labels ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "rows", "expected"),
    [
        ("couch", "", "sofa_1"),
        ("wall lamp", "", "wall_lamp_1"),
        ("wall lamp", "wall lamp\tlamp\t35\n", "lamp_1"),
        ("object", "object\tobject\t40\n", "object_1"),
        ("Nobody Knows", "chair\tchair\t5\n", "nobody_knows_1"),
    ],
)
def test_labels_become_names(label: str, rows: str, expected: str, tmp_path: Path) -> None:
    scan = made_scannet.save(relabelled(made_scannet.room(), "table", label), tmp_path / "scans")
    if rows:
        (tmp_path / TABLE).write_text(f"raw_category\tcategory\tnyu40id\n{rows}")
    loaded = load(scan)
    assert ids(loaded) == [expected, *IDS[1:]]
    assert set(loaded.scene.counts) == {"chair", "trash bin", loaded.scene.objects[0].label}


@pytest.mark.parametrize(
    "label", ["wall", "Shower Floor", "closet ceiling", "living room", "podium"]
)
def test_parts_of_the_room_are_no_objects(label: str, tmp_path: Path) -> None:
    scan = made_scannet.save(relabelled(made_scannet.room(), "table", label), tmp_path)
    (tmp_path / TABLE).write_text("raw_category\tcategory\tnyu40id\npodium\tpodium\t1\n")
    loaded = load(scan)
    assert ids(loaded) == IDS[1:]
    assert set(loaded.scene.counts) == {"chair", "trash bin"}


def test_a_room_without_things(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.groups = made.groups[:6]
    with pytest.raises(SceneError, match=r"no object with a usable box$") as caught:
        load(made_scannet.save(made, tmp_path))
    assert caught.value.code == "no_objects"


# -- faults of the annotation ------------------------------------------------------


def test_scene0217_every_group_twice(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.groups += [{**each, "objectId": 31 + n} for n, each in enumerate(made.groups)]
    loaded = load(made_scannet.save(made, tmp_path))
    assert ids(loaded) == IDS
    assert loaded.scene.counts == {"table": 1, "chair": 2, "trash bin": 1}
    assert noted(loaded)["duplicate_group"].endswith(
        "the same segments as an earlier trash can, dropped"
    )


def test_object_0_is_an_object(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.groups = [made.group("table")]
    made.groups[0]["objectId"] = 0
    assert ids(load(made_scannet.save(made, tmp_path))) == ["table_1"]


def test_an_object_that_can_not_be_measured_is_still_counted(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.group("chair")["segments"] = [987_654]
    loaded = load(made_scannet.save(made, tmp_path))
    assert ids(loaded) == ["table_1", "chair_1", "trash_bin_1"]
    assert loaded.scene.counts["chair"] == 2
    assert noted(loaded)["no_box"] == "chair: 0 vertices, too few for a box, dropped"
    assert noted(loaded)["absent_segments"] == "chair: 1 of its 1 segments are not in the mesh"


def test_a_group_without_segments_marks_nothing(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.group("chair")["segments"] = []
    loaded = load(made_scannet.save(made, tmp_path))
    assert loaded.scene.counts["chair"] == 1
    assert "empty_group" in noted(loaded)


def test_of_shared_segments_the_later_group_has_them(tmp_path: Path) -> None:
    made = made_scannet.room()
    chair, table = made.group("chair"), made.group("table")
    table["segments"] = [*table["segments"], *chair["segments"]]
    loaded = load(made_scannet.save(made, tmp_path))
    assert loaded.scene.objects[0].box.size == pytest.approx(THINGS[0][2], abs=2e-3)
    assert "shared_segments" in noted(loaded)


def test_groups_of_the_full_mesh_are_refused(tmp_path: Path) -> None:
    made = made_scannet.room()
    for each in made.groups:
        each["segments"] = [number + 500_000 for number in each["segments"]]
    with pytest.raises(SceneError) as caught:
        load(made_scannet.save(made, tmp_path))
    assert caught.value.code == "foreign_annotation"


@pytest.mark.parametrize("change", [-1, 1])
def test_segments_of_another_mesh_are_refused(change: int, tmp_path: Path) -> None:
    made = made_scannet.room()
    made.segments = made.segments[:-1] if change < 0 else [*made.segments, 3]
    with pytest.raises(SceneError) as caught:
        load(made_scannet.save(made, tmp_path))
    assert caught.value.code == "segments_mismatch"


def test_vertices_that_are_nowhere_are_dropped(tmp_path: Path) -> None:
    made = made_scannet.room()
    clean = load(made_scannet.save(made, tmp_path / "clean")).scene
    lost = [10, 5000, len(made.vertices) - 1]
    made.vertices[lost] = [[np.nan] * 3, [np.inf, 0, 0], [0, 0, 1e30]]
    loaded = load(made_scannet.save(made, tmp_path))
    assert loaded.mesh is not None
    assert np.isfinite(loaded.mesh.vertices).all()
    assert not np.isin(loaded.mesh.faces, lost).any()
    assert len(loaded.mesh.faces) == len(loaded.mesh.owners) < len(made.faces)
    assert noted(loaded)["bad_vertex"].startswith("mesh: 3 of")
    for thing, before in zip(loaded.scene.objects, clean.objects, strict=True):
        assert thing.box.center == pytest.approx(before.box.center, abs=0.03)


def test_a_mesh_without_any_sound_vertex(tmp_path: Path) -> None:
    made = made_scannet.room()
    made.vertices[:] = np.nan
    with pytest.raises(SceneError) as caught:
        load(made_scannet.save(made, tmp_path))
    assert caught.value.code == "no_objects"


# -- finding scans -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene_id", "dataset"),
    [
        (f"scannet.{NAME}", "scannet"),
        (f"synthetic.{NAME}", "synthetic"),
        (NAME, "scannet"),
        ("7f0a1c", "scannet"),
        ("synthetic.other", "scannet"),
        (f"a/b.{NAME}", "scannet"),
        (f".{NAME}", "scannet"),
        ('quoted" "sceneId": "x', "scannet"),
    ],
)
def test_dataset_is_told_by_the_scene_id(scene_id: str, dataset: str, tmp_path: Path) -> None:
    made = made_scannet.room()
    made.scene_id = scene_id
    scan = made_scannet.save(made, tmp_path)
    assert load(scan).scene.dataset == dataset
    path = scan / GROUPS
    path.write_text(json.dumps(dict(sorted(json.loads(path.read_text()).items(), reverse=True))))
    assert load(scan).scene.dataset == dataset


def test_a_groups_file_that_the_system_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (ref,) = open_scenes([scan]).refs
    assert ref.dataset == "scannet"
    with pytest.raises(SceneError, match="can't be read: Permission denied") as caught:
        load_ref(ref)
    assert caught.value.code == "bad_mesh"


def test_a_folder_of_scans(tmp_path: Path) -> None:
    made = made_scannet.room()
    for name in ("scene0001_01", "scene0000_00", "kitchen"):
        made_scannet.save(made, tmp_path / "scans", name=name)
    (tmp_path / "scans/empty").mkdir()
    (tmp_path / "scans" / TABLE).write_text("")
    index = open_scenes([tmp_path / "scans"])
    assert [(ref.format, ref.name) for ref in index.refs] == [
        ("scannet", "kitchen"), ("scannet", "scene0000_00"), ("scannet", "scene0001_01"),
    ]  # fmt: skip
    assert index.skipped == ("empty",)
    assert [load_ref(ref).scene.space for ref in index.refs] == [
        "kitchen",
        "scene0000",
        "scene0001",
    ]


def test_scans_are_called_by_their_files(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path).rename(tmp_path / "my room")
    assert [ref.name for ref in open_scenes([scan]).refs] == [NAME]
    assert load(scan).scene.name == NAME


@pytest.mark.parametrize(
    "name",
    [
        "x_vh_clean_2.ply", "x_vh_clean_2.labels.ply", "x.sens", "x.aggregation.json",
        "x_vh_clean.aggregation.json",
    ],
)  # fmt: skip
def test_one_file_of_its_own_tells_a_scan(name: str, tmp_path: Path) -> None:
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / name).write_text("")
    assert FORMAT.recognises(tmp_path / "scan")
    assert not FORMAT.recognises(tmp_path)
    (found,) = FORMAT.index(tmp_path / "scan")
    assert isinstance(found, SceneRef)
    assert (found.name, found.dataset) == ("x", "scannet")


@pytest.mark.parametrize("name", [".x.sens", "mesh.ply", "x.txt", "_vh_clean_2.ply", "x.json"])
def test_other_files_tell_none(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("")
    (tmp_path / "folder.sens").mkdir()
    os.mkfifo(tmp_path / "pipe.sens")
    (tmp_path / "loop.sens").symlink_to("loop.sens")
    assert not FORMAT.recognises(tmp_path)
    with pytest.raises(UsageError):
        open_scenes([tmp_path])


def test_a_name_that_can_not_be_shown(tmp_path: Path) -> None:
    (tmp_path / "a\nb.sens").write_text("")
    (found,) = FORMAT.index(tmp_path)
    assert isinstance(found, Rejected)
    assert (found.name, found.code) == ("a\\nb", "bad_name")


def test_loops_of_links_lead_nowhere(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path / "scans")
    made_scannet.save_exported(scan, range(2))
    plain = open_scenes([tmp_path / "scans"])
    (scan / "color/again").symlink_to(scan)
    (scan / "up").symlink_to(tmp_path)
    (scan / "loop").symlink_to("loop")
    (tmp_path / "scans/self").symlink_to("self")
    (tmp_path / "scans/.hidden").write_text("x")
    (scan / ".hidden").write_text("x")
    index = open_scenes([tmp_path / "scans"])
    assert index.refs == plain.refs
    assert index.inputs == plain.inputs
    assert ids(load_ref(index.refs[0])) == IDS


def test_a_file_more_or_longer_is_another_input(tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    found = [open_scenes([scan]).inputs[NAME]]
    (scan / "pose").mkdir()
    found.append(open_scenes([scan]).inputs[NAME])
    for content in ("", "longer"):
        (scan / "pose/0.txt").write_text(content)
        found.append(open_scenes([scan]).inputs[NAME])
    assert len(set(found)) == 3
    assert found[0] == found[1]


def test_hundreds_of_scans_are_listed_at_once(tmp_path: Path) -> None:
    for number in range(300):
        name = f"scene{number:04d}_00"
        (tmp_path / name).mkdir()
        for end in ("_vh_clean_2.ply", ".sens", ".txt", ".aggregation.json"):
            (tmp_path / name / f"{name}{end}").write_text("")
    start = time.process_time()
    assert len(open_scenes([tmp_path]).refs) == 300
    assert time.process_time() - start < 3  # 0.1 s on one free core
