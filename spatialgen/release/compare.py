"""What changed between two datasets: rows, families, scenes, settings."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spatialgen.dataset import files
from spatialgen.dataset.rows import Row
from spatialgen.errors import UsageError
from spatialgen.tables import record, shards
from spatialgen.tables.columns import QUESTIONS, SCENES

# Of a row and of one of its fields.
_DIGEST_BYTES = 8

_FILES = {QUESTIONS: files.QUESTIONS, SCENES: files.SCENES}


@dataclass(frozen=True)
class Side:
    """A dataset folder or a release folder: where its rows are, and what its rounds were made with.

    ``licence`` is None where none is said.
    """

    path: Path
    release: record.Release | None
    rounds: Mapping[str, Mapping[str, Any]]
    licence: str | None = None

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the questions or the scenes, one by one."""
        if self.release is None:
            complete = files.read_manifest(self.path)["complete"]
            yield from files.read_rows(self.path, _FILES[table], unfinished=not complete)
            return
        for part in self.release.parts.values():
            held = [self.path / name for name in part.files if name.startswith(f"data/{table}/")]
            yield from shards.read(held, table)


@dataclass
class Changes:
    """How the rows of one kind differ; ``fields`` counts changed rows by field."""

    same: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def open_side(path: Path) -> Side:
    """Return what there is to compare at ``path``.

    Raises UsageError where it is neither a dataset nor a release, DatasetError where it is
    damaged.
    """
    if (path / record.RELEASE).is_file():
        release = record.read(path)
        rounds = {name: _settings(part.config, part.versions) for name, part in _told(release)}
        return Side(path, release, rounds, release.license)
    if not (path / files.MANIFEST).is_file():
        raise UsageError(f"{path}: neither a dataset folder nor a release folder")
    manifest = files.read_manifest(path)
    settings = _settings(manifest["config"], manifest["versions"])
    return Side(path, None, {f"round{manifest['config'].get('round', 0)}": settings})


def compare(one: Path, other: Path) -> dict[str, Any]:
    """Return what changed from ``one`` to ``other``, each a dataset folder or a release folder.

    Questions are the same by id, scenes by name. Raises what `open_side` raises.
    """
    sides = open_side(one), open_side(other)
    questions = changes(sides[0].rows(QUESTIONS), sides[1].rows(QUESTIONS))
    scenes = changes(sides[0].rows(SCENES), sides[1].rows(SCENES))
    before, after = _compared_settings(*sides)
    return {
        "questions": {
            "same": questions.same,
            "added": len(questions.added),
            "removed": len(questions.removed),
            "changed": len(questions.changed),
            "changed_fields": dict(sorted(questions.fields.items())),
        },
        "families": {name: dict(questions.kinds[name]) for name in sorted(questions.kinds)},
        "scenes": {
            "same": scenes.same,
            "added": scenes.added,
            "removed": scenes.removed,
            "changed": scenes.changed,
            "changed_fields": dict(sorted(scenes.fields.items())),
        },
        "settings": {
            name: [before.get(name), after.get(name)]
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        },
    }


def changes(before: Iterable[Row], after: Iterable[Row]) -> Changes:
    """Compare rows; of the first side digests are in memory, of the second one row."""
    found = Changes()
    known: dict[Any, Any] = {}  # so that what all rows have is in memory once
    held = {
        key: (known.setdefault(_kind(row), _kind(row)), _digests(row, known))
        for key, row in _keyed(before)
    }
    for key, row in _keyed(after):
        kind, digests = held.pop(key, (None, None))
        if digests is None:
            found.added.append(key)
            found.kinds[_kind(row)]["added"] += 1
            continue
        now = _digests(row, known)
        fields = _differing(digests, now)
        found.fields.update(fields)
        found.kinds[_kind(row)]["changed" if fields else "same"] += 1
        found.same += not fields
        if fields:
            found.changed.append(key)
    for key, (kind, _) in held.items():
        found.removed.append(key)
        found.kinds[str(kind)]["removed"] += 1
    for keys in (found.added, found.removed, found.changed):
        keys.sort()
    return found


def _compared_settings(one: Side, other: Side) -> tuple[dict[str, Any], dict[str, Any]]:
    # Where each is of one round they are compared with each other, whichever these are.
    sides = (one, other)
    if all(len(side.rounds) == 1 for side in sides):
        told = [dict(settings) for side in sides for settings in side.rounds.values()]
    else:
        told = [_flat(side.rounds) for side in sides]
    return {"license": one.licence} | told[0], {"license": other.licence} | told[1]


def _told(release: record.Release) -> Iterator[tuple[str, record.Part]]:
    # A part is called by its round, or by its name where several are of one round.
    times = Counter(part.round for part in release.parts.values())
    for name, part in release.parts.items():
        yield (f"round{part.round}" if times[part.round] == 1 else name), part


def _settings(config: Mapping[str, Any], versions: Mapping[str, Any]) -> dict[str, Any]:
    return _flat({**config, "versions": versions})


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _keyed(rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    # A row that comes again, in a later round, is another one.
    times: Counter[str] = Counter()
    for row in rows:
        key = str(row.get("id") or f"{row['dataset']}/{row['scene_name']}")
        times[key] += 1
        yield (key if times[key] == 1 else f"{key}#{times[key]}"), row


def _kind(row: Row) -> str:
    return str(row.get("question_type", ""))


def _digests(row: Row, known: dict[Any, Any]) -> tuple[tuple[str, ...], bytes]:
    names = tuple(row)
    return known.setdefault(names, names), b"".join(map(_digest, row.values()))


def _digest(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True).encode("utf-8")
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).digest()


def _differing(
    one: tuple[tuple[str, ...], bytes], other: tuple[tuple[str, ...], bytes]
) -> list[str]:
    if one == other:
        return []
    before, after = _by_field(*one), _by_field(*other)
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def _by_field(names: tuple[str, ...], digests: bytes) -> dict[str, bytes]:
    return {
        name: digests[i * _DIGEST_BYTES : (i + 1) * _DIGEST_BYTES] for i, name in enumerate(names)
    }
