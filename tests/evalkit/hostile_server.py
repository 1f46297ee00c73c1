"""A chat server that answers badly, on purpose and by a seed.

Every prompt's text is ``question <number>`` and the right answer ``answer <number>``. Of all
requests a share gets a fault; which one is drawn by a seed, the number, and how often it was
asked, so that nothing hangs on which request comes first. Run in a thread of the test:
``with HostileServer(share=0.2) as server: ... server.url``.
"""

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from evalkit.rng import generator

#: Seconds that anything may take on a busy machine.
PATIENCE_S = 60.0

FAULTS = (
    "busy seconds",
    "busy date",
    "error 500",
    "error 503",
    "error in 200",
    "truncated",
    "no choices",
    "null content",
    "not utf-8",
    "giant",
    "hang",
    "dies midway",
    "closes at once",
    "list",
    "wrong types",
)


class HostileServer:
    """Serves on a free port of this machine until it is closed.

    ``share`` of the requests get one of ``faults``, drawn by ``seed``. ``always`` is a
    fault that every request gets. ``stop_after`` answers the server dies. ``logprobs`` are
    given with every answer where they are not None. ``echo_key`` makes every error repeat
    the Authorization header. The first requests wait until ``together`` are under way.
    """

    def __init__(
        self,
        share: float = 0.0,
        faults: tuple[str, ...] = FAULTS,
        seed: int = 0,
        always: str | None = None,
        stop_after: int | None = None,
        logprobs: dict[str, float] | None = None,
        echo_key: bool = False,
        redirect: str | None = None,
        together: int = 1,
    ) -> None:
        self.share, self.faults, self.always = share, faults, always
        self.stop_after, self.logprobs = stop_after, logprobs
        self.echo_key, self.redirect = echo_key, redirect
        self.served: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.most_at_once = 0
        self._at_once = 0
        self._seed, self._together = seed, together
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._met = threading.Event()
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "HostileServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()
        self._thread.join()

    def die(self) -> None:
        """Stop listening; hanging requests end."""
        if not self.ended.is_set():
            self.ended.set()
            self._server.shutdown()
            self._server.server_close()

    def draw(self, number: str) -> str | None:
        """Return the fault of the next request for an answer, or None."""
        with self._lock:
            self._tries[number] += 1
            chance = generator(self._seed, "hostile server", number, self._tries[number])
            if self.always is not None:
                fault: str | None = self.always
            elif chance.random() < self.share:
                fault = self.faults[chance.integers(len(self.faults))]
            else:
                fault = None
            self.served[fault or "answered"] += 1
            if self.stop_after is not None and self.served["answered"] > self.stop_after:
                threading.Thread(target=self.die).start()
                fault = "closes at once"
            return fault

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count how many requests are under way at a time."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            if self._at_once == self._together:
                self._met.set()
        self._met.wait(PATIENCE_S)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1


def reply_to(number: str, logprobs: dict[str, float] | None = None) -> dict[str, Any]:
    """Return a good reply."""
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": f"answer {number}"},
    }
    if logprobs is not None:
        top = [{"token": token, "logprob": value} for token, value in logprobs.items()]
        choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
    return {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}


def _handler(server: HostileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            server.keys.add(self.headers.get("authorization"))
            self.reply(200, {"data": [{"id": "tiny"}]})

        def do_POST(self) -> None:
            with server.counted(), contextlib.suppress(OSError):
                content = self.rfile.read(int(self.headers["content-length"]))
                body = json.loads(content)
                server.bodies.append(body)
                server.keys.add(self.headers.get("authorization"))
                text = json.dumps(body["messages"][-1]["content"])
                number = text.rpartition("question ")[2].strip('"}] ')
                fault = server.draw(number)
                if fault is None:
                    self.reply(200, reply_to(number, server.logprobs))
                else:
                    self.misbehave(fault, number)

        def misbehave(self, fault: str, number: str) -> None:
            good = json.dumps(reply_to(number)).encode()
            said = self.headers.get("authorization") if server.echo_key else "out of order"
            error = {"error": {"message": said, "code": "broken"}}
            if fault == "busy seconds":
                self.reply(429, error, {"Retry-After": "0.05"})
            elif fault == "busy date":
                self.reply(429, error, {"Retry-After": formatdate(usegmt=True)})
            elif fault == "busy for an hour":
                self.reply(429, error, {"Retry-After": "3600"})
            elif fault.startswith("error ") and fault[6:].isdigit():
                self.reply(int(fault[6:]), error)
            elif fault == "redirect":
                self.reply(307, error, {"Location": server.redirect or ""})
            elif fault == "error in 200":
                self.reply(200, error)
            elif fault == "truncated":
                self.reply(200, good[:-20])
            elif fault == "no choices":
                self.reply(200, {"choices": []})
            elif fault == "null content":
                self.reply(200, {"choices": [{"message": {"content": None}}]})
            elif fault == "not utf-8":
                self.reply(200, b'{"choices": "\xff\xfe"}')
            elif fault == "list":
                self.reply(200, b"[" * 5000)
            elif fault == "wrong types":
                self.reply(200, {"choices": [{"message": "no"}], "usage": 3})
            elif fault == "giant":
                self.flood()
            elif fault == "hang":
                server.ended.wait(PATIENCE_S)
                self.close_connection = True
            elif fault == "dies midway":
                self.head(200, len(good))
                self.wfile.write(good[: len(good) // 2])
                self.close_connection = True
            elif fault == "drip":
                self.head(200, 1000)
                while not server.ended.wait(0.1):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            else:
                self.close_connection = True

        def flood(self) -> None:
            self.head(200, 1 << 40)
            while not server.ended.is_set():
                self.wfile.write(b" " * (1 << 16))

        def reply(
            self, status: int, content: object, headers: dict[str, str] | None = None
        ) -> None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.head(status, len(data), headers)
            self.wfile.write(data)

        def head(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(length))
            self.end_headers()

    return Handler
