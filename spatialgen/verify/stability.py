"""Would the answer be the same had the scene been annotated, and its video tracked, anew?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spatialgen.graph.build import SceneGraph, build
from spatialgen.programs.executor import Executor, Stage
from spatialgen.records import Box, Frame, Scene, Sighting, Value
from spatialgen.verify.answers import agree
from spatialgen.verify.draft import Check, Draft

#: How many times a scene is annotated anew.
ROUNDS = 8

#: Annotation noise, as standard deviations: box centre and side length per axis,
#: rotation about the vertical, floor area (a share of it).
CENTER_M = 0.02
SIDE_M = 0.02
YAW_DEG = 2.0
AREA_SHARE = 0.02

#: No side shrinks below this share of itself.
MIN_SHARE = 0.5

#: The same of a video: the camera's place per axis, its direction about each axis,
#: the time at which an object first shows (three frames of most videos), the
#: visible fraction, and the edges of a 2D box (a share of the picture's side).
CAMERA_M = 0.02
CAMERA_DEG = 0.5
FIRST_SEEN_S = 0.1
FRACTION = 0.05
EDGE_SHARE = 0.01


def jitter(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return the scene as if annotated anew: every box moved, resized and turned a little.

    So is the camera in every frame. What it sees changes a little: an object may
    pass the share from which on it counts as visible, either way. The noise is
    Gaussian with the deviations above, cut off at twice each.
    """
    moved = [replace(thing, box=_jitter_box(thing.box, rng)) for thing in scene.objects]
    area = scene.room.area
    if area is not None:
        area *= 1 + AREA_SHARE * float(_noise(rng, 1)[0])
    return replace(
        scene,
        objects=tuple(moved),
        room=replace(scene.room, area=area),
        frames=tuple(_jitter_frame(frame, rng) for frame in scene.frames),
        first_seen={
            id: max(0.0, time_s + FIRST_SEEN_S * float(_noise(rng, 1)[0]))
            for id, time_s in sorted(scene.first_seen.items())
        },
    )


def _noise(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    return np.clip(rng.standard_normal(count), -2.0, 2.0)


def _jitter_box(box: Box, rng: np.random.Generator) -> Box:
    center = np.asarray(box.center) + CENTER_M * _noise(rng, 3)
    size = np.asarray(box.size)
    size = np.maximum(size + SIDE_M * _noise(rng, 3), MIN_SHARE * size)
    yaw = np.radians(YAW_DEG) * _noise(rng, 1)[0]
    turn = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    x, y, z = (np.asarray(box.axes) @ turn).tolist()
    return Box(tuple(center.tolist()), tuple(size.tolist()), (tuple(x), tuple(y), tuple(z)))


def _jitter_frame(frame: Frame, rng: np.random.Generator) -> Frame:
    pose = np.array(frame.pose)
    noise = _noise(rng, 6)
    pose[:, :3] = _small_turn(np.radians(CAMERA_DEG) * noise[:3]) @ pose[:, :3]
    pose[:, 3] += CAMERA_M * noise[3:]
    a, b, c = (tuple(row) for row in pose.tolist())
    return replace(frame, pose=(a, b, c), seen=_jitter_seen(frame, rng))


def _small_turn(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation (3, 3) about a vector (3,) by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = vector / angle
    across = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: NDArray[np.float64] = (
        np.eye(3) + np.sin(angle) * across + (1.0 - np.cos(angle)) * (across @ across)
    )
    return turn


def _jitter_seen(frame: Frame, rng: np.random.Generator) -> dict[str, Sighting]:
    # All that a frame shows at once: one row of noise for each object.
    ids = sorted(frame.seen)
    old = [frame.seen[id] for id in ids]
    noise = _noise(rng, 5 * len(ids)).reshape(len(ids), 5)
    fractions = np.clip([each.fraction for each in old] + FRACTION * noise[:, 0], 0.0, 1.0)
    last = np.array([frame.camera.width, frame.camera.height] * 2) - 1
    boxes = np.array([each.box_px for each in old]).reshape(len(ids), 4)
    boxes = np.clip(boxes + EDGE_SHARE * (last + 1) * noise[:, 1:], 0, last)
    return {
        id: _again(each, fraction, box)
        for id, each, fraction, box in zip(
            ids, old, fractions.tolist(), boxes.tolist(), strict=True
        )
        if fraction > 0
    }


def _again(old: Sighting, fraction: float, box_px: list[float]) -> Sighting:
    x0, y0, x1, y1 = box_px
    pixels = old.pixels * fraction / old.fraction if old.fraction > 0 else old.pixels
    return Sighting(
        box_px=(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)),
        fraction=fraction,
        pixels=max(1, round(pixels)),
        truncated=old.truncated,
    )


def jittered_graphs(graph: SceneGraph, rng: np.random.Generator) -> list[SceneGraph]:
    """Return `ROUNDS` graphs of the scene under annotation noise."""
    return [build(jitter(graph.scene, rng)) for _ in range(ROUNDS)]


def check_stability(
    draft: Draft, value: Value, executor: Executor, stages: Sequence[Stage]
) -> Check:
    """Run the program again on jittered scenes; every answer must agree with the first.

    Reason ``unstable``: a choice that flips, a count that changes, a measure that
    moves past the scoring tolerance, or a program that fails. Stops at the first.
    """
    spread = 0.0
    for done, stage in enumerate(stages, start=1):
        again = executor.run(draft.program, stage)
        if not (again.ok and agree(draft, value, again.value)):
            other = repr(again.value) if again.ok else f"{again.outcome}: {again.detail}"
            detail = f"{value!r} becomes {other} under annotation noise (try {done})"
            return Check("stability", "unstable", detail[:300], {"rounds": done})
        if isinstance(again.value, int | float) and isinstance(value, int | float):
            spread = max(spread, abs(again.value - value))
    figures: dict[str, Value] = {"rounds": len(stages)}
    if draft.kind == "number":
        figures["spread"] = round(spread, 4)
    return Check("stability", figures=figures)
