"""ScanNet v2: a scan in a folder, as downloaded; what is exported from it is found too.

    scene0000_00/
        scene0000_00_vh_clean_2.ply                  the mesh, or ..._vh_clean_2.labels.ply
        scene0000_00_vh_clean_2.0.010000.segs.json   the segment of every vertex
        scene0000_00.aggregation.json                the segments of every object
        scene0000_00.txt                             alignment, cameras, number of frames
        scene0000_00.sens, or color/ depth/ pose/ intrinsic/, or scene0000_00.mp4 and pose/
    scannetv2-labels.combined.tsv                    here or up to three folders above

The alignment is applied to mesh, boxes and poses alike. An object is a group of
``aggregation.json`` with its box fitted to its vertices; objects are numbered per
label in file order: ``trash_bin_1``. Walls, floors, ceilings and rooms are no
objects: the room is measured from them. Bodies without a telling label ("object")
stay objects, because they stand in the way; no question names them.

``frameRate`` in the text file is not ScanNet's own; where it is there, it tells
the times of exported frames. ``sceneId`` is "<dataset>.<id>" where the scan is
of another dataset in this layout.

What is missing or wrong becomes a note, and the scene is used without that part:

    missing_annotation    no groups or no segments, as in test scans: nothing is asked of objects
    missing_mesh          neither of the meshes: nothing is asked of objects and the room
    missing_parameters    no text file: no alignment, no cameras from it
    missing_alignment     no usable axisAlignment (test scans): the mesh's frame is kept
    bad_parameter         a value in the text file that can't be meant; ignored
    mesh_from_labels      no mesh; that of the labels, which is the same, is taken
    bad_vertex            vertices that are not finite, or far from any room; their faces dropped
    bad_label_table       the table of labels can't be used; labels stay as written
    label_renamed         the label was written in another way
    bad_group             a group without a label or segments that are numbers; dropped
    empty_group           a group without segments; dropped
    duplicate_group       a group of the same segments as an earlier one; dropped
    shared_segments       a group names segments of an earlier one; the later one has them
    absent_segments       a group names segments that the mesh does not have
    no_box                too few vertices for a box; counted, but no object
    duplicate_box         a box equal to an earlier one of its label; dropped
    room_from_labels      no group is floor; the labelled mesh tells the parts of the room
    no_floor              no area of floor is found: the room's size can't be asked
    no_ceiling            the room's height is unknown
    missing_frames        no recording: nothing can be asked of what is seen when, and from where
    missing_pose          frames without a pose file; dropped
    bad_pose              poses that are not finite or not rigid; dropped
    missing_picture       frames whose picture is not there; dropped
    thinned_frames        every k-th frame was exported; they are taken as a video of their own
    frame_count           numColorFrames differs from what is there
    assumed_frame_rate    no times: 30 frames a second
    missing_intrinsics    frames whose camera is unknown; not used
    missing_depth         frames without a depth image, or depth that can't be used at all
    assumed_registration  no colorToDepthExtrinsics: depth is taken as seen from the colour camera
    cut_sens              the .sens file ends early; the frames before are used
    bad_sens              a .sens file that can't be read; not used
    unknown_compression   colours of a .sens file that can't be decoded; not used
    other_video           a video with another number of frames than poses; not used
    bad_video             a video that can't be read; not used
    bad_image, bad_depth  a picture that can't be read

A scene that can't be used is rejected, and the other scenes go on:

    bad_mesh              a mesh that is cut, damaged or not of triangles
    bad_annotation        groups or segments are not what they should be
    bad_json              groups or segments are not JSON or not UTF-8
    duplicate_key         groups or segments have one key twice
    too_deep              their brackets nest too deep
    segments_mismatch     segments for another number of vertices than the mesh has
    foreign_annotation    most segments of the groups are not in the mesh
    no_objects            no object has a box; not annotated, and no floor and no video either
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from spatialgen.fitting.floor import lacking
from spatialgen.records import Scene
from spatialgen.scan import Scan
from spatialgen.scenes import _files as files
from spatialgen.scenes import _scannet_body as scannet_body
from spatialgen.scenes import _scannet_text as scannet_text
from spatialgen.scenes._base import Format, Found, SceneRef, is_name
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._folder import found_named, names_in
from spatialgen.scenes._scannet_cameras import Place
from spatialgen.scenes._scannet_frames import recording
from spatialgen.scenes._things import check_used
from spatialgen.spaces import space_of

# A scan's own files; the name before these endings is its id.
_OWN = re.compile(
    r"(?P<id>.+?)(?:_vh_clean_2\.ply|_vh_clean_2\.labels\.ply|(?:_vh_clean)?\.aggregation\.json|\.sens)",
    re.DOTALL,
)
_SCENE_ID = re.compile(rb'(?<!\\)"sceneId"\s*:\s*"([^"\\]*)"')
_END_BYTES = 2**12


def _recognises(path: Path) -> bool:
    return path.is_dir() and next(names_in(path, _OWN), None) is not None


def _index(path: Path) -> Iterator[Found]:
    for name in sorted(set(names_in(path, _OWN))):
        yield found_named("scannet", _dataset(path, name), path, name)


def _dataset(folder: Path, name: str) -> str:
    """Return what stands before the dot of a ``sceneId`` that goes on with the scan's name."""
    try:
        match = _SCENE_ID.search(_ends(folder / f"{name}{scannet_body.GROUPS}"))
    except OSError:
        match = None  # loading tells what is wrong with the file
    written = match[1].decode("utf-8", "replace") if match else ""
    dataset = written.removesuffix(f".{name}")
    return dataset if dataset != written and is_name(dataset) else "scannet"


def _ends(path: Path) -> bytes:
    """Return how a file begins and how it ends; nothing where there is no plain file."""
    if not files.is_file(path):
        return b""
    with path.open("rb") as stream:
        head = stream.read(_END_BYTES)
        stream.seek(max(os.fstat(stream.fileno()).st_size - _END_BYTES, 0))
        return head + b"\n" + stream.read(_END_BYTES)


def _load(ref: SceneRef) -> Scan:
    faults = Faults()
    folder = Path(ref.path)
    parameters = scannet_text.read(folder / f"{ref.name}.txt", faults)
    alignment = np.eye(4) if parameters.alignment is None else parameters.alignment
    place = Place(folder, ref.name, parameters, faults)
    body = scannet_body.read(place, alignment)
    film = recording(place, alignment)
    check_used(body.things, body.room, film, body.annotated)
    scene = Scene(
        dataset=ref.dataset,
        name=ref.name,
        space=space_of(ref.name),
        objects=body.things.objects,
        counts=body.things.counts,
        room=body.room,
        notes=faults.notes() + lacking(body.room),
    )
    return Scan(scene, body.mesh, film)


FORMAT = Format(
    name="scannet",
    summary="ScanNet v2 scans: mesh, annotated objects, video, depth and poses",
    layout="a folder with <id>_vh_clean_2.ply, its segs.json, <id>.aggregation.json and <id>.txt",
    recognises=_recognises,
    index=_index,
    load=_load,
)
