"""What does an object rest on?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._balance import with_rivals
from spatialgen.family import Family, nameable_labels, pick, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.graph.relations import REST, SupportMargins, support_margins
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import footprint_contains, vertical_extent

#: The object's centre lies this far inside the edge of what it rests on, this far
#: outside of all else, and its bottom this far within what the language's `on` allows.
INSIDE_M = 0.03
TOUCH_M = 0.05

#: Parts of the building hang or stand by themselves, even where furniture ends at their foot.
FIXED = frozenset(("blinds", "curtain", "door", "doorframe", "radiator", "whiteboard", "window"))

WORDINGS = (
    "Which object carries the {label}?",
    "What do you find directly beneath the {label}, carrying it?",
    "Which object, if taken away, would leave the {label} without support?",
)


def program(label: str) -> str:
    """Return the program that names what an object rests on."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    return scene.support_of(scene.one({label!r})).label\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about every category the room has once that rests on an annotated thing."""
    figures = support_margins(graph.boxes)
    names = nameable_labels(graph)
    labels = [label for label in single_labels(graph, unseen=True) if label not in FIXED]
    drafts = [
        _draft(graph, rng, label, bases, figures, names)
        for label in (labels[i] for i in rng.permutation(len(labels)))
        for bases in [_bases(graph, figures, label, 0.0)]
        if bases and len(names) >= 3
    ]
    return with_rivals(graph, rng, drafts)


def _bases(graph: SceneGraph, figures: SupportMargins, label: str, beside: float) -> list[int]:
    """Return what the only object of a label may rest on, the nearest top first.

    ``beside`` is by how many metres its centre may miss them, seen from above.
    """
    me = graph.by_label[label][0]
    near = (figures.inside[me] >= -beside) & (np.abs(figures.rise[me]) <= REST)
    near[me] = False
    found: list[int] = np.flatnonzero(near).tolist()
    return sorted(found, key=lambda base: abs(float(figures.rise[me, base])))


def _draft(
    graph: SceneGraph,
    rng: np.random.Generator,
    label: str,
    bases: list[int],
    figures: SupportMargins,
    names: list[str],
) -> Draft:
    me, base = graph.by_label[label][0], bases[0]
    best = graph.scene.objects[base].label
    wrong = [name for name in names if name not in (label, best)]
    choices = (best, *(wrong[i] for i in rng.permutation(len(wrong))[:3]))

    def derive(graph: SceneGraph) -> Value:
        box = graph.only(label).box
        bottom = box.center[2] - vertical_extent(box) / 2
        carrying = []
        for thing in graph.scene.objects:
            rise = bottom - thing.box.center[2] - vertical_extent(thing.box) / 2
            over = footprint_contains(thing.box, box.center[:2]) >= 0
            if over and abs(rise) <= 0.10 and thing.label != label:
                carrying.append((abs(rise), thing.label))
        return min(carrying)[1] if carrying else "nothing"

    return Draft(
        question_type="object_support",
        question=pick(rng, WORDINGS).format(label=label),
        program=program(label),
        kind="choice",
        choices=choices,
        unique=(label,),
        mentions=choices,
        margins=(
            Margin("only_base", len(_bases(graph, figures, label, INSIDE_M)) == 1, 1),
            Margin("inside_m", float(figures.inside[me, base]), INSIDE_M),
            Margin("touch_m", REST - abs(float(figures.rise[me, base])), TOUCH_M),
        ),
        derive=derive,
    )


FAMILY = Family("object_support", "what an object rests on", ask)
