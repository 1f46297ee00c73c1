"""From what was proposed to what is trained on: the accepted set, and its visits in order."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from evalkit.media.errors import MediaError
from recipes.feedback import Cell

Row = Mapping[str, Any]


def accept(
    proposed: Iterable[Row], known: Iterable[tuple[str, str]]
) -> tuple[list[Row], list[dict[str, Any]]]:
    """Return the rows that are new, and the others with a ``reason``.

    ``known`` are scene and question of earlier rounds.
    """
    met = set(known)
    accepted: list[Row] = []
    dropped: list[dict[str, Any]] = []
    for row in proposed:
        name = asked(row)
        if name in met:
            dropped.append({**row, "reason": "duplicate", "detail": "asked before"})
        else:
            met.add(name)
            accepted.append(row)
    return accepted, dropped


def showable(
    rows: Iterable[Row], prompt: Callable[[Row], object]
) -> tuple[list[Row], list[dict[str, Any]]]:
    """Return the rows whose pictures can be shown, and the others with a ``reason``.

    ``prompt`` decodes what a row is asked with, and raises MediaError where that can't be.
    """
    faults: dict[tuple[str, str, str], MediaError | None] = {}
    kept: list[Row] = []
    dropped: list[dict[str, Any]] = []
    for row in rows:
        pictures = (str(row["dataset"]), str(row["scene_name"]), str(row["frames"]))
        if pictures not in faults:
            faults[pictures] = _fault(row, prompt)
        if (fault := faults[pictures]) is None:
            kept.append(row)
        else:
            dropped.append({**row, "reason": f"video_{fault.code}", "detail": str(fault)})
    return kept, dropped


def _fault(row: Row, prompt: Callable[[Row], object]) -> MediaError | None:
    try:
        prompt(row)
    except MediaError as error:
        return error
    return None


def asked(row: Row) -> tuple[str, str]:
    """Return the scene and the question without case and punctuation: what makes it the same."""
    words = "".join(c if c.isalnum() else " " for c in str(row["question"]).casefold()).split()
    options = sorted(option[3:].casefold() for option in row["options"] or [])
    return f"{row['dataset']}/{row['scene_name']}", " ".join([*words, "|", *options])


def visits(
    cells: Mapping[Cell, Sequence[str]],
    shares: Mapping[Cell, float],
    count: int,
    rng: np.random.Generator,
) -> list[str]:
    """Return exactly ``count`` ids to visit, cells by their shares, in drawn order.

    A cell that has fewer questions than its share repeats them, each equally often; one
    that has more is sampled. Raises ValueError where there is no question.
    """
    filled = {cell: list(ids) for cell, ids in sorted(cells.items()) if ids}
    if not filled:
        raise ValueError("there is no question to visit")
    places = portions([shares.get(cell, 0.0) for cell in filled], count)
    chosen: list[str] = []
    for ids, wanted in zip(filled.values(), places, strict=True):
        for begin in range(0, wanted, len(ids)):
            order = rng.permutation(len(ids))[: wanted - begin]
            chosen += [ids[i] for i in order.tolist()]
    return [chosen[i] for i in rng.permutation(len(chosen)).tolist()]


def together(
    visits: Sequence[str], shown: Mapping[str, object], most: int, rng: np.random.Generator
) -> list[str]:
    """Return visits in an order in which up to ``most`` with the same pictures follow each other.

    ``shown`` says what each question is asked with. A question that is visited several times
    is so in different groups. The groups come in drawn order.
    """
    if most == 1:
        return list(visits)
    by_pictures: dict[object, Counter[str]] = {}
    for name in visits:
        by_pictures.setdefault(shown[name], Counter())[name] += 1
    groups: list[list[str]] = []
    for times in by_pictures.values():
        count = max(-(-times.total() // most), max(times.values()))
        # Dealt out one by one, the copies of a question come into groups side by side.
        dealt = list(times.elements())
        groups += [dealt[i::count] for i in range(count)]
    return [name for i in rng.permutation(len(groups)).tolist() for name in groups[i]]


def portions(shares: Sequence[float], count: int) -> list[int]:
    """Return whole numbers in proportion to shares that are ``count`` together.

    What is left after rounding down goes to the largest remainders. Where no share is
    positive all are the same.
    """
    total = float(sum(shares))
    exact = [count * (each / total if total > 0 else 1 / len(shares)) for each in shares]
    whole = [int(each) for each in exact]
    order = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: count - sum(whole)]:
        whole[i] += 1
    return whole


def reasons(rows: Iterable[Row]) -> dict[str, int]:
    """Return how often each reason was given, the most frequent first."""
    return added(Counter(str(row["reason"]) for row in rows))


def added(*counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts of reasons together, the most frequent first; one may be in several."""
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def told(counts: Mapping[str, int]) -> str:
    """Return reasons with their counts in one line."""
    return ", ".join(f"{reason} {count}" for reason, count in counts.items()) or "none was asked"
