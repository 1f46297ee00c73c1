"""One fault at every request of a publication, ours next to a plain ``push_to_hub``.

    python benchmarks/publish_faults.py [--json]

Against a Hub on this machine, with the real client. First each way publishes without a
fault; then again for every request that it made and every kind of fault: a status, a
reset before anything was done, a reset after it was done. A try counts when it ends
without an error, main holds the very files of the undisturbed one, and one commit made
them. Pauses of both are skipped. Exits 1 where ours fails once.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hub_server import FAULTS, Fault, Hub, serving
from kill_resume import make_rooms

from spatialgen.progress import Progress
from spatialgen.run import ProposeConfig, propose

REPO = "rooms/faults"

#: Rooms, and questions about each: enough for two tables of several kinds.
ROOMS, PER_SCENE = 2, 4

#: The two ways, in the order of the table.
WAYS = ("ours", "push_to_hub")


@dataclass(frozen=True)
class Trial:
    """A publication with one fault: what was told, and what came of it."""

    way: str
    endpoint: str
    fault: str
    error: str
    whole: bool
    commits: int

    @property
    def good(self) -> bool:
        """Whether it was published, exactly once, and said so."""
        return not self.error and self.whole and self.commits == 1


def make_dataset(folder: Path, seed: int) -> Path:
    """Make a dataset folder of questions about made rooms."""
    scenes, out = folder / f"rooms-{seed}.json", folder / f"dataset-{seed}"
    make_rooms(scenes, ROOMS)
    with redirect_stderr(StringIO()), Progress("scenes") as progress:
        config = ProposeConfig(per_scene=PER_SCENE, seed=seed)
        propose([scenes], out, config, [], 1, progress)
    return out


def make_release(folder: Path, dataset: Path) -> Path:
    """Build the release of a dataset folder."""
    from spatialgen.release.build import build

    with redirect_stderr(StringIO()), Progress("parts") as progress:
        build([dataset], folder / "release", progress, repo=REPO)
    return folder / "release"


def ours(release: Path) -> Callable[[], None]:
    """Return what publishes a release our way."""

    def act() -> None:
        from spatialgen.release.hub import Hub as OurHub
        from spatialgen.release.publish import Choices, publish, refuse_early
        from spatialgen.release.retries import Retries

        hub = OurHub(REPO, Retries(tell=lambda line: None, sleep=lambda pause_s: None))
        refuse_early(hub, Choices())
        publish(release, hub, Choices())

    return act


def plain(release: Path) -> Callable[[], None]:
    """Return what publishes the questions of a release as one would without us."""
    datasets: Any = importlib.import_module("datasets")
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    files = sorted(map(str, (release / "data" / "questions").iterdir()))
    questions = datasets.Dataset.from_parquet(files, cache_dir=str(release.parent / "cache"))
    return lambda: questions.push_to_hub(REPO, config_name="questions")


def skip_pauses() -> None:
    """Let the libraries' own retries go on at once."""
    for name in ("huggingface_hub.utils._http", "datasets.arrow_dataset"):
        module = importlib.import_module(name)
        vars(module)["time"] = SimpleNamespace(sleep=lambda pause_s: None)


def attempt(hub: Hub, act: Callable[[], None], faults: Sequence[Fault]) -> tuple[str, Any, int]:
    """Publish to a new Hub; return what was told, what main holds, and after how many commits."""
    hub.store.forget()
    hub.asked.clear()
    hub.faults[:] = faults
    error = ""
    try:
        with redirect_stderr(StringIO()):
            act()
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is what the user gets
        error = f"{type(failure).__name__}: {' '.join(str(failure).split())}"[:100]
    repo = hub.store.repos.get(REPO)
    if repo is None:
        return error, {}, 0
    held = {path: file.sha256 for path, file in repo.commits[-1].files.items()}
    return error, held, len(repo.commits) - 1


def trials(hub: Hub, way: str, act: Callable[[], None]) -> Iterator[Trial]:
    """Yield what becomes of every request times every fault."""
    error, expected, commits = attempt(hub, act, [])
    if error or commits != 1:
        raise RuntimeError(f"{way} failed undisturbed: {error or f'{commits} commits'}")
    requests = Counter(endpoint for endpoint, _ in hub.asked)
    for endpoint, times in requests.items():
        for kind in FAULTS:
            for after in range(times):
                told, held, made = attempt(hub, act, [Fault(endpoint, kind, after=after)])
                yield Trial(way, endpoint, kind, told, held == expected, made)


def show(done: Sequence[Trial]) -> None:
    """Print a line per endpoint, and per way and fault how many of the tries were good."""
    tally: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for trial in done:
        tally[trial.way, trial.endpoint, trial.fault].append(trial.good)
    print(f"{'':11}" + "".join(f"{way:^36}  " for way in WAYS))
    print(
        f"{'endpoint':11}" + f"{'':2}".join("".join(f"{kind:>6}" for kind in FAULTS) for _ in WAYS)
    )
    for endpoint in dict.fromkeys(trial.endpoint for trial in done):
        cells = []
        for way in WAYS:
            counts = [tally.get((way, endpoint, kind), []) for kind in FAULTS]
            cells.append("".join(f"{_share(good):>6}" for good in counts))
        print(f"{endpoint:11}{'  '.join(cells)}")
    for way in WAYS:
        mine = [trial for trial in done if trial.way == way]
        good = sum(trial.good for trial in mine)
        landed = sum(bool(trial.error) and trial.whole for trial in mine)
        print(f"{way}: {good} of {len(mine)} published once; {landed} told as failed, yet there")


def _share(good: Sequence[bool]) -> str:
    return f"{sum(good)}/{len(good)}" if good else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish with faults; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "store").mkdir()
        with serving(folder / "store") as hub:
            os.environ.update(hub.env(), HF_HOME=str(folder / "home"))
            skip_pauses()
            release = make_release(folder, make_dataset(folder, seed=0))
            ways = zip(WAYS, (ours(release), plain(release)), strict=True)
            done = [trial for way, act in ways for trial in trials(hub, way, act)]
    if asked.json:
        print(json.dumps({"trials": [asdict(trial) | {"good": trial.good} for trial in done]}))
    else:
        show(done)
    return 0 if all(trial.good for trial in done if trial.way == WAYS[0]) else 1


if __name__ == "__main__":
    sys.exit(main())
