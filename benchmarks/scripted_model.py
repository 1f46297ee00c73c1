"""What a model replies that asks soundly: it reads the prompt as text and sees no picture."""

import json
import re
from typing import Any

#: One question as a model writes it.
Item = dict[str, Any]


def kind_of(text: str) -> str:
    """Return what a prompt wants: "ask", "repair", "review" or "blind"."""
    if "decide whether the question may be used" in text:
        return "review"
    if "that you can't see" in text:
        return "blind"
    return "repair" if "these did not work" in text else "ask"


def single_labels(text: str) -> list[str]:
    """Return the names of one thing each that the video shows, in the order of the prompt."""
    named = re.search(r"of one thing each (\[.*?\]);", text)
    single = json.loads(named[1]) if named else []
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
