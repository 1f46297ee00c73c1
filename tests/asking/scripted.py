"""A generator that follows a script: it knows what tests tell it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripted_model import kind_of, plain

from spatialgen.propose.generator import Reply, Request


def text_of(request: Request) -> str:
    """Return all text of a request."""
    return "".join(part for part in request.parts if isinstance(part, str))


@dataclass
class Scripted:
    """Answers every request with what ``script`` makes of its text; None fails it."""

    script: Callable[[str], str | None] = plain
    requests: list[Request] = field(default_factory=list)
    dies_after: int | None = None

    def generate(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            if self.dies_after is not None and len(self.requests) >= self.dies_after:
                raise KeyboardInterrupt
            self.requests.append(request)
            said = self.script(text_of(request))
            error = "the script has no answer" if said is None else None
            yield Reply(request.id, said, error, tokens=None if said is None else len(said.split()))

    def info(self) -> Mapping[str, Any]:
        return {"backend": "scripted", "model": "script"}

    def of(self, kind: str) -> list[Request]:
        """Return the requests of one kind, in order."""
        return [each for each in self.requests if kind_of(text_of(each)) == kind]
