"""VSI-Bench: questions about indoor videos, by choice or by number.

Yang et al., "Thinking in Space" (arXiv 2412.14171); code at vision-x-nyu/thinking-in-space.
"""

from evalkit.benchmark import Benchmark, Generation, Media, Rule, Scorer, Source
from evalkit.benchmarks._shared import VLMEVALKIT
from evalkit.errors import Unscorable
from evalkit.parse.first_number import first_number
from evalkit.parse.first_word import first_word, first_word_number, to_float
from evalkit.parse.options import labelled
from evalkit.records import Doc, Key, Part, Text, Video
from evalkit.score.compare import equal_in_any_case, relative_accuracy

NUMBERS = (
    "object_counting",
    "object_abs_distance",
    "object_size_estimation",
    "room_size_estimation",
)
DIRECTIONS = (
    "object_rel_direction_easy",
    "object_rel_direction_medium",
    "object_rel_direction_hard",
)
CHOICES = ("object_rel_distance", *DIRECTIONS, "route_planning", "obj_appearance_order")


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return the official prompt; only choices list options."""
    if doc["question_type"] in NUMBERS:
        lines = [doc["question"], "Please answer the question using a single word or phrase."]
    else:
        lines = [
            doc["question"],
            "Options:",
            *doc["options"],
            "Answer with the option's letter from the given choices directly.",
        ]
    return Video(), Text("\n".join(["These are frames of a video.", *lines]))


def key(doc: Doc) -> Key:
    """Return what the answer is measured against; every harness refuses other types."""
    kind, truth = doc["question_type"], doc["ground_truth"]
    if kind in NUMBERS:
        return Key("number", truth, to_float(truth))
    if kind not in CHOICES:
        raise Unscorable(f"{kind!r} is no question type of VSI-Bench")
    letter = truth.strip().upper() if isinstance(truth, str) else ""
    return Key("choice", truth, letter or None, labelled(doc.get("options") or []))


BENCHMARK = Benchmark(
    name="vsi-bench",
    title="VSI-Bench",
    source=Source(
        repo="nyu-visionx/VSI-Bench",
        split="test",
        rows={"full": 5130},
        licence="Apache-2.0",
        # Of 11 November 2025: the questions of the paper, in another order.
        revision="d7cb1a3960b79dd3e20d4990b83005e96e1bcd9d",
        # Not test*.parquet: test_debiased.parquet and test_pruned.parquet hold parts of it.
        files={"full": ("test.jsonl", "test-*.parquet", "test.parquet")},
    ),
    columns=(
        *("id", "dataset", "scene_name", "question_type", "question"),
        *("ground_truth", "options"),
    ),
    needs=("question_type", "ground_truth"),
    media=Media(
        kind="video, 32 frames at numpy.linspace(0, n - 1, 32, dtype=int)",
        place="{dataset}/{scene_name}.mp4",
        archives=("arkitscenes.zip", "scannet.zip", "scannetpp.zip"),
    ),
    generation=Generation(max_new_tokens=16),
    prompt=prompt,
    key=key,
    groups=lambda doc: (str(doc["question_type"]),),
    types=(*NUMBERS, *CHOICES),
    merged={"object_rel_direction": DIRECTIONS},
    macro=(
        *NUMBERS,
        *("object_rel_distance", "object_rel_direction", "route_planning", "obj_appearance_order"),
    ),
    scorers={
        "official": Scorer(
            choice=Rule(first_word, equal_in_any_case),
            number=Rule(first_word_number, relative_accuracy),
        ),
        "lmms-eval": Scorer(
            choice=Rule(first_word, equal_in_any_case),
            number=Rule(first_number, relative_accuracy),
        ),
        "vlmevalkit": VLMEVALKIT,
    },
    cluster=lambda doc: f"{doc['dataset']}/{doc['scene_name']}",
)
