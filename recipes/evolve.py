"""The closed loop: ``python -m recipes.evolve CONFIG.yaml [key=value ...]``.

One round: a proposer asks and programs answer, questions are filtered, the solver is trained
on them, its confidences become feedback, and held-out questions are asked. Every stage leaves
its result in the round's folder, whole or not at all, and is skipped when it is there: a run
that was killed anywhere goes on with the same command, and ends with the same results.
"""

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError
from recipes import asking, checking, layout, measuring, proposing, report, solver, stages, tiny
from recipes.encoding import Kept
from recipes.errors import ConfigError, RecipeError
from recipes.findings import LACKING
from recipes.listing import listed
from recipes.processes import alone
from recipes.rows import read_json, read_lines, write_json
from recipes.settings import TINY, Config
from spatialgen.errors import SpatialgenError

CONFIG = "config.json"

#: Settings that change nothing about the results.
_HARMLESS = (
    *("out_dir", "dry_run", "keep_rounds", "cache", "deviations"),
    *("proposer.base_url", "proposer.workers", "solver.launch", "solver.loaders"),
)

_FAILURES = (RecipeError, EvalkitError, SpatialgenError)


def evolve(config: Config, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the loop to its end, from wherever it is; return what ``report.json`` then holds.

    Where a round fails, the report is of the rounds before it.
    """
    out = config.out_dir
    with alone(out):
        _claim(out, config)
        solver.quiet()
        unseen = _timed(
            out, "held-out scenes", lambda: proposing.scenes_of(config.held_out, out / "unseen")
        )
        _timed(out, "held-out questions", partial(measuring.hold_out, config, unseen))
        kept = Kept()
        tell = partial(report.write, config, out, partial(stages.pictures, config))
        for number in range(config.rounds):
            try:
                _round(config, unseen, number, say, kept)
            except _FAILURES:
                if number > 0:
                    tell(number)
                    say(f"report of the rounds before: {out / report.PAGE}")
                raise
            say(report.line(read_json(layout.round_folder(config, number) / layout.ROUND)))
        return tell(config.rounds)


def _round(
    config: Config, unseen: Sequence[Path], number: int, say: Callable[[str], None], kept: Kept
) -> None:
    """Do what is left of a round."""
    folder = layout.round_folder(config, number)
    folder.mkdir(exist_ok=True)
    if not (folder / layout.ROUND).exists():
        say(f"round {number}: propose")
        scenes = _timed(folder, "scenes", partial(layout.scenes_of, config, number))
        _timed(folder, "propose", partial(stages.propose, config, scenes, number))
        _timed(folder, "filter", partial(stages.filter_round, config, scenes, number))
        if number == 0:
            _start(config, unseen, kept)
        say(f"round {number}: train {config.steps} steps of {config.batch}")
        _timed(folder, "train", partial(stages.train, config, scenes, number, kept))
        _timed(folder, "feedback", partial(stages.feed_back, config, number))
        say(f"round {number}: evaluate")
        _timed(folder, "evaluate", partial(measuring.measure, config, unseen, number, kept))
        stages.close(config, number)
    _tidy(config, number)


# -- before the rounds -------------------------------------------------------------


def _claim(out: Path, config: Config) -> None:
    """Note the resolved config; raises ConfigError where the folder holds another run."""
    data = config.model_dump(mode="json")
    if not (out / CONFIG).exists():
        write_json(out / CONFIG, data)
        return
    mend = "remove this file if the settings are still those of the run; they are noted again"
    ours, theirs = dict(_flat(data)), dict(_flat(read_json(out / CONFIG, mend)))
    names = sorted({*ours, *theirs} - set(_HARMLESS))
    if other := [name for name in names if ours.get(name) != theirs.get(name)]:
        raise ConfigError(
            f"{out}: holds a run with other settings ({', '.join(other)}); choose another "
            "out_dir, or give the settings it had"
        )


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings by their names with dots."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _start(config: Config, unseen: Sequence[Path], kept: Kept) -> None:
    """Make the tiny model where it is wanted, and ask the first model the held-out questions."""
    folder = config.out_dir / "model"
    if config.model == TINY and not folder.exists():
        _make_tiny(config, folder)
    start = config.out_dir / "start"
    measuring.evaluate_model(config, layout.model_of(config), unseen, start, False, kept)


def _make_tiny(config: Config, folder: Path) -> None:
    """Make the tiny model; its words are those of the first round."""
    rows = list(read_lines(config.out_dir / "round-0" / layout.ACCEPTED))
    words = tiny.words_of(
        [str(row["question"]) for row in rows], [asking.answer_of(row, "text") for row in rows]
    )
    begun = folder.with_name(".model.partial")
    shutil.rmtree(begun, ignore_errors=True)
    tiny.build(begun, words, config.seed, config.max_side or tiny.SIDE)
    begun.rename(folder)


def _tidy(config: Config, number: int) -> None:
    """Let go of the checkpoints of rounds that are not to be kept."""
    old = config.out_dir / f"round-{number - config.keep_rounds}"
    for checkpoint in old.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)


def _timed(folder: Path, name: str, stage: Callable[[], Any]) -> Any:
    """Run a stage and note its seconds beside those of the others, over all starts together.

    They are None, not known, while it runs, and so for good where it was killed once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / layout.TIMES
    mend = "remove this file, and only the seconds that are noted here are lost"
    times = read_json(path, mend) if path.exists() else {}
    before = times.get(name, 0.0)
    write_json(path, {**times, name: None})
    began = time.monotonic()
    try:
        return stage()
    finally:
        after = None if before is None else round(before + time.monotonic() - began, 3)
        write_json(path, {**times, name: after})


def main(words: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        print("Settings, each with its default in brackets:")
        print("".join(f"  {line}\n" for line in listed()), end="")
        return 0 if words else 2
    try:
        config, notes = checking.ready(Path(words[0]), words[1:])
        for note in notes:
            print(note, file=sys.stderr)
        if config.dry_run:
            lacking = sum(note.startswith(LACKING) for note in notes)
            state = f"all is right, and {lacking} lacking" if lacking else "everything is ready"
            print(f"{words[0]}: {state}; {config.samples:,} questions will be visited")
            return 0
        evolve(config, lambda line: print(line, file=sys.stderr, flush=True))
    except (*_FAILURES, KeyboardInterrupt, OSError, MemoryError) as error:
        line, status = _told(error)
        print(f"recipes.evolve: {line}", file=sys.stderr)
        return status
    print((config.out_dir / report.TABLE).read_text(encoding="utf-8"))
    print(f"report: {config.out_dir / report.PAGE}")
    return 0


def _told(error: BaseException) -> tuple[str, int]:
    """Return what to tell about a failure, and the exit status."""
    match error:
        case RecipeError() | EvalkitError() | SpatialgenError():
            return str(error), error.exit_status
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            what = f"{where}{error.strerror or error}; mend this"
        case MemoryError():
            what = "out of memory; make room, or begin another run with smaller batches"
        case _:
            what = "stopped"
    return f"{what}; the same command goes on from here", 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped, as by ^C
    sys.exit(main(sys.argv[1:]))
