"""Text of any origin in Markdown: nothing in it is taken for markup."""

import re
from typing import Any

#: Longer text is cut in a cell of a table.
_LONGEST = 120

# Addresses are links by themselves, and names after an at sign are called.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$@]|(?<=\w):(?=//)|(?<=www)\.)", re.IGNORECASE)
_NAME = re.compile(r"[\w.-]{1,80}", re.ASCII)


def plain(value: Any, longest: int = _LONGEST) -> str:
    """Return a value as one line of text, cut, without what orders a terminal about."""
    text = printable(" ".join(str(value).split()))
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def printable(text: str, besides: str = "") -> str:
    """Return a text with a question mark for each character that can't be seen."""
    return "".join(each if each.isprintable() or each in besides else "?" for each in text)


def cell(value: Any) -> str:
    """Return a value as text in a line or in a cell of a table."""
    return _MARKUP.sub(r"\\\1", plain(value))


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
    shown = printable(text.rstrip(), besides="\n\t")
    return f"{fence}{language}\n{shown}\n{fence}"


def share(part: int, whole: int) -> str:
    """Return a share in whole percent."""
    return f"{round(100 * part / whole)} %" if whole else "-"
