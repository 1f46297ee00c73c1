"""Damaged ScanNet scans: whatever is done to the files, it ends in a scene or a named refusal."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.rng import generator
from spatialgen.scenes import load, open_scenes
from tests.scenes import made_scannet
from tests.scenes.made_scannet import NAME

COPIES = 150
REFUSALS = {
    "bad_mesh", "bad_annotation", "bad_json",
    "duplicate_key", "too_deep", "segments_mismatch", "foreign_annotation", "no_objects",
}  # fmt: skip
NOTES = {
    "missing_mesh", "missing_annotation", "missing_parameters", "missing_alignment",
    "bad_parameter", "mesh_from_labels", "bad_vertex",
    "bad_label_table", "label_renamed", "bad_group", "empty_group", "duplicate_group",
    "shared_segments", "absent_segments", "no_box", "duplicate_box", "room_from_labels",
    "no_floor", "no_ceiling", "missing_frames", "missing_pose", "bad_pose", "missing_picture",
    "thinned_frames", "frame_count", "assumed_frame_rate", "missing_intrinsics", "missing_depth",
    "assumed_registration", "cut_sens", "bad_sens", "unknown_compression", "other_video",
    "bad_video", "bad_image", "bad_depth",
}  # fmt: skip
EVIL: tuple[Any, ...] = (
    math.nan, math.inf, None, True, "", "text", "\x00", "\ud800", -1, 0, 0.5, 1e308, 10**30,
    2**31, 2**63, [], {}, [[]], ["x" * 5000], {"label": 1},
)  # fmt: skip
WORDS = ("nan", "-inf", "1e400", "", "x", "-1", "0", "9" * 30, "\x00", "1 " * 40)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Coarse, so that hundreds of copies are read in seconds.
    made = made_scannet.room(0.1)
    scan = made_scannet.save(made, tmp_path_factory.mktemp("sound"))
    made_scannet.save_labels(made, scan)
    made_scannet.save_exported(scan, range(3))
    (scan / f"{NAME}.sens").write_bytes(made_scannet.sens(3))
    return scan


def _bytes(scan: Path, random: np.random.Generator) -> None:
    """Cut, flip, take out or double bytes of one file or two."""
    files = sorted(path for path in scan.rglob("*") if path.is_file())
    large = [path for path in files if path.parent == scan]
    for _ in range(random.integers(1, 3)):
        several = large if random.random() < 0.7 else files
        path = several[random.integers(len(several))]
        data = bytearray(path.read_bytes())
        # Half of the time in the first thousand bytes, where the headers are.
        reach = len(data) + 1 if random.random() < 0.5 else min(len(data) + 1, 1000)
        at, end = sorted(random.integers(0, reach, size=2).tolist())
        match random.integers(5):
            case 0:
                del data[end:]
            case 1 if at < len(data):
                data[at] ^= 1 << random.integers(8)
            case 2:
                data[at : at + 8] = random.bytes(8)
            case 3:
                del data[at : at + 1 + (end - at) // 50]
            case _:
                data[at:at] = data[at : min(end, at + 1000)]
        path.write_bytes(data)


def _values(scan: Path, random: np.random.Generator) -> None:
    """Replace values of the annotation, the text file and poses by what no one would write."""
    for _ in range(random.integers(1, 4)):
        match random.integers(4):
            case 0:
                _evil_json(scan / f"{NAME}.aggregation.json", random)
            case 1:
                _evil_json(scan / f"{NAME}_vh_clean_2.0.010000.segs.json", random)
            case 2:
                _evil_words(scan / f"{NAME}.txt", random)
            case _:
                folder = ("pose", "intrinsic")[random.integers(2)]
                paths = sorted((scan / folder).glob("*.txt"))
                _evil_words(paths[random.integers(len(paths))], random)


def _files(scan: Path, random: np.random.Generator) -> None:
    """Take files away, make them empty, or put something else in their place."""
    paths = sorted(path for path in scan.rglob("*") if path.is_file())
    other = paths[random.integers(len(paths))].read_bytes()
    for path in (paths[index] for index in random.choice(len(paths), random.integers(1, 6), False)):
        path.unlink()
        match random.integers(5):
            case 0:
                path.write_bytes(b"")
            case 1:
                path.mkdir()
            case 2:
                path.symlink_to(path.name)
            case 3:
                path.write_bytes(other)
            case _:
                pass


def _evil_json(path: Path, random: np.random.Generator) -> None:
    whole = json.loads(path.read_text())
    holder: Any = whole
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = keys[random.integers(len(keys))]
        inner = holder[key]
        if not (isinstance(inner, dict | list) and inner) or random.random() < 0.2:
            break
        holder = inner
    holder[key] = EVIL[random.integers(len(EVIL))]
    path.write_text(json.dumps(whole))


def _evil_words(path: Path, random: np.random.Generator) -> None:
    words = path.read_text().split(" ")
    words[random.integers(len(words))] = WORDS[random.integers(len(WORDS))]
    path.write_text(" ".join(words))


def _check(scan: Path) -> set[str]:
    """Read the scan and return what happened, checking what results."""
    try:
        (ref,) = open_scenes([scan]).refs
        read = load(ref)
    except SpatialgenError as error:
        # A refused scan becomes a row, which has to be the same wherever the scan lies.
        tied = isinstance(error, SceneError) and str(scan) in str(error)
        two_lines = "\n" in str(error)
        code = error.code if isinstance(error, SceneError) else type(error).__name__
        return {code, *(["tied"] if tied else []), *(["two lines"] if two_lines else [])}
    scene, mesh = read.scene, read.mesh
    happened = {"scene", *(note.code for note in scene.notes)}
    assert (mesh is None) == ("missing_mesh" in happened)
    if mesh is not None:
        assert len(mesh.owners) == len(mesh.faces)
        assert np.isfinite(mesh.vertices).all()
        assert -1 <= mesh.owners.min(initial=-1) <= mesh.owners.max(initial=-1) < len(scene.objects)
        corners = mesh.faces.ravel()
        assert 0 <= corners.min(initial=0) <= corners.max(initial=0) < len(mesh.vertices)
    assert bool(scene.objects) != bool({"missing_annotation", "missing_mesh"} & happened)
    assert len({each.id for each in scene.objects}) == len(scene.objects)
    for each in scene.objects:
        numbers = [*each.box.center, *each.box.size, *(x for row in each.box.axes for x in row)]
        assert all(math.isfinite(number) for number in numbers)
        assert min(each.box.size) > 0
    texts = [scene.key, *scene.counts, *(note.detail for note in scene.notes)]
    assert all(text.isprintable() and text for text in texts), texts
    film = read.recording
    if film is not None:
        happened.add("recording")
        assert len(film.indices) == len(film.times_s) == len(film.poses) > 0
        assert np.isfinite(film.poses).all()
        assert (np.diff(film.indices) > 0).all()
        assert (np.diff(film.times_s) > 0).all()
        assert film.indices[-1] < film.total
        happened |= _pictures(film)
    return happened


def _pictures(film: Any) -> set[str]:
    happened = set()
    for index in film.indices[:2].tolist():
        try:
            if film.colors is not None:
                list(film.colors.read([index]))
            if film.depths is not None:
                film.depths.read(index)
        except SceneError as error:
            happened.add(error.code)
    return happened


@pytest.mark.parametrize("damage", [_bytes, _values, _files], ids=["bytes", "values", "files"])
def test_every_outcome_has_a_name(
    damage: Callable[[Path, np.random.Generator], None], sound: Path, tmp_path: Path
) -> None:
    happened: set[str] = set()
    for number in range(COPIES // 3):
        scan = tmp_path / f"{number}" / NAME
        shutil.copytree(sound, scan)
        damage(scan, generator(11, "fuzz", damage.__name__, number))
        if number % 2:  # exported frames go before those of the .sens file
            shutil.rmtree(scan / "pose")
        try:
            happened |= _check(scan)
        except Exception as error:
            error.add_note(f"copy {number}")
            raise
        shutil.rmtree(scan)
    assert happened <= REFUSALS | NOTES | {"scene", "recording", "UsageError"}
    # The damage has to reach most of the code, or the test shows nothing.
    assert {"scene", "recording"} <= happened
    assert len(happened & REFUSALS) >= 2
    assert len(happened & NOTES) >= 6
