"""The query language: what a scene is made of.

Part of what a program may use; see ``language.py``.
"""

from typing import Any

from spatialgen.programs.vectors import Vec, add, scale, turn_deg


class Object:
    """One thing in the scene, with its oriented box.

    ``center``, ``size`` (full side lengths along ``axes``), ``axes`` (three unit
    vectors), ``longest`` side, vertical ``height``, ``bottom`` and ``top`` (world
    z), ``volume``; ``first_seen`` is the time in seconds at which the video first
    shows it, or None.
    """

    def __init__(self, index: int, data: dict[str, Any]) -> None:
        self.index: int = index
        self.id: str = data["id"]
        self.label: str = data["label"]
        self.center: Vec = tuple(data["center"])
        self.size: Vec = tuple(data["size"])
        x, y, z = data["axes"]
        self.axes: tuple[Vec, Vec, Vec] = (tuple(x), tuple(y), tuple(z))
        self.first_seen: float | None = data["first_seen"]
        size = self.size
        axes = self.axes
        self.longest: float = max(size)
        self.volume: float = size[0] * size[1] * size[2]
        self.height: float = (
            abs(axes[0][2]) * size[0] + abs(axes[1][2]) * size[1] + abs(axes[2][2]) * size[2]
        )
        self.bottom: float = self.center[2] - self.height / 2
        self.top: float = self.center[2] + self.height / 2

    def __repr__(self) -> str:
        return f"<{self.id}>"

    def corners(self) -> list[Vec]:
        """Return the eight corners of the box."""
        found = []
        for i in (-0.5, 0.5):
            for j in (-0.5, 0.5):
                for k in (-0.5, 0.5):
                    corner = self.center
                    corner = add(corner, scale(self.axes[0], i * self.size[0]))
                    corner = add(corner, scale(self.axes[1], j * self.size[1]))
                    found.append(add(corner, scale(self.axes[2], k * self.size[2])))
        return found

    def footprint(self) -> list[tuple[float, float]]:
        """Return the outline of the box on the floor, counter-clockwise (x, y) points."""
        points = sorted([(c[0], c[1]) for c in self.corners()])
        return _half_hull(points) + _half_hull(points[::-1])

    def base_area(self) -> float:
        """Return the floor area that the box covers, in square metres."""
        outline = self.footprint()
        twice = 0.0
        for i in range(len(outline)):
            x0, y0 = outline[i - 1]
            x1, y1 = outline[i]
            twice += x0 * y1 - x1 * y0
        return abs(twice) / 2


def _half_hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    # One chain of Andrew's monotone-chain convex hull, without its last point.
    chain: list[tuple[float, float]] = []
    for p in points:
        while len(chain) >= 2:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax) > 0:
                break
            chain.pop()
        chain.append(p)
    return chain[:-1]


class Room:
    """The room: ``area`` (m2), ``center``, ``height`` and floor ``polygon``, each or None."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.area: float | None = data["area"]
        self.center: Vec | None = tuple(data["center"]) if data["center"] else None
        self.height: float | None = data["height"]
        self.polygon: list[tuple[float, float]] | None = (
            [(p[0], p[1]) for p in data["polygon"]] if data["polygon"] else None
        )


class Frame:
    """One frame of the video: ``index`` (from 0, of the whole video) and ``time_s``.

    The directions ``forward()``, ``right()`` and ``up()`` are the camera's own
    axes in the world, ``heading_deg()`` is where it looks seen from above.
    """

    def __init__(self, data: list[Any]) -> None:
        self.index: int = data[0]
        self.time_s: float = data[1]
        self.packed: str = data[2]

    def __repr__(self) -> str:
        return f"<frame {self.index} at {self.time_s:.1f} s>"

    def position(self) -> Vec:
        """Return where the camera is."""
        return self._three(0)

    def forward(self) -> Vec:
        """Return the unit vector along which the camera looks."""
        return self._three(3)

    def right(self) -> Vec:
        """Return the unit vector to the right of the picture."""
        return self._three(6)

    def up(self) -> Vec:
        """Return the unit vector to the top of the picture."""
        return self._three(9)

    def heading_deg(self) -> float:
        """Return where the camera looks, seen from above, from +X, in [0, 360)."""
        return turn_deg((1.0, 0.0, 0.0), self.forward())

    def image_size(self) -> tuple[int, int]:
        """Return the width and height of the picture in pixels."""
        numbers = self.packed.split(";", 1)[0].split(" ")
        return (int(numbers[12]), int(numbers[13]))

    def _three(self, start: int) -> Vec:
        numbers = self.packed.split(" ", start + 3)
        return (float(numbers[start]), float(numbers[start + 1]), float(numbers[start + 2]))

    def _sighting(self, a: Object) -> list[float] | None:
        # ";object x0 y0 x1 y1 fraction pixels truncated seen" for all that shows, then ";".
        key = f";{a.index} "
        start = self.packed.find(key)
        if start < 0:
            return None
        start += len(key)
        end = self.packed.index(";", start)
        return [float(number) for number in self.packed[start:end].split(" ")]
