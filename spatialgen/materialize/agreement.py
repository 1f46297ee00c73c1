"""Whether one's own scan is the scan that a published scene was made from.

Questions hold for a room as it was annotated and filmed. So the own scan has to have the
same objects, by id and label, with boxes at the same place, and for every frame that is
wanted one with the same pose. Exports of a video number its frames in different ways:
a frame that is not at its published position is looked for by its pose.
"""

from dataclasses import dataclass

import numpy as np

from spatialgen.graph.boxes import corners, stack
from spatialgen.records import Frame, Scene, SceneObject
from spatialgen.scan import Floats, Recording

#: Metres that corners of boxes may be apart, and cameras: rounding, and another fit.
TOLERANCE_M = 0.02
#: The same for turns: the largest difference of two rotation matrices' elements, about a degree.
TOLERANCE_TURN = 0.02

# Objects that a message names.
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Why a scan is not the published one; reasons are ``other_objects``, ``other_boxes``."""

    reason: str
    detail: str


def disagreement(published: Scene, own: Scene) -> Disagreement | None:
    """Return in what the objects of a scan differ from the published ones, or None."""
    theirs = {thing.id: thing for thing in published.objects}
    ours = {thing.id: thing for thing in own.objects}
    named = {id: thing.label for id, thing in theirs.items()}
    if named != {id: thing.label for id, thing in ours.items()}:
        return Disagreement("other_objects", _difference(theirs, ours))
    if not theirs:
        return None
    apart = _apart(list(theirs.values()), [ours[id] for id in theirs])
    worst = int(np.argmax(apart))
    if not apart[worst] <= TOLERANCE_M:
        thing = published.objects[worst]
        detail = f"{thing.label} ({thing.id}) is {apart[worst]:.3g} m off"
        return Disagreement("other_boxes", detail)
    return None


def positions(published: tuple[Frame, ...], own: Recording) -> dict[int, int]:
    """Return where in the recording each published frame is, by its index.

    Frames that no pose of the recording agrees with are left out.
    """
    at = {int(index): position for position, index in enumerate(own.indices)}
    found: dict[int, int] = {}
    for frame in published:
        pose = np.array(frame.pose)
        same = at.get(frame.index)
        if same is not None and _agrees(pose, own.poses[same : same + 1])[0]:
            found[frame.index] = same
            continue
        agreeing = np.flatnonzero(_agrees(pose, own.poses))
        if len(agreeing):
            # Of a camera that stood still, the picture nearest in time.
            nearest = np.argmin(np.abs(own.times_s[agreeing] - frame.time_s))
            found[frame.index] = int(agreeing[nearest])
    return found


def _difference(theirs: dict[str, SceneObject], ours: dict[str, SceneObject]) -> str:
    missing = [f"{thing.label} ({id})" for id, thing in theirs.items() if id not in ours]
    added = [f"{thing.label} ({id})" for id, thing in ours.items() if id not in theirs]
    renamed = [
        f"{theirs[id].label} is called {ours[id].label} ({id})"
        for id in theirs
        if id in ours and theirs[id].label != ours[id].label
    ]
    parts = {"without": missing, "with": added, "and": renamed}
    told = [f"{word} {_some(names)}" for word, names in parts.items() if names]
    return f"{len(ours)} objects where {len(theirs)} were published: {'; '.join(told)}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more


def _apart(theirs: list[SceneObject], ours: list[SceneObject]) -> Floats:
    """Return how far the corners of boxes (n,) are from the nearest ones of their partners."""
    with np.errstate(over="ignore", invalid="ignore"):  # anything may have been published
        a, b = (corners(stack([thing.box for thing in things])) for things in (theirs, ours))
        between = np.linalg.norm(a[:, :, None] - b[:, None], axis=-1)
    return np.asarray(np.maximum(between.min(axis=2).max(axis=1), between.min(axis=1).max(axis=1)))


def _agrees(pose: Floats, others: Floats) -> np.typing.NDArray[np.bool_]:
    """Say which of the poses (n, 4, 4) is the pose (3, 4)."""
    moved = np.abs(others[:, :3, 3] - pose[:, 3]).max(axis=1)
    turned = np.abs(others[:, :3, :3] - pose[:, :3]).max(axis=(1, 2))
    return np.asarray((moved <= TOLERANCE_M) & (turned <= TOLERANCE_TURN))
