"""A server that speaks OpenAI's chat protocol and follows a script, on this machine."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ChatServer:
    """Answers what ``script`` makes of a prompt's text. Use it as a context manager.

    ``images`` counts the pictures that came with the requests, ``held`` the requests that
    ask for a schema; without ``schemas`` such a request is refused, as older servers do.
    ``times`` has the start and the end of each request that got a reply, in seconds.
    """

    def __init__(self, script: Callable[[str], str | None], schemas: bool = True) -> None:
        self.script, self.schemas = script, schemas
        self.asked = self.images = self.held = 0
        self.times: list[tuple[float, float]] = []
        self._counting = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "ChatServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return the status and the reply to a request."""
        began = time.monotonic()
        content = body["messages"][-1]["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        refused = "response_format" in body and not self.schemas
        with self._counting:
            self.held += "response_format" in body
            self.asked += not refused
            self.images += sum(part["type"] == "image_url" for part in parts) * (not refused)
        if refused:
            return 400, {"error": {"message": "response_format is not known here"}}
        said = self.script("".join(part.get("text", "") for part in parts))
        self.times.append((began, time.monotonic()))
        message = {"role": "assistant", "content": said}
        return 200, {"choices": [{"message": message, "finish_reason": "stop"}]}


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._say(200, {"data": [{"id": "scripted-vlm"}]})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._say(*server.reply(json.loads(self.rfile.read(length))))

        def _say(self, status: int, reply: dict[str, Any]) -> None:
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
