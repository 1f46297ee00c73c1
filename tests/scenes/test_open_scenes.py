"""Finding scenes under paths: order, copies, folders, and what a wrong path is told."""

import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spatialgen import discovery, scenes
from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.records import Scene
from spatialgen.scenes import Format, Rejected, SceneRef, formats, load, open_scenes
from tests.scenes.made_entries import entry, save

NONSENSE_BYTES = 10**9


def _names(refs: tuple[SceneRef, ...]) -> list[str]:
    return [f"{ref.dataset}/{ref.name}" for ref in refs]


def test_every_format_keeps_the_rules() -> None:
    assert [each.name for each in formats()] == list(discovery.names("spatialgen.scenes"))
    for each in formats():
        assert isinstance(each, Format)
        assert "\n" not in each.summary + each.layout


def test_scenes_are_sorted_whatever_the_order_of_paths(tmp_path: Path) -> None:
    paths = [
        save(tmp_path, {"b": entry(), "a": entry()}, "2.json"),
        save(tmp_path, {"c": entry(dataset="first")}, "3.json"),
        save(tmp_path, {"a": entry(), "bad": []}, "1.json"),
    ]
    found = [open_scenes(order) for order in itertools.permutations(paths)]
    assert all(each == found[0] for each in found)
    assert _names(found[0].refs) == ["first/c", "made/a", "made/b"]
    assert [list(each.inputs) for each in found[:1]] == [["1.json", "2.json", "3.json"]]


def test_equal_scenes_keep_the_one_of_the_first_file_name(tmp_path: Path) -> None:
    second = save(tmp_path, {"a": entry()}, "2.json")
    first = save(tmp_path, {"a": entry()}, "1.json")
    index = open_scenes([second, first])
    assert [ref.path for ref in index.refs] == [str(first)]
    assert index.rejected == (
        Rejected(
            str(second), "made", "a", "duplicate_scene", "this scene was already met in 1.json"
        ),
    )


def test_one_key_twice_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "meta.json"
    text = json.dumps(entry())
    path.write_text(f'{{"a": {text}, "a": {text}}}')
    index = open_scenes([path])
    assert [ref.locator for ref in index.refs] == [(6, len(text))]
    assert [each.code for each in index.rejected] == ["duplicate_scene"]


def test_one_file_given_in_several_ways_is_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path, {"a": entry()})
    (tmp_path / "link.json").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    index = open_scenes([path, Path("meta.json"), Path("."), tmp_path / "link.json"])
    assert len(index.refs) == 1
    assert index.rejected == ()


def test_same_name_in_two_datasets_are_two_scenes(tmp_path: Path) -> None:
    one = save(tmp_path, {"a": entry()}, "1.json")
    two = save(tmp_path, {"a": entry(dataset="other")}, "2.json")
    assert _names(open_scenes([one, two]).refs) == ["made/a", "other/a"]


def test_folder_takes_visible_json_and_names_what_it_passes(tmp_path: Path) -> None:
    save(tmp_path, {"a": entry()}, "meta.json")
    save(tmp_path, {"b": entry()}, ".hidden.json")
    save(tmp_path, {"c": entry()}, "meta.txt")
    (tmp_path / "questions.json").write_text('[{"id": 1}]')
    (tmp_path / "questions.jsonl").write_text('{"id": 1}\n')
    (tmp_path / "deeper").mkdir()
    save(tmp_path / "deeper", {"d": entry()})
    index = open_scenes([tmp_path])
    assert _names(index.refs) == ["made/a"]
    assert index.skipped == ("deeper", "questions.json")


def test_inputs_are_hashes_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    (tmp_path / "z").mkdir()
    one = save(tmp_path / "x", {"a": entry()})
    two = save(tmp_path / "y", {"b": entry()})
    same = save(tmp_path / "z", {"a": entry()})
    hashes = {hashlib.sha256(each.read_bytes()).hexdigest() for each in (one, two)}
    index = open_scenes([one, two, same])
    assert list(index.inputs) == ["meta.json", "meta.json#2"]
    assert set(index.inputs.values()) == hashes
    assert open_scenes([same, two, one]).inputs == index.inputs


def test_load_by_reference(tmp_path: Path) -> None:
    (ref,) = open_scenes([save(tmp_path, {"a": entry()})]).refs
    scene = load(ref).scene
    assert isinstance(scene, Scene)
    assert scene.key == "made/a"


def test_load_of_a_file_that_went_away(tmp_path: Path) -> None:
    path = save(tmp_path, {"a": entry()})
    (ref,) = open_scenes([path]).refs
    path.unlink()
    with pytest.raises(SpatialgenError, match=r"meta\.json: can't be read: No such file"):
        load(ref)


def _nonsense(path: Path, head: bytes) -> Path:
    """A file of a gigabyte that takes no place on the disk."""
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(NONSENSE_BYTES)
    return path


@pytest.mark.parametrize(
    "head", [b"", b"[" * 70_000, b'{"a": "', b'{"a": {"x": [1'], ids=lambda head: str(head[:8])
)
def test_a_gigabyte_of_nonsense_is_refused_at_once(tmp_path: Path, head: bytes) -> None:
    path = _nonsense(tmp_path / "big.json", head)
    start = time.process_time()  # which other processes take nothing from
    with pytest.raises(UsageError, match=r"big\.json: not a scene"):
        open_scenes([path])
    assert time.process_time() - start < 1  # reading it all takes twice as long


def test_a_gigabyte_that_begins_like_metadata(tmp_path: Path) -> None:
    path = _nonsense(tmp_path / "big.json", b'{"a": {"object_bbox": {"chair": [1')
    with pytest.raises(SpatialgenError, match=r"big\.json: what follows scene number 0 is longer"):
        open_scenes([path])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.json", '[{"object_bbox": {}}]'),
        ("questions.jsonl", '{"id": 0, "question": "How many chairs?"}\n{"id": 1}\n'),
        ("package.json", '{"name": "x", "dependencies": {"y": "1"}}'),
        ("entry.json", '{"dataset": "x", "object_counts": {}, "object_bbox": {}}'),
        ("empty.json", ""),
        ("braces.json", "{}"),
        ("picture.png", "\x89PNG"),
    ],
)
def test_file_of_another_kind(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        open_scenes([path])
    message = str(caught.value)
    assert message.startswith(f"{path}: not a scene. Expected ")
    assert 'vsi_meta: a JSON file {"<scene>"' in message
    assert "spatialgen formats" in message
    assert "\n" not in message


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent: there is no such file or folder"):
        open_scenes([save(tmp_path, {"a": entry()}), tmp_path / "absent"])


@pytest.mark.parametrize("file", [None, "readme.txt", "questions.json", ".meta.json"])
def test_folder_without_scenes(tmp_path: Path, file: str | None) -> None:
    if file is not None:
        (tmp_path / file).write_text("[]")
    with pytest.raises(UsageError, match=r"no scene in this folder\. Expected .*spatialgen form"):
        open_scenes([tmp_path])


def test_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(UsageError, match="not a scene"):
        open_scenes([tmp_path / "pipe.json"])


def test_name_too_long_for_the_disk(tmp_path: Path) -> None:
    with pytest.raises(SpatialgenError, match="can't be read"):
        open_scenes([tmp_path / ("x" * 5000)])


def test_truncated_file_stops_with_one_line(tmp_path: Path) -> None:
    path = save(tmp_path, {"a": entry(), "b": entry()})
    path.write_text(path.read_text()[:-20])
    with pytest.raises(SpatialgenError, match=r"ends at byte \d+, after 1 whole scenes.*download"):
        open_scenes([path])


def test_unknown_format_suggests(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no format 'vsi-mta'; did you mean vsi_meta\? Known:"):
        open_scenes([save(tmp_path, {"a": entry()})], "vsi-mta")


def _folder_format(name: str, *scene_folders: str) -> Format:
    """A format whose scenes are folders of given names."""

    def index(path: Path) -> Iterator[SceneRef]:
        yield SceneRef(name, str(path), "folders", path.name)

    return Format(
        name=name,
        summary="folders",
        layout="a folder",
        recognises=lambda path: path.is_dir() and path.name in scene_folders,
        index=index,
        load=lambda ref: Scene(ref.dataset, ref.name, ref.name, (), {}),
    )


@pytest.fixture
def two_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        "one": _folder_format("one", "scan1", "both"),
        "two": _folder_format("two", "scan2", "both"),
    }

    def chosen(name: str | None = None) -> tuple[Format, ...]:
        return tuple(made.values()) if name is None else (made[name],)

    monkeypatch.setattr(scenes, "formats", chosen)


@pytest.mark.usefixtures("two_formats")
def test_folders_that_are_scenes(tmp_path: Path) -> None:
    for name in ("scan2", "scan1", "other", ".scan1"):
        (tmp_path / name).mkdir()
    (tmp_path / "scan1" / "mesh.ply").write_bytes(b"123")
    index = open_scenes([tmp_path])
    assert [(ref.format, ref.name) for ref in index.refs] == [("one", "scan1"), ("two", "scan2")]
    assert index.skipped == ("other",)
    assert index.inputs["scan1"] == hashlib.sha256(b"mesh.ply 3\n").hexdigest()
    assert load(index.refs[0]).key == "folders/scan1"
    assert _names(open_scenes([tmp_path / "scan1"]).refs) == ["folders/scan1"]
    assert _names(open_scenes([tmp_path], "two").refs) == ["folders/scan2"]


@pytest.mark.usefixtures("two_formats")
def test_folder_that_two_formats_recognise(tmp_path: Path) -> None:
    (tmp_path / "both").mkdir()
    with pytest.raises(UsageError, match="both: could be one and two; say which with --format"):
        open_scenes([tmp_path])
    assert len(open_scenes([tmp_path], "one").refs) == 1
