"""What a model replied, read strictly: questions as it wrote them, or why there are none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from spatialgen.propose.generator import Reply
from spatialgen.verify.draft import Draft
from spatialgen.verify.wording import UNITS

#: What a question may be about; its type is ``written_`` and this.
TOPICS = (
    "camera",
    "counting",
    "direction",
    "distance",
    "order",
    "other",
    "perspective",
    "relation",
    "room",
    "size",
    "visibility",
)
PREFIX = "written_"

#: Longest texts, in characters, most options, and most frames of one question.
MAX_QUESTION = 500
MAX_OPTION = 80
MAX_OPTIONS = 10
MAX_FRAMES = 1_000

# No video has a frame of a higher index.
_LAST_FRAME = 10**9

#: No JSON that is nested deeper than this is read; it would be no list of questions.
_MAX_DEPTH = 20

_FENCE = "```"
_OPENED = re.compile(rf"{_FENCE}(?:json|JSON)?[ \t]*\n")
_BEGUN = re.compile(r"(?:```(?:json|JSON)?)?\s*[\[{]")
_FIELDS = ("question", "answer_type", "program")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something of a reply that can't be used: a reason code, what is wrong, the text at fault."""

    code: str
    detail: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The readable questions of a reply, and what else there was.

    ``unreadable`` is what is wrong with the reply as a whole, and then there is no question.
    """

    drafts: tuple[Draft, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    unreadable: Flaw | None = None


def schema() -> dict[str, Any]:
    """Return the JSON schema of a reply, for generators that can hold to one."""
    text = {"type": "string"}
    fields: dict[str, Any] = {
        "question": text,
        "topic": {"enum": list(TOPICS)},
        "answer_type": {"enum": ["number", "choice"]},
        "options": {"anyOf": [{"type": "array", "items": text}, {"type": "null"}]},
        "unit": {"enum": [*UNITS, None]},
        "frames": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
        "program": text,
    }
    return closed({"questions": {"type": "array", "items": closed(fields)}})


def closed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with exactly these fields."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def read_written(reply: Reply, most: int) -> Written:
    """Read a reply to a request for at most ``most`` questions.

    Of the reply as a whole: ``no_reply``, ``empty_reply``, ``cut_reply`` (its JSON ends
    too early), ``not_json`` (prose, or JSON with something around it), ``not_questions``
    (JSON of another shape). Of its entries: ``too_many`` (the surplus, counted as one),
    ``bad_field``.
    """
    found = read_json(reply)
    if isinstance(found, Flaw):
        return Written(unreadable=found)
    entries = found.get("questions") if isinstance(found, dict) else found
    if not isinstance(entries, list) or (isinstance(found, dict) and len(found) != 1):
        detail = "a JSON object with a list of questions is expected"
        return Written(unreadable=Flaw("not_questions", detail, _excerpt(found)))
    drafts: list[Draft] = []
    flaws: list[Flaw] = []
    for entry in entries[:most]:
        try:
            drafts.append(_draft(entry))
        except ValueError as error:
            flaws.append(Flaw("bad_field", str(error), _excerpt(entry)))
    if len(entries) > most:
        detail = f"{len(entries) - most} more than the {most} questions asked for were left out"
        flaws.append(Flaw("too_many", detail))
    return Written(tuple(drafts), tuple(flaws))


def read_json(reply: Reply) -> Any:
    """Return the JSON value that a reply is, perhaps in one code fence, or the `Flaw` it has."""
    if reply.text is None:
        return Flaw("no_reply", reply.error or "no reason was given")
    text = _unfenced(reply.text.strip())
    if not text:
        return Flaw("empty_reply", "the reply is empty")
    try:
        if _depth(text) > _MAX_DEPTH:
            return Flaw("not_json", "it is nested too deep", text[:300])
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Flaw(_unparsed(text, reply, str(error)), str(error)[:200], text[:300])


def _unfenced(text: str) -> str:
    opened = _OPENED.match(text)
    if opened is None or not text.endswith(_FENCE):
        return text
    return text[opened.end() : -len(_FENCE)].strip()


def _unparsed(text: str, reply: Reply, error: str) -> str:
    whole = text.endswith(("}", "]", "```")) and not reply.truncated
    torn = _BEGUN.match(text) is not None and not whole and not error.startswith("Extra data")
    return "cut_reply" if torn else "not_json"


def _depth(text: str) -> int:
    deepest = depth = 0
    inside = False
    for token in re.finditer(r'\\.|["\[\]{}]', text, re.DOTALL):
        mark = token[0]
        if mark == '"':
            inside = not inside
        elif not inside and len(mark) == 1:
            depth += 1 if mark in "[{" else -1
            deepest = max(deepest, depth)
    return deepest


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _draft(entry: Any) -> Draft:
    if not isinstance(entry, dict):
        raise ValueError("it is no JSON object")
    for name in _FIELDS:
        if not isinstance(entry.get(name), str):
            raise ValueError(f"{name} is missing or no text")
    question, program = entry["question"].strip(), entry["program"]
    if not 0 < len(question) <= MAX_QUESTION or not question.isprintable():
        raise ValueError(f"question is not 1 to {MAX_QUESTION} printable characters on one line")
    if not _is_unicode(program):
        raise ValueError("program holds half a character")
    kind = entry["answer_type"]
    if kind not in ("number", "choice"):
        raise ValueError(f"answer_type is {kind[:40]!r}, not number or choice")
    options, unit = entry.get("options"), entry.get("unit")
    if kind == "number" and options not in (None, []):
        raise ValueError("a number has no options; answer_type choice has them")
    if unit is not None and (kind == "choice" or not isinstance(unit, str) or unit not in UNITS):
        raise ValueError(f"unit is {str(unit)[:40]!r}; a number has one of {', '.join(UNITS)}")
    topic = entry.get("topic", "other")
    return Draft(
        question_type=PREFIX + (topic if topic in TOPICS else "other"),
        question=question,
        program=program,
        kind=cast(Literal["number", "choice"], kind),
        choices=_options(options) if kind == "choice" else (),
        unit=unit,
        frames=_frames(entry.get("frames")),
    )


def _options(options: Any) -> tuple[str, ...]:
    if not isinstance(options, list) or not 2 <= len(options) <= MAX_OPTIONS:
        raise ValueError(f"options is no list of 2 to {MAX_OPTIONS} texts")
    if not all(isinstance(text, str) and _is_option(text) for text in options):
        raise ValueError(f"an option is no printable text of 1 to {MAX_OPTION} characters")
    return tuple(options)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _is_option(text: str) -> bool:
    return 0 < len(text) <= MAX_OPTION and text.isprintable() and text == text.strip()


def _frames(frames: Any) -> tuple[int, ...] | None:
    if frames is None or frames == []:
        return None
    if not isinstance(frames, list) or len(frames) > MAX_FRAMES:
        raise ValueError(f"frames is no list of at most {MAX_FRAMES} frame indices")
    if not all(type(each) is int and 0 <= each <= _LAST_FRAME for each in frames):
        raise ValueError("frames is no list of frame indices")
    return tuple(sorted(set(frames)))


def _excerpt(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False)[:300]
