"""Runs: what is asked and kept, what fails by itself, and what a user is told."""

import base64
import io
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from evalkit import backends
from evalkit.backends._base import Backend
from evalkit.cli import main
from evalkit.errors import DataError, EvalkitError
from evalkit.media import entry, video
from evalkit.prompt import Completion, Image, Prompt, Text, Video
from evalkit.run import run
from tests.evalkit import made_run
from tests.evalkit.made_media import number_in, write_video
from tests.evalkit.made_run import fake, make_plan, right_answers, samples_in, vsi_rows, write_rows

SCENES = 3


@pytest.fixture(scope="module")
def vsi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vsi")
    write_rows(folder, vsi_rows(SCENES))
    for scene in range(SCENES):
        write_video(folder / "scannet" / f"scene{scene:04d}.mp4", 12 + scene)
    return folder


def invoke(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_every_video_is_decoded_once_and_its_questions_follow_one_another(
    vsi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: Counter[str] = Counter()
    decode = video.decode

    def counted(path: Path, *rest: Any) -> Any:
        decoded[path.name] += 1
        return decode(path, *rest)

    monkeypatch.setattr(entry, "decode", counted)
    session = fake(right_answers(vsi_rows(SCENES)))
    found = run(make_plan(vsi, tmp_path / "cache", session), tmp_path / "out")
    assert decoded == {f"scene{scene:04d}.mp4": 1 for scene in range(SCENES)}
    scenes = [video_of(prompt).id for prompt in session.prompts]
    changes = sum(one != two for one, two in itertools.pairwise(scenes))
    assert (len(scenes), changes) == (10 * SCENES, SCENES - 1)
    assert found["results"]["overall"] == 1.0
    assert found["timing"]["videos"]["decoded"] == SCENES
    # A second run of another model finds the frames on disk.
    run(make_plan(vsi, tmp_path / "cache", session), tmp_path / "other")
    assert sum(decoded.values()) == SCENES


def video_of(prompt: Prompt) -> Video:
    shown, words = prompt.parts
    assert isinstance(words, Text)
    assert isinstance(shown, Video)
    return shown


def test_a_prompt_shows_the_right_frames_and_tells_no_answer(vsi: Path, tmp_path: Path) -> None:
    session = fake(lambda _: "A")
    run(make_plan(vsi, tmp_path / "cache", session), tmp_path / "out")
    by_id = {prompt.id: prompt for prompt in session.prompts}
    row = vsi_rows(SCENES)[4 * SCENES + 2]
    prompt = by_id[str(row["id"])]
    shown = video_of(prompt)
    assert [number_in(path) for path in shown.frames] == [0, 4, 8, 13]
    assert prompt.parts[1] == Text(
        "These are frames of a video.\n"
        "What about object_rel_distance in scene 2?\nOptions:\n"
        "A. thing A\nB. thing B\nC. thing C\nD. thing D\n"
        "Answer with the option's letter from the given choices directly."
    )
    assert prompt.options == ("thing A", "thing B", "thing C", "thing D")
    assert (prompt.group, prompt.max_new_tokens) == ("object_rel_distance", 16)


def test_rows_have_the_question_the_answer_and_the_score(vsi: Path, tmp_path: Path) -> None:
    rows = vsi_rows(SCENES)
    script = {**right_answers(rows), "0": "5 tables", "11": "many"}
    run(make_plan(vsi, tmp_path / "cache", fake(script)), tmp_path / "out")
    found = samples_in(tmp_path / "out")
    assert [row["id"] for row in found] == [str(row["id"]) for row in rows]
    assert found[0] | {"doc": None} == {
        "id": "0",
        "cluster": "scannet/scene0000",
        "groups": ["object_counting"],
        "doc": None,
        "truth": "4",
        "prediction": "5 tables",
        "error": None,
        "score": 0.6,
        "parsed": 5.0,
        "reading": 5.0,
        "outcome": "partial",
        "reason": None,
        "tokens": 2,
        "prompt_tokens": None,
        "truncated": False,
    }
    assert found[0]["doc"] == rows[0]
    assert (found[1]["score"], found[1]["outcome"]) == (0.0, "no_answer")


def test_a_failed_question_is_a_row_with_a_reason_and_in_no_mean(vsi: Path, tmp_path: Path) -> None:
    script = right_answers(vsi_rows(SCENES))
    session = fake(script, failing={"0": "the server hung up"})
    found = run(make_plan(vsi, tmp_path / "cache", session), tmp_path / "out")
    results = found["results"]
    assert (results["n"], results["answered"], results["failed"]) == (30, 29, 1)
    assert (results["overall"], results["overall_answered"]) == (None, 1.0)
    assert results["partial"] == ["1 of 30 questions failed"]
    counting = results["groups"]["object_counting"]
    assert (counting["score"], counting["n"], counting["failed"]) == (1.0, 2, 1)
    assert found["failures"] == {"backend": 1}
    row = samples_in(tmp_path / "out")[0]
    assert row["error"] == {"code": "backend", "reason": "the server hung up"}
    assert (row["score"], row["prediction"]) == (None, None)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(None, "missing", id="missing"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"no video at all", "not_a_video", id="text"),
        pytest.param("half", "truncated", id="cut off"),
    ],
)
def test_a_bad_video_costs_its_own_questions(
    vsi: Path, tmp_path: Path, damage: bytes | str | None, code: str
) -> None:
    data = write_rows(tmp_path / "data", vsi_rows(2))
    write_video(data / "scannet" / "scene0000.mp4", 3)
    bad = data / "scannet" / "scene0001.mp4"
    whole = (vsi / "scannet" / "scene0001.mp4").read_bytes()
    if damage is not None:
        bad.write_bytes(whole[: len(whole) // 2] if isinstance(damage, str) else damage)
    session = fake(right_answers(vsi_rows(2)))
    found = run(make_plan(data, tmp_path / "cache", session), tmp_path / "out")
    assert found["failures"] == {code: 10}
    assert {video_of(prompt).total_frames for prompt in session.prompts} == {3}
    assert found["results"]["overall_answered"] == 1.0
    for row in samples_in(tmp_path / "out"):
        if row["error"]:
            assert "scene0001.mp4" in row["error"]["reason"]


def test_no_video_at_all_is_told_before_a_model_is_loaded(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data", vsi_rows(2))
    session = fake(lambda _: "A")
    with pytest.raises(
        DataError, match=r"none of the media files is there; scannet/scene0000\.mp4"
    ):
        run(make_plan(data, tmp_path / "cache", session), tmp_path / "out")
    assert not session.closed


def test_a_blind_backend_needs_no_media_and_gets_text_alone(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data", vsi_rows(2))
    session = fake(lambda _: "A")
    found = run(make_plan(data, tmp_path / "cache", session, blind=True), tmp_path / "out")
    assert all(isinstance(part, Text) for prompt in session.prompts for part in prompt.parts)
    assert (found["frames"], found["decoder"], found["results"]["failed"]) == (None, None, 0)
    assert not (tmp_path / "cache" / "videos").exists()


class _Odd:
    """Forgets one question, and answers another twice and one that nobody asked."""

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Completion]:
        for prompt in prompts:
            if prompt.id == "22":
                continue
            yield Completion(prompt.id, "A")
            yield Completion(prompt.id, "B")
            yield Completion("nobody", "C")

    def info(self) -> dict[str, Any]:
        return {"model": "odd"}

    def close(self) -> None:
        pass


def test_a_backend_that_forgets_or_repeats_does_no_harm(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data", vsi_rows(1))
    backend = Backend("odd", lambda _settings, _known: _Odd())
    plan = make_plan(data, tmp_path / "cache", fake({}), blind=True, backend=backend)
    found = run(plan, tmp_path / "out")
    rows = samples_in(tmp_path / "out")
    assert [row["prediction"] for row in rows] == ["A", "A", None, *["A"] * 7]
    assert "gave no answer" in rows[2]["error"]["reason"]
    assert found["results"]["failed"] == 1


def test_a_limit_makes_a_run_partial(vsi: Path, tmp_path: Path) -> None:
    session = fake(lambda _: "4")
    found = run(make_plan(vsi, tmp_path / "cache", session, limit=2), tmp_path / "out")
    results = found["results"]
    assert len(session.prompts) == 2
    assert results["overall"] is None
    assert results["partial"][0] == "2 of 30 questions were asked"
    assert "object_abs_distance" in results["partial"][1]


def picture(color: str, size: tuple[int, int] = (40, 30)) -> str:
    file = io.BytesIO()
    Pillow.new("RGB", size, color).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def erqa_rows() -> list[dict[str, Any]]:
    common = {"question_type": "Pointing", "answer": "B"}
    return [
        {
            **common,
            "question_id": f"q{number}",
            "question": "Here and there? Choices: A. x. B. y. Please answer directly",
            "visual_indices": [0, 9],
            "images": images,
        }
        for number, images in enumerate(
            [[picture("red"), picture("blue")], [picture("red"), ""], [picture("green")] * 2]
        )
    ]


def test_images_in_rows_are_shown_in_their_places_and_not_kept_in_samples(tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data", erqa_rows())
    session = fake(lambda _: "B")
    plan = make_plan(data, tmp_path / "cache", session, benchmark="erqa")
    assert all(question.doc["images"] == [None, None] for question in plan.questions.items)
    found = run(plan, tmp_path / "out")
    first = session.prompts[0].parts
    assert [type(part) for part in first] == [Image, Text, Image, Text]
    colors = [Pillow.open(part.path).getpixel((0, 0)) for part in first if isinstance(part, Image)]
    assert colors == [(255, 0, 0), (0, 0, 255)]
    assert [prompt.id for prompt in session.prompts] == ["q0", "q2"]
    assert found["failures"] == {"empty": 1}
    assert found["frames"] is None
    assert found["protocol"]["image_decoder"].startswith("pillow")
    assert all("images" not in row["doc"] for row in samples_in(tmp_path / "out"))


def test_images_named_by_paths_are_found_below_the_data(tmp_path: Path) -> None:
    names = ["other_all_image/among/1.png", "other_all_image/among/2.png"]
    row = {
        "id": "among_1_q0",
        "question": "Which? A. x B. y",
        "images": names,
        "gt_answer": "B",
        "type": "t",
        "category": [],
        "meta_info": [],
    }
    data = write_rows(tmp_path / "data", [row])
    for name in names:
        path = data / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(picture("red")))
    session = fake(lambda _: "<answer>B. y</answer>")
    run(make_plan(data, tmp_path / "cache", session, benchmark="mindcube"), tmp_path / "out")
    parts = session.prompts[0].parts
    shown = [part.path.name for part in parts if isinstance(part, Image)]
    assert shown == ["1.png", "2.png"]
    assert samples_in(tmp_path / "out")[0]["score"] == 1.0


def test_some_missing_media_are_told_beforehand(
    vsi: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_rows(tmp_path / "data", vsi_rows(SCENES))
    video = data / "scannet" / "scene0001.mp4"
    video.parent.mkdir()
    video.write_bytes((vsi / "scannet" / "scene0001.mp4").read_bytes())
    run(make_plan(data, tmp_path / "cache", fake(lambda _: "A")), tmp_path / "out")
    told = "2 of 3 media files are missing, such as scannet/scene0000.mp4"
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["vsi-bensh"], "did you mean vsi-bench", id="benchmark"),
        pytest.param(["no/such/folder"], "no/such/folder: there is no such folder", id="folder"),
        pytest.param(["vsi-bench", "--backend", "transfomers"], "transformers", id="backend"),
        pytest.param(["vsi-bench", "--scorer", "oficial"], "official", id="scorer"),
        pytest.param(["vsi-bench", "--config", "half"], "it has full", id="config"),
        pytest.param(["vsi-bench", "--frames", "0"], "--frames", id="frames"),
    ],
)
def test_wrong_use_is_told_with_what_was_meant(
    vsi: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    backend = [] if "--backend" in words else ["--backend", "random"]
    result = invoke("run", *words, *backend, "--data", vsi, "--cache", tmp_path)
    assert result.exit_code == 2
    assert told.replace("it has", "has") in result.stderr
    assert "Traceback" not in result.output


def test_every_wrong_setting_is_told_at_once(vsi: Path) -> None:
    words = ["--model", "m", "--batch-size", "0", "--dtype", "int4", "--deadline", "-1"]
    result = invoke("run", "vsi-bench", "--data", vsi, *words)
    assert result.exit_code == 2
    for option in ("--batch-size", "--dtype", "--deadline"):
        assert option in result.stderr


def test_a_model_backend_needs_a_model(vsi: Path) -> None:
    result = invoke("run", "vsi-bench", "--data", vsi)
    assert (result.exit_code, "needs --model" in result.stderr) == (2, True)


def test_the_command_prints_one_json_object_and_exits_0(vsi: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    common = ("--data", vsi, "--cache", tmp_path / "cache", "--out", out, "--json")
    result = invoke("run", "vsi-bench", "--backend", "frequency", *common)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["out"] == str(out)
    assert found["results"]["overall"] == 1.0
    del found["out"]
    assert found == json.loads((out / "results.json").read_text())


def test_the_command_exits_1_where_rows_failed_and_says_so(vsi: Path, tmp_path: Path) -> None:
    script = right_answers(vsi_rows(SCENES))
    del script["0"]
    model = tmp_path / "script.json"
    model.write_text(json.dumps(script))
    common = ("--data", vsi, "--cache", tmp_path / "cache", "--frames", 4)
    result = invoke(
        "run",
        "vsi-bench",
        "--backend",
        "fake",
        "--model",
        model,
        *common,
        "--out",
        tmp_path / "out",
    )
    assert result.exit_code == 1
    assert "1 of 30 questions failed (1 backend) and are in no score" in result.stderr
    assert "partial" in result.stdout


def test_without_out_the_same_settings_name_the_same_folder(
    vsi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    common = ("run", "vsi-bench", "--backend", "random", "--data", vsi, "--cache", tmp_path / "c")
    for extra in ([], [], ["--batch-size", "2"], ["--seed", "1"]):
        assert invoke(*common, *extra).exit_code == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_made_rows_have_every_type_of_the_benchmark() -> None:
    kinds = {row["question_type"] for row in vsi_rows(1)}
    assert len(kinds) == len(made_run.TYPES) == 10


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        pytest.param(KeyboardInterrupt(), 1, "stopped; what was answered is kept", id="Ctrl-C"),
        pytest.param(
            EvalkitError("the server is gone"),
            1,
            "the server is gone\nwhat was answered is kept, and the same command goes on",
            id="server",
        ),
    ],
)
def test_a_run_that_ends_early_says_what_is_kept(
    vsi: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    status: int,
    told: str,
) -> None:
    class Ending:
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Completion]:
            for prompt in itertools.islice(prompts, 3):
                yield Completion(prompt.id, "A")
            raise error

        def info(self) -> dict[str, Any]:
            return {"model": "ending"}

        def close(self) -> None:
            pass

    ending = Backend("ends early", lambda _settings, _known: Ending(), needs_model=False)
    monkeypatch.setattr(backends, "load", lambda _name: ending)
    common = ("--data", vsi, "--cache", tmp_path / "cache", "--out", tmp_path / "out")
    result = invoke("run", "vsi-bench", "--backend", "fake", "--frames", 2, *common)
    assert result.exit_code == status
    assert told in result.stderr
    assert len(samples_in(tmp_path / "out")) == 3


def test_a_folder_called_like_a_benchmark_is_not_taken_for_one(
    vsi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vsi-bench").symlink_to(vsi)
    monkeypatch.chdir(tmp_path)
    words = ("run", "vsi-bench", "--backend", "random", "--data", "vsi-bench", "--out", "out")
    assert invoke(*words).exit_code == 0
    for name, told in (("./vsi-bench", "has no questions.jsonl"), ("", "there is no such folder")):
        refused = invoke("run", name, "--backend", "random")
        assert (refused.exit_code, told in refused.stderr) == (2, True)


def test_a_row_that_names_no_image_is_not_asked_blind(tmp_path: Path) -> None:
    row = {"id": "a", "question_type": "MSR", "question": "A: x, B: y", "answer": "A"}
    content = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(content, "PNG")
    picture = base64.b64encode(content.getvalue()).decode()
    rows = [
        {**row, "id": name, "images": it, "thought": ""}
        for name, it in (("a", []), ("b", [picture]))
    ]
    write_rows(tmp_path / "data", rows)
    session = fake(lambda _: "A")
    plan = make_plan(tmp_path / "data", tmp_path / "cache", session, "mmsi-bench")
    found = run(plan, tmp_path / "out", quiet=True)
    assert [prompt.id for prompt in session.prompts] == ["b"]
    assert found["failures"] == {"missing": 1}
    assert "names no image" in samples_in(tmp_path / "out")[0]["error"]["reason"]
    # Blind, on purpose, it is asked.
    blind = make_plan(
        tmp_path / "data", tmp_path / "cache", fake(lambda _: "A"), "mmsi-bench", blind=True
    )
    assert run(blind, tmp_path / "blind", quiet=True)["results"]["answered"] == 2
