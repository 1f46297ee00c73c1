"""What an export format is, and what it is given: a question with its pictures on disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from spatialgen.dataset.rows import Row


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame as a file, by its path below the folder of the export, and its time in the video."""

    file: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Clip:
    """The sampled frames of a whole video as one video file."""

    file: str


@dataclass(frozen=True, slots=True)
class Example:
    """A question and what is shown with it: pictures in their order, or one clip."""

    row: Row
    shown: tuple[Picture, ...] | Clip


Line: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """A format of training or benchmark files.

    ``name`` is the name of its module, ``summary`` one line. ``file`` is where the
    lines go that ``line`` makes of examples. ``refuses`` says why a row has no place
    in the format, as a reason code, or None. ``media`` names what the format can show
    of a whole video, the default first: ``pictures``, ``video``. ``beside`` gives
    the further files that the format wants, by name, from the kinds of media that its
    lines name. ``use`` is how the folder is loaded or trained with; ``{folder}``
    stands for it.
    """

    name: str
    summary: str
    file: str
    line: Callable[[Example], Line]
    use: str
    media: tuple[str, ...] = ("pictures", "video")
    refuses: Callable[[Row], str | None] = field(default=lambda _: None)
    beside: Callable[[frozenset[str]], Mapping[str, str]] = field(default=lambda _: {})
