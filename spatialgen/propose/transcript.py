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

# A server that counts more tokens in a reply does not count.
_MOST_TOKENS = 10**9


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
        self._unanswered = 0

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

    def replies(self, requests: Sequence[Request], may_fail: bool = False) -> dict[str, Reply]:
        """Return the reply to every request by its id, asking only for those not known yet.

        Requests that differ in their id alone get one reply: a run that goes on could not
        tell two apart. Raises SpatialgenError where nothing is replied any more, unless the
        requests ``may_fail``: what comes of silence would be kept for good.
        """
        keys = {request.id: request_key(request, self._who) for request in requests}
        missing: dict[str, Request] = {}
        for request in requests:
            if keys[request.id] not in self._places:
                missing.setdefault(keys[request.id], request)
        self.asked += len(missing)
        self.remembered += len(requests) - len(missing)
        failed = self._ask(missing) if missing else {}
        if not may_fail:
            self._refuse_silence(len(set(keys.values())), failed)
        return {
            id: Reply(id, None, failed[key]) if key in failed else self._recall(id, key)
            for id, key in keys.items()
        }

    def _ask(self, missing: Mapping[str, Request]) -> dict[str, str]:
        """Keep the replies to requests; return, by its key, why a request has none."""
        keys = {request.id: key for key, request in missing.items()}
        failed = dict.fromkeys(missing, "it gave no reply to this request")
        for reply in self._generator.generate(list(missing.values())):
            key = keys.pop(reply.id, None)
            if key is None:
                continue
            if reply.text is None:
                failed[key] = reply.error or "no reason was given"
                continue
            del failed[key]
            self._keep(key, reply.text, reply)
        return failed

    def _refuse_silence(self, asked: int, failed: Mapping[str, str]) -> None:
        if not failed or len(failed) < asked:
            self._unanswered = 0
            return
        self._unanswered += len(failed)
        if self._unanswered > 1 or not self._places:
            raise SpatialgenError(
                f"the model replies no more ({next(iter(failed.values()))}); what it said is "
                "kept: mend this, and the same command goes on"
            )

    def _keep(self, key: str, text: str, reply: Reply) -> None:
        tokens = reply.tokens
        entry = {
            "key": key,
            "id": reply.id,
            "text": text[:MAX_CHARS],
            "truncated": reply.truncated or len(text) > MAX_CHARS,
            "tokens": tokens if tokens is None or 0 <= tokens <= _MOST_TOKENS else None,
        }
        stream = self._stream()
        self._places[key] = stream.seek(0, 2)
        stream.write(json.dumps(entry).encode("ascii") + b"\n")
        stream.flush()

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
