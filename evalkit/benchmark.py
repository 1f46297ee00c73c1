"""What a benchmark file declares: where the questions are, how to ask, how to score.

A module of ``evalkit.benchmarks`` defines ``BENCHMARK``, one `Benchmark`. Nothing elsewhere
knows a benchmark by its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evalkit.errors import Unscorable
from evalkit.records import Doc, Key, Parsed, Part

#: The scorer names that every benchmark offers; the first is the default.
SCORERS = ("official", "lmms-eval", "vlmevalkit")


@dataclass(frozen=True)
class Source:
    """Where the questions come from.

    ``rows`` gives the number of questions of each configuration, and ``files`` the patterns of
    the files that hold them, the preferred one first, with paths in the repository.
    ``revision`` is the commit that is read unless another is chosen: one that public code reads,
    or None, the newest, where none is known.
    """

    repo: str
    split: str
    rows: Mapping[str, int]
    licence: str
    revision: str | None = None
    note: str = ""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Media:
    """How images or videos lie in the repository or in a local folder of the same layout.

    ``place`` says where a question's media are: a path pattern over the columns, or a column.
    ``also`` are patterns of places where the same may lie instead, looked into in this order.
    ``size`` is the width and height in pixels that every image is brought to, None for its own.
    """

    kind: str
    place: str
    also: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Generation:
    """How an answer is generated: greedily, with at most so many new tokens."""

    max_new_tokens: int
    temperature: float = 0.0


@dataclass(frozen=True)
class Rule:
    """How one scorer reads a prediction and what it gives for it.

    ``parse`` sees the raw text, ``compare`` only what was parsed and the key. Both raise
    Unscorable where the reproduced code raises.
    """

    parse: Callable[[str], Parsed]
    compare: Callable[[Parsed, Key], float]


def _every_row(_doc: Doc) -> bool:
    return True


@dataclass(frozen=True)
class Scorer:
    """One harness's way to score a benchmark.

    ``groups`` replaces the benchmark's grouping where that harness groups differently;
    ``counted`` says which rows its overall score takes.
    """

    choice: Rule
    number: Rule | None = None
    groups: Callable[[Doc], tuple[str, ...]] | None = None
    counted: Callable[[Doc], bool] = _every_row


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    ``needs`` are the columns without which a row can't be scored, ``columns`` all that a
    loaded row has. ``types`` are the groups that must all have a question before an overall
    score is given. ``merged`` maps a group to the groups whose unweighted mean it is.
    ``macro`` names the groups whose unweighted mean is the overall score; where it is empty,
    the overall score is the mean over all rows. Where ``chance_adjusted``, its authors also report
    what is left of the accuracy when chance is taken out.
    """

    name: str
    title: str
    source: Source
    columns: tuple[str, ...]
    needs: tuple[str, ...]
    media: Media
    generation: Generation
    prompt: Callable[[Doc], tuple[Part, ...]]
    key: Callable[[Doc], Key]
    groups: Callable[[Doc], tuple[str, ...]]
    types: tuple[str, ...]
    scorers: Mapping[str, Scorer]
    cluster: Callable[[Doc], str]
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    macro: tuple[str, ...] = ()
    belongs: Callable[[Doc], bool] = _every_row
    chance_adjusted: bool = False


def key_of(benchmark: Benchmark, doc: Doc) -> Key:
    """Return what the answer to a question is measured against.

    Raises Unscorable for a question whose columns are not of the kind that the benchmark has.
    """
    try:
        return benchmark.key(doc)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unscorable(f"the question's columns are not as they should be: {error}") from error
