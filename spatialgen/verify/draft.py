"""A question on its way to the dataset, and what a check says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from spatialgen.graph.build import SceneGraph
from spatialgen.records import Value

#: A second, independent way to the answer; None where this scene offers none.
Derivation = Callable[[SceneGraph], "Value | None"]


@dataclass(frozen=True, slots=True)
class Margin:
    """How far a question stays from a boundary where its answer would change.

    It holds when ``value >= needed``; both are in the unit that the name says.
    """

    name: str
    value: float
    needed: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as its proposer wrote it, before any program ran.

    ``kind`` "number": the program returns a number, printed with ``decimals``
    places; with ``as_options`` it is asked as multiple choice, and the wrong
    options are made from the answer. ``kind`` "choice": the program returns one
    of ``choices`` (a bool stands for "yes" or "no").

    ``unique`` lists the categories that the wording treats as one thing each;
    ``mentions`` those that it names without claiming so. ``frames`` are the
    indices of the frames that show all that is needed for the answer, in the
    order of time; None where that takes the whole video, or none. A question
    that names a frame lists frames always, all of them if need be.
    """

    question_type: str
    question: str
    program: str
    kind: Literal["number", "choice"]
    choices: tuple[str, ...] = ()
    as_options: bool = False
    decimals: int | None = None
    unit: str | None = None
    unique: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    margins: tuple[Margin, ...] = ()
    derive: Derivation | None = None
    frames: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: its name, a reason code where it failed, its figures."""

    name: str
    reason: str | None = None
    detail: str = ""
    figures: Mapping[str, Value] = field(default_factory=dict)
