"""The frames that questions are about are those that evalkit shows to a model."""

import itertools

import pytest

from evalkit.media import video
from spatialgen.media.sampling import uniform


@pytest.mark.parametrize(
    ("total", "count", "expected"),
    [
        pytest.param(10, 4, (0, 3, 6, 9), id="evenly"),
        pytest.param(100, 1, (0,), id="one"),
        pytest.param(5, 5, (0, 1, 2, 3, 4), id="all"),
        pytest.param(2, 4, (0, 0, 0, 1), id="fewer than asked for"),
        pytest.param(11, 4, (0, 3, 6, 10), id="rounded down"),
        pytest.param(0, 4, (), id="no frames"),
        pytest.param(4, 0, (), id="none asked for"),
    ],
)
def test_uniform(total: int, count: int, expected: tuple[int, ...]) -> None:
    assert uniform(total, count) == expected


def test_equal_to_what_evalkit_samples() -> None:
    totals = [*range(1, 400), 1000, 1001, 5578, 30_001, 10**6 + 3]
    for total, count in itertools.product(totals, (1, 2, 3, 7, 8, 16, 31, 32, 64, 128)):
        assert uniform(total, count) == video.uniform(total, count), (total, count)
