"""The floor of a room from measured points: its outline, area, and the room's height."""

import numpy as np
import numpy.typing as npt

from spatialgen.fitting.cells import cells_of, distinct
from spatialgen.fitting.hull import convex_hull, smallest_rectangle
from spatialgen.fitting.outline import outline
from spatialgen.records import Note, Room

Floats = npt.NDArray[np.float64]
NONE: Floats = np.zeros((0, 3))

#: Fewer points than this make no floor, no ceiling and no wall.
LEAST_POINTS = 30
#: Openings up to twice this wide are closed, in metres: what stands on the floor, doorways.
CLOSING = 0.25
#: Closing is widened to this many times the usual distance between sparse floor points.
SPARSE = 2.0
#: Where no wall bounds the floor, it reaches this many times that distance beyond its
#: outermost points: between those of points at random, 0.6, and those set on the edge, 0.
BEYOND = 0.3
#: Distance of the nodes of the plan, in metres.
SPACING = 0.025
#: Steps and slopes: what is farther from the floor's height is not part of it, in metres.
LEVEL = 0.30
#: Thickness of the layers among which an unlabelled floor is looked for, in metres.
LAYER = 0.05
#: Width of the cells in which a plan is counted, in metres.
CELL = 0.10
#: An unlabelled floor covers at least this share of the fullest layer.
COVER = 0.5
#: Less than this is no floor, in square metres.
LEAST_AREA = 1.0
#: More than this, in square metres, is no room: the points are no measurement.
MOST_AREA = 1e6
#: A room is at least this high, in metres.
LEAST_HEIGHT = 1.5
#: Walls tell the height only where this share of their length ends this near to one height.
TOPS = 0.5
TOP_SPREAD = 0.15
#: Points farther from the origin than this, in metres, are no measurement.
FARTHEST = 1e4


def fit_room(
    floor: npt.ArrayLike = NONE,
    things: npt.ArrayLike = NONE,
    walls: npt.ArrayLike = NONE,
    ceiling: npt.ArrayLike = NONE,
) -> Room:
    """Return what points (n, 3) of a room, sorted by what they are part of, tell of it.

    ``polygon`` is the outline of the floor, counter-clockwise and simple; ``area``
    is that of the polygon. What stands on the floor belongs to it: holes are filled,
    and ``things`` (furniture and whatever else is inside) count as floor where they
    cover it. ``walls`` bound it. Without labelled floor, the lowest large level of all
    other points is taken. ``height`` comes from the ceiling, else from the tops of
    walls that end at one height. ``center`` is the middle of the outline at half the
    height. What can't be told is None; ``lacking`` says why.
    """
    ground, rest, sides, above = (_usable(part) for part in (floor, things, walls, ceiling))
    if len(ground) < LEAST_POINTS:
        ground = find_floor(np.concatenate([ground, rest, sides]))
    if len(ground) < LEAST_POINTS:
        return Room()
    level = float(np.median(ground[:, 2]))
    ground = ground[np.abs(ground[:, 2] - level) <= LEVEL]
    others = np.concatenate([rest, sides])
    others = others[others[:, 2] >= level - LEVEL]
    polygon = _polygon(ground[:, :2], others[:, :2], bounded=len(sides) >= LEAST_POINTS)
    height = _height(level, sides, above)
    area, middle = _area_and_middle(polygon) if len(polygon) else (0.0, (0.0, 0.0))
    if not LEAST_AREA <= area <= MOST_AREA:
        return Room(height=height)
    center = None if height is None else (middle[0], middle[1], level + 0.5 * height)
    corners = tuple((float(x), float(y)) for x, y in polygon)
    return Room(area=area, center=center, height=height, polygon=corners)


def lacking(room: Room) -> tuple[Note, ...]:
    """Return a note for each thing that ``fit_room`` could not tell."""
    notes = []
    if room.area is None:
        notes.append(Note("no_floor", "no area of floor is found: the room's size can't be asked"))
    if room.height is None:
        detail = "neither a ceiling nor walls that end at one height: the room's height is unknown"
        notes.append(Note("no_ceiling", detail))
    return tuple(notes)


def find_floor(points: Floats) -> Floats:
    """Return the points (k, 3) of the lowest large level among points (n, 3); k may be 0.

    A level is a layer of LAYER and half of its neighbours; how large it is is counted
    in cells of the plan, so that walls and dense spots weigh little.
    """
    if len(points) < LEAST_POINTS:
        return NONE
    heights = points[:, 2]
    layer = np.rint((heights - heights.min()) / LAYER).astype(np.int64)
    plan, cell = distinct(cells_of(points[:, :2], CELL))
    pairs = np.unique(layer * len(plan.places) + cell)
    covered = np.bincount(pairs // len(plan.places)) * plan.side**2
    large = (covered >= COVER * covered.max()) & (covered >= LEAST_AREA)
    if not large.any():
        return NONE
    lowest = int(np.argmax(large))
    # The fullest of the layers that the floor's noise may spread over.
    best = lowest + int(np.argmax(covered[lowest : lowest + 3]))
    middle = np.median(heights[layer == best])
    return np.asarray(points[np.abs(heights - middle) <= LAYER])


def _usable(points: npt.ArrayLike) -> Floats:
    cloud = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    with np.errstate(invalid="ignore"):
        return np.asarray(cloud[(np.abs(cloud) <= FARTHEST).all(axis=1)])


def _polygon(ground: Floats, others: Floats, bounded: bool) -> Floats:
    """Return the outline of floor points (n, 2) with what covers and bounds them, (k, 2)."""
    middle = 0.5 * (ground.min(axis=0) + ground.max(axis=0))
    distance = _usual_distance(ground)
    radius = max(CLOSING, SPARSE * distance)
    margin = 0.0 if bounded else BEYOND * distance
    low, high = ground.min(axis=0) - 2 * radius, ground.max(axis=0) + 2 * radius
    beside = others[((others >= low) & (others <= high)).all(axis=1)]
    plan = np.concatenate([ground, beside]) - middle
    # The grid lies along the room's sides, so that straight ones stay straight.
    angle = smallest_rectangle(convex_hull(plan), tie=0.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(outline(plan @ turn, radius, SPACING, margin) @ turn.T + middle)


def _usual_distance(points: Floats) -> float:
    """Return the distance at which points (n, 2), spread over the same area evenly, would be."""
    side = CELL
    while True:
        cells, cell = distinct(cells_of(points, side))
        if len(cells.places) * 4 <= len(points) or len(cells.places) == 1:
            full = np.bincount(cell)
            return float(cells.side / np.sqrt(np.median(full)))
        side *= 2


def _height(level: float, walls: Floats, ceiling: Floats) -> float | None:
    if len(ceiling) >= LEAST_POINTS:
        height = float(np.median(ceiling[:, 2])) - level
        return height if height >= LEAST_HEIGHT else None
    if len(walls) < LEAST_POINTS:
        return None
    columns, column = distinct(cells_of(walls[:, :2], CELL))
    tops = np.full(len(columns.places), -np.inf)
    np.maximum.at(tops, column, walls[:, 2])
    top = float(np.quantile(tops, 1 - 0.5 * TOPS))
    near = np.abs(tops - top) <= TOP_SPREAD
    height = top - level
    return height if near.mean() >= TOPS and height >= LEAST_HEIGHT else None


def _area_and_middle(polygon: Floats) -> tuple[float, tuple[float, float]]:
    """Return the area and the centroid of a counter-clockwise polygon (k, 2)."""
    origin = polygon[0]
    start = polygon - origin
    end = np.roll(start, -1, axis=0)
    twice = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    area = 0.5 * float(twice.sum())
    x, y = origin + ((start + end) * twice[:, None]).sum(axis=0) / (6 * area)
    return area, (float(x), float(y))
