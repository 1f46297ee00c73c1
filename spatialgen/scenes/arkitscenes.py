"""ARKitScenes: a folder as downloaded, of the set ``3dod`` or ``raw``.

    <id>_3dod_annotation.json      {"data": [{"uid", "label", "segments": {"obbAligned":
                                   {"centroid", "axesLengths", "normalizedAxes"}}}]}
    <id>_3dod_mesh.ply             the mesh that the phone made
    lowres_wide.traj               lines of time, rotation vector, translation: world-to-camera
    vga_wide/, wide/, lowres_wide/ pictures <id>_<seconds>.png, the first that is there is taken
    <stream>_intrinsics/           width height fx fy cx cy in <id>_<seconds>.pincam
    lowres_depth/, highres_depth/  16-bit PNG in millimetres

``3dod`` has the last four in a folder <id>_frames. The rows of ``normalizedAxes`` are
the box axes. What the other box, ``obb``, means is not known, so it is not read. Poses
come ten times a second; a picture's is taken between the two around it.

A phone is held in any way, and what the dataset's table says about the direction of
the sky is wrong for some videos. So it is told from the poses, and pictures that
were stored lying are turned upright together with camera and poses (``_upright``).

Only boxes are annotated: a triangle of the mesh belongs to the smallest box that
holds it. The room is measured from the mesh.

Notes, besides those of ``spatialgen.scenes.vsi_meta`` about boxes and labels:

    missing_annotation  no <id>_3dod_annotation.json: nothing is asked of objects
    bad_object          an entry that is no object, or has no label; dropped
    duplicate_id        a second entry of one uid; dropped
    skipped             annotators marked the scan as skipped; boxes may be missing
    missing_mesh        no mesh: no room, and only depth tells what hides what
    bad_mesh            the mesh can't be read; not used
    bad_vertex          vertices that are not finite, or far from any room; dropped
    missing_frames      no pictures, or none with both pose and camera
    missing_poses       no usable lowres_wide.traj
    bad_pose            lines that are no pose, and frames with none near; dropped
    missing_intrinsics  frames whose camera is unknown; dropped
    missing_depth       frames without a depth image
    bad_image           the first picture can't be read, so no frame is used
    bad_depth           the first depth image can't be read, so none is used
    turned_frames       by how much pictures and cameras were turned to stand upright
    no_floor            no area of floor is found: the room's size can't be asked
    no_ceiling          the room's height is unknown

A scene is rejected for bad_annotation, bad_json, duplicate_key, too_deep,
too_many_objects or no_objects.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.fitting.floor import fit_room, lacking
from spatialgen.records import Box, Note, Room, Scene
from spatialgen.scan import Mesh, Scan
from spatialgen.scenes import _files as files
from spatialgen.scenes._annotated_box import read_box
from spatialgen.scenes._arkit_frames import recording
from spatialgen.scenes._base import Format, Found, SceneRef
from spatialgen.scenes._boxed_mesh import owners_by_boxes
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._folder import found_named, names_in
from spatialgen.scenes._json_stream import BYTES_LIMIT
from spatialgen.scenes._sound_mesh import read_mesh
from spatialgen.scenes._things import Things, check_used
from spatialgen.scenes._upright import upright
from spatialgen.spaces import space_of

DATASET = "arkitscenes"
ANNOTATION, MESH = "_3dod_annotation.json", "_3dod_mesh.ply"

_OWN = re.compile(rf"(?P<id>.+)(?:{re.escape(ANNOTATION)}|{re.escape(MESH)})", re.DOTALL)


def _recognises(path: Path) -> bool:
    return path.is_dir() and next(names_in(path, _OWN), None) is not None


def _index(path: Path) -> Iterator[Found]:
    for name in sorted(set(names_in(path, _OWN))):
        yield found_named("arkitscenes", DATASET, path, name)


def _load(ref: SceneRef) -> Scan:
    folder, faults = Path(ref.path), Faults()
    annotation = folder / f"{ref.name}{ANNOTATION}"
    annotated = files.is_file(annotation)
    if not annotated:
        detail = "there is no such file: nothing is asked of objects"
        faults.add("missing_annotation", annotation.name, detail)
    things = _things(annotation, faults) if annotated else Things(faults)
    mesh = _mesh(folder / f"{ref.name}{MESH}", [thing.box for thing in things.objects], faults)
    room = Room() if mesh is None else fit_room(things=mesh.vertices[np.unique(mesh.faces)])
    inside = folder / f"{ref.name}_frames"
    video = recording(inside if inside.is_dir() else folder, faults)
    video = None if video is None else upright(video, faults)
    check_used(things, room, video, annotated)
    scene = Scene(
        dataset=ref.dataset,
        name=ref.name,
        space=space_of(ref.name),
        objects=things.objects,
        counts=things.counts,
        room=room,
        notes=faults.notes() + lacking(room),
    )
    return Scan(scene, mesh, video)


def _things(path: Path, faults: Faults) -> Things:
    raw = files.json_object(path, BYTES_LIMIT, "bad_annotation")
    entries = raw.get("data")
    if not isinstance(entries, list):
        raise SceneError("bad_annotation", f"{path.name}: data is no list")
    if raw.get("skipped") is True:
        faults.add("skipped", path.name, "annotators skipped this scan: boxes may be missing")
    things, known = Things(faults), set[str]()
    for entry in entries:
        label = entry.get("label") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(label, str):
            faults.add("bad_object", path.name, "an entry without a label, dropped")
            continue
        uid = entry.get("uid")
        if isinstance(uid, str) and uid in known:
            faults.add("duplicate_id", label, "a second entry of one uid, dropped")
            continue
        known.update([uid] if isinstance(uid, str) else [])
        things.add(label, _box(entry.get("segments")))
    return things


def _box(segments: object) -> Box | Note:
    aligned = segments.get("obbAligned") if isinstance(segments, dict) else None
    return read_box(aligned)


def _mesh(path: Path, boxes: list[Box], faults: Faults) -> Mesh | None:
    found = read_mesh(path, faults)
    if found is None:
        return None
    vertices, faces, _ = found
    return Mesh(vertices, faces, owners_by_boxes(vertices, faces, boxes))


FORMAT = Format(
    name="arkitscenes",
    summary="ARKitScenes scans: annotated boxes, mesh, video, depth and poses",
    layout="a folder with <id>_3dod_annotation.json and <id>_3dod_mesh.ply",
    recognises=_recognises,
    index=_index,
    load=_load,
)
