"""The catalogue and the room kinds refer to each other by names that exist."""

import pytest

from spatialgen.labels import canonical
from spatialgen.synth.catalogue import COMPANY, FURNISHINGS
from spatialgen.synth.furnishing import Furnishing, Where
from spatialgen.synth.kinds import ANYWHERE, CLUTTER, KINDS

NAMES = {item.name for item in FURNISHINGS}
#: Categories of ScanNet's list in VSI-Bench that rooms should be able to have.
# fmt: off
EXPECTED = {
    "chair", "table", "bed", "sofa", "window", "door", "bookshelf", "desk", "refrigerator",
    "pillow", "monitor", "lamp", "printer", "towel", "tv", "nightstand", "plant", "keyboard",
    "backpack", "microwave", "mirror", "clock", "telephone", "stool", "counter", "radiator",
    "closet", "fan", "piano", "guitar", "bicycle", "oven", "trash bin", "computer mouse",
    "washing machine",
}
# fmt: on


def test_names_are_unique_and_the_expected_labels_are_there() -> None:
    assert len(NAMES) == len(FURNISHINGS)
    labels = {item.label for item in FURNISHINGS}
    assert labels >= EXPECTED
    assert [label for label in labels if canonical(label) != label] == []


@pytest.mark.parametrize("item", FURNISHINGS, ids=lambda item: item.name)
def test_record_is_sound(item: Furnishing) -> None:
    for low, high in (item.width, item.depth, item.height):
        assert 0 < low <= high < 3.5
    for low, high in (item.gap, item.bottom, item.setback):
        assert 0 <= low <= high <= 2
    assert item.most >= 1
    needs_host = item.where in (Where.ON, Where.INSIDE, Where.AT, Where.BESIDE)
    assert bool(item.hosts) == needs_host
    assert set(item.hosts) <= NAMES
    assert (item.bottom[1] > 0) == (item.where is Where.MOUNTED)


def test_kinds_and_company_name_known_things_and_use_all_of_them() -> None:
    used = set(ANYWHERE) | set(CLUTTER)
    for kind in KINDS:
        named = {*kind.weights, *(name for name, _ in kind.first)}
        assert named <= NAMES, kind.name
        used |= named
    for name, company in COMPANY.items():
        for friend, most in company:
            record = next(item for item in FURNISHINGS if item.name == friend)
            assert name in record.hosts
            assert 1 <= most <= record.most
    assert used == NAMES


def test_every_kind_can_hold_forty_things() -> None:
    for kind in KINDS:
        names = {*ANYWHERE, *kind.weights, *(name for name, _ in kind.first)}
        most: dict[str, int] = {}
        for item in FURNISHINGS:
            if item.name in names:
                most[item.label] = max(most.get(item.label, 0), item.most)
        assert sum(most.values()) >= 40 or kind.area_m2[1] < 20, kind.name
