"""How files of questions are laid out: which columns say what.

A shape is recognised by its columns, never by a file's name. The first that fits is taken.
"""

import math
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from spatialgen.audit.question import Question

Row = Mapping[str, Any]

# "A. chair", "(A) chair", "A) chair", "A: chair"
_LABEL = re.compile(r"\(?([A-J])[.):]\s*(.*)", re.DOTALL)
# The same inside a sentence: "... A. chair B. table", "... Options: A: chair, B: table"
_INLINE = re.compile(r"(?:^|(?<=[\s,;]))\(?([A-J])[.):](?=\s)")
_LEADS = re.compile(r"\s*(?:Options|Choices)\s*:?\s*$", re.IGNORECASE)
_SCAN = re.compile(r"scene\d{4}_\d{2}")
_LETTERS = "ABCDEFGHIJ"

# What a question and its family may be called by.
_IDS = ("id", "question_id")
_KINDS = ("question_type", "category")


class Unreadable(ValueError):
    """A row of a known shape that does not hold what its columns promise."""


@dataclass(frozen=True)
class Shape:
    """The columns by which a layout is recognised, and how a row of it is read.

    ``beside`` are further columns that are read where there are such; ``names_scenes``
    tells whether a row says which scene of a dataset it is about.
    """

    name: str
    columns: tuple[str, ...]
    read: Callable[[Row, str], Question]
    beside: tuple[str, ...] = ()
    names_scenes: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that are read."""
        return (*self.columns, *self.beside)


def shape_of(names: Container[str]) -> Shape | None:
    """Return the first shape whose columns are among those of a file or a row, or None."""
    return next((shape for shape in SHAPES if all(key in names for key in shape.columns)), None)


def unknown(names: Iterable[object]) -> str:
    """Return what to tell about a file with columns that are those of no shape."""
    has = ", ".join(str(name) for name in islice(names, 12)) or "none"
    wanted = "; or ".join(", ".join(shape.columns) for shape in SHAPES)
    return f"a benchmark file of another shape (its columns: {has:.200}); known are: {wanted}"


def _vsi(row: Row, number: str) -> Question:
    options = _labelled(row.get("options"))
    truth = _text(row, "ground_truth")
    place = _place(truth, options) if options else None
    value = None if options else _number(truth)
    return Question(
        _first(row, ("id",), number),
        _text(row, "dataset"),
        _text(row, "scene_name"),
        _first(row, ("question_type",), "all"),
        _text(row, "question"),
        options,
        place,
        value,
        truth if place is None else options[place],
    )


def _view_spatial(row: Row, number: str) -> Question:
    options = _labelled(_text(row, "choices").splitlines())
    paths = row["image_path"]
    path = str(paths[0]) if isinstance(paths, list) and paths else ""
    # Frames of a known scan are of its space; any other picture is a place of its own.
    scan = _SCAN.search(path)
    scene = scan[0] if scan else path
    return _choice(row, number, scene, options, _text(row, "answer"))


def _emb_spatial(row: Row, number: str) -> Question:
    options = _labelled(row["answer_options"])
    answer = row["answer"]
    if not isinstance(answer, int) or not 0 <= answer < len(options):
        raise Unreadable("its answer is no place among its options")
    return Question(
        str(row["question_id"]),
        _text(row, "data_source"),
        str(row.get("scene_id") or ""),
        _text(row, "relation"),
        _text(row, "question"),
        options,
        answer,
        None,
        options[answer],
    )


def _mind_cube(row: Row, number: str) -> Question:
    text, options = _inline(_text(row, "question"))
    name = _text(row, "id")
    place = _place(_text(row, "gt_answer"), options)
    # The id begins with the setting, and up to the question's number it names the scene.
    family, scene = name.partition("_")[0], name.partition("_q")[0]
    return Question(name, "", scene, family, text, options, place, None, options[place])


def _listed(row: Row, number: str) -> Question:
    options = _labelled(row["options"])
    return _choice(row, number, "", options, _text(row, "answer"))


def _in_question(row: Row, number: str) -> Question:
    text, options = _inline(_text(row, "question"))
    return _choice({**row, "question": text}, number, "", options, _text(row, "answer"))


def _choice(row: Row, number: str, scene: str, options: tuple[str, ...], answer: str) -> Question:
    place = _place(answer, options)
    known = _first(row, _IDS, number)
    family = _first(row, _KINDS, "all")
    return Question(
        known, "", scene, family, _text(row, "question"), options, place, None, options[place]
    )


def _first(row: Row, names: Sequence[str], otherwise: str) -> str:
    found = (row[name] for name in names if row.get(name) is not None)
    return str(next(found, otherwise))


def _text(row: Row, key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise Unreadable(f"{key!r} is no text")
    return value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _labelled(given: object) -> tuple[str, ...]:
    # Options without their letters, which must be in order where there are any.
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Unreadable("its options are no list of texts")
    if len(given) > len(_LETTERS):
        raise Unreadable(f"it has more than {len(_LETTERS)} options")
    found = [_LABEL.fullmatch(each.strip()) for each in given]
    if all(match and match[1] == _LETTERS[i] for i, match in enumerate(found)):
        return tuple(match[2].strip() for match in found if match)
    return tuple(each.strip() for each in given)


def _inline(text: str) -> tuple[str, tuple[str, ...]]:
    # The question before its options, and these.
    marks: list[re.Match[str]] = []
    for match in _INLINE.finditer(text):
        if len(marks) < len(_LETTERS) and match[1] == _LETTERS[len(marks)]:
            marks.append(match)
    if len(marks) < 2:
        raise Unreadable("no options are in its question")
    ends = [*(match.start() for match in marks[1:]), len(text)]
    options = [text[m.end() : end].strip(" ,;\n\t") for m, end in zip(marks, ends, strict=True)]
    return _LEADS.sub("", text[: marks[0].start()]).strip(), tuple(options)


def _place(answer: str, options: Sequence[str]) -> int:
    # From a letter, "A. text", "(A)" or the text itself.
    match = re.match(r"\(?([A-J])(?:[.):]|$)", answer.strip())
    if match and _LETTERS.index(match[1]) < len(options):
        return _LETTERS.index(match[1])
    if answer.strip() in options:
        return options.index(answer.strip())
    raise Unreadable("its answer is none of its options")


#: VSI-Bench's layout, which our own datasets have too.
VSI = Shape(
    "vsi",
    ("dataset", "scene_name", "question", "ground_truth"),
    _vsi,
    ("id", "question_type", "options"),
)

SHAPES = (
    VSI,
    Shape(
        "viewspatial",
        ("question_type", "image_path", "question", "answer", "choices"),
        _view_spatial,
        _IDS,
    ),
    Shape(
        "embspatial",
        ("question_id", "data_source", "relation", "question", "answer_options", "answer"),
        _emb_spatial,
        ("scene_id",),
    ),
    Shape("mindcube", ("id", "question", "gt_answer"), _mind_cube, names_scenes=False),
    Shape(
        "listed",
        ("question", "options", "answer"),
        _listed,
        (*_IDS, *_KINDS),
        names_scenes=False,
    ),
    Shape(
        "in question",
        ("question_type", "question", "answer"),
        _in_question,
        _IDS,
        names_scenes=False,
    ),
)
