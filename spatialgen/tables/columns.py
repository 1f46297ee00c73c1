"""The columns of a release's tables, and how a row of a dataset folder becomes their cells.

A column has a kind: a name ("string", "int64", "image", ...), ``[kind]`` for a list
of it, or a mapping for named parts. What has no single type (an answer, the figures
of checks, fields beyond the known ones) is a string that holds JSON.
"""

import json
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from spatialgen.dataset.rows import Row
from spatialgen.dataset.scenes import scene_from_json
from spatialgen.errors import DatasetError

#: The kind of a column.
Kind = Any

QUESTIONS = "questions"
SCENES = "scenes"
FRAMES = "frames"
REJECTED = "rejected"

#: The tables, in the order in which they are shown.
TABLES = (QUESTIONS, SCENES, FRAMES, REJECTED)

#: Where fields go that no column is for, as JSON.
MORE = "more"

_PLACE: Mapping[str, Kind] = {"dataset": "string", "scene_name": "string"}

_QUESTION: Mapping[str, Kind] = {
    "id": "string",
    **_PLACE,
    "question_type": "string",
    "question": "string",
    "options": ["string"],
    "ground_truth": "string",
    "answer": "string",
    "unit": "string",
    "program": "string",
    "language_version": "string",
    "frames": ["int64"],
    "proposer": "string",
    "round": "int64",
    "seed": "int64",
    "complexity": "string",
    "checks": "string",
    "confidence": "float64",
    "band": "string",
}

_LENS: Mapping[str, Kind] = {
    **dict.fromkeys(("fx", "fy", "cx", "cy"), "float64"),
    **dict.fromkeys(("width", "height"), "int64"),
}

_SEEN: Mapping[str, Kind] = {
    "object": "string",
    "box_px": ["float64"],
    "fraction": "float64",
    "pixels": "int64",
    "truncated": "bool",
}

#: The columns of each table, in order.
COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    QUESTIONS: {**_QUESTION, MORE: "string"},
    REJECTED: {**_QUESTION, "reason": "string", "detail": "string", MORE: "string"},
    SCENES: {
        **_PLACE,
        "space": "string",
        "objects": [
            {
                "id": "string",
                "label": "string",
                "center": ["float64"],
                "size": ["float64"],
                "axes": [["float64"]],
            }
        ],
        "counts": [{"label": "string", "count": "int64"}],
        "room": {
            "area": "float64",
            "center": ["float64"],
            "height": "float64",
            "polygon": [["float64"]],
        },
        "frames": [
            {
                "index": "int64",
                "time_s": "float64",
                "pose": [["float64"]],
                "camera": _LENS,
                "fisheye": ["float64"],
                "seen": [_SEEN],
            }
        ],
        "first_seen": [{"object": "string", "time_s": "float64"}],
        "notes": [{"code": "string", "detail": "string"}],
        MORE: "string",
    },
    FRAMES: {
        **_PLACE,
        "index": "int64",
        "time_s": "float64",
        "camera": _LENS,
        "pose": [["float64"]],
        "image": "image",
    },
}

_JSON_CELLS = ("answer", "complexity", "checks")
_WHOLE = range(-(2**63), 2**63)
# Up to here a whole number is the same as a float64.
_EXACT = 2**53


def to_cells(table: str, row: Row) -> dict[str, Any]:
    """Return the cells of a row of a dataset folder; raises ValueError for what fits no column."""
    cells = _scene_cells(row) if table == SCENES else _question_cells(table, row)
    for name, check in _CHECKS[table].items():
        fault = check(cells.get(name))
        if fault:
            raise ValueError(f"{name!r} {fault}")
    return cells


def from_cells(table: str, cells: Mapping[str, Any]) -> Row:
    """Return the row that `to_cells` was given; raises DatasetError for other cells."""
    try:
        more = json.loads(cells[MORE]) if cells[MORE] is not None else {}
        if table == SCENES:
            return {**_scene_row(cells), **more}
        row = {name: cells[name] for name in COLUMNS[table] if name != MORE}
        if table == REJECTED and row["id"] is None:  # a scene, and not a question
            return {name: row[name] for name in (*_PLACE, "reason", "detail")} | more
        row |= {name: json.loads(row[name]) for name in _JSON_CELLS}
        return row | more
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DatasetError(f"not a row of the table {table!r} ({error!r})") from error


def features(kind: Kind) -> Any:
    """Return a kind as ``datasets`` writes it into the schema of a parquet file."""
    if isinstance(kind, list):
        return {"feature": features(kind[0]), "_type": "List"}
    if isinstance(kind, Mapping):
        return {name: features(each) for name, each in kind.items()}
    return {"_type": "Image"} if kind == "image" else {"dtype": kind, "_type": "Value"}


def card_features(kinds: Mapping[str, Kind]) -> list[dict[str, Any]]:
    """Return columns as the YAML of a dataset card lists them."""
    return [{"name": name, **_card_feature(kind)} for name, kind in kinds.items()]


def _card_feature(kind: Kind) -> dict[str, Any]:
    if isinstance(kind, list):
        inner = _card_feature(kind[0])
        return {"list": inner.get("dtype") or inner.get("struct") or inner}
    if isinstance(kind, Mapping):
        return {"struct": card_features(kind)}
    return {"dtype": kind}


def _question_cells(table: str, row: Row) -> dict[str, Any]:
    known = COLUMNS[table]
    cells = {name: row.get(name) for name in known}
    if table == QUESTIONS or "id" in row:
        cells |= {name: _json(row.get(name)) for name in _JSON_CELLS}
    return cells | _more(row, known)


def _scene_cells(row: Row) -> dict[str, Any]:
    try:
        scene_from_json(row)
        notes = [{"code": note["code"], "detail": note["detail"]} for note in row["notes"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no scene ({error!r})") from error
    return {
        **{name: row[name] for name in (*_PLACE, "space", "objects", "room")},
        "counts": [{"label": label, "count": count} for label, count in row["counts"].items()],
        "frames": [_frame_cells(frame) for frame in row["frames"]],
        "first_seen": [
            {"object": key, "time_s": time_s} for key, time_s in row["first_seen"].items()
        ],
        "notes": notes,
        **_more(row, COLUMNS[SCENES]),
    }


def _frame_cells(frame: Row) -> dict[str, Any]:
    seen = [
        {
            "object": key,
            "box_px": values[:4],
            "fraction": values[4],
            "pixels": values[5],
            "truncated": values[6],
        }
        for key, values in frame["seen"].items()
    ]
    lens = dict(zip(_LENS, frame["camera"], strict=True))
    return {**frame, "camera": lens, "seen": seen}


def _scene_row(cells: Mapping[str, Any]) -> Row:
    return {
        **{name: cells[name] for name in (*_PLACE, "space", "objects")},
        "counts": {each["label"]: each["count"] for each in cells["counts"]},
        "room": cells["room"],
        "frames": [_frame_row(frame) for frame in cells["frames"]],
        "first_seen": {each["object"]: each["time_s"] for each in cells["first_seen"]},
        "notes": cells["notes"],
    }


def _frame_row(cells: Mapping[str, Any]) -> Row:
    parts = ("fraction", "pixels", "truncated")
    return {
        **{name: cells[name] for name in ("index", "time_s", "pose")},
        "camera": [cells["camera"][name] for name in _LENS],
        "fisheye": cells["fisheye"],
        "seen": {
            each["object"]: [*each["box_px"], *(each[part] for part in parts)]
            for each in cells["seen"]
        },
    }


def _more(row: Row, known: Mapping[str, Kind]) -> dict[str, str | None]:
    others = {name: value for name, value in row.items() if name not in known or name == MORE}
    return {MORE: _json(others) if others else None}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# What is wrong with a cell; nothing where it may be stored.
_Check = Callable[[Any], str | None]


def _check(kind: Kind) -> _Check:
    if isinstance(kind, list):
        return partial(_list_fault, _check(kind[0]))
    if isinstance(kind, Mapping):
        return partial(_parts_fault, {name: _check(each) for name, each in kind.items()})
    return partial(_plain_fault, _SOUND[kind], kind)


def _list_fault(check: _Check, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        return "is no list"
    for each in value:
        fault = check(each)
        if fault:
            return fault
    return None


def _parts_fault(checks: Mapping[str, _Check], value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= checks.keys():
        return f"is not made of {', '.join(checks)}"
    for name, each in value.items():
        fault = checks[name](each)
        if fault:
            return fault
    return None


def _plain_fault(sound: Callable[[Any], bool], kind: str, value: Any) -> str | None:
    if value is None or sound(value):
        return None
    return f"holds {str(value)[:40]!r}, which is no {kind}"


def _is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode("utf-8") or True)
    except UnicodeEncodeError:
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _WHOLE


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return _is_whole(value) and abs(value) <= _EXACT


_SOUND: Mapping[str, Callable[[Any], bool]] = {
    "string": _is_text,
    "int64": _is_whole,
    "float64": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "image": lambda value: isinstance(value, dict) and isinstance(value.get("bytes"), bytes),
}

_CHECKS: Mapping[str, Mapping[str, _Check]] = {
    table: {name: _check(kind) for name, kind in columns.items()}
    for table, columns in COLUMNS.items()
}
