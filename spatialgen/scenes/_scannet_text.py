"""What ``<id>.txt`` says of a ScanNet scan: one ``key = value`` a line, numbers apart by spaces."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spatialgen.errors import SceneError
from spatialgen.records import Camera
from spatialgen.scan import Floats
from spatialgen.scenes import _files as files
from spatialgen.scenes._faults import Faults, reason
from spatialgen.scenes._lens import lens
from spatialgen.scenes._rigid import is_rigid

_BYTES_LIMIT = 2**20
# Beyond these no video is recorded.
_MOST_FRAMES = 1e8
_FASTEST = 1e4


@dataclass(frozen=True, eq=False)
class Parameters:
    """The parameters of a scan; what is missing or unusable is None.

    ``alignment`` (4, 4) turns the mesh's frame into the scene's, ``from_color``
    (4, 4) the colour camera's into the depth camera's. ``frames`` is how many
    were recorded, ``rate`` how many in a second.
    """

    alignment: Floats | None = None
    color: Camera | None = None
    depth: Camera | None = None
    from_color: Floats | None = None
    frames: int | None = None
    rate: float | None = None


def read(path: Path, faults: Faults) -> Parameters:
    """Return what the file says; where it can't be read, that is a fault and nothing is known."""
    try:
        text = files.content(path, _BYTES_LIMIT, "missing_parameters").decode("utf-8", "replace")
    except SceneError as error:
        detail = f"{reason(error)}, so the scene stays as it stands in its mesh"
        faults.add("missing_parameters", path.name, detail)
        return Parameters()
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        values.setdefault(key.strip(), value)
    written = _Written(values, path.name, faults)
    alignment = written.motion("axisAlignment")
    if alignment is None:
        detail = "no usable axisAlignment, so the scene stays as it stands in its mesh"
        faults.add("missing_alignment", path.name, detail)
    frames = written.number("numColorFrames", _MOST_FRAMES)
    return Parameters(
        alignment=alignment,
        color=written.camera("color"),
        depth=written.camera("depth"),
        from_color=written.motion("colorToDepthExtrinsics"),
        frames=None if frames is None else int(frames),
        rate=written.number("frameRate", _FASTEST),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """The values by key; asking for one that is no number makes a fault of it."""

    values: Mapping[str, str]
    name: str
    faults: Faults

    def number(self, key: str, limit: float) -> float | None:
        numbers = self._numbers(key, 1)
        if numbers is None:
            return None
        if not 0 < numbers[0] <= limit:
            self.faults.add("bad_parameter", self.name, f"{key} is {numbers[0]:g}, ignored")
            return None
        return numbers[0]

    def motion(self, key: str) -> Floats | None:
        numbers = self._numbers(key, 16)
        if numbers is None:
            return None
        matrix = np.array(numbers).reshape(4, 4)
        if not is_rigid(matrix[None])[0]:
            detail = f"{key} is no motion of a rigid body, ignored"
            self.faults.add("bad_parameter", self.name, detail)
            return None
        return matrix

    def camera(self, kind: str) -> Camera | None:
        keys = [f"{key}_{kind}" for key in ("fx", "fy", "mx", "my")]
        keys += [f"{kind}Width", f"{kind}Height"]
        numbers = [each[0] for key in keys if (each := self._numbers(key, 1)) is not None]
        if len(numbers) < len(keys):
            return None
        camera = lens(numbers)
        if camera is None:
            detail = f"no camera has the numbers of the {kind} camera, ignored"
            self.faults.add("bad_parameter", self.name, detail)
        return camera

    def _numbers(self, key: str, count: int) -> list[float] | None:
        if key not in self.values:
            return None
        try:
            numbers = [float(word) for word in self.values[key].split()]
        except ValueError:
            numbers = []
        if len(numbers) != count or not all(map(math.isfinite, numbers)):
            wanted = "a number" if count == 1 else f"{count} numbers"
            self.faults.add("bad_parameter", self.name, f"{key} is not {wanted}, ignored")
            return None
        return numbers
