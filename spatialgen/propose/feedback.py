"""What a round says to the next: which questions the solver found easy, hard, or neither.

A feedback file is one JSON object: ``{"round": 1, "scenes": {"DATASET/SCENE": [{"question": ...,
"answer": ..., "band": "easy" | "frontier" | "hard" | "untagged"}, ...]}}``, as
``recipes.feedback.for_model`` makes the scenes. For the families, which read no text, it holds
``"steering": {"knobs": ["in_view"], "cells": [{"family": ..., "level": ..., "weight": 1.0}]}``,
see `spatialgen.propose.steering`. An entry may hold more, which is left unread.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.propose.complexity import Knob
from spatialgen.propose.steering import Steering

Band = Literal["easy", "frontier", "hard", "untagged"]

#: Entries that a model is shown of each band, and characters of a question.
SHOWN = 8
LONGEST = 300

_ADVICE: Mapping[str, str] = {
    "frontier": "The learner gets these right only sometimes. Ask more of this kind",
    "easy": "The learner finds these easy. Ask fewer of this kind, or make them harder",
    "hard": "These are out of the learner's reach. Ask fewer of this kind, or make them easier",
}


class Tried(BaseModel):
    """A question of the round before, and how hard it was."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    question: str
    answer: str
    band: Band = "untagged"


class _Cell(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    family: str
    level: str
    weight: float = Field(ge=0, le=1)


class _Steering(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    knobs: tuple[Knob, ...] = ()
    cells: list[_Cell] = []


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    round: int = Field(default=0, ge=0, le=1_000_000)
    scenes: dict[str, list[Tried]]
    steering: _Steering = _Steering()


@dataclass(frozen=True, slots=True)
class Feedback:
    """The feedback of one round; without a file there is none, and the round is 0."""

    sha256: str | None = None
    round: int = 0
    scenes: Mapping[str, tuple[Tried, ...]] = field(default_factory=dict)
    steering: Steering = field(default_factory=Steering)

    def about(self, scene_key: str) -> str:
        """Return what a model is told before it asks about a scene; empty without."""
        tried = self.scenes.get(scene_key, ())
        parts = []
        for band, advice in _ADVICE.items():
            of_band = [each for each in tried if each.band == band][:SHOWN]
            if of_band:
                listed = "\n".join(f"- {_quoted(each)}" for each in of_band)
                parts.append(f"{advice}:\n{listed}\n")
        if not parts:
            return ""
        return "\n".join(["From the round before, about this room.", *parts, ""])


def read_feedback(path: Path | None) -> Feedback:
    """Read a feedback file; none gives an empty feedback.

    Raises UsageError where it is missing, SpatialgenError where it is not that.
    """
    if path is None:
        return Feedback()
    if not path.is_file():
        raise UsageError(f"{path}: there is no such feedback file")
    content = path.read_bytes()
    try:
        read = _File.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError) as error:
        raise SpatialgenError(f"{path}: not a feedback file: {_first(error)}") from error
    scenes = {key: tuple(tried) for key, tried in read.scenes.items()}
    weights = {(each.family, each.level): each.weight for each in read.steering.cells}
    steering = Steering(read.steering.knobs, weights)
    return Feedback(hashlib.sha256(content).hexdigest(), read.round, scenes, steering)


def _quoted(tried: Tried) -> str:
    entry = {"question": tried.question[:LONGEST], "answer": tried.answer[:LONGEST]}
    text = json.dumps(entry, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()  # half a character can't be sent


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    found: list[Any] = list(error.errors(include_url=False))
    place = ".".join(str(each) for each in found[0]["loc"])
    return f"{place or 'the whole'}: {found[0]['msg']}"
