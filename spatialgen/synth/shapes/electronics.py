"""Screens and what is plugged in beside them."""

from collections.abc import Callable, Mapping

from spatialgen.synth.parts import Parts, ball, box, hexahedron, panel, prism, ring


def monitor(w: float, d: float, h: float) -> Parts:
    """A screen in a frame, on a neck and a broad foot."""
    x, y, low = w / 2, d / 2, 0.24 * h
    return (
        box((-0.32 * w, 0.32 * w), (-y, y), (0.0, 0.015), "second"),
        box((-0.04, 0.04), (-0.35 * d, -0.15 * d), (0.015, 0.6 * h), "second"),
        box((-x, x), (-0.15 * d, 0.1 * d), (low, h)),
        box((-x + 0.015, x - 0.015), (0.1 * d, 0.13 * d), (low + 0.03, h - 0.015), "screen"),
    )


def tv(w: float, d: float, h: float) -> Parts:
    """A wide flat screen in a thin frame, with a box of electronics behind it."""
    x, y = w / 2, d / 2
    return (
        box((-0.35 * w, 0.35 * w), (-y, 0.1 * d), (0.15 * h, 0.7 * h), "dark"),
        box((-x, x), (0.1 * d, 0.4 * d), (0.0, h)),
        box((-x + 0.015, x - 0.015), (0.4 * d, y), (0.02, h - 0.015), "screen"),
    )


def tv_set(w: float, d: float, h: float) -> Parts:
    """A wide flat screen on two feet."""
    x, y = w / 2, d / 2
    return (
        *(box((a - 0.02, a + 0.02), (-y, y), (0.0, 0.03), "second") for a in (-0.32 * w, 0.32 * w)),
        *(
            box((a - 0.015, a + 0.015), (-0.02, 0.018), (0.03, 0.1), "second")
            for a in (-0.32 * w, 0.32 * w)
        ),
        box((-x, x), (-0.025, 0.02), (0.07, h)),
        box((-x + 0.015, x - 0.015), (0.02, 0.026), (0.09, h - 0.015), "screen"),
    )


def keyboard(w: float, d: float, h: float) -> Parts:
    """A wedge with rows of keys."""
    x, y = w / 2, d / 2
    corners = [
        (a, b, c) for a in (-x, x) for b, top in ((-y, 0.75 * h), (y, 0.45 * h)) for c in (0.0, top)
    ]
    rows, columns = 4, 12
    step, row = (w - 0.02) / columns, (d - 0.02) / rows
    return (
        hexahedron(corners),
        *(
            box(
                (-x + 0.01 + step * k, -x + 0.01 + step * (k + 0.8)),
                (-y + 0.01 + row * r, -y + 0.01 + row * (r + 0.8)),
                (0.4 * h, (1.0 - 0.09 * r) * h),
                "second",
            )
            for k in range(columns)
            for r in range(rows)
        ),
    )


def mouse(w: float, d: float, h: float) -> Parts:
    """A rounded back with a line between two buttons and a wheel."""
    x, y = w / 2, d / 2
    return (
        prism((0, 0), (x, y), (0.0, 0.5 * h), "second"),
        ball((0, 0, 0.5 * h), (0.97 * x, 0.97 * y, 0.5 * h)),
        prism(
            (0.45 * y, 0.8 * h),
            (0.2 * y, 0.2 * h),
            (-0.12 * x, 0.12 * x),
            "dark",
            axis="x",
            sides=12,
        ),
    )


def telephone(w: float, d: float, h: float) -> Parts:
    """A sloping case with twelve keys and a handset across its left."""
    x, y = w / 2, d / 2
    corners = [
        (a, b, c) for a in (-x, x) for b, top in ((-y, 0.7 * h), (y, 0.3 * h)) for c in (0.0, top)
    ]
    keys = [(c, r) for c in range(3) for r in range(4)]
    return (
        hexahedron(corners),
        box((-x + 0.01, -0.12 * w), (-y + 0.01, -y + 0.05), (0.6 * h, h), "second"),
        box((-x + 0.01, -0.12 * w), (y - 0.05, y - 0.01), (0.3 * h, 0.72 * h), "second"),
        panel((-x + 0.01, -0.12 * w), (-y + 0.01, 0.78 * h), (-y + 0.01, h), 0.05, "second"),
        hexahedron(
            [
                (a, b, c)
                for a in (-x + 0.015, -0.13 * w)
                for b, low, top in ((-y + 0.03, 0.75 * h, h), (y - 0.02, 0.45 * h, 0.72 * h))
                for c in (low, top)
            ],
            "second",
        ),
        *(
            box(
                (0.0 + 0.14 * w * c, 0.1 * w + 0.14 * w * c),
                (-0.15 * d + 0.14 * d * r, -0.05 * d + 0.14 * d * r),
                (0.2 * h, (0.62 - 0.055 * r) * h),
                "white",
            )
            for c, r in keys
        ),
        box((0.0, 0.4 * w), (-0.42 * d, -0.24 * d), (0.3 * h, 0.72 * h), "screen"),
    )


def printer(w: float, d: float, h: float) -> Parts:
    """A case with paper standing at the back and a tray with a sheet in front."""
    x, y = w / 2, d / 2
    return (
        box((-x, x), (-y + 0.05, 0.55 * y), (0.0, 0.7 * h)),
        box((-x + 0.01, x - 0.01), (-y + 0.06, 0.5 * y), (0.7 * h, 0.76 * h), "second"),
        panel((-0.3 * w, 0.3 * w), (-y + 0.1, 0.69 * h), (-y, h), 0.015, "paper"),
        box((-0.36 * w, 0.36 * w), (0.55 * y, y), (0.1 * h, 0.16 * h), "second"),
        box((-0.28 * w, 0.28 * w), (0.5 * y, 0.95 * y), (0.16 * h, 0.19 * h), "paper"),
        box((-0.38 * w, 0.38 * w), (0.53 * y, 0.56 * y), (0.2 * h, 0.36 * h), "dark"),
        box((0.2 * w, 0.42 * w), (0.3 * y, 0.57 * y), (0.5 * h, 0.62 * h), "screen"),
    )


def speaker(w: float, d: float, h: float) -> Parts:
    """A case with a small cone over a large one."""
    x, y = w / 2, d / 2
    large, small = min(0.4 * w, 0.24 * h), min(0.22 * w, 0.13 * h)
    return (
        box((-x, x), (-y, y - 0.012), (0.0, h)),
        ring((0, 0.32 * h), (large, large), (0.78 * large, 0.78 * large), (y - 0.012, y), "second"),
        prism(
            (0, 0.32 * h), (0.78 * large, 0.78 * large), (y - 0.012, y - 0.008), "dark", axis="y"
        ),
        ring((0, 0.78 * h), (small, small), (0.7 * small, 0.7 * small), (y - 0.012, y), "second"),
        prism((0, 0.78 * h), (0.7 * small, 0.7 * small), (y - 0.012, y - 0.008), "dark", axis="y"),
    )


SHAPES: Mapping[str, Callable[[float, float, float], Parts]] = {
    "monitor": monitor,
    "tv": tv,
    "tv set": tv_set,
    "keyboard": keyboard,
    "computer mouse": mouse,
    "telephone": telephone,
    "printer": printer,
    "speaker": speaker,
}
