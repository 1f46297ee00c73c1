"""Rows of predictions to samples, and samples to results."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from evalkit.benchmark import Benchmark, Scorer, key_of
from evalkit.errors import Unscorable
from evalkit.parse.strict import read_choice, read_number
from evalkit.records import Doc, Group, Key, Outcome, Parsed, Results, Row, Sample
from evalkit.score.tolerance import share_within


def score_row(benchmark: Benchmark, scorer: Scorer, row: Row) -> Sample:
    """Return the scorer's score of one prediction, and our own reading of it."""
    try:
        key = key_of(benchmark, row.doc)
    except Unscorable as error:
        return Sample(None, None, None, "error", str(error))
    reading = _read(row.prediction, key)
    outcome = _outcome(reading, key)
    parsed: Parsed = None
    try:
        rule = scorer.choice if key.kind == "choice" else scorer.number
        if rule is None:
            raise Unscorable("the scorer has no rule for numbers")
        parsed = rule.parse(row.prediction)
        return Sample(rule.compare(parsed, key), parsed, reading, outcome)
    except Unscorable as error:
        return Sample(None, parsed, reading, "error", str(error))


def score_rows(benchmark: Benchmark, scorer: Scorer, rows: Iterable[Row]) -> list[Sample]:
    """Return one sample per row, in their order."""
    return [score_row(benchmark, scorer, row) for row in rows]


def results(
    benchmark: Benchmark, scorer: Scorer, docs: Sequence[Doc], samples: Sequence[Sample]
) -> Results:
    """Return the results of ``samples``, whose questions are ``docs``, in the same order.

    A benchmark is partial where one of its types has no question; it then has no overall
    score. Rows without a score are counted and left out of every mean.
    """
    members: dict[str, list[Sample]] = defaultdict(list)
    chances: dict[str, list[float | None]] = defaultdict(list)
    every = [chance(benchmark, doc) for doc in docs]
    for doc, sample, guessed in zip(docs, samples, every, strict=True):
        for name in (scorer.groups or benchmark.groups)(doc):
            members[name].append(sample)
            chances[name].append(guessed)
    ordered = dict.fromkeys((*(name for name in benchmark.types if name in members), *members))
    groups = {
        name: replace(_group(members[name]), chance_adjusted=adjusted(members[name], chances[name]))
        for name in ordered
    }
    for name, parts in benchmark.merged.items():
        if all(part in members for part in parts):
            found = [sample for part in parts for sample in members[part]]
            groups[name] = _group(found, mean_of(groups[part].score for part in parts))
    missing = tuple(name for name in benchmark.types if name not in members)
    counted = [
        sample.score for doc, sample in zip(docs, samples, strict=True) if scorer.counted(doc)
    ]
    scores = {name: group.score for name, group in groups.items()}
    whole = _group(samples)
    return Results(
        n=whole.n,
        overall=None if missing else overall(benchmark, scores, counted),
        no_answer=whole.no_answer,
        errors=whole.errors,
        partial=bool(missing),
        missing=missing,
        groups=groups,
        chance_adjusted=None if missing else adjusted(samples, every),
    )


def chance(benchmark: Benchmark, doc: Doc) -> float | None:
    """Return what guessing scores on a question, None where that is not taken out."""
    try:
        options = key_of(benchmark, doc).options if benchmark.chance_adjusted else ()
    except Unscorable:
        return None
    return 1 / len(options) if len(options) > 1 else None


def adjusted(samples: Sequence[Sample], chances: Sequence[float | None]) -> float | None:
    """Return the accuracy with chance taken out, pooled: 0 for guessing, 1 for all right.

    SITE-Bench calls it CAA: (sum of scores - sum of chances) / (n - sum of chances), with 1 over
    the number of options as the chance of a question.
    """
    known = [
        (sample.score, guessed)
        for sample, guessed in zip(samples, chances, strict=True)
        if sample.score is not None and guessed is not None
    ]
    left = sum(1 - guessed for _, guessed in known)
    return sum(score - guessed for score, guessed in known) / left if known else None


def overall(
    benchmark: Benchmark,
    groups: Mapping[str, float | None],
    counted: Sequence[float | None],
) -> float | None:
    """Return the mean of the groups that the benchmark names, else of the scores that count."""
    if benchmark.macro:
        return mean_of(groups[name] for name in benchmark.macro)
    return _mean_known(counted)


def mean_of(values: Iterable[float | None]) -> float | None:
    """Return the unweighted mean, or None where one of the values is None."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) / len(known) if known and len(known) == len(found) else None


def _mean_known(values: Iterable[float | None]) -> float | None:
    return mean_of(value for value in values if value is not None)


def _group(samples: Sequence[Sample], score: float | None = None) -> Group:
    scores = [sample.score for sample in samples]
    unanswered = sum(sample.outcome == "no_answer" for sample in samples)
    return Group(
        score=_mean_known(scores) if score is None else score,
        n=len(samples),
        no_answer=unanswered / len(samples) if samples else 0.0,
        errors=sum(value is None for value in scores),
    )


def _read(prediction: str, key: Key) -> str | float | None:
    if key.kind == "choice":
        return read_choice(prediction, key.options)
    return read_number(prediction)


def _outcome(reading: str | float | None, key: Key) -> Outcome:
    if reading is None:
        return "no_answer"
    if key.answer is None:
        return "incorrect"
    if isinstance(reading, str) or isinstance(key.answer, str):
        return "correct" if reading == key.answer else "incorrect"
    share = _closeness(reading, key.answer)
    return "correct" if share == 1 else "partial" if share > 0 else "incorrect"


def _closeness(value: float, truth: float) -> float:
    # Only an exact zero is right where the truth is zero: nothing is relative to it.
    if truth == 0:
        return float(value == 0)
    return share_within(abs(value - truth) / abs(truth))
