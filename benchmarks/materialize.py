"""What joining a dataset with scans costs, and that killing it loses nothing.

    python benchmarks/materialize.py [--questions 10000 100000] [--kills 20] [--seed 0] [--json]

Filmed rooms are asked about; the dataset is made as large as is asked for by repeating its
questions. It is joined with the scans in every format at once, and then again, when
only the training files are left to do; each run is a process of its own. After that runs
are killed with SIGKILL at seeded random moments and begun again until one gets through:
the folder must hold the same bytes. Needs Linux, for /proc. Exits 1 when anything differs.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

from kill_resume import kill

from spatialgen import exports
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
from spatialgen.dataset.rows import row_id, to_line
from spatialgen.rng import generator

#: Rooms that are filmed, and questions about each.
ROOMS, PER_SCENE = 12, 20


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    questions: int
    run: str
    lines: int
    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Killed:
    """A folder that was killed and begun again until it was whole."""

    workers: int
    kills: int
    same: bool


def spatialgen(*arguments: str | Path) -> list[str]:
    """Return a command line."""
    return [sys.executable, "-m", "spatialgen", *map(str, arguments)]


def quietly(*arguments: str | Path) -> None:
    """Run the command."""
    quiet = subprocess.DEVNULL
    subprocess.run(spatialgen(*arguments), check=True, stdout=quiet, stderr=quiet)


def joining(dataset: Path, scans: Path, out: Path, workers: int = 1) -> list[str]:
    """Return the command line that joins a dataset with scans, in every format."""
    formats = [word for name in exports.names() for word in ("--as", name)]
    words: list[str | Path] = [
        "--scenes",
        scans,
        "--out",
        out,
        "--workers",
        str(workers),
        "--json",
        *formats,
    ]
    return spatialgen("materialize", dataset, *words)


def enlarge(small: Path, out: Path, questions: int) -> None:
    """Write a dataset that repeats the questions of a small one, each time worded otherwise."""
    out.mkdir()
    rows = list(read_rows(small, QUESTIONS))
    with (out / QUESTIONS).open("wb") as stream:
        for row in rows:
            for copy in range(questions // len(rows)):
                asked = f"{row['question']} ({copy})"
                id = row_id(f"{row['dataset']}/{row['scene_name']}", asked, row["program"])
                stream.write(to_line(row | {"question": asked, "id": id}))
    (out / SCENES).write_bytes((small / SCENES).read_bytes())
    (out / REJECTED).write_bytes(b"")
    write_json(out / MANIFEST, read_manifest(small) | {"files": file_hashes(out)})


def costs(small: Path, scans: Path, folder: Path, questions: int) -> Iterator[Cost]:
    """Yield what the first run costs for a dataset of about so many questions, and the second."""
    enlarge(small, folder / "dataset", questions)
    command = joining(folder / "dataset", scans, folder / "out")
    for run in ("first", "again"):
        began = time.perf_counter()
        measured = [sys.executable, __file__, "--measure", *command]
        done = subprocess.run(measured, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        seconds = time.perf_counter() - began
        report, peak_mb = map(json.loads, done.stdout.splitlines())
        lines = sum(told["lines"] for told in report["exports"].values())
        yield Cost(report["counts"]["questions"], run, lines, seconds, peak_mb)


def measure(command: Sequence[str]) -> int:
    """Run a command, then print the most memory that it or a process of its had, in MB."""
    status = subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    return status


def tree(folder: Path) -> dict[str, bytes]:
    """Return the content of all files."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def torture(dataset: Path, scans: Path, folder: Path, kills: int, seed: int) -> Iterator[Killed]:
    """Yield what became of each folder that was killed until its turn was over."""
    quiet = subprocess.DEVNULL
    began = time.monotonic()
    subprocess.run(joining(dataset, scans, folder / "whole"), check=True, stdout=quiet)
    whole_s = time.monotonic() - began
    reference = tree(folder / "whole")
    rng = generator(seed, "materialize")
    done = 0
    for number, workers in enumerate(cycle((1, 2))):
        if done >= kills:
            return
        out, before, finished = folder / f"killed-{number}", done, False
        while not finished:
            command = joining(dataset, scans, out, workers)
            run = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
            try:
                finished = run.wait(rng.uniform(0.0, whole_s) if done < kills else None) == 0
            except subprocess.TimeoutExpired:
                kill(run, whole_group=done % 2 == 0)
                done += 1
            else:
                if not finished:
                    raise RuntimeError(f"a run ended with exit status {run.returncode}")
        yield Killed(workers, done - before, tree(out) == reference)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, kill and resume; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        return measure(options.measure)
    found: list[Cost] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scans, small = folder / "scans", folder / "small"
        quietly("synth", "--out", scans, "--rooms", str(ROOMS), "--seconds", "4")
        quietly("propose", "--scenes", scans, "--out", small, "--per-scene", str(PER_SCENE))
        for questions in options.questions:
            with tempfile.TemporaryDirectory(dir=name) as own:
                found += costs(small, scans, Path(own), questions)
        killed = list(torture(small, scans, folder, options.kills, options.seed))
    differ = sum(not each.same for each in killed)
    if options.json:
        print(json.dumps({"costs": list(map(asdict, found)), "killed": list(map(asdict, killed))}))
        return 1 if differ else 0
    print(f"{'questions':>10}  {'run':6}{'lines':>9}{'seconds':>9}{'peak MB':>9}")
    for cost in found:
        figures = f"{cost.lines:9,}{cost.seconds:9.1f}{cost.peak_mb:9.0f}"
        print(f"{cost.questions:10,}  {cost.run:6}{figures}")
    kills = sum(each.kills for each in killed)
    print(f"{kills} kills of {len(killed)} folders: {differ} differ from one that was left alone")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
