"""The closed loop next to static sampling, to no feedback and to other signals, at one budget.

    python -m benchmarks.closed_loop OUT [--seeds 5] [--jobs 2] [--arms "static;paper"]

Every run trains the tiny model from nothing on the same number of visited questions, drawn from
the same pool, and is asked the same held-out questions after every round. The pool is made once:
for every round rooms of its own, from bare to full, filmed by `spatialgen synth` and asked about
by `spatialgen propose`. Runs differ in what decides which questions of a round are visited, and
in their seed: weights and draws. `static` draws from the whole pool in every round; `none` from
the round's own questions; both families evenly, and within a family by nature's mix; "over
questions" all the pool's questions evenly, of which families have unlike numbers. Everything
else steers cells of family and objects in view by its signal.
Prints a table of all arms that are finished, and writes ``closed_loop.json`` and
``closed_loop.html`` into OUT. Run again it goes on where it was stopped.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from evalkit.optional import require
from recipes import plots
from recipes.rows import read_json, write_json, write_text
from spatialgen.rng import generator

ROUNDS, STEPS, BATCH, FRAMES = 6, 195, 64, 6

#: Held-out questions are asked after so many rounds.
EVERY = 2
FAMILIES = "visible_object,view_side,view_relation,visible_count"
THINGS = "bed,door,sofa,table,refrigerator,tv,counter,window,piano,closet"

#: Seeds of rooms and how many a round has of each kind: objects, and about how many in view.
KINDS = ((1, 20, 2, 1), (2, 20, 4, 2), (3, 40, 9, 4))
HELD_OUT = (90, 120, 9, 4)


@dataclass(frozen=True)
class Arm:
    """What decides the visits of a round.

    A signal of `recipes.feedback` on the confidences of first or last visits, whether the
    whole pool is open to every round or its own questions only, and what a round is spread
    evenly over as far as no signal moves it.
    """

    signal: str
    visit: str = "first"
    whole: bool = True
    over: str = "families"


ARMS: Mapping[str, Arm] = {
    "static": Arm("none"),
    "no feedback, new questions": Arm("none", whole=False),
    "paper": Arm("paper"),
    "chance_corrected": Arm("chance_corrected"),
    "chance_corrected, last visit": Arm("chance_corrected", "last"),
    "learning_progress, last visit": Arm("learning_progress", "last"),
    "random": Arm("random"),
    "r_zero": Arm("r_zero"),
    "spatial_evo": Arm("spatial_evo"),
    "cumulative": Arm("cumulative"),
    "static, over questions": Arm("none", over="questions"),
    "paper, over questions": Arm("paper", over="questions"),
}

#: Runs are compared with this one.
BASE = "static"

#: How often seeds are drawn again for the interval of a budget.
DRAWS = 2_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Accuracies (seeds, times asked) of an arm, by family and their mean, from the start on."""

    families: Mapping[str, Floats]
    mean: Floats


# -- the pool ----------------------------------------------------------------------


def make_pool(out: Path) -> None:
    """Make the rooms and questions of all rounds, and the held-out ones."""
    rooms(out / "unseen", *HELD_OUT)
    ask([out / "unseen"], out / "held-out", 20, seed=900)
    for number in range(ROUNDS):
        named = []
        for seed, *kind in KINDS:
            own = seed * 1_000 + number
            rooms(out / "scenes", own, *kind)
            named += sorted((out / "scenes").glob(f"room{own}_*"))
        ask(named, out / "pool" / f"round-{number}", 60, seed=number)


def rooms(folder: Path, seed: int, count: int, objects: int, in_view: int) -> None:
    """Film rooms into a folder."""
    words = f"--rooms {count} --seed {seed} --objects {objects} --in-view {in_view} --size 64"
    words += (
        f" --camera turn --seconds {2 * FRAMES} --fps 1 --colors class --style plain --no-shadows"
    )
    spatialgen("synth", "--out", str(folder), *words.split(), "--things", THINGS)


def ask(scenes: Sequence[Path], out: Path, per_scene: int, seed: int) -> None:
    """Ask about scenes, by all families."""
    if (out / "manifest.json").exists() and read_json(out / "manifest.json").get("complete"):
        return
    words = f"--frames {FRAMES} --per-scene {per_scene} --seed {seed} --families {FAMILIES}"
    places = [word for path in scenes for word in ("--scenes", str(path))]
    spatialgen("propose", *places, "--out", str(out), *words.split())


def spatialgen(*words: str) -> None:
    """Run a command of spatialgen."""
    subprocess.run([sys.executable, "-m", "spatialgen", *words], check=True, capture_output=True)


# -- runs --------------------------------------------------------------------------


def config(out: Path, arm: str, seed: int) -> dict[str, Any]:
    """Return the config of one run."""
    chosen = ARMS[arm]
    pool = [str(out / "pool" / f"round-{number}") for number in range(ROUNDS)]
    return {
        "out_dir": str(out / "runs" / name_of(arm, seed)),
        "model": "tiny",
        "seed": seed,
        "rounds": ROUNDS,
        "steps": STEPS,
        "batch": BATCH,
        "frames": FRAMES,
        "max_side": 64,
        "answers": "text",
        "cache": str(out / "cache"),
        "scenes": {"paths": [str(out / "scenes")]},
        "held_out": {"paths": [str(out / "unseen")]},
        "proposer": {"kind": "dataset", "folders": pool, "in_turn": not chosen.whole},
        "feedback": {
            "signal": chosen.signal,
            "visit": chosen.visit,
            "over": chosen.over,
            "knobs": ["in_view"],
        },
        "solver": {
            "learning_rate": 1.5e-3,
            "schedule": "cosine",
            "warmup_steps": 30,
            "betas": [0.9, 0.98],
            "weight_decay": 0.01,
            "per_device_batch": BATCH,
            "together": 6,
            "precision": "float32",
            "device": "cpu",
        },
        "evaluate": {
            "questions": str(out / "held-out"),
            "generate": False,
            "every": EVERY,
            "grey": seed == 0,
            "blind": seed == 0,
        },
    }


def name_of(arm: str, seed: int) -> str:
    """Return what a run is called in file names."""
    return f"{arm.replace(', ', '-').replace(' ', '_')}-{seed}"


def run(out: Path, arm: str, seed: int) -> None:
    """Run one arm with one seed, on one core."""
    place = out / "configs" / f"{name_of(arm, seed)}.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(yaml.safe_dump(config(out, arm, seed)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "recipes.evolve", str(place)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{arm}, seed {seed}: {done.stderr[-600:]}")
    print(f"{arm}, seed {seed}: done", file=sys.stderr, flush=True)


# -- what came of them -------------------------------------------------------------


def curve(out: Path, arm: str, seeds: int) -> Curve | None:
    """Read an arm's accuracies on held-out questions; None where a run is not finished."""
    files = [out / "runs" / name_of(arm, seed) / "report.json" for seed in range(seeds)]
    if not all(path.exists() for path in files):
        return None
    runs = [read_json(path) for path in files]
    asked = [
        [found["start"], *(r["evaluation"] for r in found["rounds"] if r["evaluation"])]
        for found in runs
    ]
    told = [[each["seeing"] for each in one] for one in asked]
    names = list(told[0][0]["families"])
    families = {
        name: np.array([[each["families"][name]["free"] for each in one] for one in told])
        for name in names
    }
    return Curve(families, np.array([[each["overall"]["free"] for each in one] for one in told]))


def spread(values: Floats) -> float:
    """Return half the width of the 95 % interval of the mean over seeds, by Student's t."""
    n = len(values)
    if n < 2:
        return float("nan")
    stats = require("scipy.stats", "scipy", "intervals")
    return float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))


def reached(mean: Floats, wanted: float) -> float | None:
    """Return after how many visits a mean curve reaches an accuracy, between rounds by a line."""
    for number in range(1, len(mean)):
        before, after = mean[number - 1], mean[number]
        if after >= wanted:
            share = 0.0 if after == before else max(0.0, (wanted - before) / (after - before))
            return float((number - 1 + share) * EVERY * STEPS * BATCH)
    return None


def budget(mean: Floats, wanted: float) -> dict[str, float | None]:
    """Return the visits that the mean over seeds needs for an accuracy, and how sure that is.

    ``low`` and ``high`` are the middle 95 % of what seeds drawn again give, those left out that
    do not reach it, which are a share of ``never``.
    """
    draws = generator(0, "seeds").integers(len(mean), size=(DRAWS, len(mean)))
    found = [reached(mean[drawn].mean(axis=0), wanted) for drawn in draws]
    known = [each for each in found if each is not None]
    low, high = np.percentile(known, [2.5, 97.5]).tolist() if known else (None, None)
    visits = reached(mean.mean(axis=0), wanted)
    return {"mean": visits, "low": low, "high": high, "never": 1.0 - len(known) / DRAWS}


def rows(curves: Mapping[str, Curve]) -> Iterator[dict[str, Any]]:
    """Yield what is told of each arm: final accuracies, the gap to the base, budget needed."""
    base = curves.get(BASE)
    for arm, found in curves.items():
        last = found.mean[:, -1]
        yield {
            "arm": arm,
            "seeds": len(last),
            "final": {name: _pair(each[:, -1]) for name, each in found.families.items()},
            "mean": _pair(last),
            "gap": None if base is None else _pair(last - base.mean[:, -1]),
            "area": _pair(found.mean[:, 1:].mean(axis=1)),
            "visits": None if base is None else budget(found.mean, float(base.mean[:, -1].mean())),
            "curve": [_pair(each) for each in found.mean.T],
        }


def _pair(values: Floats) -> tuple[float, float | None]:
    reach = spread(values)
    return round(float(values.mean()), 4), None if np.isnan(reach) else round(reach, 4)


def table(told: Sequence[Mapping[str, Any]]) -> str:
    """Return a Markdown table, in percent."""
    names = list(told[0]["final"])
    head = ["arm", *names, "mean", f"minus {BASE}", "over all rounds", f"visits to {BASE}'s end"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in told:
        cells = [row["arm"], *(_cell(row["final"][name]) for name in names)]
        gap = "" if row["gap"] is None or row["arm"] == BASE else _cell(row["gap"], "+")
        cells += [_cell(row["mean"]), gap, _cell(row["area"]), _visits(row["visits"])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _visits(found: Mapping[str, float | None] | None) -> str:
    if found is None or found["mean"] is None:
        return "-"
    drawn = [found["low"], found["high"]]
    reach = " to ".join(f"{each / 1000:.0f}k" for each in drawn if each is not None)
    return f"{found['mean']:,.0f} ({reach})"


def _cell(pair: Sequence[float | None], sign: str = "") -> str:
    value, reach = pair
    assert value is not None
    shown = f"{100 * value:{sign}.1f}"
    return shown if reach is None else f"{shown} ± {100 * reach:.1f}"


def main() -> None:
    """Make the pool, run what has not run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--arms", default=";".join(ARMS), help="separated by semicolons")
    chosen = parser.parse_args()
    arms = chosen.arms.split(";")
    if unknown := sorted(set(arms) - set(ARMS)):
        parser.error(f"no such arm: {'; '.join(unknown)}; there are {'; '.join(ARMS)}")
    make_pool(chosen.out)
    with ThreadPoolExecutor(chosen.jobs) as pool:
        jobs = [(arm, seed) for seed in range(chosen.seeds) for arm in arms]
        for _ in pool.map(lambda job: run(chosen.out, *job), jobs):
            pass
    # Also what was run before, by another call.
    found = {arm: curve(chosen.out, arm, chosen.seeds) for arm in ARMS}
    curves = {arm: each for arm, each in found.items() if each is not None}
    told = list(rows(curves))
    write_json(chosen.out / "closed_loop.json", {"arms": told, "rounds": ROUNDS})
    ticks = [f"{number * STEPS * BATCH // 1000}k" for number in range(0, ROUNDS + 1, EVERY)]
    series = {arm: each.mean.mean(axis=0).tolist() for arm, each in curves.items()}
    drawn = plots.lines("Held-out accuracy by questions visited", ticks, series)
    write_text(chosen.out / "closed_loop.html", f"{drawn}{plots.key(list(series))}")
    print(table(told))


if __name__ == "__main__":
    main()
