"""Scenes that a benchmark uses, so that nothing is asked about them; and what is shared with it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spatialgen.audit.benchmark import Used, read_benchmark
from spatialgen.audit.question import Question, plain
from spatialgen.audit.shapes import VSI
from spatialgen.dataset.rows import Row
from spatialgen.errors import SpatialgenError
from spatialgen.spaces import space_of

#: The reason under which a scene is rejected that a benchmark uses.
CODE = "contaminated_space"


@dataclass(frozen=True)
class Exclusion:
    """What is kept of a benchmark, or of a split's list: spaces, and hashes of its questions."""

    name: str
    sha256: str
    used: Used
    asked: frozenset[str] | None

    @property
    def detail(self) -> str:
        """Why a scene in one of the spaces is rejected."""
        return f"{self.name} {'names' if self.asked is None else 'asks about'} this space"


def read_exclusions(paths: Iterable[Path]) -> list[Exclusion]:
    """Read what is to be left out, by name; neither order nor repetition matters.

    Further ones of one name and other content are called name#2, name#3. Raises UsageError
    where there is none, SpatialgenError for one of which not all scenes are known.
    """
    found = {(each.name, each.sha256): each for each in map(_read, paths)}
    times: Counter[str] = Counter()
    exclusions = []
    for (name, _), exclusion in sorted(found.items(), key=lambda item: item[0]):
        times[name] += 1
        called = name if times[name] == 1 else f"{name}#{times[name]}"
        exclusions.append(replace(exclusion, name=called))
    return exclusions


def _read(path: Path) -> Exclusion:
    benchmark = read_benchmark(path)
    asked = benchmark.asked
    if asked is None:
        return Exclusion(benchmark.name, benchmark.sha256, benchmark.used, None)
    if not (asked.names_scenes and benchmark.used.spaces):
        raise SpatialgenError(
            f"{path}: names no scenes, so that none can be left out for it; what it shares is "
            f"told by `spatialgen audit --against {path}`"
        )
    if asked.unreadable:
        why = ", ".join(asked.unreadable)
        raise SpatialgenError(
            f"{path}: {sum(asked.unreadable.values())} of its rows can't be read ({why:.200}), so "
            "that their scenes would not be left out; mend or remove them"
        )
    texts = frozenset(question_hash(each, each.dataset) for each in asked.questions)
    return Exclusion(benchmark.name, benchmark.sha256, benchmark.used, texts)


def question_hash(question: Question, dataset: str) -> str:
    """Return a hash of a question's space, words and answer, blind to case and spacing.

    ``dataset`` is that of the space, "" where it is not told.
    """
    place = f"{dataset}/{space_of(question.scene)}"
    text = "\x1f".join((place, plain(question.text), plain(question.answer)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def report(
    exclusions: Sequence[Exclusion], rows: Iterable[Row], rejected: Mapping[str, int]
) -> dict[str, Any]:
    """Return what the manifest says: what was checked against, and what is shared.

    ``rows`` are the dataset's questions, ``rejected`` counts its rejected scenes by reason.
    """
    hashes = {text for each in exclusions for text in each.asked or ()}
    in_space = same_question = 0
    for row in rows if exclusions else ():
        question = VSI.read(row, "")
        in_space += any(each.used.holds(question.dataset, question.scene) for each in exclusions)
        named, unnamed = (question_hash(question, name) for name in (question.dataset, ""))
        same_question += named in hashes or unnamed in hashes
    return {
        "checked_against": {each.name: each.sha256 for each in exclusions},
        "scenes_excluded": rejected.get(CODE, 0),
        "questions_in_shared_spaces": in_space,
        "questions_with_same_text_and_answer": same_question,
    }
