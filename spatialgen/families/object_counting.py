"""How many of a category are there? (VSI-Bench)"""

from collections.abc import Iterator

import numpy as np

from spatialgen.family import Family, annotated_all, countable_labels, pick
from spatialgen.graph.build import SceneGraph
from spatialgen.labels import plural
from spatialgen.records import Value
from spatialgen.verify.draft import Draft

#: One of a kind is not worth counting.
FEWEST = 2

WORDINGS = (
    "How many {plural} can you count in this room?",
    "What is the total number of {plural} in the room shown?",
    "Going through the whole room, how many {plural} are there?",
    "Count the {plural} in this room. How many are there?",
)


def program(label: str) -> str:
    """Return the program that counts a category."""
    return f"def answer(scene: Scene) -> int:\n    return scene.count({label!r})\n"


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask for every category that the room has several times, in random order.

    One that a video does not show all of is asked about too, and rejected.
    """
    counts = graph.scene.counts
    labels = [
        label for label in countable_labels(graph, unseen=True) if counts.get(label, 0) >= FEWEST
    ]
    for i in rng.permutation(len(labels)):
        yield _draft(graph, rng, labels[i])


def _draft(graph: SceneGraph, rng: np.random.Generator, label: str) -> Draft:
    def derive(graph: SceneGraph) -> Value:
        return sum(thing.label == label for thing in graph.scene.objects)

    return Draft(
        question_type="object_counting",
        question=pick(rng, WORDINGS).format(plural=plural(label)),
        program=program(label),
        kind="number",
        decimals=0,
        mentions=(label,),
        # What is counted and has no box may be nowhere in the video.
        margins=(annotated_all(graph, (label,)),) if graph.scene.frames else (),
        derive=derive,
    )


FAMILY = Family("object_counting", "how many objects of a category the room holds", ask)
