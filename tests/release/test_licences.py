"""No scene without a licence, no frame of a scan, no licence that is none."""

import pytest

from spatialgen.errors import UsageError
from spatialgen.release.licences import (
    LICENCES,
    SOURCES,
    checked,
    of_dataset,
    refuse_known,
    sources_of,
)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_only_frames_of_made_rooms_are_passed_on(name: str) -> None:
    assert SOURCES[name].frames == (name == "synthetic")
    assert SOURCES[name].licence in LICENCES


def test_sources_by_name() -> None:
    found = sources_of(["scannet", "mine", "scannet"], {"mine": "MIT", "unused": "?"})
    assert list(found) == ["mine", "scannet"]
    assert (found["mine"].licence, found["mine"].frames) == ("mit", False)


@pytest.mark.parametrize(
    ("names", "given", "told"),
    [
        (["mine"], {}, "--source-license mine=ID"),
        (["scannet", "Scannet"], {}, "the scenes of 'Scannet'"),
        ([""], {}, "the scenes of ''"),
        (["mine"], {"mine": "gpl?"}, r"no licence 'gpl\?'"),
    ],
)
def test_scenes_without_a_licence(names: list[str], given: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        sources_of(names, given)


def test_nobody_vouches_for_scenes_whose_terms_are_known() -> None:
    refuse_known({"mine": "mit"})
    with pytest.raises(UsageError, match=r"--source-license scannet: .*\(ScanNet, other\)"):
        refuse_known({"mine": "mit", "scannet": "mit"})


@pytest.mark.parametrize("licence", ["cc-by-3", "CC BY 4.0", "", "cc-by-4.0\n"])
def test_what_is_no_licence(licence: str) -> None:
    with pytest.raises(UsageError, match=r"known: apache-2\.0"):
        checked(licence)


@pytest.mark.parametrize(
    ("made_only", "chosen", "expected"),
    [
        (True, None, "cc-by-4.0"),
        (False, None, "other"),
        (True, "CC0-1.0", "cc0-1.0"),
        (False, "cc-by-nc-4.0", "cc-by-nc-4.0"),
    ],
)
def test_licence_of_a_dataset(made_only: bool, chosen: str | None, expected: str) -> None:
    assert of_dataset(made_only, chosen) == expected
