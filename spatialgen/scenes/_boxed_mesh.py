"""A mesh of which only boxes are annotated: whose its triangles are."""

from collections.abc import Sequence

import numpy as np

from spatialgen.records import Box
from spatialgen.scan import Floats, Indices

#: The lowest part of a box, in metres, is where the floor or a table top runs through it.
STANDS_ON = 0.02


def owners_by_boxes(vertices: Floats, faces: Indices, boxes: Sequence[Box]) -> Indices:
    """Return the box that each face (f,) of a mesh belongs to, -1 for none.

    It is the smallest box that holds the face's middle, but for what it stands on.
    """
    owners = np.full(len(faces), -1, dtype=np.int32)
    middles = vertices[faces].mean(axis=1)
    order = np.argsort(middles[:, 0], kind="stable")
    along = middles[order, 0]
    volumes = [float(np.prod(box.size)) for box in boxes]
    # The largest first, so that the smallest has the last word.
    for number in sorted(range(len(boxes)), key=lambda i: (-volumes[i], -i)):
        box = boxes[number]
        center, axes, half = np.array(box.center), np.array(box.axes), np.array(box.size) / 2
        reach = np.abs(axes.T) @ half
        start, end = np.searchsorted(along, [center[0] - reach[0], center[0] + reach[0]])
        near = order[start:end]
        away = middles[near] - center
        inside = (np.abs(away @ axes.T) <= half).all(axis=1)
        inside &= away[:, 2] >= min(STANDS_ON, reach[2]) - reach[2]
        owners[near[inside]] = number
    return owners
