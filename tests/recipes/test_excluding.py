"""Questions about the scenes of a benchmark are not trained on, whoever asked them."""

import json
from pathlib import Path
from typing import Any

from recipes import stages
from recipes.drafting import read
from recipes.excluding import exclusions, set_apart
from recipes.rows import write_lines
from tests.recipes.small_round import make_scenes
from tests.recipes.small_round import read as rows_of
from tests.recipes.test_evolve import config_file


def asked(scene: str, question: str = "How many chairs?", **more: Any) -> dict[str, Any]:
    row = {
        "dataset": "synth",
        "scene_name": scene,
        "question_type": "object_counting",
        "question": question,
        "ground_truth": "2",
        "options": None,
        "frames": None,
        "program": "def answer(scene):\n    return 2",
    }
    return {**row, "id": f"{scene} {question}", **more}


def test_rows_about_scenes_in_use_are_set_apart_with_the_reason(tmp_path: Path) -> None:
    write_lines(tmp_path / "questions.jsonl", [asked("scene0568_00", dataset="scannet")])
    config = read(config_file(tmp_path, evaluate={"benchmarks": [{"name": str(tmp_path)}]}))
    rows = [
        asked("scene0568_01", dataset="scannet"),  # another scan of the same space
        asked("scene0569_00", dataset="scannet"),
        asked("scene0568_00", dataset="scannetpp"),
    ]
    kept, dropped = set_apart(rows, exclusions(config))
    assert kept == rows[1:]
    assert dropped == [{**rows[0], "reason": "contaminated_space", "detail": dropped[0]["detail"]}]
    assert "asks about this space" in dropped[0]["detail"]
    assert set_apart(rows, exclusions(read(config_file(tmp_path)))) == (rows, [])


def test_a_finished_dataset_is_not_trained_on_where_a_benchmark_asks(tmp_path: Path) -> None:
    scenes = make_scenes(tmp_path / "scenes", rooms=2, seed=10)
    names = sorted(path.stem for path in scenes.rglob("*.mp4"))
    finished, benchmark = tmp_path / "finished", tmp_path / "benchmark"
    for folder in (finished, benchmark):
        folder.mkdir()
    write_lines(finished / "questions.jsonl", [asked(name) for name in names])
    write_lines(finished / "rejected.jsonl", [])
    write_lines(benchmark / "questions.jsonl", [asked(names[0], "Where is the bed?")])
    config = read(
        config_file(
            tmp_path,
            scenes={"paths": [str(scenes)]},
            proposer={"kind": "dataset", "folders": [str(finished)]},
            evaluate={"benchmarks": [{"name": str(benchmark)}]},
        )
    )
    folder = config.out_dir / "round-0"
    folder.mkdir(parents=True)
    stages.filter_round(config, (scenes,), 0)
    (kept,) = rows_of(folder / "accepted.jsonl")
    (dropped,) = rows_of(folder / "dropped.jsonl")
    assert kept["scene_name"] == names[1]
    assert (dropped["scene_name"], dropped["reason"]) == (names[0], "contaminated_space")
    assert json.dumps(dropped["detail"])
