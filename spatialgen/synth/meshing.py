"""The mesh of a scan: a room's surfaces cut into triangles of about one size."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.scan import Floats, Indices
from spatialgen.synth.model import Model
from spatialgen.synth.textures import mix

#: A surface is cut into at most this many pieces each way.
MOST_CUTS = 1000


@dataclass(frozen=True, eq=False)
class Cut:
    """Vertices (v, 3) and triangles (f, 3), and the model's quadrilateral that each comes from."""

    vertices: Floats
    faces: Indices
    vertex_quads: Indices
    face_quads: Indices


def cut(model: Model, spacing: float) -> Cut:
    """Return the model's surfaces with vertices at most ``spacing`` metres apart along edges.

    Quadrilaterals share no vertices.
    """
    quads = model.quads
    edges = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    pieces = np.ceil(np.maximum(edges[:, :2], edges[:, 2:]) / spacing - 1e-9)
    counts = np.clip(pieces, 1, MOST_CUTS).astype(np.int32)
    vertices, faces, of_vertex, of_face, total = [], [], [], [], 0
    for columns, rows in np.unique(counts, axis=0):
        members = np.flatnonzero((counts == (columns, rows)).all(axis=1))
        u, v = np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1)
        weights = np.stack(
            [np.outer(1 - v, 1 - u), np.outer(1 - v, u), np.outer(v, u), np.outer(v, 1 - u)]
        ).reshape(4, -1)
        points = np.einsum("kw,qkc->qwc", weights, quads[members])
        grid = _grid_faces(columns, rows)
        starts = total + np.arange(len(members)) * weights.shape[1]
        vertices.append(points.reshape(-1, 3))
        faces.append((starts[:, None, None] + grid).reshape(-1, 3))
        of_vertex.append(np.repeat(members, weights.shape[1]))
        of_face.append(np.repeat(members, len(grid)))
        total += len(members) * weights.shape[1]
    corners, triangles = np.concatenate(vertices), np.concatenate(faces)
    sides = corners[triangles[:, 1:]] - corners[triangles[:, :1]]
    real = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) > 1e-10
    return Cut(
        vertices=corners,
        faces=triangles[real].astype(np.int32),
        vertex_quads=np.concatenate(of_vertex).astype(np.int32),
        face_quads=np.concatenate(of_face)[real].astype(np.int32),
    )


def _grid_faces(columns: int, rows: int) -> npt.NDArray[np.int64]:
    """Return the triangles (2 * columns * rows, 3) of a grid of vertices, row by row."""
    row, column = np.mgrid[:rows, :columns]
    first = (row * (columns + 1) + column).ravel()
    across, up = first + 1, first + columns + 1
    both = np.stack([first, across, up + 1, first, up + 1, up], axis=1)
    return both.reshape(-1, 3).astype(np.int64)


def colors(model: Model, made: Cut) -> npt.NDArray[np.uint8]:
    """Return the colours (v, 4) of the vertices: red, green, blue, opaque; patterns, no light."""
    quads = made.vertex_quads
    local = made.vertices - model.origins[quads]
    u = np.einsum("ij,ij->i", local, model.along[quads])
    v = np.einsum("ij,ij->i", local, model.across[quads])
    paint = model.paint[quads]
    patterns = np.array([p.pattern for p in model.paints], dtype=np.int8)[paint]
    periods = np.array([p.period for p in model.paints])[paint]
    share = mix(patterns, u, v, periods, np.zeros(len(quads)))[:, None]
    both = np.array([(p.first, p.second) for p in model.paints])[paint]
    mixed = both[:, 0] * (1 - share) + both[:, 1] * share
    opaque = np.full((len(quads), 1), 255.0)
    return np.concatenate([np.clip(mixed * 255 + 0.5, 0, 255), opaque], axis=1).astype(np.uint8)
