"""A Hub on this machine that the real `huggingface_hub` and `datasets` talk to.

It serves what publishing and loading a dataset need, and fails on demand: at one
endpoint, once or more often, by a status, by a reset, or by doing what was asked
and losing the answer.
"""

import json
import re
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub_store import ORGS, TOKEN, USER, Commit, Refused, Store, is_large

#: What a client must find in its environment before it imports `huggingface_hub`.
CLIENT_ENV: Mapping[str, str] = {
    "HF_TOKEN": TOKEN,
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}

_ID = r"(?P<repo>[^/]+/[^/]+)"

#: Endpoint by method and path. The names are those that faults are asked for by.
_ROUTES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (name, method, re.compile(pattern))
    for name, method, pattern in (
        ("whoami", "GET", r"/api/whoami-v2"),
        ("create", "POST", r"/api/repos/create"),
        ("yaml", "POST", r"/api/validate-yaml"),
        ("list", "GET", r"/api/datasets"),
        ("info", "GET", rf"/api/datasets/{_ID}(?:/revision/(?P<rev>[^/]+))?"),
        ("tree", "GET", rf"/api/datasets/{_ID}/tree/(?P<rev>[^/]+)(?:/(?P<path>.*))?"),
        ("commits", "GET", rf"/api/datasets/{_ID}/commits/(?P<rev>[^/]+)"),
        ("paths", "POST", rf"/api/datasets/{_ID}/paths-info/(?P<rev>[^/]+)"),
        ("preupload", "POST", rf"/api/datasets/{_ID}/preupload/(?P<rev>[^/]+)"),
        ("batch", "POST", rf"/datasets/{_ID}\.git/info/lfs/objects/batch"),
        ("put", "PUT", r"/large/(?P<oid>[0-9a-f]{64})"),
        ("verify", "POST", r"/large/verify"),
        ("commit", "POST", rf"/api/datasets/{_ID}/commit/(?P<rev>[^/]+)"),
        ("resolve", "GET|HEAD", rf"/datasets/{_ID}/resolve/(?P<rev>[^/]+)/(?P<path>.+)"),
    )
)
# A chunk of an answer without end.
_BLANK = b" " * 2**20

_WRITING = ("create", "preupload", "batch", "put", "verify", "commit")

#: What a fault can be; "lost" does what was asked and resets the connection then.
FAULTS = ("503", "429", "409", "412", "reset", "lost")

# Further ones, which do not pass: an answer that has no end, and one that grows when unpacked.
_ENDLESS, _PACKED = "endless", "packed"


@dataclass
class Fault:
    """What goes wrong at an endpoint: how often, after how many requests, and until when."""

    endpoint: str
    kind: str
    times: int = 1
    after: int = 0
    retry_after_s: int = 0


@dataclass
class Hub:
    """A running Hub: its address, what it keeps, what it was asked, what is to go wrong.

    ``on_request`` is told of each endpoint "before" and "after" the work is done; what
    ConnectionError it raises, the client sees as a closed connection.
    """

    store: Store
    endpoint: str = ""
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    on_request: Callable[[str, str], None] = lambda endpoint, when: None

    def env(self) -> dict[str, str]:
        """Return what a client's environment must hold."""
        return {**CLIENT_ENV, "HF_ENDPOINT": self.endpoint}

    def take_fault(self, endpoint: str) -> Fault | None:
        """Return what goes wrong with this request, or None."""
        for fault in self.faults:
            if fault.endpoint != endpoint or fault.times == 0:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            return fault
        return None


@dataclass
class Answer:
    """What goes back to a client."""

    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def told(data: Any, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return Answer(json.dumps(data).encode(), status, {"Content-Type": "application/json"})


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    """Serve a Hub that keeps large files in ``folder`` on a free port until the block ends."""
    hub = Hub(Store(folder))

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: Hub

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        """Serve, whatever becomes of the client meanwhile."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _serve(self) -> None:
        body = self._body()
        split = urlsplit(self.path)
        name, parts = _route(self.command, unquote(split.path))
        self.served.on_request(name, "before")
        fault = self.served.take_fault(name)
        kind = fault.kind if fault else ""
        if kind == "reset":
            return self._reset()
        if fault and kind.isdigit():
            headers = {"Retry-After": str(fault.retry_after_s)} if kind == "429" else {}
            answer = Answer(b"not now", int(kind), headers)
        else:
            answer = self._answer(name, parts, parse_qs(split.query), body)
        self.served.asked.append((name, answer.status))
        self.served.on_request(name, "after")
        if kind == "lost":
            return self._reset()
        if kind in (_ENDLESS, _PACKED):
            return self._send_without_end(packed=kind == _PACKED)
        self._send(answer)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(
        self, name: str, parts: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
    ) -> Answer:
        known = self.headers.get("Authorization", "") == f"Bearer {TOKEN}"
        try:
            if (name == "whoami" or name in _WRITING) and name != "put" and not known:
                raise Refused(401, "Invalid credentials in Authorization header")
            if "repo" in parts:
                owner = parts["repo"].partition("/")[0]
                if name in _WRITING and owner not in (USER, *ORGS):
                    raise Refused(403, f"You don't have the rights to write to {owner}")
                repo = self.served.store.repo(parts["repo"])
                if repo.private and not known:
                    raise Refused(404, "Repository not found", "RepoNotFound")
            return _answers(self.served, name, parts, query, body)
        except Refused as refused:
            headers = {"X-Error-Message": refused.reason}
            if refused.code:
                headers["X-Error-Code"] = refused.code
            return Answer(json.dumps({"error": refused.reason}).encode(), refused.status, headers)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    def _send_without_end(self, packed: bool) -> None:
        # Until the client has enough of it, and closes the connection.
        packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        while True:
            chunk = packer.compress(_BLANK) if packed else _BLANK
            if chunk:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def _reset(self) -> None:
        # A close without lingering is a reset for whoever waits at the other end.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.rfile.close()
        self.connection.close()
        raise ConnectionResetError


def _route(method: str, path: str) -> tuple[str, dict[str, str]]:
    for name, methods, pattern in _ROUTES:
        found = pattern.fullmatch(path)
        if found and method in methods.split("|"):
            return name, {key: value or "" for key, value in found.groupdict().items()}
    return "unknown", {}


def _answers(
    hub: Hub, name: str, parts: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
) -> Answer:
    store = hub.store
    match name:
        case "whoami":
            orgs = [{"name": org, "type": "org", "roleInOrg": "write"} for org in ORGS]
            return told({"type": "user", "name": USER, "orgs": orgs, "auth": {}})
        case "create":
            return _create(hub, json.loads(body))
        case "yaml":
            return told({"errors": [], "warnings": []})
        case "list":
            author = query.get("author", [""])[0]
            mine = [repo for repo in sorted(store.repos) if repo.startswith(f"{author}/")]
            return told([{"id": repo} for repo in mine])
        case "preupload":
            asked = json.loads(body)["files"]
            return told({"files": [_upload_mode(file["path"]) for file in asked]})
        case "batch":
            return told({"transfer": "basic", "objects": _batch(hub, json.loads(body)["objects"])})
        case "put":
            if store.keep(body, large=True).sha256 != parts["oid"]:
                raise Refused(400, "the content is not what its name says")
            return Answer(b"")
        case "verify":
            if not store.holds(json.loads(body)["oid"]):
                raise Refused(404, "was never uploaded")
            return told({})
        case "commit":
            made = store.commit(parts["repo"], body.splitlines())
            url = f"{hub.endpoint}/datasets/{parts['repo']}/commit/{made.oid}"
            return told({"success": True, "commitOid": made.oid, "commitUrl": url})
        case "unknown":
            raise Refused(404, "there is no such endpoint", "EntryNotFound")
    return _reads(hub, name, parts, query, body)


def _reads(
    hub: Hub, name: str, parts: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
) -> Answer:
    repo = hub.store.repo(parts["repo"])
    commit = repo.at(parts["rev"] or "main")
    match name:
        case "info":
            about = {"id": parts["repo"], "sha": commit.oid, "private": repo.private, "tags": []}
            return told({**about, "siblings": _siblings(commit, "blobs" in query)})
        case "commits":
            listed = [
                {"id": each.oid, "title": each.title, "message": each.message}
                | {"authors": [{"user": USER}], "date": "2026-01-01T00:00:00.000Z"}
                for each in reversed(repo.commits)
            ]
            return told(listed)
        case "tree":
            recursive = query.get("recursive", ["false"])[0].lower() in ("true", "1")
            return told(_tree(commit, parts["path"], recursive))
        case "paths":
            wanted = parse_qs(body.decode()).get("paths", [])
            if body.startswith(b"{"):
                wanted = json.loads(body)["paths"]
            return told([about for path in wanted for about in _about(commit, path)])
    return _file(hub, commit, parts["path"])


def _create(hub: Hub, asked: Mapping[str, Any]) -> Answer:
    owner = asked["organization"] or USER
    if owner not in (USER, *ORGS):
        raise Refused(403, f"You don't have the rights to create a dataset under {owner}")
    name = f"{owner}/{asked['name']}"
    about = {"url": f"{hub.endpoint}/datasets/{name}", "name": name}
    try:
        hub.store.create(name, asked.get("visibility") == "private")
    except Refused as refused:
        return told({"error": refused.reason, **about}, refused.status)
    return told(about)


def _upload_mode(path: str) -> dict[str, Any]:
    return {
        "path": path,
        "uploadMode": "lfs" if is_large(path) else "regular",
        "shouldIgnore": False,
    }


def _batch(hub: Hub, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = []
    for each in objects:
        about: dict[str, Any] = {"oid": each["oid"], "size": each["size"]}
        if not hub.store.holds(each["oid"]):
            upload = {"href": f"{hub.endpoint}/large/{each['oid']}"}
            about["actions"] = {
                "upload": upload,
                "verify": {"href": f"{hub.endpoint}/large/verify"},
            }
        answers.append(about)
    return answers


def _siblings(commit: Commit, with_hashes: bool) -> list[dict[str, Any]]:
    listed = []
    for path, stored in sorted(commit.files.items()):
        sibling: dict[str, Any] = {"rfilename": path}
        if with_hashes:
            sibling |= {"size": stored.size, "blobId": stored.git_oid}
        if with_hashes and stored.large:
            sibling["lfs"] = {"sha256": stored.sha256, "size": stored.size, "pointerSize": 134}
        listed.append(sibling)
    return listed


def _about(commit: Commit, path: str) -> list[dict[str, Any]]:
    if path in commit.files:
        return [commit.files[path].about(path)]
    if any(name.startswith(f"{path}/") for name in commit.files):
        return [{"type": "directory", "path": path, "oid": "0" * 40}]
    return []


def _tree(commit: Commit, folder: str, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, dict[str, Any]] = {}
    for path, stored in sorted(commit.files.items()):
        if not path.startswith(prefix):
            continue
        *above, _ = path.removeprefix(prefix).split("/")
        deep = range(1, len(above) + 1 if recursive else min(len(above), 1) + 1)
        for depth in deep:
            name = prefix + "/".join(above[:depth])
            entries[name] = {"type": "directory", "path": name, "oid": "0" * 40}
        if recursive or not above:
            entries[path] = stored.about(path)
    if not entries:
        raise Refused(404, "there is no such folder", "EntryNotFound")
    return [*entries.values()]


def _file(hub: Hub, commit: Commit, path: str) -> Answer:
    if path not in commit.files:
        raise Refused(404, "there is no such file", "EntryNotFound")
    stored = commit.files[path]
    etag = stored.sha256 if stored.large else stored.git_oid
    headers = {"ETag": f'"{etag}"', "X-Repo-Commit": commit.oid}
    return Answer(hub.store.content(stored), 200, headers)
