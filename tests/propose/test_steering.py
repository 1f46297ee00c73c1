"""Weights decide how many of a family's drafts are asked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from spatialgen.cli import main
from spatialgen.dataset.files import read_rows
from spatialgen.propose.complexity import level
from spatialgen.propose.steering import Steering
from spatialgen.rng import generator
from spatialgen.verify.draft import Draft
from tests.propose.test_complexity import SCENE

CALM, FULL = ("t", "in_view<=1"), ("t", "in_view<=2")
MANY = [Draft("t", f"q{i}", "p", "choice", frames=(3 if i % 2 else 7,)) for i in range(2_000)]


@pytest.mark.parametrize(
    ("weights", "calm", "full"),
    [
        pytest.param({}, 1000, 1000, id="without weights all"),
        pytest.param({CALM: 1.0, FULL: 0.0}, 1000, 0, id="one or the other"),
        pytest.param({CALM: 0.5, FULL: 1.0}, 500, 1000, id="a share"),
        pytest.param({CALM: 0.2}, 200, 200, id="the unknown as the usual"),
    ],
)
def test_shares(weights: dict[tuple[str, str], float], calm: int, full: int) -> None:
    kept = list(Steering(("in_view",), weights).thinned(MANY, SCENE, generator(0, "t")))
    found = [sum(each.frames == (frame,) for each in kept) for frame in (7, 3)]
    assert found == pytest.approx([calm, full], abs=60)
    assert [each for each in MANY if each in kept] == kept  # in their order


def test_a_feedback_file_steers_families(tmp_path: Path) -> None:
    def run(*words: str) -> None:
        done = CliRunner().invoke(main, [*words, "--seed", "3"])
        assert done.exit_code == 0, done.output

    run("synth", "--out", str(tmp_path / "rooms"), "--rooms", "6", "--metadata-only")
    scenes = ["--scenes", str(tmp_path / "rooms"), "--per-scene", "12", "--workers", "1"]
    names = ["--families", "object_size_estimation,object_height_comparison"]
    run("propose", *scenes, *names, "--out", str(tmp_path / "before"))
    rows = list(read_rows(tmp_path / "before", "questions.jsonl"))
    assert {row["question_type"].removesuffix("_mc") for row in rows} == set(names[1].split(","))
    levels = {level(row["complexity"], ("hops",)) for row in rows}
    cells = [
        {"family": family, "level": each, "weight": float(family == "object_height_comparison")}
        for family in names[1].split(",")
        for each in levels
    ]
    told = tmp_path / "feedback.json"
    told.write_text(
        json.dumps({"round": 4, "scenes": {}, "steering": {"knobs": ["hops"], "cells": cells}})
    )
    run("propose", *scenes, *names, "--out", str(tmp_path / "after"), "--feedback", str(told))
    rows = list(read_rows(tmp_path / "after", "questions.jsonl"))
    assert {row["question_type"] for row in rows} == {"object_height_comparison"}
    assert {row["round"] for row in rows} == {5}
