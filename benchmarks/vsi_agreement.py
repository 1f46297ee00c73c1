"""How well our programs agree with the answers VSI-Bench publishes for real rooms.

    python benchmarks/vsi_agreement.py --meta FILE... --questions FILE [--json]

Reads published questions, finds from the wording which family asks and about
what, runs that family's program on the scene's metadata and compares. Exits
with 1 where a floor does not hold.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grid_rule import grid_matrix, grid_points

from spatialgen import scenes
from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.families import (
    object_abs_distance,
    object_counting,
    object_rel_direction_easy,
    object_rel_direction_hard,
    object_rel_direction_medium,
    object_rel_distance,
    object_size_estimation,
    room_size_estimation,
)
from spatialgen.graph.build import SceneGraph, build
from spatialgen.labels import canonical
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.world import world

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """A family as VSI-Bench words it: the pattern, the program, the comparison, the floor."""

    pattern: re.Pattern[str]
    program: Callable[..., str]
    agrees: Callable[[Any, str], bool]
    floor: float


def equal_number(ours: Any, published: str) -> bool:
    """Tell whether two numbers print the same."""
    return float(ours) == float(published)


def within_a_decimetre(ours: Any, published: str) -> bool:
    """Tell whether two distances, both printed with one decimal, are one step apart at most."""
    return abs(round(float(ours) * 10) - round(float(published) * 10)) <= 1


def equal_text(ours: Any, published: str) -> bool:
    """Tell whether two option texts mean the same category or direction."""
    return canonical(str(ours)) == canonical(published)


def relative_distance(names: str, anchor: str) -> str:
    """Return the program for the published list "a, b, c, d" of candidates."""
    return object_rel_distance.program(anchor, [canonical(name) for name in names.split(",")])


_STAND = r"If I am standing by the (.+?) and facing the (.+?), is the (.+?) "

PUBLISHED = {
    "object_counting": Published(
        re.compile(r"How many (.+?)\(s\) are in this room\?"),
        object_counting.program,
        equal_number,
        0.99,
    ),
    "object_abs_distance": Published(
        re.compile(r".*what is the distance between the (.+) and the (.+) \(in meters\)\?"),
        object_abs_distance.program,
        within_a_decimetre,
        0.97,
    ),
    "object_size_estimation": Published(
        re.compile(r".*longest dimension .*? of the (.+), measured in centimeters\?"),
        object_size_estimation.program,
        equal_number,
        1.0,
    ),
    "room_size_estimation": Published(
        re.compile(r"What is the size of this room \(in square meters\)\?.*", re.DOTALL),
        room_size_estimation.program,
        equal_number,
        1.0,
    ),
    "object_rel_distance": Published(
        re.compile(r".*which of these objects \((.+)\) is the closest to the (.+)\?", re.DOTALL),
        relative_distance,
        equal_text,
        1.0,
    ),
    "object_rel_direction_easy": Published(
        re.compile(_STAND + r"to the left or the right of the .+\?"),
        object_rel_direction_easy.program,
        equal_text,
        1.0,
    ),
    "object_rel_direction_medium": Published(
        re.compile(_STAND + r"to my left, right, or back\?.*", re.DOTALL),
        object_rel_direction_medium.program,
        equal_text,
        1.0,
    ),
    "object_rel_direction_hard": Published(
        re.compile(_STAND + r"to my front-left, .*back-right\?.*", re.DOTALL),
        object_rel_direction_hard.program,
        equal_text,
        1.0,
    ),
}


@dataclass
class Tally:
    """What came of one question type."""

    total: int = 0
    matched: int = 0
    not_checkable: dict[str, int] = field(default_factory=dict)
    missed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Matched among the checkable ones."""
        checkable = self.matched + len(self.missed)
        return self.matched / checkable if checkable else 0.0

    def leave_out(self, reason: str) -> None:
        """Count a question that can't be checked."""
        self.not_checkable[reason] = self.not_checkable.get(reason, 0) + 1


@dataclass(frozen=True)
class LoadedScene:
    """A scene's graph and its stage in the executor."""

    graph: SceneGraph
    stage: Stage


def load_scenes(paths: Sequence[Path], executor: Executor) -> dict[tuple[str, str], LoadedScene]:
    """Read every scene of the metadata files that can be used."""
    loaded = {}
    for ref in scenes.open_scenes(paths).refs:
        try:
            graph = build(scenes.load(ref).scene)
        except SceneError as error:
            print(f"{ref.name}: {error}", file=sys.stderr)
            continue
        loaded[ref.dataset, ref.name] = LoadedScene(graph, executor.stage(world(graph)))
    return loaded


def published_answer(row: Row) -> str:
    """Return the published answer: the number, or the text behind the letter."""
    if row["options"] is None:
        return str(row["ground_truth"])
    (text,) = (o for o in row["options"] if o.startswith(f"{row['ground_truth']}. "))
    return str(text).split(". ", 1)[1]


def check(
    row: Row, tally: Tally, loaded: Mapping[tuple[str, str], LoadedScene], executor: Executor
) -> None:
    """Answer one published question with our program and count the result."""
    tally.total += 1
    published = PUBLISHED.get(row["question_type"])
    if published is None:
        tally.leave_out("needs the video or a free path")
        return
    found = published.pattern.fullmatch(row["question"].strip())
    if found is None:
        tally.leave_out("wording not understood")
        return
    scene = loaded.get((row["dataset"], row["scene_name"]))
    if scene is None:
        tally.leave_out("scene not in the metadata")
        return
    names = [text if "," in text else canonical(text) for text in found.groups()]
    execution = executor.run(published.program(*names), scene.stage)
    if not execution.ok:
        tally.leave_out(execution.detail.split("; ")[0])
        return
    answer = published_answer(row)
    if published.agrees(execution.value, answer):
        tally.matched += 1
        return
    tally.missed.append(
        {
            "id": row.get("id"),
            "scene": row["scene_name"],
            "question": row["question"].split("\n")[0],
            "published": answer,
            "ours": execution.value,
            "cause": cause(scene.graph, names, row["question_type"], execution.value, answer),
        }
    )


def cause(graph: SceneGraph, names: Sequence[str], kind: str, ours: Any, published: str) -> str:
    """Say why an answer differs, as far as the metadata shows it."""
    if kind == "object_counting":
        boxes = len(graph.by_label.get(names[0], ()))
        return f"metadata counts {ours} and holds {boxes} boxes; the question says {published}"
    if kind == "object_abs_distance":
        exact = graph.gap(*names)
        by_grid = grid_matrix([grid_points(graph.only(name).box) for name in names])[0, 1]
        return f"exact {exact:.3f} m, by the 5-cm-grid rule of the published values {by_grid:.3f} m"
    return "unexplained"


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the published questions of a JSON-lines file."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def agreement(meta: Sequence[Path], questions: Iterable[Row]) -> dict[str, Tally]:
    """Check all published questions against the scenes; return a tally per type."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    with Executor() as executor:
        loaded = load_scenes(meta, executor)
        for row in questions:
            check(row, tallies[row["question_type"]], loaded, executor)
    return dict(sorted(tallies.items()))


def show(tallies: Mapping[str, Tally]) -> None:
    """Print the table, why questions were left out, and every miss."""
    print(f"{'question type':30}{'total':>7}{'matched':>9}{'missed':>8}{'left out':>10}  share")
    for kind, tally in tallies.items():
        left_out = sum(tally.not_checkable.values())
        share = f"{tally.share:7.2%}" if kind in PUBLISHED else "      -"
        floor = f"  floor {PUBLISHED[kind].floor:.0%}" if kind in PUBLISHED else ""
        counts = f"{tally.total:7}{tally.matched:9}{len(tally.missed):8}{left_out:10}"
        print(f"{kind:30}{counts} {share}{floor}")
    for kind, tally in tallies.items():
        for reason, count in sorted(tally.not_checkable.items()):
            print(f"left out: {kind}: {count} x {reason}")
    for kind, tally in tallies.items():
        for miss in tally.missed:
            print(
                f"missed: {kind} {miss['scene']}: {miss['question']} "
                f"published {miss['published']}, ours {miss['ours']}: {miss['cause']}"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--meta", type=Path, nargs="+", required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        tallies = agreement(options.meta, read_rows(options.questions))
    except (SpatialgenError, OSError, ValueError, KeyError) as error:
        print(f"vsi_agreement: {error}", file=sys.stderr)
        return 2
    below = [k for k, t in tallies.items() if k in PUBLISHED and t.share < PUBLISHED[k].floor]
    if options.json:
        report = {
            kind: asdict(tally) | {"share": tally.share, "holds": kind not in below}
            for kind, tally in tallies.items()
        }
        print(json.dumps(report, ensure_ascii=False))
    else:
        show(tallies)
        print("all floors hold" if not below else f"below the floor: {', '.join(below)}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
