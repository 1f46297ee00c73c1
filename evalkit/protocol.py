"""What makes two scores comparable, in one id: the same id means the same question put alike."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evalkit.benchmark import Benchmark
from evalkit.media.opencv import decoder_name
from evalkit.media.video import Sampling
from evalkit.optional import require
from evalkit.questions import Questions, prompt_digest
from evalkit.records import Doc, Video
from evalkit.showing import shows

#: Raised when the same settings would give another score than before.
VERSION = 1

#: What a model that is shown nothing has no part in.
SEEN = ("frames", "sampler", "decoder", "image_decoder", "image_size")


def protocol(questions: Questions, scorer: str, sampling: Sampling, blind: bool) -> dict[str, Any]:
    """Return the protocol of a run with its id; ``blind`` runs show no media."""
    benchmark = questions.benchmark
    docs = [item.doc for item in questions.items]
    kinds = frozenset() if blind else shows(benchmark, docs)
    video = "video" in kinds
    sampler = None if blind else _sampler(benchmark, docs, sampling)
    fields: dict[str, Any] = {
        "version": VERSION,
        "benchmark": benchmark.name,
        "data": questions.data.content,
        "prompt": prompt_digest(benchmark, docs),
        "frames": sampling.frames if sampler and sampler.startswith("uniform") else None,
        "sampler": sampler,
        "decoder": decoder_name() if video else None,
        "image_decoder": _pillow() if "image" in kinds else None,
        "image_size": _image_size(benchmark) if "image" in kinds else None,
        "scorer": scorer,
        "generation": asdict(benchmark.generation),
    }
    return {"id": _name(benchmark, fields, blind), **fields}


def _sampler(benchmark: Benchmark, docs: Sequence[Doc], sampling: Sampling) -> str | None:
    """Return how the frames of the videos are chosen: by the run, by the questions, or both."""
    parts = [part for doc in docs for part in benchmark.prompt(doc) if isinstance(part, Video)]
    names = [f"uniform-{sampling.frames}"] if any(part.frames is None for part in parts) else []
    names += ["chosen"] if any(part.frames is not None for part in parts) else []
    return "+".join(names) + sampling.size if names else None


def unlike(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    """Return the names of what two protocols differ in.

    How media were sampled and decoded is no difference to a run that showed none.
    """
    names = [name for name in one if name != "id"]
    if _is_blind(one) or _is_blind(two):
        names = [name for name in names if name not in SEEN]
    return [name for name in names if one.get(name) != two.get(name)]


def _is_blind(fields: Mapping[str, Any]) -> bool:
    return all(fields.get(name) is None for name in SEEN)


def _name(benchmark: Benchmark, fields: Mapping[str, Any], blind: bool) -> str:
    text = json.dumps(fields, sort_keys=True).encode()
    words = [
        benchmark.name,
        "blind" if blind else fields["sampler"] or "images",
        str(fields["scorer"]),
        hashlib.sha256(text).hexdigest()[:10],
    ]
    return "/".join(words)


def _image_size(benchmark: Benchmark) -> list[int] | None:
    """Return the size that images are brought to, as JSON has it, or None for their own."""
    return list(benchmark.media.size) if benchmark.media.size is not None else None


def _pillow() -> str:
    return f"pillow-{require('PIL', 'pillow', 'showing images').__version__}"
