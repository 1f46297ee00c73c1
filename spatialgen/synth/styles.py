"""How rooms and things are coloured: styles of rooms, paints of things."""

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from spatialgen.records import Vec3
from spatialgen.synth.catalogue import FURNISHINGS
from spatialgen.synth.textures import Pattern

#: Red, green, blue, 0 to 1.
Color: TypeAlias = Vec3


@dataclass(frozen=True, slots=True)
class Paint:
    """Two colours and the pattern that mixes them, with its period in metres."""

    first: Color
    second: Color
    pattern: Pattern = Pattern.PLAIN
    period: float = 0.1


@dataclass(frozen=True, slots=True)
class Style:
    """A way to do up a room; walls, floors and ceilings are drawn from the lists.

    ``light`` is the lamp's colour, ``ambient`` the share of light that comes from everywhere.
    """

    walls: tuple[Paint, ...]
    floors: tuple[Paint, ...]
    ceiling: Paint
    light: Color = (1.0, 1.0, 1.0)
    ambient: float = 0.5


_WHITE = Paint((0.93, 0.93, 0.91), (0.93, 0.93, 0.91))
_OAK = Paint((0.72, 0.54, 0.36), (0.48, 0.33, 0.2), Pattern.PLANKS, 0.5)
_PALE_OAK = Paint((0.82, 0.72, 0.58), (0.62, 0.5, 0.37), Pattern.PLANKS, 0.45)
_WALNUT = Paint((0.42, 0.29, 0.21), (0.24, 0.15, 0.1), Pattern.PLANKS, 0.5)
_GREY_TILES = Paint((0.72, 0.73, 0.74), (0.42, 0.42, 0.43), Pattern.TILES, 0.45)
_CHESS = Paint((0.82, 0.8, 0.76), (0.34, 0.36, 0.38), Pattern.CHECKS, 0.8)
_CARPET_BLUE = Paint((0.33, 0.4, 0.52), (0.25, 0.31, 0.42), Pattern.CLOUDS, 0.15)
_CARPET_SAND = Paint((0.74, 0.67, 0.56), (0.62, 0.55, 0.45), Pattern.CLOUDS, 0.15)
_CARPET_GREEN = Paint((0.42, 0.5, 0.4), (0.33, 0.41, 0.32), Pattern.CLOUDS, 0.15)
_CONCRETE = Paint((0.62, 0.61, 0.6), (0.5, 0.5, 0.49), Pattern.CLOUDS, 1.2)


def _wall(
    color: Color, pattern: Pattern = Pattern.CLOUDS, dark: float = 0.96, period: float = 0.9
) -> Paint:
    return Paint(color, tuple(dark * c for c in color), pattern, period)  # type: ignore[arg-type]


STYLES: Mapping[str, Style] = {
    "plain": Style(
        (_wall((0.88, 0.87, 0.84)), _wall((0.84, 0.87, 0.9)), _wall((0.9, 0.86, 0.78))),
        (_PALE_OAK, _CARPET_SAND, _CONCRETE),
        _WHITE,
    ),
    "wooden": Style(
        (_wall((0.78, 0.64, 0.46), Pattern.PLANKS, 0.75, 0.6), _wall((0.86, 0.8, 0.7))),
        (_OAK, _WALNUT),
        _wall((0.85, 0.76, 0.63), Pattern.PLANKS, 0.85, 0.6),
        light=(1.0, 0.96, 0.88),
    ),
    "tiled": Style(
        (
            _wall((0.82, 0.9, 0.9), Pattern.TILES, 0.7, 0.3),
            _wall((0.92, 0.92, 0.94), Pattern.TILES, 0.6, 0.2),
        ),
        (_GREY_TILES, _CHESS),
        _WHITE,
        light=(0.95, 0.98, 1.0),
    ),
    "carpet": Style(
        (
            _wall((0.8, 0.84, 0.74), Pattern.STRIPES, 0.92, 0.4),
            _wall((0.88, 0.8, 0.76), Pattern.STRIPES, 0.93, 0.5),
        ),
        (_CARPET_BLUE, _CARPET_GREEN, _CARPET_SAND),
        _WHITE,
    ),
    "brick": Style(
        (
            Paint((0.66, 0.37, 0.28), (0.8, 0.77, 0.72), Pattern.BRICKS, 0.28),
            _wall((0.85, 0.84, 0.82)),
        ),
        (_CONCRETE, _WALNUT),
        _wall((0.7, 0.69, 0.67)),
        light=(1.0, 0.97, 0.92),
        ambient=0.45,
    ),
    "evening": Style(
        (_wall((0.6, 0.58, 0.66)), _wall((0.5, 0.58, 0.58)), _wall((0.66, 0.56, 0.5))),
        (_WALNUT, _CARPET_BLUE),
        _wall((0.72, 0.7, 0.7)),
        light=(1.0, 0.84, 0.62),
        ambient=0.38,
    ),
}

#: What never changes its colour much, because people would not recognise it otherwise.
_FIXED: Mapping[str, Paint] = {
    "metal": Paint((0.68, 0.69, 0.71), (0.55, 0.56, 0.58), Pattern.GRAIN, 0.05),
    "dark": Paint((0.13, 0.13, 0.14), (0.13, 0.13, 0.14)),
    "white": Paint((0.94, 0.94, 0.92), (0.94, 0.94, 0.92)),
    "paper": Paint((0.95, 0.93, 0.86), (0.9, 0.88, 0.8), Pattern.CLOUDS, 0.2),
    "screen": Paint((0.05, 0.06, 0.09), (0.1, 0.14, 0.22), Pattern.CLOUDS, 0.5),
    "glass": Paint((0.66, 0.84, 0.95), (0.86, 0.94, 0.98), Pattern.CLOUDS, 0.9),
    "mirror": Paint((0.74, 0.8, 0.83), (0.9, 0.94, 0.96), Pattern.CLOUDS, 0.8),
}

_WOODS: tuple[tuple[Color, Color], ...] = (
    ((0.76, 0.58, 0.38), (0.58, 0.41, 0.25)),
    ((0.55, 0.37, 0.23), (0.38, 0.24, 0.14)),
    ((0.85, 0.74, 0.57), (0.7, 0.57, 0.4)),
    ((0.36, 0.25, 0.19), (0.24, 0.15, 0.11)),
)

#: Patterns of a thing's main colour, and how often each is drawn.
_MAIN = (
    (Pattern.PLAIN, 5),
    (Pattern.GRAIN, 4),
    (Pattern.CLOUDS, 2),
    (Pattern.STRIPES, 1),
    (Pattern.CHECKS, 1),
)

_LABELS = sorted({item.label for item in FURNISHINGS})


def paints(rng: np.random.Generator, label: str, bound: bool) -> Mapping[str, Paint]:
    """Return the paint of each material of one thing.

    ``bound`` colours are the label's own, the same in every room; others are
    drawn, and say nothing about what the thing is.
    """
    draw = np.random.Generator(np.random.PCG64(_LABELS.index(label))) if bound else rng
    if bound:
        # Hues a golden section apart keep any number of classes distinct.
        place = _LABELS.index(label)
        main = colorsys.hsv_to_rgb(
            place * 0.618 % 1, (0.75, 0.5)[place % 2], (0.85, 0.6, 0.95)[place % 3]
        )
    else:
        main = _drawn_color(draw)
    weights = np.array([weight for _, weight in _MAIN], dtype=float)
    pattern = _MAIN[int(draw.choice(len(_MAIN), p=weights / weights.sum()))][0]
    wood = _WOODS[int(draw.integers(len(_WOODS)))]
    second = _drawn_color(draw) if draw.random() < 0.5 else _shaded(main, 0.62)
    leaf = colorsys.hsv_to_rgb(
        draw.uniform(0.17, 0.42), draw.uniform(0.45, 0.8), draw.uniform(0.4, 0.7)
    )
    shade = (
        _shaded(main, 1.0)
        if bound
        else colorsys.hsv_to_rgb(draw.random(), draw.uniform(0.05, 0.4), 0.97)
    )
    return {
        **_FIXED,
        "main": Paint(main, _shaded(main, 0.72), pattern, draw.uniform(0.08, 0.22)),
        "second": Paint(second, _shaded(second, 0.8), Pattern.PLAIN),
        "wood": Paint(*wood, Pattern.GRAIN, 0.12),
        "leaf": Paint(leaf, _shaded(leaf, 0.65), Pattern.STRIPES, 0.07),
        "shade": Paint(shade, _shaded(shade, 0.85), Pattern.STRIPES, 0.05),
        "art": Paint(_drawn_color(draw), _drawn_color(draw), Pattern.CLOUDS, 0.4),
    }


def _drawn_color(rng: np.random.Generator) -> Color:
    """Draw a colour as painted and woven things have them: one in three is nearly grey."""
    grey = rng.random() < 0.33
    saturation = rng.uniform(0.0, 0.12) if grey else rng.uniform(0.3, 0.8)
    return colorsys.hsv_to_rgb(rng.random(), saturation, rng.uniform(0.3, 0.95))


def _shaded(color: Color, share: float) -> Color:
    return (color[0] * share, color[1] * share, color[2] * share)
