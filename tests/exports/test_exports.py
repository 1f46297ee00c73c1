"""Each export format holds what its readers look for, in the words that evalkit asks in."""

import json
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from PIL import Image

from evalkit.benchmarks import _dataset_folder, vsi_bench
from evalkit.records import Text
from spatialgen import exports
from spatialgen.dataset.rows import to_line
from spatialgen.errors import UsageError
from spatialgen.exports import Clip, Example, Picture

PICTURES = (
    Picture("frames/a/b/frame_000000.jpg", 0.0),
    Picture("frames/a/b/frame_000012.jpg", 1.5),
)
CLIP = Clip("a/b.mp4")


def row(**changed: Any) -> dict[str, Any]:
    """Return a question of VSI-Bench's kind about the whole video."""
    return {
        "id": "0123456789abcdef",
        "dataset": "a",
        "scene_name": "b",
        "question_type": "object_rel_distance",
        "question": "Which is nearest to the bed?",
        "options": ["A. chair", "B. lamp"],
        "ground_truth": "B",
        "frames": None,
        **changed,
    }


OPEN = row(options=None, ground_truth="3", question_type="object_counting", question="How many?")


def asked(line: Any) -> str:
    """Return the user's text of a line."""
    content = line["messages"][0]["content"]
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "<image>" for part in content)


def test_formats_are_found_by_file_name() -> None:
    assert {"llama_factory", "ms_swift", "trl", "vsi_bench"} <= {*exports.names()}
    for name in exports.names():
        export = exports.load(name)
        assert (export.name, export.media[0] in ("pictures", "video")) == (name, True)
        assert "{folder}" in export.use
    with pytest.raises(UsageError, match="did you mean ms_swift"):
        exports.load("ms-swfit")


@pytest.mark.parametrize("question", [row(), OPEN], ids=["choice", "number"])
@pytest.mark.parametrize("name", ["llama_factory", "ms_swift", "trl"])
def test_questions_are_asked_in_the_words_of_evalkit(name: str, question: dict[str, Any]) -> None:
    line = exports.load(name).line(Example(question, PICTURES))
    (words,) = (part.text for part in _dataset_folder.prompt(question) if isinstance(part, Text))
    shown = "Frame at 0.0 s:\n<image>\nFrame at 1.5 s:\n<image>"
    assert asked(line) == f"{shown}{words}"
    user, assistant = line["messages"]
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    answer = assistant["content"]
    assert (answer if isinstance(answer, str) else answer[0]["text"]) == question["ground_truth"]


@pytest.mark.parametrize("name", ["llama_factory", "ms_swift"])
def test_tags_stand_for_the_files_of_the_columns(name: str) -> None:
    export = exports.load(name)
    pictures, clip = (export.line(Example(row(), shown)) for shown in (PICTURES, CLIP))
    assert asked(pictures).count("<image>") == len(pictures["images"]) == 2
    assert pictures["images"] == [each.file for each in PICTURES]
    assert (asked(clip).count("<video>"), clip["videos"], clip["images"]) == (1, [CLIP.file], [])
    assert asked(clip).startswith("<video>These are frames of a video.\n")


@pytest.mark.parametrize("tag", ["<image>", "<video>", "<audio>"])
@pytest.mark.parametrize(
    "place",
    [{"question": "What is {}?"}, {"options": ["A. {}", "B. x"]}, {"ground_truth": "{}"}],
    ids=["question", "options", "answer"],
)
@pytest.mark.parametrize("name", ["llama_factory", "ms_swift"])
def test_words_that_would_be_taken_for_a_picture_are_refused(
    name: str, place: dict[str, Any], tag: str
) -> None:
    held = json.loads(json.dumps(place).replace("{}", tag))
    assert exports.load(name).refuses(row(**held)) == "holds_media_tag"
    assert exports.load(name).refuses(row(question="an <img> of <image")) is None
    assert exports.load("trl").refuses(row(**held)) is None  # its pictures are no words


@pytest.mark.parametrize(
    ("kinds", "columns"),
    [
        ({"images"}, {"messages": "messages", "images": "images"}),
        ({"videos"}, {"messages": "messages", "videos": "videos"}),
        ({"videos", "images"}, {"messages": "messages", "images": "images", "videos": "videos"}),
    ],
)
def test_llama_factory_is_told_of_the_columns_that_are_filled(
    kinds: set[str], columns: dict[str, str]
) -> None:
    export = exports.load("llama_factory")
    info = json.loads(export.beside(frozenset(kinds))["dataset_info.json"])["spatialgen"]
    assert (info["file_name"], info["formatting"]) == (export.file, "sharegpt")
    assert info["columns"] == columns
    assert set(info["tags"].values()) >= {"role", "content", "user", "assistant"}


def test_datasets_loads_what_trl_trains_on(tmp_path: Path) -> None:
    # Both folders would be taken for splits, or for labels, if nothing said otherwise.
    shown = tuple(
        Picture(f"frames/test/validation/frame_{index:06d}.jpg", index / 2) for index in (0, 3)
    )
    for value, picture in enumerate(shown):
        path = tmp_path / picture.file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 12, 3), 100 * value, np.uint8)).save(path)
    export = exports.load("trl")
    examples = [Example(row(), shown), Example(OPEN, shown[::-1]), Example(OPEN, shown[1:])]
    lines = b"".join(to_line(export.line(example)) for example in examples)
    (tmp_path / export.file).write_bytes(lines)
    for name, text in export.beside(frozenset({"images"})).items():
        (tmp_path / name).write_text(text)
    loaded = datasets.load_dataset(str(tmp_path), cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["train"]
    assert [len(each["images"]) for each in loaded["train"]] == [2, 2, 1]
    first, second, _ = loaded["train"]
    assert [np.asarray(image)[0, 0, 0] // 99 for image in first["images"]] == [0, 1]
    assert [np.asarray(image)[0, 0, 0] // 99 for image in second["images"]] == [1, 0]
    for each in loaded["train"]:
        kinds = [part["type"] for part in each["messages"][0]["content"]]
        assert kinds.count("image") == len(each["images"])
        assert [part["type"] for part in each["messages"][1]["content"]] == ["text"]


def test_vsi_layout_has_its_columns_and_no_other_types() -> None:
    export = exports.load("vsi_bench")
    line = export.line(Example(row(answer="lamp", program="..."), CLIP))
    assert set(line) == set(vsi_bench.BENCHMARK.columns)
    for kind in vsi_bench.BENCHMARK.types:
        assert export.refuses(row(question_type=kind)) is None
    assert export.refuses(row(question_type="object_counting_mc")) == "not_a_vsi_type"
    assert export.refuses(row(frames=[0])) == "about_single_frames"
