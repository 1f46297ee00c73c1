"""What is published is audited as what it was made from; benchmarks are read from parquet too."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `publish` is not installed")
pytest.importorskip("sklearn", reason="the extra `audit` is not installed")

from spatialgen.audit import reading
from spatialgen.audit.overlap import overlap
from spatialgen.audit.reading import read_questions
from spatialgen.audit.report import audit
from spatialgen.dataset.files import QUESTIONS
from spatialgen.errors import DatasetError, SpatialgenError
from spatialgen.tables import parquet as bounded
from spatialgen.tables.record import RELEASE
from tests.audit.made_questions import fair_choices, leaning_choices, vsi_row
from tests.audit.test_question_shapes import CUBE, EMB, ERQA, MMSI, SITE, VIEW, VSI
from tests.release.hub_here import released
from tests.release.made_rows import question, scene, write_folder
from tests.runs import apart, here

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    rows = [question(i, scene=f"room{i // 3}") for i in range(24)]
    return write_folder(tmp_path / "made", rows, [scene(name=f"room{i}") for i in range(9)])


@pytest.fixture
def release(made: Path, tmp_path: Path) -> Path:
    return released([made], tmp_path / "release")


def told(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report without the names and hashes of what it is about."""
    parts = [
        [{**each, "name": "", "sha256": ""} for each in report[key]]
        for key in ("sources", "contamination")
    ]
    return {**report, "sources": parts[0], "contamination": parts[1]}


def test_a_release_is_audited_as_its_dataset(made: Path, release: Path) -> None:
    ours = audit([made], [made])
    published = audit([release], [release])
    assert told(published) == told(ours)
    assert published["coverage"]["categories_named"] > 0
    (file,) = (release / "data" / "questions").glob("*.parquet")
    alone = audit([file], [file])
    told_of_file = {**told(alone), "coverage": None}
    assert told_of_file == {**told(ours), "coverage": None}


def test_rounds_of_a_release_are_taken_together(tmp_path: Path) -> None:
    folders = [
        write_folder(
            tmp_path / f"round-{number}",
            [question(i, scene=f"room{i // 3}", round=number) for i in range(6 * number, 24)],
            [scene(name=f"room{i}") for i in range(9)],
            config={"round": number},
        )
        for number in range(2)
    ]
    report = audit([released(folders, tmp_path / "release")])
    apart = audit(folders[::-1])
    assert report["sources"][0]["questions"] == sum(s["questions"] for s in apart["sources"])
    assert {**report, "sources": 0} == {**apart, "sources": 0}


def test_a_release_that_is_not_whole_is_told(release: Path) -> None:
    (file,) = (release / "data" / "questions").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"is missing or damaged; get the release again"):
        read_questions(release)
    (release / RELEASE).write_text("{}")
    with pytest.raises(DatasetError, match=r"a release of format None"):
        read_questions(release)


def test_pictures_of_a_release_are_not_looked_at(release: Path) -> None:
    kept = [path for path in release.rglob("*") if path.is_file()]
    for path in kept:
        if path.name != RELEASE and "questions" not in path.parts:
            path.unlink()
    assert read_questions(release).questions


def table(rows: list[dict[str, Any]], path: Path, **how: Any) -> Path:
    parquet.write_table(arrow.Table.from_pylist(rows), path, **how)
    return path


@pytest.mark.parametrize("row", [VSI, VIEW, EMB, CUBE, MMSI, ERQA, SITE])
def test_layouts_are_read_from_parquet(row: dict[str, Any], tmp_path: Path) -> None:
    lines = tmp_path / "bench.jsonl"
    lines.write_text(json.dumps(row) + "\n" + json.dumps(row))
    path = table([{**row, "other": b"\x89PNG"}] * 2, tmp_path / "bench.parquet")
    asked = read_questions(path)
    assert (asked.questions, asked.shape) == (
        read_questions(lines).questions,
        read_questions(lines).shape,
    )


def test_empty_cells_are_no_names(tmp_path: Path) -> None:
    row = {**SITE, "question_id": None, "category": None, "id": None}
    (asked,) = read_questions(table([row], tmp_path / "x.parquet")).questions
    assert (asked.id, asked.family) == ("1", "all")


def test_pictures_beside_questions_are_never_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "_MOST_GROUP_BYTES", 100_000)
    picture = {"bytes": b"x" * 1_000_000, "path": "x.jpg"}
    rows = [{**VSI, "image": picture, "images": [picture], "objects": [{"label": "x"}]}] * 3
    path = table(rows, tmp_path / "x.parquet", use_dictionary=False, compression="none")
    damaged = bytearray(path.read_bytes())
    where = damaged.index(b"x" * 1_000)
    damaged[where - 20 : where + 100] = bytes(120)  # whoever reads them gets an error
    path.write_bytes(damaged)
    with pytest.raises((OSError, arrow.ArrowException)):
        parquet.read_table(path)
    assert len(read_questions(path).questions) == 3


def twice(path: Path) -> None:
    columns = [arrow.array([text]) for text in (*VSI.values(),)[1:5]]
    names = [*VSI][1:5]
    both = arrow.Table.from_arrays([*columns, columns[3]], [*names, names[3]])
    parquet.write_table(both, path)


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        pytest.param(
            lambda path: table([{"text": "x", "label": 1}], path),
            r"another shape \(its columns: text, label\)",
            id="another shape",
        ),
        pytest.param(lambda path: table([VSI], path, compression="none"), None, id="sound"),
        pytest.param(
            lambda path: table([{**VSI, "question": {"bytes": b"x"}}], path),
            "another shape",
            id="a picture for a question",
        ),
        pytest.param(twice, "another shape", id="a column twice"),
        pytest.param(
            lambda path: parquet.write_table(arrow.Table.from_pylist([VSI]).slice(0, 0), path),
            "holds no question",
            id="no row",
        ),
        pytest.param(lambda path: path.write_bytes(b"PAR1"), "can't be read", id="magic alone"),
        pytest.param(
            lambda path: path.write_bytes(b"PAR1" + b"\xff" * 5_000 + b"PAR1"),
            "can't be read",
            id="garbage",
        ),
        pytest.param(
            lambda path: table([{**VSI, "question": None}], path), "is no text", id="empty cells"
        ),
        pytest.param(
            lambda path: table([{**VSI, "ground_truth": 2.5, "options": None}], path),
            "'ground_truth' is no text",
            id="a number",
        ),
    ],
)
def test_bad_parquet_is_told_in_a_line(
    make: Callable[[Path], Any], fault: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "x.parquet"
    make(path)
    if fault is None:
        assert len(read_questions(path).questions) == 1
        return
    with pytest.raises(SpatialgenError, match=fault) as raised:
        read_questions(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_a_text_stored_once_for_many_rows_fills_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_CHARACTERS", 1_000_000)
    rows = [{**VSI, "question": "x" * 20_000}] * 200
    path = table(rows, tmp_path / "x.parquet", compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(SpatialgenError, match="characters in them; audit parts of it"):
        read_questions(path)


def test_against_parquet_and_a_release(
    made: Path, release: Path, tmp_path: Path, capsys: Capture
) -> None:
    questions = read_questions(made).questions
    some = [json.loads(line) for line in (made / QUESTIONS).read_bytes().splitlines()[:3]]
    for there, count in ((table(some, tmp_path / "some.parquet"), 3), (release, 24)):
        same = overlap(questions, there)["same_question_and_answer"]
        assert same == {"in_shared_spaces": count, "elsewhere": 0}
    rows = [vsi_row(each) for each in leaning_choices(200)]
    ended = here(capsys, "audit", table(rows, tmp_path / "lean.parquet"), "--check")
    assert ended.complaint(1).endswith("see its report")
    fair = [vsi_row(each) for each in fair_choices(50)]
    assert here(capsys, "audit", table(fair, tmp_path / "fair.parquet"), "--check").status == 0


def test_a_damaged_column_that_is_not_read_does_no_harm(tmp_path: Path) -> None:
    rows = [{**vsi_row(each), "image": {"path": "x.jpg"}} for each in fair_choices(30)]
    path = table(rows, tmp_path / "x.parquet")
    kind = b"\x15\x0c\x25\x02\x18\x04path"  # in the schema: a text, which may be missing
    damaged = path.read_bytes().replace(kind, b"\x15\x00" + kind[2:])
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    ended = apart("audit", path)
    assert (ended.status, ended.err) == (0, "")
