"""Under which terms scenes are had, and what of them may be passed on.

Questions, programs and numbers are new work, and may be published; frames and meshes
of scans belong to whoever scanned, and only those of made rooms are passed on.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spatialgen.errors import UsageError


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset of scenes. ``licence`` is an id of the Hub's, "other" for terms of its own."""

    title: str
    licence: str
    url: str | None
    frames: bool = False


#: The sources whose terms are known, by the name in the column ``dataset``.
SOURCES: Mapping[str, Source] = {
    "synthetic": Source("rooms made by spatialgen", "apache-2.0", None, frames=True),
    "scannet": Source("ScanNet", "other", "http://www.scan-net.org/"),
    "scannetpp": Source("ScanNet++", "other", "https://kaldir.vc.in.tum.de/scannetpp/"),
    "arkitscenes": Source(
        "ARKitScenes", "cc-by-nc-sa-4.0", "https://github.com/apple/ARKitScenes#license"
    ),
    "aria_digital_twin": Source(
        "Aria Digital Twin", "other", "https://www.projectaria.com/datasets/adt/"
    ),
}

#: What a dataset may be put under.
LICENCES = (
    *("apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "unlicense", "other"),
    *("cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0"),
    *("cc-by-nd-4.0", "odbl", "odc-by", "pddl", "cdla-permissive-2.0", "cdla-sharing-1.0"),
)

#: What a dataset about made rooms alone is put under unless another is chosen.
DEFAULT = "cc-by-4.0"


def checked(licence: str) -> str:
    """Return a licence's id; raises UsageError, with the nearest ones, for what is none."""
    known = licence.lower()
    if known not in LICENCES:
        near = difflib.get_close_matches(known, LICENCES, n=2)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise UsageError(f"no licence {licence!r}; {hint}known: {', '.join(LICENCES)}")
    return known


def sources_of(datasets: Iterable[str], given: Mapping[str, str]) -> dict[str, Source]:
    """Return the source of each dataset of scenes, by name.

    ``given`` are licences, by name, that the user vouches for; of those no frames are
    passed on. Raises UsageError for a dataset without a licence.
    """
    found = {}
    for name in sorted(set(datasets)):
        source = SOURCES.get(name)
        if source is None and name in given:
            source = Source(name, checked(given[name]), None)
        if source is None:
            raise UsageError(
                f"no licence is known for the scenes of {name!r}; "
                f"say what they are under with --source-license {name}=ID"
            )
        found[name] = source
    return found


def refuse_known(given: Iterable[str]) -> None:
    """Raise UsageError where a user vouches for scenes whose terms are known."""
    for name in given:
        if name in SOURCES:
            terms = f"{SOURCES[name].title}, {SOURCES[name].licence}"
            raise UsageError(
                f"--source-license {name}: its terms are known ({terms}); leave it out"
            )


def of_dataset(made_only: bool, chosen: str | None) -> str:
    """Return what a dataset is put under: what was chosen, or what its sources leave open.

    Unless its scenes are ``made_only``, that is "other": the terms of the scans go on to hold.
    """
    if chosen is not None:
        return checked(chosen)
    return DEFAULT if made_only else "other"
