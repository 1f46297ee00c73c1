"""Plots of a run as SVG: lines over rounds, and stacked bars by round."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

_WIDTH, _HEIGHT = 440, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 12, 30

#: Colours that are told apart in any sight, light and dark page.
COLORS = (
    *("#2b6cb0", "#c05621", "#2f855a", "#805ad5", "#b7791f", "#c53030"),
    *("#0987a0", "#97266d", "#5a67d8", "#718096"),
)


def color(place: int) -> str:
    """Return the colour of the series at a place."""
    return COLORS[place % len(COLORS)]


def lines(
    title: str,
    ticks: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    levels: Mapping[str, float] | None = None,
) -> str:
    """Return shares from 0 to 1 over ``ticks``, one line a series; gaps where there is None.

    ``levels`` are dashed lines across.
    """
    shapes = [_axes(ticks)]
    for place, (name, values) in enumerate(series.items()):
        tint = color(place)
        told = [(i, value) for i, value in enumerate(values) if value is not None]
        points = {i: f"{_x(i, len(ticks)):.1f},{_y(value):.1f}" for i, value in told}
        for _, run in groupby(enumerate(points), key=lambda each: each[1] - each[0]):
            path = " ".join(points[i] for _, i in run)
            shapes.append(
                f'<polyline points="{path}" fill="none" stroke="{tint}" stroke-width="2"/>'
            )
        for i, value in told:
            x, y = points[i].split(",")
            hint = escape(f"{name}, {ticks[i]}: {value:.3f}")
            shapes.append(
                f'<circle cx="{x}" cy="{y}" r="3.5" fill="{tint}"><title>{hint}</title></circle>'
            )
    for name, value in (levels or {}).items():
        at = f"{_y(value):.1f}"
        shapes.append(
            f'<line class="level" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at}" y2="{at}">'
            f"<title>{escape(name)}: {value:.3f}</title></line>"
        )
    return _svg(title, shapes)


def bars(title: str, ticks: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """Return shares of each tick's whole, stacked, one part a series."""
    shapes = [_axes(ticks)]
    width = min(48.0, 0.7 * (_WIDTH - _LEFT - _RIGHT) / max(len(ticks), 1))
    for i, tick in enumerate(ticks):
        whole = sum(values[i] for values in series.values())
        done = 0.0
        for place, (name, values) in enumerate(series.items()):
            if whole <= 0 or values[i] <= 0:
                continue
            share = values[i] / whole
            top, bottom = _y(done + share), _y(done)
            done += share
            hint = escape(f"{name}, {tick}: {values[i]:g} ({share:.1%})")
            shapes.append(
                f'<rect x="{_x(i, len(ticks)) - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
                f'height="{bottom - top:.1f}" fill="{color(place)}"><title>{hint}</title></rect>'
            )
    return _svg(title, shapes)


def key(names: Sequence[str]) -> str:
    """Return what the colours of a plot mean."""
    parts = (
        f'<span><i style="background:{color(i)}"></i>{escape(name)}</span>'
        for i, name in enumerate(names)
    )
    return f'<p class="key">{"".join(parts)}</p>'


def _x(place: int, count: int) -> float:
    inside = _WIDTH - _LEFT - _RIGHT
    return _LEFT + inside * (place + 0.5) / max(count, 1)


def _y(share: float) -> float:
    return _TOP + (1.0 - min(max(share, 0.0), 1.0)) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(ticks: Sequence[str]) -> str:
    parts = []
    for fifth in range(6):
        y = _y(fifth / 5)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(f'<text class="tick end" x="{_LEFT - 6}" y="{y + 4:.1f}">{fifth * 20}</text>')
    every = -(-len(ticks) // 12)
    for i, tick in enumerate(ticks):
        if i % every == 0:
            x = _x(i, len(ticks))
            parts.append(f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - 8}">{escape(tick)}</text>')
    return "".join(parts)


def _svg(title: str, shapes: Sequence[str]) -> str:
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
    drawn = f"<svg {size}>{''.join(shapes)}</svg>"
    return f"<figure><figcaption>{escape(title)}</figcaption>{drawn}</figure>"
