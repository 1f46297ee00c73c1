"""How fast programs run in isolation, next to one Python subprocess per program.

    python benchmarks/program_speed.py [--json] [--programs 300] [--seed 0]

Every program asks about the same synthetic room of 60 objects, and every run
starts from an untouched copy of it. Two rates are taken: of single runs, and of
all that a new program goes through (type check, run, and a second run with the
objects listed in another order). Rates are the best of several rounds, as other
work on the machine can only lower them.

A video makes the scene larger that every run loads. What that costs is measured
on a room of 40 objects, with and without 32 frames that show a third of them each.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.results import Execution, same
from spatialgen.programs.world import World, world
from spatialgen.records import Camera, Frame, Scene, Sighting, Value
from spatialgen.rng import generator
from spatialgen.synth.rooms import furnish

OBJECTS = 60
WORKERS = 2
THREADS = 4  # more than workers, so that none of them waits for the next program
ROUNDS = 6
ALONE = 100  # programs of a round that are timed step by step
LOAD_ROUNDS = 20
SUBPROCESSES = 30
GOAL_PER_S = 500.0
GOAL_RATIO = 50.0

FILMED_OBJECTS, FRAMES = 40, 32
SHOWN = 1 / 3  # of all objects, by each frame
GOAL_LOAD = 1.5  # times what the same scene takes without frames

#: Bodies of ``answer``; {a}, {b}, {c} are categories that the room has once, {x}, {y} others.
BODIES = (
    "return scene.count({x!r})",
    "return round(scene.distance(scene.one({a!r}), scene.one({b!r})), 1)",
    "return round(max([o.longest for o in scene.all({x!r})]) * 100)",
    "names = [{x!r}, {y!r}]\n"
    "    return min(names, key=lambda n: (scene.label_distance(scene.one({a!r}), n), n))",
    "return scene.quadrant(scene.one({a!r}), scene.one({b!r}), scene.one({c!r}))",
    "near = scene.within(scene.one({a!r}), 2.0)\n"
    "    return len([o for o in near if o.label == {x!r}])",
    "return round(scene.nearest(scene.one({a!r}), scene.all({x!r})).height, 2)",
    "a, b = scene.all({x!r})[0], scene.one({b!r})\n"
    "    if a.volume > b.volume:\n"
    "        return {x!r}\n"
    "    return {b!r}",
    "order = scene.by_distance(scene.one({a!r}), [scene.one({b!r}), scene.one({c!r})])\n"
    "    return [o.label for o in order]",
    "return round(sum([o.volume for o in scene.objects if o.bottom < 0.1]), 2)",
)

#: A program that leaves its scene alone, so that only loading it takes time.
IDLE = "def answer(scene: Scene) -> int:\n    return 1\n"

#: The same program without isolation: the language and the scene in a Python of its own.
OWN_PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
if len(sys.argv) > 2:
    __import__(sys.argv[2])
from spatialgen.programs import language, things, vectors
task = json.load(sys.stdin)
names = {**vars(vectors), **vars(things), **vars(language)}
exec(task["program"], names)
print(json.dumps(names["answer"](language.Scene(task["world"]))))
"""


def programs(scene: Scene, count: int, seed: int) -> list[str]:
    """Return ``count`` programs about the scene, no two of the same text."""
    rng = generator(seed, "program_speed")
    labels = sorted(scene.counts)
    single = [label for label in labels if scene.counts[label] == 1]
    texts = []
    for number in range(count):
        a, b, c = rng.choice(single, 3, replace=False).tolist()
        others = [label for label in labels if label not in (a, b, c)]
        x, y = rng.choice(others, 2, replace=False).tolist()
        body = BODIES[number % len(BODIES)].format(a=a, b=b, c=c, x=x, y=y)
        texts.append(f"# question {number}\ndef answer(scene: Scene):\n    {body}\n")
    return texts


def filmed(scene: Scene, seed: int) -> Scene:
    """Return the scene with frames that show what they could not, but as much as real ones."""
    rng = generator(seed, "program_speed", "film")
    camera = Camera(fx=577.9, fy=577.9, cx=319.5, cy=239.5, width=640, height=480)
    frames = []
    for index in range(FRAMES):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        a, b, c = (tuple(row) for row in np.column_stack([turn, rng.normal(size=3)]).tolist())
        seen = {}
        for thing in scene.objects:
            if rng.random() < SHOWN:
                x, y = rng.uniform(0, 400, 2).tolist()
                fraction, pixels = float(rng.random()), int(rng.integers(16, 40_000))
                seen[thing.id] = Sighting((x, y, x + 200, y + 200), fraction, pixels, False)
        frames.append(Frame(30 * index, float(index), (a, b, c), camera, seen))
    first_seen = {thing.id: float(rng.uniform(0, 60)) for thing in scene.objects}
    return replace(scene, frames=tuple(frames), first_seen=first_seen)


def loads(executor: Executor, seed: int) -> dict[str, float]:
    """Return milliseconds of a run that only loads its scene, without and with a video."""
    scene = furnish(seed, 1, FILMED_OBJECTS)
    stages = {
        "load_unfilmed_ms": executor.stage(world(build(scene))),
        "load_filmed_ms": executor.stage(world(build(filmed(scene, seed)))),
    }
    spent = dict.fromkeys(stages, math.inf)
    for _ in range(LOAD_ROUNDS):
        for name, stage in stages.items():
            started = time.perf_counter()
            for _ in range(ALONE):
                executor.run(IDLE, stage)
            spent[name] = min(spent[name], 1000 * (time.perf_counter() - started) / ALONE)
    return spent


def in_rounds(texts: Sequence[str]) -> list[Sequence[str]]:
    """Return the texts in `ROUNDS` equal parts."""
    return [texts[start::ROUNDS] for start in range(ROUNDS)]


def best_ms(rounds: Sequence[Sequence[str]], work: Callable[[Sequence[str]], object]) -> float:
    """Return milliseconds per program in the best round.

    Every round has programs of its own: the type checker remembers texts it has seen.
    """
    each = []
    for texts in rounds:
        started = time.perf_counter()
        work(texts)
        each.append(1000 * (time.perf_counter() - started) / len(texts))
    return min(each)


def rate(rounds: Sequence[Sequence[str]], work: Callable[[str], Execution]) -> float:
    """Return how many programs per second ``work`` takes with all workers busy."""

    def ask(text: str) -> None:
        found = work(text)
        if not found.ok:
            raise SystemExit(f"program_speed: {found.outcome}: {found.detail}\n{text}")

    with ThreadPoolExecutor(THREADS) as threads:
        return 1000 / best_ms(rounds, lambda texts: list(threads.map(ask, texts)))


def shares(
    executor: Executor, rounds: Sequence[Sequence[str]], first: Stage, second: Stage
) -> dict[str, float]:
    """Return milliseconds per program of each step, one program at a time."""
    spent: dict[str, list[float]] = {}
    for texts in rounds:
        steps: dict[str, Callable[[str], object]] = {
            "type_check_ms": executor.check,
            "first_run_ms": lambda text: executor.run(text, first),
            "second_run_ms": lambda text: executor.run(text, second),
            "load_scene_ms": lambda text: executor.run(IDLE, first),
        }
        total = dict.fromkeys(steps, 0.0)
        for text in texts:
            for name, step in steps.items():
                started = time.perf_counter()
                step(text)
                total[name] += 1000 * (time.perf_counter() - started)
        for name, milliseconds in total.items():
            spent.setdefault(name, []).append(milliseconds / len(texts))
    return {name: min(values) for name, values in spent.items()}


def worker_memory_mb() -> list[float] | None:
    """Return the largest resident memory so far of each worker; None where there is no /proc."""
    if not Path("/proc/self/task").exists():
        return None
    found = []
    for entry in Path("/proc").glob("[0-9]*/status"):
        try:
            status = dict(line.split(":\t", 1) for line in entry.read_text().splitlines())
        except OSError:
            continue  # it has ended
        if status["Name"] == "monty" and int(status["PPid"]) == os.getpid():
            found.append(round(int(status["VmHWM"].split()[0]) / 1024, 1))
    return sorted(found)


def subprocess_rate(
    texts: Sequence[str], seen: World, answers: Sequence[Value | None], *imported: str
) -> float:
    """Return runs per second where each has its own Python, as many at a time as workers."""
    package = str(Path(__file__).parents[1])

    def ask(text: str) -> Any:
        task = json.dumps({"program": text, "world": seen})
        command = [sys.executable, "-I", "-c", OWN_PYTHON, package, *imported]
        done = subprocess.run(command, input=task, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    with ThreadPoolExecutor(WORKERS) as threads:
        given = list(threads.map(ask, texts))
        if not all(map(same, given, answers)):
            raise SystemExit("program_speed: a subprocess gave another answer")
        return 1000 / best_ms([texts] * 2, lambda texts: list(threads.map(ask, texts)))


def measure(count: int, seed: int) -> dict[str, Any]:
    """Return all figures for ``count`` programs about the room of ``seed``."""
    scene = furnish(seed, 0, OBJECTS)
    graph = build(scene)
    rounds = in_rounds(programs(scene, ROUNDS * count, seed))
    single = in_rounds(programs(scene, ROUNDS * ALONE, seed + 1))
    few = rounds[0][:SUBPROCESSES]
    with Executor(workers=WORKERS) as executor:
        started = time.perf_counter()
        first = executor.stage(world(graph))
        staged = time.perf_counter()
        second = executor.stage(world(graph, range(len(scene.objects) - 1, -1, -1)))
        per_s = rate(rounds, lambda text: executor.execute(text, first, second))
        runs = rate(rounds, lambda text: executor.run(text, first))
        steps = shares(executor, single, first, second)
        answers = [executor.run(text, first).value for text in few]
        memory = worker_memory_mb()
        loaded = loads(executor, seed)
    bare = subprocess_rate(few, world(graph), answers)
    with_numpy = subprocess_rate(few, world(graph), answers, "numpy")
    return {
        "objects": len(scene.objects),
        "programs": count,
        "seed": seed,
        "workers": WORKERS,
        "runs_per_s": round(runs, 1),
        "programs_per_s": round(per_s, 1),
        "subprocess_runs_per_s": round(bare, 1),
        "numpy_subprocess_runs_per_s": round(with_numpy, 1),
        "ratio": round(runs / bare, 1),
        "numpy_ratio": round(runs / with_numpy, 1),
        "stage_scene_ms": round(1000 * (staged - started), 1),
        "state_bytes": len(first.state),
        **{name: round(value, 3) for name, value in (steps | loaded).items()},
        "load_ratio": round(loaded["load_filmed_ms"] / loaded["load_unfilmed_ms"], 2),
        "worker_memory_mb": memory,
    }


def table(report: dict[str, Any]) -> str:
    """Return the report as text."""
    steps = {
        "type check": report["type_check_ms"],
        "first run": report["first_run_ms"],
        "second run": report["second_run_ms"],
    }
    total = sum(steps.values())
    loading = 2 * report["load_scene_ms"]
    lines = [
        f"{report['programs']} programs about a room of {report['objects']} objects, "
        f"{report['workers']} workers",
        f"  isolated runs                         {report['runs_per_s']:8.1f} /s",
        f"  isolated, type-checked and run twice  {report['programs_per_s']:8.1f} /s"
        f"  (goal: at least {GOAL_PER_S:.0f})",
        f"  runs in a Python of their own         {report['subprocess_runs_per_s']:8.1f} /s"
        f"  {report['ratio']:.0f} times slower",
        f"  the same, with numpy imported         {report['numpy_subprocess_runs_per_s']:8.1f} /s"
        f"  {report['numpy_ratio']:.0f} times slower  (goal: at least {GOAL_RATIO:.0f})",
        "one program at a time",
        *(f"  {name:32}{ms:9.2f} ms {ms / total:6.1%}" for name, ms in steps.items()),
        f"  loading the scene, in both runs {loading:9.2f} ms {loading / total:6.1%}",
        f"loading {FILMED_OBJECTS} objects {report['load_unfilmed_ms']:.2f} ms, "
        f"with {FRAMES} frames {report['load_filmed_ms']:.2f} ms: "
        f"{report['load_ratio']:.2f} times as long  (goal: at most {GOAL_LOAD})",
        f"staging a scene {report['stage_scene_ms']:.1f} ms, {report['state_bytes']:,} bytes",
        f"largest memory of each worker in MB: {report['worker_memory_mb']}",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--programs", type=int, default=300, help="how many programs")
    parser.add_argument("--seed", type=int, default=0, help="which room and programs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.programs < 1:
        parser.error("--programs must be at least 1")
    report = measure(options.programs, options.seed)
    print(json.dumps(report) if options.json else table(report))
    reached = (
        report["programs_per_s"] >= GOAL_PER_S
        and report["numpy_ratio"] >= GOAL_RATIO
        and report["load_ratio"] <= GOAL_LOAD
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
