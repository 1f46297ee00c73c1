"""Physical places: several scans can show the same room.

Of the datasets only ScanNet tells by its names which scans do.
"""

import re

# ScanNet names the scans of a space scene0000_00, scene0000_01, ...
_SCAN_OF_SPACE = re.compile(r"(scene\d{4})_\d{2}")


def space_of(scene_name: str) -> str:
    """Return the physical space that a scan shows, as far as its name tells."""
    match = _SCAN_OF_SPACE.fullmatch(scene_name)
    return match[1] if match else scene_name
