"""A spatialgen dataset folder as a benchmark: asked and scored as VSI-Bench."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evalkit.backends import Settings
from evalkit.backends.fake import FakeSession, scripted
from evalkit.benchmarks import _dataset_folder as dataset_folder
from evalkit.benchmarks import vsi_bench
from evalkit.cli import main
from evalkit.commands.run import make_plan
from evalkit.errors import DataError
from evalkit.media.video import Sampling
from evalkit.prompt import Video
from evalkit.protocol import unlike
from evalkit.questions import questions
from evalkit.run import run
from tests.evalkit.made_media import number_in, write_video


def row(number: int, kind: str, truth: str, options: list[str] | None = None) -> dict[str, Any]:
    return {
        "id": f"q{number:02d}",
        "dataset": "synthetic",
        "scene_name": f"room{number % 2}",
        "question_type": kind,
        "question": f"Question {number}?",
        "options": options,
        "ground_truth": truth,
        "answer": truth,
        "program": "def answer(scene): return 1",
    }


LETTERED = ["A. chair", "B. lamp"]
ROWS = [
    row(0, "object_counting", "4"),
    row(1, "object_counting", "2"),
    row(2, "object_abs_distance_mc", "B", LETTERED),
    row(3, "shelf_height", "1.5"),
    row(4, "object_rel_direction_easy", "A", LETTERED),
    row(5, "object_rel_direction_hard", "B", [*LETTERED, "C. bed"]),
]


def write(folder: Path, rows: list[dict[str, Any]], manifest: object = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(each) + "\n" for each in rows)
    (folder / "questions.jsonl").write_text(text)
    (folder / "manifest.json").write_text(json.dumps(manifest or {"complete": True}))
    return folder


def invoke(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_types_are_groups_and_the_levels_of_direction_are_one(tmp_path: Path) -> None:
    benchmark, rows = dataset_folder.read_folder(write(tmp_path / "rooms", ROWS))
    assert len(rows) == 6
    assert (benchmark.name, benchmark.source.rows) == ("rooms", {"all": 6})
    assert benchmark.types == (
        *("object_abs_distance_mc", "object_counting"),
        *("object_rel_direction_easy", "object_rel_direction_hard", "shelf_height"),
    )
    assert benchmark.merged == {
        "object_rel_direction": ("object_rel_direction_easy", "object_rel_direction_hard")
    }
    assert benchmark.macro == (
        *("object_abs_distance_mc", "object_counting", "shelf_height", "object_rel_direction"),
    )


@pytest.mark.parametrize(
    ("doc", "kind", "answer"),
    [
        pytest.param(ROWS[0], "number", 4.0, id="number"),
        pytest.param(ROWS[2], "choice", "B", id="number asked with options"),
        pytest.param(ROWS[3], "number", 1.5, id="a type that VSI-Bench has not"),
        pytest.param(ROWS[4], "choice", "A", id="choice"),
    ],
)
def test_questions_with_options_are_choices(doc: dict[str, Any], kind: str, answer: object) -> None:
    key = dataset_folder.key(doc)
    assert (key.kind, key.answer) == (kind, answer)
    assert key.options == (("chair", "lamp") if kind == "choice" else ())


def test_prompts_are_those_of_vsi_bench() -> None:
    assert dataset_folder.prompt(ROWS[0]) == vsi_bench.prompt(ROWS[0])
    easy = dataset_folder.prompt(ROWS[4])
    assert easy == vsi_bench.prompt(ROWS[4])
    assert dataset_folder.prompt({**ROWS[2], "question": "Question 4?"}) == easy


def test_a_folder_is_run_blind_without_videos(tmp_path: Path) -> None:
    folder = write(tmp_path / "rooms", ROWS)
    common = ("--cache", tmp_path / "cache", "--out", tmp_path / "out", "--json")
    result = invoke("run", folder, "--backend", "frequency", *common)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["results"]["partial"] == []
    assert found["results"]["groups"]["object_counting"]["n"] == 2
    assert found["benchmark"] == "rooms"


def test_a_folder_is_run_with_videos(tmp_path: Path) -> None:
    folder = write(tmp_path / "rooms", ROWS)
    for scene in range(2):
        write_video(tmp_path / "videos" / "synthetic" / f"room{scene}.mp4", 5 + scene)
    script = tmp_path / "script.json"
    script.write_text(json.dumps({each["id"]: each["ground_truth"] for each in ROWS}))
    common = ("--cache", tmp_path / "cache", "--out", tmp_path / "out", "--json")
    model = ("--backend", "fake", "--model", script, "--frames", 2)
    result = invoke("run", folder, *model, "--data", tmp_path / "videos", *common)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["results"]["overall"] == 1.0
    assert found["timing"]["videos"]["decoded"] == 2
    assert found["sampler"] == "uniform-2"


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param("synthetic/{0}.mp4", id="by dataset"),
        pytest.param("{0}/{0}.mp4", id="a folder for each scene"),
        pytest.param("synthetic/{0}/{0}.mp4", id="both"),
        pytest.param("{0}.mp4", id="flat"),
    ],
)
def test_videos_are_found_as_scenes_are_kept(tmp_path: Path, layout: str) -> None:
    folder = write(tmp_path / "rooms", ROWS)
    for scene in range(2):
        write_video(tmp_path / "videos" / layout.format(f"room{scene}"), 5 + scene)
    common = ("--cache", tmp_path / "cache", "--out", tmp_path / "out", "--json")
    result = invoke("run", folder, "--backend", "fake", "--data", tmp_path / "videos", *common)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["timing"]["videos"]["decoded"] == 2


def asked(place: Path, rows: list[dict[str, Any]], **options: Any) -> tuple[Any, dict[str, Any]]:
    """Run ``rows`` about one video of 40 frames; return the prompts by id, and the results."""
    folder = write(place / "rooms", rows)
    write_video(place / "videos" / "room0" / "room0.mp4", 40, fps=10)
    session = FakeSession(lambda _prompt: "A")
    plan = make_plan(
        str(folder),
        backend="fake",
        settings=Settings(),
        scorer="official",
        data=place / "videos",
        config=None,
        revision=None,
        sampling=Sampling(**{"frames": 4, **options}),
        limit=None,
        cache=place / "cache",
    )
    found = run(replace(plan, backend=scripted(session)), place / "out", quiet=True)
    return {prompt.id: prompt for prompt in session.prompts}, found


def about(number: int, frames: object) -> dict[str, Any]:
    return {**row(2 * number, "object_counting", "4"), "frames": frames}


def test_a_question_about_frames_is_asked_with_exactly_these(tmp_path: Path) -> None:
    wanted = {0: None, 1: [17, 3], 2: [9], 3: [3, 39, 20]}
    rows = [about(number, frames) for number, frames in wanted.items()]
    prompts, found = asked(tmp_path, rows)
    whole = prompts["q00"].parts[0]
    assert isinstance(whole, Video)
    assert whole.indices == (0, 13, 26, 39)
    seen = {}
    for name, frames in (("q02", [17, 3]), ("q04", [9]), ("q06", [3, 39, 20])):
        *shown, words = prompts[name].parts
        assert words.text.startswith("These are frames of a video.\nQuestion ")
        assert [number_in(part.path) for part in shown[1::2]] == frames
        # At ten frames a second; a question names its frames by these times.
        told = [f"Frame at {frame / 10:.1f} s:" for frame in frames]
        assert [part.text.strip() for part in shown[::2]] == told
        seen |= {part.id: number_in(part.path) for part in shown[1::2]}
    # The same frame has one name in all questions about the video, and no other has it.
    assert sorted(seen.values()) == [3, 9, 17, 20, 39]
    assert found["timing"]["videos"] == {"decoded": 1, "reused": 0, "repaired": 0, "failed": 0}
    assert (found["frames"], found["sampler"]) == (4, "uniform-4+chosen")


def test_frames_nobody_asks_for_are_not_kept(tmp_path: Path) -> None:
    _, found = asked(tmp_path / "one", [about(0, [7, 8])], max_side=96)
    kept = sorted(path.name for path in (tmp_path / "one" / "cache").rglob("*.png"))
    assert kept == ["0000007.png", "0000008.png"]
    assert (found["frames"], found["sampler"]) == (None, "chosen-96px")
    _, other = asked(tmp_path / "other", [about(0, [7, 9])], max_side=96)
    assert unlike(found["protocol"], other["protocol"]) == ["data", "prompt"]


def test_a_frame_behind_the_end_fails_its_question_alone(tmp_path: Path) -> None:
    _, found = asked(tmp_path, [about(0, [1, 40]), about(1, [1, 39]), about(2, None)])
    assert found["failures"] == {"no_such_frame": 1}
    assert found["results"]["answered"] == 2
    lines = (tmp_path / "out" / "samples.jsonl").read_text().splitlines()
    assert "room0.mp4: has 40 frames, so none at position 40" in lines[0]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([], id="empty"),
        pytest.param([-1], id="negative"),
        pytest.param(["1"], id="text"),
        pytest.param([True], id="truth"),
        pytest.param(3, id="number"),
        pytest.param({"0": 1}, id="object"),
        pytest.param([1.0], id="fraction"),
        pytest.param([2**31], id="far"),
        pytest.param([10**5000], id="farther"),
        pytest.param([0] * 1025, id="many"),
    ],
)
def test_frames_that_are_none_are_told_in_a_line(tmp_path: Path, frames: object) -> None:
    benchmark, rows = dataset_folder.read_folder(write(tmp_path / "rooms", [ROWS[0]]))
    with pytest.raises(DataError, match=r"question q00 can't be asked \(its frames are n") as told:
        questions(benchmark, [{**rows[0], "frames": frames}])
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 300


def test_missing_videos_are_told_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "rooms", ROWS)
    result = invoke("run", folder, "--backend", "fake", "--cache", tmp_path / "cache")
    assert result.exit_code == 1
    assert "has no videos; give --data with {dataset}/{scene_name}.mp4" in result.stderr
    assert "--backend text-only" in result.stderr
    gone = invoke("run", folder, "--backend", "fake", "--data", tmp_path / "gone")
    assert (gone.exit_code, "no such folder" in gone.stderr) == (1, True)


def test_another_folder_is_no_benchmark(tmp_path: Path) -> None:
    result = invoke("run", tmp_path, "--backend", "random")
    assert (result.exit_code, "has no questions.jsonl" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("rows", "manifest", "told"),
    [
        pytest.param(ROWS, {"complete": False}, "not finished", id="unfinished"),
        pytest.param(ROWS, ["x"], "not a JSON object", id="odd manifest"),
        pytest.param([], None, "no questions", id="empty"),
        pytest.param([{"id": "x"}], None, "has no column", id="columns"),
    ],
)
def test_folders_that_can_not_be_used(
    tmp_path: Path, rows: list[dict[str, Any]], manifest: object, told: str
) -> None:
    with pytest.raises(DataError, match=told):
        dataset_folder.read_folder(write(tmp_path / "rooms", rows, manifest))


def test_nothing_of_spatialgen_is_imported() -> None:
    code = (
        "import sys; import evalkit.cli, evalkit.run, evalkit.commands.run;"
        "import evalkit.benchmarks._dataset_folder;"
        "names = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(names & {'spatialgen', 'torch', 'transformers', 'vllm', 'cv2'}))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.strip() == "[]"
