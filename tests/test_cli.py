"""The command line does what design and help promise: output, errors, exit status."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import spatialgen
from spatialgen import cli
from spatialgen.dataset.files import MANIFEST, QUESTIONS, read_manifest
from tests.runs import (
    PATIENCE_S,
    PER_SCENE,
    apart,
    command,
    here,
    read_lines,
    rows_in,
    trusted_again,
    write_lines,
)

Capture = pytest.CaptureFixture[str]

#: Commands whose examples name a benchmark's files or a dataset on the Hub, which are not at hand
#: here: `tests/release/test_help_examples.py` runs them.
BEYOND = ["audit", "publish", "materialize", "diff"]

COMMANDS = ["formats", "synth", "inspect", "frames", "propose", "verify", "stats", *BEYOND]


# -- help ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)], ids=str)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_has_an_example(words: list[str], flag: str, capsys: Capture) -> None:
    ended = here(capsys, *words, flag)
    assert (ended.status, ended.err) == (0, "")
    example = " ".join(["spatialgen", *words])
    assert len(re.findall(rf"^ .*{example}\b", ended.out, re.MULTILINE)) >= 1
    assert max(map(len, ended.out.splitlines())) <= 80


def test_every_command_is_listed(capsys: Capture) -> None:
    listed = re.findall(r"(?m)^  ([a-z]+)  ", here(capsys, "--help").out)
    assert sorted(listed) == sorted(COMMANDS)


def examples() -> list[str]:
    """Return the example lines of every command's help."""
    with click.Context(cli.main) as context:
        found = [cli.main.get_command(context, name) for name in cli.main.list_commands(context)]
    texts = [each.help or "" for each in (cli.main, *found) if each is not None]
    joined = "\n".join(texts).replace("\\\n", " ")
    found = re.findall(r"(?m)^\s*(?:Example: )?spatialgen ([a-z]+ .*|formats)$", joined)
    return [" ".join(example.split()) for example in found]


def test_examples_of_the_help_work(tmp_path: Path) -> None:
    found = examples()
    assert {example.split()[0] for example in found} == set(COMMANDS)
    for example in sorted(found, key=lambda line: COMMANDS.index(line.split()[0])):
        words = example.split()
        if words[0] in BEYOND:
            continue
        if words[:2] == ["synth", "--out"]:
            words[words.index("--rooms") + 1] = "4" if "scenes" in words else "1"
            words += [] if "--metadata-only" in words else ["--seconds", "0.5"]
        if "a.json" in words:
            for name in ("a.json", "b.json"):
                made = apart(
                    "synth",
                    "--out",
                    tmp_path / name[0],
                    "--rooms",
                    "1",
                    "--seed",
                    str("ab".index(name[0])),
                    "--metadata-only",
                )
                assert made.status == 0, made
                (tmp_path / name[0] / "rooms.json").rename(tmp_path / name)
            words[words.index("dataset")] = "dataset2"
        ended = apart(*words, cwd=tmp_path)
        assert ended.status == 0, (example, ended)


@pytest.mark.parametrize("words", [["--version"]])
def test_version(words: list[str], capsys: Capture) -> None:
    assert here(capsys, *words).out == f"spatialgen, version {spatialgen.__version__}\n"


def test_no_command_at_all_shows_the_help(capsys: Capture) -> None:
    ended = here(capsys)
    assert ended.status == 2
    assert "Commands:" in ended.out + ended.err


# -- json -----------------------------------------------------------------------------


def test_formats_json(capsys: Capture) -> None:
    ended = here(capsys, "formats", "--json")
    assert (ended.status, ended.err) == (0, "")
    assert set(ended.json()["vsi_meta"]) == {"summary", "layout"}
    assert "vsi_meta" in here(capsys, "formats").out


def test_synth_metadata_json(tmp_path: Path, capsys: Capture) -> None:
    words = ["synth", "--rooms", "2", "--metadata-only", "--out"]
    ended = here(capsys, *words, tmp_path / "s", "--seed", "5", "--json")
    assert (ended.status, ended.err) == (0, "")
    path = tmp_path / "s" / "rooms.json"
    assert ended.json() == {"file": str(path), "rooms": 2, "seed": 5}
    before = path.read_bytes()
    ended = here(capsys, *words, tmp_path / "s", "--seed", "5")
    assert ended.out == f"2 rooms in {path}\n"
    assert path.read_bytes() == before
    here(capsys, *words, tmp_path / "t", "--seed", "6")
    assert (tmp_path / "t" / "rooms.json").read_bytes() != before
    told = here(capsys, *words, tmp_path / "u", "--fps", "3", "--fov", "60").complaint(2)
    assert told == "--fov, --fps: without effect on --metadata-only; leave it out"


def test_synth_json(tmp_path: Path, capsys: Capture) -> None:
    words = ["synth", "--rooms", "2", "--seconds", "0.5", "--workers", "1", "--out", tmp_path / "s"]
    ended = here(capsys, *words, "--json")
    assert (ended.status, ended.err) == (0, "")
    told = {"folder": str(tmp_path / "s"), "rooms": 2, "seed": 0, "frames": 8}
    assert ended.json() == told | {"made": 2, "kept": 0}
    assert here(capsys, *words).out == (
        f"2 rooms in {tmp_path / 's'} (0 made, 2 there before), 8 frames\n"
    )
    told = here(capsys, *words, "--fps", "0", "--clutter", "2").complaint(2)
    assert re.fullmatch(r"settings of a room: clutter: .*less than.* 1; fps: .*greater.*", told)


def test_inspect_json_of_many(rooms: Path, capsys: Capture) -> None:
    ended = here(capsys, "inspect", rooms, "--json")
    assert (ended.status, ended.err) == (0, "")
    listed = ended.json()
    assert listed["skipped"] == []
    assert [each["scene_name"] for each in listed["scenes"]] == [f"room0_0000{i}" for i in range(4)]
    keys = {"dataset", "scene_name", "objects", "categories", "room_area", "frames", "notes"}
    assert set(listed["scenes"][0]) == keys
    assert listed["scenes"][0]["objects"] == 10


@pytest.mark.parametrize("name", ["room0_00002", "synthetic/room0_00002"])
def test_inspect_json_of_one(name: str, rooms: Path, capsys: Capture) -> None:
    report = here(capsys, "inspect", rooms, "--name", name, "--json").json()
    assert report["scene_name"] == "room0_00002"
    assert len(report["objects"]) == 10
    assert set(report["objects"][0]) == {
        *("id", "label", "center", "longest_side", "height", "first_seen_s", "frames_seen")
    }
    assert (report["video"], report["mesh"], report["frames"], report["seen"]) == (None, None, 0, 0)
    assert sum(report["counts"].values()) == 10
    assert report["notes"] == []


def test_propose_json(rooms: Path, tmp_path: Path) -> None:
    out = tmp_path / "d"
    ended = apart("propose", "--scenes", rooms, "--out", out, "--per-scene", "2", "--json")
    assert ended.status == 0
    assert ended.json() == read_manifest(out)
    assert ended.err == ""
    again = apart("propose", "--scenes", rooms, "--out", out, "--per-scene", "2", "--json")
    assert again.json() == ended.json()
    assert again.err == f"{out}: this run was finished before; nothing is left to do\n"


def test_verify_json(dataset: Path, copied: Path, capsys: Capture) -> None:
    ended = here(capsys, "verify", dataset, "--json")
    assert (ended.status, ended.err) == (0, "")
    questions = 4 * PER_SCENE
    fine = {"questions": questions, "differences": [], "altered_files": [], "holds": True}
    assert ended.json() == fine
    rows = read_lines(copied / QUESTIONS)
    rows[2]["answer"] = "nonsense"
    write_lines(copied / QUESTIONS, rows)
    ended = here(capsys, "verify", copied, "--json")
    assert ended.complaint(1) == f"{copied}: does not hold; restore it or propose again"
    report = ended.json()
    assert (report["holds"], report["altered_files"]) == (False, [QUESTIONS])
    (difference,) = report["differences"]
    assert difference["line"] == 3
    assert difference["id"] == rows[2]["id"]


def test_stats_json(dataset: Path, capsys: Capture) -> None:
    ended = here(capsys, "stats", dataset, "--json")
    assert (ended.status, ended.err) == (0, "")
    assert set(ended.json()) == {"complete", "accepted", "rejected", "types", "reasons", "scenes"}


def test_json_survives_a_poor_terminal(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(
        json.dumps({"стул 🪑": {"object_counts": {}, "object_bbox": {}, "dataset": "д"}})
    )
    ended = apart(
        "inspect", tmp_path, "--json", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    )
    assert "scene стул 🪑 can't be used, no_objects" in ended.complaint(1)
    (tmp_path / "t.json").write_text((tmp_path / "s.json").read_text())
    ended = apart(
        "inspect", tmp_path, "--json", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    )
    assert ended.json()["scenes"][0]["scene_name"] == "стул 🪑"


# -- what a person sees ----------------------------------------------------------


def test_propose_shows_counts_and_questions(rooms: Path, dataset: Path, capsys: Capture) -> None:
    arguments = ("--per-scene", str(PER_SCENE))
    ended = here(capsys, "propose", "--scenes", rooms, "--out", dataset, *arguments)
    assert ended.status == 0
    assert ended.out.startswith("question type")
    assert f"{4 * PER_SCENE} questions about 4 scenes (" in ended.out
    shown = re.findall(r"(?m)^(room0_0000\d): (.*)$", ended.out)
    assert len({scene for scene, _ in shown}) == len(shown) == 4
    questions = {row["question"] for row in read_lines(dataset / QUESTIONS)}
    assert {question for _, question in shown} <= questions
    assert ended.out.count("  answer: ") == 4


def test_tables_are_aligned_and_not_cut(dataset: Path, capsys: Capture) -> None:
    ended = here(capsys, "stats", dataset)
    heading, *rest = ended.out.splitlines()
    rows = rest[: rest.index("")]
    assert heading.split() == ["question", "type", "accepted", "rejected", "letters", "answers"]
    assert len(rows) > 8
    ends = [heading.index(word) + len(word) for word in ("accepted", "rejected")]
    for row in rows:
        assert all(row[end - 1].isdigit() and row[end : end + 1] in ("", " ") for end in ends)
        assert row == row.rstrip()
    assert "…" not in ended.out


def test_stats_say_yes_and_no(tmp_path: Path, copied: Path, capsys: Capture) -> None:
    rows = read_lines(copied / QUESTIONS)[:1]
    rows[0].update(answer=True, options=["A. yes", "B. no"], ground_truth="A")
    write_lines(copied / QUESTIONS, rows)
    out = here(capsys, "stats", copied).out
    assert "yes 1" in out
    assert "1 question about 1 scene: 1 to 1 a scene, median 1" in out


def test_verify_names_file_and_line(copied: Path, capsys: Capture) -> None:
    rows = read_lines(copied / QUESTIONS)
    for row in rows[3:]:
        row["answer"] = "nonsense"
    write_lines(copied / QUESTIONS, rows)
    trusted_again(copied)
    ended = here(capsys, "verify", copied)
    assert ended.complaint(1)
    lines = ended.out.splitlines()
    assert lines[0].startswith(f"questions.jsonl:4: {rows[3]['scene_name']} {rows[3]['id']}: the ")
    assert lines[20] == f"... and {len(rows) - 3 - 20} more (--json lists all)"
    assert lines[-1] == f"{len(rows)} questions run again, {len(rows) - 3} differences"


def test_verify_says_when_all_is_well(dataset: Path, capsys: Capture) -> None:
    ended = here(capsys, "verify", dataset)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"{4 * PER_SCENE} questions run again, 0 differences\n"


def test_inspect_lists_then_shows(rooms: Path, capsys: Capture) -> None:
    out = here(capsys, "inspect", rooms.parent).out
    assert re.search(r"(?m)^synthetic/room0_00001 +10 +\d+\.\d +0 +0$", out)
    assert out.endswith("4 scenes; --name NAME shows one\n")
    out = here(capsys, "inspect", rooms, "--name", "room0_00001").out
    assert out.startswith("synthetic/room0_00001: 10 objects, floor ")
    assert out.count("\n") == 1 + 1 + 10 + 1


@pytest.mark.parametrize("command_words", [["formats"], ["stats"], ["verify"], ["inspect"]])
def test_nothing_but_the_result_on_stdout(
    command_words: list[str], rooms: Path, dataset: Path, capsys: Capture
) -> None:
    paths = {"formats": [], "inspect": [rooms]}.get(command_words[0], [dataset])
    ended = here(capsys, *command_words, *paths)
    assert (ended.status, ended.err) == (0, "")
    assert "\x1b" not in ended.out


# -- errors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["propse"], r"no command 'propse'; did you mean propose", id="command"),
        pytest.param(["propose"], r"Missing option '--scenes'", id="nothing given"),
        pytest.param(["propose", "--scenes", "x"], r"Missing option '--out'", id="no --out"),
        pytest.param(["stats"], r"Missing argument 'FOLDER'", id="no folder"),
        pytest.param(["stats", "a", "b"], r"unexpected extra argument", id="two folders"),
        pytest.param(["stats", "--jsn", "a"], r"No such option:? '?--jsn", id="option"),
        pytest.param(["synth", "--out", "x"], r"Missing option '--rooms'", id="no --rooms"),
        pytest.param(["synth", "--out", "x", "--rooms", "0"], r"'--rooms'.*range", id="no rooms"),
        pytest.param(
            ["synth", "--out", "x", "--rooms", "x"], r"'--rooms'.*valid", id="not a number"
        ),
        pytest.param(
            ["propose", "--scenes", "x", "--out", "y", "--per-scene", "0"],
            r"'--per-scene'.*range",
            id="no questions",
        ),
        pytest.param(
            ["propose", "--scenes", "x", "--out", "y", "--workers", "0"],
            r"'--workers'.*range",
            id="no workers",
        ),
        pytest.param(
            ["propose", "--scenes", "x", "--out", "y", "--seed", "-1"], r"'--seed'", id="seed"
        ),
        pytest.param(
            ["propose", "--scenes", "x", "--out", "y", "--proposer", "me"],
            r"'--proposer'.*built-in",
            id="proposer",
        ),
    ],
)
def test_wrong_use_is_one_line_and_2(words: list[str], told: str, capsys: Capture) -> None:
    ended = here(capsys, *words)
    complaint = ended.complaint(2)
    assert re.search(told, complaint)
    assert re.search(r"\(see `spatialgen( [a-z]+)? --help`\)$", complaint)
    assert ended.out == ""


def test_wrong_option_before_the_command(capsys: Capture) -> None:
    ended = here(capsys, "--unheard-of")
    assert ended.status == 2
    assert "No such option" in ended.err
    assert ended.out == ""


def broken(*_: Any) -> None:
    raise ValueError("two\nlines")


def test_surprise_is_told_in_one_line(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("spatialgen.dataset.stats.stats", broken)
    told = here(capsys, "stats", dataset).complaint(1)
    assert told == (
        "unexpected ValueError: two\\nlines; please report what `spatialgen --debug ...` shows"
    )


def test_debug_shows_where(dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("spatialgen.dataset.stats.stats", broken)
    ended = here(capsys, "--debug", "stats", dataset)
    assert ended.status == 1
    assert "Traceback" in ended.err
    assert "test_cli.py" in ended.err
    assert ended.err.splitlines()[-1].startswith("spatialgen: unexpected ValueError")
    ended = here(capsys, "--debug", "verify", dataset.parent)
    assert (ended.status, "Traceback" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        pytest.param(KeyboardInterrupt(), 1, "stopped; .* the same command again", id="^C"),
        pytest.param(MemoryError(), 1, "out of memory; .*fewer --workers", id="memory"),
        pytest.param(
            OSError(28, "No space left on device", "d/x"),
            1,
            "^d/x: No space left.*again",
            id="disk",
        ),
        pytest.param(OSError("strange"), 1, "^strange; what was done is kept", id="bare"),
        pytest.param(
            PermissionError(13, "Permission denied", "d"), 1, "^d: Permission", id="denied"
        ),
    ],
)
def test_failures_of_the_machine(
    error: BaseException,
    status: int,
    told: str,
    dataset: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("spatialgen.dataset.stats.stats", fail)
    assert re.search(told, here(capsys, "stats", dataset).complaint(status))


# -- where output goes --------------------------------------------------------------


def piped(words: list[str | Path], reader: str) -> tuple[int, str]:
    """Run a command whose output another program reads; return its status and what it said."""
    read, write = os.pipe()
    output = os.fdopen(read, "rb")
    if reader == "nobody":
        output.close()  # before there is anything to read
    run = subprocess.Popen(command(*words), stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    if reader == "one line":
        output.readline()
        output.close()
    said = run.communicate(timeout=PATIENCE_S)[1].decode()
    return run.returncode, said


@pytest.mark.parametrize("reader", ["nobody", "one line"])
@pytest.mark.parametrize("json_flag", [[], ["--json"]], ids=["text", "json"])
def test_reader_that_has_seen_enough(reader: str, json_flag: list[str], dataset: Path) -> None:
    status, said = piped(["stats", dataset, *json_flag], reader)
    assert said == ""
    assert status in ((0, 1) if reader == "one line" else (1,))


def test_reader_that_goes_away_does_not_harm_the_dataset(
    rooms: Path, dataset: Path, tmp_path: Path
) -> None:
    words = ["propose", "--scenes", rooms, "--out", tmp_path / "d", "--per-scene", PER_SCENE]
    status, said = piped([*map(str, words)], "nobody")
    assert (status, said) == (1, "")
    assert rows_in(tmp_path / "d") == rows_in(dataset)
    assert read_manifest(tmp_path / "d")["complete"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("json_flag", [[], ["--json"]], ids=["text", "json"])
def test_output_that_cannot_be_written(json_flag: list[str], dataset: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command("stats", dataset, *json_flag),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("spatialgen: No space left on device; ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_stream_that_is_closed(closed: int, dataset: Path) -> None:
    shell = ["sh", "-c", f'exec "$@" {closed}>&-', "sh"]
    words = [*shell, *command("stats", dataset)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_label_that_the_terminal_has_not(tmp_path: Path) -> None:
    box = {
        "centroid": [0, 0, 0],
        "axesLengths": [1, 1, 1],
        "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1],
    }
    scene = {"dataset": "d", "object_counts": {"стул": 1}, "object_bbox": {"стул": [box]}}
    (tmp_path / "s.json").write_text(json.dumps({"s": scene}))
    ended = apart("inspect", tmp_path, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert ended.status == 0
    assert "\\u0441\\u0442\\u0443\\u043b_1" in ended.out


def test_a_module_can_be_run(capsys: Capture) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spatialgen", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == here(capsys, "--version").out


def test_nothing_heavy_is_imported_for_help() -> None:
    heavy = "{'numpy', 'rich', 'pydantic', 'pydantic_monty'}"
    script = (
        "import sys; from contextlib import redirect_stdout, suppress; from os import devnull\n"
        "from spatialgen.cli import main\n"
        "with suppress(SystemExit), redirect_stdout(open(devnull, 'w')): main(['--help'])\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_manifest_is_what_json_prints(dataset: Path) -> None:
    assert json.loads((dataset / MANIFEST).read_bytes()) == read_manifest(dataset)
