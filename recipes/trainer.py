"""transformers' Trainer with the loss on answers, and confidences and checkpoints of ours."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evalkit.backends._base import one_line
from evalkit.optional import require
from recipes.errors import RecipeError
from recipes.rows import write_lines

INSTALL = "'ouroboros-spatial[train]'"

#: Beside the weights in a checkpoint: what the round recorded until then.
RECORDED = "confidences.jsonl"


class Recorder:
    """What the forward passes said of each visit, in order.

    A row has the question's ``id``, the ``step`` before whose update it was visited, the
    number of ``tokens`` that count, and the ``sum`` of their log-probabilities.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        """Go on after the rows of a checkpoint."""
        self.rows = rows

    def add(self, name: str, step: int, tokens: int, total: float) -> None:
        """Record one visit."""
        self.rows.append({"id": name, "step": step, "tokens": tokens, "sum": total})


def answer_log_probs(logits: Any, learned: Any) -> Any:
    """Return the log-probabilities (t,) of the answers' tokens.

    ``logits`` (passes, k, vocabulary) are of the places kept, ``learned`` (t, 4) is as
    `recipes.encoding.Encoder.collate` makes it.
    """
    torch = require("torch", INSTALL, "training")
    passes, places, tokens, _ = learned.unbind(dim=1)
    steps = torch.log_softmax(logits[passes, places].float(), dim=-1)
    return steps.gather(1, tokens[:, None])[:, 0]


def sums(steps: Any, learned: Any, rows: Any, count_end: bool) -> Any:
    """Return for each question (q, 3): its row, how many tokens count, their sum in ``steps``.

    ``steps`` (t,) are `answer_log_probs`. The end token, each answer's last, counts by choice.
    """
    torch = require("torch", INSTALL, "training")
    question = learned[:, 3]
    counts = torch.ones_like(steps, dtype=torch.float64)
    if not count_end:
        counts[:-1] = (question[1:] == question[:-1]).double()
        counts[-1] = 0.0
    found = torch.zeros(len(rows), 3, dtype=torch.float64, device=steps.device)
    found[:, 0] = rows
    # Not a product: a log-probability of minus infinity has to stay one.
    found[:, 2].index_add_(0, question, torch.where(counts > 0, steps.double(), 0.0))
    found[:, 1].index_add_(0, question, counts)
    return found


def trainer(
    model: Any,
    processor: Any,
    arguments: Any,
    visits: Any,
    collate: Callable[[Any], dict[str, Any]],
    recorder: Recorder,
    total: int,
    count_end: bool,
) -> Any:
    """Return a Trainer that visits ``visits`` once, in order, and records confidences."""
    torch = require("torch", INSTALL, "training")
    base: Any = require("transformers", INSTALL, "training").Trainer

    class SolverTrainer(base):  # type: ignore[misc]
        """See the module."""

        loss_is_scaled_for_ga = True

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            inputs = dict(inputs)
            learned, rows = inputs.pop("learned"), inputs.pop("rows")
            outputs = model(**inputs)
            steps = answer_log_probs(outputs.logits, learned)
            self._record(steps.detach(), learned, rows)
            loss = -steps.sum() / num_items_in_batch * self.accelerator.num_processes
            return (loss, outputs) if return_outputs else loss

        def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
            learned = sum(len(batch["learned"]) for batch in batch_samples)
            return self.accelerator.gather(torch.as_tensor(learned, device=device)).sum()

        def _record(self, steps: Any, learned: Any, rows: Any) -> None:
            found = sums(steps, learned, rows, count_end)
            step = self.state.global_step
            for row, tokens, value in self.accelerator.gather(found).tolist():
                if not math.isfinite(value):
                    raise self._ruined(f"the loss is {value} at step {step + 1}")
                recorder.add(visits.names[int(row)], step, int(tokens), value)

        def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
            # The schedule is that of all rounds, of which this one knows its own end only.
            return super().create_scheduler(total, optimizer)

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return torch.utils.data.SequentialSampler(train_dataset or self.train_dataset)

        def _get_output_dir(self, trial: Any) -> str:
            return str(self._place() / ".partial")

        def _place(self) -> Path:
            return Path(self.args.output_dir)

        def _ruined(self, what: str) -> RecipeError:
            return RecipeError(
                f"{self._place()}: {what}, so this run can't go on; start another with a lower "
                "solver.learning_rate, in another out_dir"
            )

        def _finite(self, model: Any) -> bool:
            """Tell whether all weights are numbers, on every process."""
            own = (w.to_local() if hasattr(w, "to_local") else w for w in model.parameters())
            whole = all(bool(torch.isfinite(weight).all()) for weight in own)
            told = self.accelerator.gather(torch.tensor([whole], device=self.args.device))
            return bool(told.all())

        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            step = self.state.global_step
            if not self._finite(model):
                raise self._ruined(f"step {step} left weights that are no finite numbers")
            partial = Path(self._get_output_dir(trial))
            written = partial / f"checkpoint-{step}"
            if self.args.should_save:
                shutil.rmtree(partial, ignore_errors=True)
            self.accelerator.wait_for_everyone()
            try:
                super()._save_checkpoint(model, trial)
                if self.args.should_save:
                    write_lines(written / RECORDED, recorder.rows)
            except (OSError, RuntimeError, RecipeError, _safetensors()) as error:
                if self.args.should_save:
                    shutil.rmtree(partial, ignore_errors=True)
                raise RecipeError(
                    f"{self._place()}: the checkpoint of step {step} can't be written "
                    f"({one_line(error)}); the one before it is whole. Make room and start again"
                ) from error
            self.accelerator.wait_for_everyone()
            if self.args.should_save:
                self._publish(written)

        def _publish(self, written: Path) -> None:
            older = [each for each in self._place().glob("checkpoint-*") if each.is_dir()]
            written.rename(self._place() / written.name)
            for each in older:
                shutil.rmtree(each)
            written.parent.rmdir()

    return SolverTrainer(
        model=model,
        args=arguments,
        data_collator=collate,
        train_dataset=visits,
        processing_class=processor,
    )


def _safetensors() -> Any:
    return require("safetensors", INSTALL, "training").SafetensorError
