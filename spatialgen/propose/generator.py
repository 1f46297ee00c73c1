"""What a model is asked and what it says, whoever runs it.

Any generator of text that can look at pictures serves: it is handed in, and nothing here
knows which. Pictures are files on disk, and are named by their content.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file; ``id`` is a hash of its content."""

    id: str
    path: Path


Part: TypeAlias = str | Picture


@dataclass(frozen=True, slots=True)
class Request:
    """One message: its parts in order, the most tokens of the reply, and the reply's JSON schema.

    Requests that begin with the same parts are handed over one after the other, so that
    whoever answers them can keep what it made of these. A generator that can't hold a
    reply to a ``schema`` leaves it unread.
    """

    id: str
    parts: tuple[Part, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said to a request; ``text`` is None where nothing was, and ``error`` says why.

    ``truncated`` tells that the reply was cut off at ``max_tokens``.
    """

    id: str
    text: str | None
    error: str | None = None
    truncated: bool = False
    tokens: int | None = None


class Generator(Protocol):
    """A model that answers requests."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply per request, in any order, told apart by ``id``.

        A request that fails becomes a reply with ``error``; only what concerns all of them
        raises SpatialgenError.
        """
        ...

    def info(self) -> Mapping[str, Any]:
        """Return what tells this generator from another, as JSON: it decides what is said."""
        ...
