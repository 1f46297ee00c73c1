"""What can be had without looking: chance, and the best answer that is always the same.

All are computed from the questions themselves. A group that is not of the kind a baseline is
about has no figure in it.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.benchmark import Benchmark, key_of
from evalkit.errors import Unscorable
from evalkit.records import Doc, Key
from evalkit.score.tolerance import TOLERANCES, share_within
from evalkit.scoring import mean_of

#: From the keys of some questions to one score per question, None where it does not apply.
Guess = Callable[[Sequence[Key]], list[float | None]]


@dataclass(frozen=True)
class Baseline:
    """The scores of one way of guessing, as a share of 1."""

    overall: float | None
    groups: Mapping[str, float | None]


def baselines(benchmark: Benchmark, docs: Sequence[Doc]) -> dict[str, Baseline]:
    """Return the baselines of ``docs`` by name.

    ``chance``: a random option (choices only). ``frequency_letter`` and ``frequency_text``:
    the letter, or the option's text, that is right most often; a text that is not offered is
    wrong. Numbers get the constant that scores best in both, and the median in ``median``.
    Guesses are made per group; the overall figure of a benchmark without named groups to
    average is one guess for all questions.
    """
    keys, members = [], defaultdict(list)
    for doc in docs:
        try:
            key = key_of(benchmark, doc)
        except Unscorable:
            continue
        keys.append(key)
        for name in benchmark.groups(doc):
            members[name].append(key)
    return {name: _baseline(benchmark, guess, keys, members) for name, guess in GUESSES.items()}


def chance(keys: Sequence[Key]) -> list[float | None]:
    """Return one over the number of options, where these are known."""
    return [1 / len(key.options) if key.options else None for key in keys]


def frequent_letter(keys: Sequence[Key]) -> list[float | None]:
    """Return 1 where the most frequent letter is right; numbers as `best_constant`."""
    return _frequent([key.answer for key in keys], keys)


def frequent_text(keys: Sequence[Key]) -> list[float | None]:
    """Return 1 where the most frequent right text is right; numbers as `best_constant`."""
    return _frequent([_answer_text(key) for key in keys], keys)


def best_constant(numbers: Sequence[float]) -> float:
    """Return the number that, given to every question, has the best mean relative accuracy.

    The score only changes where a tolerance of some answer begins or ends, but as published
    figures do, only answers that occur are tried; the smallest of equally good ones is taken.
    Numbers are positive.
    """
    weights = Counter(numbers)

    def score(value: float) -> int:
        return sum(
            count * sum(abs(value - truth) / truth <= tolerance for tolerance in TOLERANCES)
            for truth, count in weights.items()
        )

    return max(sorted(weights), key=score)


def best_number(keys: Sequence[Key]) -> list[float | None]:
    """Return the scores of the best constant; None for choices."""
    return _constant(keys, best_constant)


def median(keys: Sequence[Key]) -> list[float | None]:
    """Return the scores of the median answer; None for choices."""
    return _constant(keys, statistics.median)


def _constant(
    keys: Sequence[Key], choose: Callable[[Sequence[float]], float]
) -> list[float | None]:
    numbers = [_positive(key) for key in keys]
    known = [number for number in numbers if number is not None]
    if not known:
        return [None] * len(keys)
    value = choose(known)
    return [
        None if truth is None else share_within(abs(value - truth) / truth) for truth in numbers
    ]


def _frequent(answers: Sequence[object], keys: Sequence[Key]) -> list[float | None]:
    if any(key.kind == "number" for key in keys):
        return best_number(keys)
    counts = Counter(answer for answer in answers if answer is not None)
    if not counts:
        return [None] * len(keys)
    # Of equally frequent answers the first in order, so that the order of rows is no matter.
    best = min(counts, key=lambda answer: (-counts[answer], str(answer)))
    return [float(answer == best) for answer in answers]


def _answer_text(key: Key) -> str | None:
    if not isinstance(key.answer, str) or len(key.answer) != 1:
        return None
    place = ord(key.answer) - ord("A")
    return key.options[place] if 0 <= place < len(key.options) else None


def _positive(key: Key) -> float | None:
    return key.answer if isinstance(key.answer, float) and key.answer > 0 else None


def _baseline(
    benchmark: Benchmark,
    guess: Guess,
    keys: Sequence[Key],
    members: Mapping[str, Sequence[Key]],
) -> Baseline:
    groups = {name: mean_of(guess(found)) for name, found in members.items()}
    for name, parts in benchmark.merged.items():
        if all(part in groups for part in parts):
            groups[name] = mean_of(groups[part] for part in parts)
    if any(name not in groups for name in benchmark.types):
        return Baseline(None, groups)
    if benchmark.macro:
        return Baseline(mean_of(groups[name] for name in benchmark.macro), groups)
    return Baseline(mean_of(guess(keys)), groups)


GUESSES: Mapping[str, Guess] = {
    "chance": chance,
    "frequency_letter": frequent_letter,
    "frequency_text": frequent_text,
    "median": median,
}
