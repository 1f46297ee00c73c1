"""The stages of a round: each reads what the one before left, and leaves its own result whole."""

import os
import resource
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from evalkit.backends import Settings
from evalkit.media.video import Sampling
from evalkit.showing import MediaFolder, media_places
from recipes import asking, choosing, evaluate, feedback, proposing, solver
from recipes.confidence import BANDS, band, chance_of
from recipes.errors import RecipeError
from recipes.feedback import Cell, Figures, Round, Visited
from recipes.rows import read_json, read_lines, write_json, write_lines
from recipes.settings import TINY, Config, Dataset, Model
from spatialgen.dataset.rows import OPTIONS_SUFFIX
from spatialgen.propose.complexity import level
from spatialgen.rng import generator

PROPOSALS, ACCEPTED, DROPPED, TAGGED = (
    "proposals",
    "accepted.jsonl",
    "dropped.jsonl",
    "tagged.jsonl",
)
FEEDBACK, EVALUATION, ROUND = "feedback.json", "evaluation.json", "round.json"
HELD_OUT, TIMES = "held-out", "times.json"


def round_folder(config: Config, number: int) -> Path:
    """Return the folder of a round."""
    return config.out_dir / f"round-{number}"


def scenes_of(config: Config, number: int) -> tuple[Path, ...]:
    """Return where the scenes of a round are, made where they are to be made."""
    chosen = config.scenes
    if chosen.fresh:
        return proposing.scenes_of(chosen, round_folder(config, number) / "scenes", number)
    return proposing.scenes_of(chosen, config.out_dir / "scenes")


def held_out(config: Config) -> Path:
    """Return the dataset folder with the held-out questions."""
    return config.evaluate.questions or config.out_dir / HELD_OUT


def model_of(config: Config) -> str:
    """Return the checkpoint that the first round begins with."""
    return str(config.out_dir / "model") if config.model == TINY else config.model


def propose(config: Config, scenes: Sequence[Path], number: int) -> None:
    """Have the questions of a round proposed, with the feedback of the round before."""
    if isinstance(config.proposer, Dataset):
        return  # its questions are there
    folder = round_folder(config, number)
    words = proposing.propose_command(config, scenes, folder / PROPOSALS, number)
    if number > 0 and config.feedback.signal != "none":
        words += ["--feedback", str(round_folder(config, number - 1) / FEEDBACK)]
    if isinstance(config.proposer, Model):
        for earlier in range(number):
            words += ["--previous", str(round_folder(config, earlier) / PROPOSALS)]
    proposing.run(words, folder / PROPOSALS)


def proposals(config: Config, number: int, file: str) -> Iterator[choosing.Row]:
    """Yield the rows of a file of what was proposed for a round."""
    folders: Sequence[Path] = (round_folder(config, number) / PROPOSALS,)
    if isinstance(config.proposer, Dataset):
        folders = config.proposer.folders
        if config.proposer.in_turn:
            folders = (folders[number % len(folders)],)
    return chain.from_iterable(read_lines(folder / file) for folder in folders)


def filter_round(config: Config, scenes: Sequence[Path], number: int) -> None:
    """Keep what is new and has its video; raises RecipeError with the reasons where nothing is."""
    folder = round_folder(config, number)
    if (folder / ACCEPTED).exists():
        return
    finder = MediaFolder(_media(scenes))

    def shown(row: choosing.Row) -> bool:
        names = media_places(asking.MEDIA, row)[0]
        return len(finder.missing(names)) < len(names)

    # A dataset's questions come again when all its folders had their turn.
    earlier = () if isinstance(config.proposer, Dataset) else range(number)
    before = [
        choosing.asked(row)
        for each in earlier
        for row in read_lines(round_folder(config, each) / ACCEPTED)
    ]
    proposed = proposals(config, number, "questions.jsonl")
    accepted, dropped = choosing.accept(proposed, before, shown)
    if not accepted:
        refused = proposals(config, number, "rejected.jsonl")
        told = choosing.reasons([*dropped, *refused])
        listed = (
            ", ".join(f"{reason} {count}" for reason, count in told.items()) or "none was asked"
        )
        raise RecipeError(
            f"round {number}: no question was accepted ({listed}); nothing is trained"
        )
    write_lines(folder / DROPPED, dropped)
    write_lines(folder / ACCEPTED, ({**row, "round": number} for row in accepted))


def train(config: Config, scenes: Sequence[Path], number: int) -> None:
    """Choose the visits by the feedback so far, and train the solver on them."""
    folder = round_folder(config, number)
    rows = list(read_lines(folder / ACCEPTED))
    cells = _cells(config, rows)
    shares = _shares(config, cells, _past(config, number))
    count = config.steps * config.batch
    chosen = choosing.visits(cells, shares, count, generator(config.seed, "visits", number))
    order = choosing.together(
        chosen,
        {row["id"]: (row["dataset"], row["scene_name"], str(row["frames"])) for row in rows},
        config.solver.together,
        generator(config.seed, "together", number),
    )
    before = round_folder(config, number - 1) / f"checkpoint-{config.steps * number}"
    job = solver.Job(
        model=model_of(config),
        before=before if number else None,
        questions=folder / ACCEPTED,
        visits=tuple(order),
        media=_media(scenes),
        cache=config.frames_cache,
        frames=config.frames,
        max_side=config.max_side,
        answers=config.answers,
        first=config.steps * number,
        steps=config.steps,
        total=config.steps * config.rounds,
        batch=config.batch,
        seed=config.seed,
        solver=config.solver,
    )
    (folder / solver.JOB).write_text(job.model_dump_json(), encoding="utf-8")
    if not config.solver.launch:
        solver.train(job, folder)
        return
    words = [*config.solver.launch, "-m", "recipes.solver", str(folder)]
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.startswith("recipes.solver: ")]
        reason = told[0].removeprefix("recipes.solver: ") if told else done.stderr.strip()[-300:]
        raise RecipeError(f"round {number}: training failed: {reason}")


def _cells(config: Config, rows: Sequence[choosing.Row]) -> dict[Cell, list[str]]:
    """Return the ids of the questions of each cell: family and complexity."""
    found: dict[Cell, list[str]] = {}
    for row in rows:
        family = str(row["question_type"]).removesuffix(OPTIONS_SUFFIX)
        cell = (family, level(row["complexity"], config.feedback.knobs))
        found.setdefault(cell, []).append(str(row["id"]))
    return found


def _shares(
    config: Config, cells: dict[Cell, list[str]], past: Sequence[Round]
) -> dict[Cell, float]:
    signal = config.feedback.signal
    # A model is steered by its context; what it asked is then taken evenly over types.
    if isinstance(config.proposer, Model):
        signal = "none"
    counts = {cell: len(ids) for cell, ids in cells.items()}
    return feedback.shares(counts, past, signal, config.feedback.floor, config.seed)


def _past(config: Config, number: int) -> list[Round]:
    """Return the figures of the rounds before a round."""
    return [_figures(round_folder(config, earlier)) for earlier in range(number)]


def _figures(folder: Path) -> dict[Cell, Figures]:
    told = read_json(folder / FEEDBACK)["cells"]
    return {(each["family"], each["level"]): Figures(**each["figures"]) for each in told}


def feed_back(config: Config, number: int) -> None:
    """Tag the questions with confidence and band, and write what the next round is told."""
    folder = round_folder(config, number)
    if (folder / FEEDBACK).exists():
        return
    known = {each["id"]: each["confidence"] for each in read_lines(folder / solver.CONFIDENCES)}
    rows = list(read_lines(folder / ACCEPTED))
    cells = {name: cell for cell, ids in _cells(config, rows).items() for name in ids}
    visited = [
        Visited(
            scene=f"{row['dataset']}/{row['scene_name']}",
            cell=cells[row["id"]],
            question=row["question"],
            answer=asking.answer_of(row, "text"),
            confidence=known.get(row["id"]),
            chance=chance_of(row["options"]),
        )
        for row in rows
    ]
    tagged = (
        {**r, "confidence": v.confidence, "band": v.band}
        for r, v in zip(rows, visited, strict=True)
    )
    write_lines(folder / TAGGED, tagged)
    figures = feedback.figures(visited)
    told = [
        {"family": family, "level": at, "figures": asdict(each)}
        for (family, at), each in figures.items()
    ]
    steered = _weights(config, number, rows, [*_past(config, number), figures])
    write_json(
        folder / FEEDBACK,
        {
            "round": number,
            "scenes": feedback.for_model(visited),
            "steering": {"knobs": config.feedback.knobs, "cells": steered},
            "cells": told,
        },
    )


def _weights(
    config: Config, number: int, rows: Sequence[choosing.Row], past: Sequence[Round]
) -> list[dict[str, Any]]:
    """Return what families are to be steered by in the next round."""
    before: dict[Cell, float] = {}
    if number > 0:
        told = read_json(round_folder(config, number - 1) / FEEDBACK)["steering"]["cells"]
        before = {(each["family"], each["level"]): each["weight"] for each in told}
    cells = _cells(config, rows)
    counts = {cell: len(ids) for cell, ids in cells.items()}
    found = feedback.weights(_shares(config, cells, past), counts, before)
    return [
        {"family": family, "level": at, "weight": weight} for (family, at), weight in found.items()
    ]


def measure(config: Config, unseen: Sequence[Path], number: int) -> None:
    """Ask the held-out questions, if it is this round's turn."""
    last = number == config.rounds - 1
    if last or (number + 1) % config.evaluate.every == 0:
        folder = round_folder(config, number)
        checkpoint = folder / f"checkpoint-{config.steps * (number + 1)}"
        evaluate_model(config, str(checkpoint), unseen, folder, last)


def evaluate_model(
    config: Config, model: str, unseen: Sequence[Path], folder: Path, last: bool
) -> None:
    """Ask the held-out questions; the last model is also shown grey pictures, and none."""
    if (folder / EVALUATION).exists():
        return
    folder.mkdir(exist_ok=True)
    chosen = config.evaluate
    views = ["seeing"]
    views += ["grey"] if chosen.grey and last else []
    views += ["blind"] if chosen.blind and last else []
    held = held_out(config)
    rows = list(read_lines(held / "questions.jsonl"))
    settings = Settings(
        base=model_of(config)
        if config.solver.lora is not None and folder.name != "start"
        else None,
        device="cpu" if config.solver.device == "cpu" else "auto",
        batch_size=chosen.batch,
        video_as=config.solver.video_as,
        max_images=max(config.frames, 1),
    )
    found = evaluate.ask(
        model,
        rows,
        _media(unseen),
        config.frames_cache,
        Sampling(config.frames, config.max_side),
        config.answers,
        settings,
        config.solver.video_as,
        views,
        chosen.generate,
    )
    answers = [{"view": view, **row} for view, each in found.items() for row in each]
    write_lines(folder / "answers.jsonl", answers)
    told: dict[str, Any] = {view: evaluate.figures(each) for view, each in found.items()}
    if last:
        trained = [
            row
            for number in range(config.rounds)
            for row in read_lines(round_folder(config, number) / ACCEPTED)
        ]
        told["prior"] = evaluate.prior(rows, trained)
    told["benchmarks"] = {
        each.name: evaluate.official(
            each,
            model,
            folder / "benchmarks" / str(number),
            config.frames_cache,
            Sampling(config.frames, config.max_side),
            settings,
        )
        for number, each in enumerate(chosen.benchmarks)
    }
    write_json(folder / EVALUATION, told)


def close(config: Config, number: int) -> None:
    """Write ``round.json``: all that the report needs of a round."""
    folder = round_folder(config, number)
    rows = list(read_lines(folder / TAGGED))
    job = solver.Job.model_validate_json((folder / solver.JOB).read_text(encoding="utf-8"))
    families = {row["id"]: str(row["question_type"]) for row in rows}
    cells = _cells(config, rows)
    shares = _shares(config, cells, _past(config, number))
    times = read_json(folder / TIMES)
    rejected = choosing.reasons(proposals(config, number, "rejected.jsonl"))
    dropped = choosing.reasons(read_lines(folder / DROPPED))
    evaluation = folder / EVALUATION
    write_json(
        folder / ROUND,
        {
            "round": number,
            "accepted": len(rows),
            "rejected": rejected,
            "dropped": dropped,
            "visits": len(job.visits),
            "distinct": len(set(job.visits)),
            "visits_by_family": dict(
                sorted(Counter(families[each] for each in job.visits).items())
            ),
            "shares": [
                {
                    "family": family,
                    "level": at,
                    "share": share,
                    "questions": len(cells[(family, at)]),
                }
                for (family, at), share in shares.items()
            ],
            "bands": {name: sum(row["band"] == name for row in rows) for name in BANDS},
            "families": _by_family(rows),
            "evaluation": read_json(evaluation) if evaluation.exists() else None,
            "cost": {
                "seconds": times,
                "answers_per_second": len(job.visits) / max(times["train"], 1e-9),
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
        },
    )


def _by_family(rows: Sequence[choosing.Row]) -> dict[str, Any]:
    """Return the mean confidence and the bands of each family's questions."""
    found = {}
    for name in sorted({str(row["question_type"]) for row in rows}):
        own = [row["confidence"] for row in rows if row["question_type"] == name]
        known = [each for each in own if each is not None]
        found[name] = {
            "questions": len(own),
            "confidence": sum(known) / len(known) if known else None,
            "bands": {each: sum(band(p) == each for p in own) for each in BANDS},
        }
    return found


def _media(scenes: Sequence[Path]) -> Path:
    """Return the folder that videos are looked for in."""
    if len(scenes) == 1:
        return scenes[0]
    return Path(os.path.commonpath([path.resolve() for path in scenes]))


def pictures(config: Config, rows: Sequence[choosing.Row]) -> dict[str, list[Path]]:
    """Return, by id, the files of the pictures that the solver was shown with each question."""
    found: dict[str, list[Path]] = {}
    for number in sorted({row["round"] for row in rows}):
        own = [row for row in rows if row["round"] == number]
        prompt = asking.prompts(
            asking.benchmark_of(config.answers),
            own,
            _media(scenes_of(config, number)),
            config.frames_cache,
            Sampling(config.frames, config.max_side),
            config.answers,
        )
        found |= {str(row["id"]): list(asking.files(prompt(row))) for row in own}
    return found
