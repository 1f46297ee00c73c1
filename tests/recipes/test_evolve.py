"""The whole loop on two small rooms: what it leaves, killed anywhere, and what it refuses."""

import errno
import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.media.errors import MediaError
from recipes import checking, evolve, measuring, proposing, report, solver, stages
from recipes.drafting import read
from recipes.encoding import Kept
from recipes.errors import ConfigError, RecipeError
from recipes.processes import alone
from recipes.rows import write_lines
from recipes.settings import Config
from tests.recipes.small_round import read as rows_of

pytest.importorskip("torch")
pytest.importorskip("accelerate")

ROOMS = {"objects": 6, "camera": "turn", "size": 32, "seconds": 4, "fps": 1}
SMALL: dict[str, Any] = {
    "model": "tiny",
    "rounds": 2,
    "steps": 2,
    "batch": 8,
    "frames": 4,
    "max_side": 32,
    "answers": "text",
    "scenes": {"made": [{"rooms": 2, "seed": 10, "settings": ROOMS}]},
    "held_out": {"made": [{"rooms": 2, "seed": 90, "settings": ROOMS}]},
    "proposer": {"kind": "built-in", "per_scene": 8, "workers": 1},
    "solver": {
        "learning_rate": 1e-3,
        "per_device_batch": 4,
        "precision": "float32",
        "device": "cpu",
    },
    "feedback": {"knobs": ["in_view"]},
    "evaluate": {"per_scene": 4, "batch": 8},
    "deviations": ["two rooms <and> no more"],
}


def config_file(folder: Path, **changes: Any) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"out_dir": str(folder / "run"), **SMALL, **changes}))
    return path


def in_this_process(words: Sequence[str], out: Path | None = None) -> None:
    """Run a command of spatialgen here, which spares its imports."""
    from spatialgen.cli import main

    try:
        main(list(words), prog_name="spatialgen", standalone_mode=False)
    except SystemExit as ended:
        if ended.code and not (out is not None and proposing._finished(out)):
            raise RecipeError(f"spatialgen {words[0]} failed") from ended


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "run", in_this_process)


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proposing, "run", in_this_process)
        evolve.evolve(read(config_file(folder)), quiet)
    return folder / "run"


#: What of a run must be the same however often it was stopped.
LASTING = (
    "accepted.jsonl",
    "tagged.jsonl",
    "feedback.json",
    "evaluation.json",
    "confidences.jsonl",
)


def lasting(run: Path) -> dict[str, bytes]:
    places = [run / f"round-{n}" / name for n in range(2) for name in LASTING]
    places += [run / "round-1" / "checkpoint-4" / "model.safetensors", run / "table.txt"]
    return {str(path.relative_to(run)): path.read_bytes() for path in places}


def test_a_round_leaves_what_the_contract_says(finished: Path) -> None:
    for number in range(2):
        folder = finished / f"round-{number}"
        assert {each.name for each in folder.iterdir()} >= {"proposals", "round.json", *LASTING}
    # Of the rounds before the last only the results are kept.
    assert [each.name for each in finished.glob("round-*/checkpoint-*")] == ["checkpoint-4"]


def test_only_what_passed_is_trained_on(finished: Path) -> None:
    for number in range(2):
        folder = finished / f"round-{number}"
        passed = {row["id"] for row in rows_of(folder / "proposals" / "questions.jsonl")}
        visits = json.loads((folder / "job.json").read_text())["visits"]
        assert len(visits) == 16
        assert set(visits) <= {row["id"] for row in rows_of(folder / "accepted.jsonl")} <= passed


def test_earlier_questions_are_rehearsed_and_rooms_are_fresh(tmp_path: Path) -> None:
    words = ["rehearse=true", "scenes.fresh=true", "evaluate.every=2", "feedback.signal=paper"]
    config = read(config_file(tmp_path), words)
    evolve.evolve(config, quiet)
    asked = [
        {row["id"]: row["scene_name"] for row in rows_of(folder / "accepted.jsonl")}
        for folder in (tmp_path / "run" / "round-0", tmp_path / "run" / "round-1")
    ]
    assert not set(asked[0].values()) & set(asked[1].values())
    last = tmp_path / "run" / "round-1"
    visits = set(json.loads((last / "job.json").read_text())["visits"])
    assert visits <= {*asked[0], *asked[1]}
    assert visits & set(asked[0])
    assert visits & set(asked[1])
    assert {row["id"] for row in rows_of(last / "tagged.jsonl")} == set(asked[1])


def test_tags_are_the_confidences(finished: Path) -> None:
    folder = finished / "round-0"
    known = {row["id"]: row["confidence"] for row in rows_of(folder / "confidences.jsonl")}
    tagged = rows_of(folder / "tagged.jsonl")
    assert {row["id"]: row["confidence"] for row in tagged if row["band"] != "untagged"} == known
    told = json.loads((folder / "feedback.json").read_text())
    assert sum(len(each) for each in told["scenes"].values()) == len(tagged)


def test_the_page_shows_all_and_fetches_nothing(finished: Path) -> None:
    page = (finished / "report.html").read_text(encoding="utf-8")
    for part in ("two rooms &lt;and&gt; no more", "<svg", "def answer(scene", "accepted", "margin"):
        assert part in page
    assert not re.search(r"href=|url\(|<script", page)
    assert page.count("src=") == page.count('src="data:image/png;base64,') > 4
    report = json.loads((finished / "report.json").read_text(encoding="utf-8"))
    assert report["samples"] == 32
    last = report["rounds"][-1]["evaluation"]
    assert set(last) == {"seeing", "grey", "blind", "prior", "benchmarks"}
    table = (finished / "table.txt").read_text(encoding="utf-8")
    assert table.splitlines()[0].split()[:6] == ["held-out", "family", "n", "start", "r0", "r1"]


def test_started_again_it_does_nothing(finished: Path) -> None:
    before = lasting(finished)
    told: list[str] = []
    evolve.evolve(read(finished.parent / "config.yaml"), told.append)
    assert lasting(finished) == before
    assert [line.split(":")[0] for line in told] == ["round 0", "round 1"]


STAGES = {
    stages: ("propose", "filter_round", "train", "feed_back", "close"),
    measuring: ("hold_out", "measure", "evaluate_model"),
}


def test_stopped_after_and_before_every_stage_it_ends_alike(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops = []

    def stopping(name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        left = [2]

        def run(*arguments: Any) -> Any:
            if left[0] == 2:  # once before its work
                left[0] = 1
                stops.append(name)
                raise KeyboardInterrupt
            found = stage(*arguments)
            if left[0] == 1:  # and once after it
                left[0] = 0
                stops.append(name)
                raise KeyboardInterrupt
            return found

        return run

    for module, names in STAGES.items():
        for name in names:
            monkeypatch.setattr(module, name, stopping(name, getattr(module, name)))
    config = read(config_file(tmp_path))
    while True:
        try:
            evolve.evolve(config, quiet)
        except KeyboardInterrupt:
            continue
        break
    assert sorted(stops) == sorted(name for names in STAGES.values() for name in names * 2)
    assert lasting(tmp_path / "run") == lasting(finished)


def test_another_run_in_the_folder_is_refused(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(finished.parent / "config.yaml")
    assert evolve.main([config, "rounds=3", "solver.learning_rate=1"]) == 2
    told = "holds a run with other settings (rounds, solver.learning_rate); choose"
    assert told in capsys.readouterr().err
    with alone(finished):
        assert evolve.main([config]) == 2
    assert "another run is at work here" in capsys.readouterr().err


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(["solver.launch=[python]", "solver.loaders=2"], id="how it is trained"),
        pytest.param(["proposer.workers=2"], id="how many propose"),
        pytest.param(["deviations=[]", "keep_rounds=2", "out_dir=elsewhere"], id="words"),
    ],
)
def test_what_changes_no_result_may_change(finished: Path, other: list[str]) -> None:
    before = (finished / evolve.CONFIG).read_bytes()
    evolve._claim(finished, read(finished.parent / "config.yaml", other))
    assert (finished / evolve.CONFIG).read_bytes() == before


def test_another_server_may_propose(tmp_path: Path) -> None:
    model = {"kind": "model", "model": "base", "backend": "openai", "base_url": "http://a/v1"}
    place = config_file(tmp_path, proposer=model, feedback={})
    evolve._claim(tmp_path, read(place))
    evolve._claim(tmp_path, read(place, ["proposer.base_url=http://b/v1"]))
    with pytest.raises(ConfigError, match=r"other settings \(proposer\.model\)"):
        evolve._claim(tmp_path, read(place, ["proposer.model=other"]))


def cut(places: Sequence[str]) -> Callable[..., None]:
    """Return what runs a command, and then cuts videos short."""

    def run(words: Sequence[str], out: Path | None = None) -> None:
        in_this_process(words, out)
        if words[0] == "synth":
            folder = Path(words[words.index("--out") + 1])
            for place in places:
                for video in folder.parent.glob(place):
                    video.write_bytes(video.read_bytes()[:900])

    return run


def test_torn_videos_drop_their_questions_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = ["scenes/*/room10_00000.mp4", "unseen/*/room90_00001.mp4"]
    monkeypatch.setattr(proposing, "run", cut(torn))
    config = read(config_file(tmp_path), ["rounds=1", "steps=1", "evaluate.generate=false"])
    found = evolve.evolve(config, quiet)
    run = config.out_dir
    dropped = rows_of(run / "round-0" / "dropped.jsonl")
    torn_rows = [row for row in dropped if row["reason"] == "video_truncated"]
    assert {row["scene_name"] for row in torn_rows} == {"room10_00000"}
    assert all("room10_00000.mp4" in row["detail"] for row in torn_rows)
    accepted = rows_of(run / "round-0" / "accepted.jsonl")
    assert {row["scene_name"] for row in accepted} == {"room10_00001"}
    asked = rows_of(run / "held-out-asked.jsonl")
    left_out = len(rows_of(run / "held-out" / "questions.jsonl")) - len(asked)
    assert {row["scene_name"] for row in asked} == {"room90_00000"}
    assert found["not_shown"] == {"video_truncated": left_out}
    assert found["start"]["seeing"]["n"] == len(asked)
    assert f"shown: video_truncated {left_out}." in (run / "table.txt").read_text()


@pytest.mark.parametrize(
    ("torn", "told", "begun"),
    [
        pytest.param(
            "scenes",
            r"round 0: no question was accepted \(.*video_truncated \d+.*\), and nothing is "
            r"trained; .* remove .*round-0/proposals to have the round asked again, "
            r"and start again$",
            True,
            id="in training",
        ),
        pytest.param(
            "unseen",
            r"none of the \d+ held-out questions can be shown \(video_truncated \d+\), so no "
            r"round begins; .*room90_0000\d\.mp4: ",
            False,
            id="held out",
        ),
    ],
)
def test_without_a_question_left_it_stops_with_the_reasons(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    torn: str,
    told: str,
    begun: bool,
) -> None:
    monkeypatch.setattr(proposing, "run", cut([f"{torn}/*/*.mp4"]))
    assert evolve.main([str(config_file(tmp_path))]) == 1
    assert re.search(told, capsys.readouterr().err.splitlines()[-1])
    assert (tmp_path / "run" / "round-0").exists() == begun
    assert not (tmp_path / "run" / "round-0" / "job.json").exists()


def test_a_round_that_fails_leaves_the_report_of_those_before(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    for name in ("round.json", "accepted.jsonl"):
        (run / "round-1" / name).unlink()
    (run / "round-1" / "proposals" / "questions.jsonl").write_text("")
    for name in (report.PAGE, report.DATA, report.TABLE):
        (run / name).unlink()
    refused = len(rows_of(run / "round-1" / "proposals" / "rejected.jsonl"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proposing, "run", lambda *_: None)
        assert evolve.main([str(config_file(tmp_path))]) == 1
    *_, before, last = capsys.readouterr().err.splitlines()
    assert before == f"report of the rounds before: {run / 'report.html'}"
    assert "round 1: no question was accepted (" in last
    assert refused
    told = json.loads((run / report.DATA).read_text(encoding="utf-8"))
    assert [each["round"] for each in told["rounds"]] == [0]
    assert (run / report.TABLE).read_text().splitlines()[0].split()[:5][-1] == "r0"


@pytest.mark.parametrize(
    ("lost", "stops"),
    [pytest.param(2, False, id="a few"), pytest.param(3, True, id="too many")],
)
def test_a_round_that_a_server_left_unanswered_is_not_trained_on(
    finished: Path, tmp_path: Path, lost: int, stops: bool
) -> None:
    model = {"kind": "model", "model": "base", "backend": "openai"}
    config = read(config_file(tmp_path, proposer=model, feedback={}))
    folder = config.out_dir / "round-0"
    (folder / "proposals").mkdir(parents=True)
    rows = rows_of(finished / "round-0" / "accepted.jsonl")[:10]
    # Two scenes, five requests each; most of what is refused are questions, eight a reply.
    reasons = [*["no_reply"] * lost, *["margin"] * 40, "no_review"]
    attempts = {"question_replies": 4, "repair_replies": 1, "reviews": 5}
    write_lines(folder / "proposals" / "scenes.jsonl", [{"attempts": attempts}] * 2)
    write_lines(folder / "proposals" / "questions.jsonl", rows)
    write_lines(folder / "proposals" / "rejected.jsonl", [{"reason": each} for each in reasons])
    if not stops:
        stages.filter_round(config, (finished / "scenes",), 0)
        assert (folder / "accepted.jsonl").exists()
        return
    told = (
        r"round 0: 3 of 10 requests for questions got no reply "
        r"\(margin 40, no_reply 3, no_review 1\); see to the server, remove"
    )
    with pytest.raises(RecipeError, match=told):
        stages.filter_round(config, (finished / "scenes",), 0)


def test_the_time_of_a_stage_counts_all_starts_and_is_not_guessed(tmp_path: Path) -> None:
    def failing() -> None:
        assert json.loads((tmp_path / "times.json").read_text())["train"] is None
        raise KeyboardInterrupt

    (tmp_path / "times.json").write_text('{"train": 100.0, "killed": null}')
    with pytest.raises(KeyboardInterrupt):
        evolve._timed(tmp_path, "train", failing)
    assert evolve._timed(tmp_path, "killed", lambda: "done") == "done"
    times = json.loads((tmp_path / "times.json").read_text())
    assert 100.0 <= times["train"] < 160.0
    assert times["killed"] is None


def test_training_that_is_launched_fails_with_its_own_line(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read(config_file(tmp_path), ["solver.launch=[accelerate, launch]"])
    folder = config.out_dir / "round-0"
    folder.mkdir(parents=True)
    shutil.copy(finished / "round-0" / "accepted.jsonl", folder)
    said: list[Sequence[str]] = []

    def command(words: Sequence[str], name: str, show: bool) -> tuple[int, str]:
        said.append(words)
        return 1, "why"

    monkeypatch.setattr(stages, "command", command)
    with pytest.raises(RecipeError, match=r"^round 0: training failed: why$"):
        stages.train(config, (finished / "scenes",), 0, Kept())
    started = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
    assert said == [[*started, "-m", "recipes.solver", str(folder)]]
    assert len(solver.read_job(folder).visits) == 16


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(
            OSError(errno.ENOSPC, "No space left on device", "a/b"),
            "a/b: No space left on device; mend this; the same command goes on from here",
            id="disk",
        ),
        pytest.param(MemoryError(), "out of memory; make room", id="memory"),
        pytest.param(KeyboardInterrupt(), "stopped; the same command goes on", id="^C"),
        pytest.param(MediaError("corrupt", "v.mp4: is damaged"), "v.mp4: is damaged", id="own"),
    ],
)
def test_every_failure_is_told_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    told: str,
) -> None:
    def failing(*_: Any) -> None:
        raise error

    monkeypatch.setattr(checking, "ready", failing)
    assert evolve.main([str(config_file(tmp_path))]) == 1
    assert capsys.readouterr().err.startswith(f"recipes.evolve: {told}")


def test_a_dry_run_touches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evolve.main([str(config_file(tmp_path)), "dry_run=true"]) == 0
    said = capsys.readouterr()
    assert "everything is ready; 32 questions will be visited" in said.out
    assert "deviation from the paper: two rooms <and> no more" in said.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["proposer.families=[object_countin]"], "object_counting", id="family"),
        pytest.param(["held_out.made.0.seed=10"], "seed 10 is also trained on", id="same rooms"),
        pytest.param(["scenes.made.0.settings={colour: 1}"], "colour", id="room setting"),
        pytest.param(["solver.launch=[no-such-command]"], "no command 'no-such", id="launch"),
        pytest.param(["solver.device=cuda"], "this machine has no GPU", id="GPU"),
        pytest.param(["evaluate.benchmarks=[{name: vsi-bensh}]"], "vsi-bench", id="benchmark"),
        pytest.param(["held_out={paths: [/nowhere]}"], "no such file", id="missing data"),
    ],
)
def test_what_can_t_begin_is_told_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available() and "solver.device=cuda" in words:
        pytest.skip("this machine has a GPU")
    assert evolve.main([str(config_file(tmp_path)), *words]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_model_hears_of_the_previous_round_only_and_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Sequence[str]] = []
    monkeypatch.setattr(proposing, "run", lambda words, out=None: said.append(words))
    model = {"kind": "model", "model": "base", "backend": "openai", "base_url": "http://x/v1"}
    changes = {"proposer": model, "rounds": 3, "feedback": {"signal": "paper"}}
    config = read(config_file(tmp_path, **changes))
    for number in range(3):
        stages.propose(config, (tmp_path,), number)
    told = [words[words.index("--feedback") + 1] if "--feedback" in words else "" for words in said]
    run = config.out_dir
    assert told == ["", str(run / "round-0/feedback.json"), str(run / "round-1/feedback.json")]
    assert {words[words.index("--model") + 1] for words in said} == {"base"}
    previous = [words[i + 1] for words in said for i, w in enumerate(words) if w == "--previous"]
    places = [run / f"round-{number}" / "proposals" for number in (0, 0, 1)]
    assert previous == [str(each) for each in places]


def test_static_sampling_hears_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Sequence[str]] = []
    monkeypatch.setattr(proposing, "run", lambda words, out=None: said.append(words))
    model = {"kind": "model", "model": "base", "backend": "openai"}
    config: Config = read(config_file(tmp_path, proposer=model, feedback={"signal": "none"}))
    stages.propose(config, (tmp_path,), 1)
    assert "--feedback" not in said[0]


def test_the_paper_s_config_passes_its_dry_run(
    tmp_path: Path, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configs = Path(__file__).parents[2] / "recipes" / "configs"
    words = [f"scenes.paths=[{finished / 'scenes'}]", f"held_out.paths=[{finished / 'unseen'}]"]
    words += ["dry_run=true", f"out_dir={tmp_path / 'run'}"]
    here = [] if shutil.which("accelerate") else ["solver.launch=[]"]
    assert evolve.main([str(configs / "qwen3vl_4b.yaml"), *words, *here]) == 0
    assert "25,600 questions will be visited" in capsys.readouterr().out
