"""What a row must hold so that it can be joined with pictures, exported and put into folders."""

from collections.abc import Mapping
from typing import Any, TypeAlias

#: A dataset and the name of a scene in it.
Key: TypeAlias = tuple[str, str]

#: Options that a question may have, frames that it may be about, and what these are below.
MOST_OPTIONS, MOST_FRAMES, END_FRAME = 26, 1_024, 2**31

# Characters that a name may have, and bytes of them: it becomes a folder's or a file's.
_LONGEST_NAME, _MOST_BYTES = 100, 200


def key_of(row: Mapping[str, Any]) -> Key:
    """Return which scene a row is about; raises ValueError where that can't name a folder."""
    names = row.get("dataset"), row.get("scene_name")
    for name in names:
        if not isinstance(name, str) or not _names_a_folder(name):
            raise ValueError(f"{str(name)[:_LONGEST_NAME]!r} can't be the name of a scene")
    return str(names[0]), str(names[1])


def _names_a_folder(name: str) -> bool:
    plain = name.isprintable() and not {"/", "\\"} & set(name)
    short = 0 < len(name) <= _LONGEST_NAME and len(name.encode("utf-8", "replace")) <= _MOST_BYTES
    return plain and short and not name.startswith(".")


def check_question(row: Mapping[str, Any]) -> None:
    """Raise ValueError, saying which, where a field of a question is not what exports rely on."""
    key_of(row)
    for name in ("id", "question_type", "question", "ground_truth"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise ValueError(f"{name!r} is no text")
    if missing := [name for name in ("options", "frames") if name not in row]:
        raise ValueError(f"no {missing[0]!r}")
    options, frames = row["options"], row["frames"]
    if options is not None and not (
        isinstance(options, list)
        and 0 < len(options) <= MOST_OPTIONS
        and all(isinstance(option, str) for option in options)
    ):
        raise ValueError(f"'options' are no list of 1 to {MOST_OPTIONS} texts")
    if frames is not None and not (
        isinstance(frames, list)
        and 0 < len(frames) <= MOST_FRAMES
        and all(type(each) is int and 0 <= each < END_FRAME for each in frames)
    ):
        raise ValueError(f"'frames' are no list of 1 to {MOST_FRAMES} positions in a video")
