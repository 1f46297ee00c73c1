"""Which of these objects is the longest, the shortest, or in between?"""

from spatialgen.families._ranking import ranking_family
from spatialgen.graph.boxes import longest_sides
from spatialgen.verify.reference import longest_side_cm

WORDINGS = (
    "Going by its longest side, which is the {which}: {names}?",
    "Compare the longest side of each. Which is the {which}: {names}?",
)

PLACES = ("longer", "shorter", "longest", "shortest")


def program(names: tuple[str, ...], place: int) -> str:
    """Return the program that names the object on a place by longest side, 0 for the longest."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    things = [scene.one(name) for name in {list(names)!r}]\n"
        "    ranked = sorted(things, key=lambda thing: thing.longest, reverse=True)\n"
        f"    return ranked[{place}].label\n"
    )


FAMILY = ranking_family(
    "object_size_comparison",
    "which object has which place by its longest side",
    WORDINGS,
    PLACES,
    program,
    longest_sides,
    longest_side_cm,
)
