"""Replies are kept, found again, and never mixed up."""

from dataclasses import replace
from pathlib import Path

import pytest

from spatialgen.propose.generator import Picture, Reply, Request
from spatialgen.propose.transcript import MAX_CHARS, Transcript, request_key
from tests.asking.scripted import Scripted

ASKED = Request("a", ("look: ", Picture("p1", Path("p1.jpg")), "what?"), 64, {"type": "object"})


def said(path: Path, model: Scripted, *requests: Request) -> list[Reply]:
    with Transcript(path, model) as transcript:
        return list(transcript.replies(requests).values())


def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    first, second = Scripted(lambda text: f"said {text}"), Scripted(lambda _: "another")
    requests = [ASKED, replace(ASKED, id="b", parts=("else",))]
    replies = said(tmp_path / "t", first, *requests)
    assert said(tmp_path / "t", second, *requests) == replies
    assert (len(first.requests), len(second.requests)) == (2, 0)


def test_what_failed_is_asked_again(tmp_path: Path) -> None:
    assert said(tmp_path / "t", Scripted(lambda _: None), ASKED)[0].text is None
    assert said(tmp_path / "t", Scripted(lambda _: "now"), ASKED)[0].text == "now"


def test_a_request_without_a_reply_is_told(tmp_path: Path) -> None:
    model = Scripted()
    model.generate = lambda requests: iter([Reply("foreign", "x")])  # type: ignore[method-assign]
    (reply,) = said(tmp_path / "t", model, ASKED)
    assert (reply.text, reply.error) == (None, "it gave no reply to this request")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b'{"key": "torn', id="torn line"),
        pytest.param(b"\xff\xfe\n", id="no text"),
        pytest.param(b'{"key": 1, "text": "x", "truncated": false, "tokens": null}\n', id="types"),
        pytest.param(b"[]\n", id="a list"),
    ],
)
def test_damage_at_the_end_is_written_over(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t"
    said(path, Scripted(lambda _: "kept"), ASKED)
    whole = path.read_bytes()
    path.write_bytes(whole + damage)
    other = replace(ASKED, id="b", parts=("else",))
    assert [each.text for each in said(path, Scripted(lambda _: "new"), ASKED, other)] == [
        "kept",
        "new",
    ]
    assert path.read_bytes().startswith(whole)
    assert [each.text for each in said(path, Scripted(lambda _: None), ASKED, other)] == [
        "kept",
        "new",
    ]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({"id": "b"}, True, id="another id"),
        pytest.param({"parts": ("look: ", Picture("p1", Path("q")), "what?")}, True, id="path"),
        pytest.param({"parts": ("look: ", Picture("p2", Path("p1.jpg")), "what?")}, False, id="x"),
        pytest.param({"parts": ("look: what?",)}, False, id="without the picture"),
        pytest.param({"max_tokens": 65}, False, id="another limit"),
        pytest.param({"schema": None}, False, id="no schema"),
    ],
)
def test_a_reply_belongs_to_all_that_decides_it(change: dict[str, object], same: bool) -> None:
    other = replace(ASKED, **change)
    assert (request_key(ASKED, "who") == request_key(other, "who")) is same
    assert request_key(ASKED, "who") != request_key(ASKED, "else")


def test_a_giant_reply_is_cut(tmp_path: Path) -> None:
    (reply,) = said(tmp_path / "t", Scripted(lambda _: "x" * (MAX_CHARS + 5)), ASKED)
    assert (len(reply.text or ""), reply.truncated) == (MAX_CHARS, True)
