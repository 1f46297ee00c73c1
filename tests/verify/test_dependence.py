"""An answer that the program holds, or that every room gives, is none of this room's."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from spatialgen.graph.build import SceneGraph, build
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.world import world
from spatialgen.rng import generator
from spatialgen.verify.dependence import ROOMS, check_dependence, rearranged, rearranged_stages
from spatialgen.verify.draft import Draft
from tests.filmed_rooms import filmed

SCENE = filmed(0, 0)
GRAPH = build(SCENE)
ONES = [label for label in GRAPH.by_label if SCENE.counts.get(label) == 1][:3]
MANY = next(label for label in GRAPH.by_label if len(GRAPH.by_label[label]) > 1)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


@pytest.fixture(scope="module")
def others(executor: Executor) -> tuple[Stage, ...]:
    return rearranged_stages(GRAPH, executor, generator(0, "others"))


A, B, C = ONES
GAP = f"scene.distance(scene.one({A!r}), scene.one({B!r}))"


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        pytest.param(f"return round({GAP}, 2)", "number", None, id="a distance"),
        pytest.param("return round(scene.room_area(), 1)", "number", None, id="the room"),
        pytest.param(f"return scene.count({MANY!r})", "number", None, id="a count"),
        pytest.param(f"return len(scene.all({MANY!r}))", "number", None, id="a count of boxes"),
        pytest.param(
            f"return scene.left_or_right(scene.one({A!r}), scene.one({B!r}), scene.one({C!r}))",
            "choice",
            None,
            id="a side",
        ),
        pytest.param(
            f"return round(scene.first_seen(scene.one({A!r})), 1)", "number", None, id="a time"
        ),
        pytest.param(
            "return round(scene.camera_moved(scene.frames[0], scene.frames[9]), 2)",
            "number",
            None,
            id="the camera",
        ),
        pytest.param(
            f"scene.one({A!r})\n    return 1.7", "number", "always_same", id="looked up for show"
        ),
        pytest.param(
            f"return 'left' if {GAP} >= 0 else 'right'", "choice", "always_same", id="a tautology"
        ),
        pytest.param(
            f"if round(scene.room_area(), 3) != {round(SCENE.room.area or 0, 3)}:\n"
            "        raise ValueError('not this room')\n    return 1.7",
            "number",
            "answer_in_program",
            id="only for this room",
        ),
    ],
)
def test_dependence(
    body: str, kind: str, reason: str | None, executor: Executor, others: tuple[Stage, ...]
) -> None:
    draft = replace(
        Draft("written_other", "?", f"def answer(scene: Scene):\n    {body}\n", "number"),
        kind=kind,
        choices=("left", "right") if kind == "choice" else (),
    )
    value = executor.run(draft.program, executor.stage(world(GRAPH))).value
    assert value is not None
    check = check_dependence(draft, value, executor, others)
    assert check.reason == reason, check


def test_other_rooms_keep_their_names_and_lose_no_category() -> None:
    for number in range(ROOMS):
        other = build(rearranged(SCENE, generator(0, "other", number)))
        assert other.by_label.keys() == GRAPH.by_label.keys()
        assert all(other.scene.counts[label] >= 1 for label in GRAPH.by_label)
        known = {thing.id for thing in other.scene.objects}
        assert all(set(frame.seen) <= known for frame in other.scene.frames)
        assert set(other.scene.first_seen) <= known


def test_other_rooms_follow_from_the_seed() -> None:
    def again(graph: SceneGraph) -> object:
        return rearranged(graph.scene, generator(3, "x"))

    assert again(GRAPH) == again(GRAPH)
