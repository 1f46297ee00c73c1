"""When a request to the Hub is made again, and after how long."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from spatialgen.errors import HubError
from spatialgen.optional import PUBLISH, require
from spatialgen.release.markdown import printable
from spatialgen.release.secrets import redacted

Answer = TypeVar("Answer")

Kinds = tuple[type[BaseException], ...]

#: Pauses before another try, in seconds; a server that asks for longer ones gets them.
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

#: Tries while no server is reached at all: a machine without network is told so soon.
UNREACHED_TRIES = 3

#: The longest pause that a server may ask for; after that it is a person's turn.
LONGEST_S = 300.0

#: Below 500: too slow, another commit under way, a commit on top of another parent, too early,
#: too many. Whoever asks again looks first at what is on the Hub by then.
_PASSING = (408, 409, 412, 425, 429)


@dataclass(frozen=True)
class Retries:
    """Makes a request again while what went wrong may pass; ``tell`` hears of each time."""

    tell: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    def run(self, what: str, ask: Callable[[], Answer], kinds: Kinds) -> Answer:
        """Return what ``ask`` returns, trying again after what is of ``kinds`` and may pass.

        Raises what went wrong where it does not pass, or went wrong too often.
        """
        unreached = 0
        for pause_s in (*PAUSES_S, None):
            try:
                return ask()
            except kinds as error:
                cause = root(error)
                unreached += is_unreached(cause)
                if pause_s is None or unreached >= UNREACHED_TRIES or not is_passing(cause):
                    raise
                answer = getattr(cause, "response", None)
                if answer is not None:
                    refuse_long_pause(answer)
                wait_s = max(pause_s, asked_pause_s(answer))
                self.tell(f"{what}: {one_line(cause)}; trying again in {wait_s:g} s")
            self.sleep(wait_s)
        raise AssertionError("the last try returns or raises")


def failures() -> Kinds:
    """Return what requests to the Hub may raise."""
    # RuntimeError stands around what went wrong in an upload's thread, KeyError and ValueError
    # for an answer of another shape, and for what the library refuses to send.
    return (_transport().HTTPError, ConnectionError, RuntimeError, KeyError, ValueError)


def root(error: BaseException) -> BaseException:
    """Return the failure that an upload's thread was ended by, or the failure itself."""
    while isinstance(error, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def status(error: BaseException) -> int | None:
    """Return the status that a server answered with, or None where it did not answer."""
    found: int | None = getattr(getattr(error, "response", None), "status_code", None)
    return found


def is_unreached(error: BaseException) -> bool:
    """Tell whether there was no connection to a server."""
    transport = _transport()
    return isinstance(
        error, (transport.ConnectError, transport.ConnectTimeout, transport.ProxyError)
    )


def is_passing(error: BaseException) -> bool:
    """Tell whether the same request may well succeed a little later.

    So may one whose answer is no JSON: busy servers and proxies send pages in its place. What
    uploads in chunks tells all that goes wrong on its way as a RuntimeError.
    """
    answered = status(error)
    if answered is not None:
        return answered in _PASSING or answered >= 500
    transport = _transport()
    offline = require("huggingface_hub.errors", "publishing", PUBLISH).OfflineModeIsEnabled
    lost: Kinds = (
        *(transport.TimeoutException, transport.NetworkError, transport.RemoteProtocolError),
        *(transport.ProxyError, ConnectionError, json.JSONDecodeError, KeyError, RuntimeError),
    )
    return isinstance(error, lost) and not isinstance(error, offline)


def asked_pause_s(response: Any) -> float:
    """Return for how long a busy server asks to be left alone, in seconds, or 0."""
    headers = getattr(response, "headers", {})
    asked = str(headers.get("Retry-After", "")).strip()
    return float(asked) if asked.isascii() and asked.isdigit() else 0.0


def refuse_long_pause(response: Any) -> None:
    """Raise HubError where a server asks for a longer pause than anyone waits."""
    wait_s = asked_pause_s(response)
    if response.status_code >= 400 and wait_s > LONGEST_S:
        raise HubError(
            f"the Hub asks to wait for {wait_s:.0f} s; what was done is kept: run the same "
            "command again then"
        )


def one_line(error: BaseException) -> str:
    """Return what a failure says of itself, in one line, and no token that it repeats."""
    answered = status(error)
    if answered is None and isinstance(error, (json.JSONDecodeError, KeyError)):
        return "an answer that can't be understood"
    line = " ".join(str(getattr(error, "server_message", None) or error).split())
    own = require("huggingface_hub", "publishing", PUBLISH).get_token()
    line = printable(redacted(line, own)) or type(error).__name__
    short = line if len(line) <= 160 else f"{line[:157]}..."
    return f"status {answered}: {short}" if answered is not None else short


def _transport() -> Any:
    return require("httpx2", "publishing", PUBLISH)
