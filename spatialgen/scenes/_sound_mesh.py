"""Meshes without the vertices that no scanner measured."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.scan import Floats, Indices
from spatialgen.scenes import _files as files
from spatialgen.scenes import _ply as ply
from spatialgen.scenes._faults import Faults, reason

#: Coordinates beyond this many metres belong to no room.
FARTHEST = 1e4


#: Vertices (v, 3), faces (f, 3), and which of the vertices are sound (v,).
Sound: TypeAlias = tuple[Floats, Indices, npt.NDArray[np.bool_]]


def read_mesh(path: Path, faults: Faults) -> Sound | None:
    """Return the sound mesh in a PLY file; None with a fault where there is no usable one."""
    if not files.is_file(path):
        faults.add("missing_mesh", path.name, "not there: the room can't be measured")
        return None
    try:
        found = ply.read(path)
    except SceneError as error:
        faults.add(error.code, path.name, f"{reason(error)}; not used")
        return None
    return sound_mesh(found.vertices, found.faces, faults)


def sound_mesh(vertices: Floats, faces: Indices, faults: Faults) -> Sound:
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
