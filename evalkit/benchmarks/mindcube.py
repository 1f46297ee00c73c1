"""MindCube: what a scene looks like from a view that is not shown, from two to four images.

"Spatial Mental Modeling from Limited Views" (arXiv 2506.21458); code at mll-lab-nu/MindCube.
"""

from evalkit.benchmark import Benchmark, Generation, Media, Rule, Scorer, Source
from evalkit.benchmarks._shared import VLMEVALKIT, choice, images_then
from evalkit.parse.last_letter import last_letter, last_letter_stripped
from evalkit.parse.options import inline
from evalkit.records import Doc, Part
from evalkit.score.compare import equal, equal_if_known

SETTINGS = ("around", "rotation", "among")

INSTRUCTION = (
    "[Task]\n"
    "Your task is to analyze the spatial arrangement of objects in the scene by examining the "
    "provided images, which show the scene from different viewpoints.\n"
    "[Answer Instruction]\n"
    "You only need to provide *ONE* correct answer selecting from the options listed below. For "
    "example, if you think the correct answer is 'A. Above' from 'A. Above B. Under C. Front "
    "D. Behind', your response should **only** be '<answer>A. Above</answer>'.\n"
    "\n"
    "[Question]\n"
)


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return the official "raw question" prompt."""
    return images_then(len(doc["images"]), INSTRUCTION + doc["question"])


def setting_anywhere(doc: Doc) -> tuple[str, ...]:
    """Return the first official setting whose name is in the id, in either case."""
    name = str(doc["id"]).lower()
    known = ("around", "rotation", "translation", "among")
    return (next((setting for setting in known if setting in name), "other"),)


def setting_in_front(doc: Doc) -> tuple[str, ...]:
    """Return the setting that lmms-eval takes from the id's first part."""
    first = str(doc["id"]).split("_", 1)[0]
    known = {"among": "among", "rotation": "rotation", "around": "around", "aroundnew": "around"}
    return (known.get(first, "other"),)


def _files(name: str) -> tuple[str, ...]:
    """Return where a file of questions lies: below data/, or in data itself."""
    return tuple(f"{folder}{name}" for folder in ("data/raw/", "raw/", ""))


BENCHMARK = Benchmark(
    name="mindcube",
    title="MindCube",
    source=Source(
        repo="MLL-Lab/MindCube",
        split="test",
        rows={"tiny": 1050, "full": 21154},
        licence="MIT",
        revision="9c941b46a6bd65b6914669ef7a579948fc9c8467",
        files={
            "tiny": _files("MindCube_tinybench.jsonl"),
            "full": _files("MindCube.jsonl"),
        },
        note="answers were corrected on 2026-03-23, so a revision belongs to every score",
    ),
    columns=("id", "category", "type", "meta_info", "question", "images", "gt_answer"),
    needs=("id", "gt_answer"),
    media=Media(kind="2 to 4 images", place="data/{images}", archives=("data.zip",)),
    generation=Generation(max_new_tokens=4096),
    prompt=prompt,
    key=lambda doc: choice(doc["gt_answer"], inline(doc.get("question") or "", ". ")),
    groups=setting_anywhere,
    types=SETTINGS,
    scorers={
        "official": Scorer(
            choice=Rule(last_letter, equal_if_known),
            counted=lambda doc: setting_anywhere(doc) != ("translation",),
        ),
        "lmms-eval": Scorer(choice=Rule(last_letter_stripped, equal), groups=setting_in_front),
        "vlmevalkit": VLMEVALKIT,
    },
    cluster=lambda doc: str(doc["id"]).split("_q", 1)[0],
)
