"""The metadata JSON of VSI-Bench and VLM-3R: one file, many scenes, boxes but no images.

    {"<scene>": {"dataset": "...", "room_size": m2, "room_center": [x, y, z],
                 "object_counts": {"<label>": n},
                 "object_bbox": {"<label>": [{"centroid": [3], "axesLengths": [3],
                                              "normalizedAxes": [9]}]}}}

Facts measured on the published files: the rows of ``normalizedAxes`` are the
box axes, ``axesLengths`` are full lengths in metres, Z is up. VLM-3R writes
``object_bboxes``. Our own rooms add ``room_height`` (metres), ``room_polygon``
([[x, y], ...]) and ``space``. Where ``dataset`` is missing, the file's name is
taken. Objects are numbered per label in file order: ``trash_bin_1``.

A fault inside a scene becomes a note, and the scene is used without that part:

    bad_box            a box without its three lists of numbers; dropped
    degenerate_box     a side not above zero or not finite, or axes not at right angles; dropped
    duplicate_box      an exact copy of an earlier box of the same label; dropped
    mirrored_axes      left-handed axes; the third is reversed, which is the same body
    count_mismatch     object_counts differs from the number of usable boxes; the count is kept
    label_without_box  counted or marked, but no usable box is left; the count is kept
    missing_count      boxes without a count; their number is taken, dropped bad ones included
    bad_count          a count that is no whole number from 1 to 10,000; ignored
    label_renamed      the label was written in another way
    missing_room       no usable room_size; the area is unknown
    bad_room           room_center, room_height, room_polygon or space not usable; ignored
    missing_dataset    no usable dataset; the file's name is taken

A scene that can't be used is rejected, and the other scenes go on:

    not_an_object      the entry is no JSON object
    bad_name           the scene's name is not printable, too long or has a slash
    bad_json           the entry is not JSON or not UTF-8
    duplicate_key      the entry has one key twice
    too_deep           brackets nest more than 32 deep
    missing_boxes      no object_bbox, or not an object
    no_objects         no usable box is left

A file cut short, broken outside its entries, or with more than 64 MB in one
entry is refused as a whole.
"""

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.records import Note, Scene
from spatialgen.scan import Scan
from spatialgen.scenes import _json_stream as json_stream
from spatialgen.scenes import _meta_entry as meta_entry
from spatialgen.scenes._base import Format, Found, Rejected, SceneRef, is_name, one_line

_HEAD_BYTES = 2**16
_ENTRY_KEYS = rb"object_counts|object_bbox|object_bboxes|room_size|room_center|video_path|dataset"
# A lone entry, without a scene's name around it, begins with one of an entry's own keys.
_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?!(?:' + _ENTRY_KEYS + rb')")')
_MARK = re.compile(rb'"object_(?:counts|bbox|bboxes)"\s*:')


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    return _HEAD.match(head) is not None and _MARK.search(head) is not None


def _index(path: Path) -> Iterator[Found]:
    with path.open("rb") as stream:
        for member in json_stream.members(path):
            yield _index_member(path, stream, member)


def _index_member(path: Path, stream: BinaryIO, member: json_stream.Member) -> Found:
    name, dataset = "", one_line(path.stem)
    try:
        # A key is always a string: the walk found it by its quotes.
        name = str(json_stream.parse(stream, member.key))
        if not is_name(name):
            raise SceneError("bad_name", "a scene's name has to be printable and without slash")
        entry = _entry(stream, member.value, member.depth)
        dataset, _ = _dataset(entry, path)
    except SceneError as error:
        return Rejected(str(path), dataset, one_line(name), error.code, str(error))
    return SceneRef("vsi_meta", str(path), dataset, name, member.value)


def _load(ref: SceneRef) -> Scan:
    if ref.locator is None:
        raise ValueError("a scene of a metadata file needs the locator that the index gave it")
    path = Path(ref.path)
    with path.open("rb") as stream:
        try:
            entry = _entry(stream, ref.locator)
        except SceneError as error:
            raise SpatialgenError(
                f"{path}: scene {ref.name} is no longer where it was; the file was changed while "
                f"it was being read, so run again ({error})"
            ) from error
    dataset, notes = _dataset(entry, path)
    return Scan(meta_entry.read(entry, dataset, ref.name, notes))


def _entry(stream: BinaryIO, span: json_stream.Span, depth: int = 0) -> dict[str, object]:
    value = json_stream.parse(stream, span, depth)
    if not isinstance(value, dict):
        raise SceneError("not_an_object", "the scene's entry is not a JSON object")
    return value


def _dataset(entry: dict[str, object], path: Path) -> tuple[str, tuple[Note, ...]]:
    dataset = entry.get("dataset")
    if is_name(dataset):
        return dataset, ()
    stem = one_line(path.stem)
    return stem, (Note("missing_dataset", f"no usable dataset, so the file's name: {stem}"),)


def write(path: Path, scenes: Iterable[Scene]) -> None:
    """Write ``scenes`` as one metadata file, whole or not at all.

    Reading it gives equal scenes. Raises ValueError for a scene that the
    layout can't hold: frames, objects not grouped by label and numbered in
    order, a name used twice. Raises SpatialgenError where the disk refuses.
    Notes are not written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            _write_all(stream, scenes)
        os.replace(partial, path)
    except OSError as error:
        raise SpatialgenError(f"can't write {path}: {error.strerror}") from error
    finally:
        # Usually it is gone by now; where it never came to be, the reason was told above.
        with contextlib.suppress(OSError):
            partial.unlink()


def _write_all(stream: TextIO, scenes: Iterable[Scene]) -> None:
    written: set[str] = set()
    for scene in scenes:
        if scene.name in written:
            raise ValueError(f"two scenes are called {scene.name!r}; one file can't hold both")
        stream.write(",\n" if written else "{\n")
        stream.write(f"{json.dumps(scene.name)}: {_checked_text(scene)}")
        written.add(scene.name)
    stream.write("\n}\n" if written else "{}\n")


def _checked_text(scene: Scene) -> str:
    """Return the entry as JSON, after making sure that reading it gives the scene back."""
    text = json.dumps(meta_entry.write(scene), ensure_ascii=False)
    again = meta_entry.read(json.loads(text), scene.dataset, scene.name)
    if dataclasses.replace(again, notes=scene.notes) != scene:
        raise ValueError(f"{scene.key} would be read back as another scene")
    if not (is_name(scene.name) and is_name(scene.dataset)):
        raise ValueError(f"{scene.key!r} is no name for a scene")
    return text


FORMAT = Format(
    name="vsi_meta",
    summary="metadata of many scenes: labelled oriented boxes, counts, room size; no images",
    layout='a JSON file {"<scene>": {"object_counts": ..., "object_bbox": ...}, ...}',
    recognises=_recognises,
    index=_index,
    load=_load,
)
