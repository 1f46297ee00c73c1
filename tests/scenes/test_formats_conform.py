"""Every scene format does what a format must do, on files written by hand and by us."""

from collections.abc import Callable
from pathlib import Path

import pytest

from spatialgen.scenes import aria, arkitscenes, formats, scannet, scannetpp, vsi_meta
from spatialgen.synth.rooms import furnish
from tests.conformance import check_format
from tests.scenes import made_scannet
from tests.scenes.made_aria import save_aria
from tests.scenes.made_arkit import save_arkit
from tests.scenes.made_entries import box, entry, save
from tests.scenes.made_scannetpp import save_dslr, save_phone, save_scans


def test_all_formats_are_checked_here() -> None:
    assert [form.name for form in formats()] == [
        "aria",
        "arkitscenes",
        "scannet",
        "scannetpp",
        "vsi_meta",
    ]


def test_synthetic_rooms_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "rooms.json"
    rooms = [furnish(2, index) for index in range(5)]
    vsi_meta.write(path, rooms)
    assert check_format(vsi_meta.FORMAT, path) == rooms


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="sound"),
        pytest.param({"object_counts": {"chair": 5, "trash bin": 1}}, id="count differs"),
        pytest.param({"object_bbox": {"chair": [box(0), box(0)]}}, id="duplicate box"),
        pytest.param({"object_bbox": {"Trash_Can": [box(0)]}}, id="other spelling"),
        pytest.param(
            {"object_bbox": {"chair": [box(0, axes=[0, 1, 0, 1, 0, 0, 0, 0, 1])]}}, id="mirrored"
        ),
        pytest.param({"room_size": ..., "dataset": ...}, id="nothing known of the room"),
    ],
)
def test_faults_leave_a_scene_that_conforms(changes: dict[str, object], tmp_path: Path) -> None:
    path = save(tmp_path, {"faulty": entry(**changes), "sound": entry(), "empty": {}})
    assert len(check_format(vsi_meta.FORMAT, path)) == 2


@pytest.mark.parametrize("frames", [0, 4], ids=["without frames", "with frames"])
def test_scannet_conforms(frames: int, tmp_path: Path) -> None:
    scan = made_scannet.save(made_scannet.room(), tmp_path)
    if frames:
        made_scannet.save_exported(scan, range(frames))
    (scene,) = check_format(scannet.FORMAT, scan)
    assert scene.key == "scannet/scene0000_00"


@pytest.mark.parametrize("frames", [(), (0, 1, 2)], ids=["without pictures", "with pictures"])
def test_aria_conforms(frames: tuple[int, ...], tmp_path: Path) -> None:
    folder = save_aria(tmp_path / "seq", pictures=frames, depths=frames)
    (scene,) = check_format(aria.FORMAT, folder)
    assert scene.key == "aria_digital_twin/seq"


@pytest.mark.parametrize("times_s", [(), (0.0, 0.1)], ids=["without frames", "with frames"])
def test_arkitscenes_conforms(times_s: tuple[float, ...], tmp_path: Path) -> None:
    (scene,) = check_format(arkitscenes.FORMAT, save_arkit(tmp_path, times_s=times_s))
    assert scene.key == "arkitscenes/41098184"


@pytest.mark.parametrize(
    "save_video",
    [pytest.param(None, id="none"), pytest.param(save_dslr, id="photographs"),
     pytest.param(save_phone, id="video")],
)  # fmt: skip
def test_scannetpp_conforms(save_video: Callable[[Path], object] | None, tmp_path: Path) -> None:
    folder = save_scans(tmp_path)
    if save_video is not None:
        save_video(folder)
    (scene,) = check_format(scannetpp.FORMAT, folder)
    assert scene.key == "scannetpp/0a5c013435"


def test_every_folder_is_of_one_format(tmp_path: Path) -> None:
    folders = {
        "aria": save_aria(tmp_path / "aria"),
        "arkitscenes": save_arkit(tmp_path / "arkit"),
        "scannet": made_scannet.save(made_scannet.room(), tmp_path / "scannet"),
        "scannetpp": save_scans(tmp_path / "scannetpp"),
        "vsi_meta": save(tmp_path, {"room": entry()}),
    }
    assert list(folders) == [form.name for form in formats()]
    for name, path in folders.items():
        assert [form.name for form in formats() if form.recognises(path)] == [name]
