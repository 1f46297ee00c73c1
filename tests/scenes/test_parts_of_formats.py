"""What several formats are made of: tables, lenses, and gathering boxes into objects."""

from pathlib import Path

import pytest

from spatialgen.errors import SceneError
from spatialgen.records import Box, Note
from spatialgen.scenes import _table as table
from spatialgen.scenes import _things as things
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._folder import found_folder
from spatialgen.scenes._lens import lens

UPRIGHT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
MIRRORED = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def box(x: float, axes: tuple[tuple[float, float, float], ...] = UPRIGHT) -> Box:
    return Box((x, 0.0, 0.0), (1.0, 1.0, 1.0), (axes[0], axes[1], axes[2]))


# -- tables ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("a,b,c\n1,2,3\n4,5,6\n", [("3", "1"), ("6", "4")], id="columns by name"),
        pytest.param("\ufeff a , b,c\r\n1,2,3\r\n", [("3", "1")], id="from a spreadsheet"),
        pytest.param('a,b,c\n"1,1",2,3\n', [("3", "1,1")], id="quotes"),
        pytest.param("a,b,c\n1,2\n\n4,5,6", [("6", "4")], id="short rows, no last line end"),
        pytest.param("a,b,c\n", [], id="no rows"),
    ],
)
def test_rows(content: str, expected: list[tuple[str, ...]], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode())
    assert list(table.rows(path, ("c", "a"), "bad")) == expected


def test_rows_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n\xff\xfe,1\n\x00,2\n")
    assert len(list(table.rows(path, ("b",), "bad"))) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [("", "column 'a'"), ("b\n1\n", "column 'a'"), ("a\n" + "x" * 200_000, "field larger")],
)
def test_no_table(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(SceneError, match=told):
        list(table.rows(path, ("a",), "bad"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1", "-2.5e3", " 3 "), [1.0, -2500.0, 3.0]),
        (("1", "nan"), None),
        (("inf",), None),
        (("1e999",), None),
        (("",), None),
        (("0x10",), None),
    ],
)
def test_numbers(cells: tuple[str, ...], expected: list[float] | None) -> None:
    assert table.numbers(cells) == expected


# -- lenses ------------------------------------------------------------------------

GOOD = (500.0, 510.0, 319.5, 239.5, 640.0, 480.0)


@pytest.mark.parametrize(
    ("place", "value", "sound"),
    [
        (0, 0.0, False),
        (1, -5.0, False),
        (0, float("nan"), False),
        (0, float("inf"), False),
        (2, float("nan"), False),
        (2, 0.0, True),
        (3, 1e6, False),
        (4, 640.5, False),
        (4, 0.0, False),
        (5, 1e9, False),
        (5, float("nan"), False),
    ],
)
def test_lens(place: int, value: float, sound: bool) -> None:
    numbers = list(GOOD)
    numbers[place] = value
    assert (lens(numbers) is not None) is sound


@pytest.mark.parametrize(
    ("fisheye", "sound"),
    [((0.1, -0.2, 0.0, 0.0), True), ((1e9, 0, 0, 0), False), ((float("nan"), 0, 0, 0), False)],
)
def test_fisheye(fisheye: tuple[float, float, float, float], sound: bool) -> None:
    assert (lens(GOOD, fisheye) is not None) is sound


# -- things ------------------------------------------------------------------------


def test_things_are_numbered_per_label() -> None:
    faults = Faults()
    found = things.Things(faults)
    added = [
        found.add("Trash_Can", box(0)),
        found.add("chair", box(1)),
        found.add("trash bin", box(2)),
        found.add("chair", box(1)),
        found.add("chair", Note("bad_box", "no numbers")),
    ]
    assert added == [0, 1, 2, 1, None]
    assert [thing.id for thing in found.objects] == ["trash_bin_1", "chair_1", "trash_bin_2"]
    assert found.counts == {"trash bin": 2, "chair": 2}
    assert [note.code for note in faults.notes()] == ["label_renamed", "duplicate_box", "bad_box"]


def test_mirrored_axes_are_turned_round() -> None:
    faults = Faults()
    found = things.Things(faults)
    found.add("chair", box(0, MIRRORED))
    assert found.objects[0].box == box(0)
    assert [note.code for note in faults.notes()] == ["mirrored_axes"]


def test_too_many_things() -> None:
    found = things.Things(Faults())
    for x in range(things.MOST):
        found.add("chair", box(x))
    with pytest.raises(SceneError) as caught:
        found.add("chair", box(-1))
    assert caught.value.code == "too_many_objects"


@pytest.mark.parametrize(
    ("name", "usable"),
    [("scene_1", True), ("a b", True), ("a\nb", False), ("x" * 200, False), ("ü", True)],
)
def test_folders_are_scenes_of_their_name(name: str, usable: bool, tmp_path: Path) -> None:
    found = found_folder("format", "dataset", tmp_path / name)
    assert hasattr(found, "locator") is usable
    assert str(tmp_path) not in getattr(found, "detail", "")
