"""In which half of the picture is it? Answers worked out on paper, and where none is clear."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from spatialgen.families import view_side
from spatialgen.graph.build import build
from spatialgen.graph.observe import observe
from spatialgen.programs.executor import Executor
from spatialgen.records import Scene, Sighting
from spatialgen.rng import generator
from spatialgen.synth.scans import make
from spatialgen.synth.settings import settings
from spatialgen.verify.derivation import check_derivation
from spatialgen.verify.draft import Draft
from spatialgen.verify.judge import stage_scene
from spatialgen.verify.margins import check_margins
from tests.families.asking import clear_answers, drafts_about, value_of, verdicts_about
from tests.filmed_rooms import filmed
from tests.rooms_by_hand import TINY, put, room
from tests.scenes_by_hand import CAMERA, SIGHTING, carried, level_frame, without_video

FAMILY = view_side.FAMILY


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


def across(left: float, right: float, fraction: float = 0.8) -> Sighting:
    """Return a sighting whose pixels fill the picture between these shares of its width."""
    w, h = CAMERA.width, CAMERA.height
    return replace(SIGHTING, box_px=(left * w, 0.4 * h, right * w - 1, 0.6 * h), fraction=fraction)


LEFT, RIGHT = across(0.1, 0.3), across(0.7, 0.9)


def scene(*lamps: Sighting | None, y: float = 0.3, cx: float = CAMERA.cx) -> Scene:
    """Return a room with lamps 3 m ahead and ``y`` to the left, one frame showing them so.

    Another frame has the first of them in the other half, so that both are asked about.
    """
    made = room(*(put("lamp", 3.0, y + 0.01 * i, size=TINY) for i in range(len(lamps))))
    seen = {f"lamp-{i}": each for i, each in enumerate(lamps, start=1) if each}
    frame = replace(
        level_frame(0, 0.0, (0.0, 0.0, 1.0), 0.0), seen=seen, camera=replace(CAMERA, cx=cx)
    )
    on_left = lamps[0] is None or lamps[0].box_px[0] + lamps[0].box_px[2] < CAMERA.width - 1
    other = replace(
        level_frame(10, 1.0, (0.0, 0.0, 1.0), 25.0 if on_left else -25.0),
        seen={"lamp-1": RIGHT if on_left else LEFT},
    )
    times = {thing.id: 0.0 for thing in made.objects}
    return replace(made, frames=(frame, other), first_seen=times)


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (LEFT, "left"),
        (RIGHT, "right"),
        (across(0.0, 0.9), "left"),
        (across(0.1, 1.0), "right"),
        (across(0.0, 0.99), "left"),
    ],
)
def test_answer(sighting: Sighting, expected: str, executor: Executor) -> None:
    program = view_side.program("lamp", 0)
    for about in (scene(sighting), scene(sighting, None), carried(scene(sighting), 37.0)):
        assert value_of(program, about, executor) == expected


@pytest.mark.parametrize("lamps", [(LEFT, RIGHT), (None, None)])
def test_no_answer(lamps: tuple[Sighting | None, ...], executor: Executor) -> None:
    stage = stage_scene(build(scene(*lamps)), executor, generator(0, "noise"))
    assert not executor.run(view_side.program("lamp", 0), stage.first).ok


def draft_about(about: Scene) -> Draft:
    """Return the one draft about the first frame."""
    (draft,) = (draft for draft in drafts_about(FAMILY, about) if draft.frames == (0,))
    return draft


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("left", "right", "y", "expected"),
    [
        pytest.param(0.1, 0.3, 0.3, None, id="well inside"),
        pytest.param(0.38, 0.45, 0.3, None, id="off the middle"),
        pytest.param(0.40, 0.47, 0.3, "off_middle", id="near the middle"),
        pytest.param(0.0, 0.58, 0.3, None, id="most of it"),
        pytest.param(0.0, 0.60, 0.3, "in_half", id="too much of it beyond"),
        pytest.param(0.1, 0.3, 0.12, None, id="its centre there too"),
        pytest.param(0.1, 0.3, 0.09, "bearing_deg", id="its centre in the middle"),
        pytest.param(0.1, 0.3, -0.3, "bearing_deg", id="its centre in the other half"),
    ],
)
def test_margins(left: float, right: float, y: float, expected: str | None, mirrored: bool) -> None:
    if mirrored:
        left, right, y = 1 - right, 1 - left, -y
    about = scene(across(left, right), y=y)
    draft = draft_about(about)
    check = check_margins(draft)
    assert (check.detail.split(" is ")[0] or None) == expected
    if expected is None:
        side = "right" if mirrored else "left"
        assert check_derivation(draft, build(about), side).reason is None


@pytest.mark.parametrize(
    ("cx", "expected"),
    [(CAMERA.cx, None), (CAMERA.cx + 20, None), (CAMERA.cx + 40, "bearing_deg")],
)
def test_the_middle_of_the_picture_counts(cx: float, expected: str | None) -> None:
    # The lamp is 50 pixels to the left of where the camera looks.
    draft = draft_about(scene(LEFT, cx=cx))
    assert (check_margins(draft).detail.split(" is ")[0] or None) == expected


def test_what_is_hardly_seen_is_rejected() -> None:
    draft = draft_about(scene(across(0.1, 0.3, fraction=0.29)))
    assert check_margins(draft).detail.startswith("visible_fraction")


def both_sides(*seen: dict[str, Sighting]) -> Scene:
    """Return a room with a lamp and two chairs that a camera turns past."""
    made = room(
        put("lamp", 3.0, 0.0, size=TINY),
        put("chair", 3.0, 0.0, size=TINY),
        put("chair", 3.2, 0.0, size=TINY),
    )
    headings = (-15.0, 15.0, -16.0, 16.0)
    frames = [
        replace(level_frame(10 * i, float(i), (0.0, 0.0, 1.0), heading), seen=each)
        for i, (heading, each) in enumerate(zip(headings, seen, strict=False))
    ]
    times = {thing.id: 0.0 for thing in made.objects}
    return replace(made, frames=tuple(frames), first_seen=times)


def test_one_of_several_is_asked_about_where_it_is_alone(executor: Executor) -> None:
    about = both_sides(
        {"lamp-1": LEFT, "chair-1": LEFT},
        {"lamp-1": RIGHT, "chair-2": RIGHT},
        {"chair-1": LEFT, "chair-2": replace(LEFT, fraction=0.01)},
        {"chair-1": RIGHT, "chair-2": RIGHT},
    )
    found = {}
    for verdict in verdicts_about(FAMILY, about, executor):
        assert verdict.reason is None, verdict
        draft = verdict.draft
        assert ("the lamp" in draft.question) == (draft.unique == ("lamp",))
        assert "the chair" not in draft.question
        found[draft.unique or draft.mentions, draft.frames] = verdict.value
    assert found == {
        (("lamp",), (0,)): "left",
        (("lamp",), (10,)): "right",
        (("chair",), (0,)): "left",
        (("chair",), (10,)): "right",
    }


def test_as_many_are_left_as_right() -> None:
    about = both_sides({"lamp-1": LEFT}, {"lamp-1": RIGHT}, {"lamp-1": LEFT})
    assert Counter(answer for _, answer in clear_answers(FAMILY, about, 100)) == {
        "left": 1,
        "right": 1,
    }
    assert not drafts_about(FAMILY, both_sides({"lamp-1": LEFT}, {}, {"chair-1": LEFT}))
    for index in range(8):
        found = Counter(answer for _, answer in clear_answers(FAMILY, filmed(29, index), 1000))
        assert found["left"] == found["right"] > 5


def test_nothing_is_asked_without_a_video() -> None:
    about = filmed(29, 0)
    assert drafts_about(FAMILY, about)
    assert not drafts_about(FAMILY, without_video(about))


def test_a_room_with_one_thing_in_view_has_questions(executor: Executor) -> None:
    chosen = settings(
        objects=2, in_view=1, camera="turn", seconds=6, fps=1, width=64, height=64, spacing=0.2
    )
    made = observe(make(10, 0, chosen), 6)
    verdicts = verdicts_about(FAMILY, made, executor)
    answers = Counter(verdict.value for verdict in verdicts if verdict.reason is None)
    assert answers["left"] == answers["right"] > 0
    assert {verdict.reason for verdict in verdicts} <= {None, "margin"}
