"""The built-in proposer: question families, taking turns."""

from collections.abc import Iterator, Sequence

from spatialgen import discovery
from spatialgen.family import Family
from spatialgen.graph.build import SceneGraph
from spatialgen.propose.steering import Steering
from spatialgen.rng import generator
from spatialgen.verify.draft import Draft

NAME = "built-in"

PACKAGE = "spatialgen.families"


def family_names() -> tuple[str, ...]:
    """Return the names of all question families, sorted."""
    return discovery.names(PACKAGE)


def families(names: Sequence[str]) -> tuple[Family, ...]:
    """Return families by name; an unknown name raises UsageError with a suggestion."""
    return tuple(discovery.load(PACKAGE, name, "FAMILY") for name in names)


def drafts(
    graph: SceneGraph,
    chosen: Sequence[Family],
    seed: int,
    round_number: int,
    steering: Steering | None = None,
) -> Iterator[Draft]:
    """Yield drafts about a scene, the families taking turns until none has more to ask.

    What a family asks hangs on the seed, the round, the scene and the family
    alone, not on which other families take part. Who begins is drawn for every
    scene, so that few questions about each of many scenes are of all families.
    ``steering`` decides how many of a family's drafts are asked.
    """
    scene = graph.scene.key
    order = generator(seed, "turns", round_number, scene).permutation(len(chosen))
    asking = [
        _asked(family, graph, (seed, round_number), steering)
        for family in (chosen[i] for i in order)
    ]
    while asking:
        for questions in list(asking):
            draft = next(questions, None)
            if draft is None:
                asking.remove(questions)
            else:
                yield draft


def _asked(
    family: Family, graph: SceneGraph, key: tuple[int, int], steering: Steering | None
) -> Iterator[Draft]:
    (seed, round_number), scene = key, graph.scene
    made = family.ask(graph, generator(seed, "ask", round_number, scene.key, family.name))
    if steering is None:
        return made
    chance = generator(seed, "steer", round_number, scene.key, family.name)
    return steering.thinned(made, scene, chance)
