"""Which object every vertex belongs to: over-segments, and the groups that annotators made of them.

A segment's number is a name and not an index; groups name segments, and segments
that no group names are not annotated. Where two groups name one segment, the
later has it, as in the exporter that comes with ScanNet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.scan import Indices
from spatialgen.scenes import _files as files
from spatialgen.scenes._base import one_line
from spatialgen.scenes._faults import Faults

#: A file of segments or groups may take this many bytes; real ones take 1 to 30 million.
BYTES_LIMIT = 64 * 2**20
#: More groups than this are no annotation of a room.
MOST_GROUPS = 10_000
#: Where more than this share of the named segments is absent, the groups belong to another mesh.
MOST_ABSENT = 0.5

Segments: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Group:
    """One annotated thing: its label as written, and the distinct segments it consists of.

    ``obb`` is the box that some datasets give with it, as parsed from JSON and not checked.
    """

    label: str
    segments: Segments
    obb: object = None


def read_segments(path: Path, vertices: int) -> Segments:
    """Return the segment of every vertex, (vertices,).

    Raises SceneError: bad_json, too_deep, duplicate_key, bad_annotation, segments_mismatch.
    """
    found = _integers(files.json_object(path, BYTES_LIMIT, "bad_annotation").get("segIndices"))
    if found is None:
        raise SceneError("bad_annotation", f"{path.name}: segIndices is no list of whole numbers")
    if len(found) != vertices:
        raise SceneError(
            "segments_mismatch",
            f"{path.name}: {len(found):,} segment numbers for a mesh of {vertices:,} vertices; "
            "these files don't belong together",
        )
    return found


def read_groups(path: Path, faults: Faults) -> list[Group]:
    """Return the groups in file order, without those that are unusable or there twice.

    Raises SceneError: bad_json, too_deep, duplicate_key, bad_annotation.
    """
    raw_groups = files.json_object(path, BYTES_LIMIT, "bad_annotation").get("segGroups")
    if not isinstance(raw_groups, list) or len(raw_groups) > MOST_GROUPS:
        raise SceneError(
            "bad_annotation", f"{path.name}: segGroups is no list of up to {MOST_GROUPS:,} groups"
        )
    groups: dict[bytes, Group] = {}
    for group in _groups(raw_groups, faults):
        first = groups.setdefault(group.segments.tobytes(), group)
        if first is not group:
            detail = f"the same segments as an earlier {one_line(first.label)}, dropped"
            faults.add("duplicate_group", group.label, detail)
    return list(groups.values())


def vertex_owners(segments: Segments, groups: Sequence[Group], faults: Faults) -> Indices:
    """Return the group of every vertex (v,), -1 where it is in none.

    Raises SceneError ``foreign_annotation`` where most of the named segments are absent.
    """
    known, position = np.unique(segments, return_inverse=True)
    owner = np.full(len(known), -1, dtype=np.int32)
    named = absent = 0
    for number, group in enumerate(groups):
        at = np.minimum(np.searchsorted(known, group.segments), len(known) - 1)
        present = known[at] == group.segments
        missing = len(present) - int(present.sum())
        named, absent = named + len(present), absent + missing
        if missing:
            detail = f"{missing} of its {len(present)} segments are not in the mesh"
            faults.add("absent_segments", group.label, detail)
        taken = at[present]
        if (owner[taken] >= 0).any():
            earlier = groups[int(owner[taken].max())].label
            detail = f"names segments of an earlier {one_line(earlier)}, and has them"
            faults.add("shared_segments", group.label, detail)
        owner[taken] = number
    if absent > MOST_ABSENT * named:
        raise SceneError(
            "foreign_annotation",
            f"{absent:,} of {named:,} segments that are named in the groups are not in the mesh; "
            "these files don't belong together (groups of the full mesh, "
            "<id>_vh_clean.aggregation.json, can't be used with the decimated one)",
        )
    return owner[position]


def members(owners: Indices, count: int) -> list[Indices]:
    """Return the vertices of each of ``count`` groups, given the vertices' owners (v,)."""
    order = np.argsort(owners, kind="stable").astype(np.int32)
    ends = np.searchsorted(owners[order], np.arange(count + 1))
    return [order[start:end] for start, end in pairwise(ends)]


def face_owners(owners: Indices, faces: Indices) -> Indices:
    """Return whose each face is (f,): of the vertices' owners (v,) the one that two corners have.

    -1 where the corners have three owners, or two have none.
    """
    first, second, third = owners[faces].T
    return np.where(
        (first == second) | (first == third), first, np.where(second == third, second, -1)
    ).astype(np.int32)


def _groups(raw_groups: list[object], faults: Faults) -> Iterator[Group]:
    for raw in raw_groups:
        if not isinstance(raw, dict) or not isinstance(raw.get("label"), str):
            faults.add("bad_group", "segGroups", "a group without a label, dropped")
            continue
        segments = _integers(raw.get("segments"))
        if segments is None:
            detail = "its segments are no list of whole numbers, dropped"
            faults.add("bad_group", raw["label"], detail)
        elif not len(segments):
            faults.add("empty_group", raw["label"], "a group without segments, dropped")
        else:
            yield Group(raw["label"], np.unique(segments), raw.get("obb"))


def _integers(raw: object) -> Segments | None:
    """Return a JSON list of whole numbers as an array, else None."""
    # Only numbers are handed on: numpy would give every place the length of the longest text.
    if not isinstance(raw, list) or not set(map(type, raw)) <= {int}:
        return None
    try:
        return np.array(raw, dtype=np.int64)
    except OverflowError:
        return None
