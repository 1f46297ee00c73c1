"""Dataset folders that are fit to be released, and what tells them apart."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spatialgen.dataset.files import MANIFEST, REMEDY, altered_files, read_manifest
from spatialgen.errors import DatasetError
from spatialgen.programs.language import VERSION

# A manifest is a few levels deep; what writes release.json takes some hundred.
_DEEPEST = 50

# Of the inputs in a manifest, those that are the questions of an earlier folder.
_PREVIOUS = "previous:"


@dataclass(frozen=True, slots=True)
class Folder:
    """A finished dataset folder, unchanged since.

    ``manifest`` is without what differs by luck; ``sha256`` is a hash of the rows and of how
    they were made.
    """

    path: Path
    manifest: dict[str, Any]
    sha256: str

    @property
    def round(self) -> int:
        """The round, which is 0 where no model asks."""
        return int(self.manifest["config"].get("round", 0))

    @property
    def parents(self) -> tuple[str, ...]:
        """The hashes of the questions that whoever asked was shown."""
        inputs = self.manifest["inputs"].items()
        return tuple(sorted(str(hash) for name, hash in inputs if name.startswith(_PREVIOUS)))


def checked(path: Path) -> Folder:
    """Return a dataset folder.

    Raises UsageError where it is none, DatasetError where it is unfinished, altered, or of
    another version of the query language.
    """
    manifest = read_manifest(path)
    if not manifest["complete"]:
        raise DatasetError(f"{path}: unfinished; run the command that began it again")
    written = str(manifest["versions"].get("language"))
    if written.partition(".")[0] != VERSION.partition(".")[0]:
        raise DatasetError(
            f"{path}: made with version {written} of the query language, this is {VERSION}; "
            "propose again, or use the version of spatialgen that made it"
        )
    for name in altered_files(path, manifest):
        raise DatasetError(f"{path / name}: altered or missing since the run ended; {REMEDY}")
    kept = {name: each for name, each in manifest.items() if name != "wall_time_s"}
    try:
        _refuse_deep(kept, _DEEPEST)
        _Told.model_validate(kept)
        sha256 = digest({name: kept[name] for name in ("files", "config", "versions", "inputs")})
    except (ValueError, RecursionError) as error:  # what pydantic raises is a ValueError
        where = path / MANIFEST
        raise DatasetError(f"{where}: damaged ({_line(error)}); {REMEDY}") from error
    return Folder(path, kept, sha256)


class _Config(BaseModel):
    round: int = Field(default=0, ge=0, lt=10**9)


class _Told(BaseModel):
    """What a release tells of a manifest."""

    model_config = ConfigDict(strict=True)

    config: _Config
    versions: dict[str, str]
    inputs: dict[str, str]
    contamination: dict[str, Any]


def _line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def _refuse_deep(data: Any, levels: int) -> None:
    if not isinstance(data, dict | list):
        return
    if not levels:
        raise ValueError(f"nested more than {_DEEPEST} deep")
    for each in data.values() if isinstance(data, dict) else data:
        _refuse_deep(each, levels - 1)


def digest(data: Any) -> str:
    """Return the SHA-256 of plain data, blind to the order of keys."""
    text = json.dumps(data, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
