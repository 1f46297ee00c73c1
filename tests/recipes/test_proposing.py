"""The commands that make scenes and questions."""

from pathlib import Path

import pytest

from recipes import proposing
from recipes.errors import RecipeError
from recipes.settings import read
from tests.recipes.test_evolve import config_file


def test_a_command_that_fails_is_told_in_its_own_words() -> None:
    with pytest.raises(RecipeError, match=r"^spatialgen inspect failed: .*nowhere"):
        proposing.run(["inspect", "nowhere"])


def test_rounds_and_held_out_questions_have_seeds_of_their_own(tmp_path: Path) -> None:
    config = read(config_file(tmp_path), ["seed=3"])
    commands = [proposing.propose_command(config, (tmp_path,), tmp_path, n) for n in range(3)]
    commands.append(proposing.held_out_command(config, (tmp_path,), tmp_path))
    seeds = [words[words.index("--seed") + 1] for words in commands]
    assert seeds == ["3000", "3001", "3002", "3999"]


def test_paths_and_families_reach_the_command(tmp_path: Path) -> None:
    changes = {"kind": "built-in", "families": ["room_size_estimation"], "per_scene": 3}
    config = read(config_file(tmp_path, proposer=changes))
    words = proposing.propose_command(config, (Path("a"), Path("b")), Path("out"), 0)
    assert [words[i + 1] for i, w in enumerate(words) if w == "--scenes"] == ["a", "b"]
    assert words[words.index("--families") + 1] == "room_size_estimation"
    assert words[words.index("--per-scene") + 1] == "3"
