"""What a person sees of a release before it is uploaded, and after."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spatialgen.release.build import CARD
from spatialgen.release.hub import Content
from spatialgen.release.publish import Published
from spatialgen.tables.record import Release


def lines(folder: Path, release: Release, contents: Mapping[str, Content]) -> Iterator[str]:
    """Yield the card, then what would be uploaded, file by file and part by part."""
    yield from (folder / CARD).read_text("utf-8").splitlines()
    yield ""
    width = max(map(len, contents))
    for path, content in sorted(contents.items()):
        yield f"{path:{width}}  {content.size:>12,} bytes"
    total = sum(content.size for content in contents.values())
    yield f"{len(contents)} files, {total / 1e6:,.1f} MB, under {release.license}"
    for name, part in release.parts.items():
        tables = ", ".join(f"{table.rows:,} {kind}" for kind, table in part.tables.items())
        left_out = sum(part.left_out.values())
        yield f"{name}: {tables}" + (f", {left_out:,} left out" if left_out else "")


def report(folder: Path, release: Release, contents: Mapping[str, Content]) -> dict[str, Any]:
    """Return the same as plain data."""
    return {
        "license": release.license,
        "card": (folder / CARD).read_text("utf-8"),
        "parts": {
            name: {kind: table.rows for kind, table in part.tables.items()}
            for name, part in release.parts.items()
        },
        "files": {
            path: {"bytes": content.size, "sha256": content.sha256}
            for path, content in sorted(contents.items())
        },
        "bytes": sum(content.size for content in contents.values()),
    }


def told(done: Published) -> str:
    """Return a line about what was published."""
    if not done.files:
        return f"{done.url}: all of it was there already"
    size = f"{len(done.files)} files, {done.bytes / 1e6:,.1f} MB"
    kept = f", {len(done.kept)} earlier kept" if done.kept else ""
    removed = f", {len(done.removed)} removed" if done.removed else ""
    added = f"{len(done.added)} part{'' if len(done.added) == 1 else 's'} added"
    return f"{done.url}: {added}{removed}{kept} ({size})"
