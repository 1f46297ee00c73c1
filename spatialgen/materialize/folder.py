"""The output folder: one run at a time, of one dataset, in pictures of one size."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import naming, partial, write_json
from spatialgen.errors import DatasetError, UsageError

#: What says in the folder how it came about.
REPORT = "materialized.json"


@contextmanager
def writing(
    out: Path, identity: Mapping[str, str], frames: int | None, max_side: int | None
) -> Iterator[dict[str, str]]:
    """Hold the folder while it is written to; give its exports so far, and the media they show.

    It is gone on with where the dataset has grown since. Raises UsageError where another
    run is at it, or where it holds something else: pictures of another dataset or size, or
    what is not of this kind.
    """
    opening = {"complete": False, "source": dict(identity), "frames": frames, "max_side": max_side}
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out, os.O_RDONLY)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{out}: a file is in the way; choose another --out") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        before = _before(out, opening)
        with naming(out):
            write_json(out / REPORT, {**opening, "exports": before})
            yield {name: told["media"] for name, told in before.items()}
    except BlockingIOError:
        message = f"{out}: another run is writing here; wait for it or choose --out"
        raise UsageError(message) from None
    finally:
        os.close(lock)


def _before(out: Path, opening: Mapping[str, Any]) -> dict[str, Any]:
    path = out / REPORT
    if not path.exists():
        present = sorted({entry.name for entry in out.iterdir()} - {partial(path).name})
        if present:
            raise UsageError(f"{out}: not empty (it holds {present[0]}); choose another --out")
        return {}
    try:
        there = json.loads(path.read_bytes())
        exports = {name: {"media": str(told["media"])} for name, told in there["exports"].items()}
        differs = _difference(there, opening)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{path}: damaged ({error}); choose another --out, or remove the folder"
        raise DatasetError(message) from error
    if differs:
        raise UsageError(f"{out}: was begun with {differs}; repeat that, or choose another --out")
    return exports


def _difference(there: Mapping[str, Any], opening: Mapping[str, Any]) -> str:
    for name in ("frames", "max_side"):
        if there[name] != opening[name]:
            option = f"--{name.replace('_', '-')}"
            return f"{option} {there[name]}" if there[name] is not None else f"no {option}"
    # Of a dataset that has grown, or was cut, a part is the same.
    held = there["source"]
    same = any(held.get(name) == hash for name, hash in opening["source"].items())
    return "" if same else "another dataset"
