"""In which of eight or four directions is something, for a person somewhere else? (ViewSpatial)

Things straight ahead are asked about as often as those at one's back: questions
come in sets with the same four options, each of them right once.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from spatialgen.families._balance import balanced
from spatialgen.families._standpoint import Sectors, margins, sector_of
from spatialgen.family import Family, alternating, draw_tuples, pick, single_labels
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference import turn_angle_deg

#: Each from straight ahead to the left.
EIGHTHS = (
    "front",
    "front-left",
    "left",
    "back-left",
    "back",
    "back-right",
    "right",
    "front-right",
)
QUARTERS = ("front", "left", "back", "right")

#: Where one stands is this far from the other two things, between closest points.
APART_M = 0.2

#: Options of a question.
OPTIONS = 4

WORDINGS = {
    EIGHTHS: (
        "Standing at the {stand} and facing the {face}, in which of eight directions do you find "
        "the {target}? Each covers 45 degrees, the first centered on the {face}.",
        "Someone at the {stand} faces the {face}. Where is the {target} from their point of view? "
        "Tell eight directions apart, 45 degrees each, the first centered on the {face}.",
        "Go to the {stand} and turn to face the {face}. Where is the {target} now, in terms of "
        "eight directions of 45 degrees each, the first centered on the {face}?",
    ),
    QUARTERS: (
        "Someone at the {stand} faces the {face}. In which direction from them is the {target}: "
        "front, left, back or right? Each direction covers 90 degrees.",
        "You stand at the {stand} and look at the {face}. Is the {target} to your front, left, "
        "back or right? Each direction covers 90 degrees.",
    ),
}


def program(stand: str, face: str, target: str, names: Sequence[str]) -> str:
    """Return the program that tells the direction, one of ``names`` to the left from the front."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    stand, face = scene.one({stand!r}), scene.one({face!r})\n"
        f"    turn = scene.turn_deg(stand, face, scene.one({target!r}))\n"
        f"    return sector(turn, {list(names)!r})\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about triples that the room has once each, in eighths and in quarters by turns."""
    streams = []
    for names in (EIGHTHS, QUARTERS):
        triples = list(draw_tuples(rng, single_labels(graph), 3))
        streams.append(_drafts(graph, rng, triples, names))
    return alternating(*streams)


def _drafts(
    graph: SceneGraph,
    rng: np.random.Generator,
    triples: Sequence[tuple[str, ...]],
    names: tuple[str, ...],
) -> Iterator[Draft]:
    clear: Mapping[str, list[tuple[tuple[str, ...], tuple[Margin, ...]]]]
    clear, unclear = {name: [] for name in names}, []
    sectors = _sectors(names)
    for triple in triples:
        found = all_margins(graph, triple, names)
        if all(margin.value >= margin.needed for margin in found):
            clear[_derived(graph, triple, sectors)].append((triple, found))
        else:
            unclear.append((triple, found))
    for options, asked in balanced(rng, clear, OPTIONS):
        for triple, found in asked:
            yield _draft(rng, triple, found, names, options)
        if unclear:
            yield _draft(rng, *unclear.pop(), names, options)


def all_margins(
    graph: SceneGraph, triple: Sequence[str], names: Sequence[str]
) -> tuple[Margin, ...]:
    """Return the margins of asking about (stand, face, target) in directions of these names."""
    stand, face, target = triple
    apart = min(graph.gap(stand, face), graph.gap(stand, target))
    return (
        Margin("apart_m", apart, APART_M),
        *margins(graph, triple, _sectors(names), names),
    )


def _sectors(names: Sequence[str]) -> Sectors:
    width = 360.0 / len(names)
    return {name: ((i - 0.5) * width, (i + 0.5) * width) for i, name in enumerate(names)}


def _derived(graph: SceneGraph, triple: Sequence[str], sectors: Sectors) -> str:
    return sector_of(turn_angle_deg(*(graph.only(name).box.center for name in triple)), sectors)


def _draft(
    rng: np.random.Generator,
    triple: tuple[str, ...],
    found: tuple[Margin, ...],
    names: tuple[str, ...],
    options: tuple[str, ...],
) -> Draft:
    stand, face, target = triple

    def derive(graph: SceneGraph) -> Value:
        return _derived(graph, triple, _sectors(names))

    return Draft(
        question_type="perspective_direction",
        question=pick(rng, WORDINGS[names]).format(stand=stand, face=face, target=target),
        program=program(stand, face, target, names),
        kind="choice",
        choices=options,
        unique=triple,
        margins=found,
        derive=derive,
    )


FAMILY = Family("perspective_direction", "direction of a thing for a person somewhere else", ask)
