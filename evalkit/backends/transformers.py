"""Any checkpoint that AutoModelForImageTextToText and AutoProcessor load, on this machine.

A folder or a name on the Hub, or a folder with a PEFT adapter. Prompts of like length are
answered in batches, padded on the left, so that an answer does not depend on the batch it
was in. Decoding is greedy and nothing else: the checkpoint's own temperature, repetition
penalty and the like are not used, only its end tokens.

A video goes in as its sampled frames together with their positions and the rate of the
file, and the processor is told not to sample again. That is what makes the times right that
Qwen3-VL writes between the frames.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evalkit.backends import _checkpoint, _pictures
from evalkit.backends._base import Backend, Known, Settings
from evalkit.backends._batches import batches, halving
from evalkit.backends._continuations import log_likelihoods
from evalkit.optional import require
from evalkit.prompt import Completion, Image, Prompt, Text, Video

#: Opened pictures of so many images and videos are kept for the questions that follow.
_KEPT = 2


class TransformersSession:
    """A loaded checkpoint."""

    def __init__(self, settings: Settings) -> None:
        """Load the checkpoint; raises EvalkitError with one line where that fails."""
        checkpoint = _checkpoint.load(settings)
        self._torch = require("torch", _checkpoint.INSTALL)
        self._transformers = require("transformers", _checkpoint.INSTALL)
        self._settings = settings
        self._model = checkpoint.model
        self._processor = checkpoint.processor
        self._about = checkpoint.about
        self._opened: dict[str, list[Any]] = {}
        self._ends = self._only_greedy()

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Completion]:
        """Yield completions batch by batch; a batch that fails is halved and tried again."""
        for batch in batches(prompts, self._settings.batch_size):
            yield from halving(batch, self._answer)

    def info(self) -> dict[str, Any]:
        """Return the checkpoint, its fingerprint or revision, number format and versions."""
        return {
            "backend": "transformers",
            **self._about,
            "architecture": type(self._model).__name__,
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "device": str(self._model.device),
            "video_as": self._settings.video_as or "video",
            "torch": self._torch.__version__,
            "transformers": self._transformers.__version__,
        }

    def close(self) -> None:
        """Let go of the model and of the GPU memory it held."""
        self._model = None
        self._opened.clear()
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def inputs(self, prompts: Sequence[Prompt]) -> Any:
        """Return what the processor makes of ``prompts``: padded tokens and pixels."""
        texts, images, videos, metadata = [], [], [], []
        for prompt in prompts:
            messages, stills, moving = self._messages(prompt)
            texts.append(
                self._processor.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=True
                )
            )
            images.append(stills)
            videos += [self._pictures(video.id, video.frames) for video in moving]
            metadata += [_metadata(video) for video in moving]
        media: dict[str, Any] = {}
        if any(images):
            media["images"] = images
        if videos:
            media |= {"videos": videos, "video_metadata": metadata, "do_sample_frames": False}
        return self._processor(
            text=texts,
            padding=True,
            return_tensors="pt",
            add_special_tokens=not self._begins(texts[0]),
            **media,
        )

    def _answer(self, batch: Sequence[Prompt]) -> list[Completion]:
        with self._torch.inference_mode():
            inputs = self._on_device(batch)
            output = self._model.generate(
                **inputs,
                max_new_tokens=batch[0].max_new_tokens,
                output_logits=any(prompt.continuations for prompt in batch),
                return_dict_in_generate=True,
            )
            new = output.sequences[:, inputs["input_ids"].shape[1] :].tolist()
            lengths = inputs["attention_mask"].sum(dim=1).tolist()
            scores = [
                self._score(prompt, output.logits[0][row]) if prompt.continuations else None
                for row, prompt in enumerate(batch)
            ]
        return [
            self._completion(prompt, tokens, length, score)
            for prompt, tokens, length, score in zip(batch, new, lengths, scores, strict=True)
        ]

    def _score(self, prompt: Prompt, first: Any) -> tuple[float, ...]:
        """Return the log-probabilities of a prompt's continuations."""
        encode = self._processor.tokenizer.encode
        tokens = [encode(text, add_special_tokens=False) for text in prompt.continuations]
        if not all(tokens):
            raise ValueError("a continuation is empty, so it has no log-probability")
        sums = log_likelihoods(self._model, first, tokens, lambda: self._on_device([prompt]))
        if not all(math.isfinite(value) for value in sums):
            raise ValueError("the model gives no finite log-probabilities")
        return sums

    def _on_device(self, prompts: Sequence[Prompt]) -> Any:
        """Return the inputs of ``prompts`` where the model is, in its number format."""
        inputs = self.inputs(prompts).to(self._model.device)
        for name, value in inputs.items():
            if self._torch.is_tensor(value) and value.is_floating_point():
                inputs[name] = value.to(self._model.dtype)
        return inputs

    def _completion(
        self, prompt: Prompt, tokens: list[int], length: int, score: tuple[float, ...] | None
    ) -> Completion:
        end = next((at for at, token in enumerate(tokens) if token in self._ends), None)
        kept = tokens if end is None else tokens[:end]
        return Completion(
            id=prompt.id,
            text=self._processor.tokenizer.decode(kept, skip_special_tokens=True),
            tokens=len(kept),
            prompt_tokens=length,
            truncated=end is None,
            logprobs=score,
        )

    def _messages(self, prompt: Prompt) -> tuple[list[dict[str, Any]], list[Any], list[Video]]:
        """Return the chat messages of a prompt, its opened images, and its videos."""
        content: list[dict[str, Any]] = []
        stills: list[Any] = []
        videos: list[Video] = []
        for part in prompt.parts:
            if isinstance(part, Text):
                content.append({"type": "text", "text": part.text})
            elif isinstance(part, Video) and self._settings.video_as != "frames":
                self._need_video()
                content.append({"type": "video"})
                videos.append(_pictures.moving(part))
            else:
                paths = (part.path,) if isinstance(part, Image) else part.frames
                pictures = self._pictures(part.id, paths)
                content += [{"type": "image"}] * len(pictures)
                stills += pictures
        system = [{"type": "text", "text": prompt.system}] if prompt.system is not None else None
        messages = [{"role": "system", "content": system}] if system else []
        return [*messages, {"role": "user", "content": content}], stills, videos

    def _need_video(self) -> None:
        if getattr(self._processor, "video_processor", None) is None:
            raise ValueError("this checkpoint reads no videos; show them with --video-as frames")

    def _pictures(self, name: str, paths: Sequence[Any]) -> list[Any]:
        """Open pictures, once for the questions about them that follow one another."""
        if name not in self._opened:
            while len(self._opened) >= _KEPT:
                self._opened.pop(next(iter(self._opened)))
            self._opened[name] = [_pictures.open_image(path) for path in paths]
        return self._opened[name]

    def _begins(self, text: str) -> bool:
        """Whether the template already wrote the token that the tokenizer would add."""
        begin = self._processor.tokenizer.bos_token
        return begin is not None and text.startswith(begin)

    def _only_greedy(self) -> frozenset[int]:
        """Reduce the generation settings to greedy decoding; return the end tokens."""
        own = self._model.generation_config
        tokenizer = self._processor.tokenizer
        ends = own.eos_token_id if own.eos_token_id is not None else tokenizer.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else ends[0]
        plain = self._transformers.GenerationConfig(
            do_sample=False,
            eos_token_id=ends,
            pad_token_id=padding,
            bos_token_id=own.bos_token_id,
            decoder_start_token_id=own.decoder_start_token_id,
        )
        self._model.generation_config = plain
        inner = getattr(self._model, "get_base_model", None)
        if inner is not None:
            inner().generation_config = plain
        return frozenset(token for token in ends if token is not None)


def _metadata(video: Video) -> dict[str, Any]:
    """Return what a video processor needs to know about frames that are already sampled."""
    return {
        "total_num_frames": video.total_frames,
        "fps": video.fps,
        "frames_indices": list(video.indices),
        "duration": video.total_frames / video.fps,
        "video_backend": "evalkit",
    }


def _start(settings: Settings, _known: Sequence[Known]) -> TransformersSession:
    return TransformersSession(settings)


BACKEND = Backend("a checkpoint on this machine, with its PEFT adapter", _start)
