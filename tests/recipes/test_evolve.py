"""The whole loop on two small rooms: what it leaves, killed anywhere, and what it refuses."""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from recipes import evolve, proposing, stages
from recipes.drafting import read
from recipes.errors import RecipeError
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


STAGES = ("propose", "filter_round", "train", "feed_back", "measure", "close", "evaluate_model")


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

    for name in STAGES:
        monkeypatch.setattr(stages, name, stopping(name, getattr(stages, name)))
    config = read(config_file(tmp_path))
    while True:
        try:
            evolve.evolve(config, quiet)
        except KeyboardInterrupt:
            continue
        break
    assert sorted(stops) == sorted([*STAGES, *STAGES])
    assert lasting(tmp_path / "run") == lasting(finished)


def test_another_run_in_the_folder_is_refused(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(finished.parent / "config.yaml")
    assert evolve.main([config, "rounds=3", "seed=5"]) == 2
    assert "holds a run with other settings (rounds, seed); choose" in capsys.readouterr().err
    with evolve._alone(finished):
        assert evolve.main([config]) == 2
    assert "another run is at work here" in capsys.readouterr().err


def test_an_empty_round_stops_with_the_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "MediaFolder", lambda _: Nowhere())
    assert evolve.main([str(config_file(tmp_path))]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.search(r"round 0: no question was accepted \(.*no_video \d+.*\); nothing is", told)
    assert not (tmp_path / "run" / "round-0" / "job.json").exists()


class Nowhere:
    def missing(self, names: Sequence[str]) -> list[str]:
        return list(names)


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
