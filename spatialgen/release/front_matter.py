"""What stands in YAML at the head of a dataset card."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from spatialgen.tables.columns import COLUMNS, card_features
from spatialgen.tables.record import Release, Source

#: Upper bounds of the Hub's classes of size, and their names.
_SIZES = (
    *((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")),
    *((10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M")),
)

# Text that YAML takes for nothing but text.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./*<>|+-]*(?: [A-Za-z0-9_./*<>|+-]+)*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def metadata(release: Release, name: str) -> dict[str, Any]:
    """Return the metadata of a card, ``name`` being what the dataset is called."""
    tables = release.table_names()
    sources = {key: each for part in release.parts.values() for key, each in part.sources.items()}
    own_terms = {"license_name": "terms-of-the-scans"} if release.license == "other" else {}
    return {
        "pretty_name": name,
        "license": release.license,
        **own_terms,
        "language": ["en"],
        "tags": [
            "spatial-reasoning",
            "3d",
            "video",
            "multiple-choice",
            "programs",
            *_made(sources),
        ],
        "size_categories": [size_category(release.rows("questions"))],
        "task_categories": ["visual-question-answering", "video-text-to-text"],
        "annotations_creators": ["machine-generated"],
        "source_datasets": sorted({_origin(key, each) for key, each in sources.items()}),
        "configs": [
            {
                "config_name": table,
                **({"default": True} if table == tables[0] else {}),
                "data_files": [{"split": "train", "path": f"data/{table}/*.parquet"}],
            }
            for table in tables
        ],
        "dataset_info": [_info(release, table) for table in tables],
    }


def size_category(rows: int) -> str:
    """Return the Hub's name for a number of rows."""
    return next((name for most, name in _SIZES if rows < most), "n>100M")


def to_yaml(data: Mapping[str, Any]) -> str:
    """Return plain data as YAML, one item a line."""
    return "\n".join(_block(data, 0)) + "\n"


def _made(sources: Mapping[str, Source]) -> list[str]:
    return ["synthetic"] if any(source.frames for source in sources.values()) else []


def _origin(name: str, source: Source) -> str:
    return "original" if source.frames else f"extended|other-{name}"


def _info(release: Release, table: str) -> dict[str, Any]:
    found = [part for part in release.parts.values() if table in part.tables]
    held = sum(part.tables[table].bytes for part in found)
    sizes = [
        file.bytes
        for part in found
        for path, file in part.files.items()
        if path.startswith(f"data/{table}/")
    ]
    split = {"name": "train", "num_bytes": held, "num_examples": release.rows(table)}
    return {
        "config_name": table,
        "features": card_features(COLUMNS[table]),
        "splits": [split],
        "download_size": sum(sizes),
        "dataset_size": held,
    }


def _block(value: Any, depth: int) -> Iterator[str]:
    space = "  " * depth
    if isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(each, Mapping | list) and each:
                yield f"{space}{_scalar(key)}:"
                yield from _block(each, depth + isinstance(each, Mapping))
            else:
                yield f"{space}{_scalar(key)}: {_scalar(each)}"
        return
    for each in value:
        if isinstance(each, Mapping):
            first, *rest = _block(each, depth + 1)
            yield f"{space}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{space}- {_scalar(each)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value)
