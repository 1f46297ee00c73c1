"""What must not leave this machine: tokens, keys, and where things lie on it.

Text files are read line by line, tables value by value, so that memory stays flat.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatialgen.errors import DatasetError
from spatialgen.optional import PUBLISH, require

TOKEN = "a token or key"
PLACE = "a path of a machine"

#: Patterns by kind, in the syntax that Python and RE2 share. They do not match their own source.
_PATTERNS: Mapping[str, Sequence[str]] = {
    TOKEN: (
        r"\bhf_[A-Za-z0-9]{20,}",
        r"\b(?:sk|rk)-[A-Za-z0-9_-]{20,}",
        r"\bgh[opsur]_[A-Za-z0-9]{30,}",
        r"\bgithub_pat_[A-Za-z0-9_]{30,}",
        r"\bglpat-[A-Za-z0-9_-]{20,}",
        r"\bAKIA[A-Z0-9]{16}\b",
        r"\bAIza[A-Za-z0-9_-]{35}",
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    ),
    PLACE: (
        r"(?:^|[^\w.~-])/(?:home|Users|mnt|scratch|workspace|gpfs|lustre)/\w",
        r"(?:^|[^\w.~-])/(?:root|tmp|var/tmp|private/var|var/folders)/\w",
        r"\b[A-Za-z]:\\{1,2}Users\\",
        r"\bfile:///",
    ),
}

#: Rows of a table that are looked at together.
_ROWS = 256

_IS_TEXT = ("is_string", "is_large_string", "is_binary", "is_large_binary")


@dataclass(frozen=True)
class Finding:
    """Something that must not be uploaded. What was found is not told: it may be a secret."""

    file: str
    where: str
    kind: str


def scan(folder: Path, token: str | None = None) -> Iterator[Finding]:
    """Yield what must not leave, file by file; ``token`` is one to be found wherever it stands."""
    patterns = _compiled(token)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        found = _in_table(path, patterns) if path.suffix == ".parquet" else _in_text(path, patterns)
        for where, kind in found:
            yield Finding(name, where, kind)


def redacted(text: str, token: str | None = None) -> str:
    """Return a text without the tokens and keys in it, ``token`` among them."""
    return re.sub(_compiled(token)[TOKEN], "[token]", text)


def refuse(folder: Path, token: str | None = None) -> None:
    """Raise DatasetError where anything in a folder must not leave this machine."""
    found = list(scan(folder, token))
    if found:
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise DatasetError(
            f"{first.file}, {first.where}: holds {first.kind}{more}; nothing was uploaded: take it "
            "out of the dataset, or make the dataset again without it"
        )


def _compiled(token: str | None) -> dict[str, str]:
    own = {str(place) for place in (Path.home(), Path.cwd(), Path(tempfile.gettempdir()))}
    places = [re.escape(place) + os.sep for place in sorted(own) if len(Path(place).parts) > 2]
    tokens = [re.escape(token)] if token else []
    return {
        TOKEN: "|".join([*_PATTERNS[TOKEN], *tokens]),
        PLACE: "|".join([*_PATTERNS[PLACE], *places]),
    }


def _in_text(path: Path, patterns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    compiled = {kind: re.compile(pattern.encode()) for kind, pattern in patterns.items()}
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            for kind, pattern in compiled.items():
                if pattern.search(line):
                    yield f"line {number}", kind


def _in_table(path: Path, patterns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    parquet = require("pyarrow.parquet", "reading tables", PUBLISH)
    with parquet.ParquetFile(path) as file:
        before = 0
        for batch in file.iter_batches(batch_size=_ROWS):
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                for kind, pattern in patterns.items():
                    if any(_matches(leaf, pattern) for leaf in _leaves(column)):
                        rows = f"rows {before + 1} to {before + batch.num_rows}"
                        yield f"column {name!r}, {rows}", kind
            before += batch.num_rows


def _leaves(column: Any) -> Iterator[Any]:
    # The arrays of text and bytes in a column, whatever they are nested in.
    types = require("pyarrow", "reading tables", PUBLISH).types
    kind = column.type
    if types.is_struct(kind):
        for inner in column.flatten():
            yield from _leaves(inner)
    elif types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        yield from _leaves(column.flatten())
    elif types.is_dictionary(kind):
        yield from _leaves(column.dictionary)
    elif types.is_map(kind):
        yield from _leaves(column.keys)
        yield from _leaves(column.items)
    elif any(getattr(types, test)(kind) for test in _IS_TEXT):
        yield column


def _matches(column: Any, pattern: str) -> bool:
    compute = require("pyarrow.compute", "reading tables", PUBLISH)
    return bool(compute.any(compute.match_substring_regex(column, pattern)).as_py())
