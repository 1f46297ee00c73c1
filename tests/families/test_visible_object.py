"""Does a frame show one of them? Answers worked out on paper, and that no name tells them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from spatialgen.families import visible_object
from spatialgen.graph.observe import observe
from spatialgen.programs.executor import Executor
from spatialgen.records import Scene, Sighting
from spatialgen.synth.scans import make
from spatialgen.synth.settings import settings
from spatialgen.verify.answers import spoken
from tests.families.asking import clear_answers, drafts_about, value_of, verdicts_about
from tests.filmed_rooms import filmed
from tests.rooms_by_hand import Thing, put, room
from tests.scenes_by_hand import SIGHTING, level_frame, without, without_video

FAMILY = visible_object.FAMILY

#: As clear as it needs to be, and a little less than that.
PLAIN, HAZY = replace(SIGHTING, fraction=0.31), replace(SIGHTING, fraction=0.29)
GLIMPSE = replace(SIGHTING, fraction=0.01, pixels=17)

THINGS = (put("bed", 3, 0), put("chair", 0, 3), put("chair", 1, 3), put("lamp", -3, 0))


def scene(*seen: Mapping[str, Sighting], things: tuple[Thing, ...] = THINGS) -> Scene:
    """Return a room whose frames, a second apart, show these things."""
    frames = [
        replace(level_frame(10 * i, float(i), (0.0, 0.0, 1.0), 0.0), seen=sightings)
        for i, sightings in enumerate(seen)
    ]
    made = room(*things)
    first_seen = {thing.id: 0.0 for thing in made.objects}
    return replace(made, frames=tuple(frames), first_seen=first_seen)


ROOM = scene(
    {"bed-1": SIGHTING},
    {"chair-1": SIGHTING, "lamp-1": SIGHTING},
    {"chair-1": SIGHTING, "chair-2": SIGHTING, "lamp-1": SIGHTING},
    {"lamp-1": SIGHTING},
    {"lamp-1": SIGHTING},
)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


@pytest.mark.parametrize(
    ("label", "frame", "expected"),
    [
        pytest.param("bed", 0, True, id="the only one"),
        pytest.param("bed", 10, False, id="not there"),
        pytest.param("chair", 10, True, id="one of two"),
        pytest.param("chair", 20, True, id="both"),
        pytest.param("chair", 30, False, id="neither"),
    ],
)
def test_answer(label: str, frame: int, expected: bool, executor: Executor) -> None:
    assert value_of(visible_object.program(label, frame), ROOM, executor) is expected


def told(executor: Executor, about: Scene, label: str) -> dict[int, str]:
    """Return the accepted answers about a category by the seconds that they name."""
    found = {}
    for verdict in verdicts_about(FAMILY, about, executor, label):
        if verdict.reason is None and verdict.value is not None:
            (frame,) = verdict.draft.frames or ()
            assert f"the frame at {frame // 10}.0 s" in verdict.draft.question
            found[frame // 10] = spoken(verdict.draft, verdict.value)
    return found


def test_every_yes_has_its_no(executor: Executor) -> None:
    bed = told(executor, ROOM, "bed")
    assert bed.pop(0) == "yes"
    assert list(bed.values()) == ["no"]
    chair = told(executor, ROOM, "chair")
    assert Counter(chair.values()) == {"yes": 2, "no": 2}
    assert all(answer == ("yes" if second in (1, 2) else "no") for second, answer in chair.items())
    lamp = told(executor, ROOM, "lamp")
    assert lamp.pop(0) == "no"
    assert list(lamp.values()) == ["yes"]


@pytest.mark.parametrize("about", [scene({"bed-1": SIGHTING}, {"bed-1": SIGHTING}), scene({}, {})])
def test_what_every_frame_shows_or_none_is_not_asked_about(about: Scene) -> None:
    assert not drafts_about(FAMILY, about)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param({}, "no", id="nothing"),
        pytest.param({"chair-1": PLAIN}, "yes", id="plainly one"),
        pytest.param({"chair-1": HAZY}, None, id="hardly one"),
        pytest.param({"chair-1": HAZY, "chair-2": GLIMPSE}, None, id="hardly both"),
        pytest.param({"chair-1": GLIMPSE, "chair-2": PLAIN}, "yes", id="plainly one, hardly two"),
        pytest.param({"bed-1": SIGHTING}, "no", id="another"),
    ],
)
def test_a_glimpse_is_neither(
    seen: Mapping[str, Sighting], expected: str | None, executor: Executor
) -> None:
    # A chair, and none, that the answer may be paired with.
    chair: dict[str, Sighting] = {"chair-2": SIGHTING}
    rest = {"yes": [{}], "no": [chair], None: [{}, chair]}[expected]
    about = scene(seen, *rest)
    assert told(executor, about, "chair").get(0) == expected
    reasons = Counter(
        verdict.reason for verdict in verdicts_about(FAMILY, about, executor, "chair")
    )
    assert reasons["margin"] == (expected is None)


def test_a_chair_without_a_box_may_be_in_view(executor: Executor) -> None:
    about = without(ROOM, "chair-2")
    details = {verdict.detail for verdict in verdicts_about(FAMILY, about, executor, "chair")}
    assert details == {"annotated_all is 0, at least 1 is needed"}


def test_nothing_is_asked_without_a_video() -> None:
    assert drafts_about(FAMILY, ROOM)
    assert not drafts_about(FAMILY, without_video(ROOM))


def test_a_name_does_not_tell_the_answer() -> None:
    labels = 0
    for index in range(8):
        answers: dict[str, Counter[str]] = {}
        for draft, answer in clear_answers(FAMILY, filmed(29, index), 1000):
            answers.setdefault(draft.mentions[0], Counter())[answer] += 1
        assert all(counts["yes"] == counts["no"] for counts in answers.values())
        labels += len(answers)
    assert labels > 50


def test_the_first_few_tell_as_little() -> None:
    for most in (1, 2, 3):
        found = Counter(
            answer
            for index in range(24)
            for _, answer in clear_answers(FAMILY, filmed(31, index), most)
        )
        assert abs(found["yes"] - found["no"]) <= 3 * sum(found.values()) ** 0.5


def test_a_room_with_one_thing_in_view_has_questions(executor: Executor) -> None:
    chosen = settings(
        objects=2, in_view=1, camera="turn", seconds=6, fps=1, width=64, height=64, spacing=0.2
    )
    made = observe(make(10, 0, chosen), 6)
    verdicts = verdicts_about(FAMILY, made, executor)
    answers = Counter(verdict.value for verdict in verdicts if verdict.reason is None)
    assert answers[True] == answers[False] > 0
    assert {verdict.reason for verdict in verdicts} <= {None, "margin"}
