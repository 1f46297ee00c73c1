"""How a question is put to a model, in the words and the order that evalkit asks in.

A solver that is trained on an export is thus evaluated on what it was trained on:
pictures first, each after its time, then the question as VSI-Bench asks it.
"""

from collections.abc import Iterator
from typing import TypeAlias

from spatialgen.dataset.rows import Row
from spatialgen.exports._base import Clip, Example, Picture

#: A piece of a user's message.
Part: TypeAlias = str | Picture | Clip

#: What trainers replace by a picture or a video wherever they find it in a text.
IMAGE, VIDEO, AUDIO = "<image>", "<video>", "<audio>"

#: The reason code of a question whose text would be taken for a picture.
HOLDS_TAG = "holds_media_tag"


def parts(example: Example) -> Iterator[Part]:
    """Yield the parts of the message that asks a question."""
    if isinstance(example.shown, Clip):
        yield example.shown
    else:
        for place, picture in enumerate(example.shown):
            begin = "\n" if place else ""
            yield f"{begin}Frame at {picture.time_s:.1f} s:\n"
            yield picture
    yield question(example.row)


def question(row: Row) -> str:
    """Return the text that asks, with the options where there are any."""
    lines = ["These are frames of a video.", row["question"]]
    if row["options"]:
        wanted = "Answer with the option's letter from the given choices directly."
        lines += ["Options:", *row["options"], wanted]
    else:
        lines.append("Please answer the question using a single word or phrase.")
    return "\n".join(lines)


def tagged(example: Example) -> str:
    """Return the message as one text with a tag for every picture or video."""
    tags = {Picture: IMAGE, Clip: VIDEO}
    return "".join(p if isinstance(p, str) else tags[type(p)] for p in parts(example))


def media_columns(example: Example) -> dict[str, list[str]]:
    """Return the columns ``images`` and ``videos`` with the files that the tags stand for."""
    found = list(parts(example))
    return {
        "images": [part.file for part in found if isinstance(part, Picture)],
        "videos": [part.file for part in found if isinstance(part, Clip)],
    }


def refuse_tags(row: Row) -> str | None:
    """Return `HOLDS_TAG` where the text of a question or its answer holds a media tag."""
    text = question(row) + row["ground_truth"]
    return HOLDS_TAG if any(tag in text for tag in (IMAGE, VIDEO, AUDIO)) else None


def messages(example: Example) -> list[dict[str, str]]:
    """Return the question and its answer as a conversation of two texts."""
    return [
        {"role": "user", "content": tagged(example)},
        {"role": "assistant", "content": example.row["ground_truth"]},
    ]
