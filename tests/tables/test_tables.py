"""The tables of a release: rows come back as they were, the same rows are the same bytes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spatialgen.errors import DatasetError
from spatialgen.tables import parquet, shards
from spatialgen.tables.columns import (
    COLUMNS,
    FRAMES,
    QUESTIONS,
    REJECTED,
    SCENES,
    card_features,
    features,
    from_cells,
    to_cells,
)
from tests.release.made_rows import Row, question, rejected, scene

pytest.importorskip("pyarrow")

BAD_SCENE = {"dataset": "d", "scene_name": "s", "reason": "no_objects", "detail": "none"}


def stored(table: str, rows: list[Row], folder: Path) -> shards.Written:
    return shards.write(table, (to_cells(table, row) for row in rows), folder / "x")


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        pytest.param(QUESTIONS, [question(0), question(1)], id="questions"),
        pytest.param(
            QUESTIONS, [question(0, answer=value) for value in (True, 2, 2.0, "2")], id="answers"
        ),
        pytest.param(QUESTIONS, [question(0, answer=["a", 1], also={"x": [1]})], id="more fields"),
        pytest.param(QUESTIONS, [question(0, more="a field of that name")], id="more as a field"),
        pytest.param(QUESTIONS, [question(0, question='né ☃ \0 " \\n', options=[])], id="any text"),
        pytest.param(QUESTIONS, [question(0, confidence=0.1 + 0.2, band="easy")], id="confidence"),
        pytest.param(REJECTED, [rejected(0), BAD_SCENE, rejected(1, extra=1)], id="rejected"),
        pytest.param(SCENES, [scene(), scene(name="room1", attempts={"ok": 3})], id="scenes"),
        pytest.param(SCENES, [scene(frames=[], first_seen={}, notes=[])], id="scene without video"),
        pytest.param(
            SCENES,
            [
                scene(
                    room={"area": None, "center": [0.1, 0.2, 0.3], "height": None, "polygon": None}
                )
            ],
            id="room",
        ),
    ],
)
def test_rows_come_back(table: str, rows: list[Row], tmp_path: Path) -> None:
    written = stored(table, rows, tmp_path)
    back = list(shards.read(written.paths, table))
    assert back == rows
    assert [list(row) for row in back] == [list(row) for row in rows]
    assert [type(row.get("answer")) for row in back] == [type(row.get("answer")) for row in rows]


@pytest.mark.parametrize(
    ("table", "row", "told"),
    [
        pytest.param(
            QUESTIONS, question(0, round="1"), "'round' holds '1', which is no int64", id="text"
        ),
        pytest.param(QUESTIONS, question(0, round=True), "no int64", id="truth"),
        pytest.param(QUESTIONS, question(0, seed=2**63), "no int64", id="too large"),
        pytest.param(QUESTIONS, question(0, frames=[1.5]), "no int64", id="frame"),
        pytest.param(QUESTIONS, question(0, frames=3), "'frames' is no list", id="no list"),
        pytest.param(QUESTIONS, question(0, options=[["A"]]), "no string", id="nested"),
        pytest.param(QUESTIONS, question(0, confidence=float("inf")), "no float64", id="infinite"),
        pytest.param(QUESTIONS, question(0, confidence=2**60 + 1), "no float64", id="not exact"),
        pytest.param(QUESTIONS, question(0, question="\ud800"), "no string", id="half a character"),
        pytest.param(QUESTIONS, question(0, checks=float("nan")), "Out of range", id="nan in JSON"),
        pytest.param(SCENES, scene(objects=[{}]), "no scene", id="object"),
        pytest.param(SCENES, scene(frames=None), "no scene", id="frames"),
        pytest.param(SCENES, scene(notes=[{"code": 1, "detail": "x"}]), "'notes'", id="note"),
        pytest.param(SCENES, {"dataset": "d", "scene_name": "s"}, "no scene", id="nothing"),
    ],
)
def test_what_fits_no_column_is_told(table: str, row: Row, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        to_cells(table, row)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({}, id="nothing"),
        pytest.param({**to_cells(QUESTIONS, question(0)), "answer": "{"}, id="no JSON"),
        pytest.param({**to_cells(QUESTIONS, question(0)), "checks": None}, id="null"),
        pytest.param({**to_cells(QUESTIONS, question(0)), "more": "[" * 100_000}, id="deep"),
    ],
)
def test_foreign_cells_are_refused(cells: Row) -> None:
    with pytest.raises(DatasetError, match="not a row of the table 'questions'"):
        from_cells(QUESTIONS, cells)


def test_same_rows_are_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    rows = [question(number) for number in range(5_000)]
    (here,) = stored(QUESTIONS, rows, tmp_path / "here").paths
    program = (
        "import sys; from pathlib import Path; from spatialgen.tables import shards\n"
        "from spatialgen.tables.columns import QUESTIONS, to_cells\n"
        "from tests.release.made_rows import question\n"
        "rows = (to_cells(QUESTIONS, question(number)) for number in range(5_000))\n"
        "shards.write(QUESTIONS, rows, Path(sys.argv[1]) / 'x')\n"
    )
    for seed in ("0", "7"):
        there = tmp_path / seed
        environment = {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "PYTHONPATH": ":".join(sys.path)}
        subprocess.run([sys.executable, "-c", program, there], env=environment, check=True)
        assert (there / here.name).read_bytes() == here.read_bytes()


def test_files_are_closed_when_full(tmp_path: Path) -> None:
    rows = [to_cells(QUESTIONS, question(number)) for number in range(7)]
    one = shards.write(QUESTIONS, rows, tmp_path / "one")
    every = shards.GROUP_ROWS[QUESTIONS]
    many = [to_cells(QUESTIONS, question(number)) for number in range(2 * every + 1)]
    several = shards.write(QUESTIONS, many, tmp_path / "many", shard_bytes=1)
    assert [path.name for path in one.paths] == ["one-00000.parquet"]
    assert [path.name for path in several.paths] == [f"many-0000{i}.parquet" for i in range(3)]
    assert several.rows == len(many)
    assert [row["question"] for row in shards.read(several.paths, QUESTIONS)] == [
        row["question"] for row in many
    ]


def test_no_row_is_no_file(tmp_path: Path) -> None:
    assert shards.write(SCENES, [], tmp_path / "x") == shards.Written()
    assert list(tmp_path.iterdir()) == []


def test_rows_that_the_viewer_cuts_are_counted(tmp_path: Path) -> None:
    rows = [question(0), question(1, question="?" * shards.VIEWER_BYTES)]
    assert stored(QUESTIONS, rows, tmp_path).large == 1


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(8, len(content) // 2):
        content[place] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(truncate, "can't be read", id="truncated"),
        pytest.param(flip, "can't be read", id="garbage inside"),
        pytest.param(lambda path: path.write_bytes(b""), "can't be read", id="empty"),
        pytest.param(lambda path: path.unlink(), "can't be read", id="missing"),
        pytest.param(
            lambda path: stored(SCENES, [scene()], path.parent), "no column id", id="other table"
        ),
    ],
)
def test_damaged_files_are_told(harm: Callable[[Path], Any], told: str, tmp_path: Path) -> None:
    (path,) = stored(QUESTIONS, [question(number) for number in range(100)], tmp_path).paths
    harm(path)
    with pytest.raises(DatasetError, match=told):
        list(shards.read([path], QUESTIONS))


def questions_of(text: str = "", rows: int = 1, **more: Any) -> Any:
    """Return a table of questions, `text` said once for all rows; ``more`` are other columns."""
    arrow = pytest.importorskip("pyarrow")
    schema = shards._schema(QUESTIONS)
    columns = {field.name: arrow.nulls(rows, field.type) for field in schema}
    said = arrow.DictionaryArray.from_arrays(arrow.array([0] * rows, arrow.int32()), [text])
    return arrow.table({**columns, "question": said, **more})


def foreign(table: Any, folder: Path) -> Path:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = folder / "x.parquet"
    parquet.write_table(table, path, dictionary_pagesize_limit=2**30, store_schema=False)
    return path


def test_columns_of_other_kinds_are_told(tmp_path: Path) -> None:
    path = foreign(questions_of(seed=[2.5]), tmp_path)
    with pytest.raises(DatasetError, match=r"not the table 'questions' .*\(seed holds double\)"):
        list(shards.read_cells([path], QUESTIONS))


def test_large_text_that_is_stored_once_is_read_in_small_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow = pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet, "_MOST_BATCH_BYTES", 10_000_000)
    path = foreign(questions_of("x" * 100_000, rows=2_000), tmp_path)
    assert path.stat().st_size < 100_000
    before = arrow.total_allocated_bytes()
    rows = shards.read_cells([path], QUESTIONS)
    assert len(next(rows)["question"]) == 100_000
    assert arrow.total_allocated_bytes() - before < 50_000_000
    rows.close()


def test_rows_of_more_values_than_any_scene_has_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_MOST_GROUP_VALUES", 3)
    path = foreign(questions_of(options=[["a", "b", "c", "d"]]), tmp_path)
    with pytest.raises(DatasetError, match="a column of more than 3 values"):
        list(shards.read_cells([path], QUESTIONS))


PICTURE = {
    "dataset": "d",
    "scene_name": "s",
    "index": 4,
    "time_s": 0.5,
    "pose": [[1.0]],
    "camera": {"fx": 1.0, "fy": 1.0, "cx": 0.5, "cy": 0.5, "width": 2, "height": 2},
    "image": {"bytes": b"JPEG", "path": "s_000004.jpg"},
}


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        (QUESTIONS, to_cells(QUESTIONS, question(0))),
        (SCENES, to_cells(SCENES, scene())),
        (REJECTED, to_cells(REJECTED, rejected(0))),
        (FRAMES, PICTURE),
    ],
)
def test_features_are_what_datasets_makes_of_the_files(
    table: str, cells: Row, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    parquet = pytest.importorskip("pyarrow.parquet")
    (path,) = shards.write(table, [cells], tmp_path / "x").paths
    found = datasets.Features.from_arrow_schema(parquet.read_schema(path))
    assert found == datasets.Features.from_dict(features(COLUMNS[table]))
    assert found == datasets.Features._from_yaml_list(card_features(COLUMNS[table]))
