"""What families share that rank objects by a length.

Every place in the ranking is asked for equally often: some things are the largest
wherever they are, but none is on a drawn place more often than the others.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from spatialgen.family import (
    Family,
    draw_tuples,
    listing,
    new_groups,
    pick,
    single_labels,
    with_unclear,
)
from spatialgen.graph.boxes import Boxes, Floats
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Box, Value
from spatialgen.verify.draft import Draft, Margin

#: What comes next is smaller by this share of the larger length, and by this length.
LEAD_SHARE = 0.15
LEAD_M = 0.05


def ranking_family(
    name: str,
    summary: str,
    wordings: Sequence[str],
    places: tuple[str, str, str, str],
    program: Callable[[tuple[str, ...], int], str],
    lengths: Callable[[Boxes], Floats],
    derived: Callable[[Box], float],
) -> Family:
    """Return a family about two to four categories of which the room has one each.

    ``places`` are how one calls the first and the last of two ("taller", "shorter")
    and of more; ``program`` takes the labels and the place asked for, 0 for the
    largest. ``lengths`` gives what is ranked for all boxes, ``derived`` the same for
    one, by the independent derivation.
    """

    def draft(
        graph: SceneGraph, rng: np.random.Generator, names: tuple[str, ...], place: int
    ) -> Draft:
        ranked = lengths(graph.boxes)

        def derive(graph: SceneGraph) -> Value:
            own = {label: derived(graph.only(label).box) for label in names}
            return next(
                label for label in names if sum(own[other] > own[label] for other in names) == place
            )

        return Draft(
            question_type=name,
            question=pick(rng, wordings).format(
                which=_called(places, place, len(names)),
                names=listing([f"the {label}" for label in names], "or"),
            ),
            program=program(names, place),
            kind="choice",
            choices=names,
            unique=names,
            margins=_leads([float(ranked[graph.by_label[label][0]]) for label in names], place),
            derive=derive,
        )

    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        labels = single_labels(graph)
        drawn = draw_tuples(rng, labels, min(4, len(labels)))
        groups = new_groups(some[: int(rng.integers(2, 5))] for some in drawn)
        several = [names for names in groups if len(names) >= 2]
        drafts = [draft(graph, rng, names, int(rng.integers(len(names)))) for names in several]
        return with_unclear(graph, drafts)

    return Family(name, summary, ask)


def _called(places: tuple[str, str, str, str], place: int, count: int) -> str:
    first, last = places[:2] if count == 2 else places[2:]
    if place in (0, count - 1):
        return last if place else first
    return f"{('second', 'third')[place - 1]} {first}"


def _leads(lengths: Sequence[float], place: int) -> tuple[Margin, Margin]:
    # By how much the one asked for differs from those before and after it.
    ordered = np.sort(np.asarray(lengths))[::-1]
    leads = ordered[:-1] - ordered[1:]
    shares = leads / np.maximum(ordered[:-1], 1e-9)
    beside = slice(max(0, place - 1), place + 1)
    return (
        Margin("lead_share", float(shares[beside].min()), LEAD_SHARE),
        Margin("lead_m", float(leads[beside].min()), LEAD_M),
    )
