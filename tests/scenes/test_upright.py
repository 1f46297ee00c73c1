"""Recordings stored lying are set upright, and every point stays on its own pixel."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from spatialgen import cameras
from spatialgen.media.images import DepthFiles
from spatialgen.records import Camera
from spatialgen.scan import Floats, Image, Recording
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._upright import quarter_turns, turned, turned_camera, upright

PINHOLE = Camera(50.0, 52.0, 30.0, 22.0, 64, 48)
FISHEYE = Camera(50.0, 52.0, 30.0, 22.0, 64, 48, (0.03, -0.01, 0.002, 0.0))


def rolled(quarters: int, pitch_deg: float = 0.0) -> Floats:
    """A camera that looks along y, rolled so that its picture needs ``quarters`` turns."""
    pitch = np.radians(pitch_deg)
    ahead = np.array([0.0, np.cos(pitch), np.sin(pitch)])
    right = np.array([1.0, 0.0, 0.0])
    axes = np.array([right, np.cross(ahead, right), ahead]).T
    angle = -quarters * np.pi / 2
    roll = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    pose = np.eye(4)
    pose[:3, :3] = axes @ roll
    pose[:3, 3] = (0.3, -0.2, 1.5)
    return pose


class Squares:
    """Pictures with one white pixel."""

    def __init__(self, u: int, v: int) -> None:
        self.image: Image = np.zeros((48, 64, 3), np.uint8)
        self.image[v, u] = 255

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        for index in indices:
            yield index, self.image


def made(pose: Floats, camera: Camera, colors: Squares | None = None) -> Recording:
    return Recording(
        total=1,
        indices=np.array([0]),
        times_s=np.zeros(1),
        poses=pose[None],
        cameras=(camera,),
        colors=colors,
        depths=DepthFiles({}, camera, np.eye(4)),
    )


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("pitch_deg", [-50, 0, 50])
def test_the_sky_tells_the_turn(quarters: int, pitch_deg: float) -> None:
    assert quarter_turns(rolled(quarters, pitch_deg)[None]) == quarters


@pytest.mark.parametrize(
    ("poses", "quarters"),
    [
        pytest.param([], 0, id="no poses"),
        pytest.param([rolled(1, 80), rolled(3, -85)], 0, id="ceiling and floor tell nothing"),
        pytest.param([rolled(1), rolled(1), rolled(0)], 1, id="most frames"),
        pytest.param([rolled(3), rolled(1, 89), rolled(1, -89)], 3, id="the one that can tell"),
        pytest.param([rolled(2), rolled(1)], 1, id="equal votes"),
    ],
)
def test_a_recording_has_one_turn(poses: list[Floats], quarters: int) -> None:
    assert quarter_turns(np.array(poses).reshape(-1, 4, 4)) == quarters


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])
def test_points_stay_on_their_pixels(quarters: int, camera: Camera) -> None:
    pose = rolled(quarters)
    point = cameras.to_world(pose, np.array([[0.2, -0.1, 2.0]]))
    (was,) = cameras.project(camera, cameras.to_camera(pose, point))
    u, v = np.rint(was).astype(int)
    after = upright(made(pose, camera, Squares(int(u), int(v))), Faults())
    assert after.colors is not None
    ((_, image),) = after.colors.read([0])
    lens = after.camera(0)
    assert image.shape == (lens.height, lens.width, 3)
    (now,) = cameras.project(lens, cameras.to_camera(after.poses[0], point))
    white = np.argwhere(image[:, :, 0])
    assert white.tolist() == [[round(now[1]), round(now[0])]]
    assert np.hypot(*(now - np.rint(now))) == pytest.approx(np.hypot(*(was - np.rint(was))))
    # Upright: up in the world is up in the picture.
    assert after.poses[0, 2, 1] == pytest.approx(-1)
    assert after.depths is not None
    stored = cameras.to_camera(after.poses[0], point) @ after.depths.from_color[:3, :3].T
    assert np.allclose(cameras.project(after.depths.camera, stored), [was])


def test_four_quarters_are_none() -> None:
    camera = FISHEYE
    for _ in range(4):
        camera = turned_camera(camera, 1)
    assert camera == FISHEYE
    whole = made(rolled(0), PINHOLE)
    assert turned(whole, 4) is whole


@pytest.mark.parametrize(
    ("quarters", "way"),
    [(0, None), (1, "90 degrees counter-clockwise"), (2, "180 degrees"), (3, "90 degrees clockw")],
)
def test_a_note_tells_the_turn(quarters: int, way: str | None) -> None:
    faults = Faults()
    upright(made(rolled(quarters), PINHOLE), faults)
    assert [note.code for note in faults.notes()] == ["turned_frames"] * (way is not None)
    assert all(str(way) in note.detail for note in faults.notes())
