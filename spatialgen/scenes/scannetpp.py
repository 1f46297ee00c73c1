"""ScanNet++: one scene's folder, as downloaded into ``data/<scene>``.

    scans/mesh_aligned_0.05.ply         the mesh; Z up, metres
    scans/segments.json                 the segment of every vertex
    scans/segments_anno.json            the segments and the box of every object
    iphone/rgb.mkv (.mp4), or rgb/      the phone's video, or its frames frame_000000.jpg
    iphone/nerfstudio/transforms.json   refined poses of every tenth frame or so
    iphone/pose_intrinsic_imu.json      the phone's own poses, aligned with the mesh
    iphone/depth/ or depth.bin          the phone's depth
    dslr/nerfstudio/transforms*.json    poses of the photographs
    dslr/resized_images/                fisheye; undistorted_images/ where the toolkit made them

A segment's number is a vertex's in current releases and was not in older ones, so
``segments.json`` is always asked. An object's box is the annotated one: the rows
of ``normalizedAxes`` are its axes; ``min`` and ``max`` are those of its upright hull
and not read. Walls, floors and ceilings are no objects: the room is measured from them.

The phone's video is taken, and the photographs where it has none with poses. Between
two refined poses a frame's follows from both; without refined ones, the phone's own
are taken. Depth of the phone belongs to the colour camera in another size. Poses of
``transforms.json`` are turned into the mesh's frame (``_nerfstudio``), and pictures
that were stored lying are turned upright (``_upright``).

Notes, besides those of ``spatialgen.scenes.scannet`` about groups and segments and of
``spatialgen.scenes.vsi_meta`` about boxes and labels:

    missing_annotation  no segments_anno.json, as in test scans: nothing is asked of objects
    missing_mesh        no mesh: no room, and boxes or depth tell what hides what
    bad_mesh            the mesh can't be read; not used
    bad_vertex          vertices that are not finite, or far from any room; dropped
    missing_segments    no usable segments of the mesh; a triangle belongs to the box that holds it
    fitted_box          the annotated box can't be used; one is fitted to the vertices
    missing_frames      neither video nor photographs with poses
    missing_images      photographs that are missing; dropped, unless all are
    missing_poses       a file of poses that can't be read or holds none
    bad_poses           the phone's own poses end early or are damaged; those before are used
    bad_pose            frames without usable pose, dropped
    bad_picture         photographs marked as bad by the dataset; dropped
    duplicate_id        a second pose of one picture; dropped
    missing_intrinsics  a file of poses without usable camera; not used
    straight_lens       a lens with little distortion, taken for a pinhole
    unknown_lens        a lens that is neither pinhole nor fisheye; its poses are not used
    thinned_frames      some frames of the phone were exported; they are taken as the video
    assumed_frame_rate  no times of the exported frames; 60 a second
    assumed_times       photographs have no times; they follow by name, one a second
    bad_video           a video that can't be read; not used
    bad_image           the first picture can't be read, so none is used
    missing_depth       frames without depth image
    bad_depth           depth that can't be read; not used
    unsupported_depth   depth packed by LZ4, for which `pip install lz4` is needed; not used
    turned_frames       by how much pictures and cameras were turned to stand upright
    no_floor            no area of floor is found: the room's size can't be asked
    no_ceiling          the room's height is unknown

A scene is rejected for bad_annotation, bad_json, duplicate_key, too_deep,
foreign_annotation, too_many_objects or no_objects.
"""

from collections.abc import Iterator
from pathlib import Path

from spatialgen.fitting.floor import lacking
from spatialgen.records import Scene
from spatialgen.scan import Recording, Scan
from spatialgen.scenes import _files as files
from spatialgen.scenes import _scannetpp_body as body
from spatialgen.scenes import _scannetpp_dslr as dslr
from spatialgen.scenes import _scannetpp_phone as phone
from spatialgen.scenes._base import Format, Found, SceneRef
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._folder import found_folder
from spatialgen.scenes._things import check_used
from spatialgen.scenes._upright import upright
from spatialgen.spaces import space_of

DATASET = "scannetpp"


def _recognises(path: Path) -> bool:
    return any(files.is_file(path / "scans" / name) for name in (body.GROUPS, body.MESH))


def _index(path: Path) -> Iterator[Found]:
    yield found_folder("scannetpp", DATASET, path)


def _load(ref: SceneRef) -> Scan:
    folder, faults = Path(ref.path), Faults()
    found = body.read(folder / "scans", faults)
    video = _recording(folder, faults)
    check_used(found.things, found.room, video, found.annotated)
    scene = Scene(
        dataset=ref.dataset,
        name=ref.name,
        space=space_of(ref.name),
        objects=found.things.objects,
        counts=found.things.counts,
        room=found.room,
        notes=faults.notes() + lacking(found.room),
    )
    return Scan(scene, found.mesh, video)


def _recording(folder: Path, faults: Faults) -> Recording | None:
    for read, name in ((phone.recording, "iphone"), (dslr.recording, "dslr")):
        video = read(folder / name, faults)
        if video is not None:
            return upright(video, faults)
    detail = "neither iphone nor dslr has pictures with poses; nothing of the video is known"
    faults.add("missing_frames", "pictures", detail)
    return None


FORMAT = Format(
    name="scannetpp",
    summary="ScanNet++ scenes: mesh, annotated objects, the phone's video or photographs, poses",
    layout="a folder with scans/segments_anno.json and scans/mesh_aligned_0.05.ply",
    recognises=_recognises,
    index=_index,
    load=_load,
)
