"""The mesh of a ScanNet++ scan with what annotators marked on it: objects, boxes, the room."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.fitting.box import fit_box
from spatialgen.fitting.floor import fit_room
from spatialgen.records import Box, Note, Room
from spatialgen.scan import Floats, Indices, Mesh
from spatialgen.scenes import _files as files
from spatialgen.scenes import _segments as segments
from spatialgen.scenes._annotated_box import read_box
from spatialgen.scenes._boxed_mesh import owners_by_boxes
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._labels_tsv import meaning
from spatialgen.scenes._room_parts import points_of_parts
from spatialgen.scenes._sound_mesh import read_mesh
from spatialgen.scenes._things import Things

MESH, SEGMENTS, GROUPS = "mesh_aligned_0.05.ply", "segments.json", "segments_anno.json"

_Truths: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Body:
    """What is in a scan; ``mesh`` is None where it can't be used.

    ``annotated`` tells whether objects are marked.
    """

    things: Things
    mesh: Mesh | None
    room: Room
    annotated: bool


def read(folder: Path, faults: Faults) -> Body:
    """Return the body of a scan from its folder ``scans``.

    Raises SceneError: bad_annotation, bad_json, duplicate_key, too_deep, foreign_annotation,
    too_many_objects.
    """
    annotated = files.is_file(folder / GROUPS)
    if not annotated:
        detail = "there is no such file (test scans are not annotated): nothing is asked of objects"
        faults.add("missing_annotation", GROUPS, detail)
    groups = segments.read_groups(folder / GROUPS, faults) if annotated else []
    parts = [meaning(group.label, {}).part for group in groups]
    surface = read_mesh(folder / MESH, faults)
    of_vertex = None
    if surface is not None and annotated:
        of_vertex = _owners(folder / SEGMENTS, surface[2], groups, faults)
    none = [np.zeros(0, dtype=np.int32)] * len(groups)
    members = none if of_vertex is None else segments.members(of_vertex, len(groups))
    things = Things(faults)
    object_of = np.full(len(groups) + 1, -1, dtype=np.int32)  # the last is for the owner -1
    for number, (group, part) in enumerate(zip(groups, parts, strict=True)):
        if part is None:
            points = None if surface is None else surface[0][members[number]]
            index = things.add(group.label, _box(group, points, faults))
            object_of[number] = -1 if index is None else index
    if surface is None:
        return Body(things, None, Room(), annotated)
    vertices, faces, _ = surface
    if of_vertex is None:
        owners = owners_by_boxes(vertices, faces, [thing.box for thing in things.objects])
    else:
        owners = segments.face_owners(object_of[of_vertex], faces)
    room = _room(vertices, faces, members, parts)
    return Body(things, Mesh(vertices, faces, owners), room, annotated)


def _owners(
    path: Path, sound: _Truths, groups: Sequence[segments.Group], faults: Faults
) -> Indices | None:
    """Return the group of every vertex, -1 where it is not sound; None where it can't be told."""
    try:
        of_vertex = segments.read_segments(path, len(sound))
    except SceneError as error:
        detail = f"{reason(error)}; a triangle belongs to the box that holds it"
        faults.add("missing_segments", path.name, detail)
        return None
    owners = segments.vertex_owners(of_vertex, groups, faults)
    return np.where(sound, owners, -1).astype(np.int32)


def _box(group: segments.Group, points: Floats | None, faults: Faults) -> Box | Note:
    """Return the annotated box, else one around the vertices."""
    box = read_box(group.obb)
    if isinstance(box, Box) or points is None:
        return box
    fitted = fit_box(points)
    if fitted is None:
        return box
    faults.add("fitted_box", group.label, f"{box.detail} in its obb; its vertices tell the box")
    return fitted


def _room(
    vertices: Floats, faces: Indices, members: Sequence[Indices], parts: Sequence[str | None]
) -> Room:
    """Return the room, from the groups of its parts; without a floor among them, from all."""
    points = points_of_parts(vertices, members, parts)
    if not len(points["floor"]):
        points[None] = vertices[np.unique(faces)]
    return fit_room(points["floor"], points[None], points["wall"], points["ceiling"])
