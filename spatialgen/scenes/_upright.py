"""Recordings that were stored lying on their side, turned so that up is up.

Phones and glasses store what their sensor sees, however they are held; left and
right in such a picture mean nothing to who looks at it. Pictures, cameras and
poses are turned together, by the same quarter turns for a whole recording, so
every point still falls on its own pixel. Depth images stay as they are stored:
their place beside the colour camera takes up the turn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from spatialgen.records import Camera
from spatialgen.scan import Colors, Depth, Depths, Floats, Image, Recording
from spatialgen.scenes._faults import Faults

#: Pictures of a camera that looks up or down more steeply than this tell no direction: within
#: this of the vertical, as the share of the world's up that lies in the picture.
LEAST_SHARE = 0.5


def quarter_turns(poses: Floats) -> int:
    """Return how many quarter turns counter-clockwise set the pictures upright, 0 to 3.

    Of poses (n, 4, 4) camera-to-world, Z up, each votes for the side of its picture that the
    sky is nearest to; 0 where none can tell, and the fewest where votes are equal.
    """
    right, down = poses[:, 2, 0], poses[:, 2, 1]
    level = np.hypot(right, down) >= LEAST_SHARE
    # Where the sky is: at the top, on the right, at the bottom, on the left.
    sides = np.stack([-down, right, down, -right], axis=1)[level]
    votes = np.bincount(np.argmax(sides, axis=1), minlength=4) if len(sides) else np.zeros(4)
    return int(np.argmax(votes))


def turned(recording: Recording, quarters: int) -> Recording:
    """Return the recording with its pictures turned counter-clockwise by quarter turns."""
    if quarters % 4 == 0:
        return recording
    turn = _turn(quarters)
    colors, depths = recording.colors, recording.depths
    return replace(
        recording,
        poses=recording.poses @ turn.T,
        cameras=tuple(turned_camera(camera, quarters) for camera in recording.cameras),
        colors=None if colors is None else _TurnedColors(colors, quarters),
        depths=None if depths is None else _TurnedDepths(depths, depths.from_color @ turn.T),
    )


def turned_camera(camera: Camera, quarters: int) -> Camera:
    """Return the camera of a picture turned counter-clockwise by quarter turns."""
    for _ in range(quarters % 4):
        camera = replace(
            camera,
            fx=camera.fy,
            fy=camera.fx,
            cx=camera.cy,
            cy=camera.width - 1 - camera.cx,
            width=camera.height,
            height=camera.width,
        )
    return camera


def _turn(quarters: int) -> Floats:
    """Return the motion (4, 4) from the camera's old frame to its new one."""
    quarter = np.array([[0.0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    return np.linalg.matrix_power(quarter, quarters % 4)


class _TurnedColors:
    """Pictures of ``colors``, turned."""

    def __init__(self, colors: Colors, quarters: int) -> None:
        self._colors = colors
        self._quarters = quarters

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        for index, image in self._colors.read(indices):
            yield index, np.ascontiguousarray(np.rot90(image, self._quarters))


class _TurnedDepths:
    """Depth images of ``depths``, seen from a colour camera that was turned."""

    def __init__(self, depths: Depths, from_color: Floats) -> None:
        self.camera = depths.camera
        self.from_color = from_color
        self._depths = depths

    def read(self, index: int) -> Depth:
        return self._depths.read(index)


def upright(recording: Recording, faults: Faults) -> Recording:
    """Return the recording with its pictures set upright; a fault says by how much."""
    quarters = quarter_turns(recording.poses)
    if quarters:
        angle_deg = (90 * quarters + 90) % 360 - 90
        way = "counter-clockwise" if angle_deg > 0 else "clockwise"
        detail = f"stored lying; turned by {abs(angle_deg)} degrees {way}, with camera and poses"
        faults.add("turned_frames", "pictures", detail)
    return turned(recording, quarters)
