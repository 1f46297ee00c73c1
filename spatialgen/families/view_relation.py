"""How do two objects that a frame shows stand to each other, seen from the camera? (EmbSpatial)"""

from collections.abc import Iterator

import numpy as np

from spatialgen.families._views import (
    bearings_deg,
    clear_view,
    closest_distance_to,
    distance_to,
    off_vertical,
)
from spatialgen.family import (
    Family,
    draw_tuples,
    frame_name,
    in_turns,
    named_frames,
    pick,
    single_labels,
)
from spatialgen.graph.boxes import bounds, stack
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Frame, SceneObject, Value
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.reference_views import distance_from_camera, left_turn_to_deg

#: The 2D boxes are this far apart, as a share of the picture's side, where left,
#: right, above and under are asked for.
GAP_SHARE = 0.02

#: The directions of the centres differ by this much too, and one object begins
#: this much higher than the other ends.
BEARING_DEG = 3.0
RISE_M = 0.05

#: Distances differ by this much, and by this share of the larger one; those to
#: the centres and those to the closest points.
CLOSER_M = 0.15
CLOSER_SHARE = 0.1

#: The two answers of each relation, and how it is asked for.
SIDES = ("left", "right")
LEVELS = ("above", "under")
DEPTHS = ("closer", "farther")
WORDINGS = {
    SIDES: (
        "In {frame}, is the {a} to the left or to the right of the {b}, as the camera sees them?",
        "Looking at {frame}, on which side of the {b} is the {a}: left or right?",
    ),
    LEVELS: (
        "In {frame}, is the {a} above or under the {b}?",
        "Looking at {frame}, where is the {a} compared with the {b}: above or under it?",
    ),
    DEPTHS: (
        "In {frame}, is the {a} closer to the camera than the {b}, or farther from it?",
        "Compared with the {b}, is the {a} closer to or farther from the camera in {frame}?",
    ),
}

#: What programs compare, with the frame and an object; the smaller has the first answer.
COMPARED = {
    SIDES: "scene.image_position({x}, frame)[0]",
    LEVELS: "scene.image_position({x}, frame)[1]",
    DEPTHS: "scene.camera_distance({x}, frame)",
}


def program(a: str, b: str, frame: int, relation: tuple[str, str]) -> str:
    """Return the program that tells how one object stands to another in a frame."""
    compared = COMPARED[relation]
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    frame = scene.frame({frame})\n"
        f"    a, b = scene.one({a!r}), scene.one({b!r})\n"
        f"    first = {compared.format(x='a')} < {compared.format(x='b')}\n"
        f"    return {relation[0]!r} if first else {relation[1]!r}\n"
    )


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about pairs that a frame shows well and the room has once, of all relations in turn."""
    things = [graph.only(label) for label in single_labels(graph)]
    asked = [
        (frame, a, b, relation)
        for frame in named_frames(graph)
        for shown in [[thing for thing in things if thing.id in frame.seen]]
        for i, a in enumerate(shown)
        for b in shown[:i]
        for relation in WORDINGS
    ]
    drafts = []
    for ((frame, a, b, relation),) in draw_tuples(rng, asked, 1):
        pair = (a, b) if rng.random() < 0.5 else (b, a)
        drafts.append(_draft(graph, rng, frame, pair, relation))
    return in_turns(rng, graph, drafts)


def _draft(
    graph: SceneGraph,
    rng: np.random.Generator,
    frame: Frame,
    pair: tuple[SceneObject, SceneObject],
    relation: tuple[str, str],
) -> Draft:
    a, b = pair

    def derive(graph: SceneGraph) -> Value:
        things = graph.only(a.label), graph.only(b.label)
        return relation[_DERIVED[relation](graph.frame(frame.index), *things) > 0]

    return Draft(
        question_type="view_relation",
        question=pick(rng, WORDINGS[relation]).format(
            frame=frame_name(frame), a=a.label, b=b.label
        ),
        program=program(a.label, b.label, frame.index, relation),
        kind="choice",
        choices=relation,
        unique=(a.label, b.label),
        margins=(off_vertical(frame), *clear_view(frame, a, b), *_MARGINS[relation](frame, a, b)),
        derive=derive,
        frames=(frame.index,),
    )


# -- margins: the picture and the room say the same, clearly ---------------------


def _sideways(frame: Frame, a: SceneObject, b: SceneObject) -> tuple[Margin, ...]:
    left, right = bearings_deg(frame, np.array([a.box.center, b.box.center])).tolist()
    between = (left - right + 180.0) % 360.0 - 180.0  # positive where a is to the left
    gap, side = _image_gap(frame, a, b, 0)
    return (Margin("gap_share", gap, GAP_SHARE), Margin("bearing_deg", side * between, BEARING_DEG))


def _upward(frame: Frame, a: SceneObject, b: SceneObject) -> tuple[Margin, ...]:
    (a_low, a_high), (b_low, b_high) = bounds(stack([a.box, b.box]))[:, :, 2].tolist()
    gap, side = _image_gap(frame, a, b, 1)
    rise = a_low - b_high if side > 0 else b_low - a_high
    return (Margin("gap_share", gap, GAP_SHARE), Margin("rise_m", rise, RISE_M))


def _image_gap(frame: Frame, a: SceneObject, b: SceneObject, axis: int) -> tuple[float, int]:
    # How far apart two 2D boxes are, as a share of the picture's side; 1 where a comes first.
    (a_low, a_high), (b_low, b_high) = (
        (box[axis], box[axis + 2]) for box in (frame.seen[a.id].box_px, frame.seen[b.id].box_px)
    )
    side = 1 if a_low + a_high < b_low + b_high else -1
    gap = b_low - a_high if side > 0 else a_low - b_high
    return gap / (frame.camera.width, frame.camera.height)[axis], side


def _inward(frame: Frame, a: SceneObject, b: SceneObject) -> tuple[Margin, ...]:
    near, far = distance_to(frame, a.box.center), distance_to(frame, b.box.center)
    lead = far - near
    closest = closest_distance_to(frame, b.box) - closest_distance_to(frame, a.box)
    agreed = min(abs(lead), closest if lead > 0 else -closest)
    return (
        Margin("closer_m", agreed, CLOSER_M),
        Margin("closer_share", agreed / max(near, far, 1e-9), CLOSER_SHARE),
    )


_MARGINS = {SIDES: _sideways, LEVELS: _upward, DEPTHS: _inward}


# -- the second derivation: from the room alone, positive for the second answer --


def _derived_side(frame: Frame, a: SceneObject, b: SceneObject) -> float:
    turns = [left_turn_to_deg(frame, thing.box.center) for thing in (b, a)]
    return (turns[0] - turns[1] + 180.0) % 360.0 - 180.0


def _derived_level(frame: Frame, a: SceneObject, b: SceneObject) -> float:
    return b.box.center[2] - a.box.center[2]


def _derived_depth(frame: Frame, a: SceneObject, b: SceneObject) -> float:
    return distance_from_camera(frame, a.box.center) - distance_from_camera(frame, b.box.center)


_DERIVED = {SIDES: _derived_side, LEVELS: _derived_level, DEPTHS: _derived_depth}

FAMILY = Family("view_relation", "how two objects stand to each other, seen from a frame", ask)
