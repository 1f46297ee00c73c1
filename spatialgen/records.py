"""The data that flows through the package, as frozen records.

Lengths are metres, areas square metres, angles radians unless a name says
otherwise. World frames are right-handed with Z up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Vec2: TypeAlias = tuple[float, float]
Vec3: TypeAlias = tuple[float, float, float]

#: What a program may return, and what JSON can hold without loss.
Value: TypeAlias = bool | int | float | str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Box:
    """An oriented box: centre, full side lengths, and three unit row vectors.

    ``axes[i]`` is the world direction of the side whose length is ``size[i]``.
    """

    center: Vec3
    size: Vec3
    axes: tuple[Vec3, Vec3, Vec3]


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One annotated thing. ``id`` is unique in its scene, ``label`` is canonical."""

    id: str
    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Room:
    """What is known of the room; ``polygon`` is the floor outline, any winding."""

    area: float | None = None
    center: Vec3 | None = None
    height: float | None = None
    polygon: tuple[Vec2, ...] | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """Intrinsics in pixels; the centre of the upper left pixel is (0, 0).

    A pinhole, or with ``fisheye`` the equidistant lens with four coefficients
    that OpenCV calls fisheye.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int
    fisheye: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a frame shows of an object.

    ``box_px`` is the 2D box (x0, y0, x1, y1) of what is visible, ``pixels`` how
    many pixels that is. ``fraction`` is the visible share of what would be seen
    from here if nothing stood in front and the image had no edge; ``truncated``
    tells that the image's edge cuts the object.
    """

    box_px: tuple[float, float, float, float]
    fraction: float
    pixels: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """One video frame; ``index`` counts the frames of the whole video from 0.

    ``pose`` is camera-to-world, 3x4 row by row, OpenCV axes (x right, y down,
    z forward). ``seen`` maps object ids to what is visible of them.
    """

    index: int
    time_s: float
    pose: tuple[tuple[float, float, float, float], ...]
    camera: Camera
    seen: Mapping[str, Sighting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A named warning about a scene that can still be used."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A scan as read from disk.

    ``counts`` holds the annotated number of objects per label; it can differ
    from the number of boxes, and then the count is the one to trust.
    ``space`` names the physical place, which several scans may share.
    ``frames`` are those that questions may be about; ``first_seen`` comes from
    the whole video: object id to the time in seconds at which it first shows
    enough of the object.
    """

    dataset: str
    name: str
    space: str
    objects: tuple[SceneObject, ...]
    counts: Mapping[str, int]
    room: Room = Room()
    frames: tuple[Frame, ...] = ()
    first_seen: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def key(self) -> str:
        """``dataset/name``: how the scene is called everywhere."""
        return f"{self.dataset}/{self.name}"
