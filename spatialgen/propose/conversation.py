"""The requests that a model is asked for questions with.

All requests about a scene begin with the same parts: its frames, then its graph and the
language. What varies comes last.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from spatialgen.graph.build import SceneGraph
from spatialgen.propose.feedback import Feedback
from spatialgen.propose.generator import Part, Picture, Request
from spatialgen.propose.graph_text import graph_text, is_plain
from spatialgen.propose.language_text import language_text
from spatialgen.propose.prompts import fill
from spatialgen.propose.reply import MAX_QUESTION, TOPICS, Flaw, schema
from spatialgen.propose.settings import ModelSettings
from spatialgen.verify.draft import Draft
from spatialgen.verify.judge import Verdict
from spatialgen.verify.wording import UNITS

#: Tokens of a review and of a blind answer.
SHORT_REPLY = 256

#: Questions about the scene that a further request lists, so that they are not asked again.
LISTED = 40

_TERMS = {"topics": ", ".join(TOPICS), "units": ", ".join(f'"{unit}"' for unit in UNITS)}


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame as a model is shown it."""

    index: int
    time_s: float
    picture: Picture


@dataclass(frozen=True, slots=True)
class Subject:
    """A scene as a model is asked about it: what every request begins with.

    ``unspoken`` are the labels and ids that no prompt may hold, the longest first: they
    could be instructions.
    """

    key: str
    frames: tuple[Part, ...]
    scene: str
    feedback: str
    unspoken: tuple[str, ...] = ()


def subject(
    graph: SceneGraph, shown: Sequence[Shown], feedback: Feedback, settings: ModelSettings
) -> Subject:
    """Return what all requests about a scene have in common."""
    frames: list[Part] = []
    for each in shown:
        frames += [f"Frame {each.index} at {each.time_s:.1f} s:\n", each.picture, "\n"]
    graph_part = graph_text(graph, settings.graph_tokens)
    text = fill("scene", {"graph": graph_part, "language": language_text()})
    key = graph.scene.key
    things = graph.scene.objects
    names = {*graph.scene.counts, *(each.label for each in things), *(each.id for each in things)}
    unspoken = sorted(
        (name for name in names if name and not is_plain(name)), key=lambda n: (-len(n), n)
    )
    return Subject(key, tuple(frames), text, feedback.about(key), tuple(unspoken))


def asked_before(about: Subject, questions: Sequence[str]) -> list[str]:
    """Return the last questions of earlier datasets, as a request may list them.

    They are data from files: names that no prompt may hold are blanked, and what is too long
    for a question is cut.
    """
    texts = (_blanked(text, about.unspoken)[:MAX_QUESTION] for text in questions[-LISTED:])
    return [text.encode("utf-8", "replace").decode() for text in texts]


def ask(about: Subject, number: int, count: int, asked: Sequence[str], max_tokens: int) -> Request:
    """Return the request for ``count`` questions; ``asked`` are those there are already."""
    before = ""
    if asked:
        listed = "\n".join(f"- {json.dumps(text, ensure_ascii=False)}" for text in asked[-LISTED:])
        before = f"These were asked already; ask other things:\n{listed}\n\n"
    feedback = f"{about.feedback}\n" if about.feedback else ""
    values = {"count": str(count), "asked": before, "feedback": feedback, **_TERMS}
    return _questions(about, f"ask {number}", fill("ask", values), max_tokens)


def again(about: Subject, number: int, task: Request, flaw: Flaw) -> Request:
    """Return a request once more whose reply could not be read, saying why."""
    problem = f"{flaw.code}: {flaw.detail}"[:300]
    last = task.parts[-1]
    text = fill("unreadable", {"task": str(last), "problem": problem})
    return _questions(about, f"again {number}", text, task.max_tokens)


def repair(about: Subject, number: int, failed: Sequence[Verdict], max_tokens: int) -> Request:
    """Return the request to mend questions that did not pass, each with what is wrong."""
    failures = "\n".join(json.dumps(_failure(about, each), ensure_ascii=False) for each in failed)
    text = fill("repair", {"failures": failures, **_TERMS})
    return _questions(about, f"repair {number}", text, max_tokens)


def _questions(about: Subject, step: str, text: str, max_tokens: int) -> Request:
    parts = (*about.frames, about.scene, f"\n{text.lstrip()}")
    return Request(f"{about.key}\x1f{step}", parts, max_tokens, schema())


def _failure(about: Subject, verdict: Verdict) -> dict[str, object]:
    problem = spoken_only(f"{verdict.reason}: {verdict.detail}", about.unspoken)
    return {**as_written(verdict.draft), "problem": problem}


def spoken_only(text: str, unspoken: Sequence[str]) -> str:
    """Return a message without the names that no prompt may hold, also where it cuts one off."""
    text = _blanked(text, unspoken)
    for name in unspoken:
        for size in range(min(len(name), len(text)), 0, -1):
            if text.endswith(name[:size]) and not is_plain(name[:size].strip()):
                text = f"{text[:-size]}..."
                break
    return text


def _blanked(text: str, unspoken: Sequence[str]) -> str:
    for name in unspoken:
        text = text.replace(name, "...")
    return text


def as_written(draft: Draft) -> dict[str, object]:
    """Return a draft in the fields that a model writes."""
    return {
        "question": draft.question,
        "answer_type": draft.kind,
        "options": list(draft.choices) or None,
        "unit": draft.unit,
        "frames": list(draft.frames) if draft.frames is not None else None,
        "program": draft.program,
    }
