"""What means the same, and what only looks so."""

import pytest

from spatialgen.graph.build import build
from spatialgen.verify.meaning import meaning
from tests.rooms_by_hand import put, room

GRAPH = build(
    room(
        put("bed", 0, 0, size=(2, 2, 0.5)),
        put("lamp", 3, 0),
        put("sofa", 1, 4),
        put("chair", 0, 3),
        put("chair", 0, -3),
    )
)
BED = next(thing.id for thing in GRAPH.scene.objects if thing.label == "bed")


def of(body: str, value: float | str | bool = 1.2, unit: str | None = None) -> str | None:
    return meaning(f"def answer(scene):\n    {body}\n", GRAPH, value, unit)


GAP = "return round(scene.distance(scene.one('bed'), scene.one('lamp')), 1)"
SIDE = "return scene.left_or_right(scene.one('bed'), scene.one('lamp'), scene.one('sofa'))"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            of(GAP),
            of(
                "a = scene.one('bed')\n    b = scene.one('lamp')\n    return "
                "round(scene.distance(a, b), 1)"
            ),
            id="names of variables",
        ),
        pytest.param(
            of(GAP),
            of("return round(scene.distance(scene.one('lamp'), scene.one('bed')), 1)"),
            id="either way round",
        ),
        pytest.param(
            of(GAP),
            of(f"return round(scene.distance(scene.object({BED!r}), scene.one('lamp')), 1)"),
            id="by its id",
        ),
        pytest.param(
            of(GAP, 1.2, "meters"),
            of(
                "return round(scene.distance(scene.one('bed'), scene.one('lamp')) * 100)",
                120,
                "centimeters",
            ),
            id="another unit",
        ),
        pytest.param(
            of(SIDE, "left"),
            of(
                "stand, face = 1, 2\n    here = scene.one('bed')\n    there = scene.one('lamp')\n"
                "    return scene.left_or_right(here, there, scene.one('sofa'))",
                "left",
            ),
            id="arguments by name",
        ),
    ],
)
def test_the_same(one: str | None, other: str | None) -> None:
    assert one is not None
    assert one == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(of(GAP), of(GAP.replace("lamp", "sofa")), id="another object"),
        pytest.param(of(GAP), of(GAP.replace(".distance", ".center_distance")), id="another way"),
        pytest.param(of(GAP), of(GAP, 1.3), id="another answer"),
        pytest.param(
            of(SIDE, "left"),
            of(
                "return scene.left_or_right(scene.one('lamp'), scene.one('bed'), "
                "scene.one('sofa'))",
                "left",
            ),
            id="the other way round",
        ),
        pytest.param(
            of("return len(scene.within(scene.one('bed'), 1.5))", 2),
            of("return len(scene.within(scene.one('bed'), 2.5))", 2),
            id="another radius",
        ),
        pytest.param(
            of("return scene.one('bed').height"), of("return scene.one('bed').longest"), id="size"
        ),
        pytest.param(
            of("return scene.count('chair')", 2), of("return scene.count('bed')", 1), id="count"
        ),
    ],
)
def test_not_the_same(one: str | None, other: str | None) -> None:
    assert None not in (one, other)
    assert one != other


@pytest.mark.parametrize("body", ["return 1", "return (", "return 'bed'"])
def test_without_meaning(body: str) -> None:
    assert of(body) is None
