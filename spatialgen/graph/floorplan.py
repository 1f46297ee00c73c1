"""The free floor: what stands in the way, and how near a straight walk comes to it.

Seen from above every box is its footprint and the walls are the room's
outline. Distances are exact, of many straight pieces to all footprints at once.
All lengths are metres.
"""

from dataclasses import dataclass

import numpy as np

from spatialgen.graph.boxes import Floats, Ints, bounds, footprints
from spatialgen.graph.build import SceneGraph
from spatialgen.graph.relations import Truths, point_in_polygon, rests_on
from spatialgen.labels import is_structural

#: One steps over what ends below a doorstep, and walks under what begins above one's head.
DOORSTEP_M = 0.10
HEAD_M = 1.8

#: Half of a person's width: standing at a thing means being this far from it.
BODY_M = 0.25

#: So near to where a walk begins or ends the walls do not count: a door is in one.
AT_WALL_M = 0.5

#: A wall, annotated as an object, is an upright board where its box is no thicker, but taller.
BOARD_M = 0.5

#: A shorter way has no direction, and a smaller sine no crossing.
NOWHERE = 1e-12

#: Distances of pieces to edges that are computed at once, so that memory stays flat.
CHUNK = 2**18


@dataclass(frozen=True, eq=False)
class FloorPlan:
    """The footprints of n objects as edges, and which of the objects are in the way.

    ``edges`` (e, 2, 2) are (from, to) points, counter-clockwise, one object after
    the other; ``owners`` (e,) are the objects' indices. ``solid`` (n,) tells which
    footprints have an inside. ``reachable`` and ``blocking`` (n,) tell which objects
    begin below head height, and which of them end above a doorstep. ``stacks``
    (n, n) tells which objects carry each other, directly or not. ``outline``
    (k, 2) is the floor's, or None where it is not known.
    """

    edges: Floats
    owners: Ints
    solid: Truths
    reachable: Truths
    blocking: Truths
    stacks: Truths
    outline: Floats | None


def floor_plan(graph: SceneGraph) -> FloorPlan:
    """Return the plan of a scene with at least one object; its floor is where the lowest starts.

    Of the building's parts only upright boards are in the way: the box of a wall that
    goes round a corner spans the room, and a floor's or a ceiling's does so too.
    """
    outlines = footprints(graph.boxes)
    counts = [len(outline) for outline in outlines]
    low_high = bounds(graph.boxes)[:, :, 2]
    heights = low_high - low_high.min()
    built = np.array([is_structural(thing.label) for thing in graph.scene.objects])
    reachable = heights[:, 0] < HEAD_M
    blocking = reachable & (heights[:, 1] > DOORSTEP_M)
    boards = (graph.boxes.sizes.min(axis=1) <= BOARD_M) & (np.ptp(low_high, axis=1) > BOARD_M)
    blocking &= ~built | boards
    polygon = graph.scene.room.polygon
    return FloorPlan(
        edges=np.concatenate([_edges(outline) for outline in outlines]),
        owners=np.repeat(np.arange(len(counts)), counts),
        solid=np.array(counts) >= 3,
        reachable=reachable,
        blocking=blocking,
        stacks=_connected(rests_on(graph.boxes) & blocking[:, None] & blocking[None, :]),
        outline=None if polygon is None else np.array(polygon, dtype=np.float64),
    )


def clearances(plan: FloorPlan, starts: Floats, ends: Floats) -> Floats:
    """Return how near straight pieces (m, 2), (m, 2) come to each footprint, (m, n).

    0 where a piece crosses a footprint or lies in it.
    """
    first = _first_edges(plan)
    found = [np.empty((0, len(first)))]
    rows = max(1, CHUNK // len(plan.edges))
    for at in range(0, len(starts), rows):
        start, end = starts[at : at + rows], ends[at : at + rows]
        near = np.minimum.reduceat(_distances(start, end, plan.edges), first, axis=1)
        found.append(np.where(inside(plan, start), 0.0, near))
    return np.concatenate(found)


def inside(plan: FloorPlan, points: Floats) -> Truths:
    """Return which points (m, 2) lie in which footprint, edge included, (m, n)."""
    along = plan.edges[:, 1] - plan.edges[:, 0]
    left_of = _cross(along, points[:, None] - plan.edges[:, 0]) >= 0.0
    within: Truths = np.logical_and.reduceat(left_of, _first_edges(plan), axis=1)
    return within & plan.solid


def _first_edges(plan: FloorPlan) -> Ints:
    return np.searchsorted(plan.owners, np.arange(len(plan.solid)))


def wall_clearances(outline: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return how near straight pieces (m, 2), (m, 2) come to the walls, (m,).

    0 where a piece crosses an outline (k, 2), negative where it lies outside.
    """
    near = _distances(starts, ends, _edges(outline)).min(axis=1)
    return np.asarray(np.where(point_in_polygon(outline, starts), near, -near))


@dataclass(frozen=True, eq=False)
class Walks:
    """m walks from thing to thing: where their straight pieces start and end, (m, legs, 2).

    Each piece heads for the centre of a thing and ends in front of it.
    ``length_m`` (m,) is that of the shortest piece, negative where two things leave
    no room to walk between; ``clear_m`` (m,) how near a walk comes to anything that
    it does not visit; ``walls_m`` (m,) how near to the walls, except where a piece
    starts and ends, or None where they are not known.
    """

    starts: Floats
    ends: Floats
    length_m: Floats
    clear_m: Floats
    walls_m: Floats | None


def walks(plan: FloorPlan, centers: Floats, stops: Ints) -> Walks:
    """Return the walks that visit ``stops`` (m, legs + 1), given all objects' ``centers`` (n, 2).

    They start in front of the first thing, on the side of the second. Of what a
    walk visits it may touch what carries it or lies on it too; it does not pass
    through a thing that it has just reached.
    """
    position = centers[stops[:, 0]]
    starts, ends, lengths, near = [], [], [], []
    for leg in range(stops.shape[1] - 1):
        left, aim = plan.stacks[stops[:, leg]], plan.stacks[stops[:, leg + 1]]
        way = centers[stops[:, leg + 1]] - position
        length = np.hypot(way[:, 0], way[:, 1])
        ahead = way / np.maximum(length, NOWHERE)[:, None]
        there = (inside(plan, position) & aim).any(axis=1)
        arriving = _crossings(plan, aim, position, way).min(axis=1, initial=1.0)
        finish = np.where(there, 0.0, arriving) * length - BODY_M
        begin = np.zeros(len(way))
        if leg == 0:
            leaving = _crossings(plan, left, position, way)
            begin += np.where(leaving <= 1.0, leaving, 0.0).max(axis=1) * length + BODY_M
        starts.append(position + begin[:, None] * ahead)
        position = position + finish[:, None] * ahead
        ends.append(position)
        lengths.append(finish - begin)
        apart = clearances(plan, starts[-1], position)
        passed = aim | ~plan.blocking | (left & (apart > 0.0))
        near.append(np.where(passed, np.inf, apart).min(axis=1))
    pieces = np.stack(starts, axis=1), np.stack(ends, axis=1)
    walls = None if plan.outline is None else _walls(plan.outline, *pieces)
    return Walks(*pieces, np.min(lengths, axis=0), np.min(near, axis=0), walls)


def _walls(outline: Floats, starts: Floats, ends: Floats) -> Floats:
    # Of each piece without its ends, or of its middle where it is short: (m, legs, 2) to (m,).
    way = ends - starts
    length = np.hypot(way[..., 0], way[..., 1])[..., None]
    cut = way * np.minimum(AT_WALL_M / np.maximum(length, NOWHERE), 0.5)
    first, last = (starts + cut).reshape(-1, 2), (ends - cut).reshape(-1, 2)
    near: Floats = wall_clearances(outline, first, last).reshape(way.shape[:2])
    return np.asarray(near.min(axis=1))


def _crossings(plan: FloorPlan, things: Truths, starts: Floats, ways: Floats) -> Floats:
    """Return the shares of ways (m, 2) at which they cross the outlines of their things, (m, e).

    ``things`` (m, n) picks outlines. What is not crossed has a share of infinity.
    """
    along = plan.edges[:, 1] - plan.edges[:, 0]
    offset = plan.edges[:, 0] - starts[:, None]
    sine = _cross(ways[:, None], along)
    slanted = np.abs(sine) > NOWHERE
    scale = np.where(slanted, sine, 1.0)
    share, on_edge = _cross(offset, along) / scale, _cross(offset, ways[:, None]) / scale
    met = slanted & things[:, plan.owners] & (on_edge >= 0.0) & (on_edge <= 1.0)
    met &= (share >= 0.0) & (share <= 1.0)
    return np.where(met, share, np.inf)


def _connected(touching: Truths) -> Truths:
    """Return which of n things hang together through any number of others, (n, n)."""
    found = touching | touching.T | np.eye(len(touching), dtype=bool)
    while True:
        wider = (found.astype(np.float64) @ found) > 0.0
        if (wider == found).all():
            return found
        found = wider


def _edges(outline: Floats) -> Floats:
    return np.stack([outline, np.roll(outline, -1, axis=0)], axis=1)


def _distances(starts: Floats, ends: Floats, edges: Floats) -> Floats:
    """Return the distances of pieces (m, 2), (m, 2) to edges (e, 2, 2), (m, e); 0 if they cross."""
    a, b = starts[:, None], ends[:, None]
    c, d = edges[None, :, 0], edges[None, :, 1]
    nearest = np.minimum(_to_segment(a, c, d), _to_segment(b, c, d))
    nearest = np.minimum(nearest, np.minimum(_to_segment(c, a, b), _to_segment(d, a, b)))
    apart = _cross(b - a, c - a) * _cross(b - a, d - a)
    across = _cross(d - c, a - c) * _cross(d - c, b - c)
    return np.where((apart < 0.0) & (across < 0.0), 0.0, nearest)


def _to_segment(points: Floats, start: Floats, end: Floats) -> Floats:
    along, offset = end - start, points - start
    squared = (along * along).sum(axis=-1)
    share = (offset * along).sum(axis=-1) / np.where(squared > 0.0, squared, 1.0)
    missing = offset - np.clip(share, 0.0, 1.0)[..., None] * along
    return np.asarray(np.hypot(missing[..., 0], missing[..., 1]))


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
