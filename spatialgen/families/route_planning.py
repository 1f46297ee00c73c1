"""Which turns lead a robot through the room? (VSI-Bench)

A walk goes straight from thing to thing over free floor; where the outline of the
floor is not known it may go through a wall, and is not asked about.

Turning back is the rarer turn, and some sequences are rarer than others, so
whoever knew how rare could do better than chance. One turn therefore has all
three as its options, and each is right equally often. The options of several
turns are two sequences and their mirror images, and with every question comes
one that has the same options and the other sequence as its answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from spatialgen.families._balance import balanced
from spatialgen.family import Family, alternating, annotated_all, in_turns, pick, single_labels
from spatialgen.graph.boxes import Floats, Ints, longest_sides
from spatialgen.graph.build import SceneGraph
from spatialgen.graph.floorplan import BODY_M, FloorPlan, Walks, floor_plan, walks
from spatialgen.graph.relations import Truths
from spatialgen.records import Value
from spatialgen.verify import reference_routes
from spatialgen.verify.draft import Draft, Margin

LEFT, BACK, RIGHT, ON = TURNS = ("Turn Left", "Turn Back", "Turn Right", "straight on")

#: The sector of each of these turns in degrees, counter-clockwise from straight ahead.
SECTORS = np.array([(30.0, 135.0), (135.0, 225.0), (225.0, 330.0), (330.0, 390.0)])

#: A turn keeps this far from every sector's edge, measured between the centres of
#: things; and this far where the robot stops in front of a thing and turns there.
EDGE_DEG = 20.0
EDGE_IN_FRONT_DEG = 10.0

#: Every straight piece is at least this long, and what is faced this far from the start.
PIECE_M = 0.4
FACED_M = 0.8

#: Two places of a walk are this far apart on the plan: else they are one place to a walker.
APART_M = 0.6

#: A thing to steer by is at least this long; a walk makes use of so many in a room.
LANDMARK_M = 0.3
LANDMARKS = 16

#: With one turn, two and three; for each so many walks are drawn, and so many kept.
MOST_TURNS = 3
DRAWN, KEPT = 2000, 60

WORDINGS = (
    "You are a robot at the {start}, facing the {face}, and want to get to the {goal}. Fill each "
    "gap in your moves with a turn (left, right or back): {steps}.",
    "A robot at the {start}, facing the {face}, has to reach the {goal}. Which turns (left, right "
    "or back) complete its route? {steps}.",
    "With the {face} straight ahead, a robot sets out from the {start} for the {goal}. Choose a "
    "turn (left, right or back) for each gap: {steps}.",
)


def program(start: str, face: str, stops: Sequence[str]) -> str:
    """Return the program that tells the turns of a walk; the first stop may be what is faced."""
    facing = f"    ways = [sub(scene.one({face!r}).center, at[0]), *ways]\n"
    return (
        "def answer(scene: Scene) -> str:\n"
        f"    at = [scene.one(name).center for name in {(start, *stops)!r}]\n"
        "    ways = [sub(b, a) for a, b in zip(at, at[1:])]\n"
        f"{'' if stops[0] == face else facing}"
        "    turns = [turn_deg(a, b) for a, b in zip(ways, ways[1:])]\n"
        f"    words = {[LEFT, BACK, RIGHT]!r}\n"
        "    return ', '.join([words[(t >= 135) + (t > 225)] for t in turns])\n"
    )


@dataclass(frozen=True, slots=True)
class Route:
    """A walk from ``start`` by ``stops``, at first facing ``face``, with its turns and margins."""

    start: str
    face: str
    stops: tuple[str, ...]
    turns: tuple[str, ...]
    margins: tuple[Margin, ...]


def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
    """Ask about walks with one to three turns, the answers taking turns."""
    if not graph.scene.objects:
        return
    plan = floor_plan(graph)
    labels = _landmarks(graph, plan, rng)
    free = _free_ways(graph, plan, labels)
    streams = []
    for turns in range(1, min(MOST_TURNS, len(labels) - 2) + 1):
        shuffled = rng.random((DRAWN, len(labels))).argsort(axis=1)[:, : turns + 2]
        drawn = np.array(list(dict.fromkeys(map(tuple, shuffled.tolist()))))
        found = []
        for faced in (True, False):
            stops = drawn if faced else np.delete(drawn, 1, axis=1)
            blocked = ~free[stops[:, :-1], stops[:, 1:]].all(axis=1)
            rows = drawn[np.argsort(blocked, kind="stable")].tolist()
            found += routes(graph, plan, [[labels[i] for i in row] for row in rows], faced)
        if turns == 1:
            drafts = [_draft(rng, route, (LEFT, RIGHT, BACK)) for route in found]
            streams.append(in_turns(rng, graph, drafts, even=(LEFT, RIGHT, BACK)))
        else:
            streams.append(_paired(rng, found))
    yield from alternating(*streams)


def _paired(rng: np.random.Generator, found: Sequence[Route]) -> Iterator[Draft]:
    """Yield drafts two by two, with two sequences and their mirror images as options of both.

    After each two comes one about a walk that keeps too small a margin.
    """
    alike: dict[tuple[str, ...], list[Route]] = {}
    unclear = []
    for route in found:
        if all(margin.value >= margin.needed for margin in route.margins):
            alike.setdefault(min(route.turns, _mirrored(route.turns)), []).append(route)
        else:
            unclear.append(route)
    for both, walked in balanced(rng, alike, 2):
        choices = tuple(", ".join(turns) for one in both for turns in (one, _mirrored(one)))
        yield from (_draft(rng, route, choices) for route in walked)
        if unclear:
            yield _draft(rng, unclear.pop(), choices)


def _landmarks(graph: SceneGraph, plan: FloorPlan, rng: np.random.Generator) -> list[str]:
    # Names of things that a person on the floor can see and go to, in drawn order.
    fit = plan.reachable & (longest_sides(graph.boxes) >= LANDMARK_M)
    labels = [label for label in single_labels(graph) if fit[graph.by_label[label][0]]]
    return [labels[i] for i in rng.permutation(len(labels))[:LANDMARKS]]


def _free_ways(graph: SceneGraph, plan: FloorPlan, labels: Sequence[str]) -> Truths:
    # Whether one can walk from each of these things straight to each other one, (k, k).
    things = np.array([graph.by_label[label][0] for label in labels], dtype=np.intp)
    pairs = np.stack(np.meshgrid(things, things, indexing="ij"), axis=-1).reshape(-1, 2)
    walked = walks(plan, graph.boxes.centers[:, :2], pairs)
    free = (walked.length_m >= PIECE_M) & (walked.clear_m >= BODY_M)
    return np.asarray(free.reshape(len(labels), len(labels)))


def routes(
    graph: SceneGraph, plan: FloorPlan, rows: Sequence[Sequence[str]], faced: bool
) -> list[Route]:
    """Return walks that start at the first of each row's names and face the second.

    They go there first if it is ``faced``, else turn at once. Of more than `KEPT`
    rows those are taken first whose turns are clear, and of these the first.
    """
    centers = graph.boxes.centers[:, :2]
    things = np.array([[graph.by_label[name][0] for name in row] for row in rows])
    stops = things if faced else np.delete(things, 1, axis=1)
    at, facing = centers[stops], centers[things[:, 1]]
    angles = _angles(at[:, :-1], at[:, 1:], at, None if faced else facing)
    turns = np.digitize(angles, SECTORS[:3, 1])
    to_edge = _to_edge(angles, turns)
    order = np.argsort(to_edge < EDGE_DEG, kind="stable")[:KEPT]
    walked = walks(plan, centers, stops[order])
    in_front = _angles(walked.starts, walked.ends, at[order], None if faced else facing[order])
    front_edge = _to_edge(in_front, turns[order])
    apart = _apart(stops[order], at[order])
    complete = annotated_all(graph, graph.scene.counts)  # what has no box may be in the way
    found = []
    for k, i in enumerate(order.tolist()):
        names = tuple(rows[i])
        words = tuple(TURNS[turn] for turn in turns[i])
        away = float(np.hypot(*(facing[i] - at[i, 0])))
        margins = (
            complete,
            Margin("faced_m", away, FACED_M),
            Margin("apart_m", float(apart[k]), APART_M),
            *_on_the_floor(walked, k),
            Margin("turns", ON not in words and words.count(BACK) < 2, 1),
            Margin("turn_edge_deg", float(to_edge[i]), EDGE_DEG),
            Margin("turn_edge_in_front_deg", float(front_edge[k]), EDGE_IN_FRONT_DEG),
        )
        found.append(Route(names[0], names[1], names[1 if faced else 2 :], words, margins))
    return found


def _apart(stops: Ints, at: Floats) -> Floats:
    """Return the smallest distance between different stops (m, k) at places (m, k, 2), (m,)."""
    between = np.linalg.norm(at[:, :, None] - at[:, None], axis=-1)
    between[stops[:, :, None] == stops[:, None]] = np.inf
    return np.asarray(between.min(axis=(1, 2)))


def _angles(starts: Floats, ends: Floats, at: Floats, facing: Floats | None) -> Floats:
    """Return the angles of all turns of m walks, (m, turns), in [30, 390) as the sectors are.

    Pieces go from ``starts`` to ``ends`` (m, legs, 2); at their end one turns to the
    next of the places ``at`` (m, legs + 1, 2), or at first from ``facing`` (m, 2).
    """
    before, after = (ends - starts)[:, :-1], at[:, 2:] - ends[:, :-1]
    if facing is not None:
        before = np.concatenate([(facing - starts[:, 0])[:, None], before], axis=1)
        after = np.concatenate([(at[:, 1] - starts[:, 0])[:, None], after], axis=1)
    across = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    angles = np.degrees(np.arctan2(across, (before * after).sum(axis=-1)))
    return np.asarray((angles - 30.0) % 360.0 + 30.0)


def _to_edge(angles: Floats, turns: Ints) -> Floats:
    """Return how far inside its sector the turn is that is nearest to an edge, (m,)."""
    low, high = SECTORS[turns, 0], SECTORS[turns, 1]
    inside: Floats = np.where(turns < 3, np.minimum(angles - low, high - angles), -30.0)
    return np.asarray(inside.min(axis=1))


def _on_the_floor(walked: Walks, i: int) -> Iterator[Margin]:
    yield Margin("piece_m", float(walked.length_m[i]), PIECE_M)
    yield Margin("clear_m", float(walked.clear_m[i]), BODY_M)
    yield Margin("walls_known", walked.walls_m is not None, 1)
    if walked.walls_m is not None:
        yield Margin("walls_m", float(walked.walls_m[i]), BODY_M)


def _draft(rng: np.random.Generator, route: Route, choices: tuple[str, ...]) -> Draft:
    start, face, stops = route.start, route.face, route.stops
    faced = stops[0] == face

    def derive(graph: SceneGraph) -> Value:
        at = [graph.only(name).box.center for name in (start, face, *stops)]
        return reference_routes.turns(at[0], at[1], at[2:])

    return Draft(
        question_type="route_planning",
        question=pick(rng, WORDINGS).format(
            start=start, face=face, goal=stops[-1], steps=_steps(stops, faced)
        ),
        program=program(start, face, stops),
        kind="choice",
        choices=choices,
        unique=(start, *stops) if faced else (start, face, *stops),
        margins=route.margins,
        derive=derive,
    )


def _steps(stops: Sequence[str], faced: bool) -> str:
    steps = [step for stop in stops for step in ("____", f"go straight to the {stop}")]
    return "; ".join(f"{i}. {step}" for i, step in enumerate(steps[1 if faced else 0 :], 1))


def _mirrored(turns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({LEFT: RIGHT, RIGHT: LEFT}.get(turn, turn) for turn in turns)


FAMILY = Family("route_planning", "the turns of a walk over the free floor", ask)
