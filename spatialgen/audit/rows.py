"""The rows of a file of questions, one by one: JSON lines, or one JSON list."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from spatialgen.errors import SpatialgenError, UsageError

#: Characters that a row may take. With a picture inside it takes a few hundred thousand.
ROW_LIMIT = 16 * 2**20

_CHUNK = 2**18
_DECODER = json.JSONDecoder()


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file in which each line, or each element of a list, is one.

    Raises UsageError where there is no such file, SpatialgenError where it is of another kind.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file of questions")
    with path.open(encoding="utf-8-sig") as stream:
        number = 0
        try:
            for row in _objects(stream):
                yield row
                number += 1
        except (ValueError, RecursionError) as error:
            where = f"after {number} rows" if number else "at its beginning"
            raise SpatialgenError(
                f"{path}: no file of questions, {where} ({error}); JSON lines or a JSON list of "
                "objects is expected"
            ) from error


def _objects(stream: TextIO) -> Iterator[dict[str, Any]]:
    text, at = _skip_space(stream, "", 0)
    if text[at : at + 1] not in ("[", "{"):
        raise ValueError("it begins with neither [ nor {")
    is_list = text[at] == "["
    at += is_list
    first = True
    while True:
        text, at = _skip_space(stream, text, at)
        if at == len(text):
            if is_list:
                raise ValueError("the list has no end")
            return
        if is_list and text[at] == "]":
            return
        if is_list and not first:
            if text[at] != ",":
                raise ValueError("a comma is missing")
            text, at = _skip_space(stream, text, at + 1)
        if text[at : at + 1] != "{":
            raise ValueError("what is no object")
        row, text, at = _object(stream, text, at)
        first = False
        yield row


def _skip_space(stream: TextIO, text: str, at: int) -> tuple[str, int]:
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at < len(text):
            return text, at
        text, at = stream.read(_CHUNK), 0
        if not text:
            return text, at


def _object(stream: TextIO, text: str, at: int) -> tuple[dict[str, Any], str, int]:
    # An object that goes on beyond the text is parsed anew with twice as much of it.
    while True:
        try:
            row, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError:
            if len(text) - at > ROW_LIMIT:
                raise ValueError(f"a row of more than {ROW_LIMIT} characters") from None
            more = stream.read(max(_CHUNK, len(text) - at))
            if not more:
                raise
            text, at = text[at:] + more, 0
        else:
            return row, text, end
