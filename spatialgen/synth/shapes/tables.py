"""Things with a top to put something on."""

from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Parts, box, legs, panel


def table(w: float, d: float, h: float) -> Parts:
    """A top with an apron on four legs."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y), (h - 0.04, h)),
        *legs(w - 0.06, d - 0.06, h - 0.04, 0.07, "second"),
        box((-x + 0.1, x - 0.1), (-y + 0.05, -y + 0.07), (h - 0.13, h - 0.04), "second"),
        box((-x + 0.1, x - 0.1), (y - 0.07, y - 0.05), (h - 0.13, h - 0.04), "second"),
    )


def coffee_table(w: float, d: float, h: float) -> Parts:
    """A low top on legs, with a board beneath."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y, y), (h - 0.035, h)),
        *legs(w, d, h - 0.035, 0.05, "second"),
        box((-x + 0.02, x - 0.02), (-y + 0.02, y - 0.02), (0.1, 0.125), "second"),
    )


def desk(w: float, d: float, h: float) -> Parts:
    """A top on a side board and a stack of drawers, with a panel at the back."""
    x, y, inner = w / 2, d / 2, min(0.42, 0.35 * w)
    rows = [(0.06 + k * (h - 0.11) / 3, 0.05 + (k + 1) * (h - 0.11) / 3) for k in range(3)]
    return (
        box((-x, x), (-y, y), (h - 0.035, h)),
        box((-x, -x + 0.03), (-y, y), (0.0, h - 0.035), "second"),
        box((-x + 0.03, x - inner), (-y, -y + 0.02), (0.35 * h, h - 0.035), "second"),
        box((x - inner, x), (-y, y - 0.03), (0.0, h - 0.035), "second"),
        *(box((x - inner + 0.01, x - 0.01), (y - 0.03, y - 0.012), z) for z in rows),
        *(
            box(
                (x - inner / 2 - 0.06, x - inner / 2 + 0.06),
                (y - 0.012, y),
                (z1 - 0.05, z1 - 0.03),
                "metal",
            )
            for _, z1 in rows
        ),
    )


def counter(w: float, d: float, h: float) -> Parts:
    """A stone top over a row of cupboards with handles, set back at the foot."""
    x, y, doors = w / 2, d / 2, max(2, round(w / 0.5))
    step = w / doors
    starts = [-x + step * k for k in range(doors)]
    return (
        box((-x, x), (-y, y), (h - 0.04, h), "second"),
        box((-x, x), (-y, y - 0.07), (0.0, 0.1), "dark"),
        box((-x, x), (-y, y - 0.05), (0.1, h - 0.04)),
        *(
            box((a + 0.012, a + step - 0.012), (y - 0.05, y - 0.03), (0.115, h - 0.055))
            for a in starts
        ),
        *(
            box(
                (a + step - 0.14, a + step - 0.03),
                (y - 0.03, y - 0.01),
                (h - 0.13, h - 0.11),
                "metal",
            )
            for a in starts
        ),
    )


def nightstand(w: float, d: float, h: float) -> Parts:
    """A small chest of two drawers on short legs."""
    x, y, foot = w / 2, d / 2, 0.12
    middle = (foot + h) / 2
    return (
        *legs(w, d, foot, 0.035, "second"),
        box((-x, x), (-y, y - 0.02), (foot, h - 0.025)),
        box((-x, x), (-y, y), (h - 0.025, h), "second"),
        *(
            box((-x + 0.015, x - 0.015), (y - 0.02, y - 0.008), (low, high))
            for low, high in ((foot + 0.015, middle - 0.005), (middle + 0.005, h - 0.04))
        ),
        *(
            box((-0.03, 0.03), (y - 0.008, y), (at - 0.015, at + 0.015), "metal")
            for at in ((foot + middle) / 2, (middle + h) / 2 - 0.02)
        ),
    )


def piano(w: float, d: float, h: float) -> Parts:
    """An upright case, a keyboard on a ledge with white and black keys, a music stand, pedals."""
    x, y, ledge = w / 2, d / 2, min(0.64, 0.6 * h)
    front = y - 0.38 * d
    keys = 14
    step = (w - 0.2) / keys
    return (
        box((-x, x), (-y, front), (0.0, h)),
        box((-x, x), (front, y), (ledge - 0.06, ledge)),
        box((-x, -x + 0.09), (front, y), (0.0, ledge + 0.09)),
        box((x - 0.09, x), (front, y), (0.0, ledge + 0.09)),
        box((-x + 0.1, x - 0.1), (front + 0.06, y - 0.01), (ledge, ledge + 0.025), "white"),
        *(
            box(
                (a - 0.016, a + 0.016),
                (front + 0.06, y - 0.11),
                (ledge + 0.025, ledge + 0.045),
                "dark",
            )
            for a in (-x + 0.1 + step * k for k in range(1, keys) if k % 7 not in (0, 3))
        ),
        panel((-0.3 * w, 0.3 * w), (front + 0.05, ledge + 0.1), (front, 0.88 * h), 0.02, "paper"),
        *(
            box((a - 0.02, a + 0.02), (front, front + 0.08), (0.05, 0.08), "metal")
            for a in (-0.1, 0.1)
        ),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "table": table,
    "coffee table": coffee_table,
    "desk": desk,
    "counter": counter,
    "nightstand": nightstand,
    "piano": piano,
}
