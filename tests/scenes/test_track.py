"""Ways of cameras: rotations in their several spellings, and poses between poses."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from spatialgen.scan import Floats
from spatialgen.scenes import _poses as motions
from spatialgen.scenes._track import Track, track

RNG = np.random.default_rng(5)
VECTORS = np.concatenate(
    [RNG.normal(size=(50, 3)), np.zeros((1, 3)), [[0, 0, np.pi]], [[0, 1e-9, 0]]]
)


def test_rotation_vectors_and_quaternions_agree_with_scipy() -> None:
    expected = Rotation.from_rotvec(VECTORS)
    quaternions = motions.quaternions_of_vectors(VECTORS)
    assert np.allclose(motions.of_quaternions(quaternions), expected.as_matrix(), atol=1e-12)
    assert np.allclose(motions.of_quaternions(-3 * quaternions), expected.as_matrix(), atol=1e-12)


def test_quaternions_of_matrices() -> None:
    turns = Rotation.from_rotvec(VECTORS).as_matrix()
    found = motions.quaternions_of(turns)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert np.allclose(motions.of_quaternions(found), turns, atol=1e-9)
    rough = turns + RNG.normal(size=turns.shape) * 1e-4
    assert np.allclose(motions.of_quaternions(motions.quaternions_of(rough)), turns, atol=1e-3)


def test_inverse() -> None:
    poses = motions.assembled(Rotation.from_rotvec(VECTORS).as_matrix(), RNG.normal(size=(53, 3)))
    assert np.allclose(motions.inverse(poses) @ poses, np.eye(4))


def test_a_share_of_the_way_is_that_share_of_the_angle() -> None:
    first, second = motions.quaternions_of_vectors(np.array([[0, 0, 0.2], [0, 0, 1.2]]))
    shares = np.array([0.0, 0.25, 0.5, 1.0])
    found = motions.between(np.tile(first, (4, 1)), np.tile(second, (4, 1)), shares)
    angles = Rotation.from_matrix(motions.of_quaternions(found)).as_rotvec()[:, 2]
    assert np.allclose(angles, 0.2 + shares)
    # The other sign is the same rotation: never the long way round.
    other = motions.between(np.tile(first, (4, 1)), np.tile(-second, (4, 1)), shares)
    assert np.allclose(motions.of_quaternions(other), motions.of_quaternions(found))


def _way(times_s: list[float]) -> Track:
    times = np.array(times_s)
    vectors = np.stack([0 * times, 0 * times, 0.1 * times], axis=1)
    places = np.stack([times, 0 * times, 1 + 0 * times], axis=1)
    return track(times, motions.quaternions_of_vectors(vectors), places)


@pytest.mark.parametrize(
    ("time_s", "x"),
    [
        pytest.param(1.0, 1.0, id="at a pose"),
        pytest.param(1.4, 1.4, id="between"),
        pytest.param(0.0, 0.0, id="first"),
        pytest.param(3.0, 3.0, id="last"),
        pytest.param(-0.05, 0.0, id="just before"),
        pytest.param(3.05, 3.0, id="just after"),
        pytest.param(-0.2, None, id="before"),
        pytest.param(3.2, None, id="after"),
        pytest.param(9.5, None, id="long after"),
        pytest.param(-9.5, None, id="long before"),
        pytest.param(2.5, 2.5, id="second gap"),
        pytest.param(np.nan, None, id="no time"),
    ],
)
def test_poses_between_poses(time_s: float, x: float | None) -> None:
    (pose,) = _way([0, 1, 2, 3]).at(np.array([time_s]), 0.9)
    if x is None:
        assert np.isnan(pose).all()
        return
    assert pose[:3, 3] == pytest.approx((x, 0, 1))
    assert np.arctan2(pose[1, 0], pose[0, 0]) == pytest.approx(0.1 * x)


def test_no_pose_inside_a_gap() -> None:
    poses = _way([0, 1, 5, 6]).at(np.array([0.5, 3.0, 5.0, 5.5, 1.0]), 0.9)
    assert np.isnan(poses[:, 0, 0]).tolist() == [False, True, False, False, False]


def test_bad_rows_and_second_rows_of_a_time_are_dropped() -> None:
    times = np.array([2.0, 1.0, 1.0, np.nan, 3.0, 4.0, 5.0])
    quaternions = np.tile([2.0, 0, 0, 0], (7, 1))
    quaternions[5] = 0
    quaternions[6, 2] = np.inf
    places: Floats = np.arange(21.0).reshape(7, 3)
    places[4, 1] = np.inf
    found = track(times, quaternions, places)
    assert found.times_s.tolist() == [1.0, 2.0]
    assert found.places.tolist() == [[3, 4, 5], [0, 1, 2]]
    assert np.allclose(found.quaternions, [1, 0, 0, 0])


def test_an_empty_way_has_no_poses() -> None:
    assert np.isnan(_way([]).at(np.array([1.0, 2.0]), 9.0)).all()
