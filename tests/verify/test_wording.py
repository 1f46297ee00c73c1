"""A wording asks what its program computes, or is turned down."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor
from spatialgen.programs.world import world
from spatialgen.records import Camera, Frame
from spatialgen.verify.draft import Draft
from spatialgen.verify.uses import uses_of
from spatialgen.verify.wording import check_wording, grounded, named_in
from tests.rooms_by_hand import put, room

POSE = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0))
CAMERA = Camera(50.0, 50.0, 31.5, 31.5, 64, 64)
FILMED = replace(
    room(
        put("bed", 0, 0, size=(2, 2, 0.5)),
        put("coffee table", 3, 0),
        put("sofa", 3, 2),
        put("chair", 0, 3),
        put("chair", 0, -3),
        put("picture", 5, 5),
        put("floor", 0, 0, size=(9, 9, 0.1)),
    ),
    frames=(Frame(0, 0.0, POSE, CAMERA), Frame(30, 12.0, POSE, CAMERA)),
)
GRAPH = build(FILMED)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


@pytest.mark.parametrize(
    ("text", "labels", "single"),
    [
        pytest.param("How long is the bed?", {"bed"}, {"bed"}, id="one"),
        pytest.param("How far is the BED?", {"bed"}, {"bed"}, id="case"),
        pytest.param("How many chairs are there?", {"chair"}, set(), id="plural"),
        pytest.param("Is a chair near?", {"chair"}, set(), id="any"),
        pytest.param("the chair nearest to the bed", {"chair", "bed"}, {"bed"}, id="told apart"),
        pytest.param("the chair that stands there", {"chair"}, set(), id="a relative clause"),
        pytest.param("the coffee table", {"coffee table"}, {"coffee table"}, id="longest name"),
        pytest.param("the coffee tables", {"coffee table"}, set(), id="longest name, plural"),
        pytest.param("the couch", {"sofa"}, {"sofa"}, id="synonym"),
        pytest.param("the bedroom, embedded", set(), set(), id="inside a word"),
        pytest.param("the bed's height", set(), set(), id="possessive is no name"),
        pytest.param("the table", set(), set(), id="another thing"),
    ],
)
def test_names_in_a_text(text: str, labels: set[str], single: set[str]) -> None:
    named = named_in(text, GRAPH)
    assert (named.labels, named.single) == (labels, single)


def draft(question: str, body: str, **fields: object) -> Draft:
    program = f"def answer(scene: Scene) -> float:\n    {body}\n"
    return replace(Draft("written_other", question, program, "number"), **fields)


@pytest.mark.parametrize(
    ("made", "unique", "mentions"),
    [
        pytest.param(
            draft("How far is the bed from the chairs?", "return len(scene.all('chair'))"),
            ("bed",),
            ("chair",),
            id="as the question says",
        ),
        pytest.param(
            draft("How tall is a chair?", "return scene.one('chair').height"),
            ("chair",),
            (),
            id="as the program says",
        ),
        pytest.param(
            draft("How large is the floor in this picture?", "return scene.room_area()"),
            (),
            (),
            id="no objects",
        ),
        pytest.param(
            draft("How far is the picture?", "return scene.one('picture').top"),
            ("picture",),
            (),
            id="an object after all",
        ),
    ],
)
def test_grounding(made: Draft, unique: tuple[str, ...], mentions: tuple[str, ...]) -> None:
    found = grounded(made, GRAPH, uses_of(made.program, GRAPH))
    assert (found.unique, found.mentions) == (unique, mentions)


HEIGHT = "return round(scene.one('bed').height, 1)"
TURN = "return round(scene.camera_moved(scene.frame(0), scene.frame_at(12.0)), 1)"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        pytest.param(draft("How tall is the bed?", HEIGHT), None, id="sound"),
        pytest.param(
            draft("How tall is the bed, in cm?", HEIGHT, unit="centimeters"), None, id="u"
        ),
        pytest.param(
            draft("How tall is the bed?", HEIGHT, unit="meters"), "unit_not_named", id="m"
        ),
        pytest.param(
            draft("How many degrees?", HEIGHT, unit="meters"), "unnamed_object", id="no name"
        ),
        pytest.param(draft("How tall is the sofa?", HEIGHT), "unnamed_object", id="another object"),
        pytest.param(
            draft("How tall is the bed beside the sofa?", HEIGHT), "unused_name", id="idle name"
        ),
        pytest.param(
            draft("How tall is the lowest thing, bed or sofa?", HEIGHT + "\n    'sofa'"),
            "unused_name",
            id="named in a comment only",
        ),
        pytest.param(
            draft(
                "How many of the things are taller than the sofa's seat, bed or chairs?",
                "return len([o for o in scene.objects if o.height > 0.3])",
            ),
            None,
            id="depends on what it does not name",
        ),
        pytest.param(
            draft("How far did it turn from the frame at 0.0 s to the frame at 12.0 s?", TURN),
            "unlisted_frame",
            id="frames not listed",
        ),
        pytest.param(
            draft("How far from the frame at 0.0 s to that at 12.0 s?", TURN, frames=(0, 30)),
            None,
            id="frames listed",
        ),
        pytest.param(
            draft("How far from the frame at 0.0 s to that at 9.0 s?", TURN, frames=(0, 30)),
            "unlisted_frame",
            id="a time of no frame",
        ),
        pytest.param(
            draft("How far from the frame at 0.0 s on?", TURN, frames=(0,)),
            "unlisted_frame",
            id="a frame of the program's own",
        ),
    ],
)
def test_wording(made: Draft, reason: str | None, executor: Executor) -> None:
    value = executor.run(made.program, executor.stage(world(GRAPH))).value
    assert value is not None
    uses = uses_of(made.program, GRAPH)
    assert check_wording(made, GRAPH, uses, value, executor).reason == reason
