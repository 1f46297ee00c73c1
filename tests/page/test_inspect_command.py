"""`spatialgen inspect` of a filmed room: what the text, the JSON and the page tell of its video."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from spatialgen import inspection, summary
from spatialgen.records import Note
from spatialgen.scan import Scan
from tests.page.made_scan import made_scan
from tests.runs import apart, here

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one filmed room in ScanNet's layout."""
    out = tmp_path_factory.mktemp("rooms")
    chosen = ("--objects", "5", "--size", "32x24", "--seconds", "2", "--workers", "1")
    assert apart("synth", "--out", out, "--rooms", "1", *chosen).status == 0
    return out


def test_json_tells_of_the_video(rooms: Path, capsys: Capture) -> None:
    report = here(capsys, "inspect", rooms, "--frames", "6", "--json").json()
    video = report["video"]
    assert (video["frames"], video["usable_poses"], video["size"]) == (16, 16, [32, 24])
    assert (video["first_s"], video["pictures"], video["depth"]) == (0.0, True, True)
    assert 0 < report["frames"] <= 6
    seen = [thing["first_seen_s"] for thing in report["objects"]]
    assert report["seen"] == len(seen) - seen.count(None)
    assert report["mesh"]["faces"] > 0
    assert max(thing["frames_seen"] for thing in report["objects"]) <= report["frames"]


def test_text_lists_objects_as_they_come_into_view(rooms: Path, capsys: Capture) -> None:
    out = here(capsys, "inspect", rooms).out
    whole = r"16 frames, 16 with a usable pose, 32x24, 0\.0 to 1\.9 s"
    assert re.search(rf"(?m)^video: {whole}, \d of 5 objects seen; 16 taken$", out)
    shown = re.findall(r"(?m)^\w+_\d .* (never|\d+\.\d) +(\d+)$", out)
    assert len(shown) == 5
    times = [float("inf") if first == "never" else float(first) for first, _ in shown]
    assert times == sorted(times)


def test_the_page_is_written_and_the_same_each_time(
    rooms: Path, tmp_path: Path, capsys: Capture
) -> None:
    pages = []
    for name in ("a.html", "b.html"):
        ended = here(capsys, "inspect", rooms, "--frames", "4", "--html", tmp_path / name)
        assert (ended.status, ended.err) == (0, "")
        assert ended.out.endswith(f"page: {tmp_path / name}\n")
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    found = re.search(rb'<script id="scene" type="application/json">(.*?)</script>', pages[0])
    assert found is not None
    data = json.loads(found.group(1))
    assert len(data["frames"]) == 4
    assert all(frame["picture"] for frame in data["frames"])
    assert data["points"]["colors"]


def test_json_and_page_at_once(rooms: Path, tmp_path: Path, capsys: Capture) -> None:
    ended = here(capsys, "inspect", rooms, "--html", tmp_path / "a.html", "--json")
    assert ended.json()["video"]["frames"] == 16
    assert (tmp_path / "a.html").stat().st_size > 100_000


def test_a_page_shows_one_scene(tmp_path: Path, capsys: Capture) -> None:
    here(capsys, "synth", "--out", tmp_path, "--rooms", "3", "--objects", "4", "--metadata-only")
    page = tmp_path / "page.html"
    told = here(capsys, "inspect", tmp_path, "--html", page).complaint(2)
    assert told == f"{tmp_path}: holds 3 scenes; say which with --name"
    assert not page.exists()
    ended = here(capsys, "inspect", tmp_path, "--name", "room0_00001", "--html", page)
    assert ended.status == 0
    assert b"synthetic/room0_00001" in page.read_bytes()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        pytest.param(["--frames", "0"], 2, "'--frames'", id="no frames"),
        pytest.param(["--html", "."], 2, "is a directory", id="a folder"),
        pytest.param(["--html", "missing/a.html"], 2, "missing: there is no", id="nowhere"),
    ],
)
def test_what_is_refused(
    words: list[str],
    status: int,
    told: str,
    rooms: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told in here(capsys, "inspect", rooms, *words).complaint(status)


@pytest.mark.parametrize(
    ("case", "lacks"),
    [
        pytest.param("whole", [], id="whole"),
        pytest.param("bare", ["anything about the video: there are no frames"], id="no video"),
        pytest.param(
            "lost", ["anything about the video: no frame has a usable pose"], id="no pose"
        ),
        pytest.param(
            "unlucky",
            ["anything about the video: none of the frames taken has a usable pose"],
            id="no pose where frames were taken",
        ),
        pytest.param(
            "blank",
            ["what frames show and in which order: no object is seen well enough"],
            id="nothing seen",
        ),
        pytest.param("test scan", ["anything about objects: none is known"], id="not annotated"),
    ],
)
def test_what_cannot_be_asked(case: str, lacks: list[str]) -> None:
    scan, scene = made_scan(objects=4, frames=2, width=32)
    recording = scan.recording
    assert recording is not None
    if case == "bare":
        scan, scene = Scan(scene), replace(scene, frames=(), first_seen={})
    elif case == "lost":
        none = replace(
            recording,
            indices=recording.indices[:0],
            times_s=recording.times_s[:0],
            poses=recording.poses[:0],
        )
        scan, scene = replace(scan, recording=none), replace(scene, frames=(), first_seen={})
    elif case == "unlucky":
        scene = replace(scene, frames=(), first_seen={})
    elif case == "test scan":
        frames = tuple(replace(frame, seen={}) for frame in scene.frames)
        scene = replace(scene, objects=(), counts={}, frames=frames, first_seen={})
    elif case == "blank":
        frames = tuple(replace(frame, seen={}) for frame in scene.frames)
        scene = replace(scene, frames=frames, first_seen={})
    assert inspection.describe(scan, scene)["not_askable"] == lacks


def test_text_of_a_video_without_pictures(capsys: Capture) -> None:
    scan, scene = made_scan(objects=4, frames=2, width=32)
    blind = replace(scan, recording=replace(scan.recording, colors=None))
    unseen = scene.objects[0].id
    first = {id: when for id, when in scene.first_seen.items() if id != unseen}
    shown = replace(scene, first_seen=first, notes=(Note("odd", "[bold]x"),))
    summary.show_scene(inspection.describe(blind, shown))
    out = capsys.readouterr().out
    assert "11 frames, 8 with a usable pose" in out
    assert "no pictures, no depth, 3 of 4 objects seen; 2 taken" in out
    rows = [line for line in out.splitlines() if re.match(r"\w+_\d ", line)]
    assert rows[-1].split()[0] == unseen
    assert rows[-1].split()[-2] == "never"
    assert "warning odd: [bold]x" in out
