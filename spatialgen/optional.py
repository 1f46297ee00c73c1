"""Packages that only some work needs, imported when it is done."""

import importlib
from typing import Any

from spatialgen.errors import SpatialgenError

#: What to install for blind guesses from words.
AUDITS = "'ouroboros-spatial[audit]'"
#: What to install for meshes, videos and rendering.
SCANS = "'ouroboros-spatial[mesh]'"

#: What to install for releases and the Hub.
PUBLISH = "'ouroboros-spatial[publish]'"


def require(module: str, purpose: str, install: str = SCANS) -> Any:
    """Return a module; raises SpatialgenError with the line to run where it can't be imported."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        needed = error.name or module
        message = f"{purpose} needs {needed}, which can't be imported ({error})"
        raise SpatialgenError(f"{message}; run: pip install {install}") from error
