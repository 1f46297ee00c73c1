"""How many things of a kind does a frame show?"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._balance import NO
from spatialgen.families._showing import plainly, shown
from spatialgen.family import (
    Family,
    annotated_all,
    as_options,
    countable_labels,
    draw_tuples,
    frame_name,
    in_turns,
    named_frames,
    pick,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.labels import plural
from spatialgen.records import Frame, Value
from spatialgen.verify.draft import Draft

WORDINGS = (
    "How many {names} can be seen in {frame}?",
    "Count the {names} that are in view in {frame}. How many are there?",
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
    """Ask about categories that the room has several times, where a frame shows any."""
    frames = named_frames(graph)
    asked = [
        (label, frames[i])
        for label in countable_labels(graph)
        for things in [[graph.scene.objects[k] for k in graph.by_label[label]]]
        if len(things) > 1
        for i in np.flatnonzero((shown(frames, things) != NO).any(axis=1)).tolist()
    ]
    drawn = draw_tuples(rng, asked, 1)
    return in_turns(rng, graph, [_draft(graph, rng, *pair) for (pair,) in drawn])


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
        as_options=as_options(rng),
        mentions=(label,),
        margins=(*plainly([(frame, thing) for thing in things]), annotated_all(graph, [label])),
        derive=derive,
        frames=(frame.index,),
    )


FAMILY = Family("visible_count", "how many things of a category a frame shows", ask)
