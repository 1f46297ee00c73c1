"""The settings that ``--help`` lists are those that there are."""

import re
from pathlib import Path

import pytest

from recipes import evolve
from recipes.drafting import draft
from recipes.listing import listed

CONFIGS = Path(__file__).parents[2] / "recipes" / "configs"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("model: text", id="without a default"),
        pytest.param("rounds: whole number [4]", id="number"),
        pytest.param("cache: path [none]", id="none"),
        pytest.param("rehearse: true or false [false]", id="switch"),
        pytest.param("answers: letter | text [letter]", id="choice"),
        pytest.param("solver.betas: list [0.9, 0.999]", id="list"),
        pytest.param("solver.lora.rank: whole number [16]", id="part that may be missing"),
        pytest.param("scenes.made.0.rooms: whole number", id="one of several"),
        pytest.param("scenes.made.0.settings: mapping [none]", id="mapping"),
        pytest.param("proposer.kind: dataset", id="kind"),
        pytest.param("proposer.in_turn: true or false [true]", id="of one kind"),
    ],
)
def test_a_setting_is_told_in_a_line(line: str) -> None:
    assert line in list(listed())


def test_every_setting_of_a_config_is_listed() -> None:
    names = {line.split(":")[0] for line in listed()}
    for path in ("demo", "qwen3vl_4b"):
        found = draft(CONFIGS / f"{path}.yaml").config.model_dump(mode="json")
        for name, value in evolve._flat(found):
            several = isinstance(value, list) and any(isinstance(each, dict) for each in value)
            rooms = re.match(r"(scenes|held_out)\.made", name)
            if value is None or value == [] or several or rooms:
                assert any(each.startswith(name) for each in names)
            else:
                assert name in names


def test_help_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert evolve.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "python -m recipes.evolve CONFIG.yaml" in said
    assert "  solver.learning_rate: number [1e-06]\n" in said
