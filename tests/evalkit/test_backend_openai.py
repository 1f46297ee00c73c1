"""The openai backend against a server that answers badly, and what it sends and hides."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("httpx2", reason="httpx2 is not installed")
pytest.importorskip("PIL", reason="pillow is not installed")

from hostile_server import FAULTS, PATIENCE_S, HostileServer
from PIL import Image as Picture

from evalkit.backends import Settings, _chat, _replies, load, openai
from evalkit.errors import EvalkitError, UsageError
from evalkit.prompt import Completion, Image, Prompt, Text, Video

KEY = "sk-secret-0123456789"


@pytest.fixture(autouse=True)
def _short_waits_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "_FIRST_WAIT_S", 0.02)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("EVALKIT_API_KEY", raising=False)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


def questions(count: int, **fields: object) -> list[Prompt]:
    return [
        Prompt(str(n), (Text(f"question {n}"),), 8, **fields)  # type: ignore[arg-type]
        for n in range(count)
    ]


def settings(server: HostileServer, **fields: object) -> Settings:
    patience = {"timeout_s": PATIENCE_S, "deadline_s": 10 * PATIENCE_S}
    chosen = {"base_url": server.url, **patience, **fields}
    return Settings.model_validate(chosen)


def run(chosen: Settings, prompts: list[Prompt]) -> dict[str, Completion]:
    with load("openai").open(chosen) as session:
        completions = list(session.generate(prompts))
    assert len(completions) == len(prompts)
    return {completion.id: completion for completion in completions}


def test_every_prompt_is_answered() -> None:
    with HostileServer(together=2) as server:
        done = run(settings(server, concurrency=4), questions(50))
    assert [done[str(n)].text for n in range(50)] == [f"answer {n}" for n in range(50)]
    assert done["3"] == Completion("3", "answer 3", tokens=2, prompt_tokens=7)
    assert 2 <= server.most_at_once <= 4


@pytest.mark.slow
def test_two_thousand_requests_with_a_fifth_of_faults() -> None:
    with HostileServer(share=0.2, seed=1) as server:
        done = run(settings(server, concurrency=32, timeout_s=3.0), questions(2000))
    named = [completion for completion in done.values() if completion.text is None]
    assert all(completion.error for completion in named)
    assert len(named) <= 2
    assert all(done[i].text in (f"answer {i}", None) for i in done)
    assert set(FAULTS) <= set(server.served)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "hang"])
def test_one_fault_is_got_over(fault: str) -> None:
    with HostileServer(share=0.5, faults=(fault,), seed=3) as server:
        done = run(settings(server, concurrency=8), questions(12))
    assert server.served[fault] > 0
    assert sum(completion.text is None for completion in done.values()) <= 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param("error 400", "the server refused: 400 out of order", id="refused"),
        pytest.param("error 422", "the server refused: 422 out of order", id="unprocessable"),
        pytest.param("busy for an hour", "429 out of order (tried 1 times)", id="too-long-a-wait"),
    ],
)
def test_what_will_not_pass_is_named_at_once(fault: str, reason: str) -> None:
    started = time.monotonic()
    with HostileServer(always=fault) as server:
        done = run(settings(server), questions(5))
    assert time.monotonic() - started < PATIENCE_S
    assert all(reason in (completion.error or "") for completion in done.values())


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param("hang", "no reply within 0.2 s", id="hang"),
        pytest.param("giant", "larger than 8 MiB", id="giant"),
        pytest.param("error 500", "500 out of order", id="error"),
        pytest.param("error in 200", "the reply is an error: out of order", id="error-in-200"),
        pytest.param("list", "cut off or no JSON", id="nested"),
    ],
)
def test_what_never_passes_ends_in_bounded_time(fault: str, reason: str) -> None:
    started = time.monotonic()
    with HostileServer(always=fault) as server:
        chosen = settings(server, timeout_s=0.2 if fault == "hang" else PATIENCE_S)
        done = run(chosen, questions(2))
    assert time.monotonic() - started < 5 * PATIENCE_S
    assert all(reason in (completion.error or "") for completion in done.values())


def test_a_reply_that_drips_ends_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "_TRIES", 1)
    with HostileServer(always="drip") as server:
        done = run(settings(server, timeout_s=2.0), questions(2))
    reason = "the reply did not end in time"
    assert all(reason in (completion.error or "") for completion in done.values())


@pytest.mark.parametrize("count", [31, 200])
def test_a_server_that_dies_stops_the_run_after_its_answers(count: int) -> None:
    started = time.monotonic()
    kept: list[Completion] = []
    with HostileServer(stop_after=30) as server:
        chosen = settings(server, concurrency=4, deadline_s=4.0)
        with load("openai").open(chosen) as session:
            completions = session.generate(questions(count))
            with pytest.raises(EvalkitError, match=r"stopped answering .* same command again"):
                kept.extend(completions)
    assert time.monotonic() - started < 5 * PATIENCE_S
    assert len([one for one in kept if one.text]) == 30


def test_no_server() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # so that nobody else can listen there
        chosen = Settings(base_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(EvalkitError, match=r"no server answers at .*--base-url") as caught:
            run(chosen, [])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param("error 401", "refuses the API key", id="key"),
        pytest.param("error 404", "no such model or address", id="address"),
    ],
)
def test_what_concerns_all_prompts_stops_the_run(fault: str, message: str) -> None:
    with HostileServer(always=fault) as server, pytest.raises(EvalkitError, match=message):
        run(settings(server), questions(3))


def test_redirects_are_not_followed_and_the_key_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with HostileServer() as other:
        with HostileServer(always="redirect", redirect=other.url) as server:
            with pytest.raises(EvalkitError, match="redirects to"):
                run(settings(server), questions(1))
            assert server.keys == {f"Bearer {KEY}"}
        assert other.keys == set()


def test_the_key_is_in_no_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("EVALKIT_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    seen = []
    for fault in ("error 400", "error 500", "error in 200", "busy for an hour"):
        with HostileServer(always=fault, echo_key=True) as server:
            chosen = settings(server, deadline_s=1.0)
            with load("openai").open(chosen) as session:
                seen += [repr(session), json.dumps(session.info()), repr(chosen)]
                seen += [repr(one) for one in session.generate(questions(1))]
            assert f"Bearer {KEY}" in server.keys
    for fault in ("error 401", "error 404"):
        with HostileServer(always=fault, echo_key=True) as server:
            with pytest.raises(EvalkitError) as caught:
                run(settings(server), questions(1))
            seen += [str(caught.value), repr(caught.value)]
    assert KEY not in "".join(seen) + caplog.text
    assert "[API key]" in "".join(seen)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["sk-ä", "two words", "a\nb"])
def test_a_key_that_is_none_is_not_repeated(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(EvalkitError, match="OPENAI_API_KEY holds characters") as caught:
        load("openai").start(Settings(base_url="http://127.0.0.1:9", model="x"), ())
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param(None, "needs --base-url", id="none"),
        pytest.param("localhost:8000", "must look like", id="no-scheme"),
        pytest.param("ftp://host", "must look like", id="ftp"),
        pytest.param("http://", "must look like", id="no-host"),
        pytest.param("http://ann:word@host/v1", "must not hold a password", id="password"),
    ],
)
def test_addresses_that_are_none(url: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load("openai").start(Settings(base_url=url), ())
    assert "word@" not in str(caught.value)


def test_the_only_model_need_not_be_named(server: HostileServer) -> None:
    with load("openai").open(settings(server)) as session:
        list(session.generate(questions(1)))
        assert session.info()["model"] == "tiny"
    assert server.bodies[0] == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "question 0"}],
        "temperature": 0,
        "max_tokens": 8,
    }


def test_log_probabilities_of_letters() -> None:
    with HostileServer(logprobs={"A": -0.1, "B": -2.5, "The": -9.0}) as server:
        done = run(settings(server), questions(1, continuations=("B", "A")))
        assert done["0"].logprobs == (-2.5, -0.1)
        assert run(settings(server), questions(1))["0"].logprobs is None
        assert run(settings(server), questions(1, continuations=("A", "D")))["0"].logprobs is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        pytest.param("-2.5", {"A": -2.5}, id="number"),
        pytest.param("0", {"A": 0.0}, id="certain"),
        pytest.param("1e-7", {"A": 0.0}, id="rounded"),
        pytest.param("1.5", None, id="more than certain"),
        pytest.param("true", None, id="truth"),
        pytest.param("NaN", None, id="nan"),
        pytest.param("-1e999", None, id="infinite"),
        pytest.param(f"-1{'0' * 400}", None, id="giant"),
        pytest.param(f"1{'0' * 400}", None, id="giant and above"),
        pytest.param('"x"', None, id="text"),
    ],
)
def test_what_can_be_no_log_probability_is_left_out(
    value: str, read: dict[str, float] | None
) -> None:
    token = f'{{"token": "A", "logprob": {value}}}'
    choice = f'{{"message": {{"content": "A"}}, "logprobs": {{"content": [{token}]}}}}'
    assert _replies.read_answer(f'{{"choices": [{choice}]}}'.encode()).top == read


def test_missing_log_probabilities_are_said_once(
    server: HostileServer, caplog: pytest.LogCaptureFixture
) -> None:
    done = run(settings(server), questions(20, continuations=("A",)))
    assert all(completion.logprobs is None for completion in done.values())
    assert caplog.text.count("no log-probabilities") == 1


def test_what_is_sent_of_images_and_videos(tmp_path: Path) -> None:
    paths = []
    for name in ("a.jpg", "b.png", "c.jpg"):
        Picture.new("RGB", (4, 4), "red").save(tmp_path / name)
        paths.append(tmp_path / name)
    video = Video("v", tuple(paths), (0, 10, 20), 30.0, 21, source=tmp_path / "v.mp4")
    (tmp_path / "v.mp4").write_bytes(b"film")
    prompt = Prompt("p", (Image("a", paths[0]), Text("then"), video, Text("why?")), 8, system="be")

    def kinds(**fields: object) -> list[str]:
        request = _chat.body(prompt, Settings.model_validate(fields), "m")
        assert request["messages"][0] == {"role": "system", "content": "be"}
        content = request["messages"][1]["content"]
        found = []
        for part in content:
            value = part[part["type"]]
            found.append(value["url"].partition(",")[0] if isinstance(value, dict) else value)
        return found

    jpeg, png = "data:image/jpeg;base64", "data:image/png;base64"
    assert kinds() == [jpeg, "then", jpeg, png, jpeg, "why?"]
    assert kinds(video_as="video") == [jpeg, "then", "data:video/jpeg;base64", "why?"]
    assert kinds(video_as="file") == [jpeg, "then", "data:video/mp4;base64", "why?"]
    by_path = kinds(video_as="file", media="path")
    assert by_path == [paths[0].as_uri(), "then", (tmp_path / "v.mp4").as_uri(), "why?"]
    chosen = replace(video, source=None)
    with pytest.raises(ValueError, match="is not known, only its frames"):
        _chat.body(replace(prompt, parts=(chosen,)), Settings(video_as="file"), "m")
    single = replace(chosen, frames=chosen.frames[:1], indices=(10,))
    request = _chat.body(replace(prompt, parts=(single,)), Settings(video_as="video"), "m")
    assert request["media_io_kwargs"]["video"]["frames_indices"] == [10, 10]
    request = _chat.body(prompt, Settings(video_as="video"), "m")
    assert request["media_io_kwargs"]["video"] == {
        "num_frames": -1,
        "fps": 30.0,
        "frames_indices": [0, 10, 20],
        "total_num_frames": 21,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"GIF", "neither JPEG, PNG, GIF nor WebP", id="no-image"),
        pytest.param(None, "No such file", id="missing"),
    ],
)
def test_a_broken_image_fails_its_prompt_alone(
    server: HostileServer, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "broken.jpg"
    if content is not None:
        path.write_bytes(content)
    broken = Prompt("broken", (Image("x", path), Text("question 9")), 8)
    done = run(settings(server), [*questions(2), broken])
    assert reason in (done["broken"].error or "")
    assert str(path) in (done["broken"].error or "")
    assert done["1"].text == "answer 1"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param(" 0.5 ", 0.5, id="fraction"),
        pytest.param("Mon, 23 Nov 2026 00:00:10 GMT", 10.0, id="date"),
        pytest.param("Sun, 22 Nov 2026 23:59:00 GMT", 0.0, id="past"),
        pytest.param(None, None, id="none"),
        pytest.param("soon", None, id="word"),
        pytest.param("-3", None, id="negative"),
        pytest.param("", None, id="empty"),
        pytest.param("\u0663", None, id="other-digits"),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert _replies.retry_after_s(header, now) == seconds


@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param({"content": "B"}, "B", id="string"),
        pytest.param({"content": [{"type": "text", "text": "B"}]}, "B", id="parts"),
        pytest.param({"content": ""}, "", id="empty"),
    ],
)
def test_answers_that_are_read(message: dict[str, object], text: str) -> None:
    reply = {"choices": [{"message": message, "finish_reason": "stop"}]}
    answer = _replies.read_answer(json.dumps(reply).encode())
    assert (answer.text, answer.truncated, answer.tokens) == (text, False, None)


def test_no_text_at_the_limit_is_an_empty_answer() -> None:
    reply = {"choices": [{"message": {"content": None}, "finish_reason": "length"}]}
    answer = _replies.read_answer(json.dumps(reply).encode())
    assert (answer.text, answer.truncated) == ("", True)


def test_prompts_are_taken_as_they_are_needed(server: HostileServer) -> None:
    taken = []

    def endless() -> Iterator[Prompt]:
        for prompt in questions(10_000):
            taken.append(prompt.id)
            yield prompt

    with load("openai").open(settings(server, concurrency=4)) as session:
        completions = session.generate(endless())
        for _ in range(10):
            next(completions)
        completions.close()  # type: ignore[attr-defined]
    assert len(taken) <= 10 + 2 * 4


def test_an_abandoned_run_leaves_no_thread_behind(server: HostileServer) -> None:
    before = set(threading.enumerate())

    def workers() -> int:
        new = set(threading.enumerate()) - before
        return sum(thread.name == "evalkit worker" for thread in new)

    with load("openai").open(settings(server, concurrency=4)) as session:
        completions = session.generate(questions(100))
        next(completions)
        assert workers() == 4
        completions.close()  # type: ignore[attr-defined]
        deadline = time.monotonic() + PATIENCE_S
        while workers() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert workers() == 0


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_a_schema_is_sent_where_there_is_one(server: HostileServer) -> None:
    (first,), (second,) = questions(1, schema=SCHEMA), questions(1)
    run(settings(server, concurrency=1), [first, replace(second, id="1")])
    held, free = server.bodies
    assert held["response_format"]["json_schema"]["schema"] == SCHEMA
    assert held["response_format"]["type"] == "json_schema"
    assert "response_format" not in free
