"""Counts and distributions of a dataset folder, in one pass over its rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.dataset.files import QUESTIONS, REJECTED, read_manifest, read_rows
from spatialgen.dataset.rows import Row

#: Numeric answers kept per type and unit for quantiles: every so many-th, so that
#: memory stays flat and all scenes stay represented.
_MOST_NUMBERS = 100_000

# Numbers beyond it are counted as text: they have no use as answers.
_LARGEST = 1e300


@dataclass
class _Numbers:
    kept: list[float] = field(default_factory=list)
    seen: int = 0
    stride: int = 1

    def add(self, value: float) -> None:
        if self.seen % self.stride == 0:
            self.kept.append(value)
        self.seen += 1
        if len(self.kept) > _MOST_NUMBERS:
            self.kept = self.kept[::2]
            self.stride *= 2


@dataclass
class _Type:
    accepted: int = 0
    rejected: int = 0
    letters: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, _Numbers] = field(default_factory=lambda: defaultdict(_Numbers))


def stats(folder: Path) -> dict[str, Any]:
    """Return counts by type, scene and reason, and how the answers are distributed.

    Numbers are described per unit, which is "" where they have none. Raises
    UsageError where the folder is no dataset, DatasetError where it is damaged; of
    an unfinished one, what is there is counted.
    """
    complete = read_manifest(folder)["complete"]
    accepted = read_rows(folder, QUESTIONS, unfinished=not complete)
    rejected = read_rows(folder, REJECTED, unfinished=not complete)
    return {"complete": complete, **count(accepted, rejected)}


def count(accepted: Iterable[Row], rejected: Iterable[Row]) -> dict[str, Any]:
    """Return what `stats` returns of rows, wherever they come from; each is looked at once."""
    types: dict[str, _Type] = defaultdict(_Type)
    scenes: Counter[str] = Counter()
    _count_accepted(accepted, types, scenes)
    reasons: Counter[str] = Counter()
    bad_scenes: Counter[str] = Counter()
    for row in rejected:
        if "question_type" in row:
            reasons[row["reason"]] += 1
            types[row["question_type"]].rejected += 1
        else:
            bad_scenes[row["reason"]] += 1
    return {
        "accepted": sum(scenes.values()),
        "rejected": reasons.total(),
        "types": {name: _describe(types[name]) for name in sorted(types)},
        "reasons": dict(reasons.most_common()),
        "scenes": {
            "with_questions": len(scenes),
            "rejected": dict(bad_scenes.most_common()),
            "questions_each": _quantiles(list(scenes.values())),
        },
    }


def _count_accepted(rows: Iterable[Row], types: dict[str, _Type], scenes: Counter[str]) -> None:
    for row in rows:
        kind = types[row["question_type"]]
        kind.accepted += 1
        scenes[f"{row['dataset']}/{row['scene_name']}"] += 1
        if row["options"] is not None:
            kind.letters[row["ground_truth"]] += 1
        answer = row["answer"]
        if isinstance(answer, bool):
            kind.answers["yes" if answer else "no"] += 1
        elif isinstance(answer, int | float) and abs(answer) <= _LARGEST:
            kind.numbers[row["unit"] or ""].add(float(answer))
        else:
            kind.answers[str(answer)] += 1


def _describe(kind: _Type) -> dict[str, Any]:
    described: dict[str, Any] = {"accepted": kind.accepted, "rejected": kind.rejected}
    if kind.letters:
        described["letters"] = dict(sorted(kind.letters.items()))
    if kind.numbers:
        units = sorted(kind.numbers.items())
        described["answers"] = {unit: _quantiles(numbers.kept) for unit, numbers in units}
    elif kind.answers:
        described["most_frequent"] = dict(kind.answers.most_common(5))
    return described


def _quantiles(values: list[float] | list[int]) -> dict[str, float]:
    if not values:
        return {}
    low, quarter, middle, three, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return {"min": low, "q1": quarter, "median": middle, "q3": three, "max": high}
