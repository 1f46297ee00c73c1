"""What is nearest to an object, of all things in the room?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._balance import with_rivals
from spatialgen.families._nearness import derived_gap, nearest_lead
from spatialgen.family import Family, annotated_all, nameable_labels, pick, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft

WORDINGS = (
    "Of everything in the room, what is closest to the {anchor}? Closest points count.",
    "Which kind of object lies nearest to the {anchor}, measured between closest points?",
    "What would you touch first on the shortest way from the {anchor} to any other object?",
)


def program(anchor: str) -> str:
    """Return the program that names the nearest object."""
    return (
        f"def answer(scene: Scene) -> str:\n    return scene.nearest(scene.one({anchor!r})).label\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about every category the room has once, with up to three wrong options."""
    labels = single_labels(graph, unseen=True) if len(graph.by_label) >= 3 else []
    drafts = [_draft(graph, rng, labels[i]) for i in rng.permutation(len(labels))]
    return with_rivals(graph, rng, drafts)


def _draft(graph: SceneGraph, rng: np.random.Generator, anchor: str) -> Draft:
    nearest, margin = nearest_lead(graph, anchor, kinds=True)
    wrong = [name for name in nameable_labels(graph) if name not in (anchor, nearest.label)]
    picked = [wrong[i] for i in rng.permutation(len(wrong))[:3]]
    choices = (nearest.label, *picked)

    def derive(graph: SceneGraph) -> Value:
        others = [label for label in graph.by_label if label != anchor]
        return min(others, key=lambda label: derived_gap(graph, anchor, label))

    return Draft(
        question_type="nearest_object",
        question=pick(rng, WORDINGS).format(anchor=anchor),
        program=program(anchor),
        kind="choice",
        choices=choices,
        unique=(anchor,),
        mentions=choices,
        margins=(margin, annotated_all(graph, graph.scene.counts)),
        derive=derive,
    )


FAMILY = Family("nearest_object", "what is nearest to an object, of everything", ask)
