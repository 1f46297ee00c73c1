"""The photographs of a ScanNet++ scan: taken by a fisheye, or undistorted by its toolkit."""

from pathlib import Path

import numpy as np

from spatialgen.cameras import resized
from spatialgen.errors import SceneError
from spatialgen.media.images import ImageFiles, image_size
from spatialgen.scan import Recording
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._nerfstudio import Transforms, read_transforms

#: File of poses and folders of its pictures, the better first: a pinhole's are what models know.
SETS = (
    ("transforms_undistorted.json", ("undistorted_images", "resized_undistorted_images")),
    ("transforms.json", ("resized_images",)),
)


def recording(folder: Path, faults: Faults) -> Recording | None:
    """Return the photographs in the folder ``dslr`` as a recording, None where no pose is known.

    Photographs have no times: they follow each other by name, one a second.
    """
    known: Transforms | None = None
    for name, places in SETS:
        path = folder / "nerfstudio" / name
        transforms = read_transforms(path, faults) if files.is_file(path) else None
        for place in places if transforms is not None else ():
            assert transforms is not None
            paths = [folder / place / each for each in transforms.poses]
            paths = [each for each in paths if files.is_file(each)]
            if paths:
                return _with_pictures(transforms, paths, faults)
        known = transforms if transforms is not None else known
    if known is None:
        return None
    faults.add("missing_images", "dslr", "poses without pictures: models can't be shown frames")
    return _of(known, list(known.poses), None, faults)


def _with_pictures(transforms: Transforms, paths: list[Path], faults: Faults) -> Recording | None:
    lost = len(transforms.poses) - len(paths)
    if lost:
        faults.add("missing_images", paths[0].parent.name, f"{lost} pictures are missing, dropped")
    try:
        size = image_size(paths[0])
    except SceneError as error:
        faults.add("bad_image", "dslr", f"{error}; no picture is used")
        return None
    sized = Transforms(resized(transforms.camera, *size), transforms.poses)
    return _of(sized, [path.name for path in paths], ImageFiles(dict(enumerate(paths))), faults)


def _of(
    transforms: Transforms, names: list[str], colors: ImageFiles | None, faults: Faults
) -> Recording:
    faults.add("assumed_times", "dslr", "photographs in the order of names, taken as one a second")
    count = len(names)
    return Recording(
        total=count,
        indices=np.arange(count),
        times_s=np.arange(count, dtype=np.float64),
        poses=np.array([transforms.poses[name] for name in names]),
        cameras=(transforms.camera,),
        colors=colors,
    )
