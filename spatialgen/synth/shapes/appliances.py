"""Machines of kitchens and laundries."""

from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Parts, box, prism, ring


def refrigerator(w: float, d: float, h: float) -> Parts:
    """A tall case with a small door above a large one, and two upright handles."""
    x, y, split = w / 2, d / 2, 0.68 * h
    return (
        box((-x, x), (-y, y - 0.1), (0.0, h)),
        box((-x, x), (y - 0.1, y - 0.04), (0.06, split - 0.008)),
        box((-x, x), (y - 0.1, y - 0.04), (split + 0.008, h)),
        box((-x + 0.02, x - 0.02), (y - 0.1, y - 0.06), (split - 0.008, split + 0.008), "dark"),
        box((-x + 0.05, -x + 0.08), (y - 0.04, y), (split - 0.5, split - 0.06), "metal"),
        box(
            (-x + 0.05, -x + 0.08),
            (y - 0.04, y),
            (split + 0.06, split + 0.3 * (h - split) + 0.1),
            "metal",
        ),
    )


def oven(w: float, d: float, h: float) -> Parts:
    """A cooker: four plates on top, a row of knobs, a door with a window and a bar."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y - 0.05), (0.0, h - 0.012)),
        *(
            prism((a, b), (0.085, 0.075), (h - 0.012, h), "dark", sides=16)
            for a in (-0.24 * w, 0.24 * w)
            for b in (-0.22 * d, 0.18 * d)
        ),
        box((-x, x), (-y, -y + 0.03), (h - 0.012, h), "second"),
        box((-x, x), (y - 0.05, y - 0.03), (h - 0.14, h - 0.012), "second"),
        *(
            prism((a, h - 0.075), (0.024, 0.024), (y - 0.03, y), "dark", axis="y", sides=12)
            for a in (-0.36 * w, -0.18 * w, 0.0, 0.18 * w, 0.36 * w)
        ),
        box((-x + 0.01, x - 0.01), (y - 0.05, y - 0.035), (0.12, h - 0.15)),
        box((-0.36 * w, 0.36 * w), (y - 0.035, y - 0.028), (0.24, h - 0.3), "screen"),
        box((-0.4 * w, 0.4 * w), (y - 0.035, y), (h - 0.22, h - 0.195), "metal"),
    )


def dishwasher(w: float, d: float, h: float) -> Parts:
    """A plain door under a panel with a grip and buttons, over a dark foot."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y - 0.03), (0.1, h)),
        box((-x, x), (-y, y - 0.06), (0.0, 0.1), "dark"),
        box((-x, x), (y - 0.03, y - 0.01), (0.11, 0.82 * h)),
        box((-x, x), (y - 0.03, y - 0.01), (0.835 * h, h), "second"),
        box((-0.3 * w, 0.1 * w), (y - 0.01, y), (0.88 * h, 0.92 * h), "dark"),
        *(
            box((a * w, a * w + 0.02), (y - 0.01, y), (0.89 * h, 0.92 * h), "metal")
            for a in (0.2, 0.28, 0.36)
        ),
    )


def washing_machine(w: float, d: float, h: float) -> Parts:
    """A case with a round window in a ring, a drawer and a dial above it."""
    x, y = w / 2, d / 2
    middle = (0.0, 0.45 * h)
    return (
        box((-x, x), (-y, y - 0.05), (0.0, h)),
        ring(middle, (0.34 * w, 0.34 * w), (0.25 * w, 0.25 * w), (y - 0.05, y), "metal"),
        prism(middle, (0.25 * w, 0.25 * w), (y - 0.05, y - 0.02), "screen", axis="y"),
        box((-x, x), (y - 0.05, y - 0.03), (0.84 * h, h), "second"),
        box((-x + 0.03, -0.12 * w), (y - 0.03, y - 0.02), (0.87 * h, 0.97 * h), "white"),
        prism((0.28 * w, 0.92 * h), (0.035, 0.035), (y - 0.03, y), "metal", axis="y", sides=16),
    )


def microwave(w: float, d: float, h: float) -> Parts:
    """A low case: a wide window on the left, buttons on the right, a bar between."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y - 0.03), (0.0, h)),
        box((-x, 0.24 * w), (y - 0.03, y - 0.015), (0.02, h - 0.01)),
        box((-x + 0.04, 0.17 * w), (y - 0.015, y - 0.01), (0.06, h - 0.05), "screen"),
        box((0.2 * w, 0.23 * w), (y - 0.015, y), (0.04, h - 0.03), "metal"),
        box((0.25 * w, x), (y - 0.03, y - 0.015), (0.0, h), "second"),
        box((0.29 * w, 0.45 * w), (y - 0.015, y - 0.01), (0.76 * h, 0.9 * h), "screen"),
        *(
            box((a * w, a * w + 0.025), (y - 0.015, y - 0.008), (b * h, b * h + 0.025), "white")
            for a in (0.29, 0.35, 0.41)
            for b in (0.2, 0.36, 0.52)
        ),
    )


def fan(w: float, d: float, h: float) -> Parts:
    """A pole on a broad round foot, a motor, four blades in a round cage."""
    x, y, radius = w / 2, d / 2, w / 2
    middle = (0.0, h - radius)
    cage, blades = y - 0.1, y - 0.07
    return (
        prism((0, 0), (x, y), (0.0, 0.04), "second"),
        prism((0, 0), (0.022, 0.022), (0.04, h - radius), "metal", sides=8),
        prism(middle, (0.06, 0.06), (-0.05, cage), "second", axis="y", sides=12),
        ring(middle, (radius, radius), (0.93 * radius, 0.93 * radius), (cage, cage + 0.06)),
        ring(
            middle,
            (0.6 * radius, 0.6 * radius),
            (0.55 * radius, 0.55 * radius),
            (cage + 0.05, cage + 0.06),
        ),
        *(
            prism(
                (a * 0.48 * radius, middle[1] + b * 0.48 * radius),
                (0.2 * radius + 0.22 * radius * abs(a), 0.2 * radius + 0.22 * radius * abs(b)),
                (blades, blades + 0.01),
                axis="y",
                sides=12,
            )
            for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ),
        prism(middle, (0.05, 0.05), (cage, y), "dark", axis="y", sides=12),
    )


def radiator(w: float, d: float, h: float) -> Parts:
    """Upright ribs between two pipes."""
    x, y, ribs = w / 2, d / 2, max(5, round(w / 0.1))
    step = w / ribs
    return (
        *(box((-x + step * k, -x + step * (k + 0.62)), (-y, y), (0.0, h)) for k in range(ribs)),
        box((x - 0.03, x), (-y, y), (0.0, h), "second"),
        box((-x + 0.01, x - 0.01), (-0.5 * y, 0.5 * y), (0.06, 0.11), "second"),
        box((-x + 0.01, x - 0.01), (-0.5 * y, 0.5 * y), (h - 0.11, h - 0.06), "second"),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "refrigerator": refrigerator,
    "oven": oven,
    "dishwasher": dishwasher,
    "washing machine": washing_machine,
    "microwave": microwave,
    "fan": fan,
    "radiator": radiator,
}
