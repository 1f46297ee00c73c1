"""Projection, depth and visibility next to what a real recording publishes."""

from pathlib import Path

import pytest
from aria_agreement import agreement, held

DATA = Path(__file__).parents[2] / "../shared/data/aria_digital_twin"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the recording is not in ../shared/data/aria_digital_twin"
)


@pytest.fixture(scope="module")
def figures():
    return agreement(DATA)


def test_boxes_are_where_they_are_published(figures):
    assert held(figures)
    assert figures["seen in the fisheye frames"]["objects"] > 70
    assert figures["seen in the pinhole copies"]["centre error, px"] < 5


@pytest.mark.parametrize("frames", ["seen in the fisheye frames", "seen in the pinhole copies"])
def test_visible_fractions_follow_the_published_ones(figures, frames):
    assert figures[frames]["correlation"] > 0.85
    assert figures[frames]["mean absolute error"] < 0.08
    assert abs(figures[frames]["mean error"]) < 0.03
    assert figures[frames]["not seen by us"] == 0


def test_depth_is_where_the_boxes_are(figures):
    assert abs(figures["depth"]["depth minus centre, median mm"]) < 20
    assert figures["depth"]["share with depth inside the box"] > 0.95


def test_the_lens_of_the_recording_is_met_to_a_few_pixels(figures):
    assert figures["our camera for that lens"]["largest error, px"] < 3
