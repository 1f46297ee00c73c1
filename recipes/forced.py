"""Held-out answers from passes without generating: exact, and many times faster.

A greedy decoder says an answer exactly where each of its tokens, and the end after them, is the
most probable one after those before it. One pass over question and right answer tells, and
questions about the same pictures share it, as in training. The other options are judged the
same way, each with the end after it, for an option may begin as another one does. What this
can't tell is what a wrong answer was: there is no partial credit for numbers, and nothing is
parsed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

from evalkit.backends import _checkpoint, _torchvision
from evalkit.optional import require
from evalkit.prompt import Prompt
from recipes import solver
from recipes.asking import Answers, Row, answer_of, choices_of
from recipes.encoding import Asked, Encoder, Kept, VideoAs
from recipes.trainer import answer_log_probs, sums

#: Answers that share a pass at most, answers in one batch, and more than a question has.
TOGETHER, BATCH, MOST = 16, 192, 32


class Forced:
    """A checkpoint that is asked by passes; ``device`` as torch names it.

    To be closed, as by ``with``: the memory of a GPU is for training then.
    """

    def __init__(
        self, model: Path | str, device: str, video_as: VideoAs, kept: Kept | None = None
    ) -> None:
        self._torch = require("torch", solver.INSTALL, "evaluation")
        _torchvision.ensure()
        transformers = require("transformers", solver.INSTALL, "evaluation")
        if device == "auto":
            device = "cuda" if self._torch.cuda.is_available() else "cpu"
        processor = transformers.AutoProcessor.from_pretrained(model)
        _checkpoint.fix_frame_size(processor)
        found = transformers.AutoModelForImageTextToText.from_pretrained(model, dtype="float32")
        self._model = found.to(device).eval()
        self._device = device
        places = solver.positions_of(found)
        self._encoder = Encoder(processor, places, video_as, TOGETHER, kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self._model, self._encoder
        if self._device != "cpu":
            self._torch.cuda.empty_cache()

    def ask(
        self, asked: Sequence[tuple[Row, Prompt]], answers: Answers
    ) -> list[tuple[float, float | None] | None]:
        """Return for every question whether the right answer is said, and has most probability.

        Both are 0 or 1; the latter is among the options, and None without any. Where another
        option has as much probability, the right one has not the most. A question with
        an answer whose log-probability is no finite number has no answer: None.
        """
        known: list[dict[int, tuple[float, bool]]] = [{} for _ in asked]
        right = [_candidates(row, answers) for row, _ in asked]
        candidates = self._encoded(asked, right)
        while batch := list(islice(candidates, BATCH)):
            for (number, place), found in zip(
                [divmod(each.row, MOST) for each in batch], self._judged(batch), strict=True
            ):
                known[number][place] = found
        return [
            (float(each[0][1]), _first(each) if row["options"] else None)
            if all(math.isfinite(total) for total, _ in each.values())
            else None
            for each, (row, _) in zip(known, asked, strict=True)
        ]

    def _encoded(
        self, asked: Sequence[tuple[Row, Prompt]], right: Sequence[Sequence[str]]
    ) -> Iterator[Asked]:
        for number, ((_, prompt), texts) in enumerate(zip(asked, right, strict=True)):
            for place, text in enumerate(texts):
                ask = partial(_both, prompt, text)
                yield self._encoder.again((prompt, text), ask, number * MOST + place)

    def _judged(self, batch: Sequence[Asked]) -> list[tuple[float, bool]]:
        torch = self._torch
        inputs: dict[str, Any] = {
            name: value.to(self._device) for name, value in self._encoder.collate(batch).items()
        }
        learned, rows = inputs.pop("learned"), inputs.pop("rows")
        with torch.inference_mode():
            logits = self._model(**inputs).logits
            steps = answer_log_probs(logits, learned)
            best = logits[learned[:, 0], learned[:, 1]].argmax(dim=1) == learned[:, 2]
        said = torch.ones(len(rows), dtype=torch.bool, device=best.device)
        said[learned[~best][:, 3]] = False
        totals = sums(steps, learned, rows, count_end=True)[:, 2]
        return list(zip(totals.tolist(), said.tolist(), strict=True))


def _both(prompt: Prompt, answer: str) -> tuple[Prompt, str]:
    return prompt, answer


def _first(judged: Mapping[int, tuple[float, bool]]) -> float:
    right, *others = (judged[place][0] for place in sorted(judged))
    return float(all(right > each for each in others))


def _candidates(row: Row, answers: Answers) -> list[str]:
    """Return the answers to judge, the right one first."""
    right = answer_of(row, answers)
    return [right, *(each for each in choices_of(row, answers) if each != right)]
