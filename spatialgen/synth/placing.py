"""Where a thing may stand in a room that is partly furnished.

``propose`` draws one place for a thing; ``fits`` tells whether it is free.
Both work on the plan, before the room is turned.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from spatialgen.records import Vec2, Vec3
from spatialgen.synth.blocks import Block, moved, overlap, reach, turned, upright
from spatialgen.synth.floors import Floor, Wall, contains
from spatialgen.synth.furnishing import Furnishing, Range, Where
from spatialgen.synth.shapes.storage import BACK_BOARD, SIDE_BOARD, levels

#: Free floor is kept free up to this height; what hangs or lies higher is not in the way.
CLEAR_HEIGHT = 0.35

#: Share of the things at a wall that are pushed into its corner.
IN_CORNER = 0.25


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing in its place, with the floor that is kept free for using it, if any."""

    item: Furnishing
    block: Block
    clear: Block | None


@dataclass(slots=True)
class Layout:
    """A room being furnished."""

    floor: Floor
    placed: list[Placed] = field(default_factory=list)


def draw(rng: np.random.Generator, between: Range) -> float:
    """Return a number between two bounds."""
    return between[0] + (between[1] - between[0]) * rng.random()


def propose(
    rng: np.random.Generator, floor: Floor, item: Furnishing, size: Vec3, host: Placed | None
) -> Block | None:
    """Draw a place for ``item``, which may be taken; None when the wall or host is too small.

    ``size`` is width, depth, height in metres. ``host`` is needed by what
    stands ON, INSIDE, AT or BESIDE something.
    """
    if host is None:
        if item.where is Where.FLOOR:
            return _on_floor(rng, floor, item, size)
        return _at_wall(rng, _pick_wall(rng, floor), item, size)
    if item.where is Where.AT:
        return _facing(rng, host, item, size)
    if item.where is Where.BESIDE:
        return _beside(rng, host, item, size)
    if item.where is Where.INSIDE:
        return _inside(rng, host, size)
    return _on_top(rng, host, item, size)


def clear_floor(item: Furnishing, block: Block) -> Block | None:
    """Return the floor to keep free for ``item``: in front of it, or all round if it stands free.

    None for things that need none.
    """
    if item.clear == 0:
        return None
    width, depth = block.half_width * 2, block.half_depth * 2
    if item.where is Where.FLOOR:
        size = (width + 2 * item.clear, depth + 2 * item.clear, CLEAR_HEIGHT)
        return upright(block.middle, block.along, size, 0.0)
    middle = moved(block.middle, block.front, block.half_depth + item.clear / 2)
    return upright(middle, block.along, (width, item.clear, CLEAR_HEIGHT), 0.0)


def fits(
    layout: Layout,
    block: Block,
    clear: Block | None,
    host: Placed | None,
    *,
    within: bool = False,
) -> bool:
    """Tell whether ``block`` is in the room, passes through nothing, and blocks nothing.

    A thing may stand on the free floor of its own host, as a chair does at a
    desk; the free floors of two things may overlap. ``within`` its host a thing
    passes through the host's box, not through its boards.
    """
    floor = layout.floor
    if not contains(floor, block) or (clear is not None and not contains(floor, clear)):
        return False
    for other in layout.placed:
        if within and other is host:
            continue
        if overlap(block, other.block):
            return False
        if clear is not None and overlap(clear, other.block):
            return False
        if other.clear is not None and other is not host and overlap(block, other.clear):
            return False
    return True


def _turn(rng: np.random.Generator, item: Furnishing) -> float:
    return math.radians(item.turn_deg) * (2 * rng.random() - 1) if item.turn_deg else 0.0


def _on_floor(rng: np.random.Generator, floor: Floor, item: Furnishing, size: Vec3) -> Block:
    middle = (floor.width * rng.random(), floor.length * rng.random())
    straight = (1.0, 0.0) if rng.random() < 0.5 else (0.0, 1.0)
    return upright(middle, turned(straight, _turn(rng, item)), size, 0.0)


def _pick_wall(rng: np.random.Generator, floor: Floor) -> Wall:
    """Draw a wall, a long one more often."""
    along = rng.random() * sum(wall.length for wall in floor.walls)
    for wall in floor.walls:
        along -= wall.length
        if along < 0:
            return wall
    return floor.walls[-1]


def _at_wall(rng: np.random.Generator, wall: Wall, item: Furnishing, size: Vec3) -> Block | None:
    along = turned(wall.along, _turn(rng, item))
    half = reach(along, size, wall.along)
    spare = wall.length - 2 * half
    if spare < 0:
        return None
    share = rng.random()
    if item.where is Where.WALL and rng.random() < IN_CORNER:
        share = float(round(share))
    foot = moved(wall.start, wall.along, half + spare * share)
    distance = draw(rng, item.gap) + reach(along, size, wall.inward)
    if item.where is Where.MOUNTED:
        distance = size[1] / 2
    bottom = snapped(draw(rng, item.bottom))
    return upright(moved(foot, wall.inward, distance), along, size, bottom)


def _facing(rng: np.random.Generator, host: Placed, item: Furnishing, size: Vec3) -> Block:
    """Put ``item`` in front of a side of ``host``, looking at it.

    Around a table that stands free the places are evenly spaced on all sides;
    furniture at a wall is used from its front only.
    """
    base = host.block
    sides = 4 if host.item.where is Where.FLOOR else 1
    side = int(rng.integers(sides))
    outward = (base.front, base.along, _back(base.front), _back(base.along))[side]
    length, half = base.half_width * 2, base.half_depth
    if side % 2:
        length, half = base.half_depth * 2, base.half_width
    seats = max(1, int(length / (size[0] + 0.12)))
    if sides == 1:
        seats = int(rng.integers(1, seats + 1))
    seat = int(rng.integers(seats))
    sideways = (outward[1], -outward[0])
    foot = moved(base.middle, sideways, ((seat + 0.5) / seats - 0.5) * length)
    # A thing whose front looks back at the host has its width along -sideways.
    along = turned(_back(sideways), _turn(rng, item))
    distance = half + draw(rng, item.gap) + reach(along, size, outward)
    return upright(moved(foot, outward, distance), along, size, 0.0)


def _beside(rng: np.random.Generator, host: Placed, item: Furnishing, size: Vec3) -> Block:
    base = host.block
    along = turned(base.along, _turn(rng, item))
    outward = base.along if rng.random() < 0.5 else _back(base.along)
    distance = base.half_width + draw(rng, item.gap) + reach(along, size, outward)
    back = reach(along, size, base.front) - base.half_depth
    middle = moved(moved(base.middle, outward, distance), base.front, back)
    return upright(middle, along, size, 0.0)


def _on_top(rng: np.random.Generator, host: Placed, item: Furnishing, size: Vec3) -> Block | None:
    base = host.block
    along = turned(base.along, _turn(rng, item))
    spare_x = base.half_width - reach(along, size, base.along)
    spare_y = base.half_depth - reach(along, size, base.front)
    if spare_x < 0 or spare_y < 0:
        return None
    sideways = spare_x * (2 * rng.random() - 1)
    forward = spare_y * (2 * draw(rng, item.setback) - 1)
    middle = moved(moved(base.middle, base.along, sideways), base.front, forward)
    return upright(middle, along, size, base.top)


def _inside(rng: np.random.Generator, host: Placed, size: Vec3) -> Block | None:
    base = host.block
    spare_x = base.half_width - SIDE_BOARD - size[0] / 2
    spare_y = base.half_depth - BACK_BOARD - size[1] / 2
    floors = [low for low, high in levels(base.top - base.bottom) if high - low >= size[2]]
    if spare_x < 0 or spare_y < 0 or not floors:
        return None
    bottom = base.bottom + floors[int(rng.integers(len(floors)))]
    sideways = spare_x * (2 * rng.random() - 1)
    middle = moved(moved(base.middle, base.along, sideways), base.front, spare_y * rng.random())
    return upright(middle, base.along, size, bottom)


def snapped(height: float) -> float:
    """Return ``height`` to the nearest 1/512 m.

    Such numbers add and halve without rounding, so a thing's bottom equals the
    top it rests on to the last bit, and the two neither part nor cross.
    """
    return round(height * 512) / 512


def _back(direction: Vec2) -> Vec2:
    return (-direction[0], -direction[1])
