"""A model that follows a script: it reads its prompt as text, and knows what tests tell it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spatialgen.propose.generator import Reply, Request

Item = dict[str, Any]


def text_of(request: Request) -> str:
    """Return all text of a request."""
    return "".join(part for part in request.parts if isinstance(part, str))


def kind_of(text: str) -> str:
    """Return what a prompt wants: "ask", "repair", "review" or "blind"."""
    if "decide whether the question may be used" in text:
        return "review"
    if "that you can't see" in text:
        return "blind"
    return "repair" if "these did not work" in text else "ask"


def single_labels(text: str) -> list[str]:
    """Return the names of one thing each that the video shows, in the order of the prompt."""
    single = json.loads(re.search(r"of one thing each (\[.*?\]);", text)[1])  # type: ignore[index]
    listed = [json.loads(line) for line in re.findall(r'(?m)^\["[^\n]*\]$', text)]
    return [entry[1] for entry in listed if entry[1] in single]


def distance(a: str, b: str) -> Item:
    """Return a sound question: how far two things are apart."""
    return {
        "question": f"How many meters are the {a} and the {b} apart at their nearest points?",
        "topic": "distance",
        "answer_type": "number",
        "options": None,
        "unit": "meters",
        "frames": None,
        "program": (
            "def answer(scene: Scene) -> float:\n"
            f"    return round(scene.distance(scene.one({a!r}), scene.one({b!r})), 1)\n"
        ),
    }


def taller(a: str, b: str) -> Item:
    """Return a sound question with options."""
    return {
        "question": f"Which of the two is taller, the {a} or the {b}?",
        "topic": "size",
        "answer_type": "choice",
        "options": [a, b],
        "unit": None,
        "frames": None,
        "program": (
            "def answer(scene: Scene) -> str:\n"
            f"    a, b = scene.one({a!r}), scene.one({b!r})\n"
            "    return a.label if a.height > b.height else b.label\n"
        ),
    }


def honest(text: str) -> list[Item]:
    """Return sound questions about all pairs of the first things that the prompt lists."""
    labels = single_labels(text)[:6]
    pairs = [(a, b) for i, a in enumerate(labels) for b in labels[i + 1 :]]
    asked = [make(*pair) for pair in pairs for make in (distance, taller)]
    fresh = [item for item in asked if json.dumps(item["question"]) not in text]
    wanted = re.search(r"Write (\d+) questions", text)
    return fresh[: int(wanted[1])] if wanted else []


def as_reply(items: Any) -> str:
    """Return questions as a model replies with them."""
    return json.dumps({"questions": items})


def plain(text: str) -> str:
    """Reply as a model does that asks soundly, keeps everything, and knows nothing unseen."""
    match kind_of(text):
        case "ask" | "repair":
            return as_reply(honest(text))
        case "review":
            return json.dumps({"verdict": "keep", "why": "the frames show it"})
        case _:
            return json.dumps({"answer": "I can't tell"})


@dataclass
class Scripted:
    """Answers every request with what ``script`` makes of its text; None fails it."""

    script: Callable[[str], str | None] = plain
    requests: list[Request] = field(default_factory=list)
    dies_after: int | None = None

    def generate(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            if self.dies_after is not None and len(self.requests) >= self.dies_after:
                raise KeyboardInterrupt
            self.requests.append(request)
            said = self.script(text_of(request))
            error = "the script has no answer" if said is None else None
            yield Reply(request.id, said, error, tokens=None if said is None else len(said.split()))

    def info(self) -> Mapping[str, Any]:
        return {"backend": "scripted", "model": "script"}

    def of(self, kind: str) -> list[Request]:
        """Return the requests of one kind, in order."""
        return [each for each in self.requests if kind_of(text_of(each)) == kind]
