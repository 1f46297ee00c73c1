"""What a question family is, and the few tools that families share.

A question names a frame by its time: "the frame at 12.0 s". That finds it in
the whole video, and among any frames of it whose times are told; where a model
is shown exactly ``Draft.frames``, it finds them by their order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, zip_longest
from math import perm
from typing import TypeVar

import numpy as np

from spatialgen.graph.build import SceneGraph
from spatialgen.labels import confusable, is_ambiguous, plural
from spatialgen.records import Frame
from spatialgen.verify.answers import spoken
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.margins import check_margins
from spatialgen.verify.naming import is_shown

T = TypeVar("T")

#: A family draws at most this many tuples of objects from one scene.
MOST_DRAWN = 200

#: A numeric question is asked as multiple choice this often.
OPTIONS_SHARE = 0.3

#: VSI-Bench's own unit is kept this often; else another one is drawn.
OWN_UNIT_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of question.

    ``ask`` yields drafts about a scene, each about other objects, in an order
    drawn from the generator; it stops when it has nothing more to ask.
    """

    name: str
    summary: str
    ask: Callable[[SceneGraph, np.random.Generator], Iterator[Draft]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of length: its plural name, how many make a metre, decimals printed."""

    name: str
    per_metre: float
    decimals: int


METRES = Unit("meters", 1.0, 1)
CENTIMETRES = Unit("centimeters", 100.0, 0)
FEET = Unit("feet", 1 / 0.3048, 1)
INCHES = Unit("inches", 1 / 0.0254, 0)


def nameable_labels(graph: SceneGraph, unseen: bool = False) -> list[str]:
    """Return, sorted, the categories whose names can be understood in this room.

    Names that mean anything ("object") are left out, and those that people use
    for another category of the room too (tv and monitor), boxed or only counted.
    So are those of things that a video of the room does not show, all or some;
    with ``unseen`` these are kept, and what is asked about them is rejected.
    """
    present = {*graph.by_label, *graph.scene.counts}
    return [
        label
        for label in graph.by_label
        if not is_ambiguous(label)
        and (unseen or is_shown(graph, label))
        and not any(confusable(label, other) for other in present)
    ]


def countable_labels(graph: SceneGraph, unseen: bool = False) -> list[str]:
    """Return, sorted, the nameable categories whose names have a plural to count them by."""
    return [label for label in nameable_labels(graph, unseen) if plural(label) != label]


def single_labels(graph: SceneGraph, unseen: bool = False) -> list[str]:
    """Return, sorted, the nameable categories that the room has exactly once."""
    return [
        label
        for label in nameable_labels(graph, unseen)
        if len(graph.by_label[label]) == 1 and graph.scene.counts.get(label) == 1
    ]


def annotated_all(graph: SceneGraph, labels: Iterable[str]) -> Margin:
    """Return the margin that every counted object of these categories has its box."""
    boxes, counts = graph.by_label, graph.scene.counts
    exact = all(len(boxes.get(label, ())) == counts.get(label) for label in labels)
    return Margin("annotated_all", exact, 1)


def frame_name(frame: Frame) -> str:
    """Return how every question names a frame: "the frame at 12.0 s"."""
    return f"the frame at {frame.time_s:.1f} s"


def named_frames(graph: SceneGraph) -> list[Frame]:
    """Return the frames in the order of time, without those of the same name as one before."""
    found: dict[str, Frame] = {}
    for frame in sorted(graph.scene.frames, key=lambda frame: (frame.time_s, frame.index)):
        found.setdefault(frame_name(frame), frame)
    return list(found.values())


def draw_tuples(
    rng: np.random.Generator, items: Sequence[T], size: int, most: int = MOST_DRAWN
) -> Iterator[tuple[T, ...]]:
    """Yield distinct ordered tuples of ``size`` different items, in random order.

    All of them where there are at most ``most``, else a random sample.
    """
    total = perm(len(items), size)
    if total <= 2 * most:
        everything = list(permutations(items, size))
        for i in rng.permutation(total)[:most]:
            yield everything[i]
        return
    drawn: set[tuple[int, ...]] = set()
    while len(drawn) < most:
        picked = tuple(rng.choice(len(items), size, replace=False).tolist())
        if picked not in drawn:
            drawn.add(picked)
            yield tuple(items[i] for i in picked)


def new_groups(tuples: Iterable[tuple[T, ...]], leading: int = 0) -> Iterator[tuple[T, ...]]:
    """Leave out tuples that hold the same items as an earlier one in another order.

    The first ``leading`` items have a place of their own, and only the rest may swap.
    """
    seen: set[tuple[tuple[T, ...], frozenset[T]]] = set()
    for items in tuples:
        group = (items[:leading], frozenset(items[leading:]))
        if group not in seen:
            seen.add(group)
            yield items


def in_turns(
    rng: np.random.Generator, graph: SceneGraph, drafts: Iterable[Draft], even: Sequence[str] = ()
) -> Iterator[Draft]:
    """Yield drafts so that the answers expected take turns, for as long as there are drafts.

    Of a few questions about a room no answer is then likelier than another. Of
    the answers in ``even`` no more drafts are yielded than the rarest of them
    has. Drafts that are not clear take their turn like an answer.
    """
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        answer = draft.derive(graph) if draft.derive and is_sound(graph, draft) else None
        groups.setdefault("" if answer is None else spoken(draft, answer), []).append(draft)
    fewest = min((len(groups.get(answer, ())) for answer in even), default=0)
    for answer in even:
        groups[answer] = groups.get(answer, [])[:fewest]
    answers = sorted(groups)
    yield from alternating(*(groups[answers[i]] for i in rng.permutation(len(answers))))


def with_unclear(graph: SceneGraph, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield the drafts that are clear in order, after each of them one that is not.

    Of those that are not no more are yielded, but one at least: what is never
    asked is rejected where one can see it.
    """
    kinds: dict[bool, list[Draft]] = {True: [], False: []}
    for draft in drafts:
        kinds[is_sound(graph, draft)].append(draft)
    clear, unclear = kinds[True], kinds[False]
    return alternating(clear, unclear[: max(1, len(clear))])


def is_sound(graph: SceneGraph, draft: Draft) -> bool:
    """Tell whether a draft keeps its margins, and a video shows all that it names."""
    named = (*draft.unique, *draft.mentions)
    return not check_margins(draft).reason and all(is_shown(graph, label) for label in named)


def alternating(*streams: Iterable[Draft]) -> Iterator[Draft]:
    """Yield from each of the streams in turn, for as long as any has drafts."""
    for row in zip_longest(*streams):
        yield from (draft for draft in row if draft is not None)


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """Return one of the items, each equally likely."""
    return items[int(rng.integers(len(items)))]


def pick_unit(rng: np.random.Generator, own: Unit, others: Sequence[Unit]) -> Unit:
    """Return the benchmark's own unit mostly, else one of the others."""
    return own if rng.random() < OWN_UNIT_SHARE else pick(rng, others)


def as_options(rng: np.random.Generator) -> bool:
    """Draw whether a numeric question is asked as multiple choice."""
    return bool(rng.random() < OPTIONS_SHARE)


def listing(names: Sequence[str], last: str = "and") -> str:
    """Join names as in a sentence: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def rounded(expression: str, decimals: int) -> str:
    """Return program text that rounds an expression; 0 decimals give an int."""
    return f"round({expression})" if decimals == 0 else f"round({expression}, {decimals})"


def converted(expression: str, unit: Unit) -> str:
    """Return program text that turns metres into a unit, rounded as it is printed."""
    if unit.per_metre != 1.0:
        expression = f"{expression} * {unit.per_metre!r}"
    return rounded(expression, unit.decimals)
