"""Scenes on disk: finding them, listing them, reading one.

A scene format is one module of this package that defines ``FORMAT`` (see
``Format``). Modules beginning with an underscore are their helpers.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from spatialgen import discovery
from spatialgen.errors import SceneError, SpatialgenError, UsageError
from spatialgen.scan import Scan
from spatialgen.scenes._base import Format, Rejected, SceneRef

__all__ = [
    "Format",
    "Rejected",
    "SceneIndex",
    "SceneRef",
    "formats",
    "load",
    "load_named",
    "open_scenes",
]


@dataclass(frozen=True, slots=True)
class SceneIndex:
    """What lies under the paths that were given.

    ``refs`` are sorted by dataset and name, ``rejected`` too. ``inputs`` maps
    file names to SHA-256 of the content (of a folder: of the names and sizes
    of the files in it, because scans are large; hidden ones and what lies behind
    links to folders are left out). ``skipped`` names what was met in a searched
    folder and is no scene.
    """

    refs: tuple[SceneRef, ...]
    rejected: tuple[Rejected, ...]
    inputs: Mapping[str, str]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """A recognised file or folder: what it lists, and the hash of its content."""

    path: Path
    found: tuple[SceneRef | Rejected, ...]
    digest: str

    @property
    def name(self) -> str:
        """The last part of the path, also of ``.``; links are not followed."""
        return os.path.basename(os.path.abspath(self.path))


def formats(name: str | None = None) -> tuple[Format, ...]:
    """Return the scene formats by name, or only the one called ``name``.

    Raises UsageError for a name that is not there.
    """
    wanted = discovery.names(__name__) if name is None else (name,)
    return tuple(discovery.load(__name__, each, "FORMAT") for each in wanted)


def open_scenes(paths: Sequence[Path], format: str | None = None) -> SceneIndex:
    """List the scenes under ``paths``; the result does not depend on their order.

    A path is a scene, a file holding many, or a folder of these; a folder's
    sub-folders and ``*.json`` files are looked at, hidden ones not. ``format``
    restricts the search to one format. Raises UsageError where a path is
    missing or holds no scene, SpatialgenError where a file is damaged or
    can't be read.
    """
    known = formats(format)
    found: dict[Path, tuple[Format, Path]] = {}
    skipped: set[str] = set()
    for path in sorted(paths):
        recognised, others = _search(path, known)
        for each in recognised:
            found.setdefault(each[1].resolve(), each)
        skipped.update(others)
    sources = sorted(
        (_read(format, path) for format, path in found.values()),
        key=lambda source: (source.name, source.digest, str(source.path)),
    )
    refs, rejected = _merged(sources)
    return SceneIndex(refs, rejected, _inputs(sources), tuple(sorted(skipped)))


def load(ref: SceneRef) -> Scan:
    """Read one scene, with the geometry and pictures behind it.

    Raises SceneError with a code where this scene can't be used, and
    SpatialgenError where its file can't be read any more.
    """
    try:
        (format,) = formats(ref.format)
        return format.load(ref)
    except OSError as error:
        raise _unreadable(Path(ref.path), error) from error


def load_named(path: Path, index: SceneIndex, name: str | None) -> Scan:
    """Read the scene called ``name``, alone or as dataset/name; without a name, the only one.

    ``path`` is what the index was made of. Raises UsageError where there is no such
    scene, or no single one, SceneError where it can't be used.
    """
    found: list[SceneRef | Rejected] = [*index.refs, *index.rejected]
    if name is not None:
        found = [each for each in found if name in (each.name, f"{each.dataset}/{each.name}")]
    elif len(found) != 1:
        raise UsageError(f"{path}: holds {len(found)} scenes; say which with --name")
    if not found:
        raise UsageError(f"{path}: no scene {name!r}; `spatialgen inspect {path}` lists all")
    chosen = found[0]
    unusable = f"{path}: scene {chosen.name} can't be used"
    if isinstance(chosen, Rejected):
        raise SceneError(chosen.code, f"{unusable}, {chosen.code}: {chosen.detail}")
    try:
        return load(chosen)
    except SceneError as error:
        raise SceneError(error.code, f"{unusable}, {error.code}: {error}") from error


def _search(path: Path, known: Sequence[Format]) -> tuple[list[tuple[Format, Path]], list[str]]:
    """Return what is recognised at ``path`` or right below it, and the names of the rest."""
    try:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        format = _recognise(path, known)
        if format is not None:
            return [(format, path)], []
        if not path.is_dir():
            raise UsageError(f"{path}: not a scene. {_expected(known)}")
        candidates = [each for each in sorted(path.iterdir()) if _worth_a_look(each)]
        recognised = [(_recognise_inside(each, known), each) for each in candidates]
    except OSError as error:
        raise _unreadable(path, error) from error
    scenes = [(format, each) for format, each in recognised if format is not None]
    if not scenes:
        raise UsageError(f"{path}: no scene in this folder. {_expected(known)}")
    return scenes, [each.name for format, each in recognised if format is None]


def _worth_a_look(path: Path) -> bool:
    return not path.name.startswith(".") and (path.is_dir() or path.suffix.lower() == ".json")


def _recognise(path: Path, known: Sequence[Format]) -> Format | None:
    takers = [format for format in known if format.recognises(path)]
    if len(takers) > 1:
        names = " and ".join(format.name for format in takers)
        raise UsageError(f"{path}: could be {names}; say which with --format")
    return takers[0] if takers else None


def _recognise_inside(path: Path, known: Sequence[Format]) -> Format | None:
    """Return the format of something in a searched folder; what can't be opened has none."""
    try:
        return _recognise(path, known)
    except OSError:
        return None


def _expected(known: Sequence[Format]) -> str:
    layouts = "; ".join(f"{format.name}: {format.layout}" for format in known)
    return f"Expected {layouts} (see `spatialgen formats`)"


def _read(format: Format, path: Path) -> _Source:
    try:
        return _Source(path, tuple(format.index(path)), _digest(path))
    except OSError as error:
        raise _unreadable(path, error) from error


def _merged(sources: Sequence[_Source]) -> tuple[tuple[SceneRef, ...], tuple[Rejected, ...]]:
    """Put together what sorted ``sources`` list; of equal keys the first one stays."""
    refs: dict[tuple[str, str], SceneRef] = {}
    rejected: list[Rejected] = []
    for each in chain.from_iterable(source.found for source in sources):
        if isinstance(each, Rejected):
            rejected.append(each)
            continue
        first = refs.setdefault((each.dataset, each.name), each)
        if first is not each:
            rejected.append(_duplicate(each, first))
    rejected.sort(key=lambda each: (each.dataset, each.name, Path(each.path).name))
    return tuple(refs[key] for key in sorted(refs)), tuple(rejected)


def _duplicate(ref: SceneRef, first: SceneRef) -> Rejected:
    detail = f"this scene was already met in {Path(first.path).name}"
    return Rejected(ref.path, ref.dataset, ref.name, "duplicate_scene", detail)


def _inputs(sources: Sequence[_Source]) -> dict[str, str]:
    """Return the hash per file name; further files of one name and other content get #2, #3."""
    inputs: dict[str, str] = {}
    times: Counter[str] = Counter()
    for name, digest in dict.fromkeys((source.name, source.digest) for source in sources):
        times[name] += 1
        inputs[name if times[name] == 1 else f"{name}#{times[name]}"] = digest
    return inputs


def _digest(path: Path) -> str:
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    return hashlib.sha256(
        "".join(sorted(_listed(path))).encode("utf-8", "surrogateescape")
    ).hexdigest()


def _listed(folder: Path) -> Iterator[str]:
    """Yield a line with name and size for every file in a folder and those below it."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        for entry in _entries(folder / inside):
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{inside}{entry.name}/")
            elif (size := _size(entry)) is not None:
                yield f"{inside}{entry.name} {size}\n"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing where it can't be opened."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _size(entry: os.DirEntry[str]) -> int | None:
    """Return the bytes of a plain file or a link to one, None for pipes and links to nowhere."""
    try:
        return entry.stat().st_size if entry.is_file() else None
    except OSError:
        return None


def _unreadable(path: Path, error: OSError) -> SpatialgenError:
    return SpatialgenError(f"{path}: can't be read: {error.strerror or error}")
