"""How many things of a kind does a frame show?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._balance import NO, balanced
from spatialgen.families._showing import plainly, shown, some_frames
from spatialgen.family import (
    Family,
    annotated_all,
    countable_labels,
    frame_name,
    pick,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.labels import plural
from spatialgen.records import Frame, Value
from spatialgen.verify.draft import Draft
from spatialgen.verify.margins import check_margins

WORDINGS = (
    "How many {names} can be seen in {frame}?",
    "Count the {names} in {frame}. How many are there?",
    "Of the {names} in the room, how many does {frame} show?",
)


def program(label: str, frame: int) -> str:
    """Return the program that counts the things of a category in a frame."""
    return (
        "def answer(scene: Scene) -> int:\n"
        f"    shown = scene.visible_objects(scene.frame({frame}))\n"
        f"    return len([thing for thing in shown if thing.label == {label!r}])\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about categories that the room has several times, where a frame shows any.

    Two questions at a time have different answers: one is the most frequent number.
    """
    frames = some_frames(graph, rng)
    asked = [
        (label, frames[i])
        for label in countable_labels(graph)
        for things in [[graph.scene.objects[k] for k in graph.by_label[label]]]
        if len(things) > 1
        for i in np.flatnonzero((shown(frames, things) != NO).any(axis=1)).tolist()
    ]
    numbers: dict[int, list[Draft]] = {}
    unclear: list[Draft] = []
    for i in rng.permutation(len(asked)):
        draft = _draft(graph, rng, *asked[i])
        clear = check_margins(draft).reason is None
        number = draft.derive(graph) if clear and draft.derive else None
        (numbers.setdefault(number, []) if isinstance(number, int) else unclear).append(draft)
    for _, pair in balanced(rng, numbers, 2):
        yield from pair
        yield from unclear[:1]
        del unclear[:1]


def _draft(graph: SceneGraph, rng: np.random.Generator, label: str, frame: Frame) -> Draft:
    things = [graph.scene.objects[i] for i in graph.by_label[label]]

    def derive(graph: SceneGraph) -> Value:
        alike = {thing.id for thing in graph.scene.objects if thing.label == label}
        return len(alike & graph.frame(frame.index).seen.keys())

    return Draft(
        question_type="visible_count",
        question=pick(rng, WORDINGS).format(names=plural(label), frame=frame_name(frame)),
        program=program(label, frame.index),
        kind="number",
        mentions=(label,),
        margins=(*plainly([(frame, thing) for thing in things]), annotated_all(graph, [label])),
        derive=derive,
        frames=(frame.index,),
    )


FAMILY = Family("visible_count", "how many things of a category a frame shows", ask)
