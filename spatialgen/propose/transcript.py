"""What a model said, kept beside the dataset: a run that goes on does not ask it again.

``transcript.jsonl`` has one line per reply, in the order in which they came. A reply belongs to
the hash of all that decides it: the text, the pictures' content, the limit, the schema, and who
was asked. What failed is not kept, and is asked again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from spatialgen.errors import SpatialgenError
from spatialgen.propose.generator import Generator, Picture, Reply, Request

NAME = "transcript.jsonl"

#: A longer reply is cut: no list of questions takes more, and a broken server may send anything.
MAX_CHARS = 400_000


class Transcript:
    """Puts requests to a generator, and remembers. Use it as a context manager."""

    def __init__(self, path: Path, generator: Generator) -> None:
        self._path = path
        self._generator = generator
        self._who = _stable(generator.info())
        self._places: dict[str, int] = {}
        self._file: BinaryIO | None = None
        self.asked = 0
        self.remembered = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("r+b" if self._path.exists() else "w+b")
        self._read()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def replies(self, requests: Sequence[Request]) -> dict[str, Reply]:
        """Return the reply to every request by its id, asking only for those not known yet."""
        keys = {request.id: request_key(request, self._who) for request in requests}
        known = {id: self._recall(id, key) for id, key in keys.items() if key in self._places}
        self.remembered += len(known)
        open_ones = [request for request in requests if request.id not in known]
        self.asked += len(open_ones)
        said: dict[str, Reply] = {}
        for reply in self._generator.generate(open_ones) if open_ones else ():
            if reply.id not in keys or reply.id in said or reply.id in known:
                continue
            said[reply.id] = self._keep(keys[reply.id], reply)
        for request in open_ones:
            if request.id not in said:
                said[request.id] = Reply(request.id, None, "it gave no reply to this request")
        return {**known, **said}

    def _keep(self, key: str, reply: Reply) -> Reply:
        if reply.text is None:
            return reply
        cut = len(reply.text) > MAX_CHARS
        kept = Reply(reply.id, reply.text[:MAX_CHARS], None, reply.truncated or cut, reply.tokens)
        entry = {
            "key": key,
            "id": reply.id,
            "text": kept.text,
            "truncated": kept.truncated,
            "tokens": kept.tokens,
        }
        stream = self._stream()
        self._places[key] = stream.seek(0, 2)
        stream.write(json.dumps(entry).encode("ascii") + b"\n")
        stream.flush()
        return kept

    def _recall(self, id: str, key: str) -> Reply:
        stream = self._stream()
        stream.seek(self._places[key])
        entry = json.loads(stream.readline())
        return Reply(id, entry["text"], None, entry["truncated"], entry["tokens"])

    def _read(self) -> None:
        # Places only: the replies to thousands of scenes need not be held. A torn or foreign
        # line ends what can be trusted, and is written over.
        stream = self._stream()
        place = 0
        for line in iter(stream.readline, b""):
            key = _sound(line)
            if key is None:
                break
            self._places[key] = place
            place += len(line)
        stream.truncate(place)

    def _stream(self) -> BinaryIO:
        if self._file is None:
            raise SpatialgenError(f"{self._path}: the transcript is closed")
        return self._file


def request_key(request: Request, who: str) -> str:
    """Return a hash of all that decides the reply to a request."""
    parts = [
        ["picture", part.id] if isinstance(part, Picture) else ["text", part]
        for part in request.parts
    ]
    text = _stable([who, parts, request.max_tokens, request.schema])
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _stable(data: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=True)


def _sound(line: bytes) -> str | None:
    # The key of a whole line, else None.
    try:
        entry = json.loads(line)
        key, text, tokens = entry["key"], entry["text"], entry["tokens"]
        sound = isinstance(key, str) and isinstance(text, str) and line.endswith(b"\n")
        sound = sound and isinstance(entry["truncated"], bool)
        return key if sound and (tokens is None or isinstance(tokens, int)) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
