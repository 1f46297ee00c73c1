"""Questions about frames: answers worked out on paper, and where they must not be asked."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from spatialgen.families import (
    camera_displacement,
    camera_object_direction,
    camera_object_distance,
    camera_turn,
    obj_appearance_order,
    view_relation,
)
from spatialgen.families._views import CLEAR_FRACTION, CLEAR_SHARE
from spatialgen.family import CENTIMETRES, FEET, Family
from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor
from spatialgen.propose.built_in import families, family_names
from spatialgen.records import Frame, Scene, Sighting, Value
from spatialgen.verify.draft import Draft
from spatialgen.verify.margins import check_margins
from spatialgen.verify.naming import check_naming
from tests.families.asking import drafts_about, value_of, verdicts_about
from tests.rooms_by_hand import TINY, Thing, around, put, room
from tests.scenes_by_hand import CAMERA, SIGHTING, carried, level_frame, without_video

ABOUT_FRAMES = (
    "camera_displacement",
    "camera_object_direction",
    "camera_object_distance",
    "camera_turn",
    "obj_appearance_order",
    "view_relation",
)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


def filmed(*things: Thing, frames: Sequence[Frame], **first_seen: float) -> Scene:
    """Return a room with a video; things are seen first at these times, by label, or at once."""
    scene = room(*things)
    times = {thing.id: first_seen.get(thing.id.partition("-")[0], 0.0) for thing in scene.objects}
    return replace(scene, frames=tuple(frames), first_seen=times)


def at(left: float, top: float, right: float, bottom: float, **changes: object) -> Sighting:
    """Return a sighting by its 2D box in shares of the picture."""
    w, h = CAMERA.width, CAMERA.height
    return replace(SIGHTING, box_px=(left * w, top * h, right * w, bottom * h), **changes)


def showing(frame: Frame, **seen: Sighting) -> Frame:
    """Return the frame with these things seen in it, by label."""
    return replace(frame, seen={f"{label}-1": sighting for label, sighting in seen.items()})


def draft_of(family: Family, scene: Scene, kind: str) -> Draft:
    """Return a draft of this kind about a scene, whatever seed it takes."""
    for seed in range(40):
        for draft in drafts_about(family, scene, seed=seed):
            if draft.kind == kind:
                return draft
    raise AssertionError(f"{family.name} asks for no {kind} here")


def missed(draft: Draft) -> str | None:
    """Return the name of the margin that rejects a draft, or None."""
    check = check_margins(draft)
    return check.detail.split(" is ")[0] if check.reason else None


# -- answers -----------------------------------------------------------------------

#: Looking along +Y; 2 m to the right, 1 m ahead and half a turn left by 60 degrees;
#: 3 m back and turned right by 120; where it was, a hair to the right.
FRAMES = (
    level_frame(0, 0.0, (0.0, 0.0, 1.5), 90.0, ["lamp-1", "sofa-1"]),
    level_frame(30, 1.0, (2.0, 1.0, 1.5), 150.0),
    level_frame(60, 2.0, (0.0, -3.0, 1.0), 330.0),
    level_frame(90, 3.0, (0.0, 0.0, 1.5), 87.0),
)
FRAMES = (
    showing(FRAMES[0], lamp=at(0.1, 0.1, 0.2, 0.3), sofa=at(0.5, 0.5, 0.9, 0.8)),
    *FRAMES[1:],
)

HALL = filmed(
    put("lamp", 0.0, 4.0, bottom=1.5, size=TINY),
    put("sofa", 3.0, 4.0, size=(2.0, 1.0, 1.0)),
    put("bed", -3.0, 0.5, size=(2.0, 1.5, 0.5)),
    put("chair", 0.5, -2.0),
    put("chair", 1.5, -2.0),
    frames=FRAMES,
    lamp=0.0,
    sofa=2.5,
    bed=1.2,
    chair=4.0,
)

ANSWERS: list[tuple[str, Value]] = [
    (obj_appearance_order.program(("sofa", "chair", "lamp", "bed")), "lamp, bed, sofa, chair"),
    # 4 m ahead and 1 cm up; for the sofa 3, 4 and 1 m: the root of 26
    (camera_object_distance.program("lamp", 0), 4.0),
    (camera_object_distance.program("sofa", 0), 5.1),
    (camera_object_distance.program("sofa", 0, CENTIMETRES), 510),
    (camera_object_distance.program("sofa", 0, FEET), 16.7),
    # from (2, 1, 1.5): 1, 3, and 1 m
    (camera_object_distance.program("sofa", 30), 3.3),
    (camera_object_direction.program("lamp", 0), "front"),
    (camera_object_direction.program("bed", 0), "left"),
    # 37 degrees to the right of ahead, then 79 of them to the right
    (camera_object_direction.program("sofa", 0), "front"),
    (camera_object_direction.program("sofa", 30), "right"),
    (camera_object_direction.program("bed", 30), "front"),
    (camera_object_direction.program("bed", 60), "back"),
    (camera_object_direction.program("lamp", 60), "left"),
    (camera_turn.which_program(0, 30), "to the left, by less than 90 degrees"),
    (camera_turn.which_program(30, 0), "to the right, by less than 90 degrees"),
    (camera_turn.which_program(0, 60), "to the right, by more than 90 degrees"),
    (camera_turn.which_program(60, 0), "to the left, by more than 90 degrees"),
    (camera_turn.how_far_program(0, 30), 60),
    (camera_turn.how_far_program(0, 60), 120),
    # 150 to 330 is half a turn, 330 to 87 is 117 to the left
    (camera_turn.how_far_program(60, 90), 117),
    (camera_turn.how_far_program(0, 90), 3),
    (camera_displacement.which_program(0, 30), "right"),
    (camera_displacement.which_program(0, 60), "backward"),
    (camera_displacement.which_program(60, 0), "left"),
    (camera_displacement.which_program(30, 90), "left"),
    (camera_displacement.how_far_program(0, 30), 2.2),
    # 3 m back and half a metre down
    (camera_displacement.how_far_program(0, 60), 3.0),
    (camera_displacement.how_far_program(60, 0, FEET), 10.0),
    (view_relation.program("lamp", "sofa", 0, view_relation.SIDES), "left"),
    (view_relation.program("sofa", "lamp", 0, view_relation.SIDES), "right"),
    (view_relation.program("lamp", "sofa", 0, view_relation.LEVELS), "above"),
    (view_relation.program("sofa", "lamp", 0, view_relation.LEVELS), "under"),
    (view_relation.program("lamp", "sofa", 0, view_relation.DEPTHS), "closer"),
    (view_relation.program("sofa", "lamp", 0, view_relation.DEPTHS), "farther"),
]


@pytest.mark.parametrize(("program", "expected"), ANSWERS)
def test_answer(program: str, expected: Value, executor: Executor) -> None:
    for scene in (HALL, carried(HALL, 37.0, (11.0, -6.0, 0.7))):
        answer = value_of(program, scene, executor)
        assert answer == expected
        assert type(answer) is type(expected)


@pytest.mark.parametrize("name", ABOUT_FRAMES)
def test_nothing_is_asked_without_a_video(name: str) -> None:
    (family,) = families([name])
    assert drafts_about(family, HALL)
    assert not drafts_about(family, without_video(HALL))


def test_every_family_gets_by_without_a_video() -> None:
    scene = without_video(HALL)
    for family in families(family_names()):
        for draft in drafts_about(family, scene):
            assert draft.frames is None, draft


def test_frames_of_one_name_are_asked_about_once() -> None:
    frames = [level_frame(i, i / 100, (i, 0.0, 1.0), 40.0 * i) for i in range(4)]
    asked = drafts_about(camera_turn.FAMILY, filmed(put("lamp", 0, 0), frames=frames))
    assert not asked


def test_a_camera_that_looks_straight_down_is_got_by_with(executor: Executor) -> None:
    down = ((1.0, 0.0, 0.0, 0.0), (0.0, -1.0, 0.0, 0.0), (0.0, 0.0, -1.0, 6.0))
    frames = [replace(frame, pose=down) for frame in FRAMES]
    scene = replace(HALL, frames=tuple(frames))
    for family in families(ABOUT_FRAMES):
        reasons = {verdict.reason for verdict in verdicts_about(family, scene, executor)}
        assert reasons <= {None, "margin", "unstable"}, family.name
    relations = drafts_about(view_relation.FAMILY, scene)
    assert {missed(draft) for draft in relations} == {"off_vertical_deg"}


# -- margins, on both sides ----------------------------------------------------------


def turning(by_deg: float, pitch_deg: float = 0.0) -> Scene:
    """Return a room whose camera turns left by an angle and ends pitched."""
    first = level_frame(0, 0.0, (0, 0, 1), 20.0)
    last = level_frame(30, 1.0, (0, 0, 1), 20.0 + by_deg)
    pose = np.array(last.pose)
    cos, sin = math.cos(math.radians(pitch_deg)), math.sin(math.radians(pitch_deg))
    pose[:, :3] = pose[:, :3] @ np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    last = replace(last, pose=tuple(map(tuple, pose.tolist())))
    return filmed(put("lamp", 0, 0), frames=[first, last])


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("turn_deg", "which", "how_far"),
    [
        pytest.param(2.0, "edge_deg", "turn_deg", id="none to speak of"),
        pytest.param(14.0, "edge_deg", "turn_deg", id="too little"),
        pytest.param(16.0, None, "turn_deg", id="left or right"),
        pytest.param(29.0, None, "turn_deg", id="too little to measure"),
        pytest.param(31.0, None, None, id="enough"),
        pytest.param(74.0, None, None, id="below a quarter"),
        pytest.param(76.0, "edge_deg", None, id="almost a quarter"),
        pytest.param(104.0, "edge_deg", None, id="about a quarter"),
        pytest.param(106.0, None, None, id="beyond a quarter"),
        pytest.param(159.0, None, None, id="below a half"),
        pytest.param(161.0, None, "short_of_half_deg", id="almost a half"),
        pytest.param(166.0, "edge_deg", "short_of_half_deg", id="a half"),
    ],
)
def test_camera_turn(turn_deg: float, which: str | None, how_far: str | None, side: int) -> None:
    scene = turning(side * turn_deg)
    assert missed(draft_of(camera_turn.FAMILY, scene, "choice")) == which
    number = draft_of(camera_turn.FAMILY, scene, "number")
    assert missed(number) == how_far
    assert ("left" if side > 0 else "right") in number.question


@pytest.mark.parametrize("pitch_deg", [-61.0, -59.0, 0.0, 59.0, 61.0])
def test_a_steep_camera_has_no_heading(pitch_deg: float) -> None:
    scene = turning(60.0, pitch_deg)
    expected = "off_vertical_deg" if abs(pitch_deg) > 60 else None
    assert missed(draft_of(camera_turn.FAMILY, scene, "choice")) == expected
    assert missed(draft_of(camera_turn.FAMILY, scene, "number")) == expected


def moving(way_deg: float, metres: float, up: float = 0.0) -> Scene:
    """Return a room whose camera goes so far, this much left of where it looks at first."""
    angle = math.radians(20.0 + way_deg)
    end = (metres * math.cos(angle), metres * math.sin(angle), 1.0 + up)
    frames = [level_frame(0, 0.0, (0, 0, 1), 20.0), level_frame(30, 1.0, end, 200.0)]
    return filmed(put("lamp", 0, 0), frames=frames)


@pytest.mark.parametrize("edge", [45.0, 135.0, 225.0, 315.0])
@pytest.mark.parametrize(
    ("off", "expected"), [(-11.0, None), (-9.0, "edge_deg"), (9.0, "edge_deg"), (11.0, None)]
)
def test_ways_keep_off_the_edges_of_their_quarters(
    edge: float, off: float, expected: str | None
) -> None:
    scene = moving(edge + off, 2.0)
    assert missed(draft_of(camera_displacement.FAMILY, scene, "choice")) == expected


@pytest.mark.parametrize(
    ("metres", "up", "which", "how_far"),
    [
        pytest.param(0.49, 0.0, "floor_m", "moved_m", id="hardly"),
        pytest.param(0.51, 0.0, None, None, id="enough"),
        pytest.param(0.1, 1.0, "floor_m", None, id="up"),
        pytest.param(0.0, 0.0, "floor_m", "moved_m", id="not at all"),
    ],
)
def test_camera_displacement(
    metres: float, up: float, which: str | None, how_far: str | None
) -> None:
    scene = moving(180.0, metres, up)
    assert missed(draft_of(camera_displacement.FAMILY, scene, "choice")) == which
    assert missed(draft_of(camera_displacement.FAMILY, scene, "number")) == how_far


def facing(angle_deg: float, distance: float, size: float = 0.02) -> Scene:
    """Return a room with a lamp seen at an angle to the left of where the camera looks."""
    frame = level_frame(0, 0.0, (0.0, 0.0, 0.3), 0.0)
    return filmed(around("lamp", angle_deg, distance, size=(size, size, size)), frames=[frame])


@pytest.mark.parametrize(
    ("angle_deg", "distance", "size", "expected"),
    [
        pytest.param(0.0, 2.0, 0.02, None, id="ahead"),
        pytest.param(34.0, 2.0, 0.02, None, id="ahead, clear of the edge"),
        pytest.param(36.0, 2.0, 0.02, "edge_deg", id="ahead, near the edge"),
        pytest.param(54.0, 2.0, 0.02, "edge_deg", id="left, near the edge"),
        pytest.param(56.0, 2.0, 0.02, None, id="left, clear of the edge"),
        pytest.param(180.0, 2.0, 0.02, None, id="behind"),
        pytest.param(226.0, 2.0, 0.02, "edge_deg", id="behind or right"),
        pytest.param(0.0, 0.49, 0.02, "distance_m", id="too near"),
        pytest.param(0.0, 0.51, 0.02, None, id="near"),
        pytest.param(57.0, 1.0, 1.6, "corners_in_quarter", id="too wide"),
        pytest.param(90.0, 2.5, 1.6, None, id="wide, and in its quarter"),
    ],
)
def test_camera_object_direction(
    angle_deg: float, distance: float, size: float, expected: str | None
) -> None:
    draft = draft_of(camera_object_direction.FAMILY, facing(angle_deg, distance, size), "choice")
    assert missed(draft) == expected
    assert draft.frames == (0,)


def seen_at(distance: float, **changes: object) -> Scene:
    frame = showing(level_frame(0, 0.0, (0, 0, 1), 0.0), lamp=replace(SIGHTING, **changes))
    return filmed(put("lamp", distance, 0, bottom=1.0, size=TINY), frames=[frame])


LEAST_PX = math.ceil(CLEAR_SHARE * CAMERA.width * CAMERA.height)


@pytest.mark.parametrize(
    ("distance", "changes", "expected"),
    [
        pytest.param(0.49, {}, "distance_m", id="too near"),
        pytest.param(0.51, {}, None, id="near"),
        pytest.param(3.0, {"fraction": CLEAR_FRACTION - 0.01}, "visible_fraction", id="hidden"),
        pytest.param(3.0, {"fraction": CLEAR_FRACTION + 0.01}, None, id="visible"),
        pytest.param(3.0, {"pixels": LEAST_PX - 1}, "picture_share", id="too small"),
        pytest.param(3.0, {"pixels": LEAST_PX}, None, id="large enough"),
    ],
)
def test_camera_object_distance(
    distance: float, changes: Mapping[str, object], expected: str | None
) -> None:
    draft = draft_of(camera_object_distance.FAMILY, seen_at(distance, **changes), "number")
    assert missed(draft) == expected
    assert draft.frames == (0,)


# -- two objects in a frame ------------------------------------------------------------


def pair(
    lamp: Sighting, sofa: Sighting, lamp_thing: Thing, sofa_thing: Thing
) -> Mapping[tuple[str, str], Draft]:
    """Return the drafts about a lamp and a sofa in one frame, by the relation asked for."""
    frame = showing(level_frame(0, 0.0, (0, 0, 1), 0.0), lamp=lamp, sofa=sofa)
    scene = filmed(lamp_thing, sofa_thing, frames=[frame])
    asked = drafts_about(view_relation.FAMILY, scene)
    found = {(draft.choices[0], draft.choices[1]): draft for draft in asked}
    assert len(found) == len(asked) == 3
    return found


LEFT, RIGHT = at(0.1, 0.4, 0.3, 0.6), at(0.6, 0.4, 0.8, 0.6)


@pytest.mark.parametrize(
    ("lamp", "lamp_y", "expected"),
    [
        pytest.param(LEFT, 1.0, None, id="left in picture and room"),
        pytest.param(LEFT, -1.0, "bearing_deg", id="right in the room"),
        pytest.param(LEFT, 0.05, "bearing_deg", id="hardly left in the room"),
        pytest.param(at(0.1, 0.4, 0.59, 0.6), 1.0, "gap_share", id="almost touching"),
        pytest.param(at(0.1, 0.4, 0.57, 0.6), 1.0, None, id="apart"),
        pytest.param(at(0.81, 0.4, 0.9, 0.6), -1.0, "gap_share", id="almost touching on the right"),
        pytest.param(at(0.83, 0.4, 0.9, 0.6), -1.0, None, id="apart on the right"),
        pytest.param(replace(LEFT, fraction=0.29), 1.0, "visible_fraction", id="hidden"),
    ],
)
def test_left_and_right(lamp: Sighting, lamp_y: float, expected: str | None) -> None:
    asked = pair(lamp, RIGHT, put("lamp", 3, lamp_y, size=TINY), put("sofa", 3, 0, size=TINY))
    assert missed(asked[view_relation.SIDES]) == expected


@pytest.mark.parametrize(
    ("top", "lamp_bottom", "expected"),
    [
        pytest.param(0.1, 1.0, None, id="higher in picture and room"),
        pytest.param(0.1, 0.0, "rise_m", id="on one floor"),
        pytest.param(0.1, 0.44, "rise_m", id="hardly higher"),
        pytest.param(0.1, 0.46, None, id="higher"),
        pytest.param(0.49, 1.0, "gap_share", id="almost touching"),
        pytest.param(0.47, 1.0, None, id="apart"),
    ],
)
def test_above_and_under(top: float, lamp_bottom: float, expected: str | None) -> None:
    lamp, sofa = at(0.4, top - 0.1, 0.5, top), at(0.4, 0.5, 0.6, 0.8)
    things = put("lamp", 3, 0, bottom=lamp_bottom), put("sofa", 3, 0, size=(1.0, 1.0, 0.4))
    assert missed(pair(lamp, sofa, *things)[view_relation.LEVELS]) == expected


@pytest.mark.parametrize(
    ("lamp_x", "sofa_x", "sofa_long", "expected"),
    [
        pytest.param(1.0, 1.14, 0.02, "closer_m", id="one distance"),
        pytest.param(1.0, 1.3, 0.02, None, id="two distances"),
        pytest.param(1.3, 1.0, 0.02, None, id="the other way around"),
        pytest.param(5.0, 5.5, 0.02, "closer_share", id="one distance, from afar"),
        pytest.param(5.0, 5.6, 0.02, None, id="two distances, from afar"),
        pytest.param(2.0, 3.0, 2.5, "closer_m", id="farther, and yet reaching nearer"),
    ],
)
def test_closer_and_farther(
    lamp_x: float, sofa_x: float, sofa_long: float, expected: str | None
) -> None:
    size = (sofa_long, 0.02, 0.02)
    things = put("lamp", lamp_x, 0, bottom=1, size=TINY), put("sofa", sofa_x, 0, 1, size=size)
    assert missed(pair(LEFT, RIGHT, *things)[view_relation.DEPTHS]) == expected


# -- the order of appearance ------------------------------------------------------------


def appearing(**times: float) -> Scene:
    labels = ("lamp", "sofa", "bed", "guitar")
    frames = [level_frame(0, 0.0, (0, 0, 1), 0.0)]
    return filmed(*(put(label, 2 * i, 0) for i, label in enumerate(labels)), frames=frames, **times)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param((0.0, 1.1, 2.2, 3.3), None, id="apart"),
        pytest.param((0.0, 1.1, 2.2, 3.1), "apart_s", id="two at a time"),
        pytest.param((0.0, 0.0, 2.2, 3.3), "apart_s", id="two from the start"),
        pytest.param((3.3, 2.2, 1.1, 0.0), None, id="backwards"),
    ],
)
def test_appearances_are_a_second_apart(
    times: tuple[float, ...], expected: str | None, executor: Executor
) -> None:
    scene = appearing(**dict(zip(("lamp", "sofa", "bed", "guitar"), times, strict=True)))
    (draft,) = drafts_about(obj_appearance_order.FAMILY, scene)
    assert missed(draft) == expected
    (verdict,) = verdicts_about(obj_appearance_order.FAMILY, scene, executor)
    assert verdict.reason == (None if expected is None else "margin")


def test_what_never_appears_is_rejected_or_not_asked_about() -> None:
    scene = appearing(lamp=0.0, sofa=2.0, bed=4.0, guitar=6.0)
    assert drafts_about(obj_appearance_order.FAMILY, scene)
    times = {id: time_s for id, time_s in scene.first_seen.items() if id != "guitar-1"}
    unseen = replace(scene, first_seen=times)
    assert not drafts_about(obj_appearance_order.FAMILY, unseen)
    rejected = set()
    for family in families(family_names()):
        for draft in drafts_about(family, unseen):
            if "guitar" in draft.question:
                check = check_naming(draft, build(unseen))
                assert (check.reason, check.figures) == ("never_seen", {"shown": 0, "of": 1})
                rejected.add(family.name)
    assert {"object_size_estimation", "nearest_object", "object_count_comparison"} <= rejected


# -- which frames are enough --------------------------------------------------------------


@pytest.mark.parametrize(
    ("again", "enough"),
    [
        pytest.param(("lamp", "sofa"), (0, 30), id="two things in both"),
        pytest.param(("lamp", "bed"), (0, 15, 30), id="one thing in both"),
        pytest.param((), (0, 15, 30), id="nothing in the other"),
    ],
)
def test_two_frames_are_enough_where_both_show_the_same(
    again: Sequence[str], enough: tuple[int, ...]
) -> None:
    things = [put("lamp", 3, 0), put("sofa", 3, 2), put("bed", 3, 4)]
    first = level_frame(0, 0.0, (0, 0, 1), 0.0, ["lamp-1", "sofa-1"])
    between = level_frame(15, 0.5, (0, 0, 1), 20.0, ["bed-1"])
    last = level_frame(30, 1.0, (1, 0, 1), 40.0, [f"{label}-1" for label in again])
    scene = filmed(*things, frames=[first, between, last])
    for family in (camera_turn.FAMILY, camera_displacement.FAMILY):
        drafts = [draft for draft in drafts_about(family, scene) if "0.5 s" not in draft.question]
        assert drafts
        for draft in drafts:
            assert draft.frames == enough
            assert "the frame at 0.0 s" in draft.question.replace("The", "the")
            assert "the frame at 1.0 s" in draft.question.replace("The", "the")


# -- answers that can be guessed -----------------------------------------------------------


@pytest.mark.parametrize("family", [camera_object_direction.FAMILY, camera_displacement.FAMILY])
def test_answers_take_turns(family: Family) -> None:
    frames = [
        level_frame(30 * i, float(i), (math.cos(i), math.sin(2 * i), 1.0), 47.0 * i)
        for i in range(12)
    ]
    things = [around(label, 90.0 * i, 4.0) for i, label in enumerate(("lamp", "sofa", "bed"))]
    graph = build(filmed(*things, frames=frames))
    drafts = [draft for draft in drafts_about(family, graph.scene) if draft.kind == "choice"]
    clear = [draft for draft in drafts if not missed(draft)][:4]
    answers = {draft.derive(graph) for draft in clear if draft.derive}
    assert len(answers) == 4
