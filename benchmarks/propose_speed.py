"""How fast ``spatialgen propose`` is: per stage, by room size, by number of scenes.

    python benchmarks/propose_speed.py [--scenes PATH...] [--json]

Without --scenes only synthetic rooms are measured.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spatialgen.errors import SpatialgenError
from spatialgen.pipeline import Plan, Worker
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.results import Execution
from spatialgen.programs.world import World
from spatialgen.progress import Progress
from spatialgen.propose import built_in
from spatialgen.run import ProposeConfig, propose
from spatialgen.scenes import load, open_scenes
from spatialgen.scenes.vsi_meta import write
from spatialgen.synth.rooms import furnish

OBJECTS = (10, 40, 160)
SCENES = (10, 40, 160)
PER_SCENE = 20


class TimedExecutor(Executor):
    """An executor that remembers how long each kind of work took, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()

    def _count(self, what: str, started: float) -> None:
        self.seconds[what] += time.perf_counter() - started
        self.calls[what] += 1

    def stage(self, world: World) -> Stage:
        """Stage a scene and count the time."""
        started = time.perf_counter()
        try:
            return super().stage(world)
        finally:
            self._count("load scenes into the interpreter", started)

    def check(self, program: str) -> Execution | None:
        """Type-check a program and count the time."""
        started = time.perf_counter()
        try:
            return super().check(program)
        finally:
            self._count("type-check programs", started)

    def run(self, program: str, stage: Stage) -> Execution:
        """Run a program and count the time."""
        started = time.perf_counter()
        try:
            return super().run(program, stage)
        finally:
            self._count("run programs", started)


def stages(paths: Sequence[Path]) -> dict[str, Any]:
    """Return what each stage costs for all scenes under ``paths``, in one process."""
    plan = Plan(built_in.family_names(), PER_SCENE, seed=0)
    with TimedExecutor() as executor:
        worker = Worker(plan, executor)
        started = time.perf_counter()
        refs = open_scenes(paths).refs
        found = time.perf_counter()
        scenes = [load(ref).scene for ref in refs]
        read = time.perf_counter()
        rows = [worker.ask(scene) for scene in scenes]
        ended = time.perf_counter()
    seconds = {"find and index scenes": found - started, "read scenes": read - found}
    seconds |= dict(executor.seconds)
    seconds["geometry, wording, checks"] = ended - read - sum(executor.seconds.values())
    accepted = sum(len(each.questions) for each in rows)
    return {
        "scenes": len(rows),
        "accepted": accepted,
        "rejected": sum(len(each.rejected) for each in rows),
        "programs_run": executor.calls["run programs"],
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "scenes_per_s": round(len(rows) / (ended - started), 2),
        "accepted_per_s": round(accepted / (ended - started), 1),
    }


def command(paths: Sequence[Path], workers: int) -> dict[str, Any]:
    """Return the rates of the whole command, writing included."""
    with tempfile.TemporaryDirectory() as folder, Progress("scenes") as progress:
        started = time.perf_counter()
        out = Path(folder) / "dataset"
        manifest = propose(list(paths), out, ProposeConfig(), [], workers, progress)
        seconds = time.perf_counter() - started
    counts = manifest["counts"]
    return {
        "workers": workers,
        "scenes": counts["scenes"],
        "accepted": counts["accepted"],
        "seconds": round(seconds, 2),
        "scenes_per_s": round(counts["scenes"] / seconds, 2),
        "accepted_per_s": round(counts["accepted"] / seconds, 1),
    }


def growth(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rates for rooms of several sizes, and for several numbers of rooms."""
    by_objects, by_scenes = [], []
    for objects in OBJECTS:
        path = folder / f"objects{objects}.json"
        write(path, (furnish(0, index, objects) for index in range(8)))
        by_objects.append({"objects": objects, **stages([path])})
    for count in SCENES:
        path = folder / f"scenes{count}.json"
        write(path, (furnish(1, index) for index in range(count)))
        by_scenes.append(command([path], os.cpu_count() or 1))
    return {"by_objects": by_objects, "by_scenes": by_scenes}


def show(report: dict[str, Any]) -> None:
    """Print the report as text."""
    for title, measured in report.get("given scenes", {}).items():
        print(title)
        for key, value in measured.items():
            if isinstance(value, dict):
                total = sum(value.values())
                for stage, seconds in value.items():
                    print(f"  {stage:36}{seconds:9.2f} s  {seconds / total:6.1%}")
            else:
                print(f"  {key:36}{value:9}")
    print("objects per room (8 rooms, one process)")
    for row in report["by_objects"]:
        rates = f"{row['scenes_per_s']:7} scenes/s {row['accepted_per_s']:7} questions/s"
        print(f"  {row['objects']:4} objects {rates}")
    print("number of rooms (whole command)")
    for row in report["by_scenes"]:
        rates = f"{row['scenes_per_s']:7} scenes/s {row['accepted_per_s']:7} questions/s"
        print(f"  {row['scenes']:4} rooms   {rates}  {row['seconds']:7} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scenes", type=Path, nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    report: dict[str, Any] = {}
    try:
        if options.scenes:
            report["given scenes"] = {
                "stages, one process": stages(options.scenes),
                "whole command": command(options.scenes, os.cpu_count() or 1),
            }
        with tempfile.TemporaryDirectory() as folder:
            report |= growth(Path(folder))
    except SpatialgenError as error:
        print(f"propose_speed: {error}", file=sys.stderr)
        return error.exit_status
    if options.json:
        print(json.dumps(report))
    else:
        show(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
