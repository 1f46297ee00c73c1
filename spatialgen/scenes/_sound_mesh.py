"""Meshes without the vertices that no scanner measured."""

import numpy as np
import numpy.typing as npt

from spatialgen.scan import Floats, Indices
from spatialgen.scenes._faults import Faults

#: Coordinates beyond this many metres belong to no room.
FARTHEST = 1e4


def sound_mesh(
    vertices: Floats, faces: Indices, faults: Faults
) -> tuple[Floats, Indices, npt.NDArray[np.bool_]]:
    """Return all vertices (v, 3), the faces (f, 3) that have only sound ones, and which are (v,).

    A vertex that is not finite, or out of reach, is put at the origin, so that the
    numbers of the others stay.
    """
    with np.errstate(invalid="ignore"):
        sound = np.asarray((np.abs(vertices) <= FARTHEST).all(axis=1))
    if sound.all():
        return vertices, faces, sound
    lost = int((~sound).sum())
    detail = f"{lost} of {len(sound)} vertices are not finite or far away, dropped"
    faults.add("bad_vertex", "mesh", detail)
    return np.where(sound[:, None], vertices, 0.0), faces[sound[faces].all(axis=1)], sound
