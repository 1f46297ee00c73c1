"""What is wrong with a setting, in the words of a config and not of Python."""

from collections.abc import Mapping
from typing import Any

_NUMBER = "a number is expected"
_WHOLE = "a whole number is expected"
_SETTINGS = "settings are expected here, as {name: value}"

#: By pydantic's name of the error; what stands in braces is its context.
_TOLD = {
    "missing": "is missing",
    "extra_forbidden": "there is no such setting",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "string_type": "a text is expected",
    "string_too_short": "a text is expected, and not an empty one",
    "path_type": "a path is expected",
    "tuple_type": "a list is expected",
    "too_short": "a list of {min_length} or more is expected",
    "too_long": "a list of no more than {max_length} is expected",
    "literal_error": "{expected} is expected",
    "union_tag_not_found": "is without its kind, as kind: built-in",
    "union_tag_invalid": "there is no kind {tag!r}; there are {expected_tags}",
    "greater_than": "more than {gt} is expected",
    "greater_than_equal": "{ge} or more is expected",
    "less_than": "less than {lt} is expected",
    "less_than_equal": "{le} or less is expected",
}

#: Errors where something is wanted that has settings of its own.
_PARTS = ("dict_type", "model_type", "model_attributes_type")


def worded(error: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says of a setting."""
    if error["type"] in _PARTS:
        return _SETTINGS
    told = _TOLD.get(error["type"])
    if told is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return told.format(**error.get("ctx", {}))
