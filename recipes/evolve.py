"""The closed loop: ``python -m recipes.evolve CONFIG.yaml [key=value ...]``.

One round: a proposer asks and programs answer, questions are filtered, the solver is trained
on them, its confidences become feedback, and held-out questions are asked. Every stage leaves
its result in the round's folder, whole or not at all, and is skipped when it is there: a run
that was killed anywhere goes on with the same command, and ends with the same results.
"""

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError
from recipes import asking, checking, proposing, report, solver, stages, tiny
from recipes.errors import ConfigError, RecipeError
from recipes.rows import read_json, read_lines, write_json
from recipes.settings import TINY, Config, read
from spatialgen.errors import SpatialgenError

CONFIG = "config.json"

#: Settings that change nothing about the results.
_HARMLESS = ("out_dir", "dry_run", "keep_rounds", "cache")


def evolve(config: Config, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the loop to its end, from wherever it is; return what ``report.json`` then holds."""
    out = config.out_dir
    with _alone(out):
        _claim(out, config)
        solver.quiet()
        unseen = _timed(
            out, "held-out scenes", lambda: proposing.scenes_of(config.held_out, out / "unseen")
        )
        _hold_out(config, unseen)
        for number in range(config.rounds):
            folder = stages.round_folder(config, number)
            folder.mkdir(exist_ok=True)
            if not (folder / stages.ROUND).exists():
                say(f"round {number}: propose")
                scenes = _timed(folder, "scenes", partial(stages.scenes_of, config, number))
                _timed(folder, "propose", partial(stages.propose, config, scenes, number))
                _timed(folder, "filter", partial(stages.filter_round, config, scenes, number))
                if number == 0:
                    _start(config, unseen)
                say(f"round {number}: train {config.steps} steps of {config.batch}")
                _timed(folder, "train", partial(stages.train, config, scenes, number))
                _timed(folder, "feedback", partial(stages.feed_back, config, number))
                say(f"round {number}: evaluate")
                _timed(folder, "evaluate", partial(stages.measure, config, unseen, number))
                stages.close(config, number)
            _tidy(config, number)
            say(report.line(read_json(folder / stages.ROUND)))
        return report.write(config, out, partial(stages.pictures, config))


# -- before the rounds -------------------------------------------------------------


def _claim(out: Path, config: Config) -> None:
    """Note the resolved config; raises ConfigError where the folder holds another run."""
    ours = config.model_dump(mode="json")
    if (out / CONFIG).exists():
        theirs = read_json(out / CONFIG)
        names = sorted({*ours, *theirs} - set(_HARMLESS))
        if other := [name for name in names if ours.get(name) != theirs.get(name)]:
            raise ConfigError(
                f"{out}: holds a run with other settings ({', '.join(other)}); choose another "
                "out_dir, or give the settings it had"
            )
    else:
        write_json(out / CONFIG, ours)


def _hold_out(config: Config, unseen: Sequence[Path]) -> None:
    folder = stages.held_out(config)
    if config.evaluate.questions is None:
        words = proposing.held_out_command(config, unseen, folder)
        _timed(config.out_dir, "held-out questions", partial(proposing.run, words, folder))
    if not any(True for _ in read_lines(folder / "questions.jsonl")):
        raise RecipeError(f"{folder}: no question about the held-out scenes passed; see stats")


def _start(config: Config, unseen: Sequence[Path]) -> None:
    """Make the tiny model where it is wanted, and ask the first model the held-out questions."""
    folder = config.out_dir / "model"
    if config.model == TINY and not folder.exists():
        _make_tiny(config, folder)
    stages.evaluate_model(config, stages.model_of(config), unseen, config.out_dir / "start", False)


def _make_tiny(config: Config, folder: Path) -> None:
    """Make the tiny model; its words are those of the first round."""
    rows = list(read_lines(config.out_dir / "round-0" / stages.ACCEPTED))
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
    """Run a stage and note its seconds beside those of the others, over all starts together."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    found = stage()
    path = folder / stages.TIMES
    times = read_json(path) if path.exists() else {}
    times[name] = round(times.get(name, 0.0) + time.monotonic() - began, 3)
    write_json(path, times)
    return found


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder of a run; raises ConfigError where another process holds it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(f"{out}: a file is in the way; choose another out_dir") from None
    held = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError(f"{out}: another run is at work here; wait for it") from None
    finally:
        os.close(held)


def main(words: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if words else 2
    try:
        config = read(Path(words[0]), words[1:])
        faults, notes = checking.check(config)
        for note in notes:
            print(note, file=sys.stderr)
        if faults:
            raise ConfigError("".join(f"{fault}\n" for fault in faults).rstrip())
        if config.dry_run:
            print(f"{words[0]}: everything is ready; {config.samples:,} questions will be visited")
            return 0
        evolve(config, lambda line: print(line, file=sys.stderr, flush=True))
    except KeyboardInterrupt:
        print("recipes.evolve: stopped; the same command goes on from here", file=sys.stderr)
        return 1
    except (RecipeError, EvalkitError, SpatialgenError) as error:
        print(f"recipes.evolve: {error}", file=sys.stderr)
        return error.exit_status
    print((config.out_dir / report.TABLE).read_text(encoding="utf-8"))
    print(f"report: {config.out_dir / report.PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
