"""Scenes that are a folder each, called by the folder's name."""

import os
from pathlib import Path

from spatialgen.scenes._base import Found, Rejected, SceneRef, is_name, one_line


def found_folder(format: str, dataset: str, path: Path) -> Found:
    """Return the scene in a folder, or why it can't be called by the folder's name."""
    name = os.path.basename(os.path.abspath(path))  # also of "."; links are not followed
    if is_name(name):
        return SceneRef(format, str(path), dataset, name)
    detail = "the folder's name has to be printable and short"
    return Rejected(str(path), dataset, one_line(name), "bad_name", detail)
