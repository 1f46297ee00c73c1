"""Any server that speaks OpenAI's chat protocol: vllm serve, transformers serve, hosted ones.

Requests run side by side, a bounded number at a time. What may pass is tried again: full
queues for as long as the server asks, within the prompt's deadline; broken replies and
server errors a few times. The rest becomes a completion with a reason. Where no reply comes
at all any more the run stops, because asking on would only fill it with failures.

The key comes from EVALKIT_API_KEY or OPENAI_API_KEY and appears in no message.

Log-probabilities are had only for continuations of one token that is among the server's
first 20; where they are missing this is said once, in the log.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from evalkit.backends import _chat, _replies
from evalkit.backends._base import Backend, Known, Settings, one_line
from evalkit.backends._http import Client
from evalkit.backends._replies import Again, Answer, Refused
from evalkit.backends._workers import spread
from evalkit.errors import EvalkitError, UsageError
from evalkit.prompt import Completion, Prompt
from evalkit.rng import generator

_LOG = logging.getLogger("evalkit.openai")

#: So often a prompt is asked whose replies are broken or errors of the server.
_TRIES = 6

#: The first wait between two tries and the longest, in seconds.
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0


class OpenaiSession:
    """A server that answers prompts."""

    def __init__(self, settings: Settings) -> None:
        """Look whether the server is there and which model it has.

        Raises EvalkitError where it is not there or refuses the key.
        """
        self._settings = settings
        self._client = Client(settings.base_url, settings.timeout_s, settings.concurrency)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._silences = 0
        self._said: set[str] = set()
        self._limit = "max_tokens"
        self._asks_logprobs = True
        self._asks_schema = True
        try:
            self._model = self._find_model()
        except BaseException:
            self._client.close()
            raise

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Completion]:
        """Yield completions as replies come in."""
        self._stop = threading.Event()
        yield from spread(self._complete, prompts, self._settings.concurrency, self._stop)

    def info(self) -> dict[str, Any]:
        """Return the server's address and model, and how media were sent."""
        return {
            "backend": "openai",
            "model": self._model,
            "base_url": self._client.address,
            "video_as": self._settings.video_as or "frames",
            "media": self._settings.media,
        }

    def close(self) -> None:
        """Stop trying and close the connections."""
        self._stop.set()
        self._client.close()

    def _find_model(self) -> str:
        try:
            status, headers, content = self._client.models()
        except Again as problem:
            raise EvalkitError(
                f"no server answers at {self._client.address} ({problem}); "
                "start it, or correct --base-url"
            ) from None
        if status in (401, 403):
            self._check(401, headers, content)
        if self._settings.model is not None:
            return self._settings.model
        served = _replies.model_names(content) if status == 200 else []
        if len(served) != 1:
            listed = f" it has {', '.join(served)}" if served else ""
            raise UsageError(f"name the server's model with --model;{listed or ' it lists none'}")
        return served[0]

    def _complete(self, prompt: Prompt) -> Completion:
        """Ask until there is an answer or a reason to stop asking."""
        deadline = time.monotonic() + self._settings.deadline_s
        try:
            request = _chat.body(prompt, self._settings, self._model)
        except (OSError, ValueError) as error:
            return self._failed(prompt, error)
        tries = 0
        while True:
            try:
                answer = self._ask(prompt, request)
            except (Refused, ValueError) as problem:
                return self._failed(prompt, problem)
            except Again as problem:
                tries += 1
                pause = max(problem.wait_s, self._backoff_s(prompt, tries))
                late = time.monotonic() + pause > deadline
                if late or (tries >= _TRIES and not problem.patient):
                    self._note_silence(problem)
                    return self._failed(prompt, f"{problem} (tried {tries} times)")
                if self._stop.wait(pause):
                    return self._failed(prompt, "the run was stopped")
            else:
                self._silences = 0
                return self._completion(prompt, answer)

    def _ask(self, prompt: Prompt, request: dict[str, Any]) -> Answer:
        limit = self._limit
        scored = bool(prompt.continuations) and self._asks_logprobs
        options: dict[str, Any] = {limit: prompt.max_new_tokens}
        if scored:
            options |= {"logprobs": True, "top_logprobs": _chat.TOP_LOGPROBS}
        held = prompt.schema if self._asks_schema else None
        if held is not None:
            options |= _chat.held_to(held)
        status, headers, content = self._client.ask({**request, **options})
        if status == 400 and limit == "max_tokens" and b"max_completion_tokens" in content:
            self._limit = "max_completion_tokens"
            return self._ask(prompt, request)
        if status in (400, 422) and scored and b"logprobs" in content:
            self._asks_logprobs = False
            return self._ask(prompt, request)
        if status in (400, 422) and held is not None and _chat.speaks_of_schema(content):
            self._asks_schema = False
            self._say_once("the server holds no answer to a JSON schema; answers come as they are")
            return self._ask(prompt, request)
        self._check(status, headers, content)
        return _replies.read_answer(content)

    def _check(self, status: int, headers: Any, content: bytes) -> None:
        """Raise what a status means, without the key in the words."""
        try:
            _replies.check_status(status, headers, content, datetime.now(UTC))
        except EvalkitError as error:
            raise EvalkitError(self._client.scrub(str(error))) from None

    def _completion(self, prompt: Prompt, answer: Answer) -> Completion:
        logprobs = _replies.chosen(answer.top, prompt.continuations)
        if not prompt.continuations:
            logprobs = None
        elif answer.top is None:
            self._say_once("the server gives no log-probabilities; scores that need them are left")
        elif logprobs is None:
            self._say_once("an option is not among the 20 likeliest tokens; it has no probability")
        return Completion(
            id=prompt.id,
            text=self._client.scrub(answer.text),
            tokens=answer.tokens,
            prompt_tokens=answer.prompt_tokens,
            truncated=answer.truncated,
            logprobs=logprobs,
        )

    def _failed(self, prompt: Prompt, problem: object) -> Completion:
        return Completion(
            id=prompt.id, text=None, error=self._client.scrub(one_line(problem, limit=400))
        )

    def _note_silence(self, problem: Again) -> None:
        """Count prompts in a row that got no reply; raises EvalkitError when they are many.

        One is enough that found no server until its deadline: the others will not either.
        """
        with self._lock:
            self._silences = self._silences + 1 if problem.silent else 0
            gone = self._silences >= self._settings.concurrency
        gone = gone or (problem.silent and problem.patient)
        if gone:
            raise EvalkitError(
                f"the server at {self._client.address} has stopped answering "
                f"({self._client.scrub(str(problem))}); start it and give the same command again"
            )

    def _backoff_s(self, prompt: Prompt, tries: int) -> float:
        """Return a wait that doubles with every try, shortened by up to half by chance."""
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (tries - 1))
        chance = generator(self._settings.seed, "retry", prompt.id, tries)
        return float(longest * (1.0 - 0.5 * chance.random()))

    def _say_once(self, text: str) -> None:
        with self._lock:
            if text in self._said:
                return
            self._said.add(text)
        _LOG.warning(text)


def _start(settings: Settings, _known: Sequence[Known]) -> OpenaiSession:
    return OpenaiSession(settings)


BACKEND = Backend("a server that speaks OpenAI's chat protocol", _start)
