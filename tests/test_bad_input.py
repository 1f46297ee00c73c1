"""Whatever a new user does wrong ends in one clear line, and nothing is lost."""

import gzip
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spatialgen.dataset.files import QUESTIONS, REJECTED, SCENES, read_manifest
from tests.runs import Ended, command, here, read_lines, rows_in
from tests.scenes.made_entries import UPRIGHT, entry

Capture = pytest.CaptureFixture[str]


def around(labels: list[str], **changes: Any) -> dict[str, Any]:
    """An entry with one box per label, on a circle, each of another size."""
    boxes = {
        label: [
            {
                "centroid": [4 * math.cos(2.4 * i), 4 * math.sin(2.4 * i), 0.5],
                "axesLengths": [0.3 + 0.1 * i, 0.4, 0.5 + 0.15 * i],
                "normalizedAxes": UPRIGHT,
            }
        ]
        for i, label in enumerate(labels)
    }
    counts = dict.fromkeys(labels, 1)
    return entry(**{"object_bbox": boxes, "object_counts": counts, **changes})


FURNITURE = ["chair", "table", "sofa", "bed", "lamp", "door"]
GOOD = around(FURNITURE)


def propose(capsys: Capture, scenes: Path, out: Path, *more: str) -> Ended:
    arguments = ("--per-scene", "4", "--workers", "1")
    return here(capsys, "propose", "--scenes", scenes, "--out", out, *arguments, *more)


# -- files that hold no scenes ------------------------------------------------------

WHOLE = json.dumps({"good": GOOD, "more": GOOD}).encode()


@pytest.mark.parametrize(
    ("data", "status", "told"),
    [
        pytest.param(b"", 2, r"not a scene\. Expected .*vsi_meta", id="empty"),
        pytest.param(b"{}", 2, r"not a scene\. Expected", id="empty object"),
        pytest.param(b"[1, 2]", 2, r"not a scene\. Expected", id="list"),
        pytest.param(b'{"name": "x", "files": []}', 2, r"not a scene\. Expected", id="other JSON"),
        pytest.param(json.dumps(GOOD).encode(), 2, r"not a scene\. Expected", id="a bare entry"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), 2, r"not a scene\. Expected", id="image"),
        pytest.param(b"scene,objects\na,4\n", 2, r"not a scene\. Expected", id="table"),
        pytest.param(gzip.compress(WHOLE), 2, r"not a scene\. Expected", id="compressed"),
        pytest.param(WHOLE.decode().encode("utf-16"), 2, r"not a scene\. Expected", id="UTF-16"),
        pytest.param(WHOLE[:-300], 1, r"ends at byte \d+.*cut short.*again", id="cut short"),
        pytest.param(WHOLE + b"x", 1, r"expected the end of the file at byte", id="more behind"),
        pytest.param(WHOLE.replace(b'"more"', b"more"), 1, r'expected " at byte', id="broken"),
    ],
)
def test_file_without_scenes(
    data: bytes, status: int, told: str, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "scenes.json"
    path.write_bytes(data)
    complaint = propose(capsys, path, tmp_path / "d").complaint(status)
    assert complaint.startswith(f"{path}: ")
    assert re.search(told, complaint)
    assert not (tmp_path / "d").exists()
    assert here(capsys, "inspect", path).complaint(status) == complaint


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("missing", "there is no such file or folder", id="missing"),
        pytest.param("missing/deeper.json", "there is no such file or folder", id="missing folder"),
        pytest.param("empty", "no scene in this folder. Expected", id="empty folder"),
        pytest.param("notes", "no scene in this folder. Expected", id="folder of notes"),
        pytest.param("notes/a.txt", "not a scene. Expected", id="a note"),
        pytest.param("x" * 300, "can't be read: File name too long", id="endless name"),
    ],
)
def test_path_without_scenes(name: str, told: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("hello")
    (tmp_path / "notes" / "b.json").write_text("{}")
    ended = propose(capsys, tmp_path / name, tmp_path / "d")
    assert ended.complaint(1 if "can't be read" in told else 2).startswith(
        f"{tmp_path / name}: {told}"
    )
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="nothing but zeros"),
        pytest.param(b'{"a": {"object_bbox": {}, "x": "', id="a text without end"),
        pytest.param(b'{"a": {"object_bbox": {}}, ', id="zeros behind a scene"),
    ],
)
def test_a_gigabyte_of_nonsense_is_refused_at_once(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "nonsense.json"
    path.write_bytes(head)
    os.truncate(path, 2**30)  # a hole: it takes no room on the disk
    asked = ["propose", "--scenes", str(path), "--out", str(tmp_path / "d")]
    figures = tmp_path / "figures"
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, str(figures), *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (1, 2)
    assert run.stderr.startswith(f"spatialgen: {path}: ")
    assert run.stderr.count("\n") == 1
    seconds, kilobytes = map(float, figures.read_text().split())
    assert seconds < 2
    assert kilobytes < 200 * 1024


# Runs the command and writes its processor time and its largest memory (kB). A process's
# own account, as the system's one of a child includes what it was forked from.
MEASURED = """
import re, sys, time
from spatialgen.cli import main
try:
    main(sys.argv[2:])
finally:
    with open("/proc/self/status") as status, open(sys.argv[1], "w") as figures:
        largest = re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]
        figures.write(f"{time.process_time()} {largest}")
"""


def test_typos_are_answered_with_what_was_meant(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    out = tmp_path / "d"
    told = propose(capsys, path, out, "--families", "object_countin").complaint(2)
    assert told.startswith("no family 'object_countin'; did you mean object_counting")
    told = propose(capsys, path, out, "--families", "object_counting,room-size").complaint(2)
    assert told.startswith("no family 'room-size'; did you mean room_size_estimation")
    told = propose(capsys, path, out, "--families", ", ,").complaint(2)
    assert told == "--families: no name given; leave it out for all families"
    told = propose(capsys, path, out, "--format", "vsi-mta").complaint(2)
    assert told.startswith("no format 'vsi-mta'; did you mean vsi_meta?")
    told = here(capsys, "inspect", path, "--name", "goood").complaint(2)
    assert told == f"{path}: no scene 'goood'; `spatialgen inspect {path}` lists all"
    assert not out.exists()


# -- scenes that are odd -----------------------------------------------------------


def box(center: Any = (0, 0, 0), size: Any = (1, 1, 1)) -> dict[str, Any]:
    return {"centroid": center, "axesLengths": size, "normalizedAxes": UPRIGHT}


def alone(one: dict[str, Any]) -> dict[str, Any]:
    """The good entry and one more box."""
    boxes = {**GOOD["object_bbox"], "piano": [one]}
    return entry(object_bbox=boxes, object_counts=dict.fromkeys(boxes, 1))


ODD: dict[str, tuple[Any, str | None, str | None]] = {
    # what is odd: the entry, the reason why the scene is rejected, the note if it is used
    "no object": (entry(object_bbox={}, object_counts={}), "no_objects", None),
    "no box list": (entry(object_bbox=...), "missing_boxes", None),
    "not an entry": ([1], "not_an_object", None),
    "zero size": (alone(box(size=[0, 0, 0])), None, "degenerate_box"),
    "negative size": (alone(box(size=[1, -1, 1])), None, "degenerate_box"),
    "not a number": (alone(box(center=[math.nan, 0, 0])), None, "degenerate_box"),
    "infinite": (alone(box(center=[0, math.inf, 0])), None, "degenerate_box"),
    "a box of text": (alone(box(center="here")), None, "bad_box"),
    "floor is not a number": (around(FURNITURE, room_size=math.nan), None, "missing_room"),
    "floor is negative": (around(FURNITURE, room_size=-3), None, "missing_room"),
    "only bad boxes": (
        entry(object_bbox={"chair": [box(size=[0, 0, 0])]}, object_counts={"chair": 1}),
        "no_objects",
        None,
    ),
    "2000 objects": (
        entry(
            object_bbox={"chair": [box(center=[i % 50 * 2, i // 50 * 2, 0]) for i in range(2000)]},
            object_counts={"chair": 2000},
        ),
        "too_large",
        None,
    ),
}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_odd_scenes_and_a_good_one(workers: str, tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "odd.json", tmp_path / "d"
    path.write_text(json.dumps({**{name: odd for name, (odd, _, _) in ODD.items()}, "good": GOOD}))
    ended = propose(capsys, path, out, "--workers", workers)
    assert (ended.status, ended.err) == (0, "")
    rejected = {
        row["scene_name"]: row["reason"]
        for row in read_lines(out / REJECTED)
        if "question" not in row
    }
    assert rejected == {name: reason for name, (_, reason, _) in ODD.items() if reason}
    scenes = {row["scene_name"]: row for row in read_lines(out / SCENES)}
    assert sorted(scenes) == sorted([*(set(ODD) - set(rejected)), "good"])
    for name, (_, _, note) in ODD.items():
        if note:
            assert note in [each["code"] for each in scenes[name]["notes"]], name
    assert scenes["good"]["notes"] == []
    asked = {row["scene_name"] for row in read_lines(out / QUESTIONS)}
    assert asked == set(scenes)
    assert here(capsys, "verify", out).status == 0
    told = here(capsys, "inspect", path).out
    assert "made/no object: rejected, no_objects: no usable box" in told
    assert "9 scenes; --name NAME shows one" in told


def test_single_object(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"one": around(["chair"])}))
    assert propose(capsys, path, tmp_path / "d").status == 0
    types = {row["question_type"] for row in read_lines(tmp_path / "d" / QUESTIONS)}
    assert "room_size_estimation" in {name.removesuffix("_mc") for name in types}
    assert "1 object," in here(capsys, "inspect", path).out


def test_a_bad_scene_is_shown_with_its_file(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"a": entry(object_bbox={}), "b": 5, "good": GOOD}))
    told = here(capsys, "inspect", path, "--name", "a").complaint(1)
    assert told == f"{path}: scene a can't be used, no_objects: no usable box"
    told = here(capsys, "inspect", path, "--name", "b").complaint(1)
    assert told.startswith(f"{path}: scene b can't be used, not_an_object: ")


def test_nothing_accepted(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "s.json", tmp_path / "d"
    path.write_text(json.dumps({"one": around(["chair"])}))
    for _ in range(2):
        ended = propose(capsys, path, out, "--families", "object_rel_distance")
        assert ended.status == 1
        told = ended.err.splitlines()[-1]
        assert told == f"spatialgen: {out}: no question was accepted; see `spatialgen stats {out}`"
    assert "0 questions about 0 scenes" in ended.out
    assert read_manifest(out)["complete"]
    assert (out / QUESTIONS).read_bytes() == b""
    assert here(capsys, "stats", out).status == 0
    assert here(capsys, "verify", out).out == "0 questions run again, 0 differences\n"


def test_only_rejected_scenes(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "s.json", tmp_path / "d"
    path.write_text(json.dumps({"a": {"object_bbox": {}}, "b": {"object_bbox": 5}}))
    ended = propose(capsys, path, out)
    assert ended.complaint(1) == f"{out}: no question was accepted; see `spatialgen stats {out}`"
    assert "scenes rejected: missing_boxes 1, no_objects 1" in ended.out


def test_the_same_scene_twice(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "in").mkdir()
    for name, content in (("a", {"s": GOOD, "t": GOOD}), ("b", {"s": GOOD})):
        (tmp_path / "in" / f"{name}.json").write_text(json.dumps(content))
    out = tmp_path / "d"
    assert propose(capsys, tmp_path / "in", out).status == 0
    (row,) = (row for row in read_lines(out / REJECTED) if "question" not in row)
    assert (row["scene_name"], row["reason"]) == ("s", "duplicate_scene")
    assert row["detail"] == "this scene was already met in a.json"
    assert len(read_lines(out / SCENES)) == 2


def test_the_same_file_twice_is_once(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    assert propose(capsys, path, tmp_path / "once").status == 0
    assert propose(capsys, path, tmp_path / "twice", "--scenes", str(path)).status == 0
    assert propose(capsys, path, tmp_path / "more", str(tmp_path / "." / "s.json")).status == 0
    assert rows_in(tmp_path / "once") == rows_in(tmp_path / "twice") == rows_in(tmp_path / "more")


# -- words of all kinds --------------------------------------------------------------

LABELS = [
    "стул",
    "кресло 🪑",
    "كرسي",
    "椅子",
    "a \"quoted\" 'thing'",
    "{braces}",
    "back\\slash",
    "at the end\\",
    "</script>",
    "[red]",
    "[/]",
    "[bold]x[/bold]",
    "%s %d",
    "${x}",
    "{0}",
    ":dog:",
    "--out",
    "a;b|c&d",
    "'''",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 picture",
]


def test_words_of_all_kinds_stay_what_they_are(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "слова [red].json", tmp_path / "[/] 🪑"
    scenes = {"[bold]": around(LABELS), "комната 🪑": around(LABELS), "$(x) %s": around(LABELS)}
    path.write_text(json.dumps(scenes))
    ended = propose(capsys, path, out, "--per-scene", "40")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.rstrip().endswith(f"in {out}")
    assert here(capsys, "verify", out).status == 0
    rows = read_lines(out / QUESTIONS)
    assert len(rows) == 120
    (kept, _, _) = read_lines(out / SCENES)
    known = [thing["label"] for thing in kept["objects"]]
    assert len(known) == len(LABELS)
    assert set(LABELS) - set(known) <= {LABELS[-1]}  # joiners can't be printed: blanks
    said = " ".join(row["question"] + " ".join(row["options"] or []) for row in rows)
    assert sum(label in said for label in known) >= 15
    told = here(capsys, "inspect", path, "--name", "комната 🪑").out
    for label in known:
        assert f"\n{label.replace(' ', '_')}_1 " in told
    assert "made/[bold]  " in here(capsys, "inspect", path).out
    assert "[bold]: " in ended.out
    assert here(capsys, "stats", out).status == 0


def test_words_that_are_none(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "s.json", tmp_path / "d"
    labels = ["new\nline", "tab\tbed", "\x1b[31mred", "\ud800", "x" * 50_000, "", "\x00", "   "]
    path.write_text(json.dumps({"s": around([*FURNITURE, *labels])}))
    assert propose(capsys, path, out, "--per-scene", "20").status == 0
    assert here(capsys, "verify", out).status == 0
    for row in read_lines(out / QUESTIONS):
        assert row["question"].isprintable()
        assert len(row["question"]) < 400
    told = here(capsys, "inspect", path, "--name", "s").out
    assert "\x1b" not in told
    assert "warning label_renamed: new line: written new\\nline" in told


@pytest.mark.parametrize(
    "name", ["with\nnewline", "a/b", "x" * 5000, "", "\x1b[31m"], ids=lambda name: repr(name[:9])
)
def test_scene_with_an_impossible_name(name: str, tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "s.json", tmp_path / "d"
    path.write_text(json.dumps({name: GOOD, "good": GOOD}))
    assert propose(capsys, path, out).status == 0
    (row,) = (row for row in read_lines(out / REJECTED) if "question" not in row)
    assert row["reason"] == "bad_name"
    assert row["scene_name"].isprintable()
    assert len(row["scene_name"]) <= 100


# -- places that can't be written ------------------------------------------------------


def test_output_that_is_a_file(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    for out in (path, path / "below"):
        told = propose(capsys, path, out).complaint(2)
        assert told == f"{out}: a file is in the way; choose another --out"
    told = here(capsys, "synth", "--out", path, "--rooms", "1").complaint(2)
    assert told == f"{path}: a file is in the way; choose another folder"
    assert path.read_bytes() == WHOLE


def test_output_that_holds_other_things(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    told = propose(capsys, path, tmp_path).complaint(2)
    assert told == (
        f"{tmp_path}: not empty and not a dataset folder (it holds s.json); choose another --out"
    )
    assert [each.name for each in tmp_path.iterdir()] == ["s.json"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_output_in_a_place_that_takes_no_files(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    told = propose(capsys, path, Path("/proc/dataset")).complaint(1)
    assert told.startswith("/proc/dataset: ")
    assert told.endswith("mend this and run the same command again")


def mounted(folder: Path, options: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for one scene's rows and not for ten."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not mounted(folder, "size=32k"):
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(small_disk: Path, tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "s.json", small_disk / "d"
    path.write_text(json.dumps({f"s{i:02}": GOOD for i in range(10)}))
    for _ in range(2):  # the same command fails in the same way
        ended = propose(capsys, path, out)
        complaint = ended.err.splitlines()[-1].removeprefix("spatialgen: ")
        assert ended.status == 1
        assert complaint == (
            f"{out}: No space left on device; what was done is kept: mend this and run the same "
            "command again"
        )
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    ended = propose(capsys, path, out)
    assert ended.status == 0
    assert re.match(r"going on after \d+ of 10 scenes\n$", ended.err)
    assert propose(capsys, path, tmp_path / "roomy").status == 0
    assert rows_in(out) == rows_in(tmp_path / "roomy")


def test_read_only_disk(small_disk: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    assert propose(capsys, path, small_disk / "done").status == 0
    (small_disk / "empty").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for out in (small_disk / "new", small_disk / "empty"):
        told = propose(capsys, path, out).complaint(1)
        assert told.startswith(str(out))
        assert "Read-only file system; what was done is kept" in told
    assert propose(capsys, path, small_disk / "done").status == 0  # nothing is left to do
    assert here(capsys, "verify", small_disk / "done").status == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_of_someone_else(tmp_path: Path, capsys: Capture) -> None:
    path, closed = tmp_path / "s.json", tmp_path / "closed"
    path.write_bytes(WHOLE)
    closed.mkdir(mode=0o500)
    told = propose(capsys, path, closed / "d").complaint(1)
    assert told.startswith(f"{closed / 'd'}: Permission denied")


def test_few_open_files_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(WHOLE)
    words = ("propose", "--scenes", path, "--out", tmp_path / "d", "--workers", "2")
    few = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))\n"
    done = subprocess.run(command(*words, first=few), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
