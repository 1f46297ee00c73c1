"""What is recorded of a question's visits in a round, and where its video is looked for."""

from pathlib import Path

import pytest

from evalkit.media.errors import MediaError
from recipes.asking import Films
from recipes.solver import confidences


def test_first_and_last_visits() -> None:
    rows = [
        {"id": name, "step": step, "tokens": tokens, "sum": total}
        for name, step, tokens, total in (
            ("a", 0, 2, -2.0),
            ("b", 0, 1, -3.0),
            ("a", 4, 2, -1.0),
            ("a", 9, 2, -0.5),
        )
    ]
    found = confidences(rows)
    assert [(each["id"], each["step"]) for each in found] == [("a", 0), ("b", 0)]
    assert [each["confidence"] for each in found] == pytest.approx([0.367879, 0.049787], abs=1e-6)
    assert [each["last"] for each in found] == pytest.approx([0.778801, 0.049787], abs=1e-6)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(["one/d/s.mp4"], "one/d/s.mp4", id="in the first"),
        pytest.param(["two/d/s.mp4"], "two/d/s.mp4", id="in the second"),
        pytest.param(["one/s/s.mp4", "two/d/s.mp4"], "one/s/s.mp4", id="the first goes first"),
        pytest.param([], None, id="in none"),
        pytest.param(["d/s.mp4"], None, id="beside them"),
    ],
)
def test_videos_lie_below_any_of_the_folders(
    files: list[str], found: str | None, tmp_path: Path
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    films = Films((tmp_path / "one", tmp_path / "two"))
    names = ("d/s.mp4", "s/s.mp4")
    if found is None:
        assert films.missing(names) == list(names)
        with pytest.raises(MediaError, match=r"one/d/s\.mp4: there is no such file"):
            films.find(*names)
    else:
        assert films.find(*names) == tmp_path / found
        assert len(films.missing(names)) < len(names)
