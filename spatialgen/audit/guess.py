"""What a way of guessing scores without looking, and how sure it was of each question."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: By luck a guess is above what it is compared with by so many standard errors once in 740
#: times; an audit looks at about a hundred guesses.
LUCK = 3.0

#: So much above is near enough: 2 points of 100.
NEAR = 0.02


@dataclass(frozen=True)
class Guess:
    """How a way of guessing did on each question of a family.

    ``scores`` (n) are in 0 to 1, ``base`` (n) what would be had without it: chance among
    options, or for numbers the best constant. ``certainty`` (n) is the share of cases in
    which it expected to be right, 0 where it can't say. ``luck`` is the standard error of
    plain drawing: a guess that mostly can't decide varies less, and proves no more.
    """

    name: str
    scores: NDArray[np.float64]
    base: NDArray[np.float64]
    certainty: NDArray[np.float64]
    luck: float = 0.0

    @property
    def score(self) -> float:
        """The mean score."""
        return float(self.scores.mean())

    @property
    def excess(self) -> float:
        """How far the mean score is above the base."""
        return float((self.scores - self.base).mean())

    def error(self, groups: NDArray[np.int64]) -> float:
        """Return the standard error of the excess; questions about one place stand together."""
        above = self.scores - self.base
        centred = above - above.mean()
        sums = np.bincount(groups, weights=centred)
        clustered = float(np.sqrt((sums**2).sum())) / len(above)
        # Few places say little about how they differ: never less than for single questions.
        return max(clustered, float(np.sqrt((centred**2).sum())) / len(above), self.luck)

    def is_shortcut(self, groups: NDArray[np.int64]) -> bool:
        """Say whether it does better than its base by more than luck, and by enough to matter."""
        return self.excess > max(NEAR, LUCK * self.error(groups))

    def is_near(self, groups: NDArray[np.int64]) -> bool:
        """Say whether it does no better than its base, within one standard error."""
        return self.excess <= max(NEAR, self.error(groups))
