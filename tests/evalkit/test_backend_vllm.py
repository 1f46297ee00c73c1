"""The vllm backend against a stand-in with the signatures of vLLM's own classes.

The stand-in was written from vLLM's source (LLM, SamplingParams, the content parts of
messages); it refuses arguments that the real ones do not have.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

np = pytest.importorskip("numpy")
Picture = pytest.importorskip("PIL.Image", reason="pillow is not installed")

from evalkit.backends import Settings, load  # noqa: E402
from evalkit.backends._sharding import Placement, Replicas, devices, shards  # noqa: E402
from evalkit.backends._vllm_prompts import messages, placeholders, rendered  # noqa: E402
from evalkit.errors import EvalkitError, UsageError  # noqa: E402
from evalkit.prompt import Completion, Image, Prompt, Text, Video  # noqa: E402


@dataclass
class StructuredOutputsParams:
    json: str | dict[str, Any] | None = None


@dataclass
class SamplingParams:
    temperature: float = 1.0
    max_tokens: int | None = 16
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    logprob_token_ids: list[int] | None = None
    structured_outputs: "StructuredOutputsParams | None" = None

    def __post_init__(self) -> None:
        assert self.logprob_token_ids is None or len(self.logprob_token_ids) <= 128


@dataclass
class LLM:
    """Answers with the text of a prompt; log-probability of token n is -n."""

    model: str
    dtype: str = "auto"
    seed: int | None = None
    revision: str | None = None
    tensor_parallel_size: int = 1
    limit_mm_per_prompt: dict[str, int] | None = None
    enable_prefix_caching: bool | None = None
    enable_lora: bool = False
    max_lora_rank: int = 16
    calls: list[tuple[str, int]] = field(default_factory=list)

    def get_tokenizer(self) -> Any:
        return SimpleNamespace(encode=lambda text, add_special_tokens: [*text.encode()])

    def chat(
        self,
        messages: Sequence[list[dict[str, Any]]],
        sampling_params: Sequence[SamplingParams],
        use_tqdm: bool = True,
        lora_request: Any = None,
        chat_template: str | None = None,
    ) -> list[Any]:
        texts = []
        for conversation in messages:
            parts = conversation[-1]["content"]
            assert all(part["type"] in ("text", "image_pil") for part in parts)
            texts.append("".join(part.get("text", "<image>") for part in parts))
        return self._outputs("chat", texts, sampling_params)

    def generate(
        self,
        prompts: Sequence[dict[str, Any]],
        sampling_params: Sequence[SamplingParams],
        *,
        use_tqdm: bool = True,
        lora_request: Any = None,
        priority: list[int] | None = None,
    ) -> list[Any]:
        known = {"prompt", "multi_modal_data", "multi_modal_uuids", "mm_processor_kwargs"}
        assert all(set(one) <= known for one in prompts)
        return self._outputs("generate", [one["prompt"] for one in prompts], sampling_params)

    def _outputs(
        self, kind: str, texts: Sequence[str], params: Sequence[SamplingParams]
    ) -> list[Any]:
        assert len(texts) == len(params)
        self.calls.append((kind, len(texts)))
        if any("too long" in text for text in texts):
            raise ValueError("the prompt is longer than the model's context")
        return [self._output(text, one) for text, one in zip(texts, params, strict=True)]

    def _output(self, text: str, params: SamplingParams) -> Any:
        assert params.temperature == 0.0
        if params.structured_outputs is not None:
            text = f"{text} held to {params.structured_outputs.json}"
        ids = params.logprob_token_ids
        scores = {token: SimpleNamespace(logprob=-float(token)) for token in ids or ()}
        one = SimpleNamespace(
            text=text,
            token_ids=[1, 2],
            finish_reason="length" if params.max_tokens == 1 else "stop",
            logprobs=[scores] if ids else None,
        )
        return SimpleNamespace(outputs=[one], prompt_token_ids=[5, 6, 7])


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[LLM]:
    """Put the stand-in in place of vllm; returns the engines that are built."""
    built: list[LLM] = []

    def build(**options: Any) -> LLM:
        built.append(LLM(**options))
        return built[-1]

    class EngineDeadError(Exception):
        pass

    stand_in = ModuleType("vllm")
    vars(stand_in).update(LLM=build, SamplingParams=SamplingParams, __version__="0.32.0")
    errors = ModuleType("vllm.v1.engine.exceptions")
    vars(errors).update(EngineDeadError=EngineDeadError)
    template = SimpleNamespace(
        apply_chat_template=lambda messages, **_: "|".join(
            part.get("text", f"<{part['type']}>") for part in messages[-1]["content"]
        )
    )
    hub = ModuleType("transformers")
    auto = SimpleNamespace(from_pretrained=lambda *_, **__: template)
    vars(hub).update(AutoProcessor=auto)
    sampling = ModuleType("vllm.sampling_params")
    vars(sampling).update(StructuredOutputsParams=StructuredOutputsParams)
    monkeypatch.setitem(sys.modules, "vllm.sampling_params", sampling)
    monkeypatch.setitem(sys.modules, "vllm", stand_in)
    monkeypatch.setitem(sys.modules, "vllm.v1.engine.exceptions", errors)
    monkeypatch.setitem(sys.modules, "transformers", hub)
    return built


@pytest.fixture
def frames(tmp_path: Path) -> tuple[Path, ...]:
    paths = tuple(tmp_path / f"{number}.png" for number in range(3))
    for number, path in enumerate(paths):
        Picture.new("RGB", (4, 2), (number, 0, 0)).save(path)
    return paths


def video(name: str, frames: tuple[Path, ...]) -> Video:
    return Video(name, frames, (0, 15, 29), 30.0, 30)


def ask(settings: Settings, prompts: list[Prompt]) -> dict[str, Completion]:
    with load("vllm").open(settings) as session:
        return {one.id: one for one in session.generate(prompts)}


def test_answers_and_letters(engines: list[LLM], frames: tuple[Path, ...]) -> None:
    prompts = [
        Prompt("text", (Text("why?"),), 8, ("A", "B")),
        Prompt("image", (Image("i", frames[0]), Text("what?")), 8),
        Prompt("video", (video("v", frames), Text("where?")), 1, ("B", "A", "B")),
        Prompt("words", (Text("who?"),), 8, ("AB",)),
    ]
    done = ask(Settings(model="ann/model", seed=3, max_images=5), prompts)
    assert done["text"] == Completion(
        "text", "why?", tokens=2, prompt_tokens=3, logprobs=(-65.0, -66.0)
    )
    assert done["image"].text == "<image>what?"
    assert done["video"].text == "<video>|where?"
    assert done["video"].logprobs == (-66.0, -65.0, -66.0)
    assert done["video"].truncated
    assert done["words"].logprobs is None
    (engine,) = engines
    assert engine.limit_mm_per_prompt == {"image": 5, "video": 1}
    assert engine.enable_prefix_caching
    assert sorted(engine.calls) == [("chat", 1), ("chat", 3), ("generate", 1), ("generate", 1)]


def test_an_answer_is_held_to_its_schema(engines: list[LLM]) -> None:
    held = Prompt("held", (Text("why?"),), 8, schema={"type": "object"})
    done = ask(Settings(model="ann/model"), [held, Prompt("free", (Text("why?"),), 8)])
    assert done["held"].text == "why? held to {'type': 'object'}"
    assert done["free"].text == "why?"


def test_one_prompt_that_fails_costs_no_other(engines: list[LLM], tmp_path: Path) -> None:
    prompts = [Prompt(f"q{n}", (Text(f"why {n}?"),), 8) for n in range(7)]
    prompts.insert(3, Prompt("long", (Text("too long"),), 8))
    prompts.append(Prompt("gone", (Image("i", tmp_path / "gone.jpg"), Text("what?")), 8))
    done = ask(Settings(model="ann/model"), prompts)
    assert done["long"].error == "the prompt is longer than the model's context"
    assert "gone.jpg" in (done["gone"].error or "")
    assert [done[f"q{n}"].text for n in range(7)] == [f"why {n}?" for n in range(7)]


def test_an_adapter_is_laid_over_its_base(
    engines: list[LLM], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": "b/m", "r": 32}')
    lora = ModuleType("vllm.lora.request")
    vars(lora).update(LoRARequest=lambda name, number, path: (name, number, path))
    monkeypatch.setitem(sys.modules, "vllm.lora.request", lora)
    ask(Settings(model=str(tmp_path)), [Prompt("q", (Text("why?"),), 8)])
    assert (engines[0].model, engines[0].enable_lora, engines[0].max_lora_rank) == ("b/m", True, 32)


def test_messages_name_their_media(frames: tuple[Path, ...]) -> None:
    one = Prompt("p", (Image("i", frames[0]), video("v", frames[:2]), Text("?")), 8, system="be")
    system, user = messages(one)
    assert system == {"role": "system", "content": "be"}
    assert [part.get("uuid") for part in user["content"]] == ["i", "v/0", "v/1", None]
    assert user["content"][0]["image_pil"].size == (4, 2)
    kinds = [part["type"] for part in placeholders(one)[1]["content"]]
    assert kinds == ["image", "video", "text"]


def test_a_video_carries_its_times(frames: tuple[Path, ...]) -> None:
    request = rendered(Prompt("p", (video("v", frames), Text("?")), 8), "text")
    ((array, description),) = request["multi_modal_data"]["video"]
    assert array.shape == (3, 2, 4, 3)
    assert array[:, 0, 0, 0].tolist() == [0, 1, 2]
    assert description == {
        "total_num_frames": 30,
        "fps": 30.0,
        "duration": 1.0,
        "video_backend": "evalkit",
        "frames_indices": [0, 15, 29],
        "do_sample_frames": False,
    }
    assert request["multi_modal_uuids"] == {"video": ["v"]}


def about(media: str, name: str) -> Prompt:
    return Prompt(name, (Image(media, Path("x")), Text("?")), 8)


def test_a_video_stays_with_one_replica_and_loads_are_even() -> None:
    prompts = [about(f"v{n // 10}", f"q{n}") for n in range(200)]
    placement = Placement(3)
    places = [placement.of(one) for one in prompts]
    assert all(len(set(places[start : start + 10])) == 1 for start in range(0, 200, 10))
    assert max(map(places.count, range(3))) - min(map(places.count, range(3))) <= 10


def test_shards_hold_every_prompt_once() -> None:
    prompts = [about(f"v{n % 7}", f"q{n}") for n in range(100)]
    batches = list(shards(prompts, 3, 8))
    assert max(len(batch) for _, batch in batches) == 8
    assert sorted(one.id for _, batch in batches for one in batch) == sorted(
        one.id for one in prompts
    )


@pytest.mark.parametrize(
    ("number", "each", "visible", "expected"),
    [
        pytest.param(0, 1, None, "0", id="first"),
        pytest.param(2, 2, None, "4,5", id="pairs"),
        pytest.param(1, 2, "7,6,5,4", "5,4", id="chosen"),
        pytest.param(1, 1, "GPU-a,GPU-b", "GPU-b", id="names"),
    ],
)
def test_devices(number: int, each: int, visible: str | None, expected: str) -> None:
    assert devices(number, each, visible) == expected


def test_too_few_devices() -> None:
    with pytest.raises(EvalkitError, match="4 GPUs are needed for the replicas and 3 are visible"):
        devices(1, 2, "0,1,2")


class Echo:
    """An engine that says which GPUs it has."""

    def __init__(self, settings: Settings) -> None:
        if settings.model == "broken":
            raise EvalkitError("broken can't be loaded")

    def answer(self, prompts: Sequence[Prompt]) -> list[Completion]:
        import os

        if prompts[0].id == "die":
            os._exit(9)
        if prompts[0].id == "raise":
            raise ZeroDivisionError("by zero")
        place = os.environ["CUDA_VISIBLE_DEVICES"]
        return [Completion(one.id, place) for one in prompts]


def test_replicas_answer_in_processes_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("evalkit.backends._sharding._LOOK_S", 0.5)
    copies = Replicas(Echo, Settings(model="m", replicas=2, tensor_parallel=2))
    try:
        prompts = [about(f"v{n // 5}", f"q{n}") for n in range(60)]
        done = {one.id: one.text for one in copies.answer(shards(prompts, 2, 4))}
        assert len(done) == 60
        assert set(done.values()) == {"0,1", "2,3"}
        assert all(len({done[f"q{n + k}"] for k in range(5)}) == 1 for n in range(0, 60, 5))
        with pytest.raises(EvalkitError, match="replica 1 of the model ended with status 9"):
            list(copies.answer([(1, [about("v", "die")])]))
    finally:
        copies.close()


def test_a_replica_that_fails_says_why() -> None:
    copies = Replicas(Echo, Settings(model="m"))
    try:
        with pytest.raises(EvalkitError, match="replica 0: ZeroDivisionError: by zero"):
            list(copies.answer([(0, [about("v", "raise")])]))
    finally:
        copies.close()


def test_a_replica_that_does_not_load_says_why() -> None:
    with pytest.raises(EvalkitError, match="broken can't be loaded"):
        Replicas(Echo, Settings(model="broken", replicas=2))


def test_a_model_must_be_named(engines: list[LLM]) -> None:
    with pytest.raises(UsageError, match="needs --model"):
        load("vllm").start(Settings(), ())
