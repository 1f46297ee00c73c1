"""Furnished rooms from a seed: a kind of room, its floor plan, and what stands in it."""

from collections import Counter
from collections.abc import Collection

import numpy as np

from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.records import Scene, SceneObject
from spatialgen.rng import generator
from spatialgen.synth.blocks import to_box
from spatialgen.synth.filling import fill, pick
from spatialgen.synth.floors import draw_floor, to_room
from spatialgen.synth.kinds import KINDS, Kind
from spatialgen.synth.placing import Layout, draw

DATASET = "synthetic"

#: An ordinary room has this many objects; more or fewer can be asked for, up to the limit.
FEWEST, MOST, LIMIT = 8, 40, 2000

#: Floor per object, in square metres, that a room is given when objects are asked for.
FLOOR_PER_OBJECT = 1.2

#: Rooms with clutter are smaller: this share of what exceeds the smallest of their kind.
DENSE = 0.45

#: A room that is too small for its objects is drawn again, larger by this factor.
GROWTH, GROWTHS = 1.2, 40


def furnish(seed: int, index: int, objects: int | None = None) -> Scene:
    """Return room number ``index`` of the rooms that belong to ``seed``.

    The same arguments give the same room, in every process. Rooms are
    rectangular or L-shaped, 8 to 60 square metres, and hold 8 to 40 objects;
    ``objects`` asks for an exact number instead, and the room is made as large
    as they need. Boxes are upright, inside the room, and do not pass through
    each other. The floor is at z = 0; objects on a piece of furniture start
    exactly at its top.

    Raises UsageError when ``objects`` is not between 1 and ``LIMIT``.
    """
    return to_scene(room_name(seed, index), lay_out(seed, index, objects))


def room_name(seed: int, index: int) -> str:
    """Return what the room with this number is called."""
    return f"room{seed}_{index:05d}"


def lay_out(
    seed: int,
    index: int,
    objects: int | None = None,
    clutter: float | None = None,
    only: Collection[str] = (),
) -> Layout:
    """Return the plan of a room, with the things in the order of the scene's objects.

    ``clutter`` is the share of them that stands on shelves and furniture or
    hangs on walls; None leaves that to chance, without any shelves. ``only``
    names the labels that things may have; none allows all.
    """
    if objects is not None and not 1 <= objects <= LIMIT:
        raise UsageError(f"{objects} objects in a room: ask for 1 to {LIMIT}")
    kind, area, wanted = _draw_kind(
        generator(seed, "synth", index), objects, dense=clutter is not None
    )
    for growth in range(GROWTHS):
        rng = generator(seed, "synth", index, growth)
        layout = Layout(draw_floor(rng, area))
        if fill(rng, layout, kind, area, wanted, clutter, only):
            # Grouped by label, as every metadata file has them.
            layout.placed.sort(key=lambda placed: placed.item.label)
            return layout
        area *= GROWTH
    raise SpatialgenError(
        f"{room_name(seed, index)}: {wanted} objects do not fit a {kind.name} "
        f"of {area:.0f} m2: ask for fewer"
    )


def _draw_kind(
    rng: np.random.Generator, objects: int | None, *, dense: bool
) -> tuple[Kind, float, int]:
    """Draw the kind of room, its area in square metres, and its number of objects."""
    needed = 0.0 if objects is None else FLOOR_PER_OBJECT * objects
    largest = max(kind.area_m2[1] for kind in KINDS)
    kinds = [kind for kind in KINDS if kind.area_m2[1] >= min(needed, largest)]
    kind = kinds[pick(rng, [kind.share for kind in kinds])]
    area = draw(rng, kind.area_m2)
    smaller = area if not dense else kind.area_m2[0] + DENSE * (area - kind.area_m2[0])
    if objects is not None:
        return kind, max(smaller, needed), objects
    fewest, most = FEWEST + int(0.1 * area), min(MOST, 6 + int(0.9 * area))
    return kind, smaller, int(rng.integers(fewest, most + 1))


def to_scene(name: str, layout: Layout) -> Scene:
    """Return the scene record of a laid out room."""
    counts: Counter[str] = Counter()
    objects = []
    for placed in layout.placed:
        label = placed.item.label
        counts[label] += 1
        box = to_box(placed.block, layout.floor.turn)
        objects.append(SceneObject(f"{label.replace(' ', '_')}_{counts[label]}", label, box))
    return Scene(DATASET, name, name, tuple(objects), dict(counts), to_room(layout.floor))
