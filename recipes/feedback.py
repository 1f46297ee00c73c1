"""What a round's confidences say about the next one: pure functions of rows.

Two readers. A model that proposes gets, for every scene, the questions of the previous round
with their answers and bands (`for_model`); its weights never change. Families have no context
to read, so their *cells* get shares of the next round (`shares`): a cell is a family at one
complexity, and the complexity is made of the knobs that a config names (`level_of`).

The paper asks for fewer questions like the easy and the hard ones and more like those at the
frontier, by the previous round alone: signal ``paper``. Every other signal is an extension of
this project, or a neighbour's, and a choice of the config.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recipes.confidence import Band, band, chance_corrected
from spatialgen.rng import generator

#: A family at one complexity.
Cell = tuple[str, str]

#: A share of every round is spread evenly over the cells, so that none dies.
FLOOR = 0.3


@dataclass(frozen=True, slots=True)
class Visited:
    """A question of a round; ``confidence`` is None where it was never visited."""

    scene: str
    cell: Cell
    question: str
    answer: str
    confidence: float | None
    chance: float

    @property
    def band(self) -> Band:
        """The band by the paper's thresholds."""
        return band(self.confidence)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a round knows of a cell: means over its ``n`` visited questions.

    ``frontier`` is the share of them at the frontier, ``frontier_corrected`` the same of
    confidences without chance; ``zero`` is the mean of R-Zero's reward.
    """

    n: int
    confidence: float
    corrected: float
    frontier: float
    frontier_corrected: float
    zero: float


#: One round's figures by cell.
Round = Mapping[Cell, Figures]


def for_model(visited: Iterable[Visited]) -> dict[str, list[dict[str, str]]]:
    """Return, by scene, each question with its answer and band, in the order they came."""
    found: dict[str, list[dict[str, str]]] = {}
    for each in visited:
        told = {"question": each.question, "answer": each.answer, "band": each.band}
        found.setdefault(each.scene, []).append(told)
    return dict(sorted(found.items()))


def figures(visited: Iterable[Visited]) -> dict[Cell, Figures]:
    """Return the figures of every cell that was visited at all, by the cells' order."""
    values: dict[Cell, list[tuple[float, float]]] = {}
    for each in visited:
        if each.confidence is not None:
            corrected = chance_corrected(each.confidence, each.chance)
            values.setdefault(each.cell, []).append((each.confidence, corrected))
    return {cell: _figures(values[cell]) for cell in sorted(values)}


def _figures(values: Sequence[tuple[float, float]]) -> Figures:
    n = len(values)
    return Figures(
        n=n,
        confidence=sum(p for p, _ in values) / n,
        corrected=sum(c for _, c in values) / n,
        frontier=sum(band(p) == "frontier" for p, _ in values) / n,
        frontier_corrected=sum(band(c) == "frontier" for _, c in values) / n,
        zero=sum(_zero(p) for p, _ in values) / n,
    )


def _zero(p: float) -> float:
    # R-Zero rewards the uncertain, and keeps what is answered 0.3 to 0.8 of the time.
    return min(p, 1.0 - p) if 0.3 <= p <= 0.8 else 0.0


# -- signals: what a cell is worth after the rounds so far, the last one last --------

Signal = Callable[[Cell, Sequence[Figures]], float]


def _paper(_: Cell, past: Sequence[Figures]) -> float:
    return past[-1].frontier


def _chance(_: Cell, past: Sequence[Figures]) -> float:
    return past[-1].frontier_corrected


def _cumulative(_: Cell, past: Sequence[Figures]) -> float:
    return sum(each.n * each.frontier for each in past) / sum(each.n for each in past)


def _r_zero(_: Cell, past: Sequence[Figures]) -> float:
    return 2.0 * past[-1].zero


def _spatial_evo(_: Cell, past: Sequence[Figures]) -> float:
    # Its accuracy, smoothed over rounds, is the mean confidence here.
    smoothed = past[0].confidence
    for each in past[1:]:
        smoothed = 0.5 * smoothed + 0.5 * each.confidence
    return max(0.05, 1.0 - smoothed)


#: A gain of so much confidence, chance taken out, over the horizon counts fully.
GAIN = 0.1

#: Rounds over which gain is looked for.
HORIZON = 4

#: A cell without gain is given up gradually, within so many answers; a family at a plateau
#: was seen to jump after 15 to 25 thousand.
PATIENCE = 25_000


def _progress(_: Cell, past: Sequence[Figures]) -> float:
    now, then = past[-1].corrected, past[max(0, len(past) - 1 - HORIZON)].corrected
    gain = min(max(now - then, 0.0) / GAIN, 1.0)
    hope = max(1.0 - sum(each.n for each in past) / PATIENCE, 0.0)
    return max(gain, hope) * min(max(1.0 - now, 0.0), 1.0)


#: The signals that are a function of a cell's past. `none` and `random` look at nothing.
SIGNALS: Mapping[str, Signal] = {
    "paper": _paper,
    "chance_corrected": _chance,
    "cumulative": _cumulative,
    "learning_progress": _progress,
    "r_zero": _r_zero,
    "spatial_evo": _spatial_evo,
}

#: Signals that look at the round before and no further back, as the paper does.
OF_THE_LAST = frozenset({"paper", "chance_corrected", "r_zero"})

NAMES = (*SIGNALS, "none", "random")


def shares(
    cells: Iterable[Cell], rounds: Sequence[Round], signal: str, floor: float, seed: int
) -> dict[Cell, float]:
    """Return which share of the next round each cell gets; together they are 1.

    ``floor`` of the round is spread evenly, the rest by the signal. A cell that was not
    visited in the rounds that the signal looks at is worth what the others are on average;
    where nothing is known, or nothing is worth anything, all get the same. ``random`` draws
    by the seed and the number of rounds.
    """
    known = sorted(set(cells))
    if signal == "random":
        rng = generator(seed, "feedback", len(rounds))
        worth: dict[Cell, float] = dict(zip(known, rng.random(len(known)).tolist(), strict=True))
    elif signal == "none":
        worth = {}
    else:
        seen = rounds[-1:] if signal in OF_THE_LAST else rounds
        pasts = {cell: [each[cell] for each in seen if cell in each] for cell in known}
        worth = {cell: SIGNALS[signal](cell, past) for cell, past in pasts.items() if past}
    usual = sum(worth.values()) / len(worth) if worth else 0.0
    worth = {cell: worth.get(cell, usual) for cell in known}
    total = sum(worth.values())
    if total <= 0.0:
        return {cell: 1.0 / len(known) for cell in known}
    return {cell: floor / len(known) + (1.0 - floor) * worth[cell] / total for cell in known}


# -- complexity ------------------------------------------------------------------


def level_of(row: Mapping[str, Any], scene: Mapping[str, Any], knobs: Sequence[str]) -> str:
    """Return the complexity of a question as text: each knob of `KNOBS` with its bucket."""
    return " ".join(f"{name}={KNOBS[name](row, scene)}" for name in knobs)


def _in_view(row: Mapping[str, Any], scene: Mapping[str, Any]) -> str:
    """How many things the frames of the question show, or the room has."""
    if row["frames"] is None:
        return _bucket(len(scene["objects"]), (4, 8, 16, 32))
    asked = set(row["frames"])
    seen = [each["seen"] for each in scene["frames"] if each["index"] in asked]
    return _bucket(len({key for each in seen for key in each}), (1, 2, 4, 8, 16))


def _frames(row: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    """How many frames the question is about."""
    return "video" if row["frames"] is None else _bucket(len(row["frames"]), (1, 2, 4, 8))


def _hops(row: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    """How often the program asks the scene."""
    return _bucket(str(row["program"]).count("scene."), (2, 3, 4, 6))


def _margin(row: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    """Whether the answer held under noise by little or by much: how far it spread."""
    spread = row["checks"].get("stability", {}).get("spread", 0)
    return "wide" if not spread else "tight"


def _bucket(count: int, ends: Sequence[int]) -> str:
    return next((f"<={end}" for end in ends if count <= end), f">{ends[-1]}")


KNOBS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "in_view": _in_view,
    "frames": _frames,
    "hops": _hops,
    "margin": _margin,
}
