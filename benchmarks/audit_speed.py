"""How long an audit takes, and how much memory, as questions get more.

    python benchmarks/audit_speed.py [--questions 25000 100000] [--against 5000]

Questions are made up in the columns of VSI-Bench: eight families, among them one with a
planted shortcut. Each audit, against a benchmark of other made questions, is a command of its
own; its processor time and its peak memory are told. The exit status is 1 where the planted
shortcut is not found, or any other.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from spatialgen.rng import generator

THINGS = (
    *("chair", "table", "lamp", "sofa", "plant", "shelf", "bed", "desk", "door", "window"),
    *("mirror", "radiator", "printer", "clock", "oven", "towel", "pillow", "monitor", "box", "bin"),
)
WAYS = ("front-left", "front-right", "back-left", "back-right")
PER_SCENE, FAMILIES, PLANTED = 20, 8, "family0"


def rows(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield made-up questions in the columns of VSI-Bench."""
    rng = generator(seed, "audit speed")
    for number in range(count):
        a, b, c = (THINGS[i] for i in rng.permutation(len(THINGS))[:3])
        row: dict[str, Any] = {
            "id": f"{seed}-{number}",
            "dataset": "made",
            "scene_name": f"room{seed}_{number // PER_SCENE}",
            "question_type": f"family{number % FAMILIES}",
        }
        if number % 2:
            text = f"How far is the {a} from the {b}, in meters, beside the {c}?"
            truth = round(float(rng.lognormal(0.5, 0.6)), 1) + 0.1
            yield row | {"question": text, "options": None, "ground_truth": f"{truth:.1f}"}
            continue
        order = [WAYS[i] for i in rng.permutation(4)]
        leans = number % FAMILIES == 0 and rng.random() < 0.3
        right = order.index(WAYS[0]) if leans else int(rng.integers(4))
        yield row | {
            "question": f"Standing by the {a} and facing the {b}, where is the {c}?",
            "options": [f"{'ABCD'[i]}. {way}" for i, way in enumerate(order)],
            "ground_truth": "ABCD"[right],
        }


def measure(folder: Path, count: int, against: int) -> tuple[float, float, list[str]]:
    """Audit so many questions; return processor seconds, peak MB, and families with shortcuts."""
    paths = []
    for seed, number in enumerate((count, against)):
        paths.append(folder / f"{seed}.jsonl")
        with paths[-1].open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows(number, seed))
    words = [sys.executable, "-m", "spatialgen", "audit", str(paths[0]), "--json"]
    out = folder / "report.json"
    with out.open("wb") as stream:
        run = subprocess.Popen([*words, "--against", str(paths[1])], stdout=stream)
        _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise SystemExit(f"audit_speed: the audit ended with {run.returncode}")
    report = json.loads(out.read_bytes())
    found: list[str] = report["shortcuts"]["families_with_shortcuts"]
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, nargs="+", default=[25_000, 100_000])
    parser.add_argument("--against", type=int, default=5_000, help="questions of the benchmark")
    options = parser.parse_args(arguments)
    fine = True
    print("| questions | processor seconds | peak MB | shortcuts in |")
    print("|---|---|---|---|")
    for count in options.questions:
        with tempfile.TemporaryDirectory() as folder:
            seconds, megabytes, found = measure(Path(folder), count, options.against)
        fine &= found == [PLANTED]
        print(f"| {count:,} | {seconds:.0f} | {megabytes:.0f} | {', '.join(found)} |", flush=True)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
