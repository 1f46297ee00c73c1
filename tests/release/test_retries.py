"""What may pass is tried again, after pauses that grow; what does not is raised at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from spatialgen.errors import HubError
from spatialgen.release.retries import (
    PAUSES_S,
    Retries,
    is_passing,
    one_line,
    refuse_long_pause,
    root,
)

httpx2 = pytest.importorskip("httpx2")
errors = pytest.importorskip("huggingface_hub.errors")


def answered(status: int, retry_after: str | None = None) -> Any:
    headers = {} if retry_after is None else {"Retry-After": retry_after.encode("latin-1")}
    request = httpx2.Request("POST", "http://hub.test/commit")
    response = httpx2.Response(status, headers=headers, request=request)
    return errors.HfHubHTTPError(f"status {status} it is", response=response)


def around(error: Exception) -> Exception:
    outer = RuntimeError("in a thread")
    outer.__cause__ = error
    return outer


PASSING = [
    *(pytest.param(answered(status), id=str(status)) for status in (408, 409, 412, 425, 429)),
    *(pytest.param(answered(status), id=str(status)) for status in (500, 502, 503, 504, 599)),
    pytest.param(httpx2.ReadError("reset by peer"), id="reset"),
    pytest.param(httpx2.ReadTimeout("too slow"), id="timeout"),
    pytest.param(httpx2.RemoteProtocolError("server disconnected"), id="closed"),
    pytest.param(ConnectionResetError("reset"), id="reset below"),
    pytest.param(json.JSONDecodeError("no", "<html>", 0), id="page in place of JSON"),
    pytest.param(around(answered(503)), id="in a thread"),
    pytest.param(RuntimeError("Data processing error"), id="upload in chunks"),
]
FINAL = [
    *(pytest.param(answered(status), id=str(status)) for status in (400, 401, 402, 403, 404, 413)),
    pytest.param(ValueError("Invalid metadata in README.md"), id="card refused"),
    pytest.param(errors.OfflineModeIsEnabled("offline"), id="offline"),
    pytest.param(httpx2.UnsupportedProtocol("no http"), id="address that is none"),
    pytest.param(around(answered(403)), id="in a thread"),
]


class Asked:
    """Fails as told, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.left = list(failures)
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        if self.left:
            raise self.left.pop(0)
        return "done"


def tried(ask: Callable[[], str]) -> tuple[str, list[float], list[str]]:
    told: list[str] = []
    paused: list[float] = []
    answer = Retries(told.append, paused.append).run("asking", ask, (Exception,))
    return answer, paused, told


@pytest.mark.parametrize("error", PASSING)
def test_what_passes_is_tried_again(error: Exception) -> None:
    assert is_passing(root(error))
    answer, paused, told = tried(Asked(error))
    assert (answer, paused) == ("done", [PAUSES_S[0]])
    assert told == [f"asking: {one_line(root(error))}; trying again in 1 s"]


@pytest.mark.parametrize("error", FINAL)
def test_what_does_not_pass_is_raised(error: Exception) -> None:
    ask = Asked(error)
    with pytest.raises(type(error)):
        tried(ask)
    assert ask.times == 1


def test_what_is_not_expected_is_raised() -> None:
    retries = Retries(lambda line: None, lambda pause_s: None)
    with pytest.raises(ConnectionResetError):
        retries.run("asking", Asked(ConnectionResetError()), (ValueError,))


@pytest.mark.parametrize(
    ("error", "times"),
    [
        pytest.param(answered(503), len(PAUSES_S) + 1, id="busy"),
        pytest.param(httpx2.ConnectError("no route"), 3, id="no network"),
    ],
)
def test_the_last_try_raises(error: Exception, times: int) -> None:
    ask = Asked(*[error] * 20)
    with pytest.raises(type(error)):
        tried(ask)
    assert ask.times == times


@pytest.mark.parametrize(
    ("asked", "paused"),
    [
        pytest.param("20", 20.0, id="longer than ours"),
        pytest.param("0", 1.0, id="shorter than ours"),
        pytest.param(" 5 ", 5.0, id="spaces"),
        pytest.param("Wed, 21 Oct 2026 07:28:00 GMT", 1.0, id="a date"),
        pytest.param("-3", 1.0, id="negative"),
        pytest.param("nan", 1.0, id="no number"),
        pytest.param("³", 1.0, id="a digit that is no number"),
    ],
)
def test_a_server_may_ask_for_a_pause(asked: str, paused: float) -> None:
    assert tried(Asked(answered(429, asked)))[1] == [paused]


@pytest.mark.parametrize("asked", ["301", "9" * 400])
def test_nobody_waits_for_long(asked: str) -> None:
    with pytest.raises(HubError, match="run the same command again then"):
        refuse_long_pause(answered(429, asked).response)
    with pytest.raises(HubError, match="run the same command again then"):
        tried(Asked(answered(429, asked)))


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        pytest.param(429, "300", id="bearable"),
        pytest.param(200, "3000", id="all went well"),
        pytest.param(503, None, id="nothing asked"),
    ],
)
def test_a_bearable_pause_is_not_refused(status: int, asked: str | None) -> None:
    refuse_long_pause(answered(status, asked).response)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(answered(503), "status 503: status 503 it is", id="status"),
        pytest.param(ValueError("a\n\n  b"), "a b", id="lines"),
        pytest.param(ValueError(), "ValueError", id="nothing said"),
        pytest.param(ValueError("x" * 500), "x" * 157 + "...", id="too long"),
        pytest.param(ValueError("Bearer own-token!"), "Bearer [token]", id="own token"),
        pytest.param(ValueError(f"no hf_{'a' * 30}"), "no [token]", id="any token"),
        pytest.param(ValueError("\x1b[2J"), "?[2J", id="orders to a terminal"),
        pytest.param(KeyError("oid"), "an answer that can't be understood", id="another shape"),
    ],
)
def test_a_failure_is_told_in_one_line(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "own-token!")
    assert one_line(error) == line
