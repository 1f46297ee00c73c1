"""Two runs on the same questions: their difference, and when there is none to tell."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evalkit.cli import main
from evalkit.compare import compare
from evalkit.errors import UsageError
from evalkit.media.video import Sampling
from evalkit.report._runs import load_run
from evalkit.run import run
from tests.evalkit.made_media import write_video
from tests.evalkit.made_run import fake, make_plan, right_answers, vsi_rows, write_rows

ROWS = vsi_rows(6)
RIGHT = right_answers(ROWS)
COUNTING = [str(row["id"]) for row in ROWS if row["question_type"] == "object_counting"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    write_rows(folder / "data", ROWS)
    return folder


def made(root: Path, name: str, script: dict[str, str] | None = None, **changes: Any) -> Path:
    """Run once per name; return the folder."""
    out = root / name
    failing = changes.pop("failing", {})
    session = fake(script or RIGHT, failing=failing, name=name)
    plan = make_plan(root / "data", root / "cache", session, **{"blind": True, **changes})
    run(plan, out)
    return out


def compared(one: Path, two: Path, ignored: tuple[str, ...] = ()) -> dict[str, Any]:
    return compare(load_run(one), load_run(two), ignored)


def test_the_difference_is_that_of_the_overall_scores(root: Path) -> None:
    worse = {**RIGHT, COUNTING[0]: "0", COUNTING[1]: "0", COUNTING[2]: "0"}
    found = compared(made(root, "worse", worse), made(root, "right"))
    overall = found["overall"]
    assert overall["first"] == pytest.approx(7.5 / 8)
    assert overall["second"] == 1.0
    assert overall["difference"] == pytest.approx(0.5 / 8)
    assert 0 <= overall["low"] < 0.5 / 8 < overall["high"]
    counting = found["groups"]["object_counting"]
    assert counting["difference"] == 0.5
    assert found["groups"]["object_rel_direction"]["difference"] == 0.0
    assert found["mean"]["difference"] == pytest.approx(3 / 60)
    assert found["questions"] == {"first_better": 0, "equal": 57, "second_better": 3}
    assert (found["n"], found["left_out"], found["clusters"]) == (60, 0, 6)


def test_questions_that_failed_in_one_run_are_left_out_of_both(root: Path) -> None:
    failing = made(root, "failing", failing={COUNTING[0]: "busy"})
    found = compared(failing, made(root, "right"))
    assert (found["n"], found["left_out"]) == (59, 1)
    assert found["overall"]["difference"] == 0.0
    assert found["partial"] == ["1 of 60 questions failed"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"scorer": "lmms-eval"}, "scorer: official and lmms-eval", id="scorer"),
        pytest.param({"limit": 50}, "60 and 50 questions, 50 of them the same", id="questions"),
    ],
)
def test_unlike_runs_are_refused(root: Path, changes: dict[str, Any], told: str) -> None:
    other = made(root, f"other-{next(iter(changes))}", **changes)
    with pytest.raises(UsageError, match=told):
        compared(made(root, "right"), other)


def test_frames_are_part_of_the_protocol_and_may_be_ignored_on_purpose(tmp_path: Path) -> None:
    rows = vsi_rows(2)
    write_rows(tmp_path / "data", rows)
    for scene in range(2):
        write_video(tmp_path / "data" / "scannet" / f"scene{scene:04d}.mp4", 8)
    folders: list[Path] = []
    for frames in (2, 4):
        out = tmp_path / f"out-{frames}"
        session = fake(right_answers(rows))
        sampling = Sampling(frames)
        run(make_plan(tmp_path / "data", tmp_path / "cache", session, sampling=sampling), out)
        folders.append(out)
    with pytest.raises(UsageError, match=r"frames: 2 and 4; sampler: uniform-2 and uniform-4"):
        compared(folders[0], folders[1])
    assert compared(folders[0], folders[1], ("frames", "sampler"))["overall"]["difference"] == 0.0
    with pytest.raises(UsageError, match="a protocol has no frame; it has version"):
        compared(folders[0], folders[1], ("frame",))


def test_a_part_of_a_benchmark_has_no_overall_difference(root: Path) -> None:
    one = made(root, "part-a", limit=12)
    two = made(root, "part-b", limit=12)
    found = compared(one, two)
    assert found["overall"] is None
    assert found["mean"]["difference"] == 0.0
    assert list(found["groups"]) == ["object_counting", "object_abs_distance"]


def invoke(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize(
    ("scenes", "told"),
    [
        pytest.param(10, "B is better: the interval leaves out zero.", id="ten scenes"),
        pytest.param(9, "Fewer than 10 scenes: the interval is too narrow to go by.", id="nine"),
        pytest.param(1, "One scene gives no interval", id="one"),
    ],
)
def test_the_command_tells_who_is_better(tmp_path: Path, scenes: int, told: str) -> None:
    rows = vsi_rows(scenes)
    write_rows(tmp_path / "data", rows)
    right = right_answers(rows)
    runs = [tmp_path / "wrong", tmp_path / "right"]
    for out, script in zip(runs, (dict.fromkeys(right, "x"), right), strict=True):
        plan = make_plan(tmp_path / "data", tmp_path / "cache", fake(script), blind=True)
        run(plan, out, quiet=True)
    result = invoke("compare", *runs)
    assert result.exit_code == 0, result.stderr
    assert told in result.stdout
    overall = next(line for line in result.stdout.splitlines() if line.startswith("overall"))
    assert overall.split()[:4] == ["overall", "0.00", "100.00", "+100.00"]
    few = "fewer than 10 scenes" in invoke("report", runs[1]).stdout
    assert few is (scenes < 10)
    same = invoke("compare", runs[1], runs[1])
    assert ("the difference may be chance" in same.stdout) is (scenes != 9)


def test_the_command_prints_json_and_refuses_with_2(root: Path) -> None:
    right = made(root, "right")
    found = json.loads(invoke("compare", right, right, "--json").stdout)
    assert found["overall"]["difference"] == 0.0
    refused = invoke("compare", right, made(root, "other-scorer", scorer="lmms-eval"))
    assert refused.exit_code == 2
    assert refused.stderr.startswith("evalkit: the runs were not made by the same protocol")
