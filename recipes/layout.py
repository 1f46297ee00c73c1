"""Where everything of a run lies, and with which pictures its questions are shown."""

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
REHEARSED = "rehearsed.jsonl"
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


def places_of(config: Config, number: int) -> tuple[Path, ...]:
    """Return where the scenes of a round are."""
    chosen = config.scenes
    if chosen.paths:
        return chosen.paths
    own = round_folder(config, number) if chosen.fresh else config.out_dir
    return (own / "scenes",)


def scenes_of(config: Config, number: int) -> tuple[Path, ...]:
    """Return where the scenes of a round are, after making those that are to be made."""
    places = places_of(config, number)
    fresh = number if config.scenes.fresh else None
    return proposing.scenes_of(config.scenes, places[0], fresh)


def proposals(config: Config, number: int, file: str) -> Iterator[Row]:
    """Yield the rows of a file of what was proposed for a round."""
    folders: Sequence[Path] = (round_folder(config, number) / PROPOSALS,)
    mend = f"remove {folders[0]}, and the round is asked again"
    if isinstance(config.proposer, Dataset):
        folders = config.proposer.folders
        mend = "have this dataset made again"
        if config.proposer.in_turn:
            folders = (folders[number % len(folders)],)
    return chain.from_iterable(read_lines(folder / file, mend) for folder in folders)


def prompts(config: Config, rows: Sequence[Row], scenes: Sequence[Path]) -> Callable[[Row], Prompt]:
    """Return what makes the prompt of one of ``rows``, as the solver is asked.

    It raises MediaError for a video that can't be used.
    """
    return asking.prompts(
        asking.benchmark_of(config.answers),
        rows,
        scenes,
        config.frames_cache,
        Sampling(config.frames, config.max_side),
        config.answers,
    )
