"""Confidence intervals that know that questions about one scene are not independent.

Scenes (or videos) are drawn with replacement, with all their questions: the
cluster bootstrap of Davison and Hinkley, "Bootstrap Methods and their
Application", 1997, section 3.8. Every score here is a weighted mean, so a draw
is a count per cluster and all draws are two matrix products.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Resamples; the ends of a 95 % interval then move by less than 0.002 between seeds.
DRAWS = 4_000
LEVEL = 0.95
SEED = 0

#: Over fewer clusters an interval of 95 % was found to hold the true score in less than 90 of 100.
FEW_CLUSTERS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A score with the ends of its interval; ends are None for fewer than two clusters."""

    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Clustered:
    """Scores summed per cluster and group.

    ``sums`` and ``counts`` are (clusters, groups): the sum of the scores and the
    number of questions of a group in a cluster.
    """

    sums: Floats
    counts: Floats

    @property
    def means(self) -> Floats:
        """The mean score of each group, (groups,); NaN for an empty one."""
        return _ratio(self.sums.sum(axis=0), self.counts.sum(axis=0))


def cluster(
    scores: Floats,
    members: NDArray[np.bool_],
    clusters: Sequence[str],
    weights: Floats | None = None,
) -> Clustered:
    """Sum scores (n,) by cluster name (n) for each group; ``members`` is (n, groups).

    ``weights`` (n,) are summed where questions are counted otherwise, for a ratio of sums.
    """
    names = {name: k for k, name in enumerate(sorted(set(clusters)))}
    rows = np.array([names[name] for name in clusters], dtype=np.intp)
    sums = np.zeros((len(names), members.shape[1]))
    counts = np.zeros_like(sums)
    np.add.at(sums, rows, np.where(members, scores[:, None], 0.0))
    np.add.at(counts, rows, members * (1.0 if weights is None else weights[:, None]))
    return Clustered(sums, counts)


def resampled_means(data: Clustered, rng: np.random.Generator, draws: int = DRAWS) -> Floats:
    """Return the groups' means in each resample, (draws, groups); NaN where a group is empty."""
    count = len(data.sums)
    times = rng.multinomial(count, np.full(count, 1.0 / count), size=draws).astype(float)
    return _ratio(times @ data.sums, times @ data.counts)


def intervals(
    data: Clustered,
    combine: Callable[[Floats], Floats] | None = None,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[list[Interval], Interval | None]:
    """Return an interval per group, and one for the combined score.

    ``combine`` maps means (..., groups) to one score (...). The percentile
    interval is widened about its centre by sqrt(c / (c - 1)) for c clusters,
    which a resample's variance lacks.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    means = data.means
    drawn = resampled_means(data, rng, draws)
    each = [
        _interval(float(means[g]), drawn[:, g], int((data.counts[:, g] > 0).sum()), level)
        for g in range(len(means))
    ]
    if combine is None:
        return each, None
    return each, _interval(float(combine(means)), combine(drawn), len(data.sums), level)


def _interval(score: float, drawn: Floats, clusters: int, level: float) -> Interval:
    kept = drawn[np.isfinite(drawn)]
    if clusters < 2 or not len(kept):
        return Interval(score, None, None)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(kept, [tail, 1.0 - tail])
    widened = np.sqrt(clusters / (clusters - 1.0))
    return Interval(score, score - (score - low) * widened, score + (high - score) * widened)


def paired_difference(
    first: Floats,
    second: Floats,
    members: NDArray[np.bool_],
    clusters: Sequence[str],
    combine: Callable[[Floats], Floats] | None = None,
) -> tuple[list[Interval], Interval | None]:
    """Return intervals of second minus first, both scored on the same questions.

    Both are resampled with the same clusters, so what makes a scene hard for
    both drops out.
    """
    one, two = (cluster(scores, members, clusters) for scores in (first, second))
    rng = np.random.Generator(np.random.PCG64(SEED))
    count = len(one.sums)
    times = rng.multinomial(count, np.full(count, 1.0 / count), size=DRAWS).astype(float)
    drawn = [_ratio(times @ data.sums, times @ data.counts) for data in (one, two)]
    means = two.means - one.means
    each = [
        _interval(
            float(means[g]),
            drawn[1][:, g] - drawn[0][:, g],
            int((one.counts[:, g] > 0).sum()),
            LEVEL,
        )
        for g in range(len(means))
    ]
    if combine is None:
        return each, None
    total = float(combine(two.means) - combine(one.means))
    return each, _interval(total, combine(drawn[1]) - combine(drawn[0]), count, LEVEL)


def _ratio(sums: Floats, counts: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / counts)
