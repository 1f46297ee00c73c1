"""Lists of scenes: one name a line, as datasets publish their splits."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

#: A list may take so many bytes; ScanNet's of 1,201 scenes takes 15,613.
BYTES_LIMIT = 16 * 2**20

_NAME = re.compile(r"[\w.-]{1,100}")


@dataclass(frozen=True)
class SceneList:
    """The scenes of a split."""

    name: str
    sha256: str
    names: frozenset[str]


def read_scene_list(path: Path) -> SceneList | None:
    """Return the list of scenes that a file is, or None where it is something else."""
    if not path.is_file() or path.stat().st_size > BYTES_LIMIT:
        return None
    data = path.read_bytes()
    try:
        names = data.decode("utf-8-sig").split()
        lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError:
        return None
    if not names or len(names) != len(lines) or not all(map(_NAME.fullmatch, names)):
        return None
    return SceneList(path.name, hashlib.sha256(data).hexdigest(), frozenset(names))
