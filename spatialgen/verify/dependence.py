"""Does an answer depend on the room, or does the program hold it?"""

import ast
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spatialgen.graph.build import SceneGraph, build
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.results import same
from spatialgen.programs.world import world
from spatialgen.records import Box, Frame, Room, Scene, SceneObject, Value, Vec3
from spatialgen.verify.answers import spoken
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.uses import numbers_in, parse

#: In so many other rooms a program is run, and so many must give an answer to compare.
ROOMS = 8
ENOUGH = 3

#: Lengths of another room are those of this one times a factor between these.
FACTORS = (0.6, 1.6)


def rearranged(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return another room: of another size, its things and the camera's places exchanged.

    Every object takes the box of another, every frame pose and sightings of another, and
    first sightings are exchanged too. Of categories with several objects some are missing.
    """
    factor = float(rng.uniform(*FACTORS))
    things = scene.objects
    boxes = [_scaled(things[i].box, factor) for i in rng.permutation(len(things))]
    missing = _missing(scene, rng)
    kept = tuple(
        replace(thing, box=box)
        for thing, box in zip(things, boxes, strict=True)
        if thing.id not in missing
    )
    counts = dict(scene.counts)
    for thing in things:
        if thing.id in missing:
            counts[thing.label] = max(1, counts.get(thing.label, 1) - 1)
    ids = [thing.id for thing in things]
    takes = dict(zip(ids, (ids[i] for i in rng.permutation(len(ids))), strict=True))
    return replace(
        scene,
        objects=kept,
        counts=counts,
        room=_scaled_room(scene.room, factor),
        frames=_refilmed(scene, takes, missing, rng),
        first_seen={
            takes[id]: time_s * factor
            for id, time_s in sorted(scene.first_seen.items())
            if takes[id] not in missing
        },
    )


def _scaled(box: Box, factor: float) -> Box:
    return Box(_times(box.center, factor), _times(box.size, factor), box.axes)


def _scaled_room(room: Room, factor: float) -> Room:
    return Room(
        area=room.area and room.area * factor**2,
        center=room.center and _times(room.center, factor),
        height=room.height and room.height * factor,
        polygon=room.polygon and tuple((x * factor, y * factor) for x, y in room.polygon),
    )


def _times(vector: Vec3, factor: float) -> Vec3:
    x, y, z = vector
    return (x * factor, y * factor, z * factor)


def _missing(scene: Scene, rng: np.random.Generator) -> set[str]:
    # At random, of every category with several, but never the last.
    by_label: dict[str, list[SceneObject]] = {}
    for thing in scene.objects:
        by_label.setdefault(thing.label, []).append(thing)
    missing: set[str] = set()
    for label in sorted(by_label):
        some = by_label[label]
        count = int(rng.integers(0, len(some)))
        missing.update(some[i].id for i in rng.permutation(len(some))[:count])
    return missing


def _refilmed(
    scene: Scene, takes: dict[str, str], missing: set[str], rng: np.random.Generator
) -> tuple[Frame, ...]:
    frames = scene.frames
    sources = [frames[i] for i in rng.permutation(len(frames))]
    return tuple(
        replace(
            frame,
            pose=source.pose,
            seen={
                takes[id]: each
                for id, each in sorted(source.seen.items())
                if takes[id] not in missing
            },
        )
        for frame, source in zip(frames, sources, strict=True)
    )


def rearranged_stages(
    graph: SceneGraph, executor: Executor, rng: np.random.Generator
) -> tuple[Stage, ...]:
    """Return `ROOMS` other rooms, loaded."""
    return tuple(executor.stage(world(build(rearranged(graph.scene, rng)))) for _ in range(ROOMS))


def check_dependence(
    draft: Draft, value: Value, executor: Executor, rooms: Sequence[Stage]
) -> Check:
    """Run the program in other rooms, where the answer should not always be the same.

    Reasons: ``always_same`` (at least `ENOUGH` rooms give an answer, and it is this one
    everywhere), ``answer_in_program`` (no other room gives another answer, and the program
    holds this one as a constant).
    """
    answers = [
        each.value for each in (executor.run(draft.program, room) for room in rooms) if each.ok
    ]
    figures: dict[str, Value] = {"rooms": len(rooms), "answered": len(answers)}
    others = sum(not same(answer, value) for answer in answers)
    figures["other_answers"] = others
    if others == 0 and len(answers) >= ENOUGH:
        detail = f"the answer is {value!r} in {len(answers)} rooms with other arrangements too"
        return Check("dependence", "always_same", detail, figures)
    if others == 0 and _holds(draft, value):
        detail = f"the program holds {value!r} and gives no other answer in any other room"
        return Check("dependence", "answer_in_program", detail, figures)
    return Check("dependence", figures=figures)


def _holds(draft: Draft, value: Value) -> bool:
    tree = parse(draft.program)
    if tree is None:
        return False
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    if spoken(draft, value) in texts:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return any(abs(number - abs(value)) < 1e-9 for number in numbers_in(tree))
