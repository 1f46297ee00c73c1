"""A published dataset as its rounds: questions, and the scenes that their programs saw."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from spatialgen.dataset.rows import Row
from spatialgen.scenes._base import is_name

#: A dataset and the name of a scene in it.
Key: TypeAlias = tuple[str, str]

#: Options that a question may have, frames that it may be about, and the highest of these.
MOST_OPTIONS, MOST_FRAMES, LAST_FRAME = 26, 1_024, 2**31


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


def key_of(row: Mapping[str, Any]) -> Key:
    """Return which scene a row is about; raises ValueError where that can't name a folder."""
    dataset, name = row.get("dataset"), row.get("scene_name")
    for text in (dataset, name):
        if not is_name(text) or text.startswith(".") or "\\" in text:
            raise ValueError(f"{text!r} can't name a scene")
    return str(dataset), str(name)


def checked_question(row: Mapping[str, Any]) -> Row:
    """Return a row of questions whose fields are what exports rely on.

    Raises ValueError saying which is not.
    """
    key_of(row)
    for name in ("id", "question_type", "question", "ground_truth"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise ValueError(f"{name!r} is no text")
    options = row.get("options")
    if options is not None and not (
        isinstance(options, list)
        and 0 < len(options) <= MOST_OPTIONS
        and all(isinstance(option, str) for option in options)
    ):
        raise ValueError(f"'options' are no list of 1 to {MOST_OPTIONS} texts")
    frames = row.get("frames")
    if frames is not None and not (
        isinstance(frames, list)
        and 0 < len(frames) <= MOST_FRAMES
        and all(type(each) is int and 0 <= each < LAST_FRAME for each in frames)
    ):
        raise ValueError(f"'frames' are no list of 1 to {MOST_FRAMES} positions in a video")
    return {**row, "options": options, "frames": frames}
