"""Names in a question: that they exist, are meant uniquely and can't be mistaken."""

from dataclasses import replace

import pytest

from spatialgen.graph.build import build
from spatialgen.verify.draft import Draft
from spatialgen.verify.naming import check_naming
from tests.rooms_by_hand import Thing, put, room
from tests.scenes_by_hand import level_frame

CHAIRS = (put("chair", 0, 0), put("chair", 1, 0))
LAMP, TV, THING = put("lamp", 3, 0), put("tv", 5, 0), put("object", 7, 0)


def draft(unique: tuple[str, ...] = (), mentions: tuple[str, ...] = ()) -> Draft:
    return Draft("test", "?", "", "number", unique=unique, mentions=mentions)


@pytest.mark.parametrize(
    ("things", "counts", "asked", "reason"),
    [
        pytest.param([LAMP], {}, draft(), None, id="names nothing"),
        pytest.param([LAMP], {}, draft(("lamp",)), None, id="the only one"),
        pytest.param(CHAIRS, {}, draft(mentions=("chair",)), None, id="several are mentioned"),
        pytest.param([LAMP], {}, draft(("unicorn",)), "unknown_label", id="unknown"),
        pytest.param([LAMP], {}, draft((), ("unicorn",)), "unknown_label", id="mention unknown"),
        pytest.param([LAMP], {}, draft(("Lamp",)), "unknown_label", id="another spelling"),
        pytest.param([LAMP], {"fan": 1}, draft(("fan",)), "unknown_label", id="counted, no box"),
        pytest.param([THING], {}, draft(("object",)), "ambiguous_label", id="could be anything"),
        pytest.param([THING], {}, draft((), ("object",)), "ambiguous_label", id="also a mention"),
        pytest.param([THING, LAMP], {}, draft(("lamp",)), None, id="anything is elsewhere"),
        pytest.param(CHAIRS, {}, draft(("chair",)), "not_unique", id="two boxes"),
        pytest.param([LAMP], {"lamp": 2}, draft(("lamp",)), "not_unique", id="two counted"),
        pytest.param(CHAIRS, {"chair": 1}, draft(("chair",)), "not_unique", id="one counted"),
        pytest.param([TV, put("monitor", 0, 0)], {}, draft(("tv",)), "confusable_labels", id="tv"),
        pytest.param(
            [TV, put("monitor", 0, 0)], {}, draft((), ("monitor",)), "confusable_labels", id="other"
        ),
        pytest.param([TV], {"monitor": 1}, draft(("tv",)), "confusable_labels", id="no box"),
        pytest.param([TV, put("monitor", 0, 0), LAMP], {}, draft(("lamp",)), None, id="not asked"),
        pytest.param(
            [put("table", 0, 0), put("coffee table", 2, 0)],
            {},
            draft(("coffee table",)),
            "confusable_labels",
            id="a kind of it",
        ),
    ],
)
def test_naming(
    things: list[Thing], counts: dict[str, int], asked: Draft, reason: str | None
) -> None:
    check = check_naming(asked, build(room(*things, counts=counts)))
    assert (check.name, check.reason) == ("naming", reason)
    assert bool(check.detail) == (reason is not None)


FILM = replace(
    room(LAMP),
    frames=tuple(level_frame(i, i / 30, (0, 0, 1), 0.0) for i in (0, 30, 60)),
    first_seen={"lamp-1": 0.0},
)


@pytest.mark.parametrize(
    ("frames", "detail"),
    [
        pytest.param(None, "", id="the whole video"),
        pytest.param((30,), "", id="one"),
        pytest.param((0, 30, 60), "", id="all"),
        pytest.param((), "it names no frame", id="none"),
        pytest.param((31,), "there is no frame 31 among the 3 of this scene", id="between"),
        pytest.param((0, 61), "there is no frame 61", id="one of two"),
        pytest.param((30, 0), "frames [30, 0] are not in the order of time", id="backwards"),
        pytest.param((30, 30), "not in the order of time", id="twice"),
    ],
)
def test_frames_exist_in_the_order_of_time(frames: tuple[int, ...] | None, detail: str) -> None:
    check = check_naming(replace(draft(("lamp",)), frames=frames), build(FILM))
    assert check.reason == ("unknown_frame" if detail else None)
    assert check.detail.startswith(detail) or detail in check.detail


def test_no_frame_exists_without_a_video() -> None:
    check = check_naming(replace(draft(), frames=(0,)), build(room(LAMP)))
    assert (check.reason, check.detail) == (
        "unknown_frame",
        "there is no frame 0 among the 0 of this scene",
    )


@pytest.mark.parametrize(
    ("seen", "video", "reason"),
    [
        pytest.param(["chair-1", "chair-2"], True, None, id="all"),
        pytest.param(["chair-1"], True, "never_seen", id="one of two"),
        pytest.param([], True, "never_seen", id="none"),
        pytest.param([], False, None, id="no video"),
    ],
)
def test_what_is_named_is_seen_where_there_is_a_video(
    seen: list[str], video: bool, reason: str | None
) -> None:
    scene = room(*CHAIRS, LAMP)
    if video:
        scene = replace(scene, frames=FILM.frames, first_seen=dict.fromkeys(seen, 0.0))
    check = check_naming(draft(mentions=("chair",)), build(scene))
    assert check.reason == reason
    if reason:
        assert check.detail == f"the video shows {len(seen)} of 2 objects that are 'chair'"
        assert check.figures == {"shown": len(seen), "of": 2}


def test_details_tell_which_name_and_why() -> None:
    graph = build(room(*CHAIRS, TV, put("monitor", 0, 0)))
    assert "2 objects are 'chair'" in check_naming(draft(("chair",)), graph).detail
    assert "'tv' may be taken for 'monitor'" in check_naming(draft(("tv",)), graph).detail
    assert check_naming(draft(("lamp",)), graph).detail == "there is no 'lamp'"
