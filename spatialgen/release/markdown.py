"""Text of any origin in Markdown: nothing in it is taken for markup."""

import re
from typing import Any

#: Longer text is cut in a cell of a table.
_LONGEST = 120

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$])")
_NAME = re.compile(r"[\w.-]{1,80}", re.ASCII)


def cell(value: Any) -> str:
    """Return a value as text in a line or in a cell of a table."""
    text = " ".join(str(value).split())
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return _MARKUP.sub(r"\\\1", cut)


def term(value: Any) -> str:
    """Return the name of a type, a reason or a setting, in the type of code where it is one."""
    return f"`{value}`" if _NAME.fullmatch(str(value)) else cell(value)


def row(*cells: str) -> str:
    """Return a row of a table, of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def code(text: str, language: str = "text") -> str:
    """Return a block of code; the fence is longer than any in the text."""
    longest = max((len(ticks) for ticks in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def share(part: int, whole: int) -> str:
    """Return a share in whole percent."""
    return f"{round(100 * part / whole)} %" if whole else "-"
