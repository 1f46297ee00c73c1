"""Write many rooms, over several processes; what is there and whole is not made again."""

import functools
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from spatialgen.errors import UsageError
from spatialgen.parallel import ordered_map
from spatialgen.progress import Progress
from spatialgen.synth.rooms import room_name
from spatialgen.synth.scannet_files import write
from spatialgen.synth.scans import make_room
from spatialgen.synth.settings import RoomSettings

#: Beside the files of a room: what it was made with, and how many bytes that came to.
RECEIPT = "synth.json"

#: Raised whenever the same settings give other files.
VERSION = 2


class _State(Enum):
    ABSENT = "absent"
    WHOLE = "whole"
    DAMAGED = "damaged"
    OTHER = "other"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: rooms made now, rooms that were there, and their frames together."""

    made: int
    kept: int
    frames: int


def write_rooms(
    out: Path,
    seed: int,
    rooms: int,
    settings: RoomSettings,
    workers: int,
    progress: Progress,
) -> Written:
    """Write rooms 0 to ``rooms`` - 1 of a seed into folders of ``out``, one each.

    The same arguments give the same bytes, however many workers there are. A
    room appears all at once: it is written under a hidden name first. Raises
    UsageError where a folder in the way is not a room of these settings.
    """
    out.mkdir(parents=True, exist_ok=True)
    missing = []
    for index in range(rooms):
        folder = out / room_name(seed, index)
        state = _state(folder, _order(seed, index, settings))
        if state is _State.FOREIGN:
            raise UsageError(f"{folder}: not made by `spatialgen synth`; choose another --out")
        if state is _State.OTHER:
            raise UsageError(f"{folder}: made with other settings; choose another --out")
        if state is not _State.WHOLE:
            missing.append(index)
    kept = rooms - len(missing)
    progress.begin(rooms, kept)
    prepare = functools.partial(_prepare, out, seed, settings)
    for _ in _map(prepare, missing, min(workers, len(missing))):
        progress.advance()
    return Written(len(missing), kept, rooms * settings.frames)


def _map(prepare: Callable[[], Callable[[int], None]], items: list[int], workers: int) -> Any:
    if workers > 1:
        return ordered_map(prepare, items, workers)
    return map(prepare(), items)


def _prepare(out: Path, seed: int, settings: RoomSettings) -> Callable[[int], None]:
    return functools.partial(_write_room, out, seed, settings)


def _write_room(out: Path, seed: int, settings: RoomSettings, index: int) -> None:
    room = make_room(seed, index, settings)
    name = room.scan.scene.name
    partial, folder = out / f".{name}.partial", out / name
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    write(partial, room, seed, index, settings.fps)
    files, size = _contents(partial)
    receipt = _order(seed, index, settings) | {"files": files, "bytes": size}
    (partial / RECEIPT).write_text(json.dumps(receipt, indent=1), encoding="ascii")
    if folder.exists():  # damaged, as was found before
        shutil.rmtree(folder)
    partial.rename(folder)


def _order(seed: int, index: int, settings: RoomSettings) -> dict[str, Any]:
    return {
        "made_by": "spatialgen synth",
        "version": VERSION,
        "seed": seed,
        "index": index,
        "settings": settings.model_dump(mode="json"),
    }


def _state(folder: Path, order: dict[str, Any]) -> _State:
    """Tell what is where a room is to be."""
    if not os.path.lexists(folder):
        return _State.ABSENT
    try:
        receipt = json.loads((folder / RECEIPT).read_bytes())
    except (OSError, ValueError, RecursionError):
        return _State.FOREIGN
    if not isinstance(receipt, dict) or receipt.get("made_by") != order["made_by"]:
        return _State.FOREIGN
    if any(receipt.get(key) != value for key, value in order.items()):
        return _State.OTHER
    whole = (receipt.get("files"), receipt.get("bytes")) == _contents(folder)
    return _State.WHOLE if whole else _State.DAMAGED


def _contents(folder: Path) -> tuple[int, int]:
    """Return how many files there are beside the receipt, and how many bytes they have."""
    sizes = [
        os.lstat(os.path.join(where, name)).st_size
        for where, _, names in os.walk(folder)
        for name in names
        if name != RECEIPT
    ]
    return len(sizes), sum(sizes)
