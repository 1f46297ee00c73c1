"""Things to sit and lie on."""

from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Parts, ball, box, legs, panel, prism, ring


def chair(w: float, d: float, h: float) -> Parts:
    """Four legs, a seat, and a back of two posts and three slats."""
    x, y, seat = w / 2, d / 2, min(0.46, 0.5 * h)
    slats = ((seat + 0.09, seat + 0.16), (seat + 0.22, seat + 0.29), (h - 0.11, h))
    return (
        *legs(w, d, seat - 0.04, 0.045, "second"),
        box((-x, x), (-y, y), (seat - 0.04, seat)),
        box((-x, -x + 0.045), (-y, -y + 0.045), (seat, h), "second"),
        box((x - 0.045, x), (-y, -y + 0.045), (seat, h), "second"),
        *(box((-x + 0.045, x - 0.045), (-y, -y + 0.03), z) for z in slats if z[0] < z[1] <= h),
    )


def armchair(w: float, d: float, h: float) -> Parts:
    """A deep seat between two arms, with a leaning back."""
    x, y, arm = w / 2, d / 2, 0.6 * h
    return (
        *legs(w, d, 0.08, 0.06, "wood"),
        box((-x, x), (-y, y), (0.08, 0.3)),
        box((-x + 0.12, x - 0.12), (-y + 0.18, y - 0.004), (0.29, 0.44), "second"),
        box((-x, -x + 0.12), (-y, y), (0.3, arm)),
        box((x - 0.12, x), (-y, y), (0.3, arm)),
        panel((-x, x), (-y + 0.1, 0.3), (-y, h), 0.14),
    )


def sofa(w: float, d: float, h: float) -> Parts:
    """A long base on feet, seat cushions side by side, two arms and a thick back."""
    x, y, seat = w / 2, d / 2, min(0.42, 0.55 * h)
    cushions = 3 if w > 1.9 else 2
    step = (w - 0.36) / cushions
    return (
        *legs(w, d, 0.07, 0.07, "wood"),
        box((-x, x), (-y, y), (0.07, seat - 0.12)),
        box((-x, x), (-y, -y + 0.4 * d), (seat - 0.12, h)),
        box((-x, -x + 0.18), (-y + 0.4 * d, y), (seat - 0.12, 0.72 * h)),
        box((x - 0.18, x), (-y + 0.4 * d, y), (seat - 0.12, 0.72 * h)),
        *(
            box(
                (start + 0.01, start + step - 0.01),
                (-y + 0.4 * d, y),
                (seat - 0.12, seat),
                "second",
            )
            for start in (-x + 0.18 + step * k for k in range(cushions))
        ),
    )


def stool(w: float, d: float, h: float) -> Parts:
    """A round seat on four splayed legs, with a ring for the feet."""
    x, y = w / 2, d / 2
    feet = [(a * 0.66 * x, b * 0.66 * y) for a in (-1, 1) for b in (-1, 1)]
    return (
        prism((0, 0), (x, y), (h - 0.05, h)),
        *(prism(foot, (0.02, 0.02), (0.0, h - 0.05), "second", sides=8) for foot in feet),
        ring((0, 0), (0.84 * x, 0.84 * y), (0.76 * x, 0.76 * y), (0.2, 0.225), "metal", axis="z"),
    )


def bed(w: float, d: float, h: float) -> Parts:
    """A frame on feet, a mattress, a blanket over most of it, and boards at both ends."""
    x, y, frame = w / 2, d / 2, 0.45 * h
    return (
        *legs(w, d, 0.12, 0.08, "wood"),
        box((-x, x), (-y, y), (0.12, frame), "wood"),
        box((-x, x), (-y, -y + 0.06), (frame, h), "wood"),
        box((-x + 0.02, x - 0.02), (-y + 0.06, y - 0.02), (frame, h - 0.03), "paper"),
        box((-x, x), (-y + 0.3 * d, y), (frame + 0.04, h)),
        box((-x, x), (-y + 0.24 * d, -y + 0.3 * d), (frame + 0.04, h - 0.004), "second"),
        box((-x + 0.02, x - 0.02), (-y + 0.06, -y + 0.24 * d), (h - 0.03, h - 0.004), "white"),
    )


def pillow(w: float, d: float, h: float) -> Parts:
    """A soft cushion: a bulging middle in a flat seam."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y), (0.4 * h, 0.6 * h), "second"),
        box((-0.93 * x, 0.93 * x), (-0.92 * y, 0.92 * y), (0.2 * h, 0.8 * h)),
        ball((0, 0, h / 2), (0.9 * x, 0.88 * y, h / 2)),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "chair": chair,
    "armchair": armchair,
    "sofa": sofa,
    "stool": stool,
    "bed": bed,
    "pillow": pillow,
}
