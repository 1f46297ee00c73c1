"""Does a frame show a thing of a kind? (EmbSpatial)"""

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from spatialgen.families._balance import NO, UNCLEAR, YES
from spatialgen.families._showing import MOST_THINGS, shown, some_frames
from spatialgen.families._views import clear_view
from spatialgen.family import Family, annotated_all, frame_name, nameable_labels, pick
from spatialgen.graph.build import SceneGraph
from spatialgen.labels import with_article
from spatialgen.records import Frame, SceneObject, Value
from spatialgen.verify.draft import Draft, Margin

#: Of a category so many frames that show it are asked about, and as many that do not.
MOST_PAIRS = 5

WORDINGS = (
    "Can {one} be seen in {frame}?",
    "Does {frame} show {one}?",
    "Look at {frame}. Can you see {one} there?",
)


def program(label: str, frame: int) -> str:
    """Return the program that tells whether a frame shows anything of a category."""
    return (
        "def answer(scene: Scene) -> bool:\n"
        f"    frame = scene.frame({frame})\n"
        f"    return any([scene.visible(thing, frame) for thing in scene.all({label!r})])\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about categories that some frames show and others do not, equally often each.

    Two questions at a time are about one category, so that its name does not tell
    which of them is which. What no frame shows, or every one, is not asked about.
    """
    frames = some_frames(graph, rng)
    names = nameable_labels(graph)
    labels = [names[i] for i in rng.permutation(len(names))[:MOST_THINGS]]
    pairs: list[list[tuple[Draft, Draft]]] = []
    unclear: list[Draft] = []
    for label in labels:
        verdicts = _verdicts(frames, _things(graph, label))
        drafts = {
            verdict: [
                _draft(graph, rng, label, frames[i])
                for i in rng.permutation(np.flatnonzero(verdicts == verdict))[:MOST_PAIRS]
            ]
            for verdict in (YES, NO, UNCLEAR)
        }
        pairs.append(list(zip(drafts[YES], drafts[NO], strict=False)))
        unclear += drafts[UNCLEAR]
    hazy = (unclear[i] for i in rng.permutation(len(unclear)))
    for row in zip_longest(*pairs):
        for pair in filter(None, row):
            yield from (pair[i] for i in rng.permutation(2))
            yield from islice(hazy, 1)


def _things(graph: SceneGraph, label: str) -> list[SceneObject]:
    return [graph.scene.objects[i] for i in graph.by_label[label]]


def _verdicts(frames: Sequence[Frame], things: Sequence[SceneObject]) -> NDArray[np.int8]:
    """Return whether each frame shows any of the things, (frames,): YES, NO or UNCLEAR."""
    found = shown(frames, things)
    some, hazy = ((found == verdict).any(axis=1) for verdict in (YES, UNCLEAR))
    return np.select([some, hazy], [YES, UNCLEAR], NO).astype(np.int8)


def _draft(graph: SceneGraph, rng: np.random.Generator, label: str, frame: Frame) -> Draft:
    def derive(graph: SceneGraph) -> Value:
        seen = graph.frame(frame.index).seen
        return label in {thing.label for thing in graph.scene.objects if thing.id in seen}

    return Draft(
        question_type="visible_object",
        question=pick(rng, WORDINGS).format(one=with_article(label), frame=frame_name(frame)),
        program=program(label, frame.index),
        kind="choice",
        choices=("yes", "no"),
        mentions=(label,),
        margins=(*_best_view(frame, _things(graph, label)), annotated_all(graph, [label])),
        derive=derive,
        frames=(frame.index,),
    )


def _best_view(frame: Frame, things: Sequence[SceneObject]) -> tuple[Margin, ...]:
    """Return the margins that a frame shows one of the things clearly, if any at all."""
    views = [clear_view(frame, thing) for thing in things if thing.id in frame.seen]
    return max(views, key=lambda view: min(each.value / each.needed for each in view), default=())


FAMILY = Family("visible_object", "whether a frame shows a thing of a category", ask)
