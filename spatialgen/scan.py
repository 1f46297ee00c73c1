"""What a format hands over: an annotated scene, and the geometry and pictures behind it.

A scene is small and plain; meshes and videos are large. They travel beside it,
are looked at once (see ``spatialgen.graph.observe``), and are then forgotten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.records import Camera, Scene

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.int32]

#: Height, width, 3: blue, green, red, 0 to 255.
Image: TypeAlias = npt.NDArray[np.uint8]
#: Height, width: metres along the view axis, 0 where nothing was measured.
Depth: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in the scene's frame: vertices (v, 3) in metres, faces (f, 3).

    ``owners`` (f,) is the index in ``scene.objects`` of the object that a
    triangle belongs to, -1 where it belongs to none (walls, floor, unannotated).
    """

    vertices: Floats
    faces: Indices
    owners: Indices


class Colors(Protocol):
    """Where the colour images of a recording come from."""

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        """Yield (index, image) of ascending frame indices, one image in memory at a time.

        Raises SceneError ``bad_image`` where a picture does not decode.
        """
        ...


class Depths(Protocol):
    """Where the depth images of a recording come from.

    ``camera`` is what they were taken with; ``from_color`` (4, 4) turns a
    point of the colour camera's frame into one of the depth camera's.
    """

    camera: Camera
    from_color: Floats

    def read(self, index: int) -> Depth:
        """Return one depth image; raises SceneError ``bad_depth`` where it does not decode."""
        ...


@dataclass(frozen=True, eq=False)
class Recording:
    """A video with known camera poses.

    ``total`` is the number of frames of the whole video. Of these, n have a usable
    pose: ``indices`` (n,) ascending, ``times_s`` (n,), ``poses`` (n, 4, 4)
    camera-to-world with OpenCV axes in the scene's frame, and ``cameras``, one
    for each of the n, or a single one for all. ``colors`` and ``depths`` are None
    where there are no images; they are asked by frame index.
    """

    total: int
    indices: npt.NDArray[np.int64]
    times_s: Floats
    poses: Floats
    cameras: tuple[Camera, ...]
    colors: Colors | None = None
    depths: Depths | None = None

    def camera(self, position: int) -> Camera:
        """Return the camera of the frame at a position in ``indices``."""
        return self.cameras[position if len(self.cameras) > 1 else 0]


@dataclass(frozen=True, eq=False)
class Scan:
    """A scene as annotated, and what was measured of it.

    ``scene.frames`` and ``scene.first_seen`` are still empty where there is a
    recording: they follow from it.
    """

    scene: Scene
    mesh: Mesh | None = None
    recording: Recording | None = None
