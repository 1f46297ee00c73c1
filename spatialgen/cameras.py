"""From points to pixels and back, for pinhole and fisheye lenses.

Camera axes are OpenCV's: x right, y down, z forward. A pixel's centre has
whole coordinates. The fisheye is J. Kannala and S. Brandt, "A Generic Camera
Model and Calibration Method", 2006, with the four odd coefficients of OpenCV.
"""

import functools

import numpy as np
import numpy.typing as npt

from spatialgen.records import Camera

Floats = npt.NDArray[np.float64]

#: Points nearer to the camera plane than this have no pixel, in metres.
NEAREST = 1e-6

# Steps until an angle is found to this many radians; a few, if none has to halve.
_STEPS, _EXACT = 60, 1e-14


def project(camera: Camera, points: Floats) -> Floats:
    """Return the pixels (n, 2) of points (n, 3) in the camera's frame; NaN where there is none.

    A pinhole sees what is in front of it. A fisheye too sees what is beside it,
    as far as its formula rises with the angle.
    """
    x, y, z = points.T
    with np.errstate(divide="ignore", invalid="ignore"):
        if camera.fisheye is None:
            scale = np.where(z > NEAREST, 1.0 / z, np.nan)
        else:
            aside = np.hypot(x, y)
            angle = np.arctan2(aside, z)
            bent = np.where(angle <= _widest(camera.fisheye), _bend(camera.fisheye, angle), np.nan)
            ahead = np.where(z > NEAREST, 1.0 / z, np.nan)
            scale = np.where(aside > NEAREST, bent / aside, ahead)
    return np.stack([camera.fx * x * scale + camera.cx, camera.fy * y * scale + camera.cy], axis=1)


def rays(camera: Camera, pixels: Floats) -> Floats:
    """Return unit directions (n, 3) in the camera's frame through pixels (n, 2).

    NaN where a fisheye shows nothing.
    """
    x = (pixels[:, 0] - camera.cx) / camera.fx
    y = (pixels[:, 1] - camera.cy) / camera.fy
    if camera.fisheye is None:
        directions = np.stack([x, y, np.ones_like(x)], axis=1)
        return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True))
    bent = np.hypot(x, y)
    angle = _unbend(camera.fisheye, bent)
    with np.errstate(divide="ignore", invalid="ignore"):
        aside = np.where(bent > 0, np.sin(angle) / bent, 1.0)
    return np.stack([x * aside, y * aside, np.cos(angle)], axis=1)


def inside(camera: Camera, pixels: Floats) -> npt.NDArray[np.bool_]:
    """Tell which pixels (n, 2) lie in the image, (n,); NaN does not."""
    u, v = pixels.T
    return np.asarray(
        (u >= -0.5) & (u < camera.width - 0.5) & (v >= -0.5) & (v < camera.height - 0.5)
    )


def pixel_grid(camera: Camera) -> Floats:
    """Return the centres of all pixels row by row, (height * width, 2)."""
    v, u = np.mgrid[: camera.height, : camera.width]
    return np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64)


def pixels_per_steradian(camera: Camera, points: Floats) -> Floats:
    """Return how many pixels a unit of solid angle covers at points (n, 3) in the camera's frame.

    NaN where ``project`` gives no pixel.
    """
    x, y, z = points.T
    aside = np.hypot(x, y)
    with np.errstate(divide="ignore", invalid="ignore"):
        if camera.fisheye is None:
            spread = np.where(z > NEAREST, (np.hypot(aside, z) / z) ** 3, np.nan)
        else:
            angle = np.arctan2(aside, z)
            bent = _bend(camera.fisheye, angle) * _slope(camera.fisheye, angle)
            spread = np.where(angle > NEAREST, bent / np.sin(angle), 1.0)
            spread = np.where(angle <= _widest(camera.fisheye), spread, np.nan)
    return np.asarray(camera.fx * camera.fy * spread)


@functools.lru_cache(maxsize=4096)
def widest_view(camera: Camera) -> float:
    """Return the largest angle between the view axis and what the image shows, in radians."""
    across = np.linspace(-0.5, camera.width - 0.5, 33)
    down = np.linspace(-0.5, camera.height - 0.5, 33)
    edges = [np.stack([across, np.full(33, v)], axis=1) for v in down[[0, -1]]]
    edges += [np.stack([np.full(33, u), down], axis=1) for u in across[[0, -1]]]
    ahead = rays(camera, np.concatenate(edges))[:, 2]
    # Where the corners of a fisheye's image are dark, its whole field of view is shown.
    dark = np.isnan(ahead).any() and camera.fisheye is not None
    return _widest(camera.fisheye) if dark else float(np.arccos(np.clip(ahead.min(), -1.0, 1.0)))


def resized(camera: Camera, width: int, height: int) -> Camera:
    """Return the camera of the same picture in another size."""
    across, down = width / camera.width, height / camera.height
    return Camera(
        fx=camera.fx * across,
        fy=camera.fy * down,
        cx=(camera.cx + 0.5) * across - 0.5,
        cy=(camera.cy + 0.5) * down - 0.5,
        width=width,
        height=height,
        fisheye=camera.fisheye,
    )


def to_camera(pose: Floats, points: Floats) -> Floats:
    """Return world points (n, 3) in the frame of a camera with this pose (4, 4) or (3, 4)."""
    return np.asarray((points - pose[:3, 3]) @ pose[:3, :3])


def to_world(pose: Floats, points: Floats) -> Floats:
    """Return points (n, 3) of a camera's frame in the world."""
    return np.asarray(points @ pose[:3, :3].T + pose[:3, 3])


def _bend(lens: tuple[float, float, float, float], angle: Floats) -> Floats:
    square = angle * angle
    k1, k2, k3, k4 = lens
    return angle * (1 + square * (k1 + square * (k2 + square * (k3 + square * k4))))


def _slope(lens: tuple[float, float, float, float], angle: Floats) -> Floats:
    square = angle * angle
    k1, k2, k3, k4 = lens
    return 1 + square * (3 * k1 + square * (5 * k2 + square * (7 * k3 + square * 9 * k4)))


@functools.lru_cache(maxsize=64)
def _widest(lens: tuple[float, float, float, float]) -> float:
    """Return the angle up to which the lens maps different angles to different places."""
    angles = np.linspace(0.0, np.pi, 2049)
    falling = np.flatnonzero(_slope(lens, angles) <= 0)
    return float(angles[max(falling[0] - 1, 0)]) if len(falling) else float(np.pi)


def _unbend(lens: tuple[float, float, float, float], bent: Floats) -> Floats:
    """Return the angle that ``_bend`` turns into ``bent``: Newton's steps, or halving."""
    widest = _widest(lens)
    limit = _bend(lens, np.array([widest]))[0]
    low, high = np.zeros_like(bent), np.full_like(bent, widest)
    angle = np.clip(bent, 0.0, widest)
    for _ in range(_STEPS):
        off = _bend(lens, angle) - bent
        low, high = np.where(off < 0, angle, low), np.where(off > 0, angle, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = angle - off / _slope(lens, angle)
        angle = np.where((step >= low) & (step <= high), step, 0.5 * (low + high))
        if np.array_equal(low, high) or not (np.abs(off) > _EXACT).any():
            break
    return np.where(bent <= limit, angle, np.nan)
