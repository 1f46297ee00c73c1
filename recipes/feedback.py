"""What a round's confidences say about the next one: pure functions of rows.

Two readers. A model that proposes gets, for every scene, the questions of the previous round
with their answers and bands (`for_model`, by a signal of `TOLD`); its weights never change.
Families have no context to read, so their *cells* get shares of the next round (`shares`), and
weights that make them ask accordingly (`weights`): a cell is a family at one level of
complexity, which is made of the knobs that a config names, see `spatialgen.propose.complexity`.

The paper asks for fewer questions like the easy and the hard ones and more like those at the
frontier, by the previous round alone: signal ``paper``. Every other signal is an extension of
this project, or a neighbour's, and a choice of the config.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

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

    @property
    def corrected(self) -> float | None:
        """The confidence without chance."""
        return None if self.confidence is None else chance_corrected(self.confidence, self.chance)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a round knows of a cell: means over its ``n`` visited questions.

    ``answers`` are all visits of the round to the cell's family. ``frontier`` is the share of
    the questions at the frontier, ``frontier_corrected`` the same of confidences without
    chance; ``zero`` is the mean of R-Zero's reward.
    """

    n: int
    answers: int
    confidence: float
    corrected: float
    frontier: float
    frontier_corrected: float
    zero: float


#: One round's figures by cell.
Round = Mapping[Cell, Figures]


#: What a model is told, by scene: each question with its answer and band.
Told = Mapping[str, Sequence[Mapping[str, str]]]

#: The signals that a model can be told: those of one question, without `none`. The others
#: compare cells, of which a model's context knows nothing.
TOLD = ("paper", "chance_corrected", "cumulative", "random")


def for_model(
    visited: Sequence[Visited], signal: str, earlier: Told, seed: int
) -> dict[str, list[dict[str, str]]]:
    """Return, by scene, each question with its answer and band, in the order they came.

    ``paper`` tells the bands of this round, ``chance_corrected`` those of confidences without
    chance; ``cumulative`` also what was told ``earlier``, first; ``random`` deals the round's
    own bands out to its questions, by the seed: as many of each, and no word about any.
    """
    found: dict[str, list[dict[str, str]]] = {}
    if signal == "cumulative":
        found = {scene: [dict(each) for each in told] for scene, told in earlier.items()}
    for each, tag in zip(visited, _bands(visited, signal, seed), strict=True):
        told = {"question": each.question, "answer": each.answer, "band": tag}
        found.setdefault(each.scene, []).append(told)
    return dict(sorted(found.items()))


def _bands(visited: Sequence[Visited], signal: str, seed: int) -> list[Band]:
    if signal == "chance_corrected":
        return [band(each.corrected) for each in visited]
    bands = [each.band for each in visited]
    if signal == "random":
        return [bands[i] for i in generator(seed, "bands").permutation(len(bands)).tolist()]
    return bands


def figures(visited: Iterable[Visited], answers: Mapping[str, int]) -> dict[Cell, Figures]:
    """Return the figures of every cell that was visited at all, by the cells' order.

    ``answers`` counts the visits of the round to each family.
    """
    values: dict[Cell, list[tuple[float, float]]] = {}
    for each in visited:
        if each.confidence is not None and each.corrected is not None:
            values.setdefault(each.cell, []).append((each.confidence, each.corrected))
    return {cell: _figures(values[cell], answers[cell[0]]) for cell in sorted(values)}


def _figures(values: Sequence[tuple[float, float]], answers: int) -> Figures:
    n = len(values)
    return Figures(
        n=n,
        answers=answers,
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


#: Rounds over which gain is looked for: what confidence grew by, chance taken out.
HORIZON = 4

#: A cell that does not gain is worth what gains so much, less and less so, until its family
#: has had so many answers: one at a plateau was seen to jump after 15 to 25 thousand.
HOPE, PATIENCE = 0.2, 25_000


def _progress(_: Cell, past: Sequence[Figures]) -> float:
    now, then = past[-1].corrected, past[max(0, len(past) - 1 - HORIZON)].corrected
    hope = HOPE * max(1.0 - sum(each.answers for each in past) / PATIENCE, 0.0)
    return max(now - then, hope, 0.0) * min(max(1.0 - now, 0.0), 1.0)


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
    cells: Mapping[Cell, int],
    rounds: Sequence[Round],
    signal: str,
    floor: float,
    seed: int,
    over: str = "families",
) -> dict[Cell, float]:
    """Return which share of the next round each cell gets; together they are 1.

    ``cells`` counts the questions there are of each. Without a signal families get the same, and
    within one every question does, or all ``questions`` do, as ``over`` says; ``floor`` of the
    round stays so, the rest goes by the signal. A cell that was not visited in the rounds that
    the signal looks at is worth what the others are on average; where nothing is worth
    anything, the signal is silent. ``random`` draws by the seed and the number of rounds.
    """
    known = sorted(cells)
    even = _even({cell: cells[cell] for cell in known}, over)
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
    moved = {cell: even[cell] * worth.get(cell, usual) for cell in known}
    total = sum(moved.values())
    if total <= 0.0:
        return even
    return {cell: floor * even[cell] + (1.0 - floor) * moved[cell] / total for cell in known}


def _even(cells: Mapping[Cell, int], over: str) -> dict[Cell, float]:
    if over == "questions":
        total = max(sum(cells.values()), 1)
        return {cell: count / total for cell, count in cells.items()}
    families: dict[str, int] = {}
    for (family, _), count in cells.items():
        families[family] = families.get(family, 0) + count
    present = sum(count > 0 for count in families.values())
    return {
        cell: count / (max(families[cell[0]], 1) * max(present, 1)) for cell, count in cells.items()
    }


#: The least weight of a cell, so that none dies, and which share of all that there is to ask is
#: asked at least, so that one rare cell does not silence the others.
LEAST, ASKED = 0.02, 0.5


def weights(
    wanted: Mapping[Cell, float], asked: Mapping[Cell, int], before: Mapping[Cell, float]
) -> dict[Cell, float]:
    """Return how much of what families can ask is to be asked, so that cells near their shares.

    ``asked`` counts the questions of the round, ``before`` are the weights it was asked by, 1
    where there were none: together they say how many there are to be had.
    """
    there = {cell: n / before.get(cell, 1.0) for cell, n in asked.items() if n and cell in wanted}
    needed = {cell: wanted[cell] / there[cell] for cell in there}
    if not any(needed.values()):
        return {}

    def kept(scale: float) -> float:
        return sum(there[cell] * min(1.0, scale * each) for cell, each in needed.items())

    # The shares are met where the most needed cell is asked wholly; beyond, by and by less.
    low = 1.0 / max(needed.values())
    high = 1.0 / min(each for each in needed.values() if each > 0.0)
    enough = min(ASKED * sum(there.values()), kept(high))
    if kept(low) < enough:
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (middle, high) if kept(middle) < enough else (low, middle)
        low = high
    return {cell: round(min(max(low * n, LEAST), 1.0), 4) for cell, n in needed.items()}
