"""The plain data that every other module passes around."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

#: One question with the benchmark's own columns.
Doc = Mapping[str, Any]

#: What a scorer's parser found in a prediction: a letter, a text, a number, or nothing.
Parsed = str | float | None

Outcome = Literal["correct", "incorrect", "partial", "no_answer", "error"]


@dataclass(frozen=True)
class Text:
    """A piece of a prompt that is text."""

    text: str


@dataclass(frozen=True)
class Image:
    """A place in a prompt where the question's image number ``index``, from 0, is shown."""

    index: int


@dataclass(frozen=True)
class Video:
    """A place in a prompt where the question's video is shown.

    ``frames`` are the positions, from 0, of the frames that the question is about, in the order
    in which they are shown; None leaves the choice to the run.
    """

    frames: tuple[int, ...] | None = None


Part = Text | Image | Video


@dataclass(frozen=True)
class Key:
    """What an answer to one question is measured against.

    ``truth`` is the benchmark's column as it stands; ``answer`` is the same as a letter or a
    number, or None where the column is empty or can't be read. ``options`` are the texts in
    the order of their letters, without the letters, and empty where the doc does not give them.
    """

    kind: Literal["choice", "number"]
    truth: object
    answer: str | float | None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of a predictions file. A missing prediction is an empty text."""

    doc: Doc
    prediction: str


@dataclass(frozen=True)
class Sample:
    """One scored prediction.

    ``score`` (0 to 1, None where the reproduced code raises) and ``parsed`` are the scorer's;
    ``reading`` and ``outcome`` are our own strict reading, whichever scorer was chosen.
    """

    score: float | None
    parsed: Parsed
    reading: str | float | None
    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True)
class Group:
    """The result of one group of questions.

    ``score`` is None where no row has one; ``no_answer`` is a share of ``n``; ``errors``
    counts the rows without a score, which the mean leaves out. ``chance_adjusted`` is None
    where the benchmark has no such score.
    """

    score: float | None
    n: int
    no_answer: float
    errors: int = 0
    chance_adjusted: float | None = None


@dataclass(frozen=True)
class Results:
    """The result of a predictions file.

    ``overall`` and ``chance_adjusted`` are None where a type has no question, the latter also
    where the benchmark has no such score.
    """

    n: int
    overall: float | None
    no_answer: float
    errors: int
    partial: bool
    missing: tuple[str, ...]
    groups: Mapping[str, Group]
    chance_adjusted: float | None = None
