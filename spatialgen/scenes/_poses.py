"""Motions of rigid bodies, many at once: matrices, quaternions, and what lies between two."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def inverse(poses: Floats) -> Floats:
    """Return the inverses of rigid motions (n, 4, 4): world-to-camera becomes camera-to-world."""
    back = poses[:, :3, :3].transpose(0, 2, 1)
    return assembled(back, -(back @ poses[:, :3, 3:])[:, :, 0])


def assembled(turns: Floats, places: Floats) -> Floats:
    """Return the motions (n, 4, 4) of rotations (n, 3, 3) and translations (n, 3)."""
    poses = np.tile(np.eye(4), (len(turns), 1, 1))
    poses[:, :3, :3] = turns
    poses[:, :3, 3] = places
    return poses


def of_quaternions(quaternions: Floats) -> Floats:
    """Return the rotations (n, 3, 3) of quaternions (n, 4), w first; any length but zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        w, x, y, z = (quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def quaternions_of_vectors(vectors: Floats) -> Floats:
    """Return the quaternions (n, 4), w first, of rotation vectors (n, 3): axis times angle."""
    half = np.linalg.norm(vectors, axis=1, keepdims=True) / 2
    # sin(a) / a without dividing by zero: numpy's sinc has pi inside.
    return np.concatenate([np.cos(half), vectors / 2 * np.sinc(half / np.pi)], axis=1)


def quaternions_of(turns: Floats) -> Floats:
    """Return the quaternions (n, 4), w first, nearest to matrices (n, 3, 3) that hardly err.

    I. Bar-Itzhack, "New Method for Extracting the Quaternion from a Rotation Matrix", 2000.
    """
    sums = np.empty((len(turns), 4, 4))
    symmetric = turns + turns.transpose(0, 2, 1)
    trace = np.trace(turns, axis1=1, axis2=2)
    sums[:, :3, :3] = symmetric - trace[:, None, None] * np.eye(3)
    twist = np.stack([turns[:, i, j] - turns[:, j, i] for i, j in ((2, 1), (0, 2), (1, 0))], axis=1)
    sums[:, :3, 3] = sums[:, 3, :3] = twist
    sums[:, 3, 3] = trace
    _, vectors = np.linalg.eigh(sums)
    return np.roll(vectors[:, :, 3], 1, axis=1)


def between(first: Floats, second: Floats, share: Floats) -> Floats:
    """Return the quaternions (n, 4) that lie ``share`` (n,) of the way along the shorter arc.

    K. Shoemake, "Animating Rotation with Quaternion Curves", 1985.
    """
    dot = np.sum(first * second, axis=1)
    near = np.where(dot < 0, -1.0, 1.0)[:, None] * second
    angle = np.arccos(np.clip(np.abs(dot), 0.0, 1.0))
    straight = angle < 1e-6
    sine = np.where(straight, 1.0, np.sin(angle))
    before = np.where(straight, 1 - share, np.sin((1 - share) * angle) / sine)
    after = np.where(straight, share, np.sin(share * angle) / sine)
    return before[:, None] * first + after[:, None] * near
