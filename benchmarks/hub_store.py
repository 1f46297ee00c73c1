"""What a Hub on this machine keeps: repos as chains of commits, and large files by their hash."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: The token that the Hub knows, and whose it is. In two, so that no scan takes it for a real one.
TOKEN = "hf_" + "loopback" * 4
USER = "ann"
ORGS = ("rooms",)

#: Files of these kinds are large files, whatever their size, as on the Hub.
_LARGE = (".parquet", ".png", ".jpg", ".arrow")


@dataclass(frozen=True)
class Stored:
    """One file of a commit: where its content lies, and how the Hub names it."""

    sha256: str
    size: int
    git_oid: str
    large: bool

    def about(self, path: str) -> dict[str, Any]:
        """Return the file as the tree endpoint lists it."""
        about = {"type": "file", "path": path, "size": self.size, "oid": self.git_oid}
        if self.large:
            about["lfs"] = {"oid": self.sha256, "size": self.size, "pointerSize": 134}
        return about


@dataclass(frozen=True)
class Commit:
    """All files of a repo after one commit."""

    oid: str
    title: str
    message: str
    files: Mapping[str, Stored]


class Refused(Exception):
    """What the Hub does not do, as status and reason."""

    def __init__(self, status: int, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.code = code


@dataclass
class Repo:
    """The commits of one dataset on ``main``, oldest first."""

    private: bool
    commits: list[Commit] = field(default_factory=list)

    def at(self, revision: str) -> Commit:
        """Return a commit by its hash, or the last for ``main``."""
        if revision == "main":
            return self.commits[-1]
        for commit in self.commits:
            if commit.oid == revision:
                return commit
        raise Refused(404, f"no revision {revision}", "RevisionNotFound")


class Store:
    """Repos by their ids; contents lie in ``folder``, each in a file named by its SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repos: dict[str, Repo] = {}
        self._lock = threading.Lock()

    def repo(self, name: str) -> Repo:
        """Return a repo; raises Refused where there is none."""
        if name not in self.repos:
            raise Refused(404, "Repository not found", "RepoNotFound")
        return self.repos[name]

    def create(self, name: str, private: bool) -> None:
        """Make a repo as the Hub does, with a first commit of .gitattributes."""
        with self._lock:
            if name in self.repos:
                raise Refused(409, "You already created this dataset repo")
            repo = self.repos[name] = Repo(private)
            attributes = self.keep(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n", large=False)
            repo.commits.append(_commit("", "initial commit", "", {".gitattributes": attributes}))

    def forget(self) -> None:
        """Be as new."""
        with self._lock:
            self.repos.clear()
            for content in self.folder.iterdir():
                content.unlink()

    def keep(self, content: bytes, *, large: bool) -> Stored:
        """Keep a content and return how it is named."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.folder / digest
        if not target.exists():
            partial = self.folder / f"{digest}.{threading.get_ident()}"
            partial.write_bytes(content)
            partial.replace(target)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\n".encode()
        return Stored(digest, len(content), _git_oid(pointer if large else content), large)

    def holds(self, digest: str) -> bool:
        """Tell whether a large file has been uploaded."""
        return (self.folder / digest).exists()

    def content(self, stored: Stored) -> bytes:
        """Return what a file holds."""
        return (self.folder / stored.sha256).read_bytes()

    def commit(self, name: str, lines: Iterable[bytes]) -> Commit:
        """Add a commit as the Hub's NDJSON describes it; all of it or nothing."""
        with self._lock:
            repo = self.repo(name)
            head = repo.commits[-1]
            files = dict(head.files)
            title = message = ""
            for line in lines:
                entry = json.loads(line)
                value = entry["value"]
                match entry["key"]:
                    case "header":
                        title, message = value["summary"], value["description"]
                        if value.get("parentCommit", head.oid) != head.oid:
                            raise Refused(412, "A commit has happened since. Please refresh.")
                    case "file":
                        content = base64.b64decode(value["content"])
                        files[value["path"]] = self.keep(content, large=False)
                    case "lfsFile":
                        if not self.holds(value["oid"]):
                            raise Refused(400, f"{value['path']}: was never uploaded")
                        files[value["path"]] = self._large(value["oid"], value["size"])
                    case "deletedFile":
                        del files[value["path"]]
                    case other:
                        raise Refused(400, f"unknown operation {other}")
            commit = _commit(head.oid, title, message, files)
            repo.commits.append(commit)
            return commit

    def _large(self, digest: str, size: int) -> Stored:
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\n".encode()
        return Stored(digest, size, _git_oid(pointer), large=True)


def is_large(path: str) -> bool:
    """Tell whether a file is uploaded to the store for large files."""
    return path.endswith(_LARGE)


def _git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _commit(parent: str, title: str, message: str, files: Mapping[str, Stored]) -> Commit:
    named = [parent, title, message, *(f"{path} {files[path].sha256}" for path in sorted(files))]
    return Commit(hashlib.sha1("\n".join(named).encode()).hexdigest(), title, message, files)
