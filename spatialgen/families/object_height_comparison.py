"""Which of these objects is the tallest, the shortest, or in between?"""

from spatialgen.families._ranking import ranking_family
from spatialgen.graph.boxes import heights
from spatialgen.verify.reference import vertical_extent

WORDINGS = (
    "Measured from bottom to top, which is the {which}: {names}?",
    "Going by height alone, wherever they stand, which is the {which}: {names}?",
)

PLACES = ("taller", "shorter", "tallest", "shortest")


def program(names: tuple[str, ...], place: int) -> str:
    """Return the program that names the object on a place by height, 0 for the tallest."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    things = [scene.one(name) for name in {list(names)!r}]\n"
        "    ranked = sorted(things, key=lambda thing: thing.height, reverse=True)\n"
        f"    return ranked[{place}].label\n"
    )


FAMILY = ranking_family(
    "object_height_comparison",
    "which object has which place by height",
    WORDINGS,
    PLACES,
    program,
    heights,
    vertical_extent,
)
