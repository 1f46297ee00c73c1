"""Things that other things are kept in or on."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from spatialgen.synth.parts import Parts, box, hollow, legs, prism, ring

#: Thickness of the boards of a bookshelf, and about how far they are apart, in metres.
BOARD, LEVEL = 12 / 512, 0.36
SIDE_BOARD, BACK_BOARD = 0.025, 0.012


def levels(height: float) -> tuple[tuple[float, float], ...]:
    """Return where the compartments of a bookshelf begin and end, lowest first.

    They begin at multiples of 1/512 m, as everything that stands somewhere does.
    """
    count = max(2, round(height / LEVEL))
    step = (height - BOARD) / count
    edges = [round(step * k * 512) / 512 for k in range(count)] + [height - BOARD]
    return tuple((a + BOARD, b) for a, b in pairwise(edges))


def bookshelf(w: float, d: float, h: float) -> Parts:
    """Two sides, a back, and boards between them."""
    x, y = w / 2, d / 2
    floors = [low for low, _ in levels(h)] + [h]
    return (
        box((-x, -x + SIDE_BOARD), (-y, y), (0.0, h)),
        box((x - SIDE_BOARD, x), (-y, y), (0.0, h)),
        box((-x + SIDE_BOARD, x - SIDE_BOARD), (-y, -y + BACK_BOARD), (0.0, h), "second"),
        *(
            box((-x + SIDE_BOARD, x - SIDE_BOARD), (-y + BACK_BOARD, y), (z - BOARD, z))
            for z in floors
        ),
    )


def closet(w: float, d: float, h: float) -> Parts:
    """A tall cupboard with two or three panelled doors and long handles."""
    x, y, doors = w / 2, d / 2, 3 if w > 1.5 else 2
    step = w / doors
    starts = [-x + step * k for k in range(doors)]
    return (
        box((-x, x), (-y, y - 0.06), (0.0, 0.08), "dark"),
        box((-x, x), (-y, y - 0.05), (0.08, h)),
        box((-x, x), (y - 0.05, y - 0.015), (h - 0.06, h), "second"),
        *(
            box((a + 0.012, a + step - 0.012), (y - 0.05, y - 0.028), (0.1, h - 0.08))
            for a in starts
        ),
        *(
            box((a + 0.1, a + step - 0.1), (y - 0.028, y - 0.018), z, "second")
            for a in starts
            for z in ((0.2, 0.45 * h), (0.5 * h, h - 0.18))
        ),
        *(
            box((a + step - 0.07, a + step - 0.045), (y - 0.028, y), (0.42 * h, 0.56 * h), "metal")
            for a in starts
        ),
    )


def dresser(w: float, d: float, h: float) -> Parts:
    """A chest with rows of drawers, two knobs each."""
    x, y, rows = w / 2, d / 2, 4 if h > 0.9 else 3
    step = (h - 0.13) / rows
    lows = [0.1 + step * k for k in range(rows)]
    return (
        *legs(w, d, 0.1, 0.06, "second"),
        box((-x, x), (-y, y - 0.03), (0.1, h - 0.03)),
        box((-x, x), (-y, y), (h - 0.03, h), "second"),
        *(
            box((-x + 0.02, x - 0.02), (y - 0.03, y - 0.012), (z + 0.012, z + step - 0.012))
            for z in lows
        ),
        *(
            box(
                (a * w - 0.025, a * w + 0.025),
                (y - 0.012, y),
                (z + 0.4 * step, z + 0.6 * step),
                "metal",
            )
            for z in lows
            for a in (-0.25, 0.25)
        ),
    )


def shelf(w: float, d: float, h: float) -> Parts:
    """A board on two brackets."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y), (h - 0.03, h)),
        *(
            box((a - 0.015, a + 0.015), (-y, -y + 0.02), (0.0, h - 0.03), "metal")
            for a in (-0.3 * w, 0.3 * w)
        ),
        *(
            box((a - 0.015, a + 0.015), (-y + 0.02, 0.7 * y), (h - 0.06, h - 0.03), "metal")
            for a in (-0.3 * w, 0.3 * w)
        ),
    )


def trash_bin(w: float, d: float, h: float) -> Parts:
    """A round bucket that opens upwards, with a rim."""
    x, y = w / 2, d / 2
    return (
        prism((0, 0), (0.75 * x, 0.75 * y), (0.0, 0.9 * h), top=1.22),
        ring((0, 0), (x, y), (0.88 * x, 0.88 * y), (0.88 * h, h), "second", axis="z"),
        prism((0, 0), (0.88 * x, 0.88 * y), (0.9 * h, 0.905 * h), "dark"),
    )


def carton(w: float, d: float, h: float) -> Parts:
    """An open cardboard box with a strip of tape around it."""
    x, y = w / 2, d / 2
    return (
        *hollow(w, d - 0.006, (0.0, h), 0.01),
        box((-0.12 * w, 0.12 * w), (y - 0.006, y), (0.002, h - 0.002), "second"),
        box((-0.12 * w, 0.12 * w), (-y, -y + 0.006), (0.002, h - 0.002), "second"),
        box((-x + 0.01, x - 0.01), (-y + 0.013, y - 0.013), (0.7 * h, 0.72 * h), "dark"),
    )


def suitcase(w: float, d: float, h: float) -> Parts:
    """A ribbed upright case on wheels, with a pulled-out handle."""
    x, y, top = w / 2, d / 2, 0.78 * h
    ribs = [(-0.3 * w, -0.24 * w), (-0.03 * w, 0.03 * w), (0.24 * w, 0.3 * w)]
    return (
        box((-x, x), (-y + 0.01, y - 0.01), (0.05, top)),
        *(box(rib, (-y, y), (0.08, top - 0.03), "second") for rib in ribs),
        *(
            prism((a, 0.03), (0.03, 0.03), (b - 0.02, b + 0.02), "dark", axis="y", sides=12)
            for a in (-x + 0.05, x - 0.05)
            for b in (-y + 0.04, y - 0.04)
        ),
        *(
            box((a - 0.01, a + 0.01), (-y + 0.03, -y + 0.05), (top, h - 0.03), "metal")
            for a in (-0.2 * w, 0.2 * w)
        ),
        box((-0.22 * w, 0.22 * w), (-y + 0.02, -y + 0.06), (h - 0.03, h), "dark"),
    )


def backpack(w: float, d: float, h: float) -> Parts:
    """A round-topped bag with a pocket in front, straps at the back and a loop on top."""
    x, y = w / 2, d / 2
    body = 0.5 * d
    return (
        box((-x, x), (-y + 0.04, -y + 0.04 + body), (0.0, 0.68 * h)),
        prism((0, 0.68 * h), (x, 0.26 * h), (-y + 0.04, -y + 0.04 + body), axis="y"),
        box((-0.72 * x, 0.72 * x), (-y + 0.04 + body, y), (0.05 * h, 0.45 * h), "second"),
        *(
            box((a - 0.025, a + 0.025), (-y, -y + 0.04), (0.1 * h, 0.8 * h), "dark")
            for a in (-0.5 * x, 0.5 * x)
        ),
        ring((0, 0.93 * h), (0.06, 0.07 * h), (0.04, 0.045 * h), (-y + 0.05, -y + 0.08), "dark"),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "bookshelf": bookshelf,
    "closet": closet,
    "dresser": dresser,
    "shelf": shelf,
    "trash bin": trash_bin,
    "box": carton,
    "suitcase": suitcase,
    "backpack": backpack,
}
