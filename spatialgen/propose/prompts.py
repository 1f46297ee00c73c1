"""The words that a model is asked with: files of their own, told apart by their hash."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template

#: Goes up with every change of what the templates ask for.
VERSION = "1"

#: Each is ``templates/NAME.txt``.
NAMES = ("scene", "ask", "repair", "unreadable", "review", "blind")


@cache
def text_of(name: str) -> str:
    """Return a template as it stands in its file."""
    path = files("spatialgen.propose") / "templates" / f"{name}.txt"
    return path.read_text(encoding="utf-8")


def fill(name: str, values: Mapping[str, str]) -> str:
    """Return a template with its ``${places}`` filled; what is filled in is taken as it is.

    Raises KeyError where a place has no value.
    """
    return Template(text_of(name)).substitute(values)


def hashes() -> dict[str, str]:
    """Return the version and the hash of every template, for the manifest."""
    found = {name: hashlib.sha256(text_of(name).encode()).hexdigest()[:16] for name in NAMES}
    return {"version": VERSION, **found}
