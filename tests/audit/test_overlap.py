"""What is shared with benchmarks is found by space, by words, and by nearly the same words."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="the extra `audit` is not installed")

from spatialgen.audit.overlap import overlap
from spatialgen.audit.question import Question
from spatialgen.audit.scene_list import read_scene_list
from spatialgen.errors import SpatialgenError, UsageError
from tests.audit.made_questions import fair_choices, vsi_row

OURS = Question(
    "ours",
    "scannet",
    "scene0011_01",
    "object_abs_distance",
    "Measuring from the closest points, how far is the refrigerator from the radiator?",
    (),
    None,
    2.5,
    "2.5",
)
THEIRS = replace(OURS, id="theirs", scene="scene0011_00")


def bench(folder: Path, *questions: Question) -> Path:
    path = folder / "bench.jsonl"
    path.write_text("".join(json.dumps(vsi_row(question)) + "\n" for question in questions))
    return path


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        pytest.param(THEIRS, (1, 1, 0, 0, 0), id="another scan of the space"),
        pytest.param(replace(THEIRS, text=THEIRS.text.upper()), (1, 1, 0, 0, 0), id="case"),
        pytest.param(replace(THEIRS, answer="2.6", number=2.6), (1, 0, 0, 0, 0), id="answer"),
        pytest.param(
            replace(THEIRS, text="How far is the refrigerator from the radiator, closest points?"),
            (1, 0, 1, 0, 0),
            id="nearly the same words",
        ),
        pytest.param(
            replace(THEIRS, text="Measuring from the closest points, how far is a bed from a box?"),
            (1, 0, 0, 0, 0),
            id="other things",
        ),
        pytest.param(replace(THEIRS, scene="scene0012_00"), (0, 0, 0, 1, 0), id="elsewhere"),
        pytest.param(replace(THEIRS, dataset="arkit"), (0, 0, 0, 1, 0), id="another dataset"),
        pytest.param(
            replace(
                THEIRS,
                scene="s",
                text="How far is the refrigerator from the radiator, closest points?",
            ),
            (0, 0, 0, 0, 1),
            id="nearly, elsewhere",
        ),
    ],
)
def test_what_is_shared(
    theirs: Question, expected: tuple[int, int, int, int, int], tmp_path: Path
) -> None:
    fillers = [replace(q, id=f"x{q.id}", scene=f"other{i}") for i, q in enumerate(fair_choices(20))]
    found = overlap([OURS], bench(tmp_path, theirs, *fillers))
    same, near = found["same_question_and_answer"], found["near_duplicates"]
    assert (
        found["questions_in_shared_spaces"],
        same["in_shared_spaces"],
        near["in_shared_spaces"],
        same["elsewhere"],
        near["elsewhere"],
    ) == expected
    assert bool(found["examples_of_spaces"]) == bool(expected[0])
    assert [each["theirs"] for each in found["examples_of_near_duplicates"]] == ["theirs"] * (
        expected[2] + expected[4]
    )


def test_options_in_another_order_are_the_same(tmp_path: Path) -> None:
    ours = fair_choices(1)[0]
    turned = tuple(reversed(ours.options))
    theirs = replace(ours, options=turned, right=turned.index(ours.answer))
    found = overlap([ours], bench(tmp_path, theirs))
    assert found["same_question_and_answer"] == {"in_shared_spaces": 1, "elsewhere": 0}


def test_scenes_of_a_benchmark_that_names_no_dataset(tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    row = {
        "question_type": "Person",
        "image_path": ["x/scannetv2_val/scene0011_00/original_images/280.jpg"],
        "question": "Where?",
        "answer": "A. up",
        "choices": "A. up\nB. down",
    }
    path.write_text(json.dumps([row]))
    assert overlap([OURS], path)["questions_in_shared_spaces"] == 1


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        pytest.param("scene0011_00\nscene0012_00\n", 1, id="a scan of the space"),
        pytest.param("\ufeffscene0011_01", 1, id="no end of line"),
        pytest.param("scene0012_00\r\n\r\n", 0, id="another"),
    ],
)
def test_scenes_of_a_split(text: str, shared: int, tmp_path: Path) -> None:
    path = tmp_path / "val.txt"
    path.write_text(text)
    found = overlap([OURS], path)
    assert found["kind"] == "scenes"
    assert found["questions_in_shared_spaces"] == shared


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a line of words\n", id="words"),
        pytest.param(b"[\n]\n", id="a list"),
        pytest.param(b"\xff\xfe\n", id="no UTF-8"),
        pytest.param(b"x" * 200, id="a long name"),
    ],
)
def test_what_is_no_list_of_scenes(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "val.txt"
    path.write_bytes(data)
    assert read_scene_list(path) is None
    with pytest.raises(SpatialgenError, match=r"val\.txt"):
        overlap([OURS], path)


def test_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        overlap([OURS], tmp_path / "missing.jsonl")


def test_questions_without_words(tmp_path: Path) -> None:
    ours = replace(OURS, text="?!")
    found = overlap([ours], bench(tmp_path, replace(ours, text="!")))
    assert found["near_duplicates"] == {"in_shared_spaces": 0, "elsewhere": 0}
