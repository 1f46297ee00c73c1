"""From a scan to the scene that questions are asked about: what its video shows, and when."""

from spatialgen.records import Scene
from spatialgen.scan import Scan

#: Frames that a model is shown, and that questions may be about.
FRAMES = 32


def observe(scan: Scan, frames: int = FRAMES) -> Scene:
    """Return the scene with its frames and first sightings filled in.

    ``frames`` are taken evenly from the whole video; those without a usable
    pose are left out.
    """
    return scan.scene
