"""The files of a part on this machine, once they are known to be what release.json says."""

import hashlib
from pathlib import Path

from spatialgen.errors import DatasetError
from spatialgen.tables import record


def part_files(folder: Path, where: str, part: record.Part, table: str) -> list[Path]:
    """Return the files of a part's table; raises DatasetError where one is not what it was.

    ``where`` is how the part is called then.
    """
    files = {path: file for path, file in part.files.items() if path.startswith(f"data/{table}/")}
    for path, file in sorted(files.items()):
        if not _is_same(folder / path, file):
            raise DatasetError(f"{where}: {path} is missing or damaged; get the release again")
    return [folder / path for path in sorted(files)]


def _is_same(path: Path, file: record.File) -> bool:
    # A device or a pipe may have no end.
    try:
        if not path.is_file() or path.stat().st_size != file.bytes:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False
