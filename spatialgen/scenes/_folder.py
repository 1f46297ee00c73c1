"""Scenes in folders, called by the folder's name or by the names of files in it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from spatialgen.scenes import _files as files
from spatialgen.scenes._base import Found, Rejected, SceneRef, is_name, one_line


def found_folder(format: str, dataset: str, path: Path) -> Found:
    """Return the scene in a folder, or why it can't be called by the folder's name."""
    name = os.path.basename(os.path.abspath(path))  # also of "."; links are not followed
    return found_named(format, dataset, path, name)


def found_named(format: str, dataset: str, path: Path, name: str) -> Found:
    """Return a scene of a folder by a name from the disk, or why it can't be called so."""
    if is_name(name):
        return SceneRef(format, str(path), dataset, name)
    detail = "the name of the folder or its files has to be printable and at most 100 characters"
    return Rejected(str(path), dataset, one_line(name), "bad_name", detail)


def names_in(folder: Path, own: re.Pattern[str]) -> Iterator[str]:
    """Yield the group ``id`` of names of plain files that match, hidden ones left out."""
    with os.scandir(folder) as entries:
        for entry in entries:
            match = None if entry.name.startswith(".") else own.fullmatch(entry.name)
            if match and files.is_file(folder / entry.name):
                yield match["id"]
