"""The card holds what release.json says, and nothing in it is taken for markup."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from spatialgen.release import plots
from spatialgen.release.card import card
from spatialgen.release.front_matter import size_category, to_yaml
from spatialgen.release.markdown import cell, code, share, term
from spatialgen.release.part import Options
from spatialgen.tables.record import Type, parse
from tests.release.made_rows import question, rejected, scene, write_folder
from tests.release.test_build import released
from tests.runs import write_lines
from tests.tables.test_record import release as record

pytest.importorskip("pyarrow")


def released_text(folder: Path, questions: list[Any], scenes: list[Any], **more: Any) -> str:
    made = write_folder(folder / "made", questions, scenes, **more)
    released([made], folder / "out", Options(rejected=True), repo="org/name")
    return (folder / "out" / "README.md").read_text("utf-8")


@pytest.fixture
def text(tmp_path: Path) -> str:
    return released_text(
        tmp_path,
        [question(number) for number in range(5)],
        [scene(), scene(name="room1")],
        turned_down=[rejected(7), rejected(8, reason="unstable")],
    )


@pytest.mark.parametrize(
    "words",
    [
        "5 questions about space in 2 3D scenes (rooms made by spatialgen), of 2 types",
        'load_dataset("org/name", "questions", split="train")',
        "| `questions` | 5 |",
        "| `rejected` | 2 |",
        "| `object_counting` | 2 | 1 |  | 2 to 2 |",
        "| `object_counting_mc` | 3 | 1 | A 100 % | 2 to 2 |",
        "Turned down: `margin` 1, `unstable` 1.",
        "not checked against any benchmark",
        "was not audited",
        "| rooms made by spatialgen | 5 | 2 | apache-2.0 | no, though they might be |",
        "Questions, programs and numbers: cc-by-4.0.",
        "`object_counting` (2) is the smallest, `object_counting_mc` (3) the largest",
        "How many chairs, 0?",
        "def answer(scene): return 2",
        "eprint = {2606.11719}",
    ],
)
def test_card_tells(words: str, text: str) -> None:
    assert words in text


def test_no_figure_is_missing(text: str) -> None:
    assert "${" not in text
    assert re.search(r"\bNone\b|\bnan\b", text) is None


def test_plots_that_are_shown_are_there(text: str, tmp_path: Path) -> None:
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert len(shown) == 2
    for name in shown:
        assert (tmp_path / "out" / name).read_text().startswith("<svg")


def test_metadata_is_yaml(text: str) -> None:
    yaml = pytest.importorskip("yaml")
    data = yaml.safe_load(text.split("---\n")[1])
    assert data["license"] == "cc-by-4.0"
    assert data["language"] == ["en"]
    assert data["size_categories"] == ["n<1K"]
    assert data["task_categories"] == ["visual-question-answering", "video-text-to-text"]
    assert data["annotations_creators"] == ["machine-generated"]
    assert data["source_datasets"] == ["original"]
    assert [each["config_name"] for each in data["configs"]] == ["questions", "scenes", "rejected"]
    assert [each.get("default", False) for each in data["configs"]] == [True, False, False]
    splits = {each["config_name"]: each["splits"][0] for each in data["dataset_info"]}
    assert {name: split["num_examples"] for name, split in splits.items()} == {
        "questions": 5,
        "scenes": 2,
        "rejected": 2,
    }
    assert {"pretty_name", "tags", "license"} <= data.keys()


def test_yaml_of_any_text() -> None:
    yaml = pytest.importorskip("yaml")
    data = {
        "a": ["yes", "1e3", "3d", "x: y", "- z", "", "né", "a b", "#c", "n<1K", "2020-01-01", "~"],
        "b": {"c": [{"d": True, "e": [{"f": 1}], "g": {"h": None}}], "i": []},
    }
    assert yaml.safe_load(to_yaml(data)) == data


HOSTILE = "<img src=x onerror=alert(1)> | ![x](http://x) `` ``` $5 [a](javascript:b)"


def test_text_of_scans_is_no_markup(tmp_path: Path) -> None:
    text = released_text(
        tmp_path,
        [
            question(
                2 * number,
                scene=HOSTILE.replace("/", ""),
                question=f"{HOSTILE}\n```\n# heading\n",
                question_type=HOSTILE,
                program="```\n</details>",
            )
            for number in range(2)
        ],
        [scene()],
        turned_down=[rejected(1, reason=HOSTILE)],
        config={"model": {"model": HOSTILE}},
    )
    outside = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert "# heading" not in outside
    assert re.search(r"(?<!\\)<img", outside) is None
    assert "](javascript" not in outside
    assert len(re.findall(r"(?m)^## ", outside)) == 9


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain words", "plain words"),
        ("a|b\nc", "a\\|b c"),
        ("<b>*x*", "\\<b\\>\\*x\\*"),
        ("x" * 200, "x" * 117 + "..."),
        (None, "None"),
        ("\x1b[2J\u202ereversed", "?\\[2J?reversed"),
        ("see https://x.test or www.x.test", "see https\\://x.test or www\\.x.test"),
        ("to a@x.test", "to a\\@x.test"),
    ],
)
def test_cell(value: Any, shown: str) -> None:
    assert cell(value) == shown


def test_markdown_of_names_code_and_shares() -> None:
    assert (term("object_counting"), term("a b|c")) == ("`object_counting`", "a b\\|c")
    assert code("x\n````\n").startswith("`````text\n")
    assert code("\tx\n\x1b[2Jy\u202e") == "```text\n\tx\n?[2Jy?\n```"
    assert (share(1, 3), share(0, 0)) == ("33 %", "-")


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (100_000, "100K<n<1M"),
        (10**9, "n>100M"),
    ],
)
def test_size_category(rows: int, name: str) -> None:
    assert size_category(rows) == name


def test_a_plot_of_any_name_is_a_picture() -> None:
    found = {"\x01\x1b<b>" + "x" * 100: Type(accepted=1, rejected=0, letters={"A": 1})}
    for drawn in (plots.types(found), plots.letters(found)):
        texts = [each.text or "" for each in ElementTree.fromstring(drawn).iter()]
        assert f"??<b>{'x' * 30}..." in texts


def test_a_record_from_anywhere_has_a_card() -> None:
    assert "0 questions about space in 0 3D scenes (" in card(parse(record(parts={})))
    assert "1 questions about space" in card(parse(record()))


def test_what_is_wrong_is_a_known_limit(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    rows = [question(2 * i, scene=f"room{i}", options=["A. 2", "B. 3"]) for i in range(40)]
    made = write_folder(tmp_path / "made", rows, [scene(name=f"room{i}") for i in range(40)])
    benchmark = tmp_path / "bench.jsonl"
    write_lines(benchmark, [{**question(1, scene="room7"), "ground_truth": "9"}])
    released([made], tmp_path / "out", Options(against=[benchmark]))
    text = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "- 1 questions are about physical spaces that bench.jsonl uses" in text
    assert "better than luck explains: `object_counting_mc`." in text
    assert "| `object_counting_mc` | 40 | letter | 100.0% | 50.0% | yes | 40 |" in text


def test_scans_keep_their_terms(tmp_path: Path) -> None:
    text = released_text(tmp_path, [question(0, dataset="scannet")], [scene(dataset="scannet")])
    assert "license: other\nlicense_name: terms-of-the-scans\n" in text
    assert "- extended|other-scannet" in text
    assert "The frames of ScanNet are not in here." in text
    assert "| [ScanNet](http://www.scan-net.org/) | 1 | 1 | its own terms | no, and" in text
