"""What families share that ask what frames show and do not show.

A frame shows a thing where it does so clearly, and does not where nothing of it
is seen; what is hardly seen, hidden or cut off, is not asked about.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.families._balance import NO, UNCLEAR, YES
from spatialgen.families._views import clear_view, is_clear
from spatialgen.records import Frame, SceneObject
from spatialgen.verify.draft import Margin


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
