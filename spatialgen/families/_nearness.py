"""What families that compare distances to one object share.

Distances are those between boxes. Where a mesh tells how far apart the things
themselves are, whatever is compared has to come out the same by that.
"""

from collections.abc import Sequence

import numpy as np

from spatialgen.graph.build import SceneGraph
from spatialgen.records import SceneObject
from spatialgen.verify.draft import Margin
from spatialgen.verify.reference import closest_distance

#: Distances to compare differ by this much, more in rooms where all is far.
APART_M = 0.15
APART_LARGE_M = 0.30
LARGE_ROOM_M2 = 40.0


def apart(graph: SceneGraph) -> float:
    """Return by how much two distances must differ in this room, in metres."""
    area = graph.scene.room.area
    return APART_LARGE_M if area is not None and area > LARGE_ROOM_M2 else APART_M


def label_gap(graph: SceneGraph, anchor: str, label: str) -> float:
    """Return the distance from the only ``anchor`` to the nearest object of a label."""
    start = graph.by_label[anchor][0]
    return float(min(graph.gaps[start, i] for i in graph.by_label[label]))


def surface_gap(graph: SceneGraph, anchor: str, label: str) -> float | None:
    """Return what `label_gap` does, between surfaces; None where one that may be nearest has none.

    No surface is nearer than its box, so far boxes are passed over.
    """
    start, nearest = graph.by_label[anchor][0], float("inf")
    for i in sorted(graph.by_label[label], key=lambda i: float(graph.gaps[start, i])):
        if graph.gaps[start, i] >= nearest:
            break
        gap = graph.surfaces.gap(start, i)
        if gap is None:
            return None
        nearest = min(nearest, gap)
    return nearest


def spread(graph: SceneGraph, anchor: str, labels: Sequence[str]) -> Margin:
    """Return the margin between the distances of any two of at least two labels."""
    ordered = sorted(labels, key=lambda label: label_gap(graph, anchor, label))
    steps = np.diff([label_gap(graph, anchor, label) for label in ordered])
    measured = [surface_gap(graph, anchor, label) for label in ordered]
    known = [gap for gap in measured if gap is not None]
    if len(known) == len(measured):
        steps = np.concatenate([steps, np.diff(known)])
    return Margin("apart_m", float(steps.min()), apart(graph))


def derived_gap(graph: SceneGraph, anchor: str, label: str) -> float:
    """Return what `label_gap` does, by the independent derivation."""
    start = graph.only(anchor)
    return min(
        closest_distance(start.box, thing.box)
        for thing in graph.scene.objects
        if thing.label == label and thing.id != start.id
    )


def nearest_lead(graph: SceneGraph, anchor: str, kinds: bool) -> tuple[SceneObject, Margin]:
    """Return what is nearest to the only ``anchor``, and its lead over what comes next.

    Next is the nearest object of another category where only ``kinds`` matter,
    else any other object. The room must hold two categories beside the anchor's.
    """
    start = graph.by_label[anchor][0]
    order = [int(i) for i in np.argsort(graph.gaps[start], kind="stable") if i != start]
    things = graph.scene.objects
    best = things[order[0]]
    rivals = [i for i in order[1:] if not kinds or things[i].label != best.label]
    lead = float(graph.gaps[start, rivals[0]] - graph.gaps[start, order[0]])
    measured = graph.surfaces.gap(start, order[0])
    if measured is not None:
        lead = min(lead, _measured_lead(graph, start, measured, rivals))
    return best, Margin("apart_m", lead, apart(graph))


def _measured_lead(graph: SceneGraph, start: int, measured: float, rivals: Sequence[int]) -> float:
    """Return by how much a distance between surfaces is smaller than those to the rivals.

    No surface is nearer than its box, which stands for those that are far away anyhow.
    """

    def away(i: int) -> float:
        gap = float(graph.gaps[start, i])
        surface = graph.surfaces.gap(start, i) if gap < measured + apart(graph) else None
        return gap if surface is None else surface

    return min(map(away, rivals)) - measured
