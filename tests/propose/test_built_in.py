"""The built-in proposer: which families there are, how they take turns, what chance hangs on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import pytest

from spatialgen.errors import UsageError
from spatialgen.graph.build import SceneGraph, build
from spatialgen.propose.built_in import drafts, families, family_names
from spatialgen.synth.rooms import furnish
from spatialgen.verify.draft import Draft
from tests.filmed_rooms import filmed
from tests.rooms_by_hand import put, room

ROOM = build(filmed(9, 4))

#: The families that the benchmark has too, by its own names.
VSI_BENCH = {
    "object_counting",
    "object_abs_distance",
    "object_size_estimation",
    "room_size_estimation",
    "object_rel_distance",
    "object_rel_direction_easy",
    "object_rel_direction_medium",
    "object_rel_direction_hard",
    "obj_appearance_order",
    "route_planning",
}


def asked(
    names: Sequence[str],
    graph: SceneGraph = ROOM,
    seed: int = 1,
    round_number: int = 0,
    most: int | None = None,
) -> list[Draft]:
    found = drafts(graph, families(names), seed, round_number)
    return [replace(draft, derive=None) for draft in islice(found, most)]


def test_the_benchmarks_families_and_at_least_six_of_our_own() -> None:
    names = set(family_names())
    assert names >= VSI_BENCH
    assert len(names - VSI_BENCH) >= 6
    assert list(family_names()) == sorted(names)


def test_every_family_says_what_it_asks() -> None:
    found = families(family_names())
    assert [family.name for family in found] == list(family_names())
    assert len({family.summary for family in found}) == len(found)
    assert all(1 < len(family.summary.split()) < 12 for family in found)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("object_countin", "did you mean object_counting"),
        ("object-counting", "did you mean object_counting"),
        ("appearance", "Known: "),
        ("_standpoint", "no family"),
    ],
)
def test_an_unknown_family(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        families([name])


def test_families_take_turns_until_none_has_more_to_ask() -> None:
    names = ["object_counting", "object_size_estimation", "room_size_estimation"]
    found = [draft.question_type for draft in asked(names)]
    assert found[:3] == names
    counts = Counter(found)
    assert counts["room_size_estimation"] == 1
    assert counts["object_size_estimation"] > counts["object_counting"] > 1
    # Whoever has something left is asked once in every round.
    turns = counts["object_counting"]
    assert Counter(found[: 2 * turns + 1]) == {**dict.fromkeys(names[:2], turns), names[2]: 1}
    assert set(found[2 * turns + 1 :]) == {"object_size_estimation"}


def test_a_family_asks_the_same_whoever_else_takes_part() -> None:
    def of(kind: str, names: Sequence[str]) -> list[Draft]:
        return [draft for draft in asked(names) if draft.question_type == kind]

    alone = asked(["object_rel_distance"])
    assert len(alone) > 20
    assert of("object_rel_distance", family_names()) == alone
    assert of("object_rel_distance", ["object_rel_distance", "object_between"]) == alone


def test_chance_hangs_on_seed_round_scene_and_nothing_else() -> None:
    names = ["object_abs_distance"]
    first = asked(names)
    assert asked(names) == first
    assert asked(names, seed=2) != first
    assert asked(names, round_number=1) != first
    renamed = build(replace(ROOM.scene, name="another"))
    assert asked(names, renamed) != first
    assert asked(names, build(ROOM.scene)) == first


def test_another_order_of_the_objects_asks_the_same() -> None:
    # Labels are sorted, so the order of objects matters to no draw.
    turned = replace(ROOM.scene, objects=ROOM.scene.objects[::-1])
    for name in family_names():
        assert asked([name], build(turned), most=50) == asked([name], most=50), name


def test_an_empty_room_and_a_lone_thing() -> None:
    assert asked(family_names(), build(room(area=None))) == []
    types = {draft.question_type for draft in asked(family_names(), build(room(put("bed", 0, 0))))}
    assert types == {"object_size_estimation", "room_size_estimation"}


def test_another_family_begins_in_another_scene() -> None:
    chosen = families(family_names())
    begins = {
        next(drafts(build(furnish(3, index)), chosen, seed=0, round_number=0)).question_type
        for index in range(12)
    }
    assert len(begins) > 4
