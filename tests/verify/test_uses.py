"""What a program looks up, read off its text."""

import pytest

from spatialgen.graph.build import build
from spatialgen.programs.executor import MAX_SOURCE
from spatialgen.verify.uses import parse, uses_of
from tests.rooms_by_hand import put, room

GRAPH = build(room(put("bed", 0, 0), put("lamp", 3, 0), put("chair", 0, 3), put("chair", 0, -3)))
CHAIR = next(thing.id for thing in GRAPH.scene.objects if thing.label == "chair")


@pytest.mark.parametrize(
    ("body", "labels", "only"),
    [
        pytest.param("return scene.one('bed').height", {"bed"}, {"bed"}, id="one"),
        pytest.param("return len(scene.all('chair'))", {"chair"}, set(), id="all"),
        pytest.param(f"return scene.object({CHAIR!r}).height", {"chair"}, {"chair"}, id="an id"),
        pytest.param("x = ['bed', 'lamp']\n    return x[0]", {"bed", "lamp"}, set(), id="a list"),
        pytest.param("'bed'\n    return 'left'", set(), set(), id="a comment, and another text"),
        pytest.param("return scene.one('piano').height", set(), set(), id="what is not there"),
        pytest.param("return scene.one(", set(), set(), id="no program"),
    ],
)
def test_names(body: str, labels: set[str], only: set[str]) -> None:
    uses = uses_of(f"def answer(scene):\n    {body}\n", GRAPH)
    assert (uses.labels, uses.only) == (labels, only)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("(" * 5_000, id="brackets"),
        pytest.param("x = " + "-" * 15_000 + "1", id="signs"),
        pytest.param("a" + ".b" * 9_000, id="attributes"),
        pytest.param("x = 1\n" * MAX_SOURCE, id="too long"),
        pytest.param("x = '\0'", id="zero byte"),
        pytest.param("x = '\ud800'", id="half a character"),
        pytest.param("x = " + "9" * 10_000, id="too many digits"),
        pytest.param("def", id="half a program"),
    ],
)
def test_what_can_not_be_read_is_no_program(program: str) -> None:
    assert parse(program) is None


def test_an_odd_escape_is_no_complaint() -> None:
    assert parse(r"x = '\d'") is not None
