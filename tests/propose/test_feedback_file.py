"""What the round before said, as a model is told it."""

import json
from pathlib import Path
from typing import Any

import pytest

from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.propose.feedback import SHOWN, read_feedback


def tried(band: str | None, number: int = 0) -> dict[str, Any]:
    return {"question": f"{band} {number}?", "answer": "2", "band": band, "confidence": 0.5}


def written(path: Path, data: Any) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def test_each_band_is_told_with_what_to_do(tmp_path: Path) -> None:
    entries = [tried(band) for band in ("easy", "frontier", "hard", "untagged")]
    feedback = read_feedback(
        written(tmp_path / "f", {"round": 2, "scenes": {"d/a": entries}, "signal": "paper"})
    )
    assert feedback.round == 2
    told = feedback.about("d/a")
    assert told.index("frontier 0?") < told.index("easy 0?") < told.index("hard 0?")
    assert told.count("Ask more") == 1
    assert told.count("Ask fewer") == 2
    assert "untagged" not in told
    assert feedback.about("d/b") == ""


def test_a_long_feedback_is_cut(tmp_path: Path) -> None:
    entries = [tried("hard", number) for number in range(100)]
    told = read_feedback(written(tmp_path / "f", {"scenes": {"d/a": entries}})).about("d/a")
    assert told.count("?") == SHOWN


def test_half_a_character_is_not_told(tmp_path: Path) -> None:
    entries = [{**tried("hard"), "question": "Is it \ud800?"}]
    told = read_feedback(written(tmp_path / "f", {"scenes": {"d/a": entries}})).about("d/a")
    assert '"Is it ??"' in told


def test_without_a_file_nothing_is_told() -> None:
    assert (read_feedback(None).about("d/a"), read_feedback(None).sha256) == ("", None)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("{", id="half"),
        pytest.param("[]", id="a list"),
        pytest.param("[" * 100_000, id="nested"),
        pytest.param({}, id="no scenes"),
        pytest.param({"scenes": {"d/a": [tried("medium")]}}, id="unknown band"),
        pytest.param({"scenes": {"d/a": [{"question": 1, "answer": "2"}]}}, id="wrong type"),
        pytest.param({"scenes": {"d/a": {}}}, id="no list"),
        pytest.param({"scenes": {}, "round": -1}, id="before the first round"),
        pytest.param({"scenes": {}, "round": 10**400}, id="a giant round"),
    ],
)
def test_other_files_are_refused(data: Any, tmp_path: Path) -> None:
    with pytest.raises(SpatialgenError, match="not a feedback file"):
        read_feedback(written(tmp_path / "f", data))


def test_a_missing_file_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such feedback file"):
        read_feedback(tmp_path / "f")
