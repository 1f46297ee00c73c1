"""The stages of a round: each reads what the one before left, and leaves its own result whole."""

import resource
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recipes import asking, choosing, excluding, feedback, layout, proposing, solver, unanswered
from recipes.confidence import BANDS, band, chance_of
from recipes.encoding import Kept
from recipes.errors import RecipeError
from recipes.feedback import Cell, Figures, Round, Visited
from recipes.layout import (
    ACCEPTED,
    DROPPED,
    FEEDBACK,
    PROPOSALS,
    REHEARSED,
    TAGGED,
    round_folder,
)
from recipes.processes import command, launcher
from recipes.rows import read_json, read_lines, write_json, write_lines, write_text
from recipes.settings import Config, Dataset, Model
from spatialgen.dataset.rows import OPTIONS_SUFFIX
from spatialgen.propose.complexity import level
from spatialgen.rng import generator

#: Whose memory counts: this process, and those that it started.
_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


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


def filter_round(config: Config, scenes: Sequence[Path], number: int) -> None:
    """Keep what is new and can be shown; raises RecipeError with the reasons where nothing is.

    And where so much of a model's round was left unanswered that it is not what was asked for.
    Nothing is kept about the scenes of a benchmark that the run evaluates by.
    """
    folder = round_folder(config, number)
    if (folder / ACCEPTED).exists():
        return
    # A dataset's questions come again when all its folders had their turn.
    earlier = () if isinstance(config.proposer, Dataset) else range(number)
    before = [
        choosing.asked(row)
        for each in earlier
        for row in read_lines(round_folder(config, each) / ACCEPTED)
    ]
    proposed = layout.proposals(config, number, "questions.jsonl")
    new, known = choosing.accept(proposed, before)
    fresh, shared = excluding.set_apart(new, excluding.exclusions(config))
    accepted, hidden = choosing.showable(fresh, layout.prompts(config, fresh, scenes))
    dropped = [*known, *shared, *hidden]
    refused = choosing.reasons(layout.proposals(config, number, "rejected.jsonl"))
    again = "and start again"
    if not isinstance(config.proposer, Dataset):
        again = f"remove {folder / PROPOSALS} to have the round asked again, {again}"
    if isinstance(config.proposer, Model):
        asked = layout.proposals(config, number, "scenes.jsonl")
        attempts = choosing.added(*(scene.get("attempts", {}) for scene in asked))
        if lost := unanswered.too_much(refused, attempts):
            raise RecipeError(
                f"round {number}: {', '.join(lost)} got no reply ({choosing.told(refused)}); see "
                f"to the server, {again}"
            )
    if not accepted:
        counts = choosing.told(choosing.added(choosing.reasons(dropped), refused))
        raise RecipeError(
            f"round {number}: no question was accepted ({counts}), and nothing is trained; mend "
            f"what can be, {again}"
        )
    write_lines(folder / DROPPED, dropped)
    write_lines(folder / ACCEPTED, ({**row, "round": number} for row in accepted))


def train(config: Config, scenes: Sequence[Path], number: int, kept: Kept) -> None:
    """Choose the visits by the feedback so far, and train the solver on them."""
    folder = round_folder(config, number)
    rounds = _visited(config, number)
    rows = _rows(config, rounds)
    questions = folder / ACCEPTED
    if config.rehearse:
        questions = folder / REHEARSED
        write_lines(questions, rows)
        scenes = [path for each in rounds for path in layout.places_of(config, each)]
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
    job = solver.Job(
        model=layout.model_of(config),
        before=layout.checkpoint_of(config, number - 1) if number else None,
        questions=questions,
        visits=tuple(order),
        media=tuple(dict.fromkeys(scenes)),
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
    write_text(folder / solver.JOB, job.model_dump_json())
    if not config.solver.launch:
        solver.train(job, folder, kept)
        return
    words = [*launcher(config.solver.launch), "-m", "recipes.solver", str(folder)]
    status, told = command(words, "recipes.solver", show=True)
    if status:
        raise RecipeError(f"round {number}: training failed: {told}")


def _visited(config: Config, number: int) -> range:
    """Return the rounds on whose questions the visits of a round fall."""
    return range(0 if config.rehearse else number, number + 1)


def _rows(config: Config, rounds: Iterable[int]) -> list[choosing.Row]:
    """Return the accepted questions of rounds; one that was accepted again counts once."""
    files = (round_folder(config, each) / ACCEPTED for each in rounds)
    return list({row["id"]: row for file in files for row in read_lines(file)}.values())


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
    chosen = config.feedback
    return feedback.shares(counts, past, signal, chosen.floor, config.seed, chosen.over)


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
    which = "confidence" if config.feedback.visit == "first" else "last"
    known = {each["id"]: each[which] for each in read_lines(folder / solver.CONFIDENCES)}
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
    figures = feedback.figures(visited, _answers(config, number))
    told = [
        {"family": family, "level": at, "figures": asdict(each)}
        for (family, at), each in figures.items()
    ]
    steered = _weights(config, number, rows, [*_past(config, number), figures])
    write_json(
        folder / FEEDBACK,
        {
            "round": number,
            "scenes": _told(config, number, visited),
            "steering": {"knobs": config.feedback.knobs, "cells": steered},
            "cells": told,
        },
    )


def _answers(config: Config, number: int) -> Counter[str]:
    """Count the visits of a round to each family, whichever round asked."""
    cells = _cells(config, _rows(config, _visited(config, number)))
    families = {name: family for (family, _), ids in cells.items() for name in ids}
    return Counter(families[name] for name in solver.read_job(round_folder(config, number)).visits)


def _told(config: Config, number: int, visited: Sequence[Visited]) -> feedback.Told:
    """Return what a model is told of each scene."""
    earlier = read_json(round_folder(config, number - 1) / FEEDBACK)["scenes"] if number else {}
    seed = config.seed * proposing.SEEDS_PER_RUN + number
    return feedback.for_model(visited, config.feedback.signal, earlier, seed)


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


def close(config: Config, number: int) -> None:
    """Write ``round.json``: all that the report needs of a round."""
    folder = round_folder(config, number)
    rows = list(read_lines(folder / TAGGED))
    job = solver.read_job(folder)
    visited = _rows(config, _visited(config, number))
    families = {row["id"]: str(row["question_type"]) for row in visited}
    cells = _cells(config, visited)
    shares = _shares(config, cells, _past(config, number))
    times = read_json(folder / layout.TIMES)
    trained = times["train"]
    peaks = [resource.getrusage(who).ru_maxrss for who in _PROCESSES]
    rejected = choosing.reasons(layout.proposals(config, number, "rejected.jsonl"))
    dropped = choosing.reasons(read_lines(folder / DROPPED))
    evaluation = folder / layout.EVALUATION
    write_json(
        folder / layout.ROUND,
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
                "answers_per_second": len(job.visits) / trained if trained else None,
                "peak_memory_mb": max(peaks) // 1024,
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


def pictures(config: Config, rows: Sequence[choosing.Row]) -> dict[str, list[Path]]:
    """Return, by id, the files of the pictures that the solver was shown with each question."""
    found: dict[str, list[Path]] = {}
    for number in sorted({row["round"] for row in rows}):
        own = [row for row in rows if row["round"] == number]
        prompt = layout.prompts(config, own, layout.places_of(config, number))
        found |= {str(row["id"]): list(asking.files(prompt(row))) for row in own}
    return found
