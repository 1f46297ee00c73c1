"""The plots of a card, as SVG: bars, one line for each question type."""

from collections.abc import Mapping, Sequence
from html import escape

from spatialgen.release.markdown import plain
from spatialgen.tables.record import Type

#: Colours that are told apart in any sight.
_COLORS = ("#2b6cb0", "#dd6b20", "#2f855a", "#805ad5", "#b7791f", "#718096")

_WIDTH, _LINE, _TEXT, _HEAD = 720, 20, 250, 46
_ENDS = 70

# Characters of a name that there is room for.
_LONGEST = 38


def types(found: Mapping[str, Type]) -> str:
    """Return how many questions of each type were accepted, and how many turned down."""
    rows = {name: (each.accepted, each.rejected) for name, each in found.items()}
    most = max((sum(values) for values in rows.values()), default=0)
    return _bars("questions, and drafts turned down", ("accepted", "rejected"), rows, most)


def letters(found: Mapping[str, Type]) -> str:
    """Return how often each letter is the right one, as shares of a type's questions."""
    names = sorted({letter for each in found.values() for letter in each.letters})
    rows = {
        name: tuple(each.letters.get(letter, 0) for letter in names)
        for name, each in found.items()
        if each.letters
    }
    return _bars("the right letter", names, rows, None)


def _bars(
    title: str, series: Sequence[str], rows: Mapping[str, Sequence[int]], most: int | None
) -> str:
    """Return stacked bars, of one length where ``most`` is None."""
    shapes = [f'<text x="8" y="18" class="t">{escape(title)}</text>']
    for place, name in enumerate(series):
        left = _TEXT + place * 90
        shapes.append(f'<rect x="{left}" y="28" width="10" height="10" fill="{_color(place)}"/>')
        shapes.append(f'<text x="{left + 14}" y="37">{escape(plain(name))}</text>')
    for line, (name, values) in enumerate(rows.items()):
        y = _HEAD + line * _LINE
        named = escape(plain(name, _LONGEST))
        whole = most if most is not None else sum(values)
        shapes.append(f'<text x="{_TEXT - 8}" y="{y + 13}" class="e">{named}</text>')
        x = float(_TEXT)
        for place, value in enumerate(values):
            width = value / whole * (_WIDTH - _TEXT - _ENDS) if whole else 0.0
            shapes.append(
                f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{_LINE - 5}" '
                f'fill="{_color(place)}"/>'
            )
            x += width
        told = str(values[0]) if most is not None else str(sum(values))
        shapes.append(f'<text x="{x + 6:.1f}" y="{y + 13}">{told}</text>')
    height = _HEAD + len(rows) * _LINE + 8
    style = "text{font:12px sans-serif;fill:#1a202c}.t{font-weight:bold}.e{text-anchor:end}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}"><style>{style}</style>'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>{"".join(shapes)}</svg>\n'
    )


def _color(place: int) -> str:
    return _COLORS[place % len(_COLORS)]
