"""Replies are kept, found again, and never mixed up."""

from dataclasses import replace
from pathlib import Path

import pytest

from spatialgen.errors import SpatialgenError
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


OTHER = replace(ASKED, id="b", parts=("else",))


def test_what_failed_is_asked_again(tmp_path: Path) -> None:
    some = Scripted(lambda text: None if text == "else" else "now")
    assert [each.text for each in said(tmp_path / "t", some, ASKED, OTHER)] == ["now", None]
    assert said(tmp_path / "t", Scripted(lambda _: "later"), OTHER)[0].text == "later"


def test_a_request_without_a_reply_is_told(tmp_path: Path) -> None:
    model = Scripted()
    found = [Reply("foreign", "x"), Reply("b", "y"), Reply("b", "z")]
    model.generate = lambda requests: iter(found)  # type: ignore[method-assign]
    first, second = said(tmp_path / "t", model, ASKED, OTHER)
    assert (first.text, first.error) == (None, "it gave no reply to this request")
    assert second.text == "y"


def test_who_replies_no_more_is_not_asked_on(tmp_path: Path) -> None:
    silent = Scripted(lambda _: None)
    with pytest.raises(SpatialgenError, match="no answer"):  # it never replied
        said(tmp_path / "t", silent, OTHER)
    said(tmp_path / "t", Scripted(lambda _: "kept"), ASKED)
    with Transcript(tmp_path / "t", silent) as transcript:
        assert transcript.replies([OTHER])["b"].text is None  # one may fail
        with pytest.raises(SpatialgenError, match="replies no more"):
            transcript.replies([OTHER])
        assert transcript.replies([OTHER], may_fail=True)["b"].text is None
        assert transcript.replies([ASKED])["a"].text == "kept"


def test_what_is_refused_among_replies_does_not_hold_up_a_run_that_goes_on(tmp_path: Path) -> None:
    refused = [replace(OTHER, id=f"r{i}", parts=(f"else {i}",)) for i in range(3)]
    model = Scripted(lambda text: None if "else" in text else "kept")
    for _ in range(2):
        replies = said(tmp_path / "t", model, ASKED, *refused)
        assert [each.text for each in replies] == ["kept", None, None, None]


def test_the_same_request_gets_one_reply_however_often_it_is_made(tmp_path: Path) -> None:
    twice = (ASKED, replace(ASKED, id="again"))
    moody = Scripted(lambda _: f"reply {len(moody.requests)}")
    first = said(tmp_path / "t", moody, *twice)
    assert ([each.id for each in first], len(moody.requests)) == (["a", "again"], 1)
    assert first[0].text == first[1].text
    assert said(tmp_path / "t", moody, *reversed(twice)) == first[::-1]


@pytest.mark.parametrize("tokens", [-1, 10**4_000])
def test_who_can_t_count_tokens_is_not_believed(tokens: int, tmp_path: Path) -> None:
    model = Scripted()
    model.generate = lambda _: iter([Reply("a", "x", tokens=tokens)])  # type: ignore[method-assign]
    assert said(tmp_path / "t", model, ASKED)[0].tokens is None


def test_halves_of_a_character_are_read_alike_every_time(tmp_path: Path) -> None:
    model = Scripted(lambda _: "\ud83d" + "\ude00 \udc80")
    assert said(tmp_path / "t", model, ASKED) == said(tmp_path / "t", model, ASKED)


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
    assert [each.text for each in said(path, Scripted(lambda _: "new"), ASKED, OTHER)] == [
        "kept",
        "new",
    ]
    assert path.read_bytes().startswith(whole)
    assert [each.text for each in said(path, Scripted(lambda _: None), ASKED, OTHER)] == [
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
