"""From scored rows to the figures of ``results.json``: means, intervals, baselines, counts."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evalkit.baselines import baselines
from evalkit.benchmark import Benchmark, Scorer
from evalkit.intervals import Clustered, Floats, Interval, cluster, intervals
from evalkit.questions import Question
from evalkit.records import Group, Results, Sample
from evalkit.samples import scored
from evalkit.scoring import chance, results

Combine = Callable[[Floats], Floats]

OUTCOMES = ("correct", "partial", "incorrect", "no_answer", "error")

#: The name that no group has: the questions that count for an overall score by the mean.
_COUNTED = "\0counted"


def summary(
    benchmark: Benchmark,
    scorer: Scorer,
    asked: Sequence[Question],
    answers: Mapping[str, str],
    total: int,
) -> dict[str, Any]:
    """Return the results of a run as plain data, shares of 1.

    ``answers`` has the text of every question that did not fail, ``total`` is the number of
    questions there are, of which ``asked`` may be a part. Failed questions are in no mean.
    ``overall`` is None where the run is partial, for the reasons in ``partial``;
    ``overall_answered`` is the score over what was answered all the same.
    """
    answered = [question for question in asked if question.id in answers]
    samples = [scored(benchmark, scorer, each, answers[each.id]) for each in answered]
    found = results(benchmark, scorer, [question.doc for question in answered], samples)
    reasons = _partial(found, len(asked), len(answered), total)
    each, overall = _intervals(benchmark, scorer, answered, samples, found)
    groups = {
        name: {
            **asdict(group),
            **_ends(each.get(name)),
            "failed": 0,
            "outcomes": _outcomes(benchmark, scorer, name, answered, samples),
        }
        for name, group in found.groups.items()
    }
    _count_failed(benchmark, scorer, groups, [each for each in asked if each.id not in answers])
    return {
        "n": len(asked),
        "answered": len(answered),
        "failed": len(asked) - len(answered),
        "errors": found.errors,
        "overall": None if reasons else found.overall,
        "overall_answered": found.overall,
        **_ends(overall),
        "chance_adjusted": _adjusted(benchmark, answered, samples, None if reasons else found),
        "partial": reasons,
        "no_answer": found.no_answer,
        "outcomes": _counted(samples),
        "clusters": len({question.cluster for question in answered}),
        "groups": groups,
        "missing_types": list(found.missing),
    }


def other_scorers(
    benchmark: Benchmark, asked: Sequence[Question], answers: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return the overall score that each scorer gives to the same answers."""
    answered = [question for question in asked if question.id in answers]
    docs = [question.doc for question in answered]
    figures = {}
    for name, scorer in benchmark.scorers.items():
        samples = [scored(benchmark, scorer, each, answers[each.id]) for each in answered]
        found = results(benchmark, scorer, docs, samples)
        _, overall = _intervals(benchmark, scorer, answered, samples, found)
        figures[name] = {"overall": found.overall, **_ends(overall), "errors": found.errors}
    return figures


def baseline_figures(benchmark: Benchmark, asked: Sequence[Question]) -> dict[str, Any]:
    """Return what guessing scores on the questions that were asked."""
    found = baselines(benchmark, [question.doc for question in asked])
    return {name: asdict(baseline) for name, baseline in found.items()}


def grouping(benchmark: Benchmark) -> dict[str, Any]:
    """Return how groups make up the overall score, so that a folder explains itself."""
    return {
        "types": list(benchmark.types),
        "merged": {name: list(parts) for name, parts in benchmark.merged.items()},
        "macro": list(benchmark.macro),
    }


def combiners(
    names: Sequence[str], merged: Mapping[str, Sequence[str]], macro: Sequence[str]
) -> tuple[dict[str, Combine], Combine | None]:
    """Return functions from the means of ``names`` (..., groups) to merged and overall scores.

    The overall one is None where ``macro`` is empty or names a group that is not there.
    """
    place = {name: index for index, name in enumerate(names)}
    found = {
        name: _mean_of([_column(place[part]) for part in parts])
        for name, parts in merged.items()
        if parts and all(part in place for part in parts)
    }
    columns = {**{name: _column(index) for name, index in place.items()}, **found}
    if not macro or any(name not in columns for name in macro):
        return found, None
    return found, _mean_of([columns[name] for name in macro])


def _column(index: int) -> Combine:
    return lambda means: means[..., index]


def _mean_of(parts: Sequence[Combine]) -> Combine:
    return lambda means: np.mean([part(means) for part in parts], axis=0)


def _intervals(
    benchmark: Benchmark,
    scorer: Scorer,
    answered: Sequence[Question],
    samples: Sequence[Sample],
    found: Results,
) -> tuple[dict[str, Interval], Interval | None]:
    """Return the interval of every group that has a score, and of the overall score."""
    names = [name for name in found.groups if name not in benchmark.merged]
    kept = [
        (question, sample.score)
        for question, sample in zip(answered, samples, strict=True)
        if sample.score is not None
    ]
    if not kept:
        return {}, None
    members = [_memberships(benchmark, scorer, question) for question, _ in kept]
    columns = [*names, _COUNTED]
    table = np.array([[name in member for name in columns] for member in members])
    scores = np.array([score for _, score in kept], dtype=float)
    data = cluster(scores, table, [question.cluster for question, _ in kept])
    merged, macro = combiners(names, benchmark.merged, benchmark.macro)
    each, _ = intervals(data)
    ends = dict(zip(names, each, strict=False))
    ends |= {name: _combined(data, combine) for name, combine in merged.items()}
    known = {name: end for name, end in ends.items() if np.isfinite(end.score)}
    if found.overall is None:
        return known, None
    return known, each[-1] if macro is None else _combined(data, macro)


def _adjusted(
    benchmark: Benchmark,
    answered: Sequence[Question],
    samples: Sequence[Sample],
    found: Results | None,
) -> dict[str, float | None] | None:
    """Return the chance-adjusted score with its interval, None where there is none."""
    if found is None or found.chance_adjusted is None:
        return None
    known = [
        (question.cluster, sample.score, guessed)
        for question, sample in zip(answered, samples, strict=True)
        if sample.score is not None and (guessed := chance(benchmark, question.doc)) is not None
    ]
    clusters, scores, chances = (np.array(column) for column in zip(*known, strict=True))
    members = np.ones((len(known), 1), dtype=bool)
    data = cluster(scores - chances, members, clusters.tolist(), weights=1 - chances)
    return {"score": found.chance_adjusted, **_ends(intervals(data)[0][0], -math.inf)}


def _combined(data: Clustered, combine: Combine) -> Interval:
    interval = intervals(data, combine)[1]
    assert interval is not None
    return interval


def _memberships(benchmark: Benchmark, scorer: Scorer, question: Question) -> frozenset[str]:
    names = (scorer.groups or benchmark.groups)(question.doc)
    return frozenset((*names, _COUNTED) if scorer.counted(question.doc) else names)


def _ends(interval: Interval | None, least: float = 0.0) -> dict[str, float | None]:
    """Return the ends of an interval, of which no score lies beyond ``least`` and 1."""
    if interval is None or interval.low is None or interval.high is None:
        return {"low": None, "high": None}
    return {"low": max(interval.low, least), "high": min(interval.high, 1.0)}


def _partial(found: Results, asked: int, answered: int, total: int) -> list[str]:
    reasons = []
    if asked < total:
        reasons.append(f"{asked:,} of {total:,} questions were asked")
    if answered < asked:
        reasons.append(f"{asked - answered:,} of {asked:,} questions failed")
    if found.missing:
        reasons.append(f"no answered question of type {', '.join(found.missing)}")
    return reasons


def _outcomes(
    benchmark: Benchmark,
    scorer: Scorer,
    name: str,
    answered: Sequence[Question],
    samples: Sequence[Sample],
) -> dict[str, int]:
    parts = frozenset(benchmark.merged.get(name, (name,)))
    groups = scorer.groups or benchmark.groups
    pairs = zip(answered, samples, strict=True)
    return _counted([each for question, each in pairs if parts & set(groups(question.doc))])


def _counted(samples: Sequence[Sample]) -> dict[str, int]:
    counts = Counter[str](sample.outcome for sample in samples)
    return {name: counts[name] for name in OUTCOMES}


def _count_failed(
    benchmark: Benchmark,
    scorer: Scorer,
    groups: dict[str, dict[str, Any]],
    failed: Sequence[Question],
) -> None:
    """Count failed questions in their groups; one of which all failed is a group all the same."""
    for question in failed:
        names = dict.fromkeys((scorer.groups or benchmark.groups)(question.doc))
        merged = {name for name, parts in benchmark.merged.items() if names.keys() & set(parts)}
        for name in names:
            groups.setdefault(name, _empty())["failed"] += 1
        for name in merged & groups.keys():
            groups[name]["failed"] += 1


def _empty() -> dict[str, Any]:
    group = asdict(Group(score=None, n=0, no_answer=0.0))
    return {**group, **_ends(None), "failed": 0, "outcomes": _counted([])}
