"""Rows of dataset folders as prompts, the same for training and for evaluation.

Pictures, times and wording are evalkit's, so that a solver is trained on exactly what it is
evaluated with. ``letter`` asks as VSI-Bench does and wants a letter where there are options;
``text`` asks the question alone and wants the option's text, which spares a tiny model the
way from text to letter. ``text`` is an extension of this project.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from evalkit.benchmark import Benchmark, Media
from evalkit.benchmarks import _dataset_folder as dataset_folder
from evalkit.benchmarks import vsi_bench
from evalkit.media.cache import FrameCache
from evalkit.media.images import ImageStore
from evalkit.media.video import Sampling
from evalkit.parse.options import labelled
from evalkit.prompt import Image, Prompt, Video
from evalkit.records import Doc, Part, Text
from evalkit.showing import MediaFolder, Showing, samplings

Answers = Literal["letter", "text"]

#: A row of a dataset folder.
Row = Mapping[str, Any]

#: Where the video of a row is, below the folder of scenes.
MEDIA = Media(
    kind="video, or the frames of the question",
    place="{dataset}/{scene_name}.mp4",
    also=("{dataset}/{scene_name}/{scene_name}.mp4",),
)

#: Tokens that an answer may have when it is generated.
LONGEST_ANSWER = 16


def options_of(row: Row) -> tuple[str, ...]:
    """Return the texts to choose from without their letters; none for an open question."""
    return labelled(row["options"] or [])


def answer_of(row: Row, answers: Answers) -> str:
    """Return the text that is the right answer to a question."""
    if answers == "letter" or not row["options"]:
        return str(row["ground_truth"])
    return options_of(row)["ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(row["ground_truth"])]


def choices_of(row: Row, answers: Answers) -> tuple[str, ...]:
    """Return the texts that could be the answer; none for an open question."""
    options = options_of(row)
    return options if answers == "text" else tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(options)])


def benchmark_of(answers: Answers) -> Benchmark:
    """Return rows of dataset folders as a benchmark that asks in this way."""
    return replace(
        vsi_bench.BENCHMARK,
        media=MEDIA,
        prompt=dataset_folder.prompt if answers == "letter" else _plain,
        key=dataset_folder.key,
    )


def _plain(doc: Doc) -> tuple[Part, ...]:
    seen = dataset_folder.prompt(doc)
    return (*(part for part in seen if not isinstance(part, Text)), Text(f"\n{doc['question']}"))


@dataclass(frozen=True)
class Films:
    """The videos below several folders of scenes; the first folder that has one of the names."""

    folders: tuple[Path, ...]

    def find(self, *names: str) -> Path:
        """Return the first of the files that is there; raises MediaError ``missing``."""
        places = [MediaFolder(folder) for folder in self.folders]
        has = (place for place in places if len(place.missing(names)) < len(names))
        return next(has, places[0]).find(*names)

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the paths at which no folder has a file."""
        gone = list(names)
        for folder in self.folders:
            gone = MediaFolder(folder).missing(gone)
        return gone


def prompts(
    benchmark: Benchmark,
    rows: Sequence[Row],
    media: Sequence[Path],
    cache: Path,
    sampling: Sampling,
    answers: Answers,
) -> Callable[[Row], Prompt]:
    """Return what makes the prompt of one of ``rows``, with pictures from videos below ``media``.

    It raises MediaError for a video that can't be used.
    """
    frames = FrameCache(cache / "videos")
    chosen = samplings(benchmark, rows, sampling)
    images = ImageStore(cache / "images")
    showing = Showing(benchmark, Films(tuple(media)), frames, images, sampling, chosen)

    def prompt(row: Row) -> Prompt:
        return Prompt(
            id=str(row["id"]),
            parts=showing.parts(row),
            max_new_tokens=LONGEST_ANSWER,
            continuations=choices_of(row, answers),
            group=str(row["question_type"]),
        )

    return prompt


def files(prompt: Prompt) -> Iterator[Path]:
    """Yield the files of a prompt's pictures, in their order."""
    for part in prompt.parts:
        if isinstance(part, Image):
            yield part.path
        elif isinstance(part, Video):
            yield from part.frames
