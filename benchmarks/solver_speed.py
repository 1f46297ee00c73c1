"""What transformers' Trainer and the confidences cost, next to a bare loop on the same round.

    python -m benchmarks.solver_speed RUN/round-0 --steps 20

Takes a round of `recipes.evolve` and trains its first steps twice in this process, from the same
weights and over the same visits: by `recipes.solver`, with its checkpoint at the end, and by the
shortest loop that does the same updates. Both load the model and encode the questions. Seconds
are those of the processor, which other programs do not lengthen. The part of recording is
measured inside the bare loop, around nothing but that.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evalkit.optional import require
from recipes import solver
from recipes.confidence import confidence
from recipes.encoding import Encoder
from recipes.trainer import answer_log_probs, sums


def seconds(work: Callable[[], Any]) -> float:
    """Return the processor seconds that a piece of work takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def bare(job: solver.Job) -> dict[str, float]:
    """Train by a loop without any library; return its seconds, and those of recording."""
    torch = require("torch", "torch", "training")
    transformers = require("transformers", "transformers", "training")
    chosen = job.solver
    recording, began = 0.0, time.process_time()
    processor, model = solver.load(transformers, job)
    encoder = Encoder(processor, solver.positions_of(model), chosen.video_as, chosen.together)
    visits = solver.visits_of(job, encoder, 0)
    moments = {"lr": chosen.learning_rate, "betas": chosen.betas}
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=chosen.weight_decay, **moments)
    schedule = transformers.get_scheduler(
        chosen.schedule, optimizer, chosen.warmup_steps, job.total
    )
    model.train()
    for step in range(job.steps):
        for first in range(0, job.batch, chosen.per_device_batch):
            places = range(
                step * job.batch + first, step * job.batch + first + chosen.per_device_batch
            )
            batch = encoder.collate([visits[i] for i in places])
            learned, rows = batch.pop("learned"), batch.pop("rows")
            steps = answer_log_probs(model(**batch).logits, learned)
            before = time.process_time()
            found = sums(steps.detach(), learned, rows, chosen.count_end)
            [confidence([value / n]) for _, n, value in found.tolist()]
            recording += time.process_time() - before
            (-steps.mean() * chosen.per_device_batch / job.batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), chosen.clip)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return {"all": time.process_time() - began, "recording": recording}


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("round", type=Path, help="a round's folder, with its job.json")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    torch = require("torch", "torch", "training")
    torch.set_num_threads(1)
    found = solver.Job.model_validate_json((chosen.round / solver.JOB).read_text(encoding="utf-8"))
    job = found.model_copy(
        update={
            "before": None,
            "first": 0,
            "steps": chosen.steps,
            "visits": found.visits[: chosen.steps * found.batch],
        }
    )
    bare(job.model_copy(update={"steps": 1}))  # imports, and decodes the pictures
    ours, loops = [], []
    for _ in range(chosen.repeats):
        folder = Path(tempfile.mkdtemp())
        ours.append(seconds(lambda: solver.train(job, folder)))  # noqa: B023
        shutil.rmtree(folder)
        loops.append(bare(job))
    best = min(loops, key=lambda each: each["all"])
    print(
        json.dumps(
            {
                "questions": job.steps * job.batch,
                "per_second_solver": round(job.steps * job.batch / min(ours), 1),
                "per_second_bare": round(job.steps * job.batch / best["all"], 1),
                "of_bare": round(best["all"] / min(ours), 3),
                "recording_share": round(best["recording"] / best["all"], 5),
            }
        )
    )


if __name__ == "__main__":
    main()
