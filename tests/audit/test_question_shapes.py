"""Files of questions are recognised by their columns, and read alike."""

import json
from pathlib import Path
from typing import Any

import pytest

from spatialgen.audit import rows
from spatialgen.audit.question import Question
from spatialgen.audit.reading import read_questions
from spatialgen.audit.shapes import Unreadable, shape_of
from spatialgen.errors import DatasetError, SpatialgenError, UsageError

VSI = {
    "id": 7,
    "dataset": "scannet",
    "scene_name": "scene0011_00",
    "question_type": "object_rel_distance",
    "question": "Which is nearest?",
    "options": ["A. the chair", "B. a table"],
    "ground_truth": "B",
}
VIEW = {
    "question_type": "Person",
    "image_path": ["ViewSpatial-Bench/scannetv2_val/scene0011_01/original_images/280.jpg"],
    "question": "Where?",
    "answer": "B. front-left",
    "choices": "A. right\nB. front-left",
}
EMB = {
    "question_id": "mp3d_0",
    "data_source": "mp3d",
    "scene_id": "s1",
    "relation": "close",
    "question": "Which?",
    "answer_options": ["door", "cart"],
    "answer": 1,
}
CUBE = {
    "id": "among_group693_q1_4_1",
    "question": "Where am I? A. Above B. Under C. Front",
    "gt_answer": "C",
}
MMSI = {
    "id": "0",
    "question_type": "Motion (Cam.)",
    "question": "Which way? \nOptions: A: left front, B: right, front",
    "answer": "A",
}
ERQA = {
    "question_id": "ERQA_0",
    "question_type": "Pointing",
    "question": "Which one? Choices: A. Red. B. Blue. Please answer with the letter.",
    "answer": "A",
}
SITE = {
    "question": "How many?",
    "options": ["2", "3"],
    "answer": "B",
    "category": "counting",
    "dataset": "x",
}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            VSI,
            Question(
                "7",
                "scannet",
                "scene0011_00",
                "object_rel_distance",
                "Which is nearest?",
                ("the chair", "a table"),
                1,
                None,
                "a table",
            ),
            id="vsi",
        ),
        pytest.param(
            {**VSI, "options": None, "ground_truth": "2.5"},
            Question(
                "7",
                "scannet",
                "scene0011_00",
                "object_rel_distance",
                "Which is nearest?",
                (),
                None,
                2.5,
                "2.5",
            ),
            id="vsi, a number",
        ),
        pytest.param(
            VIEW,
            Question(
                "1",
                "",
                "scene0011_01",
                "Person",
                "Where?",
                ("right", "front-left"),
                1,
                None,
                "front-left",
            ),
            id="viewspatial",
        ),
        pytest.param(
            EMB,
            Question("mp3d_0", "mp3d", "s1", "close", "Which?", ("door", "cart"), 1, None, "cart"),
            id="embspatial",
        ),
        pytest.param(
            CUBE,
            Question(
                "among_group693_q1_4_1",
                "",
                "among_group693",
                "among",
                "Where am I?",
                ("Above", "Under", "Front"),
                2,
                None,
                "Front",
            ),
            id="mindcube",
        ),
        pytest.param(
            MMSI,
            Question(
                "0",
                "",
                "",
                "Motion (Cam.)",
                "Which way?",
                ("left front", "right, front"),
                0,
                None,
                "left front",
            ),
            id="mmsi",
        ),
        pytest.param(
            ERQA,
            Question(
                "ERQA_0",
                "",
                "",
                "Pointing",
                "Which one?",
                ("Red.", "Blue. Please answer with the letter."),
                0,
                None,
                "Red.",
            ),
            id="erqa",
        ),
        pytest.param(
            SITE,
            Question("1", "", "", "counting", "How many?", ("2", "3"), 1, None, "3"),
            id="listed options",
        ),
    ],
)
def test_rows_are_read(row: dict[str, Any], expected: Question) -> None:
    shape = shape_of(row)
    assert shape is not None
    assert shape.read(row, "1") == expected


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({**VSI, "ground_truth": "C"}, id="a letter beyond the options"),
        pytest.param({**VSI, "ground_truth": 4}, id="a number that is none as text"),
        pytest.param({**VSI, "options": "A. x"}, id="options as a text"),
        pytest.param({**VSI, "options": ["x"] * 11}, id="eleven options"),
        pytest.param({**VSI, "question": None}, id="no question"),
        pytest.param({**VIEW, "choices": ""}, id="no choice"),
        pytest.param({**VIEW, "answer": "E. up"}, id="an answer that is not offered"),
        pytest.param({**EMB, "answer": 2}, id="a place beyond the options"),
        pytest.param({**EMB, "answer": True, "answer_options": []}, id="a place that is true"),
        pytest.param({**CUBE, "question": "Where am I?"}, id="no options in the question"),
    ],
)
def test_unreadable_rows_say_why(row: dict[str, Any]) -> None:
    shape = shape_of(row)
    assert shape is not None
    with pytest.raises(Unreadable):
        shape.read(row, "1")


@pytest.mark.parametrize("row", [{}, {"question": "x"}, {"scene0000_00": {"object_counts": {}}}])
def test_other_shapes_are_not_taken(row: dict[str, Any]) -> None:
    assert shape_of(row) is None


def lines_of(*found: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in found)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lines_of(VSI, VSI), id="lines"),
        pytest.param(b"\n" + lines_of(VSI) + b"\r\n" + lines_of(VSI)[:-1], id="empty lines"),
        pytest.param(json.dumps([VSI, VSI]).encode(), id="a list"),
        pytest.param(
            b"\xef\xbb\xbf " + json.dumps([VSI, VSI], indent=1).encode(), id="a marked one"
        ),
    ],
)
@pytest.mark.parametrize("chunk", [1, 7, 2**18])
def test_files_are_read(
    data: bytes, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_CHUNK", chunk)
    path = tmp_path / "questions.jsonl"
    path.write_bytes(data)
    asked = read_questions(path)
    assert [question.id for question in asked.questions] == ["7", "7"]
    assert (asked.name, asked.shape, asked.unreadable) == ("questions.jsonl", "vsi", {})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"", "at its beginning", id="empty"),
        pytest.param(b"question,answer\n1,2\n", "begins with neither", id="a table"),
        pytest.param(b"\x89PNG\r\n", "at its beginning", id="a picture"),
        pytest.param(b"[]", "holds no question", id="an empty list"),
        pytest.param(b"[1, 2]", "what is no object", id="a list of numbers"),
        pytest.param(b"[" * 100_000, "what is no object", id="deep lists"),
        pytest.param(b'{"a":' * 100_000, "at its beginning", id="deep objects"),
        pytest.param(lines_of(VSI)[:-9], "at its beginning", id="cut short"),
        pytest.param(b"[" + lines_of(VSI), "after 1 rows", id="no end"),
        pytest.param(b"[" + lines_of(VSI, VSI) + b"]", "a comma is missing", id="no comma"),
        pytest.param(lines_of(VSI) + b"\xff\n", "can't decode", id="no UTF-8"),
        pytest.param(lines_of({"text": "x", "label": 1}), "another shape", id="another shape"),
        pytest.param(
            lines_of({**VSI, "options": None, "ground_truth": 4}),
            "'ground_truth' is no text",
            id="nothing readable",
        ),
    ],
)
def test_bad_files_are_told_in_a_line(data: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(data)
    with pytest.raises(SpatialgenError, match=told) as raised:
        read_questions(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_a_row_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROW_LIMIT", 1_000)
    monkeypatch.setattr(rows, "_CHUNK", 100)
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b'{"a": "' + b"x" * 100_000)
    with pytest.raises(SpatialgenError, match="a row of more than 1000 characters"):
        read_questions(path)


def test_unreadable_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    less = {key: value for key, value in VSI.items() if key != "scene_name"}
    path.write_bytes(lines_of(VSI, {**VSI, "ground_truth": "Z"}, less, less))
    assert read_questions(path).unreadable == {
        "its answer is none of its options": 1,
        "it has no 'scene_name'": 2,
    }


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file of questions"):
        read_questions(tmp_path / "missing.jsonl")
    with pytest.raises(UsageError, match="neither a dataset folder nor a release"):
        read_questions(tmp_path)


def test_a_dataset_folder_is_read(dataset: Path) -> None:
    asked = read_questions(dataset)
    assert asked.questions
    assert asked.unreadable == {}
    assert {question.dataset for question in asked.questions} == {"synthetic"}


def test_a_damaged_folder_is_told(copied: Path) -> None:
    (copied / "questions.jsonl").write_bytes(b"5\n")
    with pytest.raises(DatasetError, match="damaged"):
        read_questions(copied)
