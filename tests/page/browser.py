"""A real browser without a window, driven over a pipe in the DevTools protocol."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")

#: Codes of the keys that tests press.
KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Escape": 27}

# Puts two descriptors where the browser looks for its pipe, and becomes the browser.
_ON_3_AND_4 = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def find() -> str | None:
    """Return the browser to use: what CHROMIUM names, or the first that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page in a browser, and everything it asked for or complained about."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._pending, self._sent = b"", 0
        self._session: str | None = None
        #: Addresses that the page asked for, its own included.
        self.requests: list[str] = []
        #: Uncaught errors, console errors and violations of the page's policy.
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result, noting what happens meanwhile."""
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._sent:
                assert "error" not in answer, answer
                return answer["result"]
            self._note(answer.get("method"), answer.get("params", {}))

    def _receive(self) -> Mapping[str, Any]:
        while b"\0" not in self._pending:
            data = os.read(self._read, 1 << 16)
            assert data, "the browser ended"
            self._pending += data
        message, _, self._pending = self._pending.partition(b"\0")
        decoded: Mapping[str, Any] = json.loads(message)
        return decoded

    def _note(self, method: str | None, about: Mapping[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(about["request"]["url"])
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self.complaints.append(str(details.get("exception", {}).get("description")))
            case "Runtime.consoleAPICalled" if about["type"] in ("error", "assert"):
                self.complaints.append(str(about["args"]))
            case "Log.entryAdded" if about["entry"]["level"] == "error":
                self.complaints.append(about["entry"]["text"])

    def open(self, path: Path, width: int = 1400, height: int = 900, dark: bool = False) -> None:
        """Open a file and wait until its script has run and two frames were drawn."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=path.as_uri())
        self.run(
            "new Promise((done) => document.readyState === 'complete' ? done()"
            " : addEventListener('load', () => done()))"
        )
        self.settle()

    def settle(self) -> None:
        """Wait until two frames were drawn and pictures are decoded."""
        self.run(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>"
            " setTimeout(done, 30))))"
        )

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Move the pointer there, press and let go."""
        self.point("mouseMoved", x, y)
        self.point("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        self.point("mouseReleased", x, y, button="left", clickCount=1)
        self.settle()

    def point(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Send one event of the pointer."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=KEYS[key],
            )
        self.settle()

    def picture(self) -> bytes:
        """Return a PNG of what is in the window."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


@contextmanager
def started(program: str, profile: Path, *options: str) -> Iterator[Browser]:
    """Run a browser with an empty profile; it ends with the block."""
    # Ours to it on its descriptor 3, its answers on 4. The page under test is our own, and
    # containers seldom allow the browser's sandbox.
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    far_read, far_write = (fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (to_read, from_write))
    words = [
        *(program, "--headless", "--no-sandbox", "--remote-debugging-pipe"),
        *("--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run"),
        *(f"--user-data-dir={profile}", "--enable-unsafe-swiftshader", *options),
    ]
    child = subprocess.Popen(
        [sys.executable, "-c", _ON_3_AND_4, str(far_read), str(far_write), *words],
        pass_fds=(far_read, far_write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for each in (to_read, from_write, far_read, far_write):
        os.close(each)
    try:
        browser = Browser(from_read, to_write)
        yield browser
        browser.call("Browser.close")
    finally:
        os.close(to_write)
        os.close(from_read)
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
