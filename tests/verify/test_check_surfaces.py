"""Distances between boxes that a mesh does not bear out."""

from collections.abc import Iterator

import numpy as np
import pytest

from spatialgen.graph.build import SceneGraph, build
from spatialgen.graph.surfaces import NO_SURFACES, Surfaces
from spatialgen.programs.executor import Executor
from spatialgen.programs.world import world
from spatialgen.verify.draft import Draft
from spatialgen.verify.surfaces import check_surfaces
from spatialgen.verify.uses import uses_of
from tests.rooms_by_hand import put, room

# Between boxes 2 m: from the bed's side at x = 1 to the lamp's at x = 3.
SCENE = room(
    put("bed", 0, 0, size=(2, 2, 0.5)), put("lamp", 3.5, 0, size=(1, 1, 1)), put("sofa", 0, 5)
)


def graph(lamp_x: float) -> SceneGraph:
    """Return the room; its lamp's surface begins at ``lamp_x``."""
    points = {0: [[1.0, 0.0, 0.5]], 1: [[lamp_x, 0.0, 0.5]]}
    return build(SCENE, Surfaces({i: np.array(each) for i, each in points.items()}))


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


GAP = "return round(scene.distance(scene.one('bed'), scene.one('lamp')), 1)"
OTHER = "return round(scene.distance(scene.one('bed'), scene.one('sofa')), 1)"
NEAREST = "return len(scene.within(scene.one('bed'), 2.2))"


@pytest.mark.parametrize(
    ("body", "made", "reason", "figures"),
    [
        pytest.param(GAP, graph(3.1), None, {"available": True, "pairs": 2}, id="near enough"),
        pytest.param(GAP, graph(3.6), "surface_gap", {}, id="too far off"),
        pytest.param(NEAREST, graph(3.6), "surface_gap", {}, id="a count that changes"),
        pytest.param(NEAREST, graph(3.1), None, {"available": True, "pairs": 1}, id="that stays"),
        pytest.param(
            "return scene.one('bed').height", graph(3.6), None, {"needed": False}, id="no distance"
        ),
        pytest.param(
            OTHER, build(SCENE, NO_SURFACES), None, {"available": False}, id="no mesh at all"
        ),
    ],
)
def test_surfaces(
    body: str,
    made: SceneGraph,
    reason: str | None,
    figures: dict[str, object],
    executor: Executor,
) -> None:
    draft = Draft("written_other", "?", f"def answer(scene: Scene):\n    {body}\n", "number")
    value = executor.run(draft.program, executor.stage(world(made))).value
    assert value is not None
    check = check_surfaces(draft, made, uses_of(draft.program, made), value, executor)
    assert (check.reason, check.figures) == (reason, figures)
