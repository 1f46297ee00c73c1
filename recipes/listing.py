"""All settings of a config in lines of text: what each is, and its default."""

from collections.abc import Iterator
from inspect import isclass
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from recipes.settings import Config, Part

_WORDS = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
}


def listed(part: type[Part] = Config, above: str = "") -> Iterator[str]:
    """Yield a line for every setting: its name as it is written after a config, and what it is.

    Of what there may be several of, the place is 0; of a part of several kinds all are there.
    """
    for name, field in part.model_fields.items():
        place = f"{above}{name}"
        parts = list(_parts(field.annotation))
        inside = f"{place}.0." if get_origin(field.annotation) is tuple else f"{place}."
        for inner in parts:
            yield from listed(inner, inside)
        if not parts:
            yield f"{place}: {_word(field.annotation)}{_default(field)}"


def _parts(kind: Any) -> Iterator[type[Part]]:
    """Yield the kinds of parts that a setting can be."""
    if isclass(kind) and issubclass(kind, Part):
        yield kind
    for each in get_args(kind):
        yield from _parts(each)


def _word(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " | ".join(map(str, get_args(kind)))
    if get_origin(kind) in (tuple, dict):
        return {tuple: "list", dict: "mapping"}[get_origin(kind)]
    inner = [each for each in get_args(kind) if each is not NoneType]
    return _word(inner[0]) if inner else _WORDS[kind]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}):
        return " [none]"
    told = str(value).lower() if isinstance(value, bool) else str(value)
    return f" [{', '.join(map(str, value)) if isinstance(value, tuple) else told}]"
