"""What a chat server replied: an answer, or the reason why there is none.

Nothing is trusted: a reply may be cut off, no JSON, no UTF-8, or JSON of another shape.
"""

import email.utils
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evalkit.backends._base import one_line
from evalkit.errors import EvalkitError

_ROUNDING = 1e-3


class Again(Exception):
    """No answer this time; asking again may help.

    ``wait_s`` is how long the server asks to be left alone, ``patient`` whether to go on
    until the deadline instead of a few times only, ``silent`` that no reply came at all.
    """

    def __init__(
        self, reason: str, wait_s: float = 0.0, patient: bool = False, silent: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait_s = wait_s
        self.patient = patient
        self.silent = silent


class Refused(Exception):
    """This prompt will never be answered; others may be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that holds an answer; ``top`` are log-probabilities of its first token."""

    text: str
    tokens: int | None
    prompt_tokens: int | None
    truncated: bool
    top: Mapping[str, float] | None


def check_status(status: int, headers: Mapping[str, str], content: bytes, now: datetime) -> None:
    """Return if ``status`` promises an answer; raise what it means otherwise.

    Raises EvalkitError where it means that no prompt will be answered.
    """
    if 200 <= status < 300:
        return
    reason = f"{status} {_message(content)}".strip()
    if 300 <= status < 400:
        target = headers.get("location", "another address")
        raise EvalkitError(f"the server redirects to {one_line(target)}; name that as --base-url")
    if status == 401:
        raise EvalkitError(f"the server refuses the API key: {reason}; set EVALKIT_API_KEY")
    if status == 404:
        raise EvalkitError(f"the server knows no such model or address: {reason}")
    if "insufficient_quota" in reason:
        raise EvalkitError(f"the account has no quota left: {reason}")
    if status in (408, 409, 425, 429) or status >= 500:
        wait = retry_after_s(headers.get("retry-after"), now)
        busy = status == 429 or wait is not None
        raise Again(f"the server replied {reason}", wait or 0.0, patient=busy)
    raise Refused(f"the server refused: {reason}")


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, from seconds or an HTTP date."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def read_answer(content: bytes) -> Answer:
    """Return the answer in a reply; raises Again where there is none."""
    reply = _json(content)
    if not isinstance(reply, dict):
        raise Again("the reply is no JSON object")
    if reply.get("error"):
        raise Again(f"the reply is an error: {_message(content)}")
    choices = reply.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Again("the reply has no choices")
    choice = choices[0]
    message = choice.get("message")
    text = _text(message.get("content")) if isinstance(message, dict) else None
    truncated = choice.get("finish_reason") == "length"
    if text is None and truncated:
        text = ""
    if text is None:
        raise Again("the reply has no text")
    usage = reply.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Answer(
        text=text,
        tokens=_count(usage.get("completion_tokens")),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        truncated=truncated,
        top=_top(choice.get("logprobs")),
    )


def model_names(content: bytes) -> list[str]:
    """Return the names of the models that a server lists, or none for another reply."""
    try:
        reply = _json(content)
    except Again:
        return []
    listed = _list(reply.get("data")) if isinstance(reply, dict) else []
    names = [one.get("id") for one in listed if isinstance(one, dict)]
    return [name for name in names if isinstance(name, str)]


def chosen(
    top: Mapping[str, float] | None, continuations: Sequence[str]
) -> tuple[float, ...] | None:
    """Return the log-probabilities of continuations of one token, or None if one is missing."""
    if top is None or not all(text in top for text in continuations):
        return None
    return tuple(top[text] for text in continuations)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise Again("the reply is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Again("the reply is cut off or no JSON") from None


def _message(content: bytes) -> str:
    """Return the server's own words about an error, shortened."""
    text = content[:2000].decode("utf-8", "replace")
    try:
        reply = json.loads(content)
    except (ValueError, RecursionError):
        return one_line(text) if text.strip() else ""
    for key in ("error", "detail", "message"):
        while isinstance(reply, dict) and key in reply:
            reply = reply[key]
    if isinstance(reply, dict):
        return one_line(json.dumps(reply, sort_keys=True))
    return one_line(reply)


def _text(content: object) -> str | None:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        texts = [part for part in parts if isinstance(part, str)]
        return "".join(texts) if texts else None
    return None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _top(logprobs: object) -> dict[str, float] | None:
    steps = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(steps, list) or not steps or not isinstance(steps[0], dict):
        return None
    found = {}
    for one in [steps[0], *_list(steps[0].get("top_logprobs"))]:
        if isinstance(one, dict) and isinstance(one.get("token"), str):
            value = one.get("logprob")
            # No token is likelier than certain, but for rounding; nan and giant numbers are none.
            if isinstance(value, int | float) and -sys.float_info.max <= value <= _ROUNDING:
                found[one["token"]] = min(float(value), 0.0)
    return found or None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
