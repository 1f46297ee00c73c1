"""Two filmed rooms, questions about them, a tiny model, and a round to train it for."""

import json
from pathlib import Path
from typing import Any

from recipes import tiny
from recipes.asking import answer_of
from recipes.settings import SolverSettings
from recipes.solver import Job
from spatialgen.progress import Progress
from spatialgen.rng import generator
from spatialgen.run import ProposeConfig, propose
from spatialgen.synth.settings import settings
from spatialgen.synth.writing import write_rooms

SIDE = 32


def make_scenes(folder: Path, rooms: int = 2, seed: int = 0, objects: int = 4) -> Path:
    """Write filmed rooms of four pictures each."""
    made = settings(width=SIDE, height=SIDE, camera="turn", seconds=4, fps=1, objects=objects)
    with Progress("rooms") as progress:
        write_rooms(folder, seed, rooms, made, 1, progress)
    return folder


def make_round(folder: Path) -> Job:
    """Write scenes, questions and a tiny checkpoint below ``folder``; return its first round."""
    scenes = make_scenes(folder / "scenes")
    with Progress("scenes") as progress:
        propose([scenes], folder / "dataset", ProposeConfig(per_scene=8, frames=4), [], 1, progress)
    rows = read(folder / "dataset" / "questions.jsonl")
    words = tiny.words_of([row["question"] for row in rows], [answer_of(r, "text") for r in rows])
    tiny.build(folder / "model", words, seed=0, side=SIDE)
    ids = [row["id"] for row in rows]
    order = generator(0, "visits").permutation(len(ids) * 3) % len(ids)
    return Job(
        model=str(folder / "model"),
        before=None,
        questions=folder / "dataset" / "questions.jsonl",
        visits=tuple(ids[i] for i in order[:24]),
        media=(scenes,),
        cache=folder / "cache",
        frames=4,
        max_side=None,
        answers="letter",
        first=0,
        steps=6,
        total=12,
        batch=4,
        seed=0,
        solver=quick(),
    )


def quick(**changes: Any) -> SolverSettings:
    """Return settings that change much in few steps, on a CPU."""
    fields: dict[str, Any] = {
        "learning_rate": 1e-3,
        "schedule": "cosine",
        "warmup_steps": 2,
        "per_device_batch": 2,
        "precision": "float32",
        "device": "cpu",
        "save_steps": 2,
    }
    return SolverSettings(**{**fields, **changes})


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]
