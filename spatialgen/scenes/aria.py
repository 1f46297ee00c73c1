"""Aria Digital Twin: a folder of tables, with frames exported beside them.

    instances.json             {"<uid>": {"category": ..., "instance_name": ...}}
    scene_objects.csv          where each thing is, static or row by row of time
    3d_bounding_box.csv        each thing's box in its own frame
    aria_trajectory.csv        where the device is
    metadata.json              "scene" names the apartment or office
    exported/camera_rgb.json   {"pinhole": {width, height, fx, fy, cx, cy}, "frames":
                               [{"timestamp_ns", "T_world_camera"}], "T_device_camera"}
    exported/pinhole_rgb_<timestamp_ns>.jpg, pinhole_depth_<timestamp_ns>.png

The frames are rectified copies of the RGB camera's, which a tool of the dataset
exports from the recording; the lens of the recording itself is none of ours.
Depth is along the view axis, in millimetres. Where a frame gives no
T_world_camera, it follows from the device's way and T_device_camera.

The world of the files has Y up; everything is turned about x so that Z is up:
(x, y, z) becomes (x, -z, y). The camera is built in lying on its side, so the
pictures are turned upright, with camera and poses (``_upright``).

A thing that others move is where it is at the first frame; where it is moved by
more than 5 cm, or turned by more than 10 degrees, during the frames, it has no
one place and gets no box, but it is counted. Labels are the categories; those
that no person would use become words that are not asked about.

Notes, besides those of ``spatialgen.scenes.vsi_meta`` about boxes and labels:

    missing_frames     no exported frames; nothing can be asked of the video
    missing_images     frames without a picture; they are dropped, unless none has one
    missing_depth      frames without a depth image
    missing_poses      no usable aria_trajectory.csv where frames need it
    missing_pose       a thing that is nowhere; counted, no box
    missing_box        a thing without a row in 3d_bounding_box.csv; counted, no box
    moving_object      a thing that is moved during the frames; counted, no box
    bad_pose           rows or frames whose pose is no pose, dropped
    bad_frame          frames without a time, or with that of another one, dropped
    bad_label          things without a category, dropped
    unnamed_object     boxes of things that instances.json does not name, dropped
    duplicate_id       a second box of one thing, dropped
    turned_frames      by how much pictures and cameras were turned to stand upright
    missing_room       the floor is not annotated, so the room's size is not known

A scene is rejected for missing_labels, missing_poses, missing_boxes, bad_json,
duplicate_key, too_deep, too_many_objects or no_objects.
"""

from collections.abc import Iterator
from pathlib import Path

from spatialgen.errors import SceneError
from spatialgen.records import Scene
from spatialgen.scan import Scan
from spatialgen.scenes import _files as files
from spatialgen.scenes._aria_frames import read_exported, recording
from spatialgen.scenes._aria_things import read_things
from spatialgen.scenes._base import Format, Found, SceneRef, is_name
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._folder import found_folder
from spatialgen.scenes._upright import upright

DATASET = "aria_digital_twin"

_METADATA_BYTES = 2**20


def _recognises(path: Path) -> bool:
    return files.is_file(path / "scene_objects.csv")


def _index(path: Path) -> Iterator[Found]:
    yield found_folder("aria", DATASET, path)


def _load(ref: SceneRef) -> Scan:
    folder = Path(ref.path)
    faults = Faults()
    exported = read_exported(folder, faults)
    things = read_things(folder, None if exported is None else exported.span_ns, faults)
    if not things.objects:
        raise SceneError("no_objects", "no thing with a usable box")
    video = None if exported is None else recording(exported, faults)
    video = None if video is None else upright(video, faults)
    faults.add("missing_room", "floor", "not annotated: the room's size can't be asked")
    scene = Scene(
        dataset=ref.dataset,
        name=ref.name,
        space=_space(folder, ref.name),
        objects=things.objects,
        counts=things.counts,
        notes=faults.notes(),
    )
    return Scan(scene, recording=video)


def _space(folder: Path, name: str) -> str:
    """Return the place: many recordings were made in one apartment."""
    try:
        place = files.json_object(folder / "metadata.json", _METADATA_BYTES, "missing").get("scene")
    except SceneError:
        return name
    return f"{DATASET}.{place}" if is_name(place) and is_name(f"{DATASET}.{place}") else name


FORMAT = Format(
    name="aria",
    summary="an Aria Digital Twin recording: boxes of every thing, poses, exported frames",
    layout="a folder with scene_objects.csv, 3d_bounding_box.csv and instances.json",
    recognises=_recognises,
    index=_index,
    load=_load,
)
