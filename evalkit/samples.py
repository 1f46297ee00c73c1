"""Rows of ``samples.jsonl``: a question, what the model made of it, and what that scores."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evalkit.benchmark import Benchmark, Scorer, key_of
from evalkit.errors import Unscorable
from evalkit.prompt import Completion
from evalkit.questions import Question
from evalkit.records import Row, Sample
from evalkit.scoring import score_row
from evalkit.showing import cell_column
from evalkit.tables import plain

#: The code under which a completion without text is counted.
BACKEND = "backend"


def sample_row(
    benchmark: Benchmark,
    scorer: Scorer,
    question: Question,
    completion: Completion,
    code: str | None = None,
) -> dict[str, Any]:
    """Return the row of one answered or failed question, as plain data.

    A failed one has ``error``, a code and a reason, and no score. ``doc`` and ``prediction``
    make the row a line of a predictions file too.
    """
    failed = completion.text is None
    sample = None if failed else scored(benchmark, scorer, question, completion.text or "")
    error = {"code": code or BACKEND, "reason": completion.error or "no text"} if failed else None
    row: dict[str, Any] = {
        "id": question.id,
        "cluster": question.cluster,
        "groups": list((scorer.groups or benchmark.groups)(question.doc)),
        "doc": _columns(benchmark, question),
        "truth": _truth(benchmark, question),
        "prediction": completion.text,
        "error": error,
        "score": None,
        "parsed": None,
        "reading": None,
        "outcome": "error",
        "reason": None,
        **(asdict(sample) if sample is not None else {}),
        "tokens": completion.tokens,
        "prompt_tokens": completion.prompt_tokens,
        "truncated": completion.truncated,
    }
    found: dict[str, Any] = plain(row)
    return found


def scored(benchmark: Benchmark, scorer: Scorer, question: Question, text: str) -> Sample:
    """Return what one answer scores."""
    return score_row(benchmark, scorer, Row(question.doc, text))


def completion_of(row: Mapping[str, Any]) -> Completion:
    """Return what the model made of a question, from its row."""
    error = row.get("error")
    return Completion(
        id=row["id"],
        text=row.get("prediction"),
        error=error["reason"] if error else None,
        tokens=row.get("tokens"),
        prompt_tokens=row.get("prompt_tokens"),
        truncated=bool(row.get("truncated")),
    )


def is_failed(row: Mapping[str, Any]) -> bool:
    """Say whether a row has no answer that could be scored."""
    return row.get("prediction") is None


def _truth(benchmark: Benchmark, question: Question) -> Any:
    try:
        return key_of(benchmark, question.doc).truth
    except Unscorable:
        return None


def _columns(benchmark: Benchmark, question: Question) -> dict[str, Any]:
    column = cell_column(benchmark.media)
    doc = question.doc
    return {name: doc[name] for name in benchmark.columns if name in doc and name != column}
