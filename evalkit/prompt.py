"""What a backend is asked and what it answers.

Media are files on disk: still images, and videos as the frames that were
sampled from them. A backend opens them when it needs them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A still image; ``id`` is a hash of its content, the same for the same picture."""

    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Video:
    """A video as sampled frames.

    ``frames`` are image files in order; ``indices`` their positions among the
    ``total_frames`` of the file, which plays at ``fps``. ``id`` is a hash of
    content, sampler and size. ``source`` is the video file itself.
    """

    id: str
    frames: tuple[Path, ...]
    indices: tuple[int, ...]
    fps: float
    total_frames: int
    source: Path | None = None


Part: TypeAlias = Text | Image | Video


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question as a user's message: its parts in order, and how to answer it.

    ``continuations`` are answers whose log-probabilities are wanted, perhaps
    none. Decoding is greedy. ``options`` are the texts to choose from without
    their letters, which are A, B, C and so on in order, or empty for an open
    question; ``group`` is the kind of question. Only the blind baselines read
    these two: a model sees the parts and nothing else. ``schema`` is a JSON schema
    that the answer is held to where the backend can do that.
    """

    id: str
    parts: tuple[Part, ...]
    max_new_tokens: int
    continuations: tuple[str, ...] = ()
    system: str | None = None
    options: tuple[str, ...] = ()
    group: str = ""
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What a backend made of a prompt.

    ``text`` is None where it failed, and ``error`` then says why in one line.
    ``logprobs`` has one sum per continuation, natural log, or is None where the
    backend has none to give. ``truncated``: generation hit ``max_new_tokens``.
    """

    id: str
    text: str | None
    error: str | None = None
    tokens: int | None = None
    prompt_tokens: int | None = None
    truncated: bool = False
    logprobs: Sequence[float] | None = None
