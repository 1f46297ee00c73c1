"""Options that somebody wrote."""

import pytest

from spatialgen.verify.choices import check_choices
from spatialgen.verify.draft import Draft


def reason(*options: str) -> str | None:
    draft = Draft("written_other", "Which?", "", "choice", choices=options)
    return check_choices(draft).reason


@pytest.mark.parametrize(
    "options",
    [
        ("left", "right"),
        ("yes", "no"),
        ("front-left", "front-right", "back-left", "back-right"),
        ("chair", "lamp", "bed"),
        ("1", "2", "3", "4"),
        ("1.0 meters", "1.5 meters", "2.2 meters"),
        ("chair, lamp, bed", "lamp, chair, bed"),
        ("two", "three"),
        ("turned left by 30 degrees", "turned right by 30 degrees"),
        ("12 m²", "20 m²", "30 m²"),
        ("cafetière", "lamp"),
        ("床", "灯"),
    ],
)
def test_fair(options: tuple[str, ...]) -> None:
    assert reason(*options) is None


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("Chair", "chair"), id="case"),
        pytest.param(("the chair", "chair"), id="article"),
        pytest.param(("to the left", "left"), id="small words"),
        pytest.param(("two", "2"), id="number words"),
        pytest.param(("back", "behind"), id="synonym of a side"),
        pytest.param(("sofa", "couch", "bed"), id="synonym of a thing"),
        pytest.param(("chair", "chairs"), id="plural"),
        pytest.param(("tv", "monitor"), id="confusable things"),
        pytest.param(("1.0 m", "1.1 m", "2.0 m"), id="numbers too near"),
        pytest.param(("chair", "lamp", "none of them"), id="none of them"),
        pytest.param(("chair", "lamp", "both"), id="both"),
        pytest.param(("left", "left."), id="full stop"),
        pytest.param(("lamp", "\uff4c\uff41\uff4d\uff50"), id="wide letters"),
        pytest.param(("lamp", "l\u0430mp"), id="a Cyrillic letter"),
        pytest.param(("cop", "\u0441\u043e\u0440"), id="Cyrillic letters"),
        pytest.param(("A. lamp", "B. bed"), id="letters of their own"),
        pytest.param(("(a) lamp", "(b) bed"), id="letters in brackets"),
    ],
)
def test_two_may_be_right(options: tuple[str, ...]) -> None:
    assert reason(*options) == "bad_options"
