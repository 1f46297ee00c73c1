"""Rows of ``questions.jsonl`` and ``rejected.jsonl``."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from spatialgen.programs.language import VERSION as LANGUAGE_VERSION
from spatialgen.propose.complexity import complexity
from spatialgen.records import Scene
from spatialgen.verify.answers import spoken
from spatialgen.verify.judge import Verdict
from spatialgen.verify.options import LETTERS, lettered

Row = dict[str, Any]

#: Appended to the type of a numeric question that is asked with options, so that
#: no scorer takes its letter for a number.
OPTIONS_SUFFIX = "_mc"


def row_id(scene_key: str, question: str, program: str) -> str:
    """Return the stable id of a question: a hash of scene, question and program."""
    text = "\x1f".join((scene_key, question, program))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def accepted_row(
    scene: Scene, verdict: Verdict, options: list[str] | None, made_by: Mapping[str, Any]
) -> Row:
    """Return the row of a question that passed; ``made_by``: proposer, round, seed."""
    answer = spoken(verdict.draft, verdict.value if verdict.value is not None else "")
    row = _row(scene, verdict, made_by)
    row["options"] = lettered(options) if options else None
    row["ground_truth"] = LETTERS[options.index(answer)] if options else answer
    return row


def rejected_row(scene: Scene, verdict: Verdict, made_by: Mapping[str, Any]) -> Row:
    """Return the row of a question that failed a check: as far as it got, and why."""
    row = _row(scene, verdict, made_by)
    row["reason"] = verdict.reason
    row["detail"] = verdict.detail
    return row


def rejected_scene_row(dataset: str, name: str, code: str, detail: str) -> Row:
    """Return the row of a scene about which nothing was asked."""
    return {"dataset": dataset, "scene_name": name, "reason": code, "detail": detail}


def _row(scene: Scene, verdict: Verdict, made_by: Mapping[str, Any]) -> Row:
    draft = verdict.draft
    suffix = OPTIONS_SUFFIX if draft.as_options else ""
    return {
        "id": row_id(scene.key, draft.question, draft.program),
        "dataset": scene.dataset,
        "scene_name": scene.name,
        "question_type": draft.question_type + suffix,
        "question": draft.question,
        "options": None,
        "ground_truth": None,
        "answer": verdict.value,
        "unit": draft.unit,
        "program": draft.program,
        "language_version": LANGUAGE_VERSION,
        "frames": list(draft.frames) if draft.frames is not None else None,
        "proposer": made_by["proposer"],
        "round": made_by["round"],
        "seed": made_by["seed"],
        "complexity": complexity(draft, scene),
        "checks": {check.name: dict(check.figures) for check in verdict.checks if check.figures},
        "confidence": None,
        "band": None,
    }


def to_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of JSON; field order is kept, text stays readable."""
    text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return text.encode("utf-8", "backslashreplace") + b"\n"
