"""EmbSpatial-Bench: where things are in a picture, seen by a robot indoors.

"EmbSpatial-Bench" (arXiv 2406.05756). It has no scoring code of its own, so the official score
is lmms-eval's, and so is the prompt.
"""

import string

from evalkit.benchmark import Benchmark, Generation, Media, Rule, Scorer, Source
from evalkit.benchmarks._shared import PARQUET, VLMEVALKIT, choice, images_then
from evalkit.parse.leading_letter import leading_letter
from evalkit.records import Doc, Key, Part
from evalkit.score.compare import equal_among

RELATIONS = ("close", "far", "left", "right", "above", "under")


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return lmms-eval's prompt."""
    options = zip(string.ascii_uppercase, doc["answer_options"], strict=False)
    lines = [
        "Note: You only need to respond with A, B, C, D without providing any additional "
        "information.",
        doc["question"],
        *(f"{letter}) {option}" for letter, option in options),
    ]
    return images_then(1, "\n".join(lines))


def key(doc: Doc) -> Key:
    """Return the key with the letter for the column ``answer``, which counts from 0."""
    index = doc["answer"]
    known = isinstance(index, int) and 0 <= index < len(string.ascii_uppercase)
    letter = string.ascii_uppercase[index] if known else None
    return choice(letter, tuple(str(option) for option in doc.get("answer_options") or ()))


def groups(doc: Doc) -> tuple[str, ...]:
    """Return the relation, and the source of the picture where the doc names it."""
    names = (doc["relation"], doc.get("data_source"))
    return tuple(str(name) for name in names if name is not None)


LMMS_EVAL = Scorer(choice=Rule(leading_letter, equal_among("ABCD")))

BENCHMARK = Benchmark(
    name="embspatial-bench",
    title="EmbSpatial-Bench",
    source=Source(
        repo="FlagEval/EmbSpatial-Bench",
        split="test",
        rows={"default": 3640},
        licence="CC-BY-4.0",
        revision="3c0e6b34b632de666a51091727c0128d07a54a6a",
        files={"default": PARQUET},
    ),
    columns=(
        *("question_id", "data_source", "scene_id", "question", "relation", "image"),
        *("answer_options", "answer", "objects"),
    ),
    needs=("relation", "answer"),
    media=Media(kind="one image", place="column image"),
    generation=Generation(max_new_tokens=1024),
    prompt=prompt,
    key=key,
    groups=groups,
    types=RELATIONS,
    scorers={"official": LMMS_EVAL, "lmms-eval": LMMS_EVAL, "vlmevalkit": VLMEVALKIT},
    cluster=lambda doc: str(doc["scene_id"]),
)
