"""What feedback changes about the questions of families: how many of each kind are asked.

A *cell* is a family at one level of complexity. Each has a weight from 0 to 1: of the drafts
that a family would make, this share is asked. The weights come from whoever watched a solver
learn; a cell without one is asked as often as the others are on average.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from spatialgen.propose.complexity import Knob, complexity, level
from spatialgen.records import Scene
from spatialgen.verify.draft import Draft


@dataclass(frozen=True)
class Steering:
    """Weights by family and level, levels being those of ``knobs``; without weights all is asked.

    Options are drawn for a question after it was steered, so a family's name here has
    no ``_mc``.
    """

    knobs: tuple[Knob, ...] = ()
    weights: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def thinned(
        self, drafts: Iterable[Draft], scene: Scene, rng: np.random.Generator
    ) -> Iterator[Draft]:
        """Yield each draft with the probability that its cell's weight says."""
        usual = fmean(self.weights.values()) if self.weights else 1.0
        for draft in drafts:
            cell = (draft.question_type, level(complexity(draft, scene), self.knobs))
            if rng.random() < self.weights.get(cell, usual):
                yield draft
