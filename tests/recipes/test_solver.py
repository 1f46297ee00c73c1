"""Training a round: confidences, resuming, and what can go wrong."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

from evalkit.backends import _torchvision
from evalkit.media.video import Sampling
from recipes import asking, solver, trainer
from recipes.encoding import KEPT_BYTES, Asked, Encoder
from recipes.errors import ConfigError, RecipeError
from recipes.settings import Lora, SolverSettings
from recipes.solver import Job, train
from tests.recipes.small_round import quick, read

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    from tests.recipes.small_round import make_round

    return make_round(tmp_path_factory.mktemp("round"))


@pytest.fixture(scope="module")
def whole(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The round trained without a stop."""
    folder = tmp_path_factory.mktemp("whole")
    train(job, folder)
    return folder


def changed(job: Job, **fields: Any) -> Job:
    return job.model_copy(update=fields)


def weights(checkpoint: Path) -> bytes:
    return (checkpoint / "model.safetensors").read_bytes()


def optimizer(checkpoint: Path) -> Any:
    found = torch.load(checkpoint / "optimizer.pt", weights_only=True)
    return [
        {name: value.tolist() for name, value in state.items()}
        for _, state in sorted(found["state"].items())
    ]


def encoder_of(job: Job, model: Any = None, together: int = 1) -> Encoder:
    from transformers import AutoProcessor

    _torchvision.ensure()
    places = None if model is None else solver.positions_of(model)
    return Encoder(AutoProcessor.from_pretrained(job.model), places, together=together)


def encoded(
    job: Job, row: asking.Row, answers: asking.Answers = "letter", encoder: Encoder | None = None
) -> Asked:
    rows = read(job.questions)
    benchmark = asking.benchmark_of(answers)
    prompt = asking.prompts(benchmark, rows, job.media, job.cache, Sampling(4), answers)
    return (encoder or encoder_of(job)).encode(prompt(row), asking.answer_of(row, answers))


def whole_text(encoder: Encoder, found: Asked) -> str:
    text: str = encoder._processor.tokenizer.decode(
        [*found.shown.tokens.tolist(), *found.tokens.tolist()]
    )
    return text


def test_only_the_answer_and_its_end_are_learned(job: Job) -> None:
    encoder = encoder_of(job)
    for row in read(job.questions)[:5]:
        found = encoded(job, row, encoder=encoder)
        said = encoder._processor.tokenizer.decode(found.tokens[-found.answer :])
        assert said == f"{row['ground_truth']}<|im_end|>"
        assert whole_text(encoder, found).endswith(f"<|im_start|>assistant\n{said}")
        batch = encoder.collate([found])
        assert batch["learned"][:, 2].tolist() == found.tokens[-found.answer :].tolist()


def test_words_are_encoded_as_the_processor_does_it(job: Job) -> None:
    encoder = encoder_of(job)
    for row in read(job.questions)[:5]:
        found = encoded(job, row, encoder=encoder)
        rows = read(job.questions)
        benchmark = asking.benchmark_of("letter")
        prompt = asking.prompts(benchmark, rows, job.media, job.cache, Sampling(4), "letter")(row)
        text, _ = encoder._text(prompt)
        media = encoder._media(prompt)
        whole = encoder._processor(text=[text], return_tensors="pt", **media)["input_ids"][0]
        ours = [*found.shown.tokens.tolist(), *found.tokens[: -found.answer].tolist()]
        assert ours == whole.tolist()


def test_frames_of_a_video_have_their_own_times(job: Job) -> None:
    row = next(each for each in read(job.questions) if each["frames"] is None)
    encoder = encoder_of(job)
    text = whole_text(encoder, encoded(job, row, encoder=encoder))
    # Four frames, one a second, joined in pairs: between 0 and 1, and between 2 and 3.
    assert "<0.5 seconds>" in text
    assert "<2.5 seconds>" in text


def test_text_answers_are_the_options_texts(job: Job) -> None:
    row = next(each for each in read(job.questions) if each["options"])
    encoder = encoder_of(job)
    text = whole_text(encoder, encoded(job, row, "text", encoder))
    assert "Options" not in text
    options = {option[0]: option[3:] for option in row["options"]}
    assert text.removesuffix("<|im_end|>").endswith(options[row["ground_truth"]])


def alone(job: Job, model: Any, encoder: Encoder, row: asking.Row) -> list[float]:
    """Return the log-probabilities of an answer's tokens, by the model's own way to be asked."""
    rows = read(job.questions)
    benchmark = asking.benchmark_of("letter")
    prompt = asking.prompts(benchmark, rows, job.media, job.cache, Sampling(4), "letter")(row)
    found = encoded(job, row, encoder=encoder)
    answer = found.tokens[-found.answer :]
    text, _ = encoder._text(prompt)
    said = encoder._processor.tokenizer.decode(answer)
    inputs = encoder._processor(text=[text + said], return_tensors="pt", **encoder._media(prompt))
    with torch.inference_mode():
        logits = model(**inputs).logits[0, -len(answer) - 1 : -1].double()
    steps: list[float] = torch.log_softmax(logits, 1)[range(len(answer)), answer].tolist()
    return steps


def test_questions_that_share_a_pass_are_answered_as_alone(job: Job) -> None:
    from transformers import AutoModelForImageTextToText

    model = AutoModelForImageTextToText.from_pretrained(job.model).eval()
    encoder = encoder_of(job, model, together=3)
    rows = read(job.questions)
    scene = rows[0]["scene_name"]
    same = [row for row in rows if row["scene_name"] == scene and row["frames"] is None][:4]
    other = next(row for row in rows if row["scene_name"] != scene)
    asked = [encoded(job, row, encoder=encoder) for row in (*same, other)]
    assert len(same) > 1
    batch = encoder.collate(asked)
    assert len(batch["input_ids"]) < len(asked)  # lines
    assert len(encoder_of(job, model).collate(asked)["input_ids"]) == len(asked)
    learned, numbers = batch.pop("learned"), batch.pop("rows")
    with torch.inference_mode():
        steps = trainer.answer_log_probs(model(**batch).logits, learned)
    for number, row in enumerate((*same, other)):
        expected = alone(job, model, encoder, row)
        assert steps[learned[:, 3] == number].tolist() == pytest.approx(expected, abs=1e-4)
    found = trainer.sums(steps, learned, numbers, count_end=False)
    assert found[:, 1].tolist() == [each.answer - 1 for each in asked]


def test_confidence_is_that_of_the_model_before_the_update(job: Job, whole: Path) -> None:
    from transformers import AutoModelForImageTextToText

    rows = {row["id"]: row for row in read(job.questions)}
    model = AutoModelForImageTextToText.from_pretrained(job.model).eval()
    encoder = encoder_of(job, model)
    for found in read(whole / "confidences.jsonl")[: job.batch]:
        steps = alone(job, model, encoder, rows[found["id"]])[:-1]  # without the end token
        product = torch.tensor(steps).double().exp().prod().item()
        assert found["step"] == 0
        assert found["confidence"] == pytest.approx(product ** (1 / len(steps)), rel=1e-4)


def test_every_question_has_one_row_of_its_first_visit(job: Job, whole: Path) -> None:
    rows = read(whole / "confidences.jsonl")
    assert [row["id"] for row in rows] == list(dict.fromkeys(job.visits))
    assert [row["step"] for row in rows] == [
        job.visits.index(row["id"]) // job.batch for row in rows
    ]
    assert len(rows) < len(job.visits)


@pytest.mark.parametrize("visits", [1, 13, 23], ids=lambda n: f"after {n} visits")
def test_a_round_that_was_stopped_ends_alike(
    job: Job, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visits: int
) -> None:
    add = trainer.Recorder.add
    left = [visits]

    def stop(self: trainer.Recorder, *visit: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        add(self, *visit)

    monkeypatch.setattr(trainer.Recorder, "add", stop)
    with pytest.raises(KeyboardInterrupt):
        train(job, tmp_path)
    monkeypatch.setattr(trainer.Recorder, "add", add)
    end = train(job, tmp_path)
    assert weights(end) == weights(whole / end.name)
    assert optimizer(end) == optimizer(whole / end.name)
    name = "confidences.jsonl"
    assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["checkpoint-6", name]


def test_optimizer_and_schedule_carry_over_rounds(job: Job, whole: Path, tmp_path: Path) -> None:
    again = changed(job, before=whole / "checkpoint-6", first=6)
    second = train(again, tmp_path / "second")
    long = changed(job, steps=12, visits=(*job.visits, *job.visits))
    assert weights(second) == weights(train(long, tmp_path / "long"))
    assert next(row["step"] for row in read(tmp_path / "second" / "confidences.jsonl")) == 6


def test_a_finished_round_is_not_trained_again(job: Job, whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "copy"))
    (folder / "confidences.jsonl").unlink()
    train(changed(job, model="nowhere at all"), folder)
    name = "confidences.jsonl"
    assert (folder / name).read_bytes() == (whole / name).read_bytes()


def test_a_loss_that_is_no_number_stops_in_one_line(job: Job, tmp_path: Path) -> None:
    wild = quick(learning_rate=1e30, warmup_steps=0, schedule="constant", save_steps=1)
    told = r"the loss is nan at step \d, so this run can't go on; start .*, in another out_dir"
    with pytest.raises(RecipeError, match=told) as stopped:
        train(changed(job, solver=wild), tmp_path)
    assert "\n" not in str(stopped.value)
    assert not (tmp_path / "confidences.jsonl").exists()


def test_weights_that_are_no_numbers_are_not_published(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ruin(optimizer: Any, *_: Any) -> None:
        optimizer.param_groups[0]["params"][0].data.view(-1)[0] = float("inf")

    begin = torch.optim.AdamW.__init__

    def hooked(self: Any, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **options)
        self.register_step_post_hook(ruin)

    monkeypatch.setattr(torch.optim.AdamW, "__init__", hooked)
    one = changed(job, steps=1, visits=job.visits[:4])
    with pytest.raises(RecipeError, match=r"step 1 left weights that are no finite numbers, so"):
        train(one, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_last_checkpoint(
    job: Job, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saved = torch.save, []

    def full(data: Any, file: Any, **options: Any) -> None:
        saved.append(str(file))
        if "checkpoint-4" in str(file):
            raise OSError(errno.ENOSPC, "No space left on device")
        save(data, file, **options)

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(RecipeError, match=r"step 4 can't be written .*No space left") as stopped:
        train(job, tmp_path)
    assert "\n" not in str(stopped.value)
    assert saved
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint-2"]
    monkeypatch.setattr(torch, "save", save)
    assert weights(train(job, tmp_path)) == weights(whole / "checkpoint-6")


def test_an_adapter_is_trained_alone_and_resumed(job: Job, tmp_path: Path) -> None:
    lora = quick(lora=Lora(rank=2, targets=("q_proj", "v_proj")))
    one = changed(job, solver=lora, steps=2, visits=job.visits[:8])
    first = train(one, tmp_path / "first")
    assert (first / "adapter_model.safetensors").exists()
    assert not (first / "model.safetensors").exists()
    two = changed(one, before=first, first=2)
    second = train(two, tmp_path / "second")
    long = train(changed(one, steps=4, visits=job.visits[:8] * 2), tmp_path / "long")
    name = "adapter_model.safetensors"
    assert (second / name).read_bytes() == (long / name).read_bytes()
    assert (second / name).read_bytes() != (first / name).read_bytes()


def test_frozen_parts_stay(job: Job, whole: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    frozen = changed(job, solver=quick(freeze=("visual",)), steps=2, visits=job.visits[:8])
    after = load_file(train(frozen, tmp_path) / "model.safetensors")
    before = load_file(Path(job.model) / "model.safetensors")
    same = {name: bool((before[name] == after[name]).all()) for name in before}
    assert all(kept for name, kept in same.items() if "visual" in name)
    assert not all(same.values())


def test_a_batch_that_does_not_divide_is_refused(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(RecipeError, match=r"batch of 4 can't be made of 2 .* each of 3 processes"):
        train(job, tmp_path)


def test_a_checkpoint_without_template_is_refused(job: Job, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(job.model, tmp_path / "bare"))
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(RecipeError, match=r"bare has no chat template: copy chat_template.jinja"):
        train(changed(job, model=str(bare)), tmp_path / "out")


def test_what_is_no_checkpoint_is_refused(job: Job, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"can't be loaded: .+"):
        train(changed(job, model=str(tmp_path)), tmp_path / "out")


#: What ``python -m recipes.solver`` does, and whether it leaves threads that could abort its end.
#: Plain descent, for Adam's steps are the same whatever the loss is divided by.
AS_MAIN = """
import functools, runpy, sys, torch
from evalkit.backends import _torchvision
_torchvision.ensure()
from transformers import TrainingArguments as Chosen
Chosen.__init__ = functools.partialmethod(Chosen.__init__, optim="sgd")
runpy.run_module("recipes.solver", run_name="__main__")
sys.exit("the group was left open" if torch.distributed.is_initialized() else 0)
"""


@pytest.mark.slow
def test_two_processes_train_as_one(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.numpy import load_file
    from transformers import TrainingArguments as Chosen

    plain = quick(learning_rate=0.01, schedule="constant", warmup_steps=0, clip=1e9, save_steps=3)
    # Two passes add up to a step on each process, and what they learn is not equally long.
    shared = changed(job, answers="text", steps=3, batch=8, visits=job.visits[:24], solver=plain)
    encoder = encoder_of(job)
    rows = {row["id"]: row for row in read(job.questions)}
    right = [asking.answer_of(rows[name], "text") for name in shared.visits]
    assert len({len(encoder._tokens(each)) for each in right}) > 1
    monkeypatch.setattr(Chosen, "__init__", partialmethod(Chosen.__init__, optim="sgd"))
    one = train(shared, tmp_path / "one")
    (tmp_path / solver.JOB).write_text(shared.model_dump_json(), encoding="utf-8")
    started = tmp_path / "started.py"
    started.write_text(AS_MAIN, encoding="utf-8")
    # The port is held for them: those who share it may listen, nobody else is given it.
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = str(held.getsockname()[1])
        launch = ["torch.distributed.run", "--nproc_per_node", "2", "--master_port", port]
        root = str(Path(__file__).parents[2])
        done = subprocess.run(
            [sys.executable, "-m", *launch, str(started), str(tmp_path)],
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": root},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    both, alone = (read(each / "confidences.jsonl") for each in (tmp_path, tmp_path / "one"))
    assert [row["id"] for row in both] == [row["id"] for row in alone]
    for row, other in zip(both, alone, strict=True):
        assert row["last"] == pytest.approx(other["last"], rel=1e-4)
    begun, first, second = (
        load_file(each / "model.safetensors")
        for each in (Path(job.model), one, tmp_path / one.name)
    )
    moved = max(float(abs(first[name] - begun[name]).max()) for name in begun)
    apart = max(float(abs(first[name] - second[name]).max()) for name in begun)
    assert moved > 1e-3
    assert apart < 1e-3 * moved


def test_a_round_is_trained_by_its_file_too(job: Job, whole: Path, tmp_path: Path) -> None:
    short = changed(job, steps=2, visits=job.visits[:8])
    (tmp_path / solver.JOB).write_text(short.model_dump_json(), encoding="utf-8")
    solver.main([str(tmp_path)])
    rows, alone = read(tmp_path / "confidences.jsonl"), read(whole / "confidences.jsonl")
    first = [(row["id"], row["step"], row["confidence"]) for row in alone]
    assert [(row["id"], row["step"], row["confidence"]) for row in rows] == first[: len(rows)]
    assert len(rows) == len(set(short.visits))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "missing or damaged: .*No such file", id="missing"),
        pytest.param("{", "missing or damaged: .*Invalid JSON", id="cut"),
        pytest.param("{}", "missing or damaged: .*Field required", id="of something else"),
    ],
)
def test_a_round_without_its_file_is_refused(
    tmp_path: Path, content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / solver.JOB).write_text(content, encoding="utf-8")
    with pytest.raises(RecipeError, match=told):
        solver.main([str(tmp_path)])


def test_the_folder_has_to_be_named() -> None:
    with pytest.raises(ConfigError, match=r"python -m recipes\.solver ROUND_DIR"):
        solver.main([])


def test_without_a_gpu_the_cpu_trains_in_any_precision(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transformers = pytest.importorskip("transformers")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    defaults = changed(job, solver=SolverSettings())
    assert solver.arguments(transformers, defaults, tmp_path).use_cpu


@pytest.mark.parametrize(("loaders", "most"), [(0, KEPT_BYTES), (2, 0)])
def test_loaders_keep_no_pictures_each(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaders: int, most: int
) -> None:
    kept = []

    def stop(_: Job, encoder: Encoder, done: int) -> None:
        kept.append(encoder._kept._most)
        raise RecipeError(f"stopped at {done}")

    monkeypatch.setattr(solver, "visits_of", stop)
    with pytest.raises(RecipeError, match="stopped at 0"):
        train(changed(job, solver=quick(loaders=loaders)), tmp_path)
    assert kept == [most]


def test_adapters_for_nothing_are_refused(job: Job, tmp_path: Path) -> None:
    nowhere = changed(job, solver=quick(lora=Lora(targets=("nope",))))
    with pytest.raises(RecipeError, match=r"takes no such adapters: "):
        train(nowhere, tmp_path)
