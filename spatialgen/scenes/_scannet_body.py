"""The mesh of a ScanNet scan with what annotators marked on it: objects, their boxes, the room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.fitting.box import fit_box
from spatialgen.fitting.floor import fit_room
from spatialgen.labels import canonical
from spatialgen.records import Note, Room
from spatialgen.scan import Floats, Indices, Mesh
from spatialgen.scenes import _files as files
from spatialgen.scenes import _labels_tsv as labels_tsv
from spatialgen.scenes import _ply as ply
from spatialgen.scenes import _segments as segments
from spatialgen.scenes._base import one_line
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._labels_tsv import Meaning
from spatialgen.scenes._room_parts import points_of_parts
from spatialgen.scenes._scannet_cameras import Place
from spatialgen.scenes._sound_mesh import sound_mesh
from spatialgen.scenes._things import Things

MESH, LABELLED = "_vh_clean_2.ply", "_vh_clean_2.labels.ply"
SEGMENTS, GROUPS = "_vh_clean_2.0.010000.segs.json", ".aggregation.json"
FULL_GROUPS = "_vh_clean.aggregation.json"

#: What the labelled mesh calls the parts of a room: NYU40's numbers.
NYU40 = {"wall": 1, "floor": 2, "ceiling": 22}


@dataclass(frozen=True, eq=False)
class Body:
    """What is in a scan, in the scene's frame; ``annotated`` tells whether objects are marked."""

    things: Things
    mesh: Mesh | None
    room: Room
    annotated: bool


def read(place: Place, alignment: Floats) -> Body:
    """Return the body of a scan, turned by ``alignment`` (4, 4).

    Raises SceneError: bad_mesh, and those of the segments and groups.
    """
    mesh = _mesh(place)
    if mesh is None:
        return Body(Things(place.faults), None, Room(), annotated=False)
    annotated = _is_annotated(place)
    groups: list[segments.Group] = []
    owners = np.full(len(mesh.vertices), -1, dtype=np.int32)
    if annotated:
        groups = segments.read_groups(place.file(GROUPS), place.faults)
        segment = segments.read_segments(place.file(SEGMENTS), len(mesh.vertices))
        owners = segments.vertex_owners(segment, groups, place.faults)
    with np.errstate(invalid="ignore", over="ignore"):
        turned = mesh.vertices @ alignment[:3, :3].T + alignment[:3, 3]
    vertices, faces, sound = sound_mesh(turned, mesh.faces, place.faults)
    owners[~sound] = -1
    table = labels_tsv.read(labels_tsv.find(place.folder), place.faults)
    meanings = [labels_tsv.meaning(group.label, table) for group in groups]
    of_group = segments.members(owners, len(groups))
    things = Things(place.faults)
    objects = _objects(vertices, of_group, groups, meanings, things, place.faults)
    # One more for the vertices of no group, whose owner is -1: the last.
    object_of = np.array([*objects, -1], dtype=np.int32)
    return Body(
        things=things,
        mesh=Mesh(vertices, faces, segments.face_owners(object_of[owners], faces)),
        room=_room(place, mesh, vertices, sound, of_group, meanings),
        annotated=annotated,
    )


def _mesh(place: Place) -> ply.Ply | None:
    path = place.file(MESH)
    if files.is_file(path):
        return ply.read(path)
    labelled = place.file(LABELLED)
    if files.is_file(labelled):
        place.faults.add("mesh_from_labels", path.name, f"not there, so {labelled.name} is taken")
        return ply.read(labelled)
    detail = f"not there, nor {labelled.name}: nothing can be asked of objects and the room"
    place.faults.add("missing_mesh", path.name, detail)
    return None


def _is_annotated(place: Place) -> bool:
    missing = [each for each in (GROUPS, SEGMENTS) if not files.is_file(place.file(each))]
    if not missing:
        return True
    full = place.file(FULL_GROUPS)
    hint = "test scans are not annotated"
    if files.is_file(full):
        hint = f"{full.name} is of the full mesh, which is not read"
    name = place.file(missing[0]).name
    detail = f"there is no such file ({hint}): nothing can be asked of objects"
    place.faults.add("missing_annotation", name, detail)
    return False


def _objects(
    vertices: Floats,
    of_group: Sequence[Indices],
    groups: Sequence[segments.Group],
    meanings: Sequence[Meaning],
    things: Things,
    faults: Faults,
) -> list[int]:
    """Add what is a thing to ``things``; return every group's index among the objects, or -1."""
    indices = []
    for group, meaning, members in zip(groups, meanings, of_group, strict=True):
        if meaning.part is not None:
            indices.append(-1)
            continue
        label = group.label
        if canonical(label) != meaning.label:
            faults.add("label_renamed", meaning.label, f"written {one_line(label)}")
            label = meaning.label
        box = fit_box(vertices[members])
        index = things.add(
            label, box or Note("no_box", f"{len(members)} vertices, too few for a box")
        )
        indices.append(-1 if index is None else index)
    return indices


def _room(
    place: Place,
    mesh: ply.Ply,
    vertices: Floats,
    sound: npt.NDArray[np.bool_],
    of_group: Sequence[Indices],
    meanings: Sequence[Meaning],
) -> Room:
    """Return the room, from the groups of its parts, else from the labelled mesh, else from all."""
    points = points_of_parts(vertices, of_group, [each.part for each in meanings])
    if not len(points["floor"]):
        labels = _labels(place, mesh)
        if labels is not None:
            detail = f"no group of floor, so {place.name}{LABELLED} tells the parts of the room"
            place.faults.add("room_from_labels", "floor", detail)
            points |= {part: vertices[sound & (labels == NYU40[part])] for part in NYU40}
    if not len(points["floor"]):
        points[None] = vertices[sound]
    return fit_room(points["floor"], points[None], points["wall"], points["ceiling"])


def _labels(place: Place, mesh: ply.Ply) -> npt.NDArray[np.int64] | None:
    """Return the label of every vertex, None where there is no labelled mesh of these vertices."""
    if mesh.labels is not None:
        return mesh.labels
    path = place.file(LABELLED)
    if not files.is_file(path):
        return None
    try:
        labels = ply.read(path).labels
    except SceneError as error:
        place.faults.add(error.code, path.name, f"{reason(error)}, not used")
        return None
    return labels if labels is not None and len(labels) == len(mesh.vertices) else None
