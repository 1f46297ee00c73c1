"""What families share that ask for a direction: stand here, face that, where is it?"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from spatialgen.family import Family, draw_tuples, in_turns, pick, single_labels
from spatialgen.graph.boxes import corners, stack
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import turn_angle_deg

#: Standing in or too near an object, or across the hall, makes directions moot.
NEAREST_M = 0.3
FARTHEST_M = 5.0

#: A direction keeps this far from every sector's edge, on both sides.
EDGE_DEG = 10.0

#: So many of the target's eight corners lie in the sector of its centre.
CORNERS = 6

#: Sectors as {name: (from, to)} in degrees, counter-clockwise from straight ahead;
#: one around straight ahead starts below zero.
Sectors = Mapping[str, tuple[float, float]]


def direction_family(
    name: str,
    summary: str,
    wordings: Sequence[str],
    program: Callable[[str, str, str], str],
    sectors: Sectors,
    choices: tuple[str, ...],
) -> Family:
    """Return a family about triples (stand, face, target) of which the room has one each.

    ``program`` takes the three labels. A target in a sector that is none of the
    ``choices`` is rejected by a margin.
    """

    def draft(graph: SceneGraph, rng: np.random.Generator, names: tuple[str, ...]) -> Draft:
        stand, face, target = names

        def derive(graph: SceneGraph) -> Value:
            places = (graph.only(name).box.center for name in names)
            return sector_of(turn_angle_deg(*places), sectors)

        return Draft(
            question_type=name,
            question=pick(rng, wordings).format(stand=stand, face=face, target=target),
            program=program(stand, face, target),
            kind="choice",
            choices=choices,
            unique=names,
            margins=margins(graph, names, sectors, choices),
            derive=derive,
        )

    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        triples = draw_tuples(rng, single_labels(graph), 3)
        return in_turns(rng, graph, [draft(graph, rng, names) for names in triples])

    return Family(name, summary, ask)


def sector_of(turn: float, sectors: Sectors) -> str:
    """Return the name of the sector that a turn in [0, 360) falls into."""
    return next(name for name, (low, high) in sectors.items() if (turn - low) % 360.0 < high - low)


def margins(
    graph: SceneGraph, names: Sequence[str], sectors: Sectors, asked: Sequence[str]
) -> tuple[Margin, ...]:
    """Return the margins of a direction question.

    They are: the distances between the three centres seen from above, the angle
    to the nearest edge of any sector, the corners of the target in its sector,
    and whether that sector is one that is asked about.
    """
    stand, face, target = (graph.only(name).box for name in names)
    places = np.array([box.center[:2] for box in (stand, face, target)])
    pairs = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
    closeness = (
        Margin("nearest_pair_m", float(pairs.min()), NEAREST_M),
        Margin("within_reach_m", FARTHEST_M - float(pairs.max()), 0.0),
    )
    if pairs.min() < NEAREST_M:  # the directions may not even exist
        return closeness
    ahead = places[1] - places[0]
    turn = float(turns_deg(ahead, places[2:] - places[0])[0])
    edges = np.array([edge for sector in sectors.values() for edge in sector])
    to_edge = np.abs((turn - edges + 180) % 360 - 180).min()
    sector = sector_of(turn, sectors)
    low, high = sectors[sector]
    around = turns_deg(ahead, corners(stack([target]))[0, :, :2] - places[0])
    inside = int(((around - low) % 360.0 < high - low).sum())
    return (
        *closeness,
        Margin("asked_sector", sector in asked, 1),
        Margin("edge_deg", float(to_edge), EDGE_DEG),
        Margin("corners_in_sector", inside, CORNERS),
    )


def turns_deg(ahead: NDArray[np.float64], aims: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angles to the left in [0, 360) from ``ahead`` (2,) to each of ``aims`` (n, 2)."""
    across = ahead[0] * aims[:, 1] - ahead[1] * aims[:, 0]
    angles: NDArray[np.float64] = np.degrees(np.arctan2(across, aims @ ahead)) % 360
    return np.where(angles < 360, angles, 0.0)  # a turn just below zero rounds up to 360
