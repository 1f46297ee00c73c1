"""SITE-Bench: multiple choice about images and videos from many sources.

"SITE: towards Spatial Intelligence Thorough Evaluation"; its code, which lmms-eval took over
(75571cfe), draws a letter by chance where it finds none. Here such an answer gets what the draw
gives on average: 1 / n with n options. The overall score is the accuracy over all questions;
beside it stands the paper's chance-adjusted accuracy (CAA), images and videos pooled.
"""

import string

from evalkit.benchmark import Benchmark, Generation, Media, Rule, Scorer, Source
from evalkit.benchmarks._shared import VLMEVALKIT, choice
from evalkit.errors import Unscorable
from evalkit.records import Doc, Image, Key, Parsed, Part, Text, Video

TYPES = (
    "counting & existence",
    "spatial relationship reasoning",
    "object localization & positioning",
    "3d information understanding",
    "movement prediction & navigation",
    "multi-view & cross-image reasoning",
)
MARK = "<image>"
VIDEO_ENDINGS = (".mp4", ".avi", ".mkv", ".webm", ".mov")

#: How a letter may stand in an answer; the forms of one line are looked for before the next.
FORMS = (("({})",), (" {} ",), ("{}.",), ("{}:", ":{}", ": {}"))


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return the official prompt: images at their marks or in front, or the video in front."""
    options = zip(string.ascii_uppercase, doc["options"], strict=False)
    lines = ["Question: " + doc["question"].strip(), "Options:"]
    lines += [f"{letter}: {option}" for letter, option in options]
    text = "\n".join([*lines, "Give me the answer letter directly. The best answer is:"])
    if str(doc["visual"][0]).lower().endswith(VIDEO_ENDINGS):
        asked = "Select the best answer to the following multiple-choice question based on the "
        asked += "video. Respond with only the letter of the correct option."
        return Video(), Text(f"{asked}\n{text}")
    if MARK not in text:
        text = MARK * len(doc["visual"]) + "\n" + text
    first, *others = text.split(MARK)
    parts: list[Part] = [Text(first)]
    for index, piece in enumerate(others):
        parts += [Image(index), Text(piece)]
    return tuple(part for part in parts if part != Text(""))


def same_letter_or_chance(parsed: Parsed, key: Key) -> float:
    """Return 1 where the letter that SITE's code takes is right, and 1 / n where it draws one.

    Of several letters it takes the one that stands alone last, or else the first.
    """
    if not key.options:
        raise Unscorable("the question has no options")
    text, letters = f" {parsed} ", string.ascii_uppercase[: len(key.options)]
    for forms in FORMS:
        found = [each for each in letters if any(form.format(each) in text for form in forms)]
        if found:
            return float(max(found, key=lambda each: text.rfind(f" {each} ")) == key.truth)
    return 1 / len(letters)


SITE = Scorer(choice=Rule(str.strip, same_letter_or_chance))

BENCHMARK = Benchmark(
    name="site-bench",
    title="SITE-Bench",
    source=Source(
        repo="franky-veteran/SITE-Bench",
        split="test",
        rows={"all": 8068},
        licence="see its page on the Hub",
        files={"all": ("*_test/*.parquet", "data/*_test-*.parquet", "*_test*.parquet")},
        note="unpack its archives into the folder that --data names",
    ),
    columns=("question", "options", "answer", "category", "dataset", "visual"),
    needs=("options", "answer", "category"),
    media=Media(kind="images between the words, or one video", place="column visual"),
    generation=Generation(max_new_tokens=1024),
    prompt=prompt,
    key=lambda doc: choice(doc["answer"], tuple(map(str, doc["options"]))),
    groups=lambda doc: (str(doc["category"]),),
    types=TYPES,
    scorers={"official": SITE, "lmms-eval": SITE, "vlmevalkit": VLMEVALKIT},
    cluster=lambda doc: str(doc["visual"][0]),
    chance_adjusted=True,
)
