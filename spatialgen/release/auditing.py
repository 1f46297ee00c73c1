"""What the audit finds in a dataset folder that is released, and which questions it leaves out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spatialgen.audit.balance import balance, coverage
from spatialgen.audit.debias import CODE, debias
from spatialgen.audit.overlap import overlap
from spatialgen.audit.reading import read_questions
from spatialgen.audit.report import shortcuts
from spatialgen.audit.shortcuts import families
from spatialgen.tables.record import Overlap, Shortcut


@dataclass(frozen=True)
class Audited:
    """The report on the questions that are released; the others by id, with a reason code each."""

    report: Mapping[str, Any]
    dropped: Mapping[str, str] = field(default_factory=dict)

    def shortcuts(self) -> dict[str, Shortcut]:
        """Return the best blind guess at each family."""
        found = self.report["shortcuts"]["families"]
        return {name: _shortcut(each) for name, each in sorted(found.items())}

    def overlaps(self) -> tuple[Overlap, ...]:
        """Return what is shared with each benchmark that was looked at."""
        return tuple(_overlap(each) for each in self.report["contamination"])


def audited(folder: Path, against: Sequence[Path], debiased: bool) -> Audited:
    """Audit the questions of a dataset folder against benchmark files.

    Where they are ``debiased``, those that give their families away are left out first.
    Raises UsageError and SpatialgenError as the audit does.
    """
    questions: Sequence[Any] = read_questions(folder).questions
    thinned = debias(questions) if debiased else None
    dropped = dict.fromkeys(sorted(thinned.dropped), CODE) if thinned else {}
    left = [question for question in questions if question.id not in dropped]
    found = families(left)
    report = {
        "questions": len(left),
        "contamination": [overlap(left, path) for path in against],
        "shortcuts": shortcuts(found),
        "balance": balance(found),
        "coverage": coverage(left),
        "debias": dict(thinned.families) if thinned else None,
    }
    return Audited(report, dropped)


def _shortcut(found: Mapping[str, Any]) -> Shortcut:
    guesses = found["guesses"]
    best = max(guesses, key=lambda name: guesses[name]["excess"], default=None)
    return Shortcut(
        questions=found["questions"],
        base=found["base"],
        guess=best,
        score=None if best is None else guesses[best]["score"],
        shortcut=found["shortcut"],
        flagged=found["flagged"],
    )


def _overlap(found: Mapping[str, Any]) -> Overlap:
    texts = {
        name: sum(found[key].values()) if key in found else None
        for name, key in (("same", "same_question_and_answer"), ("near", "near_duplicates"))
    }
    return Overlap(
        name=found["name"],
        sha256=found["sha256"],
        in_shared_spaces=found["questions_in_shared_spaces"],
        **texts,
    )
