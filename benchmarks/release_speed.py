"""How long a release takes, and how much memory, by the number of questions.

    python benchmarks/release_speed.py [--questions 10000 100000] [--json]

A few made rooms are filmed and asked about; the dataset is then as large as is asked for
by repeating them under other names. Each step runs in a process of its own: auditing the
dataset, building the release folder without, publishing it to a Hub on this machine,
comparing it with the dataset. Publishing the same again must send nothing.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub_server import serving

from spatialgen.dataset.files import (
    MANIFEST,
    QUESTIONS,
    REJECTED,
    SCENES,
    file_hashes,
    read_manifest,
    read_rows,
    write_json,
)
from spatialgen.dataset.rows import Row, row_id, to_line

#: Rooms that are filmed, and questions about each.
ROOMS, PER_SCENE = 5, 20

REPO = "rooms/large"


@dataclass(frozen=True)
class Cost:
    """What one step took in a process of its own."""

    questions: int
    step: str
    seconds: float
    processor_s: float
    peak_mb: float
    megabytes: float


def spatialgen(*arguments: str | Path) -> None:
    """Run the command, quietly."""
    command = [sys.executable, "-m", "spatialgen", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def small_dataset(folder: Path) -> Path:
    """Film rooms, and ask about them."""
    spatialgen("synth", "--out", folder / "scans", "--rooms", str(ROOMS))
    out = folder / "small"
    spatialgen("propose", "--scenes", folder / "scans", "--out", out, "--per-scene", str(PER_SCENE))
    return out


def enlarge(small: Path, out: Path, questions: int) -> int:
    """Write a dataset that repeats a small one under other names; return its questions."""
    out.mkdir()
    accepted = list(read_rows(small, QUESTIONS))
    copies = -(-questions // len(accepted))
    for name in (QUESTIONS, SCENES):
        with (out / name).open("wb") as stream:
            for row in repeated(list(read_rows(small, name)), copies):
                stream.write(to_line(row))
    (out / REJECTED).write_bytes(b"")
    write_json(out / MANIFEST, read_manifest(small) | {"files": file_hashes(out)})
    return copies * len(accepted)


def repeated(rows: Sequence[Row], copies: int) -> Iterator[Row]:
    """Yield rows again and again, each time of other scenes."""
    for copy in range(copies):
        for row in rows:
            named = row | {"scene_name": f"{row['scene_name']}-{copy:05d}"}
            if "id" in named:
                key = f"{named['dataset']}/{named['scene_name']}"
                named["id"] = row_id(key, named["question"], named["program"])
            yield named


def measure(step: str, *arguments: str | Path) -> dict[str, float]:
    """Run a step of this file in a process of its own."""
    command = [sys.executable, __file__, "--step", step, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def take(step: str, arguments: Sequence[str]) -> dict[str, float]:
    """Do a step here; return its seconds, and what time and memory this process had."""
    from spatialgen.progress import Progress
    from spatialgen.release.auditing import audited
    from spatialgen.release.build import build
    from spatialgen.release.compare import compare
    from spatialgen.release.hub import Hub
    from spatialgen.release.publish import Choices, publish
    from spatialgen.release.retries import Retries

    folders = [Path(each) for each in arguments]
    began = time.perf_counter()
    match step:
        case "audit":
            audited(folders[0], (), False)
        case "build":
            with Progress("folders") as progress:
                build(folders[:1], folders[1], progress)
        case "publish" | "publish again":
            hub = Hub(REPO, Retries(print))
            sent = publish(folders[0], hub, Choices())
            if step == "publish again" and sent.files:
                raise SystemExit(f"sent again: {', '.join(sent.files)}")
        case _:
            found = compare(*folders)["questions"]
            if found["added"] or found["removed"] or found["changed"]:
                raise SystemExit(f"the release differs from the dataset: {found}")
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "processor_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }


def costs(small: Path, folder: Path, questions: int) -> Iterator[Cost]:
    """Yield what each step costs for a dataset of about so many questions."""
    dataset, release, store = folder / "dataset", folder / "release", folder / "store"
    count = enlarge(small, dataset, questions)
    store.mkdir()
    with serving(store) as hub:
        os.environ.update(hub.env(), HF_HOME=str(folder / "home"))
        for step, paths in (
            ("audit", (dataset,)),
            ("build", (dataset, release)),
            ("publish", (release,)),
            ("publish again", (release,)),
            ("diff", (dataset, release)),
        ):
            found = measure(step, *paths)
            yield Cost(count, step, **found, megabytes=size_of(release) / 1e6)


def size_of(folder: Path) -> int:
    """Return how many bytes there are in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def show(found: Sequence[Cost]) -> None:
    """Print the costs as a table."""
    heads = f"{'seconds':>9}{'processor':>11}{'peak MB':>9}{'release MB':>12}"
    print(f"{'questions':>10}  {'step':16}{heads}")
    for cost in found:
        figures = (
            f"{cost.seconds:9.1f}{cost.processor_s:9.1f} s{cost.peak_mb:9.0f}{cost.megabytes:12.1f}"
        )
        print(f"{cost.questions:10,}  {cost.step:16}{figures}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    asked: Any = parser.parse_args(arguments)
    if asked.step:
        step, *rest = asked.step
        print(json.dumps(take(step, rest)))
        return 0
    found: list[Cost] = []
    with tempfile.TemporaryDirectory() as name:
        small = small_dataset(Path(name))
        for questions in asked.questions:
            with tempfile.TemporaryDirectory(dir=name) as folder:
                found += costs(small, Path(folder), questions)
    if asked.json:
        print(json.dumps({"costs": [asdict(cost) for cost in found]}))
    else:
        show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
