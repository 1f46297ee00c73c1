"""The tiny checkpoint: what it knows as tokens, and that it is one like any other."""

from pathlib import Path

import pytest

from evalkit.backends import Settings
from evalkit.backends._checkpoint import load
from recipes import tiny

pytest.importorskip("torch")

WORDS = tiny.words_of(
    ["Is the washing machine left of the lamp at 1.5 s?", "Is it the lamp?"],
    ["washing machine", "left", "12", "right"],
)


def test_answers_come_first_then_frequent_words_and_numbers_never() -> None:
    assert WORDS[:5] == ("left", "right", "washing machine", "user", "assistant")
    assert WORDS[5:8] == ("the", "Is", "lamp")
    assert not any(char.isdigit() for word in WORDS for char in word)


def test_many_words_are_cut() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    text = " ".join(a + b for a in letters for b in letters)
    assert len(tiny.words_of([text], [])) == tiny.MOST_WORDS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("tiny") / "model", WORDS, seed=3, side=32)


def test_it_loads_as_any_checkpoint_does(folder: Path) -> None:
    found = load(Settings(model=str(folder), device="cpu"))
    assert type(found.model).__name__ == "Qwen3VLForConditionalGeneration"
    assert 300_000 < sum(weight.numel() for weight in found.model.parameters()) < 400_000
    assert found.model.model.visual.pos_embed.weight.std().item() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param("the washing machine", ["the", "washing machine"], id="longest first"),
        pytest.param("leftover", list("leftover"), id="no word inside a word"),
        pytest.param("12.5", list("12.5"), id="digit by digit"),
        pytest.param("left, right", ["left", ",", "right"], id="no blanks before words"),
    ],
)
def test_words_are_tokens(folder: Path, text: str, tokens: list[str]) -> None:
    tokenizer = load(Settings(model=str(folder), device="cpu")).processor.tokenizer
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert [tokenizer.decode([each]) for each in ids] == tokens


def test_the_seed_decides_the_bytes(folder: Path, tmp_path: Path) -> None:
    def weights(place: Path) -> bytes:
        return (place / "model.safetensors").read_bytes()

    assert weights(tiny.build(tmp_path / "same", WORDS, 3, 32)) == weights(folder)
    assert weights(tiny.build(tmp_path / "other", WORDS, 4, 32)) != weights(folder)
