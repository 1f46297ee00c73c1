"""``verify`` finds whatever was changed in a dataset, and says in which row."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spatialgen.dataset.files import MANIFEST, QUESTIONS, REJECTED, SCENES
from spatialgen.dataset.replay import Replay, replay
from spatialgen.dataset.rows import row_id
from spatialgen.errors import DatasetError, UsageError
from spatialgen.progress import Progress
from tests.runs import PER_SCENE, made, read_lines, trusted_again, write_lines

Row = dict[str, Any]


def again(folder: Path) -> Replay:
    with Progress("questions") as progress:
        return replay(folder, progress)


def change(folder: Path, chosen: Callable[[Row], bool], change: Callable[[Row], Any]) -> int:
    """Change the first row that is chosen, let the manifest vouch for it; return its line."""
    rows = read_lines(folder / QUESTIONS)
    line, row = next((i, row) for i, row in enumerate(rows, start=1) if chosen(row))
    change(row)
    write_lines(folder / QUESTIONS, rows)
    trusted_again(folder)
    return line


def anything(row: Row) -> bool:
    return True


def numeric(row: Row) -> bool:
    return type(row["answer"]) in (int, float) and row["options"] is None


def lettered(row: Row) -> bool:
    return row["options"] is not None


def belonging(row: Row, **changes: Any) -> None:
    """Change a row and give it the id that belongs to it then."""
    row.update(changes)
    place = f"{row['dataset']}/{row['scene_name']}"
    row["id"] = row_id(place, row["question"], row["program"])


def other_letter(row: Row) -> str:
    return "B" if row["ground_truth"] == "A" else "A"


def swapped(row: Row) -> None:
    """Exchange the right option's text with another one's."""
    right = "ABCDEFGHIJ".index(row["ground_truth"])
    other = (right + 1) % len(row["options"])
    a, b = row["options"][right], row["options"][other]
    row["options"][right], row["options"][other] = a[:3] + b[3:], b[:3] + a[3:]


def respelt(row: Row, letter: str) -> None:
    """Write another letter before the right option."""
    right = "ABCDEFGHIJ".index(row["ground_truth"])
    row["options"][right] = letter + row["options"][right][1:]


def test_dataset_as_written_holds(dataset: Path) -> None:
    assert again(dataset) == Replay(4 * PER_SCENE, (), ())


@pytest.mark.parametrize(
    ("chosen", "changed", "told"),
    [
        pytest.param(
            numeric, lambda row: row.update(answer=row["answer"] + 0.1), "the row", id="answer"
        ),
        pytest.param(
            numeric, lambda row: row.update(answer=str(row["answer"])), "row '", id="kind"
        ),
        pytest.param(anything, lambda row: row.update(answer=None), "row None", id="no answer"),
        pytest.param(
            numeric,
            lambda row: row.update(ground_truth=str(row["answer"] + 0.1)),
            "ground_truth",
            id="ground truth",
        ),
        pytest.param(
            lettered,
            lambda row: row.update(ground_truth=other_letter(row)),
            "ground_truth",
            id="letter",
        ),
        pytest.param(
            lettered, lambda row: row.update(ground_truth="Z"), "ground_truth 'Z'", id="no letter"
        ),
        pytest.param(
            lettered, lambda row: row.update(ground_truth=""), "ground_truth ''", id="empty letter"
        ),
        pytest.param(lettered, swapped, "ground_truth", id="options exchanged"),
        pytest.param(lettered, lambda row: respelt(row, "J"), "ground_truth", id="option's letter"),
        pytest.param(lettered, lambda row: row.update(options=[]), "ground_truth", id="no options"),
        pytest.param(
            lettered, lambda row: row.update(options=[1, None]), "ground_truth", id="no texts"
        ),
        pytest.param(
            lettered,
            lambda row: row.update(options=row["options"] * 2),
            "ground_truth",
            id="options repeated",
        ),
        pytest.param(anything, lambda row: row.update(frames=[7]), "frames [7]", id="frames"),
        pytest.param(anything, lambda row: row.update(frames="x"), "frames 'x'", id="no frames"),
        pytest.param(anything, lambda row: row.update(id="0" * 16), "the id", id="id"),
        pytest.param(
            anything, lambda row: row.update(question=row["question"] + "?"), "the id", id="wording"
        ),
        pytest.param(
            anything, lambda row: row.update(program=row["program"] + "\n"), "the id", id="program"
        ),
        pytest.param(
            anything,
            lambda row: belonging(row, program="def answer(scene: Scene) -> int:\n    return -1\n"),
            "the program says -1",
            id="another program",
        ),
        pytest.param(
            anything,
            lambda row: belonging(row, program="import os\n"),
            "the program ends with",
            id="a hostile program",
        ),
        pytest.param(
            anything, lambda row: belonging(row, program="("), "ends with syntax", id="no program"
        ),
    ],
)
def test_changed_row_is_found(
    chosen: Callable[[Row], bool], changed: Callable[[Row], Any], told: str, copied: Path
) -> None:
    line = change(copied, chosen, changed)
    result = again(copied)
    assert not result.holds
    (difference,) = result.differences
    assert difference.line == line
    assert told in difference.what
    assert result.altered_files == ()
    assert result.questions == 4 * PER_SCENE


@pytest.mark.parametrize(
    ("answer", "ground_truth", "holds"),
    [
        pytest.param(3, "3", True, id="count"),
        pytest.param(3, "4", False, id="another count"),
        pytest.param(3, "three", False, id="a word"),
        pytest.param(3.7, "3.7", True, id="rounded by the program"),
        pytest.param(3.7, "4", False, id="rounded once more"),
        pytest.param(3.0, "3", True, id="a whole measure"),
        pytest.param(2.3456, "2.35", True, id="rounded when printed"),
        pytest.param(2.3456, "2", True, id="rounded to a whole number when printed"),
        pytest.param(2.3456, "2.4", False, id="rounded wrongly"),
        pytest.param(True, "yes", True, id="yes"),
        pytest.param(True, "no", False, id="no"),
        pytest.param(True, "True", False, id="as Python says it"),
        pytest.param("sofa", "sofa", True, id="word"),
        pytest.param("sofa", "Sofa", False, id="another word"),
    ],
)
def test_how_an_answer_is_printed(
    answer: Any, ground_truth: str, holds: bool, copied: Path
) -> None:
    row = read_lines(copied / QUESTIONS)[0]
    program = f"def answer(scene: Scene) -> {type(answer).__name__}:\n    return {answer!r}\n"
    belonging(row, program=program, answer=answer, ground_truth=ground_truth, options=None)
    write_lines(copied / QUESTIONS, [row])
    trusted_again(copied)
    assert again(copied).holds == holds


def test_other_differences_do_not_hide_one(copied: Path) -> None:
    rows = read_lines(copied / QUESTIONS)
    for row in rows[5:8]:
        row["answer"] = "nonsense"
    write_lines(copied / QUESTIONS, rows)
    trusted_again(copied)
    assert [difference.line for difference in again(copied).differences] == [6, 7, 8]


@pytest.mark.parametrize("name", [QUESTIONS, REJECTED, SCENES])
def test_changed_file_is_found(name: str, copied: Path) -> None:
    rows = read_lines(copied / name)
    rows[0]["unheard_of"] = 1
    write_lines(copied / name, rows)
    result = again(copied)
    assert result.altered_files == (name,)
    assert not result.holds
    assert result.differences == ()


def test_missing_rejected_rows_are_found(copied: Path) -> None:
    (copied / REJECTED).unlink()
    assert again(copied).altered_files == (REJECTED,)


def test_row_left_out_is_found(copied: Path) -> None:
    write_lines(copied / QUESTIONS, read_lines(copied / QUESTIONS)[:-1])
    result = again(copied)
    assert (result.questions, result.altered_files) == (4 * PER_SCENE - 1, (QUESTIONS,))


def test_moved_box_is_found(copied: Path) -> None:
    scenes = read_lines(copied / SCENES)
    for scene in scenes:
        for thing in scene["objects"]:
            thing["center"][0] *= 1.5
            thing["size"] = [1.1 * side for side in thing["size"]]
    write_lines(copied / SCENES, scenes)
    trusted_again(copied)
    result = again(copied)
    assert len(result.differences) >= 4
    assert all("the program" in difference.what for difference in result.differences)


@pytest.mark.parametrize("name", [QUESTIONS, SCENES])
@pytest.mark.parametrize("key", ["dataset", "scene_name"])
def test_row_of_no_scene(name: str, key: str, copied: Path) -> None:
    rows = read_lines(copied / name)
    rows[0][key] = "elsewhere"
    write_lines(copied / name, rows)
    trusted_again(copied)
    with pytest.raises(DatasetError, match=rf"{QUESTIONS}:1: {SCENES} has no scene .*restore it"):
        again(copied)


def test_scenes_in_another_order(copied: Path) -> None:
    write_lines(copied / SCENES, read_lines(copied / SCENES)[::-1])
    with pytest.raises(DatasetError, match=rf"{QUESTIONS}:\d+: {SCENES} has no scene .*order"):
        again(copied)


def test_scene_that_is_none(copied: Path) -> None:
    scenes = read_lines(copied / SCENES)
    scenes[0]["objects"][0]["size"] = [1, 2]
    write_lines(copied / SCENES, scenes)
    with pytest.raises(DatasetError, match=rf"{SCENES}: scene {scenes[0]['scene_name']}: damaged"):
        again(copied)


def test_row_that_is_none(copied: Path) -> None:
    lines = (copied / QUESTIONS).read_bytes().splitlines(keepends=True)
    (copied / QUESTIONS).write_bytes(b"".join([*lines[:2], lines[2][:40] + b"\n", *lines[3:]]))
    with pytest.raises(DatasetError, match=rf"{QUESTIONS}:3: damaged"):
        again(copied)


def test_unfinished_folder(copied: Path) -> None:
    manifest = json.loads((copied / MANIFEST).read_bytes())
    (copied / MANIFEST).write_text(json.dumps({**manifest, "complete": False}))
    with pytest.raises(DatasetError, match=rf"^{copied}: unfinished; run the command that began"):
        again(copied)


def test_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a dataset folder"):
        again(tmp_path)


def test_programs_do_not_see_each_other(rooms: Path, copied: Path) -> None:
    poison = "def answer(scene: Scene) -> int:\n    scene.objects.clear()\n    return 0\n"
    change(copied, anything, lambda row: belonging(row, program=poison))
    assert len(again(copied).differences) == 1


def test_real_families_hold_one_by_one(rooms: Path, tmp_path: Path) -> None:
    made([rooms], tmp_path / "d", per_scene=40, limit=2)
    result = again(tmp_path / "d")
    assert result.holds
    assert result.questions > 60
