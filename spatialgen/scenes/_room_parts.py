"""The measured points of a room, sorted by the part of it that they belong to."""

from collections.abc import Sequence

import numpy as np

from spatialgen.scan import Floats, Indices

PARTS = ("floor", "wall", "ceiling")


def points_of_parts(
    vertices: Floats, members: Sequence[Indices], parts: Sequence[str | None]
) -> dict[str | None, Floats]:
    """Return the points (n, 3) of each of PARTS, and those of things under None.

    ``members`` are the vertices of each group, ``parts`` what each group is part of.
    """
    none = np.zeros(0, dtype=np.int32)
    return {
        part: vertices[
            np.concatenate([none, *(m for m, p in zip(members, parts, strict=True) if p == part)])
        ]
        for part in (*PARTS, None)
    }
