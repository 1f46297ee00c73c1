"""The way of a camera: poses at some times, and what lies between them."""

from dataclasses import dataclass

import numpy as np

from spatialgen.scan import Floats
from spatialgen.scenes import _poses as motions


@dataclass(frozen=True, eq=False)
class Track:
    """Poses at ascending ``times_s`` (n,): quaternions (n, 4), w first, and places (n, 3)."""

    times_s: Floats
    quaternions: Floats
    places: Floats

    def at(self, times_s: Floats, gap_s: float) -> Floats:
        """Return the motions (m, 4, 4) at other times, between the two nearest poses.

        All NaN where one of these is farther away than ``gap_s``: the tracker was lost. Before
        the first pose and after the last there is nothing to go by but that pose, so there
        it is a tenth of that.
        """
        if not len(self.times_s):
            return np.full((len(times_s), 4, 4), np.nan)
        last = len(self.times_s) - 1
        after = np.searchsorted(self.times_s, times_s)
        before = np.clip(after - 1, 0, last)
        after = np.minimum(after, last)
        before = np.where(self.times_s[after] <= times_s, after, before)
        span = self.times_s[after] - self.times_s[before]
        share = np.where(
            span > 0, (times_s - self.times_s[before]) / np.where(span > 0, span, 1), 0
        )
        share = np.clip(share, 0.0, 1.0)
        turns = motions.between(self.quaternions[before], self.quaternions[after], share)
        first, second = self.places[before], self.places[after]
        poses = motions.assembled(
            motions.of_quaternions(turns), first + share[:, None] * (second - first)
        )
        away = np.maximum(
            np.abs(times_s - self.times_s[before]), np.abs(self.times_s[after] - times_s)
        )
        outside = (times_s < self.times_s[0]) | (times_s > self.times_s[-1])
        poses[~(away <= np.where(outside, gap_s / 10, gap_s))] = np.nan
        return poses


def track(times_s: Floats, quaternions: Floats, places: Floats) -> Track:
    """Return the track of poses in any order, without unusable ones and second ones of a time."""
    sound = np.isfinite(times_s) & np.isfinite(places).all(axis=1)
    length = np.linalg.norm(quaternions, axis=1)
    sound &= np.isfinite(length) & (length > 0)
    kept = np.flatnonzero(sound)
    _, first = np.unique(times_s[kept], return_index=True)
    kept = kept[first]
    unit = quaternions[kept] / length[kept, None]
    return Track(times_s[kept], unit, places[kept])
