"""Rooms in which boxes are mostly air: what they tell is asked where surfaces agree."""

from pathlib import Path

import pytest

from spatialgen.families import (
    nearest_object,
    object_abs_distance,
    object_distance_order,
    object_rel_distance,
)
from spatialgen.families._nearness import surface_gap
from spatialgen.family import Family
from spatialgen.graph.build import build
from spatialgen.graph.surfaces import NO_SURFACES, Surfaces, surfaces
from spatialgen.pipeline import Plan, Worker
from spatialgen.programs.executor import Executor
from spatialgen.records import Box
from spatialgen.rng import generator
from spatialgen.scenes import open_scenes
from spatialgen.verify.draft import Draft
from tests.graph.test_surfaces import LOW, TABLE, TABLE_PARTS, scan_of, solid
from tests.scenes import made_scannet
from tests.scenes_by_hand import scene_of, thing

# From the low box it is 0.3 m to the table's box, and 0.72 m to the table itself; to
# the stool it is 0.55 m, and to the others far more.
STOOL = solid(1.5, -1, 0.2, 0.4, 0.5, 0.4)
CHEST = solid(1.5, 2.5, 0.5, 1, 1, 1)
SOFA = solid(1.5, 5, 0.5, 1, 1, 1)
NAMES = ("table", "bin", "stool", "chest", "sofa")
BOXES = (TABLE, LOW, STOOL, CHEST, SOFA)
SCENE = scene_of(
    [thing(f"{name}-1", box.center, box.size) for name, box in zip(NAMES, BOXES, strict=True)]
)


def measured(table: list[Box]) -> Surfaces:
    """Return the surfaces of the room where the table is made of these parts."""
    return surfaces(scan_of((TABLE, table), *((box, [box]) for box in BOXES[1:])))


def drafts(family: Family, known: Surfaces, *names: str) -> list[Draft]:
    """Return the drafts that are about these, among others."""
    asked = family.ask(build(SCENE, known), generator(0, "test"))
    return [draft for draft in asked if {*names} <= {*draft.unique, *draft.mentions}]


def holding(drafts: list[Draft]) -> set[bool]:
    return {all(m.value >= m.needed for m in draft.margins) for draft in drafts}


def test_a_distance_is_asked_where_surfaces_agree() -> None:
    family, about = object_abs_distance.FAMILY, ("bin", "table")
    assert holding(drafts(family, NO_SURFACES, *about)) == {True}
    assert holding(drafts(family, measured([TABLE]), *about)) == {True}
    assert holding(drafts(family, measured(TABLE_PARTS), *about)) == {False}
    assert holding(drafts(family, measured(TABLE_PARTS), "bin", "stool")) == {True}


@pytest.mark.parametrize(
    "family", [object_rel_distance.FAMILY, object_distance_order.FAMILY], ids=lambda f: f.name
)
def test_distances_are_compared_where_surfaces_agree(family: Family) -> None:
    def from_bin(known: Surfaces) -> list[Draft]:
        found = drafts(family, known, "bin", "table", "stool")
        return [draft for draft in found if draft.unique[0] == "bin"]

    assert holding(from_bin(NO_SURFACES)) == {True}
    assert holding(from_bin(measured([TABLE]))) == {True}
    assert holding(from_bin(measured(TABLE_PARTS))) == {False}


def test_what_is_nearest_is_so_by_its_surface() -> None:
    def apart(known: Surfaces) -> float:
        graph = build(SCENE, known)
        (asked,) = [
            d for d in nearest_object.FAMILY.ask(graph, generator(0, "t")) if d.unique[0] == "bin"
        ]
        return next(m.value for m in asked.margins if m.name == "apart_m")

    assert apart(NO_SURFACES) == pytest.approx(0.25)
    assert apart(measured([TABLE])) == pytest.approx(0.25, abs=0.02)
    assert apart(measured(TABLE_PARTS)) == pytest.approx(0.55 - 0.716, abs=0.02)


def test_of_several_of_a_kind_the_nearest_surface_counts() -> None:
    """The table's box is nearest to the bin, a second one's surface is."""
    second = solid(1.5, -3, 0.4, 2, 2, 0.8)
    boxes = (TABLE, LOW, second)
    scene = scene_of(
        [
            thing(id, box.center, box.size)
            for id, box in zip(("t-1", "b-1", "t-2"), boxes, strict=True)
        ]
    )
    nearest = 1.8  # from the bin's side at y -0.2 to the second one's at y -2

    def gap(*parts: list[Box]) -> float | None:
        known = surfaces(scan_of((TABLE, parts[0]), (LOW, [LOW]), (second, parts[1])))
        return surface_gap(build(scene, known), "b", "t")

    assert gap([TABLE], [second]) == pytest.approx(0.3, abs=0.02)
    assert gap(TABLE_PARTS, [second]) == pytest.approx(0.716, abs=0.02)
    assert gap([solid(-0.9, 0, 0.4, 0.2, 2, 0.8)], [second]) == pytest.approx(nearest, abs=0.02)
    assert gap([TABLE], []) == pytest.approx(0.3, abs=0.02)
    assert gap([], [second]) is None


def test_a_scan_is_asked_about_with_its_surfaces(tmp_path: Path) -> None:
    made_scannet.save(made_scannet.room(), tmp_path)
    (ref,) = open_scenes([tmp_path]).refs
    with Executor() as executor:
        rows = Worker(Plan(("object_abs_distance",), 5, 0), executor).work(ref)
    (row,) = rows.questions
    margin = row["checks"]["margin"]
    assert 0 < margin["surfaces_agree_m"] <= 0.1 * margin["distance_m"]
