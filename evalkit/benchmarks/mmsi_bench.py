"""MMSI-Bench: questions over several images about positions, attributes and motion.

"MMSI-Bench" (arXiv 2505.23764); code at OpenRobotLab/MMSI-Bench.
"""

from evalkit.benchmark import Benchmark, Generation, Media, Rule, Scorer, Source
from evalkit.benchmarks._shared import PARQUET, VLMEVALKIT, choice, images_then
from evalkit.parse.options import inline
from evalkit.parse.quoted_letter import quoted_capital, quoted_letter
from evalkit.records import Doc, Part
from evalkit.score.compare import equal_if_found

# The names are spelled with an en dash.
TYPES = (
    *(
        f"Positional Relationship ({first}.\u2013{second}.)"
        for first, second in (
            ("Cam", "Cam"),
            ("Obj", "Obj"),
            ("Reg", "Reg"),
            ("Cam", "Obj"),
            ("Obj", "Reg"),
            ("Cam", "Reg"),
        )
    ),
    *("Attribute (Meas.)", "Attribute (Appr.)", "Motion (Cam.)", "Motion (Obj.)", "MSR"),
)
BY_PLAIN_NAME = {name.replace("\u2013", "-"): name for name in TYPES}

INSTRUCTION = (
    "Answer with the option's letter from the given choices directly. "
    "Enclose the option's letter within ``."
)


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return the official prompt; the question holds its options."""
    return images_then(len(doc["images"]), f"{doc['question']}\n{INSTRUCTION}")


def question_type(doc: Doc) -> tuple[str, ...]:
    """Return the type with an en dash, also where the data have a hyphen."""
    name = str(doc["question_type"])
    return (BY_PLAIN_NAME.get(name, name),)


BENCHMARK = Benchmark(
    name="mmsi-bench",
    title="MMSI-Bench",
    source=Source(
        repo="RunsenXu/MMSI-Bench",
        split="test",
        rows={"default": 1000},
        licence="CC-BY-NC-4.0",
        revision="ec7c92bfaf7728fcca1d61e3e224e190af309436",
        files={"default": ("MMSI_Bench.parquet", *PARQUET)},
    ),
    columns=("id", "images", "question_type", "question", "answer", "thought"),
    needs=("question_type", "answer"),
    media=Media(kind="several images before the text", place="column images, JPEG bytes"),
    generation=Generation(max_new_tokens=2048),
    prompt=prompt,
    key=lambda doc: choice(doc["answer"], inline(doc.get("question") or "", ": ")),
    groups=question_type,
    types=TYPES,
    scorers={
        "official": Scorer(choice=Rule(quoted_capital, equal_if_found)),
        "lmms-eval": Scorer(choice=Rule(quoted_letter, equal_if_found)),
        "vlmevalkit": VLMEVALKIT,
    },
    cluster=lambda doc: str(doc["id"]),
)
