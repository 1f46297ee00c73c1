"""Things of bathrooms."""

from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Parts, beam, box, hexahedron, hollow, prism, ring


def toilet(w: float, d: float, h: float) -> Parts:
    """A tank at the back, a bowl on a foot, an oval seat, and the lid up against the tank."""
    x, y, seat = w / 2, d / 2, 0.5 * h
    bowl = (0.0, y - 0.31 * d)
    return (
        box((-x, x), (-y, -y + 0.28 * d), (0.45 * h, h - 0.03)),
        box((-x, x), (-y, -y + 0.29 * d), (h - 0.03, h), "second"),
        box((-0.5 * x, 0.5 * x), (-y, 0.3 * y), (0.0, 0.45 * h)),
        prism(bowl, (0.55 * x, 0.2 * d), (0.0, seat - 0.03), top=1.55),
        ring(bowl, (x, 0.31 * d), (0.62 * x, 0.19 * d), (seat - 0.03, seat), "second", axis="z"),
        prism(bowl, (0.62 * x, 0.19 * d), (seat - 0.03, seat - 0.025), "glass"),
        prism(
            (0, 0.72 * h), (0.9 * x, 0.24 * h), (-y + 0.29 * d, -y + 0.32 * d), "second", axis="y"
        ),
    )


def bathtub(w: float, d: float, h: float) -> Parts:
    """A hollow tub with a thick rim, water in it and a tap at one end."""
    x, y, rim = w / 2, d / 2, h - 0.06
    return (
        *hollow(w, d, (0.0, rim), 0.07),
        box((-x + 0.07, x - 0.07), (-y + 0.07, y - 0.07), (0.07, 0.55 * h), "glass"),
        box((-x + 0.02, -x + 0.05), (-0.02, 0.02), (rim, h), "metal"),
        box((-x + 0.02, -x + 0.2), (-0.02, 0.02), (h - 0.025, h), "metal"),
    )


def sink(w: float, d: float, h: float) -> Parts:
    """A basin on a foot, with a tap."""
    x, y, rim, low = w / 2, d / 2, h - 0.14, h - 0.32
    corners = [
        (a * s, b * s if b > 0 else b, c)
        for a in (-x, x)
        for b in (-y, y)
        for c, s in ((low, 0.6), (rim - 0.05, 1.0))
    ]
    return (
        box((-0.1, 0.1), (-y, -y + 0.2), (0.0, low)),
        hexahedron(corners),
        *hollow(w, d, (rim - 0.05, rim), 0.045)[1:],
        box((-x + 0.045, x - 0.045), (-y + 0.045, y - 0.045), (rim - 0.05, rim - 0.045), "glass"),
        prism((0, -y + 0.03), (0.018, 0.018), (rim, h), "metal", sides=8),
        beam((0, -y + 0.03, h - 0.03), (0, -y + 0.17, h - 0.05), 0.025, "metal"),
    )


def towel(w: float, d: float, h: float) -> Parts:
    """Cloth over a bar, longer in front than behind, with two bands."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-0.25 * y, 0.25 * y), (h - 0.03, h - 0.012), "metal"),
        box((-x, -x + 0.02), (-y, 0.25 * y), (h - 0.03, h - 0.012), "metal"),
        box((x - 0.02, x), (-y, 0.25 * y), (h - 0.03, h - 0.012), "metal"),
        box((-0.94 * x, 0.94 * x), (0.25 * y, y), (0.0, h)),
        box((-0.94 * x, 0.94 * x), (-0.6 * y, 0.25 * y), (h - 0.01, h)),
        box((-0.94 * x, 0.94 * x), (-0.6 * y, -0.25 * y), (0.3 * h, h - 0.01)),
        *(
            box((-0.945 * x, 0.945 * x), (0.24 * y, 1.01 * y), (b * h, b * h + 0.03), "second")
            for b in (0.1, 0.22)
        ),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "toilet": toilet,
    "bathtub": bathtub,
    "sink": sink,
    "towel": towel,
}
