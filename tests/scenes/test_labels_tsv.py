"""The table of labels: both real revisions, what is taken from it and what not, and damage."""

from pathlib import Path

import pytest

from spatialgen.scenes import _labels_tsv as labels_tsv
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._labels_tsv import Meaning

REAL = Path(__file__).parents[2] / "../shared/data/scannet_labels"
REVISIONS = ("scannetv2-labels.combined.tsv", "pointcept_scannetv2-labels.combined.tsv")
HEADER = "id\traw_category\tcategory\tcount\tnyu40id"


def table(tmp_path: Path, *rows: str, header: str = HEADER, end: str = "\n") -> Path:
    path = tmp_path / labels_tsv.NAME
    path.write_bytes(end.join([header, *rows]).encode("latin-1"))
    return path


@pytest.mark.skipif(not REAL.is_dir(), reason="the real tables are not in ../shared/data")
@pytest.mark.parametrize("revision", REVISIONS)
def test_real_tables(revision: str) -> None:
    faults = Faults()
    found = labels_tsv.read(REAL / revision, faults)
    assert faults.notes() == ()
    renamed = {raw: each.label for raw, each in found.items() if each.label != raw}
    assert renamed == {
        "clothing": "clothes", "closet wardrobe": "wardrobe", "kitchenaid mixer": "kitchen mixer",
        "luggage rack": "luggage stand", "open kitchen cabinet": "kitchen cabinet",
        "paper shredder": "shredder", "papers": "paper", "staircase": "stairs",
        "table lamp": "lamp", "wall lamp": "lamp",
    }  # fmt: skip
    parts = sorted(raw for raw, each in found.items() if each.part)
    assert parts == [
        "bath walls", "ceiling", "closet ceiling", "closet floor", "closet wall", "closet walls",
        "door wall", "floor", "pantry wall", "pantry walls", "shower floor", "shower wall",
        "shower walls", "wall",
    ]  # fmt: skip
    assert found["object"] == Meaning("object", None)
    assert found["stick" if revision == REVISIONS[0] else "object"].part is None


@pytest.mark.parametrize(
    ("row", "raw", "expected"),
    [
        ("1\twall\twall\t9\t1", "Wall", Meaning("wall", "wall")),
        ("1\twall lamp\tlamp\t9\t35", "wall lamp", Meaning("lamp", None)),
        (
            "1\twardrobe cabinet\twardrobe \t9\t39",
            "wardrobe cabinet",
            Meaning("wardrobe cabinet", None),
        ),
        ("1\tbooks\tbook\t9\t23", "books", Meaning("books", None)),
        ("1\tstack of chairs\tchair\t9\t5", "stack of chairs", Meaning("stack of chairs", None)),
        ("1\tlamp base\tlamp\t9\t35", "lamp base", Meaning("lamp base", None)),
        ("1\tseating\tseat\t9\t39", "seating", Meaning("seating", None)),
        ("1\ttv\ttv\t9\t25", "television", Meaning("tv", None)),
        ("1\tledge", "ledge", Meaning("ledge", None)),
        ("1\tledge\t\t9\t38", "ledge", Meaning("ledge", None)),
        ("1\tpodium\tpodium\t9\t1", "podium", Meaning("podium", "wall")),
        ("1\tchair\tchair\t9\t5", "alcove wall", Meaning("alcove wall", "wall")),
        ("1\tchair\tchair\t9\t5", "Waste_Basket", Meaning("trash bin", None)),
        ("1\tchair\tchair\t9\t5", "nobody's word", Meaning("nobody's word", None)),
        ("1\tchair\tchair\t9\t5", "wallpaper", Meaning("wallpaper", None)),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_meanings(row: str, raw: str, expected: Meaning, end: str, tmp_path: Path) -> None:
    found = labels_tsv.read(table(tmp_path, row, end=end), Faults())
    assert labels_tsv.meaning(raw, found) == expected


@pytest.mark.parametrize(
    ("raw", "part"),
    [("floor", "floor"), ("ceilings", "ceiling"), ("living room", "room"), ("floor lamp", None)],
)
def test_parts_of_the_room_without_a_table(raw: str, part: str | None) -> None:
    assert labels_tsv.meaning(raw, labels_tsv.read(None, Faults())) == Meaning(raw, part)


def test_of_two_rows_with_one_name_the_first_is_taken(tmp_path: Path) -> None:
    path = table(tmp_path, "1163\tobject\tobject\t1313\t40", "1163\tobject\tstick\t1\t1")
    assert labels_tsv.read(path, Faults())["object"] == Meaning("object", None)


@pytest.mark.parametrize(
    "path_of",
    [
        pytest.param(lambda tmp: table(tmp, "1\tx", header="id\tname"), id="other columns"),
        pytest.param(lambda tmp: table(tmp, "1\t" + "x" * 200_000), id="endless cell"),
        pytest.param(lambda tmp: table(tmp, header=""), id="empty"),
        pytest.param(lambda tmp: tmp / "absent.tsv", id="absent"),
        pytest.param(lambda tmp: table(tmp, "x" * 5_000_000), id="too large"),
    ],
)
def test_tables_that_can_not_be_used(path_of: object, tmp_path: Path) -> None:
    assert callable(path_of)
    faults = Faults()
    assert labels_tsv.read(path_of(tmp_path), faults) == {}
    (note,) = faults.notes()
    assert note.code == "bad_label_table"
    assert note.detail.endswith("labels stay as written")


@pytest.mark.parametrize("level", range(5))
def test_the_table_is_looked_for_upwards(level: int, tmp_path: Path) -> None:
    scan = tmp_path / "a/b/c/d/scene0000_00"
    scan.mkdir(parents=True)
    place = [scan, *scan.parents][level]
    (place / labels_tsv.NAME).write_text(HEADER)
    expected = place / labels_tsv.NAME if level <= labels_tsv.LEVELS else None
    assert labels_tsv.find(scan) == expected
