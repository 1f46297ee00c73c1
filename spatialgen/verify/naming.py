"""Every name in a question must mean one thing to whoever reads it."""

from itertools import pairwise

from spatialgen.graph.build import SceneGraph
from spatialgen.labels import confusable, is_ambiguous
from spatialgen.verify.draft import Check, Draft


def check_naming(draft: Draft, graph: SceneGraph) -> Check:
    """Check that the names exist, are meant uniquely and can't be mistaken.

    Reasons: ``unknown_label``, ``ambiguous_label`` (a name such as "object"),
    ``not_unique`` (the wording says "the chair" and there are two),
    ``confusable_labels`` (the room holds two categories people call the same),
    ``unknown_frame`` (it is about a frame that there is not, or frames not in
    the order of time), ``never_seen`` (there is a video, and it does not show
    enough of everything that goes by the name).
    """
    for label in (*draft.unique, *draft.mentions):
        if label not in graph.by_label:
            return Check("naming", "unknown_label", f"there is no {label!r}")
        if is_ambiguous(label):
            return Check("naming", "ambiguous_label", f"{label!r} can be anything")
        if not is_shown(graph, label):
            shown, boxes = shown_of(graph, label), len(graph.by_label[label])
            detail = f"the video shows {shown} of {boxes} objects that are {label!r}"
            return Check("naming", "never_seen", detail, {"shown": shown, "of": boxes})
    for label in draft.unique:
        boxes, count = len(graph.by_label[label]), graph.scene.counts.get(label, 0)
        if max(boxes, count) != 1:
            return Check("naming", "not_unique", f"{max(boxes, count)} objects are {label!r}")
    present = sorted({*graph.by_label, *graph.scene.counts})
    for label in (*draft.unique, *draft.mentions):
        for other in present:
            if confusable(label, other):
                detail = f"{label!r} may be taken for {other!r}"
                return Check("naming", "confusable_labels", detail)
    if draft.frames is not None:
        why = _wrong_frames(draft.frames, graph)
        if why:
            return Check("naming", "unknown_frame", why)
    return Check("naming", figures={"names": len(draft.unique) + len(draft.mentions)})


def is_shown(graph: SceneGraph, label: str) -> bool:
    """Tell whether the video shows all boxed objects of a category; without a video, yes."""
    return not graph.scene.frames or shown_of(graph, label) == len(graph.by_label.get(label, ()))


def shown_of(graph: SceneGraph, label: str) -> int:
    """Return how many boxed objects of a category the video shows well enough, ever."""
    scene = graph.scene
    return sum(scene.objects[i].id in scene.first_seen for i in graph.by_label.get(label, ()))


def _wrong_frames(frames: tuple[int, ...], graph: SceneGraph) -> str | None:
    known = {frame.index for frame in graph.scene.frames}
    if not frames:
        return "it names no frame; a question about the whole video has None"
    for index in frames:
        if index not in known:
            return f"there is no frame {index} among the {len(known)} of this scene"
    if any(a >= b for a, b in pairwise(frames)):
        return f"frames {list(frames)} are not in the order of time"
    return None
