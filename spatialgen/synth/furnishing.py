"""What is known of a kind of thing before it is put into a room."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Range: TypeAlias = tuple[float, float]


class Where(Enum):
    """Where people put a thing."""

    FLOOR = "anywhere on the floor, straight or turned"
    WALL = "on the floor with its back to a wall"
    MOUNTED = "on a wall, above the floor"
    ON = "on top of a host"
    INSIDE = "in a compartment of a host"
    AT = "on the floor in front of a host, facing it"
    BESIDE = "on the floor next to a host, backs in line"


@dataclass(frozen=True, slots=True)
class Furnishing:
    """One kind of thing.

    ``width`` runs along the wall or the host, ``depth`` from back to front.
    ``most`` is how many an ordinary room has at most; up to ``together`` are put
    in at once, where there is room for them. ``hosts`` names the
    furnishings that ON, INSIDE, AT and BESIDE refer to. ``gap`` is the distance to the
    wall or host, ``bottom`` the height at which a MOUNTED thing starts.
    ``clear`` metres of floor stay free in front, or all round for FLOOR.
    ``setback`` says where an ON thing stands: 0 at the host's back, 1 at its
    front. A thing is turned by up to ``turn_deg`` either way. A room's
    ``matching`` things all have one size. ``variant`` tells apart two kinds of
    thing with one label.
    """

    label: str
    where: Where
    width: Range
    depth: Range
    height: Range
    most: int = 1
    hosts: tuple[str, ...] = ()
    gap: Range = (0.0, 0.03)
    bottom: Range = (0.0, 0.0)
    clear: float = 0.0
    setback: Range = (0.0, 1.0)
    turn_deg: float = 0.0
    matching: bool = False
    variant: str = ""
    together: int = 1

    @property
    def name(self) -> str:
        """How hosts and room kinds refer to it: the variant, or else the label."""
        return self.variant or self.label
