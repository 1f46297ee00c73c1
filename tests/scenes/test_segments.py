"""Segments and groups: who owns a vertex and a face, and groups that can't be right."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.scenes import _segments as segments
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._segments import Group


def group(label: Any, *numbers: Any) -> dict[str, Any]:
    return {"id": 0, "objectId": 0, "label": label, "segments": list(numbers)}


def read_groups(tmp_path: Path, raw: Any) -> tuple[list[Group], dict[str, str]]:
    path = tmp_path / "x.aggregation.json"
    path.write_text(json.dumps({"sceneId": "x", "segGroups": raw}))
    faults = Faults()
    return segments.read_groups(path, faults), {n.code: n.detail for n in faults.notes()}


def owners(vertices: list[int], *groups: list[int]) -> tuple[list[int], dict[str, str]]:
    faults = Faults()
    made = [Group(f"g{i}", np.unique(np.array(each))) for i, each in enumerate(groups)]
    found = segments.vertex_owners(np.array(vertices), made, faults)
    return found.tolist(), {note.code: note.detail for note in faults.notes()}


@pytest.mark.parametrize(
    ("vertices", "groups", "expected", "codes"),
    [
        pytest.param(
            [5, 5, 9, 70_000], [[5], [70_000, 9]], [0, 0, 1, 1], [], id="names, no indices"
        ),
        pytest.param([0, 1, 0], [[0], [1]], [0, 1, 0], [], id="0 is a segment"),
        pytest.param([5, 6, 7], [[6]], [-1, 0, -1], [], id="unannotated"),
        pytest.param([5, 6], [[5, 6], [6]], [0, 1], ["shared_segments"], id="the later has it"),
        pytest.param([5, 6], [[5, 99], [6]], [0, 1], ["absent_segments"], id="absent"),
        pytest.param([5, -6], [[-6]], [-1, 0], [], id="negative"),
        pytest.param([5, 6], [], [-1, -1], [], id="no groups"),
    ],
)
def test_owners_of_vertices(
    vertices: list[int], groups: list[list[int]], expected: list[int], codes: list[str]
) -> None:
    found, notes = owners(vertices, *groups)
    assert found == expected
    assert list(notes) == codes


def test_what_is_said_of_shared_and_absent_segments() -> None:
    _, notes = owners([5, 6, 7], [5, 6, 99], [6, 7])
    assert notes == {
        "absent_segments": "g0: 1 of its 3 segments are not in the mesh",
        "shared_segments": "g1: names segments of an earlier g0, and has them",
    }


def test_groups_of_the_full_mesh_are_refused() -> None:
    full = [[70_001, 70_002, 5], [80_000]]
    with pytest.raises(SceneError, match=r"3 of 4 segments .*_vh_clean\.aggregation") as caught:
        owners([5, 6, 7], *full)
    assert caught.value.code == "foreign_annotation"


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        ([0, 0, 0], 0),
        ([0, 0, 1], 0),
        ([0, 1, 0], 0),
        ([1, 0, 0], 0),
        ([0, 1, 2], -1),
        ([-1, -1, 2], -1),
        ([-1, 2, 2], 2),
        ([-1, 1, 2], -1),
    ],
)
def test_a_face_belongs_to_whom_two_corners_belong(corners: list[int], expected: int) -> None:
    found = segments.face_owners(np.array(corners, dtype=np.int32), np.array([[0, 1, 2]]))
    assert found.tolist() == [expected]


def test_every_group_twice_from_number_31_on(tmp_path: Path) -> None:
    once = [group(f"thing {number}", number, 100 + number) for number in range(31)]
    twice = [{**each, "objectId": 31 + number} for number, each in enumerate(once)]
    found, notes = read_groups(tmp_path, once + twice)
    assert [each.label for each in found] == [f"thing {number}" for number in range(31)]
    assert list(notes) == ["duplicate_group"]


@pytest.mark.parametrize(
    ("raw", "labels", "note"),
    [
        ([group("a", 1), group("b", 2)], ["a", "b"], {}),
        ([group("a", 2, 1, 2)], ["a"], {}),
        (
            [group("a", 1, 2), group("b", 2, 1)],
            ["a"],
            {"duplicate_group": "b: the same segments as an earlier a, dropped"},
        ),
        ([group("a")], [], {"empty_group": "a: a group without segments, dropped"}),
        ([group(3, 1)], [], {"bad_group": "segGroups: a group without a label, dropped"}),
        (
            ["a", None, []],
            [],
            {"bad_group": "segGroups: a group without a label, dropped (and 2 more)"},
        ),
        *(
            (
                [group("a", 1, evil)],
                [],
                {"bad_group": "a: its segments are no list of whole numbers, dropped"},
            )
            for evil in (1.5, "2", None, True, [2], 2**63, "x" * 1000, float("nan"))
        ),
        (
            [{"label": "a", "segments": {"1": 1}}],
            [],
            {"bad_group": "a: its segments are no list of whole numbers, dropped"},
        ),
    ],
)
def test_groups(raw: Any, labels: list[str], note: dict[str, str], tmp_path: Path) -> None:
    found, notes = read_groups(tmp_path, raw)
    assert [each.label for each in found] == labels
    assert notes == note


@pytest.mark.parametrize("raw", [None, {}, 3, [group("a", 1)] * 10_001])
def test_no_list_of_groups(raw: Any, tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"segGroups is no list of up to 10,000") as caught:
        read_groups(tmp_path, raw)
    assert caught.value.code == "bad_annotation"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('{"segIndices": [1, 2]}', "segments_mismatch", "2 segment numbers for a mesh of 3"),
        ('{"segIndices": [1, 2, 3, 4]}', "segments_mismatch", "4 segment numbers"),
        ('{"segIndices": []}', "segments_mismatch", "0 segment numbers"),
        ('{"segIndices": [1, 2, 3.0]}', "bad_annotation", "no list of whole numbers"),
        ('{"segIndices": [1, 2, "3"]}', "bad_annotation", "no list of whole numbers"),
        ('{"segIndices": [1, 2, 9999999999999999999]}', "bad_annotation", "no list of whole"),
        ('{"params": {}}', "bad_annotation", "no list of whole numbers"),
        ('{"segIndices": [1, 2, ', "bad_json", "not JSON at byte"),
        ('{"segIndices": [1, 2, 3], "segIndices": []}', "duplicate_key", "is there twice"),
        ("[1, 2, 3]", "bad_json", "not a JSON object"),
        ("", "bad_json", "not JSON at byte 0"),
        ('{"segIndices": ' + "[" * 100_000, "too_deep", "deeper than the parser"),
        ('{"segIndices": [' + "[]," * 2_000_000, "bad_json", "more than 2,000,000 lists"),
        ('{"segIndices": [' + "9" * 5000 + "]}", "bad_json", "too many digits"),
        ("\xff", "bad_json", "not UTF-8 at byte 0"),
    ],
)
def test_segments_that_do_not_fit(text: str, code: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.segs.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SceneError, match=message) as caught:
        segments.read_segments(path, 3)
    assert caught.value.code == code
    assert str(caught.value).startswith("x.segs.json: ")


def test_segments_with_parameters_as_text(tmp_path: Path) -> None:
    path = tmp_path / "x.segs.json"
    path.write_text('{"params": {"kThresh": "0.0001"}, "sceneId": "x", "segIndices": [7, 7, 0]}')
    assert segments.read_segments(path, 3).tolist() == [7, 7, 0]


def test_file_larger_than_any_annotation(tmp_path: Path) -> None:
    path = tmp_path / "x.segs.json"
    with path.open("wb") as stream:
        stream.truncate(segments.BYTES_LIMIT + 1)
    with pytest.raises(SceneError, match="bytes, more than") as caught:
        segments.read_segments(path, 3)
    assert caught.value.code == "bad_annotation"
