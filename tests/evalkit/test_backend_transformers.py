"""The transformers backend on a tiny Qwen3-VL that is made on the spot, and on what is none."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")
pytest.importorskip("PIL", reason="pillow is not installed")

import model_server
import numpy as np
import tiny_checkpoint
from PIL import Image as Picture

from evalkit.backends import Settings, load
from evalkit.backends.transformers import TransformersSession
from evalkit.errors import EvalkitError, UsageError
from evalkit.prompt import Completion, Image, Prompt, Text, Video

# The libraries warn about their own future; that is not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

LETTERS = ("A", "B", "C", "D")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint.build(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    chance = np.random.Generator(np.random.PCG64(0))
    paths = []
    for number in range(12):
        height, width = 32 + 8 * (number % 3), 32 + 8 * (number % 4)
        pixels = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
        paths.append(folder / f"{number}.png")
        Picture.fromarray(pixels).save(paths[-1])
    return paths


def video(name: str, folder: list[Path], count: int = 4) -> Video:
    same_size = (folder * 4)[0 : 12 * count : 12]
    frames = tuple(same_size)
    return Video(name, frames, tuple(range(5, 5 + 45 * count, 45)), 30.0, 400)


@pytest.fixture(scope="module")
def prompts(pictures: list[Path]) -> list[Prompt]:
    """Prompts of all kinds and lengths: images, several images, videos, text alone."""
    found = []
    for n in range(6):
        image = Image(f"i{n}", pictures[n])
        found.append(Prompt(f"image{n}", (image, Text("What is this" + "?" * n)), 6, LETTERS))
        two = (Image("i0", pictures[0]), Text(" or "), image, Text("it" * n))
        found.append(Prompt(f"images{n}", two, 6, ("AB", "A")))
        moving = Video(
            f"v{n % 2}",
            tuple(pictures[n % 2 :: 12][:1] * (3 + n % 2)),
            tuple(range(0, 30 * (3 + n % 2), 30)),
            30.0,
            200,
        )
        found.append(Prompt(f"video{n}", (moving, Text("How many" + " x" * n)), 6, LETTERS))
        found.append(Prompt(f"text{n}", (Text("Hello" * (n + 1)),), 6, system="Be brief."))
    return found


def ask(model: Path, prompts: list[Prompt], **fields: Any) -> dict[str, Completion]:
    with load("transformers").open(Settings(model=str(model), **fields)) as session:
        done = list(session.generate(prompts))
    assert len(done) == len(prompts)
    return {one.id: one for one in done}


def test_a_batch_answers_like_one_by_one(checkpoint: Path, prompts: list[Prompt]) -> None:
    alone = ask(checkpoint, prompts, batch_size=1)
    together = ask(checkpoint, prompts, batch_size=8)
    assert all(one.error is None for one in alone.values())
    for name, one in alone.items():
        other = together[name]
        assert (one.text, one.tokens, one.prompt_tokens) == (
            other.text,
            other.tokens,
            other.prompt_tokens,
        ), name
        assert other.logprobs == pytest.approx(one.logprobs, abs=1e-4), name


def test_answers_depend_on_what_is_shown(checkpoint: Path, pictures: list[Path]) -> None:
    def shown(part: Image | Video) -> tuple[float, ...]:
        prompt = Prompt("p", (part, Text("What?")), 4, LETTERS)
        return tuple(ask(checkpoint, [prompt])["p"].logprobs or ())

    frames = (pictures[0], pictures[0], pictures[1].with_name("0.png"), pictures[0])
    still = shown(Image("a", pictures[0]))
    assert still != pytest.approx(shown(Image("b", pictures[4])), abs=1e-3)
    early = shown(Video("c", frames, (0, 10, 20, 30), 30.0, 400))
    assert early != pytest.approx(shown(Video("d", frames, (0, 90, 180, 270), 30.0, 400)), abs=1e-4)


@pytest.mark.parametrize(
    ("indices", "fps", "times"),
    [
        pytest.param((0, 30, 60, 90), 30.0, ("0.5", "2.5"), id="one-a-second"),
        pytest.param((0, 10, 100, 300), 25.0, ("0.2", "8.0"), id="uneven"),
        pytest.param((0, 24, 48), 24.0, ("0.5", "2.0"), id="odd-number"),
        pytest.param((7, 7), 10.0, ("0.7",), id="one-frame-twice"),
        pytest.param((45,), 30.0, ("1.5",), id="one-frame"),
        pytest.param((90, 90, 3, 3), 30.0, ("3.0", "0.1"), id="backwards"),
    ],
)
def test_times_between_frames_are_those_of_the_file(
    checkpoint: Path,
    pictures: list[Path],
    indices: tuple[int, ...],
    fps: float,
    times: tuple[str, ...],
) -> None:
    moving = Video("v", (pictures[0],) * len(indices), indices, fps, 400)
    session = TransformersSession(Settings(model=str(checkpoint)))
    inputs = session.inputs([Prompt("p", (moving, Text("How many?")), 4)])
    text = session._processor.tokenizer.decode(inputs["input_ids"][0])
    assert (
        tuple(part.partition(" seconds>")[0] for part in text.split("<")[1:] if " seconds>" in part)
        == times
    )
    # The pairs of frames are at the mean of indices / fps.
    pairs = [*indices, indices[-1]] if len(indices) % 2 else list(indices)
    means = [(a + b) / 2 / fps for a, b in zip(pairs[::2], pairs[1::2], strict=True)]
    assert [f"{mean:.1f}" for mean in means] == list(times)


def test_frames_can_be_shown_as_images(checkpoint: Path, pictures: list[Path]) -> None:
    moving = Prompt("p", (video("v", pictures), Text("How many?")), 4, LETTERS)
    images = tuple(Image(str(path), path) for path in video("v", pictures).frames)
    still = Prompt("p", (*images, Text("How many?")), 4, LETTERS)
    as_images = ask(checkpoint, [moving], video_as="frames")["p"]
    assert as_images == ask(checkpoint, [still])["p"]
    assert as_images != ask(checkpoint, [moving])["p"]


def test_log_probabilities_are_those_of_the_model(checkpoint: Path, pictures: list[Path]) -> None:
    import torch

    session = TransformersSession(Settings(model=str(checkpoint)))
    parts = (Image("i", pictures[0]), video("v", pictures), Text("Which?"))
    options = ("A", "AB", "chair", "on the left")
    prompt = Prompt("p", parts, 4, options)
    (done,) = session.generate([prompt])
    tokenizer = session._processor.tokenizer
    lengths = []
    for option, logprob in zip(options, done.logprobs or (), strict=True):
        tokens = tokenizer.encode(option)
        lengths.append(len(tokens))
        inputs = dict(session.inputs([prompt]))
        expected = 0.0
        for token in tokens:
            with torch.inference_mode():
                logits = session._model(**inputs).logits[0, -1]
            expected += torch.log_softmax(logits, -1)[token].item()
            for name, value in (
                ("input_ids", token),
                ("attention_mask", 1),
                ("mm_token_type_ids", 0),
            ):
                inputs[name] = torch.cat([inputs[name], torch.tensor([[value]])], 1)
        assert logprob == pytest.approx(expected, abs=1e-4)
    assert lengths[0] == 1
    assert max(lengths) > 3


def test_decoding_is_greedy_whatever_the_checkpoint_says(
    checkpoint: Path, prompts: list[Prompt], tmp_path: Path
) -> None:
    heated = shutil.copytree(checkpoint, tmp_path / "heated")
    path = heated / "generation_config.json"
    config = json.loads(path.read_text())
    config |= {"do_sample": True, "temperature": 5.0, "repetition_penalty": 3.0, "max_length": 3}
    path.write_text(json.dumps(config))
    plain, hot = ask(checkpoint, prompts[:8]), ask(heated, prompts[:8])
    assert [one.text for one in plain.values()] == [one.text for one in hot.values()]


def test_the_end_is_told_from_the_limit(
    checkpoint: Path, prompts: list[Prompt], tmp_path: Path
) -> None:
    first = ask(checkpoint, prompts[:1])[prompts[0].id]
    assert (first.truncated, first.tokens) == (True, 6)
    session = TransformersSession(Settings(model=str(checkpoint)))
    inputs = session.inputs(prompts[:1])
    third = session._model.generate(**inputs, max_new_tokens=6)[0, inputs["input_ids"].shape[1] + 2]
    ending = shutil.copytree(checkpoint, tmp_path / "ending")
    path = ending / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"eos_token_id": [int(third)]}))
    done = ask(ending, prompts[:1])[prompts[0].id]
    assert not done.truncated
    assert done.tokens is not None
    assert done.tokens <= 2


def test_a_prompt_that_fails_costs_no_other(
    checkpoint: Path, prompts: list[Prompt], pictures: list[Path], tmp_path: Path
) -> None:
    empty, words = tmp_path / "empty.png", tmp_path / "words.png"
    empty.write_bytes(b"")
    words.write_text("no image")
    broken = [
        Prompt("gone", (Image("g", tmp_path / "gone.png"), Text("?")), 6),
        Prompt("empty", (Image("e", empty), Text("?")), 6),
        Prompt("words", (Image("w", words), Text("?")), 6),
        Prompt("token", (Text("What is <|image_pad|> here?"), Image("i", pictures[0])), 6),
        Prompt("none", (Image("i", pictures[0]), Text("?")), 6, ("A", "")),
    ]
    done = ask(checkpoint, [*prompts[:12], *broken], batch_size=8)
    assert [one.id for one in done.values() if one.error] == [
        one.id for one in done.values() if one.id in {prompt.id for prompt in broken}
    ]
    for name in ("gone", "empty", "words"):
        assert f"{name}.png: can't be read as an image" in (done[name].error or "")
    assert "continuation is empty" in (done["none"].error or "")
    whole = ask(checkpoint, prompts[:12], batch_size=8)
    assert all(done[name].text == one.text for name, one in whole.items())
    assert all("\n" not in (one.error or "") for one in done.values())


def test_a_batch_that_does_not_fit_is_halved(
    checkpoint: Path, prompts: list[Prompt], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    session = TransformersSession(Settings(model=str(checkpoint), batch_size=8))
    generate, sizes = session._model.generate, []

    def tight(**inputs: Any) -> Any:
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 2 or inputs["input_ids"].shape[1] > 100:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return generate(**inputs)

    monkeypatch.setattr(session._model, "generate", tight)
    texts = [one for one in prompts if one.id.startswith("text")]
    long = Prompt("long", (Text("x" * 200),), 6)
    done = {one.id: one for one in session.generate([*texts, long])}
    assert max(sizes) == 7
    assert done["long"].error == "out of memory on this prompt alone: CUDA out of memory"
    plain = ask(checkpoint, texts)
    assert all(done[one.id].text == plain[one.id].text for one in texts)


def test_info_says_what_ran(checkpoint: Path, tmp_path: Path) -> None:
    def info(folder: Path) -> dict[str, Any]:
        with load("transformers").open(Settings(model=str(folder))) as session:
            return json.loads(json.dumps(session.info()))  # type: ignore[no-any-return]

    plain = info(checkpoint)
    assert plain["dtype"] == "float32"
    assert plain["architecture"] == "Qwen3VLForConditionalGeneration"
    assert {"torch", "transformers", "device", "fingerprint"} <= set(plain)
    copied = shutil.copytree(checkpoint, tmp_path / "copy")
    assert info(copied)["fingerprint"] == plain["fingerprint"]
    tiny_checkpoint.build(tmp_path / "other", seed=1)
    assert info(tmp_path / "other")["fingerprint"] != plain["fingerprint"]


def test_an_adapter_changes_the_answers(
    checkpoint: Path, prompts: list[Prompt], tmp_path: Path
) -> None:
    pytest.importorskip("peft", reason="peft is not installed")
    adapter = tiny_checkpoint.build_adapter(tmp_path / "adapter", checkpoint)
    plain, adapted = ask(checkpoint, prompts), ask(adapter, prompts)
    assert all(one.error is None for one in adapted.values())
    assert plain["image0"].logprobs != pytest.approx(adapted["image0"].logprobs, abs=1e-3)
    moved = shutil.copytree(checkpoint, tmp_path / "moved")
    config = adapter / "adapter_config.json"
    content = json.loads(config.read_text()) | {"base_model_name_or_path": "/nowhere/base"}
    config.write_text(json.dumps(content))
    with pytest.raises(EvalkitError, match=r"base model is missing.*--base"):
        ask(adapter, prompts)
    again = ask(adapter, prompts[:2], base=str(moved))["image0"]
    assert again.text == adapted["image0"].text
    assert again.logprobs == pytest.approx(adapted["image0"].logprobs, abs=1e-4)


@pytest.fixture
def folder(checkpoint: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder that is no checkpoint, in the way that the test names."""
    kind = request.param
    place = tmp_path / kind
    if kind == "empty":
        place.mkdir()
    elif kind == "file":
        place.write_text("weights")
    elif kind == "text-only":
        tiny_checkpoint.build_text_only(place)
    elif kind != "missing":
        shutil.copytree(checkpoint, place)
        lost = {
            "no-processor": ("processor_config.json", "tokenizer.json", "tokenizer_config.json"),
            "no-image-processor": ("processor_config.json",),
            "no-template": ("chat_template.jinja",),
            "no-weights": ("model.safetensors",),
        }
        for name in lost.get(kind, ()):
            (place / name).unlink()
        if kind == "broken-weights":
            (place / "model.safetensors").write_bytes(b"\x00" * 100)
        if kind == "broken-config":
            (place / "config.json").write_text("{")
    return place


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        pytest.param("missing", "there is no such folder", id="missing"),
        pytest.param("file", "is a file; name the folder", id="file"),
        pytest.param("empty", "no config.json", id="empty"),
        pytest.param("text-only", "is a qwen3 checkpoint, which reads no images", id="text-only"),
        pytest.param("no-processor", "has no processor for images", id="no-processor"),
        pytest.param("no-image-processor", "has no processor for images", id="no-images"),
        pytest.param("no-template", "has no chat template", id="no-template"),
        pytest.param("no-weights", "can't be loaded", id="no-weights"),
        pytest.param("broken-weights", "can't be loaded", id="broken-weights"),
        pytest.param("broken-config", "can't be loaded", id="broken-config"),
    ],
    indirect=["folder"],
)
def test_what_is_no_checkpoint_is_told_in_a_line(folder: Path, message: str) -> None:
    with pytest.raises(EvalkitError, match=message) as caught:
        ask(folder, [])
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_name_that_the_hub_does_not_give_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        EvalkitError, match="ann/no-such-model is no folder here, and from"
    ) as caught:
        load("transformers").start(Settings(model="ann/no-such-model"), ())
    assert "\n" not in str(caught.value)


def test_a_model_must_be_named() -> None:
    with pytest.raises(UsageError, match="needs --model"):
        load("transformers").start(Settings(), ())


@pytest.fixture(scope="module")
def served(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with model_server.serving(checkpoint, tmp_path_factory.mktemp("serve") / "log") as address:
        yield address


def test_a_real_server_answers_like_the_model(
    served: str, checkpoint: Path, prompts: list[Prompt], caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(model=str(checkpoint), base_url=served, concurrency=4)
    with load("openai").open(settings) as session:
        remote = {one.id: one for one in session.generate(prompts)}
    local = ask(checkpoint, prompts, video_as="frames")
    assert all(one.error is None for one in remote.values())
    # The server leaves marks such as <|video_pad|> in a text, which random weights do write.
    assert {name: re.sub(r"<\|\w+\|>", "", one.text or "") for name, one in remote.items()} == {
        name: one.text for name, one in local.items()
    }
    for name, one in remote.items():
        assert (one.tokens, one.truncated) == (local[name].tokens, local[name].truncated)
        assert one.prompt_tokens == local[name].prompt_tokens
        assert one.logprobs is None
    assert caplog.text.count("gives no log-probabilities") == 1


def test_a_real_server_refuses_another_model(served: str, prompts: list[Prompt]) -> None:
    with load("openai").open(Settings(model="ann/other", base_url=served)) as session:
        (done,) = session.generate(prompts[:1])
    assert "the server refused: 400" in (done.error or "")
