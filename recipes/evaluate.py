"""What the solver answers about held-out scenes, seeing, with grey pictures, and blind.

Asked through evalkit's backend and by the prompts of training. Two figures for every
question: the *free* answer, generated greedily and read as the scorer reads it, and for
questions with options the *argmax*, the option to which the model gives most probability: by
passes with the end token after it, else as the benchmark's own protocol reads options.
"""

import functools
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evalkit import backends
from evalkit.backends import Settings
from evalkit.backends._base import one_line
from evalkit.backends._pictures import open_image
from evalkit.backends.text_only import without_media
from evalkit.benchmark import Benchmark
from evalkit.commands.run import make_plan
from evalkit.intervals import cluster, intervals
from evalkit.media.errors import MediaError
from evalkit.media.store import explained, write_whole
from evalkit.media.video import Sampling
from evalkit.optional import require
from evalkit.prompt import Completion, Image, Part, Prompt, Video
from evalkit.records import Row as Answered
from evalkit.run import run
from evalkit.scoring import score_row
from recipes import asking, settings
from recipes.asking import Answers, Row
from recipes.confidence import chance_of
from recipes.encoding import Kept, VideoAs
from recipes.errors import RecipeError
from recipes.forced import Forced

#: How the pictures are shown.
VIEWS = ("seeing", "grey", "blind")


def ask(
    model: Path | str,
    rows: Sequence[Row],
    media: Sequence[Path],
    cache: Path,
    sampling: Sampling,
    answers: Answers,
    backend: Settings,
    video_as: VideoAs,
    views: Sequence[str] = VIEWS[:1],
    generate: bool = True,
    kept: Kept | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Return, for each view, a row per question: what was said, and what it is worth.

    Without ``generate`` answers are judged by passes over them, see `recipes.forced`. A question
    that the model can't answer counts as a wrong answer, and its ``no_answer`` says why.
    """
    benchmark = asking.benchmark_of(answers)
    prompt = asking.prompts(benchmark, rows, media, cache, sampling, answers)
    shown = [prompt(row) for row in rows]
    change: Mapping[str, Callable[[Prompt], Prompt]] = {
        "seeing": lambda each: each,
        "grey": lambda each: greyed(each, cache / "grey"),
        "blind": without_media,
    }
    asked = {view: map(change[view], shown) for view in views}
    try:
        if generate:
            chosen = backend.model_copy(update={"model": str(model)})
            return _generated(benchmark, chosen, rows, asked, answers)
        with Forced(model, backend.device, video_as, kept) as judge:
            return _judged(judge, rows, asked, answers)
    except (MediaError, ValueError, RuntimeError) as error:
        raise RecipeError(f"{model}: can't be asked: {one_line(error)}") from error


def _generated(
    benchmark: Benchmark,
    backend: Settings,
    rows: Sequence[Row],
    asked: Mapping[str, Iterable[Prompt]],
    answers: Answers,
) -> dict[str, list[dict[str, Any]]]:
    found = {}
    with backends.load("transformers").open(backend) as session:
        for view, prompts in asked.items():
            said = {each.id: each for each in session.generate(prompts)}
            found[view] = [_worth(benchmark, row, said.get(row["id"]), answers) for row in rows]
    return found


def _judged(
    judge: Forced, rows: Sequence[Row], asked: Mapping[str, Iterable[Prompt]], answers: Answers
) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for view, prompts in asked.items():
        judged = judge.ask(list(zip(rows, prompts, strict=True)), answers)
        found[view] = [
            _unanswered(row, "its log-probabilities are no finite numbers")
            if each is None
            else _row(row, *each)
            for row, each in zip(rows, judged, strict=True)
        ]
    return found


def _row(
    row: Row,
    free: float,
    argmax: float | None,
    said: str | None = None,
    no_answer: str | None = None,
) -> dict[str, Any]:
    return {
        "id": row["id"],
        "scene": f"{row['dataset']}/{row['scene_name']}",
        "family": row["question_type"],
        "said": said,
        "no_answer": no_answer,
        "free": free,
        "argmax": argmax,
        "chance": chance_of(row["options"]),
    }


def _unanswered(row: Row, why: str) -> dict[str, Any]:
    return _row(row, 0.0, 0.0 if row["options"] else None, no_answer=why)


def _worth(
    benchmark: Benchmark, row: Row, said: Completion | None, answers: Answers
) -> dict[str, Any]:
    if said is None or said.text is None:
        return _unanswered(row, (said.error if said else None) or "the backend gave none")
    free = _free(benchmark, row, said.text, answers)
    right = asking.answer_of(row, answers)
    argmax = None
    if said.logprobs:
        choices = asking.choices_of(row, answers)
        argmax = float(choices[int(np.argmax(said.logprobs))] == right)
    return _row(row, free, argmax, said.text)


def _free(benchmark: Benchmark, row: Row, said: str, answers: Answers) -> float:
    """Return what an answer is worth: a text by itself, all else by the benchmark's scorer."""
    if answers == "text" and row["options"]:
        return float(said.strip().casefold() == asking.answer_of(row, answers).casefold())
    found = score_row(benchmark, benchmark.scorers["official"], Answered(row, said))
    return found.score or 0.0


def official(
    chosen: settings.Benchmark,
    model: Path | str,
    out: Path,
    cache: Path,
    sampling: Sampling,
    backend: Settings,
) -> dict[str, Any]:
    """Run a benchmark by its own protocol into ``out``, going on there; return its scores."""
    plan = make_plan(
        chosen.name,
        backend="transformers",
        settings=backend.model_copy(update={"model": str(model)}),
        scorer="official",
        data=chosen.data,
        config=None,
        revision=None,
        sampling=sampling,
        limit=chosen.limit,
        cache=cache,
    )
    found = run(plan, out, quiet=True)["results"]
    groups = {name: each["score"] for name, each in found["groups"].items()}
    overall = found["overall"]
    # Of all that was asked: what failed, and what the scorer read no answer in.
    unread = round(found["no_answer"] * found["answered"])
    return {
        "n": found["n"],
        "overall": overall,
        "groups": groups,
        "failed": found["failed"],
        "no_answer": found["failed"] + unread,
    }


def figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return accuracies by family and overall, with 95 percent intervals over scenes.

    ``overall`` is the unweighted mean over families.
    """
    names = sorted({str(row["family"]) for row in rows})
    members = np.array([[row["family"] == name for name in names] for row in rows])
    scenes = [str(row["scene"]) for row in rows]
    free = np.array([float(row["free"]) for row in rows])
    each, overall = intervals(cluster(free, members, scenes), lambda means: means.mean(axis=-1))
    found = {}
    for name, one in zip(names, each, strict=True):
        own = [row for row in rows if row["family"] == name]
        options = [row["argmax"] for row in own if row["argmax"] is not None]
        found[name] = {
            "n": len(own),
            "free": one.score,
            "low": one.low,
            "high": one.high,
            "argmax": sum(options) / len(options) if options else None,
            "chance": sum(row["chance"] for row in own) / len(own),
        }
    assert overall is not None
    ends = {"low": overall.low, "high": overall.high}
    return {
        "n": len(rows),
        "no_answer": sum(row["no_answer"] is not None for row in rows),
        "overall": {"free": overall.score, **ends},
        "families": found,
    }


def prior(rows: Sequence[Row], trained: Iterable[Row], exact: bool = False) -> dict[str, float]:
    """Return, by family, what the answer that was most frequent in training is worth.

    Of questions with options it is the most frequent text that the question offers: what
    one can know from text alone by counting. Numbers are scored as the model's are: with
    ``exact`` only the number itself is right.
    """
    counts: dict[str, Counter[str]] = {}
    for row in trained:
        answer = asking.answer_of(row, "text")
        counts.setdefault(str(row["question_type"]), Counter())[answer] += 1
    benchmark = asking.benchmark_of("text")
    worth: dict[str, list[float]] = {}
    for row in rows:
        known = counts.get(str(row["question_type"]), Counter())
        offered = asking.options_of(row) or sorted(known)
        best = max(offered, key=lambda text: known[text], default="")
        value = (
            float(best == asking.answer_of(row, "text"))
            if exact
            else _free(benchmark, row, best, "text")
        )
        worth.setdefault(str(row["question_type"]), []).append(value)
    return {name: sum(each) / len(each) for name, each in sorted(worth.items())}


def greyed(prompt: Prompt, folder: Path) -> Prompt:
    """Return a prompt whose pictures are grey all over, of the same sizes and times.

    The grey pictures are in ``folder``, which several processes may share. Raises ValueError for
    a picture that can't be opened, and EvalkitError where ``folder`` can't be written.
    """

    @functools.cache
    def grey(size: tuple[int, int]) -> Path:
        with explained(folder):
            return _grey(size, folder)

    def part(each: Part) -> Part:
        if isinstance(each, Image):
            return Image(f"grey/{each.id}", grey(open_image(each.path).size))
        if isinstance(each, Video):
            frames = tuple(grey(open_image(path).size) for path in each.frames)
            return replace(each, id=f"grey/{each.id}", frames=frames)
        return each

    return replace(prompt, parts=tuple(map(part, prompt.parts)))


def _grey(size: tuple[int, int], folder: Path) -> Path:
    """Return the grey picture of a size, which is written where it is not there whole."""
    content = io.BytesIO()
    pictures = require("PIL.Image", "pillow", "grey pictures")
    pictures.new("RGB", size, (128, 128, 128)).save(content, "PNG")
    place = folder / f"{hashlib.sha256(repr(size).encode()).hexdigest()[:16]}.png"
    if not place.exists() or place.read_bytes() != content.getvalue():
        write_whole(place, content.getvalue())
    return place
