"""The loop with a model as proposer: a scripted one behind an OpenAI-compatible server."""

import json
from pathlib import Path

import pytest
from chat_server import ChatServer
from scripted_model import kind_of, plain

from recipes import evolve, proposing
from recipes.drafting import read
from tests.recipes.small_round import make_scenes
from tests.recipes.small_round import read as rows_of
from tests.recipes.test_evolve import config_file, in_this_process

pytest.importorskip("torch")
pytest.importorskip("httpx2", reason="asking servers needs httpx2")

#: How a prompt begins to tell of the round before.
TOLD = "From the round before, about this room."


def test_a_server_proposes_two_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "run", in_this_process)
    asked: list[str] = []

    def script(text: str) -> str:
        asked.append(text)
        return plain(text)

    scenes = make_scenes(tmp_path / "scenes", rooms=1, seed=10, objects=16)
    unseen = make_scenes(tmp_path / "unseen", rooms=1, seed=90)
    held = str(tmp_path / "run" / "held-out")  # a dataset folder is a benchmark as any other
    with ChatServer(script) as server:
        config = read(
            config_file(
                tmp_path,
                scenes={"paths": [str(scenes)]},
                held_out={"paths": [str(unseen)]},
                proposer={
                    "kind": "model",
                    "model": "scripted-vlm",
                    "backend": "openai",
                    "base_url": server.url,
                    "per_scene": 3,
                    "options": ["--per-reply", "4", "--backend-option", "concurrency=1"],
                },
                feedback={"signal": "paper"},
                answers="letter",
                evaluate={"per_scene": 4, "benchmarks": [{"name": held, "data": str(unseen)}]},
            )
        )
        found = evolve.evolve(config, lambda _: None)
    folders = [config.out_dir / f"round-{number}" for number in range(2)]
    first, second = ([row["question"] for row in rows_of(f / "accepted.jsonl")] for f in folders)
    assert first
    assert second
    assert not set(first) & set(second)
    asking = [text for text in asked if kind_of(text) == "ask"]
    told = [text for text in asking if TOLD in text]
    assert told
    assert TOLD not in asking[0]
    # What is told is what the solver made of the first round, and nothing of the second.
    feedback = json.loads((folders[0] / "feedback.json").read_text(encoding="utf-8"))
    known = {each["question"] for scene in feedback["scenes"].values() for each in scene}
    assert known == set(first)
    assert all(any(question in text for question in first) for text in told)
    assert [each["round"] for each in found["rounds"]] == [0, 1]
    # By letters, the benchmark's own protocol asks what the loop asks itself.
    for each in (found["start"], *(one["evaluation"] for one in found["rounds"])):
        official = each["benchmarks"][held]
        assert official["n"] == each["seeing"]["n"]
        for family, one in each["seeing"]["families"].items():
            assert official["groups"][family] == pytest.approx(one["free"])
