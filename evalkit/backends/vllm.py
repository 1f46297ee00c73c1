"""vLLM in this process, or one process per replica, for vLLM 0.32 and 0.33.

Prompts without video go through ``LLM.chat``. It can't carry the times of frames that are
already sampled, so prompts with a video go through ``LLM.generate`` with the text that the
checkpoint's own chat template makes: there each video is its frames together with their
positions and rate. Images and videos are named by the hash of their content, so the engine
processes each once. Prompts about the same media follow one another and, with replicas,
stay with one, so that the prefix cache serves all but the first; the official prompts put
the question last.

Letters are scored by a second request with one token and ``logprob_token_ids``, which reads
the prefix cache (``prompt_logprobs`` would switch that off). Continuations of several tokens
have no log-probability here.

The tests ask a stand-in with the same signatures. By hand, one engine of vLLM 0.32 built for
CPUs was asked about a tiny random Qwen3-VL: texts and images got the checkpoint's own answers
and log-probabilities, and videos reached the engine with the same tokens and times. Its answers
about videos were others than transformers', and why is not known. Not run: GPUs, replicas,
adapters, vLLM 0.33.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from evalkit.backends._base import Backend, Known, Settings, one_line
from evalkit.backends._batches import FAILURES, halving, likeness
from evalkit.backends._checkpoint import fingerprint, local_folder
from evalkit.backends._sharding import Engine, Replicas, shards
from evalkit.backends._vllm_prompts import messages, placeholders, rendered
from evalkit.errors import EvalkitError, UsageError
from evalkit.optional import require
from evalkit.prompt import Completion, Prompt, Video

_LOG = logging.getLogger("evalkit.vllm")

INSTALL = "vllm (in an environment of its own: it pins torch and transformers)"

#: The engine makes its own batches, so it is given so many times ``batch_size`` prompts.
_AT_ONCE = 16


class VllmEngine:
    """One engine and what it needs to be asked."""

    def __init__(self, settings: Settings) -> None:
        """Load the model; raises EvalkitError with one line where that fails."""
        vllm = require("vllm", INSTALL)
        self._vllm = vllm
        self._settings = settings
        adapter = _adapter(settings)
        options = engine_options(settings, adapter)
        try:
            self._llm = vllm.LLM(**options)
        except FAILURES as error:
            raise EvalkitError(f"vllm can't load {settings.model}: {one_line(error)}") from error
        self._lora = None
        if adapter is not None:
            lora = require("vllm.lora.request", INSTALL)
            self._lora = lora.LoRARequest("adapter", 1, str(adapter))
        self._tokenizer = self._llm.get_tokenizer()
        self._processor: Any = None
        self._source = options["model"]
        self._dead = require("vllm.v1.engine.exceptions", INSTALL).EngineDeadError
        self._said = False

    def answer(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """Return completions, prompts about the same media asked one after the other."""
        try:
            return list(halving(sorted(prompts, key=likeness), self._answer))
        except self._dead as error:
            raise EvalkitError(f"the vllm engine has died: {one_line(error)}") from error

    def _answer(self, prompts: Sequence[Prompt]) -> list[Completion]:
        asked = [(prompt, self._request(prompt)) for prompt in prompts]
        params = [self._greedy(prompt) for prompt in prompts]
        outputs = self._run([request for _, request in asked], params)
        scores = self._scores(asked)
        return [
            Completion(
                id=prompt.id,
                text=output.outputs[0].text,
                tokens=len(output.outputs[0].token_ids),
                prompt_tokens=len(output.prompt_token_ids or ()),
                truncated=output.outputs[0].finish_reason == "length",
                logprobs=scores.get(prompt.id),
            )
            for prompt, output in zip(prompts, outputs, strict=True)
        ]

    def _greedy(self, prompt: Prompt) -> Any:
        options: dict[str, Any] = {"temperature": 0.0, "max_tokens": prompt.max_new_tokens}
        if prompt.schema is not None:
            held = require("vllm.sampling_params", INSTALL).StructuredOutputsParams
            options["structured_outputs"] = held(json=dict(prompt.schema))
        return self._vllm.SamplingParams(**options)

    def _scores(self, asked: Sequence[tuple[Prompt, Any]]) -> dict[str, tuple[float, ...]]:
        """Return the log-probabilities of the continuations of one token each."""
        wanted = []
        for prompt, request in asked:
            tokens = [
                self._tokenizer.encode(text, add_special_tokens=False)
                for text in prompt.continuations
            ]
            if tokens and all(len(one) == 1 for one in tokens):
                wanted.append((prompt, request, [one[0] for one in tokens]))
            elif tokens and not self._said:
                self._said = True
                _LOG.warning("vllm gives no log-probabilities for options of several tokens")
        params = [
            self._vllm.SamplingParams(
                temperature=0.0, max_tokens=1, logprob_token_ids=list(dict.fromkeys(tokens))
            )
            for _, _, tokens in wanted
        ]
        outputs = self._run([request for _, request, _ in wanted], params)
        found = {}
        for (prompt, _, tokens), output in zip(wanted, outputs, strict=True):
            first = output.outputs[0].logprobs[0]
            found[prompt.id] = tuple(float(first[token].logprob) for token in tokens)
        return found

    def _run(self, requests: Sequence[Any], params: Sequence[Any]) -> list[Any]:
        """Return the outputs in the order of the requests, chats and rendered prompts mixed."""
        outputs: list[Any] = [None] * len(requests)
        for ask, kind in ((self._llm.chat, list), (self._llm.generate, dict)):
            places = [at for at, one in enumerate(requests) if isinstance(one, kind)]
            if places:
                made = ask(
                    [requests[at] for at in places],
                    sampling_params=[params[at] for at in places],
                    use_tqdm=False,
                    lora_request=self._lora,
                )
                for at, output in zip(places, made, strict=True):
                    outputs[at] = output
        return outputs

    def _request(self, prompt: Prompt) -> Any:
        """Return chat messages, or a rendered prompt where there is a video."""
        as_frames = self._settings.video_as == "frames"
        if as_frames or not any(isinstance(part, Video) for part in prompt.parts):
            return messages(prompt)
        if self._processor is None:
            auto = require("transformers", INSTALL).AutoProcessor
            revision = {"revision": self._settings.revision} if self._settings.revision else {}
            self._processor = auto.from_pretrained(self._source, **revision)
        text = self._processor.apply_chat_template(
            placeholders(prompt), tokenize=False, add_generation_prompt=True
        )
        return rendered(prompt, text)


def engine_options(settings: Settings, adapter: Path | None) -> dict[str, Any]:
    """Return the arguments that the engine is built with."""
    options: dict[str, Any] = {
        "model": settings.model,
        "dtype": settings.dtype,
        "seed": settings.seed,
        "tensor_parallel_size": settings.tensor_parallel,
        "limit_mm_per_prompt": {"image": settings.max_images, "video": 1},
        "enable_prefix_caching": True,
    }
    if settings.revision is not None:
        options["revision"] = settings.revision
    if adapter is not None:
        config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
        options["model"] = settings.base or config["base_model_name_or_path"]
        options |= {"enable_lora": True, "max_lora_rank": max(8, int(config.get("r", 8)))}
    return options


def _adapter(settings: Settings) -> Path | None:
    folder = local_folder(settings.model or "")
    return folder if folder is not None and (folder / "adapter_config.json").is_file() else None


class VllmSession:
    """One engine here, or several in processes."""

    def __init__(self, settings: Settings) -> None:
        """Load the model, in every replica; raises EvalkitError where that fails."""
        if settings.model is None:
            raise UsageError("the vllm backend needs --model: a folder or a name on the Hub")
        self._version = require("vllm", INSTALL).__version__
        folder = local_folder(settings.model)
        self._fingerprint = fingerprint(folder) if folder is not None else None
        self._settings = settings
        self._engine: Engine | None = None
        self._replicas: Replicas | None = None
        if settings.replicas == 1:
            self._engine = VllmEngine(settings)
        else:
            self._replicas = Replicas(VllmEngine, settings)

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Completion]:
        """Yield completions as batches are done."""
        settings = self._settings
        batches = shards(prompts, settings.replicas, _AT_ONCE * settings.batch_size)
        if self._replicas is not None:
            yield from self._replicas.answer(batches)
        elif self._engine is not None:
            for _, batch in batches:
                yield from self._engine.answer(batch)

    def info(self) -> dict[str, Any]:
        """Return the model, its fingerprint or revision, and vLLM's version."""
        settings = self._settings
        return {
            "backend": "vllm",
            "model": settings.model,
            "revision": settings.revision,
            "fingerprint": self._fingerprint,
            "dtype": settings.dtype,
            "video_as": settings.video_as or "video",
            "replicas": settings.replicas,
            "tensor_parallel": settings.tensor_parallel,
            "vllm": self._version,
        }

    def close(self) -> None:
        """End the processes and let go of the engine."""
        self._engine = None
        if self._replicas is not None:
            self._replicas.close()


def _start(settings: Settings, _known: Sequence[Known]) -> VllmSession:
    return VllmSession(settings)


BACKEND = Backend("vLLM on this machine's GPUs, offline", _start)
