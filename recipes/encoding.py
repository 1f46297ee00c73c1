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
from itertools import groupby
from typing import Any, Literal

from evalkit.backends import _pictures
from evalkit.optional import require
from evalkit.prompt import Image, Prompt, Text, Video

#: Pictures that were encoded are kept, up to so many bytes, for the next question about them.
KEPT_BYTES = 512 << 20

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


class Kept:
    """What was encoded, for the encoders of one processor: pictures up to so many bytes, and words.

    A run shares one over its rounds and evaluations, for the processor never changes. The
    pictures that came last are kept in any case.
    """

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._shown: OrderedDict[object, Shown] = OrderedDict()
        self.words: dict[object, tuple[object, Any, int]] = {}

    def get(self, name: object) -> Shown | None:
        """Return what is kept by this name, which is then kept longest."""
        found = self._shown.get(name)
        if found is not None:
            self._shown.move_to_end(name)
        return found

    def put(self, shown: Shown) -> None:
        """Keep pictures, and let those go that were not asked for longest."""
        self._shown[shown.name] = shown
        self._bytes += _size(shown)
        while self._bytes > self._most and len(self._shown) > 1:
            self._bytes -= _size(self._shown.popitem(last=False)[1])


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
        kept: Kept | None = None,
    ) -> None:
        self._torch = require("torch", "'ouroboros-spatial[train]'", "training")
        self._processor = processor
        self._positions = positions or self._in_order
        self._video_as = video_as
        self._most = together
        self._kept = kept or Kept()
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
            self._kept.put(shown)
        tokens = self._torch.tensor([*words, *learned, self._end])
        return Asked(shown, tokens, len(learned) + 1, row)

    def again(self, question: object, ask: Callable[[], tuple[Prompt, str]], row: int) -> Asked:
        """Return what `encode` does, without making the prompt where the question is known.

        ``question`` names it, with its answer; ``ask`` makes both.
        """
        name, tokens, answer = self._kept.words.get(question, (None, None, 0))
        shown = self._kept.get(name)
        if shown is not None:
            return Asked(shown, tokens, answer, row)
        asked = self.encode(*ask(), row)
        self._kept.words[question] = (asked.shown.name, asked.tokens, asked.answer)
        return asked

    def _tokens(self, text: str) -> list[int]:
        found: list[int] = self._processor.tokenizer.encode(text, add_special_tokens=False)
        return found

    def _in_order(self, inputs: Mapping[str, Any]) -> Any:
        return self._torch.arange(inputs["input_ids"].shape[1])[None]

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

        Questions next to each other about the same pictures share passes, and short passes share
        a line. ``logits_to_keep`` (k,) are the places that logits are needed of. ``learned``
        (t, 4) has a row for every token of an answer: the line, its place in
        ``logits_to_keep``, the token, the question's place in ``rows`` (q,); the last token of
        each question is the end token.
        """
        torch = self._torch
        lines = [_Line(torch, each) for each in _lines(_passes(asked, self._most), self._most)]
        longest = max(len(each.tokens) for each in lines)
        pad = self._processor.tokenizer.pad_token_id or 0
        positions = [_left(torch, each.positions, longest, 0) for each in lines]
        batch = {
            "input_ids": torch.stack([_left(torch, each.tokens, longest, pad) for each in lines]),
            "position_ids": torch.stack(positions, dim=1),
            "attention_mask": self._mask(lines, longest),
        }
        if batch["position_ids"].shape[0] == 1:
            batch["position_ids"] = batch["position_ids"][0]
        pictures = [shown.pictures for each in lines for shown in each.shown]
        for name in dict.fromkeys(name for each in pictures for name in each):
            batch[name] = torch.cat([each[name] for each in pictures if name in each])
        foretold = [
            # A token is foretold at the place before it.
            (line, longest - len(each.tokens) + place - 1, int(each.tokens[place]), question)
            for line, each in enumerate(lines)
            for question, start, end in each.answers
            for place in range(start, end)
        ]
        places = sorted({place for _, place, _, _ in foretold})
        index = {place: i for i, place in enumerate(places)}
        learned = [(line, index[place], *rest) for line, place, *rest in foretold]
        return {
            **batch,
            "logits_to_keep": torch.tensor(places),
            "learned": torch.tensor(learned),
            "rows": torch.tensor([each.row for each in asked]),
        }

    def _mask(self, lines: Sequence["_Line"], longest: int) -> Any:
        """Return which token sees which: (b, n) where every question is alone, or (b, 1, n, n)."""
        torch = self._torch
        group = torch.stack([_left(torch, each.groups, longest, -1) for each in lines])
        if all(len(each.answers) == 1 for each in lines):
            return (group >= 0).long()
        own = torch.stack([_left(torch, each.owners, longest, 0) for each in lines])
        seen = (own[:, :, None] == own[:, None, :]) | (own[:, None, :] == 0)
        seen &= group[:, :, None] == group[:, None, :]
        # What pads sees what pads, for a softmax over nothing is no number.
        return seen.tril()[:, None]


#: Questions that share a pass, each with its place in the batch.
_Pass = Sequence[tuple[int, Asked]]


class _Line:
    """Passes one after the other as one sequence of tokens, each hidden from the others.

    ``groups`` number the pass of every token, ``owners`` are 0 for what is shown and else the
    number of the question in its pass, from 1. ``answers`` are questions with where their
    answers begin and end.
    """

    def __init__(self, torch: Any, passes: Sequence[_Pass]) -> None:
        self.shown = [each[0][1].shown for each in passes]
        self.answers: list[tuple[int, int, int]] = []
        tokens, positions, groups, owners = [], [], [], []
        for group, asked in enumerate(passes):
            shown = asked[0][1].shown
            begin = int(shown.positions.max()) + 1 if len(shown.tokens) else 0
            tokens.append(shown.tokens)
            positions.append(shown.positions)
            owners.append(torch.zeros_like(shown.tokens))
            for owner, (number, each) in enumerate(asked, start=1):
                tokens.append(each.tokens)
                after = begin + torch.arange(len(each.tokens))
                positions.append(after.expand(shown.positions.shape[0], -1))
                owners.append(torch.full_like(each.tokens, owner))
                end = sum(map(len, tokens))
                self.answers.append((number, end - each.answer, end))
            groups.append(torch.full((_length(asked),), group))
        self.tokens, self.positions = torch.cat(tokens), torch.cat(positions, dim=1)
        self.groups, self.owners = torch.cat(groups), torch.cat(owners)


def _passes(asked: Sequence[Asked], most: int) -> list[_Pass]:
    """Return questions in a row about the same pictures, ``most`` at most, as one pass each."""
    found: list[_Pass] = []
    for _, group in groupby(enumerate(asked), key=lambda each: each[1].shown.name):
        same = list(group)
        found += [same[i : i + most] for i in range(0, len(same), most)]
    return found


def _lines(passes: Sequence[_Pass], most: int) -> list[list[_Pass]]:
    """Return passes put into lines as long as the longest, the first that has room; or alone."""
    if most == 1:
        return [[each] for each in passes]
    longest = max(map(_length, passes))
    lines: list[list[_Pass]] = []
    room: list[int] = []
    for each in sorted(passes, key=_length, reverse=True):
        length = _length(each)
        place = next((i for i, left in enumerate(room) if left >= length), None)
        if place is None:
            place = len(lines)
            lines.append([])
            room.append(longest)
        lines[place].append(each)
        room[place] -= length
    return lines


def _length(asked: _Pass) -> int:
    return len(asked[0][1].shown.tokens) + sum(len(each.tokens) for _, each in asked)


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
