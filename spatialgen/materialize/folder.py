"""The output folder: one run at a time, of one dataset, in pictures of one size."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import partial, write_json
from spatialgen.errors import DatasetError, UsageError

#: What says in the folder how it came about.
REPORT = "materialized.json"


@contextmanager
def writing(
    out: Path, identity: Mapping[str, str], frames: int | None, max_side: int | None
) -> Iterator[Mapping[str, Any]]:
    """Hold the folder while it is written to; give what its report says of exports so far.

    Raises UsageError where another run is at it, or where it holds something else: another
    dataset, pictures of another size, or what is not of this kind.
    """
    opening = {"source": dict(identity), "frames": frames, "max_side": max_side}
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out, os.O_RDONLY)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{out}: a file is in the way; choose another --out") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        before = _before(out, opening)
        if before is None:
            write_json(out / REPORT, {"complete": False, **opening, "exports": {}})
        yield before or {}
    except BlockingIOError:
        message = f"{out}: another run is writing here; wait for it or choose --out"
        raise UsageError(message) from None
    finally:
        os.close(lock)


def _before(out: Path, opening: Mapping[str, Any]) -> Mapping[str, Any] | None:
    path = out / REPORT
    if not path.exists():
        present = sorted({entry.name for entry in out.iterdir()} - {partial(path).name})
        if present:
            raise UsageError(f"{out}: not empty (it holds {present[0]}); choose another --out")
        return None
    try:
        there = json.loads(path.read_bytes())
        differing = [name for name in opening if there[name] != opening[name]]
        exports = dict(there["exports"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{path}: damaged ({error}); choose another --out, or remove the folder"
        raise DatasetError(message) from error
    if differing:
        what = {"source": "another dataset", "frames": "another --frames"}
        held = what.get(differing[0], "another --max-side")
        raise UsageError(f"{out}: was begun with {held}; repeat that, or choose another --out")
    return exports
