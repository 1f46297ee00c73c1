"""What can be chosen about a made room and the video of it."""

import difflib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from spatialgen.errors import UsageError
from spatialgen.synth.catalogue import FURNISHINGS

CameraWay = Literal["walk", "turn", "top"]
Coloring = Literal["free", "class"]
StyleName = Literal["plain", "wooden", "tiled", "carpet", "brick", "evening"]

#: Frames of one video and things in one filmed room, at most: meshes stay in memory.
MOST_FRAMES, MOST_OBJECTS = 20_000, 500


class RoomSettings(BaseModel):
    """How difficult a room is to look at, and how it is filmed.

    ``objects`` is how many things there are, by chance where it is None;
    ``clutter`` the share of them that stands on shelves and furniture; ``things``
    the only categories there are, all of the catalogue where none is named.
    ``in_view`` is how many of them a picture shows, roughly: of several ways to
    film the room the nearest to it is taken. ``fov_deg`` is the field of view across
    the picture, 75 or from above 40 degrees where it is None. ``camera`` walks about at eye
    height, turns once on one spot, or looks down from above, which gives one
    picture. ``colors`` are drawn per object or bound to its class. ``samples`` per
    pixel are squared. ``spacing`` of the mesh's vertices is in metres.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    objects: Annotated[int, Field(ge=1, le=MOST_OBJECTS)] | None = None
    clutter: Annotated[float, Field(ge=0, le=1)] = 0.25
    things: tuple[str, ...] = ()
    in_view: Annotated[int, Field(ge=1, le=MOST_OBJECTS)] | None = None
    camera: CameraWay = "walk"
    width: Annotated[int, Field(ge=16, le=2048)] = 96
    height: Annotated[int, Field(ge=16, le=2048)] = 96
    fov_deg: Annotated[float, Field(ge=20, le=130)] | None = None
    seconds: Annotated[float, Field(gt=0, le=3600)] = 16.0
    fps: Annotated[float, Field(ge=0.1, le=120)] = 8.0
    walk: Annotated[float, Field(ge=0, le=200)] = 7.0
    eye: Annotated[float, Field(ge=0.3, le=2.2)] = 1.5
    colors: Coloring = "free"
    style: StyleName | None = None
    shadows: bool = True
    samples: Annotated[int, Field(ge=1, le=4)] = 1
    spacing: Annotated[float, Field(ge=0.01, le=1)] = 0.05

    @field_validator("things", mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        names = given.split(",") if isinstance(given, str) else given
        things = sorted({str(name).strip() for name in names})
        known = sorted({item.label for item in FURNISHINGS})
        for name in things:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                raise ValueError(f"no rooms are made with a {name!r}; {hint}")
        return things

    @property
    def view_deg(self) -> float:
        """The field of view across the picture, in degrees."""
        if self.fov_deg is not None:
            return self.fov_deg
        return 40.0 if self.camera == "top" else 75.0

    @property
    def frames(self) -> int:
        """How many pictures the video has."""
        return 1 if self.camera == "top" else max(1, round(self.seconds * self.fps))


def settings(**chosen: object) -> RoomSettings:
    """Return checked settings; raises UsageError that names everything that is wrong."""
    try:
        made = RoomSettings.model_validate(chosen)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise UsageError(f"settings of a room: {'; '.join(wrong)}") from error
    if made.frames > MOST_FRAMES:
        raise UsageError(f"{made.frames} frames of a room: ask for at most {MOST_FRAMES}")
    return made
