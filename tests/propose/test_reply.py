"""What a model may reply, and what is read in it."""

import json
from typing import Any

import pytest

from spatialgen.propose.generator import Reply
from spatialgen.propose.reply import MAX_QUESTION, read_written

SOUND = {
    "question": "How many meters is the bed long?",
    "topic": "size",
    "answer_type": "number",
    "options": None,
    "unit": "meters",
    "frames": None,
    "program": "def answer(scene: Scene) -> float:\n    return 1.0",
}
CHOICE = {**SOUND, "answer_type": "choice", "unit": None, "options": ["bed", "lamp"]}


def reply(text: str | None, truncated: bool = False, error: str | None = None) -> Reply:
    return Reply("x", text, error, truncated)


def questions(*items: Any) -> str:
    return json.dumps({"questions": items})


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(questions(SOUND), 1, id="an object with a list"),
        pytest.param(json.dumps([SOUND, CHOICE]), 2, id="the list alone"),
        pytest.param(f"```json\n{questions(SOUND)}\n```", 1, id="fenced"),
        pytest.param(f"\n ```\n{questions(SOUND)}```  \n", 1, id="fenced without a language"),
        pytest.param(questions(), 0, id="no question at all"),
        pytest.param(questions({**SOUND, "more": 1}), 1, id="a further field"),
        pytest.param(questions({**SOUND, "topic": "magic"}), 1, id="an unknown topic"),
        pytest.param(questions({**SOUND, "program": "```{[}```"}), 1, id="brackets in a text"),
    ],
)
def test_readable(text: str, count: int) -> None:
    written = read_written(reply(text), 8)
    assert (len(written.drafts), written.flaws, written.unreadable) == (count, (), None)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(reply(None, error="busy"), "no_reply", id="failed"),
        pytest.param(reply(""), "empty_reply", id="nothing"),
        pytest.param(reply("```json\n\n```"), "empty_reply", id="nothing in a fence"),
        pytest.param(reply("Here are some nice questions about it."), "not_json", id="prose"),
        pytest.param(reply(f"Sure! {questions(SOUND)}"), "not_json", id="prose before"),
        pytest.param(reply(f"{questions(SOUND)} Done."), "not_json", id="prose after"),
        pytest.param(reply(questions(SOUND)[:-20]), "cut_reply", id="half of it"),
        pytest.param(reply(f"```json\n{questions(SOUND)[:90]}"), "cut_reply", id="half a fence"),
        pytest.param(reply(questions(SOUND)[:-2], truncated=True), "cut_reply", id="cut off"),
        pytest.param(reply('{"questions": [NaN]}'), "not_json", id="NaN"),
        pytest.param(reply("[" * 100_000), "not_json", id="nested without end"),
        pytest.param(reply('{"questions": {}}'), "not_questions", id="no list"),
        pytest.param(reply('{"answers": []}'), "not_questions", id="another field"),
        pytest.param(reply('{"questions": [], "also": 1}'), "not_questions", id="two fields"),
        pytest.param(reply("17"), "not_questions", id="a number"),
        pytest.param(reply('"text"'), "not_questions", id="a text"),
        pytest.param(reply('"' + '\\"' * 100_000), "not_json", id="quotes without end"),
        pytest.param(reply(f"```\n{' ' * 400_000}x"), "not_json", id="blanks without end"),
        pytest.param(reply(f"```json\n{'```' * 100_000}x"), "not_json", id="fences without end"),
    ],
)
def test_unreadable(given: Reply, code: str) -> None:
    written = read_written(given, 8)
    assert written.unreadable is not None
    assert (written.unreadable.code, written.drafts) == (code, ())


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param("How long?", "no JSON object", id="a text"),
        pytest.param({}, "question", id="nothing"),
        pytest.param({**SOUND, "program": None}, "program", id="no program"),
        pytest.param({**SOUND, "program": ["x"]}, "program", id="program in a list"),
        pytest.param({**SOUND, "program": "\ud800"}, "program", id="half a character"),
        pytest.param({**SOUND, "question": " "}, "question", id="blank question"),
        pytest.param({**SOUND, "question": "a\nb"}, "question", id="two lines"),
        pytest.param({**SOUND, "question": "\u202e abc"}, "question", id="unprintable"),
        pytest.param({**SOUND, "question": "x" * (MAX_QUESTION + 1)}, "question", id="too long"),
        pytest.param({**SOUND, "answer_type": "text"}, "answer_type", id="unknown type"),
        pytest.param({**SOUND, "answer_type": 3}, "answer_type", id="type a number"),
        pytest.param({**SOUND, "options": ["1", "2"]}, "options", id="a number with options"),
        pytest.param({**SOUND, "unit": "parsecs"}, "unit", id="unknown unit"),
        pytest.param({**SOUND, "unit": ["meters"]}, "unit", id="unit in a list"),
        pytest.param({**SOUND, "unit": {"meters": 1}}, "unit", id="unit as an object"),
        pytest.param({**CHOICE, "unit": "meters"}, "unit", id="options with a unit"),
        pytest.param({**CHOICE, "options": None}, "options", id="no options"),
        pytest.param({**CHOICE, "options": ["one"]}, "options", id="one option"),
        pytest.param({**CHOICE, "options": list("abcdefghijk")}, "options", id="eleven options"),
        pytest.param({**CHOICE, "options": ["a", 2]}, "option", id="an option a number"),
        pytest.param({**CHOICE, "options": ["a", "b "]}, "option", id="an option with a space"),
        pytest.param({**CHOICE, "options": {"A": "a"}}, "options", id="options as an object"),
        pytest.param({**SOUND, "frames": [1.5]}, "frames", id="half a frame"),
        pytest.param({**SOUND, "frames": [True]}, "frames", id="a frame that is true"),
        pytest.param({**SOUND, "frames": "all"}, "frames", id="frames in words"),
        pytest.param({**SOUND, "frames": [-1]}, "frames", id="a frame before the first"),
        pytest.param({**SOUND, "frames": [10**4_000]}, "frames", id="a giant frame"),
        pytest.param({**SOUND, "frames": [*range(1_001)]}, "frames", id="too many frames"),
    ],
)
def test_bad_fields(entry: Any, says: str) -> None:
    written = read_written(reply(questions(entry, SOUND)), 8)
    assert [flaw.code for flaw in written.flaws] == ["bad_field"]
    assert says in written.flaws[0].detail
    assert len(written.drafts) == 1  # the sound one is kept


def test_two_hundred_questions() -> None:
    written = read_written(reply(questions(*[SOUND] * 200)), 8)
    assert len(written.drafts) == 8
    assert [(flaw.code, flaw.detail.split()[0]) for flaw in written.flaws] == [("too_many", "192")]


def test_fields_reach_the_draft() -> None:
    entry = {**CHOICE, "frames": [30, 0, 30], "topic": "visibility"}
    (draft,) = read_written(reply(questions(entry)), 8).drafts
    assert (draft.question_type, draft.kind) == ("written_visibility", "choice")
    assert (draft.choices, draft.frames, draft.unit) == (("bed", "lamp"), (0, 30), None)
