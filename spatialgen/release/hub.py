"""One dataset on the Hub, through the Hub's own library: what is there, and one commit on top."""

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from spatialgen.errors import HubError, UsageError
from spatialgen.optional import PUBLISH, require
from spatialgen.release import bounds
from spatialgen.release.retries import (
    Kinds,
    Retries,
    failures,
    is_passing,
    is_unreached,
    one_line,
    refuse_long_pause,
    root,
    status,
)

Answer = TypeVar("Answer")

#: How long a server may be silent within one answer, in seconds.
SILENCE_S = 120.0

#: Files that are uploaded between two lines about how far it is.
_AT_ONCE = 20

_CHUNK = 2**20

# Datasets of one owner that are looked at: their list comes in pages, of which there may be any.
_MOST_DATASETS = 10_000


@dataclass(frozen=True)
class Content:
    """A file by what it holds: its size and its hashes, as git names it and by SHA-256.

    The Hub tells ``sha256`` of large files only, a release only that.
    """

    size: int
    git_oid: str | None
    sha256: str | None

    def is_same(self, other: "Content") -> bool:
        """Tell whether both hold the same, by the hashes that both have, or else by size."""
        hashes = ((self.sha256, other.sha256), (self.git_oid, other.git_oid))
        known = [pair for pair in hashes if None not in pair]
        return self.size == other.size and all(mine == theirs for mine, theirs in known)


class NotYet(ConnectionError):
    """A commit that was just made, and is not shown everywhere yet."""


class Unsettled(RuntimeError):
    """A commit about which nobody knows whether it landed; its cause is what went wrong."""


@dataclass(frozen=True)
class Head:
    """A dataset at one commit."""

    commit: str
    private: bool
    files: Mapping[str, Content]


@dataclass(frozen=True)
class Person:
    """Whom a token belongs to, and under which names that person can publish."""

    name: str
    owners: tuple[str, ...]


def own_token() -> str | None:
    """Return the token of the environment or of the Hub's login."""
    found: str | None = _library().get_token()
    return found


def content_of(path: Path) -> Content:
    """Return what a file on this machine holds."""
    size = path.stat().st_size
    as_git, sha256 = hashlib.sha1(b"blob %d\0" % size), hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            as_git.update(chunk)
            sha256.update(chunk)
    return Content(size, as_git.hexdigest(), sha256.hexdigest())


def checked_name(repo: str) -> str:
    """Return the name of a dataset; raises UsageError where it can't be one."""
    if repo.count("/") != 1:
        raise UsageError(f"--repo {repo!r}: give the owner and the name, as in --repo ORG/NAME")
    try:
        _part("utils").validate_repo_id(repo)
    except _part("errors").HFValidationError as error:
        raise UsageError(f"--repo {repo!r}: {one_line(error)}") from error
    return repo


class Hub:
    """A dataset on the Hub, with the token of the environment or of the Hub's login.

    What does not pass by trying again is a HubError, which tells it in one line.
    """

    def __init__(self, repo: str, retries: Retries) -> None:
        self.repo = repo
        self._retries = retries
        self._library = prepared()
        if own_token() is None:
            raise HubError("no token for the Hub: run `hf auth login`, or set HF_TOKEN")
        self._api = self._library.HfApi()

    @property
    def url(self) -> str:
        """Where the dataset is shown."""
        return f"{self._api.endpoint}/datasets/{self.repo}"

    def who(self) -> Person:
        """Return whom the token belongs to."""
        about = self._ask("asking whose the token is", self._api.whoami)
        orgs = [org["name"] for org in about.get("orgs", [])]
        return Person(about["name"], (about["name"], *sorted(orgs)))

    def head(self, revision: str | None = None) -> Head | None:
        """Return the dataset at a commit, or else as it is now; None where there is none."""
        errors = _part("errors")

        def look() -> Any:
            try:
                return self._api.dataset_info(self.repo, revision=revision, files_metadata=True)
            except errors.RepositoryNotFoundError:
                return None
            except errors.RevisionNotFoundError as error:
                raise NotYet(f"no commit {revision} is shown yet") from error

        info = self._ask("looking at what is there", look)
        if info is None:
            return None
        files = {each.rfilename: _as_content(each) for each in info.siblings or ()}
        return Head(info.sha, bool(info.private), files)

    def others(self) -> tuple[str, ...]:
        """Return the datasets that the same owner has."""
        owner = self.repo.partition("/")[0]
        listed = self._ask(
            "looking for datasets",
            lambda: [*islice(self._api.list_datasets(author=owner), _MOST_DATASETS)],
        )
        return tuple(sorted(info.id for info in listed))

    def create(self, private: bool) -> None:
        """Make the dataset, unless it is there."""
        self._ask(
            "making the dataset",
            lambda: self._api.create_repo(
                self.repo, repo_type="dataset", private=private, exist_ok=True
            ),
        )

    def read(self, path: str, head: Head) -> bytes:
        """Return a file at a commit.

        Raises HubError where it is too large, or comes back otherwise than it should.
        """
        expected = head.files[path]
        if expected.size > bounds.MOST_BYTES:
            raise HubError(f"{self.repo}: {path} is too large to be read ({expected.size} bytes)")
        url = self._library.hf_hub_url(self.repo, path, repo_type="dataset", revision=head.commit)

        def get() -> bytes:
            headers = _part("utils").build_hf_headers()
            session = self._library.get_session()
            response = session.get(url, headers=headers, extensions=bounds.INTO_MEMORY)
            _part("utils").hf_raise_for_status(response)
            content: bytes = response.content
            return content

        content = self._ask(f"reading {path}", get)
        as_git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        sha256 = hashlib.sha256(content).hexdigest()
        if not expected.is_same(Content(len(content), as_git, sha256)):
            raise HubError(f"{self.repo}: {path} comes back otherwise than the Hub says it is")
        return content

    def upload(self, files: Mapping[str, Path]) -> Sequence[Any]:
        """Upload large files, unless they are there; return what a commit of all files needs."""
        add = self._library.CommitOperationAdd
        operations = [add(name, str(path)) for name, path in sorted(files.items())]
        for start in range(0, len(operations), _AT_ONCE):
            some = operations[start : start + _AT_ONCE]
            self._ask("uploading", partial(self._preupload, some))
            done = start + len(some)
            if len(operations) > _AT_ONCE:
                self.tell(f"{self.repo}: {done} of {len(operations)} files uploaded")
        return operations

    def commit(
        self, parent: str, operations: Sequence[Any], removed: Sequence[str], title: str, text: str
    ) -> str:
        """Commit on top of ``parent`` and return the new commit.

        Asks once and raises Unsettled where that goes wrong: the commit may have landed all
        the same, so whoever tries again must look first.
        """
        delete = self._library.CommitOperationDelete
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                made = self._api.create_commit(
                    self.repo,
                    [*operations, *(delete(path, is_folder=False) for path in removed)],
                    commit_message=title,
                    commit_description=text,
                    repo_type="dataset",
                    parent_commit=parent,
                )
            except failures() as error:
                raise Unsettled("the commit may have landed") from error
        for warning in said:
            self.tell(f"{self.repo}: {' '.join(str(warning.message).split())}")
        oid: str = made.oid
        return oid

    def settle(self, what: str, attempt: Callable[[], Answer]) -> Answer:
        """Return what ``attempt`` returns, trying again while its commit is Unsettled."""
        return self._tried(what, attempt, (Unsettled,))

    def tell(self, text: str) -> None:
        """Tell the user a line."""
        self._retries.tell(text)

    def _preupload(self, operations: Sequence[Any]) -> None:
        self._api.preupload_lfs_files(self.repo, operations, repo_type="dataset", free_memory=False)

    def _ask(self, what: str, ask: Callable[[], Answer]) -> Answer:
        return self._tried(what, ask, failures())

    def _tried(self, what: str, ask: Callable[[], Answer], kinds: Kinds) -> Answer:
        try:
            return self._retries.run(what, ask, kinds)
        except kinds as error:
            cause = root(error)
            if isinstance(cause, HubError):  # told already, in a thread that uploads
                raise cause from error
            raise HubError(self._told(what, cause)) from error

    def _told(self, what: str, error: BaseException) -> str:
        # What to tell about a failure that does not pass.
        if isinstance(error, _part("errors").OfflineModeIsEnabled):
            return "HF_HUB_OFFLINE is set: unset it to publish"
        said = one_line(error)
        again = "then run the same command again: what was uploaded is kept"
        if is_unreached(error):
            return f"{self._api.endpoint}: can't be reached ({said}); check the network, {again}"
        match status(error):
            case 401:
                return (
                    "the Hub does not take the token: make one that may write, and log in with it"
                )
            case 403:
                return f"{self.repo}: the token may not write there ({said}); ask for the right to"
            case _ if is_passing(error):
                return f"{self.repo}: {what} failed ({said}); wait a while, {again}"
        return f"{self.repo}: {what} failed ({said})"


@cache
def prepared() -> Any:
    """Return the Hub's library, so that no answer is waited for or taken in without end.

    Neither by us nor by what the library tries again by itself. What is retried, and how far
    it is, is told by us.
    """
    library = _library()
    _part("utils").logging.set_verbosity_error()
    _part("utils").disable_progress_bars()
    client = require("httpx2", "publishing", PUBLISH).Client
    hooks = {**library.get_session().event_hooks, "response": [refuse_long_pause, bounds.take]}
    library.set_client_factory(
        lambda: client(
            follow_redirects=True, timeout=SILENCE_S, headers=bounds.HEADERS, event_hooks=hooks
        )
    )
    return library


def _as_content(sibling: Any) -> Content:
    # Of a large file, git names only what points to it.
    if sibling.lfs is None:
        return Content(sibling.size or 0, sibling.blob_id, None)
    return Content(sibling.lfs.size, None, sibling.lfs.sha256)


def _library() -> Any:
    return require("huggingface_hub", "publishing", PUBLISH)


def _part(name: str) -> Any:
    return require(f"huggingface_hub.{name}", "publishing", PUBLISH)
