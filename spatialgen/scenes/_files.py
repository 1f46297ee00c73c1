"""Reading the files of a scan's folder, which may be anything: missing, huge, a pipe, a loop."""

import io
import os
import re
from collections.abc import Collection
from pathlib import Path

from spatialgen.errors import SceneError
from spatialgen.scenes import _json_stream as json_stream

# Frames are numbered; a name with more digits than this is no number of a frame.
_NUMBER = re.compile(r"[0-9]{1,9}")
_MOST_BRACKETS = 2_000_000


def is_file(path: Path) -> bool:
    """Tell whether there is a plain file, or a link to one; pipes and loops of links are none."""
    try:
        return path.is_file()
    except OSError:
        return False


def size(path: Path, limit: int, code: str) -> int:
    """Return how many bytes a plain file has.

    Raises SceneError with ``code`` where it is none, can't be reached, or is larger than ``limit``.
    """
    if not is_file(path):
        raise SceneError(code, f"{path.name}: there is no such file")
    try:
        found = os.stat(path).st_size
    except OSError as error:
        raise unreadable(path, code, error) from error
    if found > limit:
        raise SceneError(code, f"{path.name}: {found:,} bytes, more than the {limit:,} it may have")
    return found


def content(path: Path, limit: int, code: str) -> bytes:
    """Return the bytes of a plain file; raises SceneError with ``code`` as ``size`` does."""
    size(path, limit, code)
    try:
        with path.open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise unreadable(path, code, error) from error


def json_object(path: Path, limit: int, code: str) -> dict[str, object]:
    """Return the object in a JSON file.

    Raises SceneError with ``code`` as ``size`` does, or bad_json, duplicate_key, too_deep.
    """
    text = content(path, limit, code)
    # An empty list takes 3 bytes in the file and 70 in memory: a file of these would be a bomb.
    if text.count(b"[") + text.count(b"{") > _MOST_BRACKETS:
        raise SceneError("bad_json", f"{path.name}: more than {_MOST_BRACKETS:,} lists and objects")
    try:
        value = json_stream.parse(io.BytesIO(text), (0, len(text)))
    except SceneError as error:
        raise SceneError(error.code, f"{path.name}: {error}") from None
    if not isinstance(value, dict):
        raise SceneError("bad_json", f"{path.name}: not a JSON object")
    return value


def numbered(folder: Path, endings: Collection[str], prefix: str = "") -> dict[int, Path]:
    """Return the files of a folder that are called ``prefix`` and a number, ``0.jpg``, by number.

    Empty where there is no such folder. Of two names for one number, ``7.jpg``
    and ``07.jpg``, the first in the order of names is taken.
    """
    try:
        with os.scandir(folder) as entries:
            plain = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError:
        return {}
    found: dict[int, Path] = {}
    for name in sorted(plain):
        stem, ending = os.path.splitext(name)
        number = stem.removeprefix(prefix)
        if ending.lower() in endings and stem.startswith(prefix) and _NUMBER.fullmatch(number):
            path = folder / name
            if plain[name] or is_file(path):
                found.setdefault(int(number), path)
    return dict(sorted(found.items()))


def unreadable(path: Path, code: str, error: OSError) -> SceneError:
    """Return the error that says why the system refuses a file."""
    return SceneError(code, f"{path.name}: can't be read: {error.strerror or error}")
