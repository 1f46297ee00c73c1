"""Where everything of a run lies, and with which pictures its questions are shown."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from evalkit.media.video import Sampling
from evalkit.prompt import Prompt
from recipes import asking, proposing
from recipes.asking import Row
from recipes.rows import read_lines
from recipes.settings import TINY, Config, Dataset

#: In the folder of a round.
PROPOSALS, ACCEPTED, DROPPED, TAGGED = (
    "proposals",
    "accepted.jsonl",
    "dropped.jsonl",
    "tagged.jsonl",
)
FEEDBACK, EVALUATION, ROUND = "feedback.json", "evaluation.json", "round.json"

#: In the folder of a run: the dataset about the held-out scenes, and what of it is asked.
HELD_OUT, HELD_OUT_ASKED, HELD_OUT_DROPPED = (
    "held-out",
    "held-out-asked.jsonl",
    "held-out-dropped.jsonl",
)

#: In both.
TIMES = "times.json"


def round_folder(config: Config, number: int) -> Path:
    """Return the folder of a round."""
    return config.out_dir / f"round-{number}"


def checkpoint_of(config: Config, number: int) -> Path:
    """Return the checkpoint that a round ends with."""
    return round_folder(config, number) / f"checkpoint-{config.steps * (number + 1)}"


def model_of(config: Config) -> str:
    """Return the checkpoint that the first round begins with."""
    return str(config.out_dir / "model") if config.model == TINY else config.model


def scenes_of(config: Config, number: int) -> tuple[Path, ...]:
    """Return where the scenes of a round are, made where they are to be made."""
    chosen = config.scenes
    if chosen.fresh:
        return proposing.scenes_of(chosen, round_folder(config, number) / "scenes", number)
    return proposing.scenes_of(chosen, config.out_dir / "scenes")


def proposals(config: Config, number: int, file: str) -> Iterator[Row]:
    """Yield the rows of a file of what was proposed for a round."""
    folders: Sequence[Path] = (round_folder(config, number) / PROPOSALS,)
    if isinstance(config.proposer, Dataset):
        folders = config.proposer.folders
        if config.proposer.in_turn:
            folders = (folders[number % len(folders)],)
    return chain.from_iterable(read_lines(folder / file) for folder in folders)


def media(scenes: Sequence[Path]) -> Path:
    """Return the folder that videos are looked for in."""
    if len(scenes) == 1:
        return scenes[0]
    return Path(os.path.commonpath([path.resolve() for path in scenes]))


def prompts(config: Config, rows: Sequence[Row], scenes: Sequence[Path]) -> Callable[[Row], Prompt]:
    """Return what makes the prompt of one of ``rows``, as the solver is asked.

    It raises MediaError for a video that can't be used.
    """
    return asking.prompts(
        asking.benchmark_of(config.answers),
        rows,
        media(scenes),
        config.frames_cache,
        Sampling(config.frames, config.max_side),
        config.answers,
    )
