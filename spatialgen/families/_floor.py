"""How much of the floor a video shows."""

import numpy as np

from spatialgen.cameras import inside, project, to_camera
from spatialgen.graph.boxes import Floats, bounds
from spatialgen.graph.build import SceneGraph
from spatialgen.graph.relations import point_in_polygon

#: Points across the floor's outline, each way.
ACROSS = 24


def floor_in_view(graph: SceneGraph) -> float | None:
    """Return the share of the floor that lies in the view of any frame.

    Of a grid of points within the outline; what stands in front of them does not
    count. None without frames, an outline or a height to put it at.
    """
    points = _floor_points(graph)
    if points is None or not graph.scene.frames:
        return None
    seen = np.zeros(len(points), dtype=np.bool_)
    for frame in graph.scene.frames:
        local = to_camera(np.array(frame.pose), points)
        seen |= inside(frame.camera, project(frame.camera, local))
    return float(seen.mean())


def _floor_points(graph: SceneGraph) -> Floats | None:
    """Return a grid of points on the floor, (n, 3); None where the floor is not known."""
    room = graph.scene.room
    level = _floor_level(graph)
    if room.polygon is None or level is None:
        return None
    outline = np.array(room.polygon)
    low, high = outline.min(axis=0), outline.max(axis=0)
    steps = (np.arange(ACROSS) + 0.5) / ACROSS
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) * (high - low) + low
    held = grid[point_in_polygon(outline, grid)]
    return np.column_stack([held, np.full(len(held), level)]) if len(held) else None


def _floor_level(graph: SceneGraph) -> float | None:
    # Half the room's height below its middle, else where the lowest thing begins.
    room = graph.scene.room
    if room.center is not None and room.height is not None:
        return room.center[2] - room.height / 2
    return float(bounds(graph.boxes)[:, 0, 2].min()) if graph.scene.objects else None
