"""In which half of the picture does a frame show an object? (EmbSpatial)"""

import math
from collections.abc import Iterator

import numpy as np

from spatialgen.cameras import to_camera
from spatialgen.families._views import clear_view
from spatialgen.family import (
    Family,
    annotated_all,
    draw_tuples,
    frame_name,
    in_turns,
    nameable_labels,
    named_frames,
    pick,
)
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, SceneObject, Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference_views import seen_by_camera

SIDES = ("left", "right")

#: The middle of what is visible is this far from the middle of the picture, as a
#: share of its width, and this share of the 2D box lies in its half.
OFF_MIDDLE = 0.08
IN_HALF = 0.85

#: The object's centre is in the same half, by this angle.
BEARING_DEG = 2.0

#: By whether the room has the object once.
WORDINGS = {
    True: (
        "Is the {name} in the left or in the right half of {frame}?",
        "In which half of {frame} do you see the {name}: left or right?",
        "Look at {frame}. Which half of it is the {name} in, the left one or the right one?",
    ),
    False: (
        "One {name} can be seen in {frame}. Is it in the left or in the right half?",
        "In which half of {frame} is the only {name} that it shows: left or right?",
    ),
}


def program(name: str, frame: int) -> str:
    """Return the program that tells in which half of a frame the only object of a name is."""
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    frame = scene.frame({frame})\n"
        f"    (thing,) = [x for x in scene.visible_objects(frame) if x.label == {name!r}]\n"
        "    left = scene.image_position(thing, frame)[0] < 0.5\n"
        f"    return {SIDES[0]!r} if left else {SIDES[1]!r}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about all of which a frame shows one alone of its kind: as many left as right."""
    kinds = [
        [graph.scene.objects[i] for i in graph.by_label[name]] for name in nameable_labels(graph)
    ]
    asked = [
        (frame, alone[0])
        for frame in named_frames(graph)
        for things in kinds
        for alone in [[thing for thing in things if thing.id in frame.seen]]
        if len(alone) == 1
    ]
    drawn = draw_tuples(rng, asked, 1)
    drafts = [_draft(graph, rng, frame, thing) for ((frame, thing),) in drawn]
    return in_turns(rng, graph, drafts, even=SIDES)


def _draft(graph: SceneGraph, rng: np.random.Generator, frame: Frame, thing: SceneObject) -> Draft:
    name = thing.label
    single = len(graph.by_label[name]) == 1 and graph.scene.counts.get(name) == 1

    def derive(graph: SceneGraph) -> Value:
        here = graph.frame(frame.index)
        (only,) = (x for x in graph.scene.objects if x.label == name and x.id in here.seen)
        right, _, ahead = seen_by_camera(here, only.box.center)
        beside = right * here.camera.fx + ahead * (here.camera.cx - _middle(here))
        return SIDES[beside > 0]

    return Draft(
        question_type="view_side",
        question=pick(rng, WORDINGS[single]).format(name=name, frame=frame_name(frame)),
        program=program(name, frame.index),
        kind="choice",
        choices=SIDES,
        unique=(name,) if single else (),
        mentions=() if single else (name,),
        margins=(
            *clear_view(frame, thing),
            *_aside(frame, thing),
            annotated_all(graph, [name]),
        ),
        derive=derive,
        frames=(frame.index,),
    )


def _aside(frame: Frame, thing: SceneObject) -> tuple[Margin, ...]:
    # That what is visible, and the object's centre, are clearly in one half.
    x0, _, x1, _ = frame.seen[thing.id].box_px
    off = (x0 + x1) / 2 - _middle(frame)
    side = 1 if off > 0 else -1
    beyond = max(0.0, (x1 if side < 0 else -x0) + side * _middle(frame) + 0.5)
    right, _, ahead = to_camera(np.array(frame.pose), np.array([thing.box.center]))[0].tolist()
    middle = math.atan2(_middle(frame) - frame.camera.cx, frame.camera.fx)
    bearing = math.degrees(math.atan2(right, ahead) - middle)
    return (
        Margin("off_middle", abs(off) / frame.camera.width, OFF_MIDDLE),
        Margin("in_half", 1 - min(1.0, beyond / (x1 - x0 + 1)), IN_HALF),
        Margin("bearing_deg", side * bearing, BEARING_DEG),
    )


def _middle(frame: Frame) -> float:
    # Where the two halves of a picture meet, in pixels: between two of them where it is even.
    return (frame.camera.width - 1) / 2


FAMILY = Family("view_side", "in which half of the picture a frame shows an object", ask)
