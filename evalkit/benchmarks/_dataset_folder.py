"""A folder that `spatialgen propose` wrote is a benchmark too, asked and scored as VSI-Bench.

Its rows have VSI-Bench's columns. A question with options is a choice, any other a number,
whatever its type is called. Each type is a group; the overall score is the mean of the types,
the levels of relative direction being one, as in VSI-Bench. A question whose column ``frames``
lists frames of the video is asked with exactly these, in that order, each after its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.benchmark import Benchmark, Media, Source
from evalkit.benchmarks import vsi_bench
from evalkit.errors import DataError
from evalkit.folder import read_object
from evalkit.records import Doc, Key, Part, Video
from evalkit.rows import check_rows, read_rows

QUESTIONS = "questions.jsonl"
MANIFEST = "manifest.json"

#: What a question may list: more frames than any model reads, more than any video has.
MAX_FRAMES = 1_024
MAX_POSITION = 2**31

_DIRECTION = "object_rel_direction"


def is_dataset_folder(path: Path) -> bool:
    """Say whether ``path`` is a folder with questions of the kind that this module reads."""
    return (path / QUESTIONS).is_file()


def read_folder(path: Path) -> tuple[Benchmark, list[dict[str, Any]]]:
    """Return a dataset folder as a benchmark, and its rows.

    Raises DataError for a folder that is not finished, has no questions, or lacks columns.
    """
    manifest = read_object(path / MANIFEST)
    if manifest.get("complete") is not True:
        message = f"{path / MANIFEST}: the dataset is not finished"
        raise DataError(f"{message}; give the `spatialgen propose` command again, it goes on")
    check_rows(path / QUESTIONS, vsi_bench.BENCHMARK.columns)
    rows = list(read_rows(path / QUESTIONS))
    if not rows:
        raise DataError(f"{path / QUESTIONS}: has no questions")
    return _benchmark(path, rows), rows


def prompt(doc: Doc) -> tuple[Part, ...]:
    """Return VSI-Bench's prompt for a question of this kind; raises ValueError for odd frames."""
    frames = _frames(doc.get("frames"))
    parts = vsi_bench.prompt(_as_vsi(doc))
    return tuple(Video(frames) if isinstance(part, Video) else part for part in parts)


def key(doc: Doc) -> Key:
    """Return VSI-Bench's key for a question of this kind."""
    return vsi_bench.key(_as_vsi(doc))


def _frames(cell: object) -> tuple[int, ...] | None:
    if cell is None:
        return None
    if not isinstance(cell, list) or not all(type(each) is int for each in cell):
        raise ValueError(f"its frames are no list of positions in the video: {str(cell)[:40]}")
    if not 0 < len(cell) <= MAX_FRAMES or not all(0 <= each < MAX_POSITION for each in cell):
        limits = f"1 to {MAX_FRAMES} positions from 0 to {MAX_POSITION - 1}"
        raise ValueError(f"its frames are not {limits}")
    return tuple(cell)


def _as_vsi(doc: Doc) -> Mapping[str, Any]:
    types = vsi_bench.CHOICES if doc["options"] else vsi_bench.NUMBERS
    return {**doc, "question_type": types[0]}


def _benchmark(path: Path, rows: Sequence[Doc]) -> Benchmark:
    types = tuple(sorted({str(row["question_type"]) for row in rows}))
    levels = tuple(name for name in types if name in vsi_bench.DIRECTIONS)
    merged = {_DIRECTION: levels} if levels and _DIRECTION not in types else {}
    inside = levels if merged else ()
    name = path.resolve().name
    return replace(
        vsi_bench.BENCHMARK,
        name=name,
        title=f"{name}, a dataset folder",
        source=Source(
            repo=name,
            split="all",
            rows={"all": len(rows)},
            licence="see its manifest.json",
        ),
        media=Media(
            kind="video, by VSI-Bench's sampling or the frames of the question",
            place="{dataset}/{scene_name}.mp4",
            also=("{dataset}/{scene_name}/{scene_name}.mp4",),
        ),
        prompt=prompt,
        key=key,
        types=types,
        merged=merged,
        macro=(*(each for each in types if each not in inside), *merged),
        belongs=lambda _doc: True,
    )
