"""What every benchmark file has to declare, and each official prompt byte for byte."""

import re
from typing import Any

import pytest

from evalkit import discovery
from evalkit.benchmark import SCORERS, Benchmark
from evalkit.benchmarks import erqa
from evalkit.errors import EvalkitError, UsageError
from evalkit.records import Doc, Image, Part, Text, Video

NAMES = discovery.names()

#: Those that people were promised; others are found as well.
PROMISED = (
    *("embspatial-bench", "erqa", "mindcube", "mmsi-bench", "viewspatial-bench"),
    *("vsi-bench", "vsi-bench-debiased"),
)


def test_the_benchmarks_are_found() -> None:
    assert set(PROMISED) <= set(NAMES)
    assert sorted(NAMES) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_declares_a_whole_benchmark(name: str) -> None:
    benchmark = discovery.load(name)
    assert benchmark.name == name
    assert tuple(benchmark.scorers) == SCORERS
    assert set(benchmark.needs) <= set(benchmark.columns)
    assert benchmark.source.licence
    assert all(count > 0 for count in benchmark.source.rows.values())
    assert re.fullmatch("[0-9a-f]{40}", benchmark.source.revision or "0" * 40)
    named = (*benchmark.types, *benchmark.merged)
    assert set(benchmark.macro) <= set(named)
    assert {part for parts in benchmark.merged.values() for part in parts} <= set(benchmark.types)


def test_all_but_two_name_the_commit_that_is_read() -> None:
    unknown = [name for name in NAMES if discovery.load(name).source.revision is None]
    assert unknown == ["site-bench", "viewspatial-bench"]


@pytest.mark.parametrize(
    ("asked", "suggested"),
    [
        pytest.param("vsi_bench", "vsi-bench", id="underscore"),
        pytest.param("VSI-Bench", "vsi-bench", id="capitals"),
        pytest.param("mindcub", "mindcube", id="letter missing"),
        pytest.param("viewspatial", "viewspatial-bench", id="end missing"),
    ],
)
def test_a_wrong_name_suggests_the_nearest(asked: str, suggested: str) -> None:
    with pytest.raises(UsageError, match=rf"did you mean .*\b{suggested}\b"):
        discovery.load(asked)


def test_an_unlike_name_lists_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"^no benchmark 'zzz'; Known: embspatial-bench, erqa"):
        discovery.load("zzz")


def test_a_benchmark_may_live_elsewhere() -> None:
    found = discovery.load("evalkit.benchmarks.erqa:BENCHMARK")
    assert isinstance(found, Benchmark)
    assert found is erqa.BENCHMARK
    with pytest.raises(UsageError, match="can't be imported"):
        discovery.load("no_such_package.module:BENCHMARK")
    with pytest.raises(EvalkitError, match=r"is no evalkit\.benchmark\.Benchmark"):
        discovery.load("evalkit.benchmarks.erqa:TYPES")


def test_a_wrong_scorer_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean lmms-eval"):
        discovery.scorer(erqa.BENCHMARK, "lmms_eval")


VSI_CHOICE = {
    "question_type": "route_planning",
    "question": "Which way?",
    "options": ["A. Turn Left", "B. Turn Right"],
}
VSI_NUMBER = {"question_type": "object_counting", "question": "How many?", "options": None}
MINDCUBE = (
    "[Task]\nYour task is to analyze the spatial arrangement of objects in the scene by examining "
    "the provided images, which show the scene from different viewpoints.\n[Answer Instruction]\n"
    "You only need to provide *ONE* correct answer selecting from the options listed below. For "
    "example, if you think the correct answer is 'A. Above' from 'A. Above B. Under C. Front D. "
    "Behind', your response should **only** be '<answer>A. Above</answer>'.\n\n[Question]\nWhere?"
)


@pytest.mark.parametrize(
    ("name", "doc", "expected"),
    [
        pytest.param(
            "vsi-bench",
            VSI_CHOICE,
            (
                Video(),
                Text(
                    "These are frames of a video.\nWhich way?\nOptions:\nA. Turn Left\n"
                    "B. Turn Right\n"
                    "Answer with the option's letter from the given choices directly."
                ),
            ),
            id="vsi choice",
        ),
        pytest.param(
            "vsi-bench-debiased",
            VSI_NUMBER,
            (
                Video(),
                Text(
                    "These are frames of a video.\nHow many?\n"
                    "Please answer the question using a single word or phrase."
                ),
            ),
            id="vsi number",
        ),
        pytest.param(
            "mindcube",
            {"question": "Where?", "images": ["a", "b"]},
            (Image(0), Image(1), Text(MINDCUBE)),
            id="mindcube",
        ),
        pytest.param(
            "mmsi-bench",
            {"question": "Where? Options: A: x, B: y", "images": [b""]},
            (
                Image(0),
                Text(
                    "Where? Options: A: x, B: y\nAnswer with the option's letter from the given "
                    "choices directly. Enclose the option's letter within ``."
                ),
            ),
            id="mmsi",
        ),
        pytest.param(
            "viewspatial-bench",
            {"question": "Where?", "choices": "A. left\nB. right", "image_path": ["x.jpg"]},
            (
                Image(0),
                Text("Where?A. left\nB. right\nReply only to the corresponding option.\nAnswer:"),
            ),
            id="viewspatial",
        ),
        pytest.param(
            "embspatial-bench",
            {"question": "Where?", "answer_options": ["left", "right"]},
            (
                Image(0),
                Text(
                    "Note: You only need to respond with A, B, C, D without providing any "
                    "additional information.\nWhere?\nA) left\nB) right"
                ),
            ),
            id="embspatial",
        ),
    ],
)
def test_prompts(name: str, doc: Doc, expected: tuple[Part, ...]) -> None:
    assert discovery.load(name).prompt(doc) == expected


@pytest.mark.parametrize(
    ("places", "images", "expected"),
    [
        pytest.param([0], 1, (Image(0), Text("abcdef")), id="in front"),
        pytest.param([3], 1, (Text("abc"), Image(0), Text("def")), id="between"),
        pytest.param([4, 2], 2, (Text("ab"), Image(1), Text("cd"), Image(0), Text("ef")), id="two"),
        pytest.param([2, 0], 2, (Image(1), Text("ab"), Image(0), Text("cdef")), id="front first"),
        pytest.param([3, 3], 2, (Text("abc"), Image(0), Image(1), Text("def")), id="same place"),
        pytest.param([6], 1, (Text("abcdef"), Image(0)), id="at the end"),
        pytest.param([9], 1, (Image(0), Text("abcdef")), id="behind the end"),
        pytest.param([3], 2, (Image(0), Image(1), Text("abcdef")), id="a place is missing"),
        pytest.param(None, 0, (Text("abcdef"),), id="no images"),
    ],
)
def test_erqa_images_stand_where_their_indices_say(
    places: list[int] | None, images: int, expected: tuple[Part, ...]
) -> None:
    doc: dict[str, Any] = {"question": "abcdef", "visual_indices": places, "images": [0] * images}
    assert erqa.prompt(doc) == expected


def test_erqa_options_end_before_the_instruction() -> None:
    question = "Which? Choices: A. Red. B. Blue. Please answer directly with only the letter."
    assert erqa.options({"question": question}) == ("Red.", "Blue.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(0, "A"), (3, "D"), (-1, None), (99, None), ("A", None), (None, None)],
)
def test_embspatial_answers_count_from_zero(answer: object, expected: str | None) -> None:
    key = discovery.load("embspatial-bench").key({"answer": answer})
    assert key.answer == expected
