"""Small scenes whose every answer can be worked out on paper.

Builders make records; `graph_of` and `world_of` take them the way real scenes
go. Lengths in metres, angles in degrees.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from spatialgen.graph.build import SceneGraph, build
from spatialgen.programs.language import Scene as Asked
from spatialgen.programs.world import World, world
from spatialgen.records import Box, Camera, Frame, Room, Scene, SceneObject, Sighting, Vec3

Axes = tuple[Vec3, Vec3, Vec3]

UPRIGHT: Axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

#: Exactly a quarter turn to the left; and leaning over by 45 degrees about Y.
QUARTER: Axes = ((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
R = math.sqrt(0.5)
LEANING: Axes = ((R, 0.0, R), (0.0, 1.0, 0.0), (-R, 0.0, R))

CAMERA = Camera(fx=500.0, fy=500.0, cx=320.0, cy=240.0, width=640, height=480)
SIGHTING = Sighting((100.0, 120.0, 220.0, 300.0), 0.8, pixels=15_000, truncated=False)


def thing(id: str, center: Vec3, size: Vec3, axes: Axes = UPRIGHT) -> SceneObject:
    """Return an object named like ``chair-2``: the label is what stands before the dash."""
    return SceneObject(id, id.rpartition("-")[0], Box(center, size, axes))


def level_frame(
    index: int, time_s: float, position: Vec3, heading_deg: float, seen: Sequence[str] = ()
) -> Frame:
    """Return a frame of a camera held level that looks along ``heading_deg`` (from +X)."""
    cos, sin = math.cos(math.radians(heading_deg)), math.sin(math.radians(heading_deg))
    x, y, z = position
    pose = ((sin, 0.0, cos, x), (-cos, 0.0, sin, y), (0.0, -1.0, 0.0, z))
    return Frame(index, time_s, pose, CAMERA, {id: SIGHTING for id in seen})


def scene_of(
    things: Sequence[SceneObject],
    counts: Mapping[str, int] | None = None,
    room: Room | None = None,
    frames: Sequence[Frame] = (),
) -> Scene:
    """Return a scene; without ``counts`` each label counts its boxes."""
    counted = Counter(one.label for one in things)
    first_seen: dict[str, float] = {}
    for frame in frames:
        for id in frame.seen:
            first_seen.setdefault(id, frame.time_s)
    return Scene(
        dataset="hand",
        name="made",
        space="made",
        objects=tuple(things),
        counts={**counted, **(counts or {})},
        room=room or Room(),
        frames=tuple(frames),
        first_seen=first_seen,
    )


def graph_of(things: Sequence[SceneObject], **rest: object) -> SceneGraph:
    """Return the graph of ``scene_of(things, ...)``."""
    return build(scene_of(things, **rest))


def world_of(scene: Scene, order: Sequence[int] | None = None) -> World:
    """Return what programs see of a scene."""
    return world(build(scene), order)


def backwards(scene: Scene) -> World:
    """Return what programs see of a scene, its objects listed in reverse."""
    return world_of(scene, range(len(scene.objects) - 1, -1, -1))


def asked(scene: Scene, order: Sequence[int] | None = None) -> Asked:
    """Return the query language's view of a scene, under CPython."""
    return Asked(world_of(scene, order))


def living_room() -> Scene:
    """Return a furnished room with a video of three frames.

    Seen from above (x to the right, y up): the table in the middle, a chair at
    either end of it, equally far; the sofa behind, turned by 90 degrees; the
    cabinet with a book in it behind to the right, a board leaning behind to the
    left. A lamp stands on the table, a cushion on the sofa. Of the three
    cushions that are counted only one has a box.
    """
    things = [
        thing("table-1", (0.0, 0.0, 0.375), (2.0, 1.0, 0.75)),
        thing("chair-2", (-2.0, 0.0, 0.5), (0.5, 0.5, 1.0)),
        thing("chair-1", (2.0, 0.0, 0.5), (0.5, 0.5, 1.0)),
        thing("lamp-1", (0.5, 0.0, 1.0), (0.2, 0.2, 0.5)),
        thing("sofa-1", (0.0, 3.0, 0.4), (2.0, 1.0, 0.8), QUARTER),
        thing("cushion-1", (0.0, 3.75, 0.9), (0.4, 0.4, 0.2)),
        thing("cabinet-1", (3.0, 3.0, 1.0), (1.0, 1.0, 2.0)),
        thing("book-1", (3.0, 3.0, 1.5), (0.2, 0.3, 0.1)),
        thing("board-1", (-3.0, 3.0, 1.0), (2 * R, 0.5, 2 * R), LEANING),
    ]
    outline = ((-5.0, -3.0), (5.0, -3.0), (5.0, 5.0), (-5.0, 5.0))
    frames = (
        level_frame(0, 0.0, (0.0, -3.0, 1.5), 90.0, ["table-1", "lamp-1"]),
        level_frame(5, 0.5, (1.0, -2.0, 1.5), 120.0, ["table-1", "sofa-1", "chair-2"]),
        level_frame(10, 1.0, (1.0, -2.0, 2.0), 0.0, ["chair-1"]),
    )
    room = Room(area=80.0, center=(0.0, 1.0, 1.25), height=2.5, polygon=outline)
    return scene_of(things, {"cushion": 3}, room, frames)


def without(scene: Scene, id: str) -> Scene:
    """Return the scene as if nobody had drawn a box around one of its objects."""
    return replace(
        scene,
        objects=tuple(one for one in scene.objects if one.id != id),
        frames=tuple(
            replace(frame, seen={key: each for key, each in frame.seen.items() if key != id})
            for frame in scene.frames
        ),
        first_seen={key: time_s for key, time_s in scene.first_seen.items() if key != id},
    )


def without_video(scene: Scene) -> Scene:
    """Return the scene as if nobody had filmed it."""
    return replace(scene, frames=(), first_seen={})


def carried(scene: Scene, turn_deg: float, by: Vec3 = (0.0, 0.0, 0.0)) -> Scene:
    """Return the scene turned to the left about the world's Z axis, then moved ``by``."""
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return _mapped(scene, ((cos, -sin), (sin, cos)), by)


def mirrored(scene: Scene) -> Scene:
    """Return the scene as in a mirror that stands on the X axis: left and right swapped."""
    return _mapped(scene, ((1.0, 0.0), (0.0, -1.0)), (0.0, 0.0, 0.0))


def _mapped(scene: Scene, xy: tuple[tuple[float, float], tuple[float, float]], by: Vec3) -> Scene:
    def way(v: Sequence[float]) -> Vec3:
        (a, b), (c, d) = xy
        return (a * v[0] + b * v[1], c * v[0] + d * v[1], v[2])

    def place(v: Sequence[float]) -> Vec3:
        x, y, z = way(v)
        return (x + by[0], y + by[1], z + by[2])

    def frame(old: Frame) -> Frame:
        right, down, ahead, position = zip(*old.pose, strict=True)
        columns = (way(right), way(down), way(ahead), place(position))
        return replace(old, pose=tuple(zip(*columns, strict=True)))

    things = [
        replace(one, box=Box(place(one.box.center), one.box.size, tuple(map(way, one.box.axes))))
        for one in scene.objects
    ]
    centre, outline = scene.room.center, scene.room.polygon
    room = replace(
        scene.room,
        center=centre and place(centre),
        polygon=outline and tuple(place((x, y, 0.0))[:2] for x, y in outline),
    )
    frames = tuple(map(frame, scene.frames))
    return replace(scene, objects=tuple(things), room=room, frames=frames)
