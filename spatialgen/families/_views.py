"""What families about frames share: where the camera is, and what it shows clearly.

Directions on the floor are (x, y); degrees go to the left, from where the camera looks.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, zip_longest

import numpy as np
from numpy.typing import NDArray

from spatialgen.family import MOST_DRAWN, alternating, draw_tuples, in_turns, named_frames
from spatialgen.graph.boxes import corners, stack
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Box, Frame, SceneObject, Vec3
from spatialgen.verify.draft import Draft, Margin

Floats = NDArray[np.float64]

#: Writes a question about what the camera did between two frames.
Asker = Callable[[SceneGraph, np.random.Generator, Frame, Frame], Draft]

#: What a question names in a frame shows by this share of itself, and of the picture.
CLEAR_FRACTION = 0.3
CLEAR_SHARE = 0.001

#: The language's `visible` begins at 16 pixels; what is clear has half as many more.
CLEAR_PIXELS = 24

#: A camera that looks steeper up or down than this has no clear heading.
OFF_VERTICAL_DEG = 30.0

#: Nearer to the camera than this directions are moot, and so are ways as short.
NEAREST_M = 0.5

#: A direction keeps this far from the edges of its quarter, on both sides.
EDGE_DEG = 10.0

#: So many of an object's eight corners lie in the quarter of its centre.
CORNERS = 6

#: Two frames that show so many objects clearly show the way between them.
SHARED = 2


def is_clear(frame: Frame, thing: SceneObject) -> bool:
    """Tell whether a frame shows an object well enough to ask about it there."""
    return all(margin.value >= margin.needed for margin in clear_view(frame, thing))


def clear_view(frame: Frame, *things: SceneObject) -> tuple[Margin, ...]:
    """Return the margins that a frame shows every one of these objects well enough."""
    sightings = [frame.seen.get(thing.id) for thing in things]
    fractions = [sighting.fraction if sighting else 0.0 for sighting in sightings]
    pixels = [sighting.pixels if sighting else 0 for sighting in sightings]
    return (
        Margin("visible_fraction", min(fractions), CLEAR_FRACTION),
        Margin("pixels", min(pixels), CLEAR_PIXELS),
        Margin(
            "picture_share", min(pixels) / (frame.camera.width * frame.camera.height), CLEAR_SHARE
        ),
    )


def frame_pairs(graph: SceneGraph, rng: np.random.Generator) -> Iterator[tuple[Frame, Frame]]:
    """Yield different pairs (first, last) of frames with names, drawn.

    Most pairs lie far apart, so those that are enough by themselves take turns with the rest.
    """
    kinds: dict[bool, list[tuple[Frame, Frame]]] = {True: [], False: []}
    for first, last in combinations(named_frames(graph), 2):
        kinds[_share_enough(graph, first, last)].append((first, last))
    near, far = (draw_tuples(rng, pairs, 1, MOST_DRAWN // 2) for pairs in kinds.values())
    for both in zip_longest(near, far):
        yield from (pair for drawn in both if drawn for pair in drawn)


def which_and_how_far(
    graph: SceneGraph, rng: np.random.Generator, which: Asker, how_far: Asker
) -> Iterator[Draft]:
    """Ask about pairs of frames, which way and how far in turns."""
    ways: list[Draft] = []
    lengths: list[Draft] = []
    for first, last in frame_pairs(graph, rng):
        if rng.random() < 0.5:
            ways.append(which(graph, rng, first, last))
        else:
            lengths.append(how_far(graph, rng, first, last))
    return alternating(in_turns(rng, graph, ways), lengths)


def needed_frames(graph: SceneGraph, first: Frame, last: Frame) -> tuple[int, ...]:
    """Return the indices of two frames if they show enough to see the way between them, else all.

    All of them, not the whole video: whoever is asked must find the two by their times.
    """
    enough = _share_enough(graph, first, last)
    return (first.index, last.index) if enough else all_frames(graph)


def _share_enough(graph: SceneGraph, first: Frame, last: Frame) -> bool:
    things = graph.scene.objects
    both = [thing for thing in things if thing.id in first.seen and thing.id in last.seen]
    shared = sum(is_clear(first, thing) and is_clear(last, thing) for thing in both)
    return shared >= SHARED


def all_frames(graph: SceneGraph) -> tuple[int, ...]:
    """Return the indices of all frames that questions may be about, in the order of time."""
    return tuple(frame.index for frame in graph.scene.frames)


def position(frame: Frame) -> Floats:
    """Return where the camera is, (3,)."""
    return np.array([row[3] for row in frame.pose])


def off_vertical(*frames: Frame) -> Margin:
    """Return the margin that a camera's heading is clear in all of these frames."""
    rises = [abs(frame.pose[2][2]) for frame in frames]
    angle = float(np.degrees(np.arccos(min(1.0, max(rises)))))
    return Margin("off_vertical_deg", angle, OFF_VERTICAL_DEG)


def left_of_heading_deg(frame: Frame, ways: Floats) -> Floats:
    """Return by how much ways (n, 2) are to the left of where a camera looks, (n,) in [0, 360)."""
    x, y = frame.pose[0][2], frame.pose[1][2]
    across = x * ways[:, 1] - y * ways[:, 0]
    angles: Floats = np.degrees(np.arctan2(across, ways @ np.array([x, y]))) % 360
    return np.where(angles < 360, angles, 0.0)  # an angle just below zero rounds up to 360


def bearings_deg(frame: Frame, points: Floats) -> Floats:
    """Return the directions from the camera to points (n, 3), as `left_of_heading_deg` does."""
    return left_of_heading_deg(frame, (points - position(frame))[:, :2])


def way(first: Frame, last: Frame) -> Floats:
    """Return the way of the camera between two frames, (3,)."""
    return position(last) - position(first)


def turn_deg(first: Frame, last: Frame) -> float:
    """Return how far the camera turned left between two frames, in [-180, 180)."""
    ahead = np.array([[last.pose[0][2], last.pose[1][2]]])
    turned = float(left_of_heading_deg(first, ahead)[0])
    return (turned + 180.0) % 360.0 - 180.0


def quarter(turn: float, names: Sequence[str]) -> str:
    """Return the quarter that a turn in [0, 360) is in; the first of four is centred ahead."""
    return names[int((turn + 45.0) % 360.0 // 90.0)]


def quarter_edge(turn: float) -> Margin:
    """Return the margin from a turn to the nearest edge of any quarter."""
    beyond = (turn + 45.0) % 90.0
    return Margin("edge_deg", min(beyond, 90.0 - beyond), EDGE_DEG)


def in_quarter(frame: Frame, box: Box) -> Margin:
    """Return the margin that most of a box is in the quarter of its centre."""
    points = np.concatenate([np.array([box.center]), corners(stack([box]))[0]])
    found = (bearings_deg(frame, points) + 45.0) % 360.0 // 90.0
    return Margin("corners_in_quarter", int((found[1:] == found[0]).sum()), CORNERS)


def distance_to(frame: Frame, point: Vec3) -> float:
    """Return how far from the camera a point is."""
    return float(np.linalg.norm(np.array(point) - position(frame)))


def closest_distance_to(frame: Frame, box: Box) -> float:
    """Return how far from the camera the nearest point of a box is."""
    local = np.array(box.axes) @ (position(frame) - np.array(box.center))
    beyond = np.maximum(np.abs(local) - np.array(box.size) / 2, 0.0)
    return float(np.linalg.norm(beyond))
