"""Kill ``spatialgen publish`` at random moments, and let several publish at once.

    python benchmarks/publish_kills.py [--kills 50] [--races 10] [--at-once 2] [--seed 0] [--json]

Each publication, to a dataset of its own, is killed (SIGKILL) and begun again with the
same command until it gets through: in turn at a random time, when a random request of
it arrives, and when that is done but not answered. After every kill main must hold a whole version:
nothing yet, or just what its release.json says. In the end it must hold what an
undisturbed publication holds, by one commit. In a race several publish different rounds
to one dataset at the same time: all must end well, main must hold the rounds of all, and
the history a commit for each. Exits 1 where anything of it does not hold.

The publishers are forked from a process that has imported what they need: what is killed
is the command itself, not the start of Python.
"""

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from hub_server import Hub, serving
from hub_store import Commit
from publish_faults import make_dataset

from spatialgen.rng import generator
from spatialgen.tables.record import RELEASE, parse

UNDISTURBED = "rooms/undisturbed"

#: Imported once, before publishers are forked.
_NEEDED = [
    "huggingface_hub.hf_api",
    "pandas",  # which pyarrow looks for
    "pyarrow.compute",
    "pyarrow.parquet",
    "spatialgen.cli",
    "spatialgen.commands.publish",
    "spatialgen.release.showing",
    "spatialgen.scenes",
]


@dataclass(frozen=True)
class Kill:
    """One kill: at which moment, how many commits there were, what was wrong with main then."""

    dataset: str
    moment: str
    commits: int
    wrong: str


@dataclass(frozen=True)
class Outcome:
    """A dataset in the end: how many publishers or kills, and what was wrong with it.

    ``conflicts`` are commits that the Hub refused, because another one had come first.
    """

    dataset: str
    kills: int
    publishers: int
    commits: int
    conflicts: int
    wrong: str


def command(arguments: Sequence[str]) -> None:
    """Run ``spatialgen`` quietly; this is what a publisher's process does."""
    from spatialgen.cli import main

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    main(list(arguments), prog_name="spatialgen")


class Publishers:
    """Starts publishers."""

    def __init__(self) -> None:
        # The process that is forked finds modules by this alone.
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["publish_kills", *_NEEDED])

    def start(self, dataset: Path, repo: str) -> ForkServerProcess:
        """Begin to publish a dataset folder."""
        # Without the audit, which has nothing to do with the Hub.
        words = ["publish", str(dataset), "--repo", repo, "--no-audit", "--create"]
        process = self._context.Process(target=command, args=(words,))
        process.start()
        return process


def wrong_with(hub: Hub, commit: Commit) -> str:
    """Return what keeps a commit from being a whole version, or ""."""
    files = commit.files
    if files.keys() <= {".gitattributes"}:
        return ""
    if RELEASE not in files or "README.md" not in files:
        return "no card or no record"
    release = parse(json.loads(hub.store.content(files[RELEASE])))
    named = {path: file for part in release.parts.values() for path, file in part.files.items()}
    for path, file in named.items():
        if path not in files or files[path].sha256 != file.sha256:
            return f"{path} is missing or another"
    over = {path for path in files if path.startswith(("data/", "parts/"))} - named.keys()
    return f"{min(over)} belongs to no part" if over else ""


class Killer:
    """Kills a publisher, at a time or at a request."""

    def __init__(self, hub: Hub, process: ForkServerProcess) -> None:
        self._hub = hub
        self._process = process

    def at_time(self, after_s: float) -> str:
        """Kill it after a while; return the moment, or "" where it had ended."""
        self._process.join(after_s)
        return f"{after_s:.2f} s" if self._kill() else ""

    def at_request(self, number: int, when: str) -> str:
        """Kill it before or after the Hub has done what is asked for the ``number``-th time."""
        moments: list[str] = []
        left = number

        def on_request(endpoint: str, phase: str) -> None:
            nonlocal left
            left -= phase == when
            if left == 0 and phase == when and self._kill():
                moments.append(f"{when} {endpoint}")
                raise ConnectionResetError

        self._hub.on_request = on_request
        self._process.join()
        self._hub.on_request = lambda endpoint, phase: None
        return moments[0] if moments else ""

    def _kill(self) -> bool:
        if self._process.exitcode is not None or self._process.pid is None:
            return False
        os.kill(self._process.pid, signal.SIGKILL)
        return True


def undisturbed(hub: Hub, publishers: Publishers, dataset: Path) -> tuple[float, int]:
    """Publish four times; return how long it takes at best, in seconds, and how many requests.

    The first is not counted: it starts the process that all others are forked from.
    """
    times_s = []
    for repo in ("rooms/first", "rooms/second", "rooms/third", UNDISTURBED):
        hub.asked.clear()
        begun = time.monotonic()
        process = publishers.start(dataset, repo)
        process.join()
        if process.exitcode != 0:
            raise RuntimeError("the undisturbed publication failed")
        times_s.append(time.monotonic() - begun)
    return min(times_s[1:]), len(hub.asked)


def torture(hub: Hub, dataset: Path, kills: int, seed: int) -> Iterator[Kill | Outcome]:
    """Yield what became of each kill, and of each dataset once its publisher got through."""
    publishers = Publishers()
    whole_s, requests = undisturbed(hub, publishers, dataset)
    rng = generator(seed, "publish_kills")
    done = number = 0
    while done < kills:
        number += 1
        repo, before, moment = f"rooms/killed-{number}", done, "-"
        while moment:
            process = publishers.start(dataset, repo)
            killer = Killer(hub, process)
            match done % 3 if done < kills else None:
                case None:
                    moment = ""
                case 0:
                    moment = killer.at_time(float(rng.uniform(0.0, whole_s)))
                case turn:
                    when = "before" if turn == 1 else "after"
                    moment = killer.at_request(int(rng.integers(1, requests + 1)), when)
            process.join()
            if moment:
                done += 1
                commits = hub.store.repos[repo].commits if repo in hub.store.repos else []
                wrong = wrong_with(hub, commits[-1]) if commits else ""
                yield Kill(repo, moment, max(len(commits) - 1, 0), wrong)
            elif process.exitcode != 0:
                raise RuntimeError(f"a publisher ended with exit status {process.exitcode}")
        commits = hub.store.repos[repo].commits
        wrong = _wrong_in_the_end(hub, repo)
        yield Outcome(repo, done - before, 1, len(commits) - 1, 0, wrong)


def _wrong_in_the_end(hub: Hub, repo: str) -> str:
    commits = hub.store.repos[repo].commits
    held, expected = (dict(hub.store.repos[name].commits[-1].files) for name in (repo, UNDISTURBED))
    for files in (held, expected):
        del files["README.md"]  # it names the dataset
    if held != expected:
        return "not what an undisturbed publication holds"
    return wrong_with(hub, commits[-1]) or ("" if len(commits) == 2 else "more than one commit")


def race(hub: Hub, datasets: Sequence[Path], number: int) -> Outcome:
    """Publish all datasets to one repo at once, and return what came of it."""
    repo = f"rooms/race-{number}"
    publishers = Publishers()
    hub.asked.clear()
    processes = [publishers.start(dataset, repo) for dataset in datasets]
    for process in processes:
        process.join()
    failed = sum(process.exitcode != 0 for process in processes)
    commits = hub.store.repos[repo].commits
    wrong = f"{failed} failed" if failed else ""
    wrong = wrong or next(filter(None, (wrong_with(hub, commit) for commit in commits)), "")
    if not wrong:
        record = hub.store.content(commits[-1].files[RELEASE])
        parts = parse(json.loads(record)).parts
        if not len(parts) == len(datasets) == len(commits) - 1:
            wrong = f"{len(parts)} parts in {len(commits) - 1} commits"
    conflicts = hub.asked.count(("commit", 412))
    return Outcome(repo, 0, len(datasets), len(commits) - 1, conflicts, wrong)


def show(event: Kill | Outcome) -> None:
    """Print an event as a line."""
    told = event.wrong or "whole"
    if isinstance(event, Kill):
        print(f"{event.dataset:18} killed {event.moment:18} {told}", flush=True)
    else:
        at_once = f"{event.publishers} at once, {event.conflicts} conflicts"
        what = f"{event.kills} kills" if event.kills else at_once
        print(f"{event.dataset:18} {what}, {event.commits} commits: {told}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill and race; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--races", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    events: list[Kill | Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "store").mkdir()
        with serving(folder / "store") as hub:
            os.environ.update(hub.env(), HF_HOME=str(folder / "home"), TMPDIR=name)
            datasets = [make_dataset(folder, seed) for seed in range(asked.at_once)]
            for event in torture(hub, datasets[0], asked.kills, asked.seed):
                events.append(event)
                if not asked.json:
                    show(event)
            for number in range(1, asked.races + 1):
                events.append(race(hub, datasets, number))
                if not asked.json:
                    show(events[-1])
    wrong = [event for event in events if event.wrong]
    if asked.json:
        print(json.dumps({"events": [asdict(event) for event in events], "wrong": len(wrong)}))
    else:
        outcomes = [event for event in events if isinstance(event, Outcome)]
        killed = len(events) - len(outcomes)
        races = sum(event.publishers > 1 for event in outcomes)
        print(f"{killed} kills, {races} races, {len(wrong)} times something was wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
