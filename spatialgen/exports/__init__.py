"""The files that trainers and benchmarks read, one file per format, found by file name.

A format is one module of this package that defines ``EXPORT`` (see ``Export``).
Modules beginning with an underscore are their helpers. Every path in an exported
file is relative to the folder that holds it, so that the folder can be moved.
"""

from spatialgen import discovery
from spatialgen.exports._base import Clip, Example, Export, Picture

__all__ = ["Clip", "Example", "Export", "Picture", "load", "names"]


def names() -> tuple[str, ...]:
    """Return the names of the formats, sorted."""
    return discovery.names(__name__)


def load(name: str) -> Export:
    """Return the format called ``name``; raises UsageError for one that is not there."""
    export: Export = discovery.load(__name__, name, "EXPORT")
    return export
