"""Writing the metadata JSON: reading it back gives equal scenes, and nothing half is left."""

import dataclasses
import errno
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spatialgen.errors import SpatialgenError
from spatialgen.records import Box, Camera, Frame, Room, Scene, SceneObject
from spatialgen.scenes import SceneRef
from spatialgen.scenes.vsi_meta import FORMAT, write
from tests.scenes.made_entries import entry, load_one


def _scene(name: str = "room", **changes: Any) -> Scene:
    bed = Box(
        (0.1, 0.2, 0.3), (2.0, 1.6, 0.5), ((0.6, 0.8, 0.0), (-0.8, 0.6, 0.0), (0.0, 0.0, 1.0))
    )
    pillow = dataclasses.replace(bed, center=(1 / 3, 0.2, 0.7), size=(0.5, 0.4, 0.1))
    scene = Scene(
        dataset="made",
        name=name,
        space="house",
        objects=(
            SceneObject("bed_1", "bed", bed),
            SceneObject("pillow_1", "pillow", pillow),
            SceneObject("椅子_1", "椅子", dataclasses.replace(bed, center=(3.0, 0.0, 0.0))),
        ),
        counts={"bed": 1, "pillow": 1, "椅子": 1},
        room=Room(12.0, (1.0, 2.0, 3.0), 2.4, ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0))),
    )
    return dataclasses.replace(scene, **changes)


def test_written_scenes_are_read_back_equal(tmp_path: Path) -> None:
    scenes = [
        _scene("a"),
        _scene("scene0001_00", space="scene0001", dataset="other"),
        _scene("b", room=Room(area=3.0)),
        _scene("c", space="c"),
    ]
    path = tmp_path / "out.json"
    write(path, iter(scenes))
    refs = list(FORMAT.index(path))
    assert FORMAT.recognises(path)
    assert [FORMAT.load(ref).scene for ref in refs if isinstance(ref, SceneRef)] == scenes
    assert os.listdir(tmp_path) == ["out.json"]


def test_written_hull_is_the_one_of_the_turned_box(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write(path, [_scene()])
    box = json.loads(path.read_text())["room"]["object_bbox"]["bed"][0]
    # half sides 1 and 0.8 turned by the 3-4-5 angle: x 0.6*1 + 0.8*0.8, y 0.8*1 + 0.6*0.8
    assert box["max"] == pytest.approx([0.1 + 1.24, 0.2 + 1.28, 0.3 + 0.25])
    assert box["min"] == pytest.approx([0.1 - 1.24, 0.2 - 1.28, 0.3 - 0.25])


def test_notes_are_not_written(tmp_path: Path) -> None:
    faulty = load_one(tmp_path, entry(object_counts={"chair": 9, "trash bin": 1}))
    assert faulty.notes
    path = tmp_path / "out.json"
    write(path, [dataclasses.replace(faulty, notes=faulty.notes * 2)])
    (ref,) = FORMAT.index(path)
    assert isinstance(ref, SceneRef)
    assert FORMAT.load(ref).scene == faulty


FRAME = Frame(0, 0.0, ((1.0, 0.0, 0.0, 0.0),) * 3, Camera(1.0, 1.0, 1.0, 1.0, 2, 2))


def _unheld() -> dict[str, Scene]:
    scene = _scene()
    bed, pillow, chair = scene.objects
    return {
        "not grouped": dataclasses.replace(
            scene,
            objects=(bed, pillow, dataclasses.replace(chair, id="bed_2", label="bed")),
            counts={"bed": 2, "pillow": 1},
        ),
        "other id": dataclasses.replace(scene, objects=(dataclasses.replace(bed, id="x"), pillow)),
        "label not canonical": dataclasses.replace(
            scene, objects=(dataclasses.replace(bed, label="Bed"),)
        ),
        "nan": _scene(room=Room(area=math.nan)),
        "name": _scene(name="a/b"),
        "no dataset": _scene(dataset=""),
        "frames": _scene(frames=(FRAME,)),
    }


@pytest.mark.parametrize("reason", _unheld())
def test_scenes_that_the_layout_cannot_hold(tmp_path: Path, reason: str) -> None:
    path = tmp_path / "out.json"
    with pytest.raises(ValueError, match=r"made/|no name"):
        write(path, [_scene("first"), _unheld()[reason]])
    assert os.listdir(tmp_path) == []


def test_name_written_twice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two scenes are called 'room'"):
        write(tmp_path / "out.json", [_scene(), _scene(dataset="other")])


def test_no_scene_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write(path, [])
    assert list(FORMAT.index(path)) == []


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("absent/out.json", "No such file"),
        ("file/out.json", "Not a directory"),
        ("folder", "Is a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_place_that_can_not_be_written(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SpatialgenError, match=f"can't write .*{place}: {reason}"):
        write(tmp_path / place, [_scene()])
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_disk_that_fills_up_keeps_the_old_file(tmp_path: Path) -> None:
    def scenes() -> Iterator[Scene]:
        yield _scene()
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(SpatialgenError, match="No space left"):
        write(path, scenes())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.json"]


def test_refused_scene_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(ValueError, match="two scenes"):
        write(path, [_scene(), _scene()])
    assert path.read_text() == "old"
