"""How many of a category lie within a distance of an object?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._nearness import APART_M
from spatialgen.family import (
    MOST_DRAWN,
    Family,
    annotated_all,
    countable_labels,
    in_turns,
    pick,
    single_labels,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.labels import plural
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import closest_distance

RADII_M = (1.0, 1.5, 2.0, 2.5, 3.0)

WORDINGS = (
    "How many {plural} are within {radius} of the {anchor}? Closest points count.",
    "Counting only {plural} whose closest point is at most {radius} from the {anchor}, "
    "how many are there?",
)


def program(label: str, anchor: str, radius: float) -> str:
    """Return the program that counts a category within a radius of an object."""
    return (
        "def answer(scene: Scene) -> int:\n"
        f"    anchor = scene.one({anchor!r})\n"
        f"    return len(scene.within(anchor, {radius!r}, scene.all({label!r})))\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask for categories that the room has several times, each about several anchors."""
    several = [
        label for label in countable_labels(graph, unseen=True) if len(graph.by_label[label]) > 1
    ]
    pairs = [(label, anchor) for label in several for anchor in single_labels(graph)]
    drawn = [pairs[i] for i in rng.permutation(len(pairs))[:MOST_DRAWN]]
    drafts = [_draft(graph, rng, label, anchor, pick(rng, RADII_M)) for label, anchor in drawn]
    return in_turns(rng, graph, drafts)


def _draft(
    graph: SceneGraph, rng: np.random.Generator, label: str, anchor: str, radius: float
) -> Draft:
    indices = list(graph.by_label[label])
    gaps = graph.gaps[graph.by_label[anchor][0], indices]

    def derive(graph: SceneGraph) -> Value:
        start = graph.only(anchor).box
        return sum(
            closest_distance(start, thing.box) <= radius
            for thing in graph.scene.objects
            if thing.label == label
        )

    return Draft(
        question_type="object_counting_near",
        question=pick(rng, WORDINGS).format(
            plural=plural(label),
            anchor=anchor,
            radius=f"{radius:g} meter" if radius == 1 else f"{radius:g} meters",
        ),
        program=program(label, anchor, radius),
        kind="number",
        decimals=0,
        unique=(anchor,),
        mentions=(label,),
        margins=(
            annotated_all(graph, (label,)),
            Margin("count", int((gaps <= radius).sum()), 1),
            Margin("edge_m", float(np.abs(gaps - radius).min()), APART_M),
        ),
        derive=derive,
    )


FAMILY = Family("object_counting_near", "how many of a category are near an object", ask)
