"""Damaged metadata: whatever is done to a file, it ends in scenes and named refusals."""

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.rng import generator
from spatialgen.scenes import load, open_scenes
from tests.scenes.made_entries import box, entry

COPIES = 2000
EVIL: tuple[Any, ...] = (
    math.nan, math.inf, -math.inf, None, True, "", "text", "\x00", "\ud800", -1, 0, 1e308, 5e-324,
    10**400, [], {}, [[]], [math.nan] * 3, [0] * 9, {"chair": 1}, [{}], "x" * 1000,
)  # fmt: skip
BYTES = (
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\0",
    b"\xff",
    b"1e999",
    b"NaN",
    b"[" * 99,
)
REFUSALS = {
    "not_an_object", "bad_name", "bad_json", "duplicate_key", "too_deep", "missing_boxes",
    "no_objects", "duplicate_scene",
}  # fmt: skip
NOTES = {
    "bad_box", "degenerate_box", "duplicate_box", "mirrored_axes", "count_mismatch",
    "label_without_box", "missing_count", "bad_count", "label_renamed", "missing_room", "bad_room",
    "missing_dataset",
}  # fmt: skip


def _scenes() -> dict[str, Any]:
    lamps = {"lamp": [box(0, instance_id=4), box(2)], "椅子": [box(3)]}
    return {
        "scene0001_00": entry(),
        "b": entry(room_height=2.5, room_polygon=[[0, 0], [4, 0], [4, 3]], space="house"),
        "c": entry(object_bbox=..., object_bboxes=lamps, object_counts={"lamp": 2, "椅子": 1}),
    }


def _replaced(random: np.random.Generator) -> bytes:
    """The scenes with one to three values, of any depth, replaced, dropped or renamed."""
    whole = copy.deepcopy(_scenes())
    for _ in range(random.integers(1, 4)):
        holder: Any = whole
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = keys[random.integers(len(keys))]
            inner = holder[key]
            if not (isinstance(inner, dict | list) and inner) or random.random() < 0.2:
                break
            holder = inner
        evil = EVIL[random.integers(len(EVIL))]
        change = random.integers(4)
        if change == 0:
            del holder[key]
        elif change == 1 and isinstance(holder, dict) and isinstance(evil, str):
            holder[evil] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(evil)
        if not whole:
            break
    return json.dumps(whole).encode()


def _damaged(random: np.random.Generator) -> bytes:
    """The file with bytes cut off, flipped, put in, taken out or doubled."""
    data = bytearray(json.dumps(_scenes(), ensure_ascii=False).encode())
    for _ in range(random.integers(1, 4)):
        at, end = sorted(random.integers(0, len(data) + 1, size=2).tolist())
        match random.integers(5):
            case 0:
                del data[end:]
            case 1 if at < len(data):
                data[at] ^= 1 << random.integers(8)
            case 2:
                data[at:at] = BYTES[random.integers(len(BYTES))]
            case 3:
                del data[at : at + 1 + (end - at) // 50]
            case _:
                data[at:at] = data[at:end]
    return bytes(data)


def _check(path: Path) -> set[str]:
    """Read everything in ``path`` and return what happened, checking every scene that results."""
    try:
        index = open_scenes([path])
    except SpatialgenError as error:
        return {type(error).__name__, *([] if "\n" not in str(error) else ["two lines"])}
    happened = {each.code for each in index.rejected}
    for each in index.rejected:
        assert (each.dataset + each.name + each.detail).isprintable()
    for ref in index.refs:
        try:
            scene = load(ref).scene
        except SceneError as error:
            happened.add(error.code)
            continue
        happened.add("scene")
        happened.update(note.code for note in scene.notes)
        assert len({each.id for each in scene.objects}) == len(scene.objects) > 0
        assert all(count > 0 for count in scene.counts.values())
        assert {each.label for each in scene.objects} <= set(scene.counts)
        for each in scene.objects:
            numbers = [*each.box.center, *each.box.size, *(x for row in each.box.axes for x in row)]
            assert all(math.isfinite(number) for number in numbers)
            assert min(each.box.size) > 0
        texts = [scene.key, scene.space, *scene.counts, *(note.detail for note in scene.notes)]
        assert all(text.isprintable() and text for text in texts)
    return happened


@pytest.mark.parametrize("kind", [_replaced, _damaged], ids=["values", "bytes"])
def test_every_outcome_has_a_name(tmp_path: Path, kind: Any) -> None:
    path = tmp_path / "meta.json"
    happened: set[str] = set()
    for number in range(COPIES // 2):
        path.write_bytes(kind(generator(7, "fuzz", kind.__name__, number)))
        try:
            happened |= _check(path)
        except Exception as error:
            error.add_note(f"copy {number}")
            raise
    assert happened <= REFUSALS | NOTES | {"scene", "UsageError", "SpatialgenError"}
    # The damage has to reach most of the code, or the test shows nothing.
    expected = {"scene", "UsageError", "count_mismatch", "label_renamed", "bad_box"}
    if kind is _damaged:
        expected |= {"SpatialgenError", "bad_json", "duplicate_key", "duplicate_scene"}
    else:
        expected |= {"not_an_object", "missing_boxes", "no_objects", "degenerate_box", "bad_count"}
        expected |= {"bad_name", "bad_room", "missing_room", "missing_dataset", "label_without_box"}
    assert expected - happened == set()
