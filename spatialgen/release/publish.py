"""A release folder onto the Hub: one commit on top of what is there, looked at before and after.

Nothing of it is remembered on this machine. Whether a try is the first, follows a
kill, a lost answer or somebody else's commit: it looks at what is on the Hub, works
out what is missing, uploads and commits that, or finds that all is there.
"""

import difflib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spatialgen.errors import DatasetError, HubError, UsageError
from spatialgen.release import secrets
from spatialgen.release.build import write_top
from spatialgen.release.hub import Content, Head, Hub, content_of, own_token
from spatialgen.tables.record import RELEASE, Part, Release, combine, parse, read

#: What the Hub itself puts into a new dataset.
_GIVEN = (".gitattributes",)

#: Folders that a card's tables are read from: whatever lies there must be some part's.
_OURS = ("data/", "parts/")


@dataclass(frozen=True)
class Choices:
    """How to publish.

    A new dataset is ``private``, and made by ``create`` whatever its name resembles;
    ``replace`` removes what is published there of other dataset folders. ``relicense`` puts
    all that is there under the licence of the release.
    """

    private: bool = False
    create: bool = False
    replace: bool = False
    relicense: bool = False


@dataclass(frozen=True)
class Published:
    """What became of it: parts and files that it added, none where all was there before.

    ``kept`` are the parts of others that are there, ``removed`` those that were.
    """

    url: str
    commit: str
    added: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    files: tuple[str, ...]
    bytes: int


@dataclass
class _Sent:
    # What the tries of one publication committed, or tried to.
    added: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    bytes: int = 0


def refuse_early(hub: Hub, choices: Choices) -> None:
    """Find out whether the Hub will have it, before anything is made or sent.

    Raises UsageError for a name or a choice that does not fit, HubError for a token that
    the Hub does not take.
    """
    person = hub.who()
    head = hub.head()
    if head is None:
        _refuse_typo(hub, person.owners, choices)
    elif choices.private and not head.private:
        raise UsageError(
            f"{hub.repo}: is there, and public; leave out --private, or make it private on its page"
        )
    else:
        _release_at(hub, head)


def publish(folder: Path, hub: Hub, choices: Choices) -> Published:
    """Publish a release folder and compare what is on the Hub then with what was to be there.

    Raises UsageError for what the command line can mend, DatasetError for a folder that is
    not to be uploaded, HubError where the Hub is in the way.
    """
    files = uploads(folder)
    ours = read(folder)
    if hub.head() is None:
        hub.create(choices.private)
    sent = _Sent()
    with tempfile.TemporaryDirectory(prefix="spatialgen-") as top:
        head = hub.settle(
            "publishing", lambda: _attempt(hub, folder, ours, files, Path(top), choices, sent)
        )
    url = f"{hub.url}/commit/{head.commit}"
    return Published(url, head.commit, sent.added, sent.kept, sent.removed, sent.files, sent.bytes)


def uploads(folder: Path) -> dict[str, Content]:
    """Return what is in a release folder by path, once it is known to be whole and no secret.

    Raises DatasetError where a file is missing, not what it was, or must not leave this machine.
    """
    contents = {
        path.relative_to(folder).as_posix(): content_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    for path, file in _files(read(folder)).items():
        if path not in contents or not contents[path].is_same(file):
            raise DatasetError(f"{folder / path}: missing, or not what it was; publish again")
    secrets.refuse(folder, own_token())
    return contents


def _files(release: Release) -> dict[str, Content]:
    # The files of all parts, as far as a record tells what they hold.
    return {
        path: Content(file.bytes, None, file.sha256)
        for each in release.parts.values()
        for path, file in each.files.items()
    }


def _refuse_typo(hub: Hub, owners: Sequence[str], choices: Choices) -> None:
    if choices.create:
        return
    owner, _, name = hub.repo.partition("/")
    if owner not in owners:
        near = difflib.get_close_matches(owner, owners, n=1)
        hint = f"; did you mean {near[0]}/{name}?" if near else "."
        raise UsageError(
            f"{hub.repo}: the token is for {' or '.join(owners)}{hint} "
            "If it is right as it is, add --create"
        )
    # Names that differ in numbers alone are meant to differ.
    others = [other for other in hub.others() if _no_digits(other) != _no_digits(hub.repo)]
    near = difflib.get_close_matches(hub.repo, others, n=1, cutoff=0.9)
    if near:
        raise UsageError(
            f"{hub.repo}: there is no such dataset, but {near[0]}; "
            "if that is not what you mean, add --create"
        )


def _no_digits(name: str) -> str:
    return re.sub(r"\d+", "", name)


def _attempt(
    hub: Hub,
    folder: Path,
    ours: Release,
    files: Mapping[str, Content],
    top: Path,
    choices: Choices,
    sent: _Sent,
) -> Head:
    # Bring about that all is there, and return the commit where it is.
    head = hub.head()
    if head is None:
        raise HubError(
            f"{hub.repo}: can't be seen with this token, or has just gone; ask its owner"
        )
    there = _release_at(hub, head)
    wanted = ours
    if there is not None and not choices.replace:
        wanted = combine(_others(there, ours), ours, choices.relicense)
    written = _top(hub, top, wanted)
    contents = {**files, **written}
    places = {path: (top if path in written else folder) / path for path in contents}
    missing = [
        path
        for path, content in sorted(contents.items())
        if path not in head.files or not content.is_same(head.files[path])
    ]
    removed = sorted((_files(there).keys() if there else set()) - _files(wanted).keys())
    if missing or removed:
        new = tuple(id for id in wanted.parts if there is None or id not in there.parts)
        sent.added, sent.files = new, tuple(missing)
        sent.removed = tuple(id for id in (there.parts if there else ()) if id not in wanted.parts)
        sent.bytes = sum(contents[path].size for path in missing)
        hub.tell(f"{hub.repo}: uploading {len(missing)} files, {sent.bytes / 1e6:,.1f} MB")
        operations = hub.upload({path: places[path] for path in missing})
        title, text = _message(wanted, new, removed)
        commit = hub.commit(head.commit, operations, removed, title, text)
        made = hub.head(commit)
        if made is None:
            raise HubError(f"{hub.repo}: has gone meanwhile; run the same command again")
        head = made
    sent.kept = tuple(id for id in wanted.parts if id not in ours.parts)
    _compare(hub, head, contents, places)
    return head


def _others(there: Release, ours: Release) -> Release:
    # What is there of other dataset folders. One that is released otherwise now than it was,
    # perhaps with its pictures, takes the place of what it was.
    own = {part.dataset for part in ours.parts.values()}
    parts = {name: part for name, part in there.parts.items() if part.dataset not in own}
    return there.model_copy(update={"parts": parts})


def _release_at(hub: Hub, head: Head) -> Release | None:
    # What is published there, or None in an empty dataset; refuses what is not ours to change.
    if RELEASE not in head.files:
        foreign = sorted(head.files.keys() - set(_GIVEN))
        if foreign:
            raise UsageError(
                f"{hub.repo}: holds files that are no release ({foreign[0]}"
                f"{f' and {len(foreign) - 1} more' if len(foreign) > 1 else ''}); choose another "
                "--repo, or remove them on its page"
            )
        return None
    where = f"{hub.repo}: {RELEASE}"
    try:
        there = parse(json.loads(hub.read(RELEASE, head)), where)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where}: damaged ({error}); restore it from the history") from error
    known = _files(there)
    for path, content in known.items():
        if path not in head.files or not content.is_same(head.files[path]):
            raise DatasetError(f"{hub.repo}: {path} is not what {RELEASE} says; restore it")
    foreign = sorted(path for path in head.files if path.startswith(_OURS) and path not in known)
    if foreign:
        raise UsageError(f"{hub.repo}: {foreign[0]} belongs to no part; remove it on its page")
    return there


def _top(hub: Hub, folder: Path, release: Release) -> dict[str, Content]:
    # The card and what else is written from the record alone, written anew.
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
    write_top(folder, release, hub.repo)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): content_of(path) for path in paths}


def _message(wanted: Release, added: Sequence[str], removed: Sequence[str]) -> tuple[str, str]:
    # The title and the text of a commit.
    parts = [wanted.parts[name] for name in added]
    if parts:
        questions = sum(part.tables["questions"].rows for part in parts)
        numbers = sorted({part.round for part in parts})
        rounds = f"round{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
        title = f"Add {rounds}: {questions:,} questions"
    else:
        title = "Remove rounds" if removed else "Write what is there anew"
    return title, "\n".join(map(_told, added, parts))


def _told(name: str, part: Part) -> str:
    tables = ", ".join(f"{table.rows:,} {kind}" for kind, table in sorted(part.tables.items()))
    versions = part.versions.get("spatialgen", "unknown")
    return f"{name}: {tables}; from dataset {part.dataset[:12]}, made with spatialgen {versions}"


def _compare(
    hub: Hub, head: Head, contents: Mapping[str, Content], places: Mapping[str, Path]
) -> None:
    # Read back: by hash what is large, byte by byte the card and the record.
    for path, content in contents.items():
        if path not in head.files or not content.is_same(head.files[path]):
            raise HubError(
                f"{hub.repo}: {path} is not there as it was uploaded, at {head.commit[:12]}; "
                "run the same command again"
            )
    for path in ("README.md", RELEASE):
        if hub.read(path, head) != places[path].read_bytes():
            raise HubError(f"{hub.repo}: {path} comes back otherwise; run the same command again")
