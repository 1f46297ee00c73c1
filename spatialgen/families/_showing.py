"""What families share that ask what frames show and do not show.

A frame shows a thing where it does so clearly, and does not where nothing of it
is seen; what is hardly seen, hidden or cut off, is not asked about.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.families._balance import NO, UNCLEAR, YES
from spatialgen.families._views import clear_view, is_clear
from spatialgen.family import named_frames, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, SceneObject
from spatialgen.verify.draft import Margin

#: A family looks at so many frames and so many things of a scene, in drawn choice.
MOST_FRAMES, MOST_THINGS = 48, 30


def some_frames(graph: SceneGraph, rng: np.random.Generator) -> list[Frame]:
    """Return frames to ask about in the order of time, of many a drawn choice."""
    frames = named_frames(graph)
    return [frames[i] for i in sorted(rng.permutation(len(frames))[:MOST_FRAMES])]


def some_things(graph: SceneGraph, rng: np.random.Generator) -> list[SceneObject]:
    """Return things that the room has once in the order of their names, of many a drawn choice."""
    labels = single_labels(graph)
    return [graph.only(labels[i]) for i in sorted(rng.permutation(len(labels))[:MOST_THINGS])]


def shown(frames: Sequence[Frame], things: Sequence[SceneObject]) -> NDArray[np.int8]:
    """Return whether each frame shows each thing, (frames, things): YES, NO or UNCLEAR."""
    found = np.full((len(frames), len(things)), NO, dtype=np.int8)
    for i, frame in enumerate(frames):
        for k, thing in enumerate(things):
            if thing.id in frame.seen:
                found[i, k] = YES if is_clear(frame, thing) else UNCLEAR
    return found


def plainly(pairs: Sequence[tuple[Frame, SceneObject]]) -> tuple[Margin, ...]:
    """Return the margins that what frames show at all of these things they show clearly."""
    seen = [clear_view(frame, thing) for frame, thing in pairs if thing.id in frame.seen]
    return tuple(
        min(margins, key=lambda margin: margin.value) for margins in zip(*seen, strict=True)
    )
