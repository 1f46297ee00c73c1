"""What families share about a person who stands at one thing and faces another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatialgen.families._standpoint import CORNERS, EDGE_DEG, FARTHEST_M, NEAREST_M, turns_deg
from spatialgen.graph.boxes import Floats, corners, pick
from spatialgen.graph.build import SceneGraph
from spatialgen.verify.draft import Margin

#: Where one stands is this far from the other things, between closest points.
APART_M = 0.2

#: From straight ahead to the left; the first is centred there.
QUARTERS = ("front", "left", "back", "right")


@dataclass(frozen=True, eq=False)
class Standing:
    """What is around a person, seen from above.

    ``away`` and ``apart`` (k + 1,) are the distances of what is faced and of k
    other things, between centres and between closest points. ``turns`` (k, 9) are
    degrees to the left, in [0, 360), to the centre of each other thing and to its
    eight corners.
    """

    away: Floats
    apart: Floats
    turns: Floats

    @property
    def in_reach(self) -> NDArray[np.bool_]:
        """Which of the k + 1 things are neither too near nor too far, (k + 1,)."""
        near = (self.away >= NEAREST_M) & (self.apart >= APART_M)
        return np.asarray(near & (self.away <= FARTHEST_M))

    @property
    def quarters(self) -> NDArray[np.intp]:
        """The quarter of each other thing, as an index of `QUARTERS`, (k,)."""
        return np.asarray(_quarters(self.turns[:, 0]))

    @property
    def to_edge_deg(self) -> Floats:
        """How far each other thing is from the nearest edge of a quarter, (k,)."""
        beyond = (self.turns[:, 0] + 45.0) % 90.0
        return np.minimum(beyond, 90.0 - beyond)

    @property
    def corners_inside(self) -> NDArray[np.intp]:
        """How many corners of each other thing are in its quarter, (k,)."""
        found = _quarters(self.turns)
        return np.asarray((found[:, 1:] == found[:, :1]).sum(axis=1))

    @property
    def in_quarter(self) -> NDArray[np.bool_]:
        """Which of the other things are in their quarters clearly, (k,)."""
        return np.asarray((self.to_edge_deg >= EDGE_DEG) & (self.corners_inside >= CORNERS))

    def reach_margins(self) -> tuple[Margin, ...]:
        """Return the margins that all things are `in_reach`."""
        return (
            Margin("nearest_m", float(self.away.min()), NEAREST_M),
            Margin("within_reach_m", FARTHEST_M - float(self.away.max()), 0.0),
            Margin("apart_m", float(self.apart.min()), APART_M),
        )

    def quarter_margins(self) -> tuple[Margin, ...]:
        """Return the margins that all other things are `in_quarter`."""
        return (
            Margin("edge_deg", float(self.to_edge_deg.min()), EDGE_DEG),
            Margin("corners_in_quarter", int(self.corners_inside.min()), CORNERS),
        )


def standing(graph: SceneGraph, stand: str, face: str, others: Sequence[str]) -> Standing:
    """Return what is around a person at ``stand`` facing ``face``, all of them there once."""
    index = [graph.by_label[name][0] for name in (stand, face, *others)]
    places = graph.boxes.centers[index, :2]
    ways = places[1:] - places[0]
    things = pick(graph.boxes, np.array(index[2:], dtype=np.intp))
    points = np.concatenate([things.centers[:, None], corners(things)], axis=1)
    aims = (points[:, :, :2] - places[0]).reshape(-1, 2)
    return Standing(
        away=np.hypot(ways[:, 0], ways[:, 1]),
        apart=graph.gaps[index[0], index[1:]],
        turns=turns_deg(ways[0], aims).reshape(-1, 9),
    )


def _quarters(turns: Floats) -> NDArray[np.intp]:
    return np.asarray((turns + 45.0) % 360.0 // 90.0, dtype=np.intp)
