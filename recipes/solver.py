"""The solver's training: one round of supervised fine-tuning, and the confidences it gives.

The loss is taken on the answer's tokens and the end token. The confidence of a question comes
out of the same forward pass, at the question's first visit and before the update, so it costs
no pass of its own. Optimizer, schedule and random state are those of the step before, in this
round or the last one, so that a run that was stopped anywhere ends with the same bytes as one
that was not.

On several GPUs the same file is started by torchrun or ``accelerate launch``, which a config
names; sharding is accelerate's own configuration. ``python -m recipes.solver ROUND_DIR`` trains
the round whose ``job.json`` lies there.
"""

import inspect
import os
import re
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evalkit.backends import _checkpoint, _torchvision
from evalkit.backends._base import one_line
from evalkit.errors import EvalkitError
from evalkit.media.errors import MediaError
from evalkit.media.video import Sampling
from evalkit.optional import require
from evalkit.prompt import Prompt
from recipes import asking
from recipes.confidence import confidence
from recipes.encoding import Asked, Encoder, Kept, Positions
from recipes.errors import ConfigError, RecipeError
from recipes.rows import read_lines, write_lines
from recipes.settings import SolverSettings
from recipes.trainer import Recorder, trainer

INSTALL = "'ouroboros-spatial[train]'"

JOB, CONFIDENCES = "job.json", "confidences.jsonl"

_CHECKPOINT = re.compile(r"checkpoint-(\d+)")


class Job(BaseModel):
    """What one round trains: ``visits`` are ids of the rows in ``questions``, in their order.

    ``before`` is the checkpoint that the round begins with; its step is ``first``, and ``total``
    steps are those of all rounds, which a schedule needs to know. ``model`` is what the first
    round begins with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    before: Path | None
    questions: Path
    visits: tuple[str, ...]
    media: tuple[Path, ...]
    cache: Path
    frames: int
    max_side: int | None
    answers: asking.Answers
    first: int
    steps: int
    total: int
    batch: int
    seed: int
    solver: SolverSettings


def train(job: Job, folder: Path, kept: Kept | None = None) -> Path:
    """Train the round in ``folder`` from where it is, to its end; return the checkpoint.

    Writes ``confidences.jsonl``, one row per visited question. Raises RecipeError where
    training can't begin, the loss is no number, or a checkpoint can't be written; the last
    checkpoint is then whole.
    """
    start = last_checkpoint(folder, job.first + job.steps) or job.before
    begun = step_of(start) if start is not None else job.first
    recorder = Recorder(_recorded(start) if start is not None and start != job.before else [])
    if begun < job.first + job.steps:
        _run(job, folder, start, begun, recorder, kept)
    end = folder / f"checkpoint-{job.first + job.steps}"
    if int(os.environ.get("RANK", "0")) == 0:
        write_lines(folder / CONFIDENCES, confidences(recorder.rows))
    return end


def confidences(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per question, in the order of first visits.

    It has the confidence of the first visit with its step, and that of the last one.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        value = confidence([row["sum"] / row["tokens"]])
        first = {"id": row["id"], "step": row["step"], "confidence": value}
        found.setdefault(row["id"], first)["last"] = value
    return list(found.values())


def last_checkpoint(folder: Path, most: int) -> Path | None:
    """Return the checkpoint of a round with the most steps, of at most ``most``."""
    found = [each for each in folder.glob("checkpoint-*") if _CHECKPOINT.fullmatch(each.name)]
    whole = [each for each in found if step_of(each) <= most]
    return max(whole, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """Return the number of steps that a checkpoint has behind it."""
    found = _CHECKPOINT.fullmatch(checkpoint.name)
    if found is None:
        raise RecipeError(f"{checkpoint}: is not called checkpoint-N, so it is none of a round's")
    return int(found[1])


def _recorded(checkpoint: Path) -> list[dict[str, Any]]:
    mend = f"remove {checkpoint}, and training goes on from the one before"
    return list(read_lines(checkpoint / CONFIDENCES, mend))


def _run(
    job: Job, folder: Path, start: Path | None, begun: int, recorder: Recorder, kept: Kept | None
) -> None:
    torch = require("torch", INSTALL, "training")
    transformers = require("transformers", INSTALL, "training")
    require("accelerate", INSTALL, "training")
    if torch.cuda.device_count() > 1 and "RANK" not in os.environ and job.solver.device != "cpu":
        raise RecipeError(
            f"there are {torch.cuda.device_count()} GPUs and one process; start one for each with "
            "solver.launch=[accelerate, launch], or hide the others with CUDA_VISIBLE_DEVICES"
        )
    quiet()
    torch.set_flush_denormal(True)
    processor, model = load(transformers, job)
    if job.solver.loaders:
        # Each loader has its own: what it meets again it has mostly let go of meanwhile.
        kept = Kept(0)
    encoder = Encoder(
        processor, positions_of(model), job.solver.video_as, job.solver.together, kept
    )
    data = visits_of(job, encoder, (begun - job.first) * job.batch)
    made = trainer(
        model,
        processor,
        arguments(transformers, job, folder),
        data,
        encoder.collate,
        recorder,
        job.total,
        job.solver.count_end,
    )
    made.remove_callback(transformers.PrinterCallback)
    try:
        made.train(resume_from_checkpoint=str(start) if start is not None else None)
    except (MediaError, ValueError, RuntimeError, OSError) as error:
        raise RecipeError(f"{folder}: training stopped: {one_line(error)}") from error


def visits_of(job: Job, encoder: Encoder, done: int) -> "Visits":
    """Return the visits of a round that come after the first ``done``."""
    rows = {row["id"]: row for row in read_lines(job.questions)}
    prompt = asking.prompts(
        asking.benchmark_of(job.answers),
        list(rows.values()),
        job.media,
        job.cache,
        Sampling(job.frames, job.max_side),
        job.answers,
    )
    return Visits(job.visits[done:], rows, prompt, encoder, job.answers)


def quiet() -> None:
    """Keep transformers from telling about every file that it reads and writes."""
    transformers = require("transformers", INSTALL, "training")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


class Visits:
    """The questions that are still to be visited, in order; each is encoded when it comes."""

    def __init__(
        self,
        ids: Sequence[str],
        rows: Mapping[str, asking.Row],
        prompt: Any,
        encoder: Encoder,
        answers: asking.Answers,
    ) -> None:
        self._ids, self._rows, self._answers = ids, rows, answers
        self._prompt, self._encoder = prompt, encoder
        self._numbers = {name: number for number, name in enumerate(rows)}
        self.names = list(rows)

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, place: int) -> Asked:
        name = self._ids[place]
        row = self._rows[name]

        def ask() -> tuple[Prompt, str]:
            return self._prompt(row), asking.answer_of(row, self._answers)

        return self._encoder.again(name, ask, self._numbers[name])


def positions_of(model: Any) -> Positions | None:
    """Return a model's own way to place tokens where it has one, as for the axes of pictures."""
    for module in model.modules():
        if hasattr(module, "get_rope_index"):
            return partial(_placed, module)
    return None


def _placed(module: Any, inputs: Mapping[str, Any]) -> Any:
    wanted = inspect.signature(module.get_rope_index).parameters
    given = {name: value for name, value in inputs.items() if name in wanted}
    return module.get_rope_index(**given)[0][:, 0]


def arguments(transformers: Any, job: Job, folder: Path) -> Any:
    """Return the Trainer's arguments: the round's end, the global batch, the optimizer."""
    chosen = job.solver
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    here = require("torch", INSTALL, "training").cuda.is_available()
    per_step = chosen.per_device_batch * processes
    if job.batch % per_step:
        raise RecipeError(
            f"a batch of {job.batch} can't be made of {chosen.per_device_batch} questions on each "
            f"of {processes} processes; choose solver.per_device_batch so that it divides"
        )
    return transformers.TrainingArguments(
        output_dir=str(folder),
        max_steps=job.first + job.steps,
        per_device_train_batch_size=chosen.per_device_batch,
        gradient_accumulation_steps=job.batch // per_step,
        learning_rate=chosen.learning_rate,
        lr_scheduler_type=chosen.schedule,
        warmup_steps=chosen.warmup_steps,
        weight_decay=chosen.weight_decay,
        adam_beta1=chosen.betas[0],
        adam_beta2=chosen.betas[1],
        max_grad_norm=chosen.clip,
        save_strategy="steps",
        save_steps=chosen.save_steps or job.steps,
        logging_strategy="no",
        report_to="none",
        ignore_data_skip=True,
        remove_unused_columns=False,
        dataloader_num_workers=chosen.loaders,
        bf16=chosen.precision == "bfloat16",
        gradient_checkpointing=chosen.gradient_checkpointing,
        use_cpu=chosen.device == "cpu" or (chosen.device == "auto" and not here),
        seed=job.seed,
        disable_tqdm=True,
    )


def load(transformers: Any, job: Job) -> tuple[Any, Any]:
    """Return processor and model to begin with; raises RecipeError for what can't be trained."""
    _torchvision.ensure()
    source = job.model
    try:
        processor = transformers.AutoProcessor.from_pretrained(source)
        model = transformers.AutoModelForImageTextToText.from_pretrained(source, dtype="float32")
    except (OSError, ValueError, ImportError) as error:
        raise RecipeError(f"{source} can't be loaded: {one_line(error)}") from error
    tokenizer = getattr(processor, "tokenizer", None)
    if tokenizer is None or not (processor.chat_template or tokenizer.chat_template):
        raise RecipeError(f"{source} has no chat template: copy chat_template.jinja from its base")
    _checkpoint.fix_frame_size(processor)
    frozen = tuple(job.solver.freeze)
    for name, weight in model.named_parameters():
        if any(part in name for part in frozen):
            weight.requires_grad_(False)
    if job.solver.lora is not None:
        peft = require("peft", INSTALL, "LoRA")
        lora = job.solver.lora
        with_adapter = peft.LoraConfig(
            r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0.0, target_modules=list(lora.targets)
        )
        torch = require("torch", INSTALL, "training")
        torch.manual_seed(job.seed)  # the adapter's first weights are drawn
        try:
            model = peft.get_peft_model(model, with_adapter)
        except ValueError as error:
            raise RecipeError(f"{source} takes no such adapters: {one_line(error)}") from error
    return processor, model


def read_job(folder: Path) -> Job:
    """Return what the round in ``folder`` trains; raises RecipeError where that is damaged."""
    try:
        return Job.model_validate_json((folder / JOB).read_bytes())
    except (OSError, ValueError) as error:
        raise RecipeError(f"{folder / JOB}: missing or damaged: {one_line(error)}") from error


def main(words: Sequence[str]) -> None:
    """Train the round whose folder is named."""
    if len(words) != 1:
        raise ConfigError("name the folder of one round: python -m recipes.solver ROUND_DIR")
    folder = Path(words[0])
    train(read_job(folder), folder)
    _leave_group()


def _leave_group() -> None:
    """End the group of processes while Python still runs.

    Its threads let go of tensors, for which they need the interpreter: one that is late, on a
    busy machine, would abort a process that has trained to its end.
    """
    distributed = require("torch", INSTALL, "training").distributed
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (RecipeError, EvalkitError) as problem:
        print(f"recipes.solver: {problem}", file=sys.stderr)
        sys.exit(problem.exit_status)
