"""ERQA: embodied reasoning, with images between the words of the question.

"Gemini Robotics" (arXiv 2503.20020). It has no scoring code of its own, so the official score
is lmms-eval's. The images stand where ``visual_indices`` puts them, as the paper has them.
"""

from evalkit.benchmark import Benchmark, Generation, Media, Rule, Scorer, Source
from evalkit.benchmarks._shared import PARQUET, VLMEVALKIT, choice, images_then
from evalkit.parse.options import inline
from evalkit.parse.ranked_letter import ranked_letter
from evalkit.records import Doc, Image, Part, Text
from evalkit.score.compare import equal

TYPES = (
    "Action Reasoning",
    "Multi-view Reasoning",
    "Pointing",
    "Spatial Reasoning",
    "State Estimation",
    "Task Reasoning",
    "Trajectory Reasoning",
    "Other",
)


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return the question with image k before its character number ``visual_indices[k]``.

    An index of 0, or behind the question's end, does not divide the text. Where there are not
    as many indices as images, all images come first.
    """
    question, places = doc["question"], list(doc.get("visual_indices") or ())
    count = len(doc["images"]) if "images" in doc else len(places)
    if len(places) != count:
        return images_then(count, question)
    parts: list[Part] = []
    done = 0
    for place, index in sorted(zip(places, range(count), strict=True)):
        if done < place <= len(question):
            parts.append(Text(question[done:place]))
            done = place
        parts.append(Image(index))
    return (*parts, Text(question[done:])) if done < len(question) else tuple(parts)


def options(doc: Doc) -> tuple[str, ...]:
    """Return the options behind "Choices:", without the instruction that follows them."""
    choices = str(doc.get("question") or "").rpartition("Choices:")[2]
    return inline(choices.partition("Please answer directly")[0], ".")


LMMS_EVAL = Scorer(choice=Rule(ranked_letter, equal))

BENCHMARK = Benchmark(
    name="erqa",
    title="ERQA",
    source=Source(
        repo="FlagEval/ERQA",
        split="test",
        rows={"default": 400},
        licence="Apache-2.0",
        revision="6bf393250b0981c3f6dd77eb58b6d6879038633f",
        files={"default": PARQUET},
    ),
    columns=("question_id", "question", "question_type", "answer", "visual_indices", "images"),
    needs=("question_type", "answer"),
    media=Media(kind="images between the words", place="column images"),
    generation=Generation(max_new_tokens=1024),
    prompt=prompt,
    key=lambda doc: choice(doc["answer"], options(doc)),
    groups=lambda doc: (str(doc["question_type"]),),
    types=TYPES,
    scorers={"official": LMMS_EVAL, "lmms-eval": LMMS_EVAL, "vlmevalkit": VLMEVALKIT},
    cluster=lambda doc: str(doc["question_id"]),
)
