"""Pictures of a page: small, within the budget, and none of them costs the others."""

import base64
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pytest

from spatialgen.errors import SceneError
from spatialgen.page import _pictures
from spatialgen.scan import Image


class Given:
    """Pictures of one size; asking for a broken one fails, for a missing one gives nothing."""

    def __init__(self, size: tuple[int, int], broken: tuple[int, ...], missing: tuple[int, ...]):
        self.size, self.broken, self.missing = size, broken, missing

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        for index in indices:
            if index in self.broken:
                raise SceneError("bad_image", f"frame {index}")
            if index not in self.missing:
                yield index, np.full((*self.size, 3), index, dtype=np.uint8)


@pytest.mark.parametrize(
    ("broken", "missing"),
    [
        pytest.param((), (), id="whole"),
        pytest.param((4,), (), id="one broken"),
        pytest.param((0, 2, 6), (), id="first and last broken"),
        pytest.param((0, 2, 4, 6), (), id="all broken"),
        pytest.param((), (4, 6), id="ends early"),
        pytest.param((2,), (6,), id="broken and ends early"),
    ],
)
def test_every_picture_is_told(broken: tuple[int, ...], missing: tuple[int, ...]) -> None:
    told = dict(_pictures.read(Given((30, 40), broken, missing), [0, 2, 4, 6]))
    assert sorted(told) == [0, 2, 4, 6]
    for index, found in told.items():
        if isinstance(found, str):
            assert found == ("bad_image" if index in broken else "missing_image")
        else:
            assert np.all(found == index)
    assert {index for index, found in told.items() if isinstance(found, str)} == {*broken, *missing}


@pytest.mark.parametrize(
    ("size", "count", "small"),
    [
        pytest.param((30, 40), 1, (30, 40), id="never enlarged"),
        pytest.param((960, 1280), 1, (360, 480), id="landscape"),
        pytest.param((1280, 960), 48, (480, 360), id="portrait"),
        pytest.param((960, 1280), 192, (180, 240), id="many"),
        pytest.param((960, 1280), 1000, (120, 160), id="very many"),
        pytest.param((2, 4000), 1, (1, 480), id="a line"),
    ],
)
def test_sizes(size: tuple[int, int], count: int, small: tuple[int, int]) -> None:
    _, image = next(_pictures.read(Given(size, (), ()), range(count)))
    assert not isinstance(image, str)
    assert image.shape == (*small, 3)


def test_noise_keeps_to_its_share() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (360, 480, 3)).astype(np.uint8)
    plain = np.full((360, 480, 3), 90, dtype=np.uint8)
    for image, count in ((noise, 40), (plain, 40), (plain, 1000)):
        uri = _pictures.as_uri(image, count)
        assert uri is not None
        head, _, text = uri.partition(",")
        assert head == "data:image/jpeg;base64"
        data = base64.b64decode(text)
        assert len(data) <= _pictures.BUDGET / count
        again = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
        assert again.shape == image.shape
    assert _pictures.as_uri(noise, 10_000) is None
