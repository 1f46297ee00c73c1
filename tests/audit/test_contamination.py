"""What a benchmark uses is recognised, and kept out of a dataset when asked for."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spatialgen.audit.contamination import CODE, question_hash, read_exclusions, report
from spatialgen.audit.shapes import VSI
from spatialgen.dataset.files import QUESTIONS, REJECTED, SCENES
from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.scenes.vsi_meta import write
from spatialgen.synth.rooms import furnish
from tests.audit.test_question_shapes import CUBE, EMB, ERQA, MMSI, VIEW
from tests.runs import apart, here, made, read_lines, rows_in, write_lines


def question(scene: str = "scene0011_00", **changes: Any) -> dict[str, Any]:
    usual = {"dataset": "scannet", "scene_name": scene, "question": "How many?"}
    return {**usual, "ground_truth": "4", **changes}


def hashed(row: dict[str, Any]) -> str:
    read = VSI.read(row, "")
    return question_hash(read, read.dataset)


TWO = [question(), question("42444949", dataset="arkitscenes", question="Says\u2028who?")]
LINES = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in TWO)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LINES, id="lines"),
        pytest.param(LINES.replace(b"\n", b"\r\n"), id="lines of another system"),
        pytest.param(b"\n\n" + LINES + b"\n", id="empty lines"),
        pytest.param(LINES[:-1], id="no end of line"),
        pytest.param(json.dumps(TWO).encode(), id="a list"),
        pytest.param(b"\n " + json.dumps(TWO, indent=2).encode(), id="a list over several lines"),
    ],
)
def test_benchmark_is_read(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bench.jsonl"
    path.write_bytes(data)
    (found,) = read_exclusions([path])
    assert found.name == "bench.jsonl"
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.used.spaces == {("scannet", "scene0011"), ("arkitscenes", "42444949")}
    assert found.asked == set(map(hashed, TWO))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n \n", id="blank"),
        pytest.param(b"[]", id="no question"),
        pytest.param(b"\0" * 100, id="zeros"),
        pytest.param(b"question,answer\n", id="a table"),
        pytest.param(b'{"scene0000_00": {"object_counts": {}}}', id="scene metadata"),
        pytest.param(LINES[:-5], id="cut short"),
        pytest.param(LINES + b"5\n", id="a number between"),
        pytest.param(b"[1, 2]", id="a list of numbers"),
        pytest.param(b'["dataset"]', id="a list of text"),
        pytest.param(json.dumps(question(scene_name=7)).encode(), id="a name that is a number"),
        pytest.param(json.dumps(question(dataset=["x"])).encode(), id="a dataset that is a list"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(LINES + b"\xff\n", id="no UTF-8"),
        *(
            pytest.param(
                json.dumps({k: v for k, v in question().items() if k != key}).encode(),
                id=f"no {key}",
            )
            for key in question()
        ),
    ],
)
def test_other_files_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bench.jsonl"
    path.write_bytes(data)
    with pytest.raises(SpatialgenError, match=rf"^{path}: ") as raised:
        read_exclusions([path])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([CUBE, CUBE], "names no scenes", id="made-up names"),
        pytest.param([MMSI], "names no scenes", id="pictures only"),
        pytest.param([ERQA], "names no scenes", id="options in the question"),
        pytest.param([{**EMB, "scene_id": None}], "names no scenes", id="empty names"),
        pytest.param(
            [question(), question(ground_truth=4)], "1 of its rows can't be read", id="torn"
        ),
    ],
)
def test_a_layout_of_which_not_all_scenes_are_known_is_refused(
    rows: list[dict[str, Any]], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "bench.jsonl"
    write_lines(path, rows)
    with pytest.raises(SpatialgenError, match=rf"^{path}: .*{told}") as raised:
        read_exclusions([path])
    assert "\n" not in str(raised.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file of questions"):
        read_exclusions([tmp_path / "nothing.jsonl"])
    with pytest.raises(UsageError, match="neither a dataset folder nor a release"):
        read_exclusions([tmp_path])


def test_order_and_repetition_of_benchmarks_do_not_matter(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a/b.jsonl", "c/b.jsonl", "c/d.jsonl")]
    for i, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(question(f"scene000{i}_00")))
    found = read_exclusions(paths)
    assert read_exclusions([*reversed(paths), paths[0]]) == found
    assert sorted(each.name for each in found) == ["b.jsonl", "b.jsonl#2", "d.jsonl"]
    assert read_exclusions([]) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the same"),
        pytest.param({"question": "  how MANY? "}, id="case and spacing"),
        pytest.param({"scene_name": "scene0011_07"}, id="another scan of the space"),
        pytest.param({"id": 5, "options": []}, id="other fields"),
    ],
)
def test_same_question(changes: dict[str, Any]) -> None:
    assert hashed({**question(), **changes}) == hashed(question())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"question": "How many chairs?"}, id="wording"),
        pytest.param({"ground_truth": "5"}, id="answer"),
        pytest.param({"scene_name": "scene0012_00"}, id="space"),
        pytest.param({"dataset": "scannetpp"}, id="dataset"),
    ],
)
def test_another_question(changes: dict[str, Any]) -> None:
    assert hashed({**question(), **changes}) != hashed(question())


def test_report(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(LINES)
    exclusions = read_exclusions([tmp_path / "b.jsonl"])
    rows = [
        question("scene0011_03"),
        question("scene0011_03", question="Other"),
        question("scene0099_00"),
        question("scene0011_00", dataset="elsewhere"),
    ]
    assert report(exclusions, rows, {CODE: 7, "no_objects": 1}) == {
        "checked_against": {"b.jsonl": hashlib.sha256(LINES).hexdigest()},
        "scenes_excluded": 7,
        "questions_in_shared_spaces": 2,
        "questions_with_same_text_and_answer": 1,
    }
    assert report([], rows, {})["questions_in_shared_spaces"] == 0


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Three scans: two of one space, one of another."""
    rooms = [furnish(0, index, 10) for index in range(3)]
    names = ("scene0001_00", "scene0001_01", "scene0002_00")
    renamed = [
        replace(room, dataset="scannet", name=name, space=name[:9])
        for room, name in zip(rooms, names, strict=True)
    ]
    path = tmp_path / "scans.json"
    write(path, renamed)
    return path


def test_excluded_by_space_not_by_scan(scans: Path, tmp_path: Path) -> None:
    benchmark = tmp_path / "bench.jsonl"
    benchmark.write_text(json.dumps(question("scene0001_05")))
    manifest = made([scans], tmp_path / "d", exclude=[benchmark])
    assert {row["scene_name"] for row in read_lines(tmp_path / "d" / QUESTIONS)} == {"scene0002_00"}
    assert [row["scene_name"] for row in read_lines(tmp_path / "d" / SCENES)] == ["scene0002_00"]
    left_out = [row for row in read_lines(tmp_path / "d" / REJECTED) if row["reason"] == CODE]
    detail = "bench.jsonl asks about this space"
    assert left_out == [
        {"dataset": "scannet", "scene_name": name, "reason": CODE, "detail": detail}
        for name in ("scene0001_00", "scene0001_01")
    ]
    assert manifest["counts"]["scenes_rejected"] == {CODE: 2}
    assert manifest["contamination"]["scenes_excluded"] == 2
    assert manifest["contamination"]["questions_in_shared_spaces"] == 0
    assert "exclude:bench.jsonl" in manifest["inputs"]


def test_letters_of_options_in_another_order_do_not_matter(tmp_path: Path) -> None:
    asked = question(options=["A. 3", "B. 4"], ground_truth="B")
    (tmp_path / "b.jsonl").write_text(json.dumps(asked))
    exclusions = read_exclusions([tmp_path / "b.jsonl"])
    turned = question(options=["A. 4", "B. 3"], ground_truth="A")
    assert report(exclusions, [turned], {})["questions_with_same_text_and_answer"] == 1


def view(scene: str) -> dict[str, Any]:
    path = f"ViewSpatial-Bench/scannetv2_val/{scene}/original_images/280.jpg"
    return {**VIEW, "image_path": [path]}


@pytest.mark.parametrize(
    ("name", "content", "detail"),
    [
        pytest.param("val.txt", "scene0001_07\nscene0400_00\n", "names", id="a list of scenes"),
        pytest.param(
            "view.json", json.dumps([view("scene0001_03")]), "asks about", id="pictures of scans"
        ),
        pytest.param(
            "emb.jsonl",
            json.dumps({**EMB, "data_source": "scannet", "scene_id": "scene0001_00"}),
            "asks about",
            id="embspatial",
        ),
        pytest.param(
            "own.jsonl",
            json.dumps({**question("scene0001_02"), "question_type": "x"}),
            "asks about",
            id="vsi",
        ),
    ],
)
def test_all_layouts_that_name_scenes_are_taken(
    name: str,
    content: str,
    detail: str,
    scans: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / name).write_text(content)
    words = ("--out", tmp_path / "d", "--exclude", tmp_path / name, "--workers", "1")
    told = here(capsys, "propose", "--scenes", scans, *words, "--per-scene", "3", "--json").json()
    assert told["contamination"]["checked_against"] == {
        name: hashlib.sha256(content.encode()).hexdigest()
    }
    assert told["contamination"]["scenes_excluded"] == 2
    reasons = {row["detail"] for row in read_lines(tmp_path / "d" / REJECTED) if "id" not in row}
    assert reasons == {f"{name} {detail} this space"}
    assert {row["scene_name"] for row in read_lines(tmp_path / "d" / QUESTIONS)} == {"scene0002_00"}


def test_spaces_of_an_earlier_dataset_are_left_out(scans: Path, tmp_path: Path) -> None:
    benchmark = tmp_path / "bench.txt"
    benchmark.write_text("scene0002_00\n")
    made([scans], tmp_path / "test", exclude=[benchmark])
    made([scans], tmp_path / "train", exclude=[tmp_path / "test"])
    spaces = [
        {row["scene_name"][:9] for row in read_lines(tmp_path / name / QUESTIONS)}
        for name in ("test", "train")
    ]
    assert spaces == [{"scene0001"}, {"scene0002"}]


def test_without_exclude_shared_spaces_are_not_known(scans: Path, tmp_path: Path) -> None:
    manifest = made([scans], tmp_path / "d")
    assert manifest["contamination"] == {
        "checked_against": {},
        "scenes_excluded": 0,
        "questions_in_shared_spaces": 0,
        "questions_with_same_text_and_answer": 0,
    }
    assert manifest["counts"]["scenes"] == 3


def test_rows_do_not_depend_on_the_order_of_benchmarks(scans: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("z.jsonl", "a.jsonl")]
    for path in paths:  # both ask about the same space
        path.write_text(json.dumps(question("scene0001_00", question=path.name)))
    made([scans], tmp_path / "one", exclude=paths)
    made([scans], tmp_path / "two", exclude=paths[::-1])
    assert rows_in(tmp_path / "one") == rows_in(tmp_path / "two")
    made([scans], tmp_path / "one", exclude=paths[::-1])  # taken for the same run


def test_another_benchmark_is_another_run(scans: Path, tmp_path: Path) -> None:
    benchmark = tmp_path / "bench.jsonl"
    benchmark.write_text(json.dumps(question("scene0001_05")))
    made([scans], tmp_path / "d", exclude=[benchmark])
    with pytest.raises(UsageError, match=r"inputs\.exclude:bench\.jsonl was .*, now null"):
        made([scans], tmp_path / "d")


def test_everything_excluded(scans: Path, tmp_path: Path) -> None:
    benchmark = tmp_path / "bench.json"
    benchmark.write_text(json.dumps([question("scene0001_05"), question("scene0002_05")]))
    out = tmp_path / "d"
    ended = apart("propose", "--scenes", scans, "--out", out, "--exclude", benchmark)
    told = ended.complaint(1)
    assert told == f"{out}: no question was accepted; see `spatialgen stats {out}`"
    assert "scenes rejected: contaminated_space 3" in ended.out
    assert apart("verify", out).status == 0
    assert "contaminated_space 3" in apart("stats", out).out
