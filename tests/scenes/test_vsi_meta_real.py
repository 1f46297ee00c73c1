"""The published metadata of real scenes: all of it loads, and its known faults are named."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from spatialgen.records import Scene
from spatialgen.scenes import load, open_scenes

DATA = Path(__file__).parents[2] / "../shared/data/vsi_bench"
FILES = {"arkitscenes": 75, "scannet": 88}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the published metadata is not in ../shared/data/vsi_bench"
)


@pytest.fixture(scope="module")
def loaded() -> list[Scene]:
    index = open_scenes([DATA])
    assert index.rejected == ()
    assert sorted(index.inputs) == [f"{name}_meta_info_val.json" for name in FILES]
    return [load(ref).scene for ref in index.refs]


def test_every_scene_loads(loaded: list[Scene]) -> None:
    assert Counter(scene.dataset for scene in loaded) == FILES


def test_known_faults_are_named(loaded: list[Scene]) -> None:
    notes = Counter((note.code, note.detail.split(":")[0]) for s in loaded for note in s.notes)
    assert notes == {
        ("duplicate_box", "printer"): 9,
        ("count_mismatch", "chair"): 2,
        ("count_mismatch", "window"): 1,
    }


def test_counts_and_room_are_those_of_the_file(loaded: list[Scene]) -> None:
    for name in FILES:
        raw = json.loads((DATA / f"{name}_meta_info_val.json").read_text())
        for scene in (each for each in loaded if each.dataset == name):
            assert scene.counts == raw[scene.name]["object_counts"]
            assert scene.room.area == raw[scene.name]["room_size"]


def test_rows_of_axes_reproduce_the_published_hulls(loaded: list[Scene]) -> None:
    raw = {
        key: entry
        for name in FILES
        for key, entry in json.loads((DATA / f"{name}_meta_info_val.json").read_text()).items()
    }
    checked = 0
    for scene in loaded:
        for each in scene.objects:
            half = np.abs(np.array(each.box.axes)).T @ np.array(each.box.size) / 2
            hulls = [(box["min"], box["max"]) for box in raw[scene.name]["object_bbox"][each.label]]
            low, high = np.array(each.box.center) - half, np.array(each.box.center) + half
            assert any(
                np.allclose(low, a, atol=1e-9) and np.allclose(high, b, atol=1e-9) for a, b in hulls
            )
            checked += 1
    assert checked == 1638


def test_space_is_the_place_and_not_the_scan(loaded: list[Scene]) -> None:
    spaces = {scene.key: scene.space for scene in loaded}
    assert spaces["scannet/scene0251_00"] == "scene0251"
    assert spaces["arkitscenes/41069025"] == "41069025"
