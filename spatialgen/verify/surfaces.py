"""Would the answer be the same had distances been measured from surface to surface?"""

import ast

import numpy as np
from numpy.typing import NDArray

from spatialgen.graph.build import SceneGraph
from spatialgen.programs.executor import Executor
from spatialgen.programs.world import world
from spatialgen.records import Value
from spatialgen.verify.answers import agree
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.uses import Uses, parse

#: What of the query language tells distances between boxes.
DISTANCES = frozenset(
    ("distance", "label_distance", "by_distance", "nearest", "farthest", "within")
)


def check_surfaces(
    draft: Draft, graph: SceneGraph, uses: Uses, value: Value, executor: Executor
) -> Check:
    """Run the program once more with the distances that a mesh tells; reason ``surface_gap``.

    Those count from and to everything of a category that the program names. Where a
    program asks for no distance, or the scene has no mesh, the figures say so.
    """
    if not _asks_for_distance(draft.program):
        return Check("surfaces", figures={"needed": False})
    gaps, known = _measured(graph, uses)
    if not known:
        return Check("surfaces", figures={"available": False})
    again = executor.run(draft.program, executor.stage(world(graph, measured=gaps)))
    if again.ok and agree(draft, value, again.value):
        return Check("surfaces", figures={"available": True, "pairs": known})
    other = repr(again.value) if again.ok else f"{again.outcome}: {again.detail}"
    detail = f"{value!r} between boxes is {other} between surfaces"
    return Check("surfaces", "surface_gap", detail[:300])


def _asks_for_distance(program: str) -> bool:
    tree = parse(program)
    if tree is None:
        return False
    return any(
        isinstance(node, ast.Attribute) and node.attr in DISTANCES for node in ast.walk(tree)
    )


def _measured(graph: SceneGraph, uses: Uses) -> tuple[NDArray[np.float64], int]:
    # The gaps with those between surfaces where they are known, and how many these are.
    gaps = graph.gaps.copy()
    named = [i for label in sorted(uses.labels) for i in graph.by_label.get(label, ())]
    known = 0
    for i in named:
        for j in range(len(gaps)):
            gap = graph.surfaces.gap(i, j) if i != j else None
            if gap is not None:
                gaps[i, j] = gaps[j, i] = gap
                known += 1
    return gaps, known
