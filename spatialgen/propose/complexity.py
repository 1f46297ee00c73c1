"""How complex a question is: a few figures, each with levels that feedback can tell apart.

A solver that can't do a thing yet often can where there is less of it: fewer objects in view,
fewer frames, fewer steps, a clearer case. So a family is steered not as a whole but by these
*knobs*. The figures of a question stand in its row.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Literal

from spatialgen.records import Scene
from spatialgen.verify.draft import Draft

#: A margin this many times as wide as needed is as clear as it gets.
CLEAREST = 10.0

Knob = Literal["in_view", "frames", "hops", "margin"]

#: The knobs, and up to which figure each of their levels goes; above the last is one more.
LEVELS: Mapping[Knob, tuple[float, ...]] = {
    "in_view": (1, 2, 4, 8, 16),
    "frames": (1, 2, 4, 8),
    "hops": (2, 3, 4, 6),
    "margin": (1.5, 3.0),
}

Figures = Mapping[str, float | None]


def complexity(draft: Draft, scene: Scene) -> dict[str, float | None]:
    """Return the figures of a question by knob.

    ``in_view``: how many objects its frames show together, or the room has where it is about
    the whole video. ``frames``: how many frames it is about, None for the whole video.
    ``hops``: how often its program asks the scene. ``margin``: how many times as wide as
    needed its tightest margin is, at most `CLEAREST`; None without margins.
    """
    shown = len(scene.objects)
    if draft.frames is not None:
        known = {frame.index: frame for frame in scene.frames}
        shown = len({key for i in draft.frames if i in known for key in known[i].seen})
    widths = [
        float(margin.value) / margin.needed
        for margin in draft.margins
        if not isinstance(margin.value, bool) and margin.needed > 0 and isfinite(margin.value)
    ]
    return {
        "in_view": shown,
        "frames": None if draft.frames is None else len(draft.frames),
        "hops": draft.program.count("scene."),
        "margin": round(min(*widths, CLEAREST), 3) if widths else None,
    }


def level(figures: Figures, knobs: Sequence[Knob]) -> str:
    """Return the level of a question as text, as ``in_view<=2 frames<=1``; empty without knobs."""
    return " ".join(_level(name, figures[name]) for name in knobs)


def _level(knob: Knob, figure: float | None) -> str:
    if figure is None:
        return f"{knob}:all"
    ends = LEVELS[knob]
    return next((f"{knob}<={end:g}" for end in ends if figure <= end), f"{knob}>{ends[-1]:g}")
