"""A prompt and its right answer as what a model is trained on.

The processor makes the prompt, as evalkit has it made, with times for the frames of a video.
The answer's tokens and the end token follow; they alone are learned.

Questions about the same pictures can share one pass over them: the pictures come once, each
question with its answer after them, at the positions it would have alone, and hidden from the
others. What the model computes for a question is then the same as alone, for a fraction of the
cost where pictures are most of a prompt. A pass that is shared needs an attention that takes
any mask (``sdpa`` or ``eager``).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, islice
from typing import Any, Literal

from evalkit.backends import _pictures
from evalkit.optional import require
from evalkit.prompt import Image, Prompt, Text, Video

#: Pictures that were encoded are kept, up to so many bytes, for the next question about them.
KEPT_BYTES = 256 << 20

VideoAs = Literal["video", "frames"]

#: Returns the positions (axes, n) of n tokens, from what the processor made of a prompt.
Positions = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, eq=False)
class Shown:
    """The part of a prompt up to the end of its pictures, which questions can share.

    ``tokens`` (n,), ``positions`` (axes, n), and the tensors of the pictures by name.
    """

    name: object
    tokens: Any
    positions: Any
    pictures: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Asked:
    """One question: the tokens (m,) after what is shown, the last ``answer`` of them learned."""

    shown: Shown
    tokens: Any
    answer: int
    row: int = 0


class Encoder:
    """Encodes with one processor; ``video_as`` shows videos as such or as single images.

    ``positions`` are the model's own, see `recipes.solver.positions_of`. Up to ``together``
    questions share a pass. The words of a question are not encoded by the processor but by
    its tokenizer, so that pictures are read once.
    """

    def __init__(
        self,
        processor: Any,
        positions: Positions | None = None,
        video_as: VideoAs = "video",
        together: int = 1,
    ) -> None:
        self._torch = require("torch", "'ouroboros-spatial[train]'", "training")
        self._processor = processor
        self._positions = positions or self._in_order
        self._video_as = video_as
        self._most = together
        self._kept: OrderedDict[object, Shown] = OrderedDict()
        self._known: dict[str, tuple[object, Any, int]] = {}
        self._bytes = 0
        self._end = processor.tokenizer.eos_token_id

    def encode(self, prompt: Prompt, answer: str, row: int = 0) -> Asked:
        """Return one question with its answer; ``row`` is its number, whatever that is.

        Raises ValueError for a picture that can't be opened, an answer without tokens, and a
        tokenizer that writes words otherwise after pictures.
        """
        learned = self._tokens(answer)
        if not learned:
            raise ValueError(f"{prompt.id}: the answer {answer!r} has no tokens")
        text, tail = self._text(prompt)
        words = self._tokens(tail)
        name = (text.removesuffix(tail), *(part for part in prompt.parts if not _is_text(part)))
        shown = self._kept.get(name)
        if shown is None:
            shown = self._shown(name, prompt, text, words)
            self._keep(shown)
        self._kept.move_to_end(name)
        tokens = self._torch.tensor([*words, *learned, self._end])
        return Asked(shown, tokens, len(learned) + 1, row)

    def again(self, question: str, ask: Callable[[], tuple[Prompt, str]], row: int) -> Asked:
        """Return what `encode` does, without making the prompt where the question is known.

        ``question`` is its name, ``ask`` makes prompt and answer.
        """
        name, tokens, answer = self._known.get(question, (None, None, 0))
        if name in self._kept:
            self._kept.move_to_end(name)
            return Asked(self._kept[name], tokens, answer, row)
        asked = self.encode(*ask(), row)
        self._known[question] = (asked.shown.name, asked.tokens, asked.answer)
        return asked

    def _tokens(self, text: str) -> list[int]:
        found: list[int] = self._processor.tokenizer.encode(text, add_special_tokens=False)
        return found

    def _in_order(self, inputs: Mapping[str, Any]) -> Any:
        return self._torch.arange(inputs["input_ids"].shape[1])[None]

    def _keep(self, shown: Shown) -> None:
        self._kept[shown.name] = shown
        self._bytes += _size(shown)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])

    def _text(self, prompt: Prompt) -> tuple[str, str]:
        """Return the prompt by the chat template, and what of it comes after the pictures."""
        content: list[dict[str, str]] = []
        for part in prompt.parts:
            if isinstance(part, Text):
                content.append({"type": "text", "text": part.text})
            elif isinstance(part, Video) and self._video_as == "video":
                content.append({"type": "video"})
            else:
                count = 1 if isinstance(part, Image) else len(part.frames)
                content += [{"type": "image"}] * count
        text: str = self._processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        places = [getattr(self._processor, f"{kind}_token", None) for kind in ("image", "video")]
        ends = [text.rfind(place) + len(place) for place in places if place and place in text]
        return text, text[max(ends, default=0) :]

    def _shown(self, name: object, prompt: Prompt, text: str, words: Sequence[int]) -> Shown:
        inputs = dict(self._processor(text=[text], return_tensors="pt", **self._media(prompt)))
        shape, whole = inputs["input_ids"].shape, inputs["input_ids"][0]
        if not words or whole[-len(words) :].tolist() != list(words):
            raise ValueError(f"{prompt.id}: its words have other tokens after its pictures")
        return Shown(
            name,
            whole[: -len(words)],
            self._positions(inputs)[:, : -len(words)],
            {key: value for key, value in inputs.items() if value.shape != shape},
        )

    def _media(self, prompt: Prompt) -> dict[str, Any]:
        stills: list[Any] = []
        videos: list[Video] = []
        for part in prompt.parts:
            if isinstance(part, Video) and self._video_as == "video":
                videos.append(_pictures.moving(part))
            elif not isinstance(part, Text):
                paths = (part.path,) if isinstance(part, Image) else part.frames
                stills += map(_pictures.open_image, paths)
        media: dict[str, Any] = {"images": [stills]} if stills else {}
        if videos:
            media["videos"] = [[_pictures.open_image(path) for path in v.frames] for v in videos]
            media["video_metadata"] = [times(video) for video in videos]
            media["do_sample_frames"] = False
        return media

    # -- batches -----------------------------------------------------------------------

    def collate(self, asked: Sequence[Asked]) -> dict[str, Any]:
        """Return one batch: what the model takes, and what it is to learn.

        Questions in a row about the same pictures share passes. ``logits_to_keep`` (k,) are the
        places that logits are needed of. ``learned`` (t, 4) has a row for every token of an
        answer: the pass, its place in ``logits_to_keep``, the token, the question's place in
        ``rows`` (q,); the last token of each question is the end token.
        """
        torch = self._torch
        passes = [_Pass(torch, each) for each in _together(asked, self._most)]
        longest = max(len(each.tokens) for each in passes)
        pad = self._processor.tokenizer.pad_token_id or 0
        batch = {
            "input_ids": torch.stack([_left(torch, p.tokens, longest, pad) for p in passes]),
            "position_ids": torch.stack(
                [_left(torch, p.positions, longest, 0) for p in passes], dim=1
            ),
            "attention_mask": self._mask([p.owners for p in passes], longest),
        }
        if batch["position_ids"].shape[0] == 1:
            batch["position_ids"] = batch["position_ids"][0]
        for name in dict.fromkeys(name for p in passes for name in p.shown.pictures):
            found = [p.shown.pictures[name] for p in passes if name in p.shown.pictures]
            batch[name] = torch.cat(found)
        places, learned, questions = [], [], 0
        for number, each in enumerate(passes):
            moved = longest - len(each.tokens)
            for start, end in each.answers:
                for place in range(start, end):
                    # A token is foretold at the place before it.
                    places.append(moved + place - 1)
                    learned.append((number, int(each.tokens[place]), questions))
                questions += 1
        kept = sorted(set(places))
        index = {place: i for i, place in enumerate(kept)}
        rows = [
            (number, index[place], token, question)
            for place, (number, token, question) in zip(places, learned, strict=True)
        ]
        return {
            **batch,
            "logits_to_keep": torch.tensor(kept),
            "learned": torch.tensor(rows),
            "rows": torch.tensor([each.row for each in asked]),
        }

    def _mask(self, owners: Sequence[Any], longest: int) -> Any:
        """Return which token sees which: (b, n) where every pass is alone, else (b, 1, n, n)."""
        torch = self._torch
        own = torch.stack([_left(torch, each, longest, -1) for each in owners])
        if int(own.max()) <= 1:
            return (own >= 0).long()
        seen = (own[:, :, None] == own[:, None, :]) | (own[:, None, :] == 0)
        # What pads looks at itself, for a softmax over nothing is no number.
        itself = torch.eye(longest, dtype=torch.bool)
        return (seen.tril() & (own >= 0)[:, None, :] | itself)[:, None]


class _Pass:
    """What is shown once and the questions after it, as one sequence of tokens.

    ``owners`` are 0 for what is shown and the number of its question, from 1, for every other
    token; ``answers`` are where answers begin and end.
    """

    def __init__(self, torch: Any, asked: Sequence[Asked]) -> None:
        self.shown = shown = asked[0].shown
        begin = int(shown.positions.max()) + 1 if len(shown.tokens) else 0
        after = torch.cat([begin + torch.arange(len(each.tokens)) for each in asked])
        axes = shown.positions.shape[0]
        self.positions = torch.cat([shown.positions, after.expand(axes, -1)], dim=1)
        self.tokens = torch.cat([shown.tokens, *(each.tokens for each in asked)])
        owned = [torch.full_like(each.tokens, i) for i, each in enumerate(asked, start=1)]
        self.owners = torch.cat([torch.zeros_like(shown.tokens), *owned])
        ends = accumulate((len(each.tokens) for each in asked), initial=len(shown.tokens))
        self.answers = [
            (end - each.answer, end) for each, end in zip(asked, islice(ends, 1, None), strict=True)
        ]


def _together(asked: Sequence[Asked], most: int) -> list[list[Asked]]:
    """Return questions in a row about the same pictures as lists of ``most`` at most."""
    groups = [list(group) for _, group in groupby(asked, key=lambda each: each.shown.name)]
    return [group[i : i + most] for group in groups for i in range(0, len(group), most)]


def _left(torch: Any, tokens: Any, length: int, fill: int) -> Any:
    """Return tokens (..., n) padded on the left to ``length``."""
    return torch.nn.functional.pad(tokens, (length - tokens.shape[-1], 0), value=fill)


def _is_text(part: object) -> bool:
    return isinstance(part, Text)


def times(video: Video) -> dict[str, Any]:
    """Return what makes the times right that a processor writes between sampled frames."""
    return {
        "total_num_frames": video.total_frames,
        "fps": video.fps,
        "frames_indices": list(video.indices),
        "duration": video.total_frames / video.fps,
        "video_backend": "recipes",
    }


def _size(shown: Shown) -> int:
    return sum(value.numel() * value.element_size() for value in shown.pictures.values())
