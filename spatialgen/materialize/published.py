"""A published dataset as its rounds: questions, and the scenes that their programs saw."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from spatialgen.dataset.rows import Row
from spatialgen.tables.soundness import Key


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture that the dataset brings along: which frame it is, and the file's bytes."""

    key: Key
    index: int
    time_s: float
    content: bytes


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what reads its rows anew, in an order that is always the same.

    ``pictures`` is None where the dataset brings none. All raise DatasetError for what
    can't be read.
    """

    name: str
    questions: Callable[[], Iterator[Row]]
    scenes: Callable[[], Iterator[Row]]
    pictures: Callable[[], Iterator[Embedded]] | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset to be joined with scans; ``identity`` says by hashes which one it is."""

    name: str
    identity: Mapping[str, str]
    rounds: tuple[Round, ...]
