"""A prompt and its right answer as what a model is trained on.

The processor makes the prompt, as evalkit has it made, with times for the frames of a video.
The answer's tokens and the end token follow; they alone have labels. A batch is padded on
the left, so that all answers end at the same place and logits are needed of the last few
positions only.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from evalkit.backends import _pictures
from evalkit.optional import require
from evalkit.prompt import Image, Prompt, Text, Video

#: Labels of tokens that are not learned.
IGNORED = -100

#: What is encoded is kept, up to so many bytes, for a question's next visit.
KEPT_BYTES = 256 << 20

VideoAs = Literal["video", "frames"]


class Encoder:
    """Encodes with one processor; ``video_as`` shows videos as such or as single images."""

    def __init__(self, processor: Any, video_as: VideoAs = "video") -> None:
        self._torch = require("torch", "'ouroboros-spatial[train]'", "training")
        self._processor = processor
        self._video_as = video_as
        self._kept: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._bytes = 0
        self._end = processor.tokenizer.eos_token_id

    def encode(self, prompt: Prompt, answer: str) -> dict[str, Any]:
        """Return the tensors of one question: tokens (n,), labels (n,), pictures.

        Raises ValueError for a picture that can't be opened, and an answer without tokens.
        """
        found = self._encoded(prompt, answer)
        self._kept[prompt.id] = found
        self._bytes += _size(found)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return found

    def known(self, name: str) -> dict[str, Any] | None:
        """Return what was encoded for the prompt with this id, if it is still kept."""
        found = self._kept.get(name)
        if found is not None:
            self._kept.move_to_end(name)
        return found

    def number(self, value: int) -> Any:
        """Return a number as a tensor of shape (1,)."""
        return self._torch.tensor([value])

    def _encoded(self, prompt: Prompt, answer: str) -> dict[str, Any]:
        torch = self._torch
        tokens = self._processor.tokenizer.encode(answer, add_special_tokens=False)
        if not tokens:
            raise ValueError(f"{prompt.id}: the answer {answer!r} has no tokens")
        inputs = dict(self._inputs(prompt))
        shape = inputs["input_ids"].shape
        added = torch.tensor([*tokens, self._end])
        found: dict[str, Any] = {}
        for name, value in inputs.items():
            if value.shape != shape:
                found[name] = value
                continue
            tail = torch.full_like(added, name == "attention_mask", dtype=value.dtype)
            found[name] = torch.cat([value[0], added if name == "input_ids" else tail])
        silent = torch.full((shape[1],), IGNORED)
        return {**found, "labels": torch.cat([silent, added])}

    def _inputs(self, prompt: Prompt) -> Any:
        content: list[dict[str, str]] = []
        stills: list[Any] = []
        videos: list[Video] = []
        for part in prompt.parts:
            if isinstance(part, Text):
                content.append({"type": "text", "text": part.text})
            elif isinstance(part, Video) and self._video_as == "video":
                content.append({"type": "video"})
                videos.append(_pictures.moving(part))
            else:
                paths = (part.path,) if isinstance(part, Image) else part.frames
                content += [{"type": "image"}] * len(paths)
                stills += map(_pictures.open_image, paths)
        text = self._processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        media: dict[str, Any] = {"images": [stills]} if stills else {}
        if videos:
            media["videos"] = [[_pictures.open_image(path) for path in v.frames] for v in videos]
            media["video_metadata"] = [times(video) for video in videos]
            media["do_sample_frames"] = False
        return self._processor(text=[text], return_tensors="pt", **media)

    def collate(self, encoded: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return one batch; ``logits_to_keep`` is one more than the longest answer."""
        torch = self._torch
        longest = max(len(each["input_ids"]) for each in encoded)
        padding = {"input_ids": self._processor.tokenizer.pad_token_id or 0, "labels": IGNORED}
        batch: dict[str, Any] = {}
        for name in dict.fromkeys(name for each in encoded for name in each):
            values = [each[name] for each in encoded if name in each]
            if values[0].shape == encoded[0]["input_ids"].shape:
                fill = padding.get(name, 0)
                values = [
                    torch.nn.functional.pad(value, (longest - len(value), 0), value=fill)
                    for value in values
                ]
                batch[name] = torch.stack(values)
            else:
                batch[name] = torch.cat(values)
        learned = (batch["labels"] != IGNORED).sum(dim=1)
        return {**batch, "logits_to_keep": int(learned.max()) + 1}


def times(video: Video) -> dict[str, Any]:
    """Return what makes the times right that a processor writes between sampled frames."""
    return {
        "total_num_frames": video.total_frames,
        "fps": video.fps,
        "frames_indices": list(video.indices),
        "duration": video.total_frames / video.fps,
        "video_backend": "recipes",
    }


def _size(encoded: Mapping[str, Any]) -> int:
    return sum(value.numel() * value.element_size() for value in encoded.values())
