"""Joining a published dataset with scans: what is written, what is missing, going on."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from spatialgen import exports
from spatialgen.dataset.files import QUESTIONS, SCENES
from spatialgen.errors import DatasetError, UsageError
from spatialgen.materialize import joining, shelf
from spatialgen.materialize.published import Embedded, Published
from spatialgen.materialize.run import MISSING, MaterializeConfig, materialize
from spatialgen.materialize.sources import open_source
from spatialgen.media.video import VideoFile
from spatialgen.progress import Progress
from spatialgen.release.build import build
from spatialgen.release.part import Options
from spatialgen.release.retries import Retries
from spatialgen.scenes import open_scenes
from spatialgen.synth.settings import settings
from spatialgen.synth.writing import write_rooms
from spatialgen.tables.columns import FRAMES
from tests.runs import here, made, read_lines, trusted_again, write_lines
from tests.scenes import made_scannet

ROOMS, SAMPLED = 2, 6


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rooms with a video of 16 frames each."""
    folder = tmp_path_factory.mktemp("scans")
    with Progress("rooms") as progress:
        small = settings(width=32, height=24, seconds=2, fps=8, objects=14, spacing=0.2)
        write_rooms(folder, 5, ROOMS, small, 1, progress)
    return folder


@pytest.fixture(scope="module")
def dataset(scans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset about them, with questions about single frames and about whole videos."""
    folder = tmp_path_factory.mktemp("published") / "dataset"
    families = ("camera_object_distance", "object_abs_distance", "object_size_comparison")
    made([scans], folder, families=families, frames=SAMPLED)
    kinds = {row["frames"] is None for row in read_lines(folder / QUESTIONS)}
    assert kinds == {True, False}
    return folder


@pytest.fixture(scope="module")
def release(scans: Path, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its release, with pictures."""
    folder = tmp_path_factory.mktemp("published") / "release"
    with Progress("parts") as progress:
        build([dataset], folder, progress, Options(audit=False, scans=open_scenes([scans])))
    return folder


def joined(
    source: Path, scans: Sequence[Path], out: Path, workers: int = 1, **config: Any
) -> dict[str, Any]:
    """Materialize in this process; return the report."""
    told = MaterializeConfig(**{"exports": ("trl",), **config})
    with Progress("scenes") as progress:
        published = open_source(str(source), Retries(print), pictures=not scans)
        return materialize(published, scans, out, told, workers, progress)


def tree(folder: Path) -> dict[str, bytes]:
    """Return the content of all files."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def scene_rows(dataset: Path) -> dict[str, dict[str, Any]]:
    return {row["scene_name"]: row for row in read_lines(dataset / SCENES)}


@pytest.mark.parametrize("with_scans", [True, False], ids=["own scans", "pictures of the release"])
def test_questions_come_with_their_frames(
    with_scans: bool, scans: Path, dataset: Path, release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    report = joined(release, [scans] if with_scans else [], out, exports=("ms_swift", "vsi_bench"))
    rows, scenes = read_lines(dataset / QUESTIONS), scene_rows(dataset)
    assert report["complete"]
    assert report["counts"]["questions"] == report["counts"]["joined"] == len(rows)
    assert report["missing"] == report["frames_lost"] == {}
    lines = read_lines(out / "ms_swift.jsonl")
    assert [line["id"] for line in lines] == [row["id"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        frames = {frame["index"]: frame for frame in scenes[row["scene_name"]]["frames"]}
        wanted = row["frames"] if row["frames"] is not None else list(frames)
        assert len(line["images"]) == len(wanted)
        for file, index in zip(line["images"], wanted, strict=True):
            told = f"Frame at {frames[index]['time_s']:.1f} s:\n<image>"
            assert told in line["messages"][0]["content"]
            original = cv2.imread(str(scans / row["scene_name"] / "color" / f"{index}.jpg"))
            picture = cv2.imread(str(out / file))
            assert original is not None
            assert picture is not None
            assert np.abs(original.astype(int) - picture).mean() < 4
        assert line["messages"][1]["content"] == row["ground_truth"]
    vsi = read_lines(out / "test.jsonl")
    assert report["exports"]["vsi_bench"]["lines"] == len(vsi) > 0
    for each in vsi:
        video = VideoFile(out / each["dataset"] / f"{each['scene_name']}.mp4")
        times = [frame["time_s"] for frame in scenes[each["scene_name"]]["frames"]]
        assert video.total == SAMPLED
        assert np.allclose(video.times_s, np.array(times) - times[0], atol=0.15)


def test_every_way_gives_the_same_bytes(
    scans: Path, dataset: Path, release: Path, tmp_path: Path
) -> None:
    names = exports.names()
    joined(dataset, [scans], tmp_path / "one", exports=names)
    joined(dataset, [scans], tmp_path / "two", workers=2, exports=names[::-1])
    joined(release, [scans], tmp_path / "three", exports=names)
    joined(release, [], tmp_path / "four", exports=names)
    one, two, three, four = (tree(tmp_path / name) for name in ("one", "two", "three", "four"))
    assert one == two
    assert three == four
    told = "materialized.json"  # the one tells of a dataset folder, the other of a release
    assert {**one, told: b""} == {**three, told: b""}


@pytest.mark.parametrize("stop", [1, 3, 7, 10])
def test_a_run_that_was_stopped_goes_on(
    stop: int, scans: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    joined(dataset, [scans], whole, exports=("trl", "vsi_bench"))
    written: list[Path] = []

    def torn(path: Path, image: Any) -> None:
        write(path, image)
        written.append(path)
        if len(written) == stop:
            path.write_bytes(path.read_bytes()[:9])
            raise KeyboardInterrupt

    write = joining.write_image
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(joining, "write_image", torn)
        with pytest.raises(KeyboardInterrupt):
            joined(dataset, [scans], out, exports=("trl", "vsi_bench"))
        assert json.loads((out / "materialized.json").read_text())["complete"] is False
    joined(dataset, [scans], out, exports=("trl", "vsi_bench"))
    assert tree(out) == tree(whole)


def test_what_is_there_is_not_read_again(
    scans: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    joined(dataset, [scans], out)
    before = tree(out)

    def fail(*_: Any) -> Any:
        raise AssertionError("a scan was read")

    with monkeypatch.context() as patch:
        patch.setattr(joining.scenes, "load", fail)
        joined(dataset, [scans], out)
        assert tree(out) == before
        joined(dataset, [scans], out, exports=("ms_swift",))
    lost = next(iter(sorted(out.rglob("*.jpg"))))
    lost.unlink()
    joined(dataset, [scans], out)
    assert {name: tree(out)[name] for name in before if name != "materialized.json"} == {
        name: content for name, content in before.items() if name != "materialized.json"
    }


def test_more_scans_complete_it(scans: Path, dataset: Path, tmp_path: Path) -> None:
    out, names = tmp_path / "out", sorted(scene_rows(dataset))
    report = joined(dataset, [scans / names[0]], out)
    ours = sum(row["scene_name"] == names[0] for row in read_lines(dataset / QUESTIONS))
    assert report["counts"]["joined"] == report["exports"]["trl"]["lines"] == ours
    assert report["missing"] == {"missing_scene": report["counts"]["questions"] - ours}
    (missing,) = read_lines(out / MISSING)
    assert (missing["scene_name"], missing["reason"]) == (names[1], "missing_scene")
    assert joined(dataset, [scans], out)["missing"] == {}
    joined(dataset, [scans], tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


def spoilt_scans(scans: Path, tmp_path: Path, name: str) -> Path:
    return Path(shutil.copytree(scans, tmp_path / "spoilt")) / name


def test_another_scan_of_the_name_is_refused(scans: Path, dataset: Path, tmp_path: Path) -> None:
    first, second = sorted(scene_rows(dataset))
    folder = spoilt_scans(scans, tmp_path, first)
    shutil.rmtree(folder)
    shutil.copytree(scans / second, folder)
    for path in sorted(folder.iterdir()):
        path.rename(folder / path.name.replace(second, first))
    annotation = folder / f"{first}.aggregation.json"
    annotation.write_text(annotation.read_text().replace(second, first))
    report = joined(dataset, [folder.parent], tmp_path / "out")
    assert list(report["missing"]) == ["other_objects"]
    (missing,) = read_lines(tmp_path / "out" / MISSING)
    assert missing["scene_name"] == first
    assert missing["questions"] == report["missing"]["other_objects"]


def test_a_frame_without_a_picture_takes_its_questions_along(
    scans: Path, dataset: Path, tmp_path: Path
) -> None:
    single = next(row for row in read_lines(dataset / QUESTIONS) if row["frames"])
    lost, name = single["frames"][0], single["scene_name"]
    folder = spoilt_scans(scans, tmp_path, name)
    (folder / "color" / f"{lost}.jpg").write_bytes(b"no picture")
    out = tmp_path / "out"
    report = joined(dataset, [folder.parent], out)
    rows = [row for row in read_lines(dataset / QUESTIONS) if row["scene_name"] == name]
    gone = {row["id"] for row in rows if lost in (row["frames"] or ())}
    assert report["frames_lost"] == {"bad_image": 1}
    assert report["exports"]["trl"]["left_out"] == {"missing_frame": len(gone)}
    lines = {line["id"]: line for line in read_lines(out / "metadata.jsonl")}
    assert not gone & lines.keys()
    for row in rows:
        if row["frames"] is None:
            assert len(lines[row["id"]]["images_file_names"]) == SAMPLED - 1
    shutil.copy(scans / name / "color" / f"{lost}.jpg", folder / "color")
    assert joined(dataset, [folder.parent], out)["frames_lost"] == {}


def test_frames_and_sizes_are_as_asked_for(scans: Path, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    joined(dataset, [scans], out, frames=3, max_side=16, exports=("ms_swift",), media="video")
    singles = [row for row in read_lines(dataset / QUESTIONS) if row["frames"] is not None]
    for line in read_lines(out / "ms_swift.jsonl"):
        assert bool(line["images"]) != bool(line["videos"])
        for video in line["videos"]:
            assert VideoFile(out / video).total == 3
    assert {line["id"] for line in read_lines(out / "ms_swift.jsonl") if line["images"]} == {
        row["id"] for row in singles
    }
    for path in out.rglob("*.jpg"):
        image = cv2.imread(str(path))
        assert image is not None
        assert image.shape == (12, 16, 3)


def altered(dataset: Path, tmp_path: Path, name: str, change: Any) -> Path:
    """Return a copy of the dataset with the first row of a file changed."""
    folder = Path(shutil.copytree(dataset, tmp_path / "altered"))
    rows = read_lines(folder / name)
    change(rows[0])
    write_lines(folder / name, rows)
    trusted_again(folder)
    return folder


@pytest.mark.parametrize(
    "name", ["..", "a/b", "/etc", ".hidden", "a\\b", "", "x" * 101, "漢" * 80, "a\nb"]
)
@pytest.mark.parametrize("field", ["dataset", "scene_name"])
@pytest.mark.parametrize("file", [QUESTIONS, SCENES])
def test_no_name_leads_out_of_the_folder(
    file: str, field: str, name: str, scans: Path, dataset: Path, tmp_path: Path
) -> None:
    folder = altered(dataset, tmp_path, file, lambda row: row.update({field: name}))
    with pytest.raises(DatasetError, match=r"row 1: damaged .*can't be the name of a scene"):
        joined(folder, [scans], tmp_path / "out")
    assert list(tmp_path.rglob("*.jpg")) == []


@pytest.mark.parametrize(
    ("name", "formats"),
    [
        ("materialized.json", ("vsi_bench",)),
        ("Missing.jsonl", ("vsi_bench",)),
        ("test.jsonl", ("trl", "vsi_bench")),
        ("metadata.jsonl", ("trl", "vsi_bench")),
        ("dataset_info.json", ("llama_factory", "vsi_bench")),
    ],
)
def test_a_dataset_called_as_a_file_is_told_before_anything_is_decoded(
    name: str, formats: tuple[str, ...], release: Path, tmp_path: Path
) -> None:
    published = open_source(str(release), Retries(print), pictures=True)
    renamed = replace(
        published,
        rounds=tuple(
            replace(
                each,
                questions=lambda each=each: (row | {"dataset": name} for row in each.questions()),
            )
            for each in published.rounds
        ),
    )
    told = rf"a dataset is called '{name}', and a file that is written there too; choose --media"
    config = MaterializeConfig(exports=formats)
    with Progress("scenes") as progress, pytest.raises(UsageError, match=told):
        materialize(renamed, [], tmp_path / "out", config, 1, progress)
    assert list(tmp_path.rglob("*.jpg")) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", ""),
        ("id", 7),
        ("ground_truth", None),
        ("options", []),
        ("options", ["A. x", 3]),
        ("options", ["x"] * 27),
        ("options", "A. x"),
        ("frames", []),
        ("frames", [True]),
        ("frames", [-1]),
        ("frames", [2**31]),
        ("frames", ["0"]),
        ("frames", list(range(1025))),
    ],
)
def test_damaged_questions_are_named(
    field: str, value: Any, scans: Path, dataset: Path, tmp_path: Path
) -> None:
    folder = altered(dataset, tmp_path, QUESTIONS, lambda row: row.update({field: value}))
    with pytest.raises(DatasetError, match=rf"{QUESTIONS}(, row |:)1: damaged \(.*{field}"):
        joined(folder, [scans], tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda row: row.update(objects="x"), "damaged_scene", id="no objects"),
        pytest.param(lambda row: row["frames"][0].update(pose=[]), "damaged_scene", id="no pose"),
        pytest.param(lambda row: row["frames"][0].update(index=-1), "damaged_scene", id="before 0"),
        pytest.param(
            lambda row: row.update(frames=row["frames"] * 300), "damaged_scene", id="many frames"
        ),
        pytest.param(
            lambda row: row["objects"][0].update(center=[9.0, 9.0, 9.0]), "other_boxes", id="moved"
        ),
        pytest.param(
            lambda row: row.update(scene_name="elsewhere"), "no_published_scene", id="gone"
        ),
    ],
)
def test_damaged_scenes_are_counted(
    change: Any, reason: str, scans: Path, dataset: Path, tmp_path: Path
) -> None:
    folder = altered(dataset, tmp_path, SCENES, change)
    report = joined(folder, [scans], tmp_path / "out")
    assert report["scenes_missing"] == {reason: 1}
    assert report["counts"]["scenes"] == ROOMS - 1
    assert report["counts"]["joined"] + report["missing"][reason] == report["counts"]["questions"]


def test_a_frame_with_another_pose_is_lost(scans: Path, dataset: Path, tmp_path: Path) -> None:
    def move(row: dict[str, Any]) -> None:
        row["frames"][2]["pose"][0][3] += 5.0

    report = joined(altered(dataset, tmp_path, SCENES, move), [scans], tmp_path / "out")
    assert report["frames_lost"] == {"other_frame": 1}


def test_rounds_come_together_and_no_question_twice(
    scans: Path, dataset: Path, tmp_path: Path
) -> None:
    def reword(row: dict[str, Any]) -> None:
        row.update(id="f" * 16, question="What else?", frames=None)

    later = altered(dataset, tmp_path, QUESTIONS, reword)
    with Progress("parts") as progress:
        options = Options(audit=False, scans=open_scenes([scans]))
        build([dataset, later], tmp_path / "release", progress, options)
    rows = read_lines(dataset / QUESTIONS)
    for out, paths in ((tmp_path / "own", [scans]), (tmp_path / "brought", [])):
        report = joined(tmp_path / "release", paths, out)
        counts = report["counts"]
        assert (counts["questions"], counts["repeated"]) == (2 * len(rows), len(rows) - 1)
        ids = [line["id"] for line in read_lines(out / "metadata.jsonl")]
        assert sorted(ids) == sorted({"f" * 16, *(row["id"] for row in rows)})
    assert tree(tmp_path / "own") == tree(tmp_path / "brought")


def brought(release: Path, change: Any) -> Published:
    """Return a release whose pictures are changed on the way."""
    published = open_source(str(release), Retries(print), pictures=True)
    (part,) = published.rounds
    assert part.pictures is not None
    pictures = change(list(part.pictures()))
    return replace(published, rounds=(replace(part, pictures=lambda: iter(pictures)),))


def unpacked(published: Published, out: Path, **config: Any) -> dict[str, Any]:
    """Materialize with the dataset's own pictures."""
    told = MaterializeConfig(**{"exports": ("trl",), **config})
    with Progress("scenes") as progress:
        return materialize(published, [], out, told, 1, progress)


def test_pictures_may_come_in_any_order(release: Path, tmp_path: Path) -> None:
    joined(release, [], tmp_path / "usual")
    unpacked(brought(release, lambda pictures: pictures[::-1]), tmp_path / "other")
    unpacked(brought(release, lambda pictures: pictures[::2] + pictures), tmp_path / "mixed")
    usual = tree(tmp_path / "usual")
    assert tree(tmp_path / "other") == tree(tmp_path / "mixed") == usual


@pytest.mark.parametrize(
    ("content", "lost"),
    [
        pytest.param(b"", "bad_image", id="empty"),
        pytest.param(b"\xff\xd8\xff nothing", "bad_image", id="no JPEG"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "bad_image", id="no PNG"),
        pytest.param(None, "missing_image", id="none"),
    ],
)
def test_damaged_pictures_are_counted(
    content: bytes | None, lost: str, dataset: Path, release: Path, tmp_path: Path
) -> None:
    asked = next(row for row in read_lines(dataset / QUESTIONS) if row["frames"])

    def spoil(pictures: list[Embedded]) -> list[Embedded]:
        others = [p for p in pictures if (p.key[1], p.index) != spoilt]
        first = next(p for p in pictures if (p.key[1], p.index) == spoilt)
        return others if content is None else [replace(first, content=content), *others]

    spoilt = (asked["scene_name"], asked["frames"][0])

    report = unpacked(brought(release, spoil), tmp_path / "out")
    assert report["frames_lost"] == {lost: 1}
    assert report["missing"] == {}
    assert not list((tmp_path / "out").rglob(".*"))
    assert unpacked(brought(release, list), tmp_path / "out")["frames_lost"] == {}


def test_other_kinds_of_pictures_become_jpegs(release: Path, tmp_path: Path) -> None:
    def as_png(picture: Embedded) -> Embedded:
        image = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        return replace(picture, content=cv2.imencode(".png", image)[1].tobytes())

    unpacked(brought(release, lambda pictures: list(map(as_png, pictures))), tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.jpg"):
        assert path.read_bytes().startswith(b"\xff\xd8\xff")


def spoil_file(release: Path, part: str) -> None:
    (path,) = (release / "data" / part).iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("part", ["questions", "scenes", FRAMES])
def test_a_damaged_release_is_named(part: str, release: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "copy"))
    spoil_file(copy, part)
    with pytest.raises(DatasetError, match=rf"data/{part}/.* is missing or damaged; get the rel"):
        joined(copy, [], tmp_path / "out")


def test_pictures_that_are_not_wanted_are_not_opened(
    scans: Path, release: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "copy"))
    shutil.rmtree(copy / "data" / FRAMES)
    assert joined(copy, [scans], tmp_path / "out")["missing"] == {}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"exports": ("trl",), "media": "video"}, "trl shows pictures"),
        ({"exports": ("vsi_bench",), "media": "pictures"}, "vsi_bench shows video"),
        ({"exports": ("trl", "swift")}, "no export 'swift'"),
    ],
)
def test_what_no_format_shows_is_refused(
    config: dict[str, Any], told: str, scans: Path, dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=told):
        joined(dataset, [scans], tmp_path / "out", **config)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_refused(
    scans: Path, dataset: Path, release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    joined(dataset, [scans], out, max_side=16)
    for config, told in (({}, "--max-side 16"), ({"frames": 2, "max_side": 16}, "no --frames")):
        with pytest.raises(UsageError, match=f"was begun with {told}"):
            joined(dataset, [scans], out, **config)
    with pytest.raises(UsageError, match="was begun with another dataset"):
        joined(release, [scans], out, max_side=16)
    (out / "materialized.json").write_text("{")
    with pytest.raises(DatasetError, match=r"materialized\.json: damaged"):
        joined(dataset, [scans], out, max_side=16)
    with pytest.raises(UsageError, match="not empty"):
        joined(dataset, [scans], scans)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="a file is in the way"):
        joined(dataset, [scans], tmp_path / "file")


def test_a_damaged_listing_is_named(scans: Path, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    joined(dataset, [scans], out)
    listing = next(iter(sorted(out.rglob(shelf.LISTING))))
    for content in ("{", "[]", '{"checked": []}', '{"checked": 3, "times_s": [], "lost": {}}'):
        listing.write_text(content)
        with pytest.raises(DatasetError, match=r"frames\.json: damaged .*remove it"):
            joined(dataset, [scans], out)


def test_the_command_says_what_it_did(
    scans: Path, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, first = tmp_path / "out", sorted(scene_rows(dataset))[0]
    words = ("materialize", dataset, "--scenes", scans / first, "--out", out, "--workers", "1")
    ended = here(capsys, *words, "--as", "ms_swift", "--as", "vsi_bench")
    assert ended.status == 0, ended
    assert "missing: missing_scene " in ended.out
    assert f"ROOT_IMAGE_DIR={out} swift sft" in ended.out
    report = here(capsys, *words, "--json").json()
    assert sorted(report["exports"]) == ["ms_swift", "trl", "vsi_bench"]


def test_what_is_asked_in_several_rounds_is_told(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    twice = open_source(str(release), Retries(print), pictures=True)
    twice = replace(twice, rounds=twice.rounds * 2)
    monkeypatch.setattr("spatialgen.materialize.sources.open_source", lambda *_, **__: twice)
    out = tmp_path / "out"
    told = here(capsys, "materialize", release, "--out", out, "--workers", "1").out
    written = len(read_lines(out / "metadata.jsonl"))
    assert f"asked in several rounds, written once: {written}\n" in told


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("nowhere", "--out", "o"), 2, "no dataset folder, no release, and no name like ORG/NAME"),
        (("scans", "--out", "o", "--scenes", "scans"), 2, "neither a dataset folder nor a release"),
        (("dataset", "--out", "o"), 2, "brings no pictures; say with --scenes where scans are"),
        (("dataset", "--out", "o", "--scenes", "none"), 2, "none: there is no such file or folder"),
        (("dataset", "--out", "o", "--scenes", "dataset"), 2, "no scene in this folder"),
        (("dataset", "--out", "o", "--revision", "v1"), 2, "is a folder, which has no revisions"),
        (("dataset", "--out", "o", "--as", "tlr"), 2, "no export 'tlr'; did you mean trl?"),
        (("dataset", "--out", "o", "--scenes", "other"), 1, "no question could be written"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    words: tuple[str, ...],
    status: int,
    told: str,
    scans: Path,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans").symlink_to(scans)
    (tmp_path / "dataset").symlink_to(dataset)
    made_scannet.save(made_scannet.room(0.5), tmp_path / "other")
    assert told in here(capsys, "materialize", *words).complaint(status)
