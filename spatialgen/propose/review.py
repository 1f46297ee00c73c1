"""What the model itself says of a question: as a reviewer who looks, and as a guesser who can't."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from spatialgen.propose.conversation import SHORT_REPLY, Subject, as_written
from spatialgen.propose.generator import Reply, Request
from spatialgen.propose.prompts import fill
from spatialgen.propose.reply import Flaw, closed, read_json
from spatialgen.records import Value
from spatialgen.verify.answers import agree, spoken
from spatialgen.verify.draft import Check
from spatialgen.verify.judge import Verdict
from spatialgen.verify.options import LETTERS, lettered

#: What a reviewer may say, and the reason code of each; nothing is wrong with what it keeps.
VERDICTS: Mapping[str, str | None] = {
    "keep": None,
    "language_shortcut": "review_shortcut",
    "wrong_answer": "review_wrong_answer",
    "wording": "review_wording",
}

#: A question with options is asked blind in so many orders: a favourite letter is no knowledge.
BLIND_ORDERS = 2

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def review(about: Subject, number: int, verdict: Verdict, options: Sequence[str]) -> Request:
    """Return the request to review a question: the frames, the question, the executed answer."""
    draft = verdict.draft
    value = verdict.value if verdict.value is not None else ""
    item = {**as_written(draft), "options": list(options) or None, "answer": spoken(draft, value)}
    text = fill("review", {"item": json.dumps(item, ensure_ascii=False)})
    fields = {"verdict": {"enum": list(VERDICTS)}, "why": {"type": "string"}}
    parts = (*about.frames, f"\n{text}")
    return Request(f"{about.key}\x1freview {number}", parts, SHORT_REPLY, closed(fields))


def read_review(reply: Reply) -> Check:
    """Read a reviewer's reply.

    Reasons: those of `VERDICTS`; ``no_review`` where there is no reply, and
    ``review_unreadable`` where it is none of the verdicts: an unmade check is not passed.
    """
    found = read_json(reply)
    if isinstance(found, Flaw):
        code = "no_review" if found.code == "no_reply" else "review_unreadable"
        return Check("review", code, f"{found.code}: {found.detail}"[:300])
    said = found.get("verdict") if isinstance(found, dict) else None
    if not isinstance(said, str) or said not in VERDICTS:
        return Check("review", "review_unreadable", f"its verdict is {str(said)[:60]!r}")
    why = " ".join(str(found.get("why", "")).split())[:300]
    if VERDICTS[said] is None:
        return Check("review", figures={"verdict": said, "why": why})
    return Check("review", VERDICTS[said], why or "no reason was given")


def blind(about: Subject, number: int, verdict: Verdict, options: Sequence[str]) -> list[Request]:
    """Return the requests to guess the answer with neither frames nor graph."""
    form = "one letter" if options else "a number, without its unit"
    requests = []
    for turn, order in enumerate(orders(options)):
        item: dict[str, Any] = {"question": verdict.draft.question}
        if order:
            item["options"] = lettered(order)
        text = fill("blind", {"item": json.dumps(item, ensure_ascii=False), "form": form})
        id = f"{about.key}\x1fblind {number}.{turn}"
        requests.append(Request(id, (text,), SHORT_REPLY, closed({"answer": {"type": "string"}})))
    return requests


def orders(options: Sequence[str]) -> list[list[str]]:
    """Return the orders in which options are shown blind; one empty order where there are none."""
    if not options:
        return [[]]
    step = max(1, len(options) // 2)
    return [[*options[i * step :], *options[: i * step]] for i in range(BLIND_ORDERS)]


def read_blind(replies: Sequence[Reply], verdict: Verdict, options: Sequence[str]) -> Check:
    """Read the guesses; the answer is known where every one of them is right.

    Reasons: ``known_blind``; ``no_blind_reply`` where one got no reply. A guess that can't be
    read is no knowledge.
    """
    failed = next((reply for reply in replies if reply.text is None), None)
    if failed is not None:
        return Check("blind", "no_blind_reply", failed.error or "no reason was given")
    guesses = [
        _guess(reply, order, verdict) for reply, order in zip(replies, orders(options), strict=True)
    ]
    right = sum(_is_right(guess, verdict) for guess in guesses)
    if right == len(guesses):
        return Check("blind", "known_blind", f"without the video it says {guesses[0]!r} too")
    told = [str(guess) for guess in guesses]
    return Check("blind", figures={"asked": len(guesses), "right": right, "said": list(told)})


def _guess(reply: Reply, order: Sequence[str], verdict: Verdict) -> Value:
    found = read_json(reply)
    if isinstance(found, dict):
        found = found.get("answer")
    text = str(reply.text if isinstance(found, Flaw) or found is None else found).strip()
    if order:
        return _option(text, order)
    number = _NUMBER.search(text)
    if number is None:
        return text[:80]
    value = float(number[0].replace(",", "."))
    return int(value) if isinstance(verdict.value, int) and value.is_integer() else value


def _option(text: str, order: Sequence[str]) -> str:
    plain = text.casefold().rstrip(".")
    for letter, option in zip(LETTERS, order, strict=False):
        if plain == option.casefold() or re.match(rf"\(?{letter}\)?(?:[.):,]|$)", text):
            return option
    return text[:80]


def _is_right(guess: Value, verdict: Verdict) -> bool:
    draft, value = verdict.draft, verdict.value
    if value is None:
        return False
    if draft.kind == "choice":
        return guess == spoken(draft, value)
    return agree(draft, value, guess)
