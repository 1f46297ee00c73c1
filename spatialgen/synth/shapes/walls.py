"""Parts of walls, and what hangs on them."""

import math
from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Parts, beam, box, prism, ring


def door(w: float, d: float, h: float) -> Parts:
    """A frame, a leaf with two panels, and a handle."""
    x, y = w / 2, d / 2
    face = -y + 0.5 * d
    return (
        box((-x, -x + 0.07), (-y, 0.8 * y), (0.0, h), "second"),
        box((x - 0.07, x), (-y, 0.8 * y), (0.0, h), "second"),
        box((-x + 0.07, x - 0.07), (-y, 0.8 * y), (h - 0.07, h), "second"),
        box((-x + 0.07, x - 0.07), (-y, face), (0.0, h - 0.07)),
        *(
            box((-x + 0.18, x - 0.18), (face, face + 0.15 * d), z, "second")
            for z in ((0.2, 0.42 * h), (0.52 * h, 0.88 * h))
        ),
        box((x - 0.16, x - 0.13), (face, y), (0.475 * h, 0.495 * h), "metal"),
        box((x - 0.27, x - 0.13), (y - 0.02, y), (0.475 * h, 0.495 * h), "metal"),
    )


def window(w: float, d: float, h: float) -> Parts:
    """A frame with panes between crossing bars, and a sill."""
    x, y, columns = w / 2, d / 2, 3 if w > 1.4 else 2
    bars = [-x + w * k / columns for k in range(1, columns)]
    return (
        box((-x + 0.04, x - 0.04), (-0.9 * y, -0.4 * y), (0.06, h - 0.02), "glass"),
        box((-x, -x + 0.05), (-y, 0.5 * y), (0.04, h)),
        box((x - 0.05, x), (-y, 0.5 * y), (0.04, h)),
        box((-x + 0.05, x - 0.05), (-y, 0.5 * y), (h - 0.05, h)),
        box((-x + 0.05, x - 0.05), (-y, 0.5 * y), (0.04, 0.09)),
        *(box((a - 0.02, a + 0.02), (-0.4 * y, 0.3 * y), (0.09, h - 0.05)) for a in bars),
        box((-x + 0.05, x - 0.05), (-0.4 * y, 0.3 * y), (0.6 * h, 0.6 * h + 0.035)),
        box((-x, x), (-y, y), (0.0, 0.04), "second"),
    )


def clock(w: float, d: float, h: float) -> Parts:
    """A round face with a rim, twelve marks and two hands."""
    x, y = w / 2, d / 2
    middle = (0.0, h / 2)
    marks = [math.radians(30 * k) for k in range(12)]
    return (
        prism(middle, (0.92 * x, 0.46 * h), (-y, 0.1 * d), "paper", axis="y"),
        ring(middle, (x, h / 2), (0.86 * x, 0.43 * h), (-y, y)),
        *(
            box(
                (0.74 * x * math.sin(a) - 0.008, 0.74 * x * math.sin(a) + 0.008),
                (0.1 * d, 0.16 * d),
                (h / 2 + 0.37 * h * math.cos(a) - 0.008, h / 2 + 0.37 * h * math.cos(a) + 0.008),
                "dark",
            )
            for a in marks
        ),
        beam((0, 0.2 * d, h / 2), (0.3 * x, 0.2 * d, 0.68 * h), 0.016, "dark"),
        beam((0, 0.2 * d, h / 2), (-0.55 * x, 0.2 * d, 0.62 * h), 0.012, "dark"),
    )


def mirror(w: float, d: float, h: float) -> Parts:
    """A pale pane in a frame, with a glint across it."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y), (0.0, 0.045)),
        box((-x, x), (-y, y), (h - 0.045, h)),
        box((-x, -x + 0.045), (-y, y), (0.045, h - 0.045)),
        box((x - 0.045, x), (-y, y), (0.045, h - 0.045)),
        box((-x + 0.045, x - 0.045), (-y, 0.0), (0.045, h - 0.045), "mirror"),
        beam((-0.5 * x, 0.0, 0.35 * h), (0.3 * x, 0.0, 0.75 * h), min(0.03, 0.8 * d), "white"),
    )


def picture(w: float, d: float, h: float) -> Parts:
    """A framed landscape: sky, hill and sun."""
    x, y, edge = w / 2, d / 2, 0.06 * (w + h) / 2 + 0.01
    low, high = edge, h - edge
    return (
        box((-x, x), (-y, y), (0.0, edge)),
        box((-x, x), (-y, y), (high, h)),
        box((-x, -x + edge), (-y, y), (low, high)),
        box((x - edge, x), (-y, y), (low, high)),
        box((-x + edge, x - edge), (-y, 0.0), (low, high), "art"),
        box((-x + edge, x - edge), (0.0, 0.1 * d), (low, low + 0.35 * (high - low)), "second"),
        prism(
            (0.2 * w, low + 0.68 * (high - low)),
            (0.07 * h, 0.07 * h),
            (0.0, 0.1 * d),
            "white",
            axis="y",
        ),
    )


def whiteboard(w: float, d: float, h: float) -> Parts:
    """A white plane in a thin frame, lines of writing, and a ledge with pens."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, 0.0), (0.0, h), "metal"),
        box((-x + 0.02, x - 0.02), (0.0, 0.15 * d), (0.02, h - 0.02), "white"),
        *(
            box((-0.38 * w, a * w), (0.15 * d, 0.2 * d), (b * h, b * h + 0.02), "dark")
            for a, b in ((0.1, 0.8), (0.25, 0.68), (-0.05, 0.56))
        ),
        box((-0.4 * w, 0.4 * w), (-0.1 * d, y), (0.001, 0.03)),
        *(box((a, a + 0.12), (0.2 * d, 0.4 * d), (0.03, 0.05), "second") for a in (-0.2, 0.05)),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "door": door,
    "window": window,
    "clock": clock,
    "mirror": mirror,
    "picture": picture,
    "whiteboard": whiteboard,
}
