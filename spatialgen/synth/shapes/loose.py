"""Loose things: lamps, plants, books, instruments, a bicycle."""

import math
from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Part, Parts, ball, beam, box, plate, prism, ring


def lamp(w: float, d: float, h: float) -> Parts:
    """A foot, a pole and a wide shade."""
    x, y = w / 2, d / 2
    return (
        prism((0, 0), (0.62 * x, 0.62 * y), (0.0, 0.03), "second"),
        ball((0, 0, 0.22 * h), (0.34 * x, 0.34 * y, 0.2 * h), "second"),
        prism((0, 0), (0.014, 0.014), (0.03, 0.75 * h), "metal", sides=8),
        prism((0, 0), (x, y), (0.55 * h, h), "shade", top=0.6),
    )


def floor_lamp(w: float, d: float, h: float) -> Parts:
    """A flat foot, a long pole and a shade."""
    x, y = w / 2, d / 2
    return (
        prism((0, 0), (0.8 * x, 0.8 * y), (0.0, 0.03), "second"),
        prism((0, 0), (0.018, 0.018), (0.03, h - 0.1), "metal", sides=8),
        prism((0, 0), (x, y), (h - 0.32, h), "shade", top=0.7),
    )


def plant(w: float, d: float, h: float) -> Parts:
    """A pot, and leaves that bend outwards in rings."""
    x, y, pot = w / 2, d / 2, min(0.34 * h, 0.28)
    return (
        prism((0, 0), (0.4 * x, 0.4 * y), (0.0, pot), top=1.4),
        prism((0, 0), (0.5 * x, 0.5 * y), (pot, pot + 0.01), "dark"),
        *_leaves(x, y, pot, h, rows=((1.0, 0.55, 8), (0.72, 0.8, 8), (0.36, 1.0, 5))),
    )


def floor_plant(w: float, d: float, h: float) -> Parts:
    """A tall pot, a stem, and large leaves."""
    x, y, pot = w / 2, d / 2, min(0.25 * h, 0.32)
    return (
        prism((0, 0), (0.5 * x, 0.5 * y), (0.0, pot), top=1.25),
        prism((0, 0), (0.58 * x, 0.58 * y), (pot, pot + 0.01), "dark"),
        prism((0, 0), (0.02, 0.02), (pot, 0.8 * h), "wood", sides=8),
        *_leaves(x, y, 0.4 * h, 0.75 * h, rows=((0.95, 0.75, 8),)),
        *_leaves(x, y, 0.55 * h, h, rows=((1.0, 0.62, 8), (0.55, 1.0, 6))),
    )


def _leaves(
    x: float, y: float, low: float, high: float, rows: tuple[tuple[float, float, int], ...]
) -> list[Part]:
    # Each row: how far it reaches out, how far up, and how many leaves it has.
    parts = []
    for out, up, count in rows:
        z = low + (high - low) * up
        for k in range(count):
            angle = 2 * math.pi * k / count
            cos, sin = math.cos(angle), math.sin(angle)
            aside = 0.5 * math.pi / count * out
            knee = (0.55 * out, low + 0.75 * (z - low))
            left = (math.cos(angle - aside) * knee[0] * x, math.sin(angle - aside) * knee[0] * y)
            right = (math.cos(angle + aside) * knee[0] * x, math.sin(angle + aside) * knee[0] * y)
            # Tips on a rectangle, not on an ellipse: they fill the box to its corners.
            reach = out / max(abs(cos), abs(sin))
            tip = (cos * reach * x, sin * reach * y, z)
            parts.append(plate([(0, 0, low), (*left, knee[1]), tip, (*right, knee[1])], "leaf"))
    return parts


def vase(w: float, d: float, h: float) -> Parts:
    """A belly that narrows to a neck with a lip."""
    x, y = w / 2, d / 2
    return (
        prism((0, 0), (0.5 * x, 0.5 * y), (0.0, 0.35 * h), top=2.0),
        prism((0, 0), (x, y), (0.35 * h, 0.45 * h), "second"),
        prism((0, 0), (x, y), (0.45 * h, 0.75 * h), top=0.4),
        prism((0, 0), (0.4 * x, 0.4 * y), (0.75 * h, 0.92 * h)),
        prism((0, 0), (0.4 * x, 0.4 * y), (0.92 * h, h), top=1.5),
    )


def book(w: float, d: float, h: float) -> Parts:
    """Two covers and a spine around white pages, lying flat."""
    x, y, cover = w / 2, d / 2, min(0.006, 0.2 * h)
    return (
        box((-x, x), (-y, y), (0.0, cover)),
        box((-x, x), (-y, y), (h - cover, h - 0.001)),
        box((-x, -x + 0.008), (-y, y), (cover, h - cover), "second"),
        box((-x + 0.008, x - 0.006), (-y + 0.006, y - 0.006), (cover, h - cover), "white"),
        box((-0.5 * x, 0.6 * x), (-0.6 * y, -0.2 * y), (h - 0.8 * cover, h), "second"),
    )


def shelved_book(w: float, d: float, h: float) -> Parts:
    """A standing book that shows its spine, with a band across it."""
    x, y, cover = w / 2, d / 2, min(0.005, 0.2 * w)
    return (
        box((-x, -x + cover), (-y, y - 0.004), (0.0, h)),
        box((x - cover, x), (-y, y - 0.004), (0.0, h)),
        box((-x + cover, x - cover), (-y, y - 0.004), (0.004, h - 0.006), "white"),
        box((-x, x), (y - 0.004, y - 0.001), (0.0, h)),
        box((-x + 0.001, x - 0.001), (y - 0.003, y), (0.68 * h, 0.84 * h), "second"),
    )


def guitar(w: float, d: float, h: float) -> Parts:
    """A waisted body with a sound hole, a neck and a head; two props behind hold it up."""
    x, y = w / 2, d / 2
    back, face = y - 0.1, y - 0.008
    return (
        prism((0, 0.2 * h), (x, 0.2 * h), (back, face), axis="y"),
        prism((0, 0.38 * h), (0.76 * x, 0.14 * h), (back, face), axis="y"),
        prism((0, 0.34 * h), (0.24 * w, 0.07 * h), (face, face + 0.003), "dark", axis="y"),
        box((-0.25 * w, 0.25 * w), (face, y), (0.12 * h, 0.15 * h), "dark"),
        box((-0.027, 0.027), (face - 0.03, y), (0.36 * h, 0.88 * h), "second"),
        box((-0.042, 0.042), (face - 0.03, y), (0.88 * h, h), "dark"),
        *(
            box((a - 0.02, a + 0.02), (-y, back), (0.0, 0.05), "metal")
            for a in (-0.86 * x, 0.86 * x)
        ),
        *(
            beam((a, -y + 0.02, 0.03), (a, back, 0.3 * h), 0.02, "metal")
            for a in (-0.4 * x, 0.4 * x)
        ),
    )


def bicycle(w: float, d: float, h: float) -> Parts:
    """Two wheels, a frame, a saddle, handlebars with a basket, and bags over the rear wheel."""
    x, y, r = w / 2, d / 2, 0.33 * h
    rear, front, tube = -x + r, x - r, 0.035
    crank, seat, head = (-0.08 * w, 0.3 * h), (-0.16 * w, 0.78 * h), (0.2 * w, 0.8 * h)
    spokes = [math.radians(45 * k) for k in range(4)]

    def rod(a: tuple[float, float], b: tuple[float, float], material: str = "main") -> Part:
        return beam((a[0], 0, a[1]), (b[0], 0, b[1]), tube, material)

    return (
        *(
            ring((m, r), (r, r), (0.87 * r, 0.87 * r), (-0.022, 0.022), "dark")
            for m in (rear, front)
        ),
        *(
            beam(
                (m - 0.9 * r * math.cos(a), 0, r - 0.9 * r * math.sin(a)),
                (m + 0.9 * r * math.cos(a), 0, r + 0.9 * r * math.sin(a)),
                0.008,
                "metal",
            )
            for m in (rear, front)
            for a in spokes
        ),
        rod(crank, seat),
        rod(crank, head),
        rod(seat, head),
        rod((rear, r), crank),
        rod((rear, r), seat),
        rod((front, r), (head[0] - 0.02, h - 0.04)),
        ring((crank[0], crank[1]), (0.09, 0.09), (0.07, 0.07), (0.02, 0.035), "metal", sides=16),
        box((seat[0] - 0.12, seat[0] + 0.12), (-0.08, 0.08), (seat[1], seat[1] + 0.06), "dark"),
        box((head[0] - 0.05, head[0] - 0.02), (-y, y), (h - 0.04, h), "metal"),
        *(
            box((-x, -x + 0.34), (a, b), (0.42 * h, 0.68 * h), "second")
            for a, b in ((-y, -0.05), (0.05, y))
        ),
        box((-x + 0.02, -x + 0.36), (-y, y), (0.68 * h, 0.7 * h), "metal"),
        *(
            box(a, b, (0.68 * h, 0.88 * h), "second")
            for a, b in (
                ((x - 0.34, x), (-y, -y + 0.02)),
                ((x - 0.34, x), (y - 0.02, y)),
                ((x - 0.34, x - 0.32), (-y, y)),
                ((x - 0.02, x), (-y, y)),
            )
        ),
        box((x - 0.34, x), (-y, y), (0.67 * h, 0.68 * h), "metal"),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "lamp": lamp,
    "floor lamp": floor_lamp,
    "plant": plant,
    "floor plant": floor_plant,
    "vase": vase,
    "book": book,
    "shelved book": shelved_book,
    "guitar": guitar,
    "bicycle": bicycle,
}
