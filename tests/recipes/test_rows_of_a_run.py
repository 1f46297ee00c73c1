"""What is told of a file of a run that can't be used, and what to do about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipes import evolve, layout, measuring
from recipes.drafting import read
from recipes.encoding import Kept
from recipes.errors import RecipeError
from recipes.rows import read_json, read_lines
from tests.recipes.test_evolve import config_file

pytest.importorskip("torch")


def lines(path: Path) -> list[dict[str, Any]]:
    return list(read_lines(path))


@pytest.mark.parametrize("reading", [read_json, lines])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "is missing; put it back from a copy, or begin another run", id="none"),
        pytest.param(b"{", "is damaged .*; put it back from a copy, or begin", id="cut"),
        pytest.param(b"\xff", "is damaged .*; put it back from a copy, or begin", id="no text"),
        pytest.param(b"[" * 9_999, "is damaged .*; put it back from a copy", id="nested"),
        pytest.param(b"[]", "is damaged .a JSON object is expected.; put it", id="a list"),
    ],
)
def test_a_file_that_is_no_use(
    tmp_path: Path, reading: Callable[[Path], Any], content: bytes | None, told: str
) -> None:
    path = tmp_path / "round.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecipeError, match=f"^{path}: (line 1 )?{told}") as refused:
        reading(path)
    assert "remove" not in str(refused.value)


@pytest.mark.parametrize("reading", [read_json, lines])
def test_what_can_t_be_read_is_not_to_be_removed(
    tmp_path: Path, reading: Callable[[Path], Any]
) -> None:
    with pytest.raises(RecipeError, match="can't be read: Is a directory; mend this") as refused:
        reading(tmp_path)
    assert "remove" not in str(refused.value)
    assert "copy" not in str(refused.value)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1}\n{"id"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="line 2 is damaged"):
        lines(path)


def test_nobody_is_told_to_remove_a_run(tmp_path: Path) -> None:
    config = read(config_file(tmp_path))
    out = config.out_dir
    (out / "round-0" / "proposals").mkdir(parents=True)
    for name in (evolve.CONFIG, layout.TIMES, layout.HELD_OUT_ASKED):
        (out / name).write_text("{", encoding="utf-8")
    (out / "round-0" / "proposals" / "questions.jsonl").write_text("{", encoding="utf-8")
    asked = out / layout.HELD_OUT_ASKED
    proposals = out / "round-0" / "proposals"
    uses: dict[str, Callable[[], Any]] = {
        rf"{out}/config.json: is damaged .*; remove this file if": lambda: evolve._claim(
            out, config
        ),
        rf"{out}/times.json: is damaged .*; remove this file, and only the seconds": lambda: (
            evolve._timed(out, "train", lambda: None)
        ),
        rf"{asked}: line 1 is damaged .*; remove this file, and it is": lambda: (
            measuring.evaluate_model(config, "m", (), out / "start", False, Kept())
        ),
        rf"{proposals}/questions.jsonl: .*; remove {proposals}, and": lambda: list(
            layout.proposals(config, 0, "questions.jsonl")
        ),
    }
    for told, use in uses.items():
        with pytest.raises(RecipeError, match=told):
            use()
