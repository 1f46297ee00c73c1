"""Triangle meshes in PLY files: binary of either byte order, or ASCII.

Only what such a mesh needs is understood, and strictly: every declared count is
checked against the size of the file before anything is allocated. All faces
have to be triangles, so that a whole element is one array whose rows are equally
long; further properties and elements are passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from spatialgen.errors import SceneError
from spatialgen.scan import Floats, Indices
from spatialgen.scenes import _files as files

#: A binary mesh may take this many bytes (decimated scans take 10 to 100 million), and one in
#: ASCII, of which every byte becomes up to 4 in memory.
BYTES_LIMIT = 192 * 2**20
ASCII_LIMIT = 64 * 2**20
#: How much of each a mesh may have, whatever it takes in the file: what is made of it grows with
#: these. Decimated scans have a tenth.
MOST = {"vertex": 3_000_000, "face": 6_000_000}

_HEAD_BYTES = 2**16
_LONGEST_LIST = 64
# Bytes that may follow the last row: a line end, or padding. More is a count that is too small.
_MOST_LEFT = 8
_NAMES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8",
}  # fmt: skip
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_END = re.compile(rb"(?:^|[\r\n])[ \t]*end_header[ \t]*(\r\n|\n|\r)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_COUNT = re.compile(r"[0-9]{1,12}")

_Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Ply:
    """A mesh as it is in the file: vertices (v, 3), faces (f, 3), NaN where NaN is written.

    ``labels`` (v,) is the vertices' property of that name, None where there is none.
    """

    vertices: Floats
    faces: Indices
    labels: npt.NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class _Property:
    """``counted`` is the type of a list's length, None where the property is one value."""

    name: str
    type: str
    counted: str | None


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    count: int
    properties: tuple[_Property, ...]


class _Malformed(Exception):
    """What is wrong with the file, without its name."""


def read(path: Path) -> Ply:
    """Return the mesh in a file; raises SceneError ``bad_mesh``."""
    try:
        length = files.size(path, BYTES_LIMIT, "bad_mesh")
        with path.open("rb") as stream:
            found = _elements(stream, length)
        return _mesh(found)
    except _Malformed as error:
        raise SceneError("bad_mesh", f"{path.name}: {error}; get the file again") from None
    except OSError as error:
        raise files.unreadable(path, "bad_mesh", error) from error


def _elements(stream: BinaryIO, length: int) -> dict[str, _Columns]:
    """Return the columns of the elements up to the last that is needed."""
    order, declared, start = _header(stream.read(_HEAD_BYTES))
    wanted = MOST.keys() & {element.name for element in declared}
    found: dict[str, _Columns] = {}
    stream.seek(start)
    if not order:
        if length > ASCII_LIMIT:
            raise _Malformed(f"{length:,} bytes of ASCII, more than the {ASCII_LIMIT:,} it may be")
        numbers = _numbers(stream.read(length - start))
    for element in declared:
        if order:
            columns = _binary(stream, element, order, length - stream.tell())
        else:
            columns, numbers = _ascii(numbers, element)
        if element.name in wanted:
            found[element.name] = columns
        if wanted <= found.keys():
            break
    left = length - stream.tell() - _MOST_LEFT if order else len(numbers)
    if element is declared[-1] and left > 0:
        kind = "bytes too many" if order else "numbers"
        raise _Malformed(f"{left:,} {kind} are left after its last {element.name}")
    return found


def _header(head: bytes) -> tuple[str, list[_Element], int]:
    """Return the byte order ("" for ASCII), the elements, and where the body begins."""
    end = _END.search(head)
    if not head.startswith(b"ply") or end is None:
        raise _Malformed("not a PLY file, or its header has no end")
    order: str | None = None
    elements: list[tuple[str, int, list[_Property]]] = []
    for line in _LINE_END.split(head[: end.start()].decode("latin-1"))[1:]:
        match line.split():
            case ["format", name, _] if name in _ORDERS:
                order = _ORDERS[name]
            case ["element", name, count] if _COUNT.fullmatch(count):
                elements.append((name, int(count), []))
            case ["property", "list", counted, type, name] if (
                elements and counted in _NAMES and type in _NAMES
            ):
                elements[-1][2].append(_Property(name, _NAMES[type], _NAMES[counted]))
            case ["property", type, name] if elements and type in _NAMES:
                elements[-1][2].append(_Property(name, _NAMES[type], None))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                raise _Malformed(f"its header has the line {line[:60]!a}")
    if order is None:
        raise _Malformed("its header names no known format")
    for name, _, properties in elements:
        if len({each.name for each in properties}) < len(properties):
            raise _Malformed(f"two properties of {name} have one name")
    if not elements or len({name for name, _, _ in elements}) < len(elements):
        raise _Malformed("it has no elements, or two of one name")
    return order, [_Element(name, count, tuple(each)) for name, count, each in elements], end.end()


def _binary(stream: BinaryIO, element: _Element, order: str, left: int) -> _Columns:
    if not element.count or not element.properties:
        return _no_rows(element)
    start = stream.tell()
    first = stream.read(_HEAD_BYTES)
    stream.seek(start)
    row = _row_type(element, order, first)
    if element.count * row.itemsize > left:
        raise _Malformed(
            f"{element.count:,} of {element.name} need {element.count * row.itemsize:,} bytes, "
            f"and {left:,} are left"
        )
    _check_count(element)
    rows = np.fromfile(stream, dtype=row, count=element.count)
    if len(rows) < element.count:
        raise _Malformed("it became shorter while it was read")
    return _checked(element, {name: rows[name] for name in row.names or ()})


def _row_type(element: _Element, order: str, first: bytes) -> np.dtype[Any]:
    """Return the type of all rows, given that their lists are as long as those of the first."""
    fields: list[tuple[Any, ...]] = []
    offset = 0
    for each in element.properties:
        if each.counted is None:
            fields.append((each.name, order + each.type))
            offset += np.dtype(each.type).itemsize
            continue
        counted = np.dtype(order + each.counted)
        if offset + counted.itemsize > len(first):
            raise _Malformed(f"it ends before the first {element.name}")
        (length,) = np.frombuffer(first, counted, 1, offset)
        length = _list_length(float(length), element)
        fields.append((_length_of(each.name), counted))
        fields.append((each.name, order + each.type, (length,)))
        offset += counted.itemsize + length * np.dtype(each.type).itemsize
    return np.dtype(fields)


def _numbers(text: bytes) -> Floats:
    try:
        return np.fromstring(text, dtype=np.float64, sep=" ")
    except (ValueError, DeprecationWarning):
        raise _Malformed("its body holds something that is no number") from None


def _ascii(numbers: Floats, element: _Element) -> tuple[_Columns, Floats]:
    """Return the columns of an element and the numbers that follow it."""
    if not element.count or not element.properties:
        return _no_rows(element), numbers
    places: dict[str, tuple[int, int]] = {}
    width = 0
    for each in element.properties:
        if each.counted is None:
            length = 1
        elif width < len(numbers):
            length = _list_length(float(numbers[width]), element)
            places[_length_of(each.name)] = (width, 1)
            width += 1
        else:
            raise _Malformed(f"it ends before the first {element.name}")
        places[each.name] = (width, -1 if each.counted is None else length)
        width += length
    needed = element.count * width
    if needed > len(numbers):
        raise _Malformed(
            f"{element.count:,} of {element.name} need {needed:,} numbers, "
            f"and {len(numbers):,} are left"
        )
    _check_count(element)
    rows = numbers[:needed].reshape(element.count, width)
    columns = {
        name: rows[:, at] if length < 0 else rows[:, at : at + length]
        for name, (at, length) in places.items()
    }
    return _checked(element, columns), numbers[needed:]


def _check_count(element: _Element) -> None:
    most = MOST.get(element.name, element.count)
    if element.count > most:
        raise _Malformed(f"{element.count:,} of {element.name}, more than the {most:,} it may have")


def _no_rows(element: _Element) -> _Columns:
    return {
        each.name: np.zeros((0,) if each.counted is None else (0, 3)) for each in element.properties
    }


def _checked(element: _Element, columns: _Columns) -> _Columns:
    for each in element.properties:
        if each.counted is not None:
            lengths = columns[_length_of(each.name)]
            if not (lengths == columns[each.name].shape[1]).all():
                raise _Malformed(f"lists of {element.name} differ in length: not only triangles")
    return columns


def _list_length(length: float, element: _Element) -> int:
    if not 0 <= length <= _LONGEST_LIST or length != int(length):
        raise _Malformed(f"the first {element.name} has a list of {length:g}")
    return int(length)


def _length_of(name: str) -> str:
    """Return a column's name that no property can have."""
    return f"length of {name}"


def _mesh(found: Mapping[str, _Columns]) -> Ply:
    vertex = found.get("vertex", {})
    axes = [vertex[name] for name in "xyz" if name in vertex and vertex[name].ndim == 1]
    if len(axes) < 3 or not len(axes[0]):
        raise _Malformed("it has no vertices with x, y and z")
    # What is read in the wrong byte order can be numbers that signal as they are widened.
    with np.errstate(invalid="ignore"):
        vertices = np.stack(axes, axis=1, dtype=np.float64)
    labels = vertex.get("label")
    return Ply(
        vertices,
        _faces(found.get("face", {}), len(vertices)),
        None if labels is None or labels.ndim != 1 else _whole(labels, "a label").astype(np.int64),
    )


def _faces(face: _Columns, count: int) -> Indices:
    corners = face.get("vertex_indices", face.get("vertex_index"))
    if corners is None:
        return np.zeros((0, 3), dtype=np.int32)
    if corners.ndim != 2 or corners.shape[1] != 3:
        raise _Malformed("its faces are not triangles")
    indices = _whole(corners, "a face")
    if len(indices) and (indices.min() < 0 or indices.max() >= count):
        raise _Malformed(f"a face names a vertex that is not among its {count:,}")
    return indices.astype(np.int32)


def _whole(values: npt.NDArray[Any], what: str) -> npt.NDArray[Any]:
    """Return the values as whole numbers, which those of ASCII are not yet."""
    if values.dtype.kind != "f":
        return values
    if not (np.abs(values) < 2**53).all() or not (values == np.trunc(values)).all():
        raise _Malformed(f"{what} has a number that is no whole one")
    return values.astype(np.int64)
