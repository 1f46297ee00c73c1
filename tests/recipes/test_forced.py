"""Answers judged by passes are those that are generated."""

import gc
import shutil
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.backends import Settings
from evalkit.media.video import Sampling
from evalkit.prompt import Prompt
from recipes import asking, evaluate, forced
from recipes.errors import RecipeError
from recipes.forced import Forced
from recipes.solver import Job, train
from tests.recipes.small_round import make_round, quick, read

torch = pytest.importorskip("torch")
pytest.importorskip("accelerate")
numpy = pytest.importorskip("safetensors.numpy")

PROMPTS = asking.prompts


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return make_round(tmp_path_factory.mktemp("round"))


def to_their_ends(*arguments: Any) -> Callable[[asking.Row], Prompt]:
    """Return what makes prompts, whose options have the end token after them."""
    prompt = PROMPTS(*arguments)

    def ending(row: asking.Row) -> Prompt:
        made = prompt(row)
        return replace(made, continuations=tuple(f"{c}<|im_end|>" for c in made.continuations))

    return ending


@pytest.mark.parametrize("answers", ["letter", "text"])
def test_as_generated(
    job: Job, answers: evaluate.Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "prompts", to_their_ends)
    # Long enough that some answers are right and some are not.
    visits = [row["id"] for row in read(job.questions)] * 8
    longer = {"visits": tuple(visits[:96]), "steps": 24, "answers": answers}
    model = train(job.model_copy(update={**longer, "solver": quick(save_steps=24)}), tmp_path)
    rows = [row for row in read(job.questions) if row["options"] or answers == "text"]
    found = {
        generate: evaluate.ask(
            model,
            rows,
            job.media,
            job.cache,
            Sampling(job.frames),
            answers,
            Settings(device="cpu", batch_size=4, video_as="video"),
            "video",
            evaluate.VIEWS,
            generate,
        )
        for generate in (True, False)
    }
    for view in evaluate.VIEWS:
        said, judged = found[True][view], found[False][view]
        exact = [
            float(one["said"].strip() == evaluate.asking.answer_of(row, answers))
            for one, row in zip(said, rows, strict=True)
        ]
        assert [each["free"] for each in judged] == exact
        assert [each["argmax"] for each in judged] == [each["argmax"] for each in said]
        assert [each["id"] for each in judged] == [row["id"] for row in rows]
    assert 0 < sum(each["free"] for each in found[False]["seeing"]) < len(rows)


@pytest.mark.parametrize("generate", [True, False])
def test_what_a_ruined_model_can_t_answer_is_wrong_and_counted(
    job: Job, generate: bool, tmp_path: Path
) -> None:
    ruined = Path(shutil.copytree(job.model, tmp_path / "ruined"))
    weights = numpy.load_file(ruined / "model.safetensors")
    numpy.save_file({k: v * 0 + 1e30 for k, v in weights.items()}, ruined / "model.safetensors")
    rows = [row for row in read(job.questions) if row["options"]][:2]
    found = evaluate.ask(
        ruined,
        rows,
        job.media,
        job.cache,
        Sampling(job.frames),
        "text",
        Settings(device="cpu", batch_size=4, video_as="video"),
        "video",
        generate=generate,
    )["seeing"]
    assert [(each["free"], each["argmax"]) for each in found] == [(0.0, 0.0)] * 2
    assert all("finite" in each["no_answer"] for each in found)
    assert evaluate.figures(found)["no_answer"] == 2


@pytest.mark.parametrize(
    ("view", "generate"),
    [("seeing", False), ("grey", False), ("grey", True)],
)
def test_a_picture_that_is_torn_meanwhile_stops_in_one_line(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str, generate: bool
) -> None:
    def tearing(*arguments: Any) -> Callable[[asking.Row], Prompt]:
        prompt = PROMPTS(*arguments)

        def torn(row: asking.Row) -> Prompt:
            made = prompt(row)
            for path in asking.files(made):
                path.write_bytes(path.read_bytes()[:50])
            return made

        return torn

    monkeypatch.setattr(asking, "prompts", tearing)
    with pytest.raises(RecipeError, match=r"can't be asked: .+: can't be read as an image") as told:
        evaluate.ask(
            job.model,
            read(job.questions)[:1],
            job.media,
            tmp_path,
            Sampling(job.frames),
            "text",
            Settings(device="cpu", batch_size=4, video_as="video"),
            "video",
            (view,),
            generate,
        )
    assert "\n" not in str(told.value)


def ended(_: Any, learned: Any) -> Any:
    """Return log-probabilities by which only the longest answers may end."""
    counts = torch.bincount(learned[:, 3])
    last = torch.cat([learned[1:, 3] != learned[:-1, 3], torch.tensor([True])])
    short = counts[learned[:, 3]] < counts.max()
    return torch.where(last & short, -5.0, -0.1)


def test_an_option_that_begins_another_ends_for_itself(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = next(each for each in read(job.questions) if each["options"])
    options = ["A. chair", "B. chair chair"]
    rows = [
        {**row, "id": letter, "options": options, "ground_truth": letter} for letter in ("A", "B")
    ]
    prompt = asking.prompts(
        asking.benchmark_of("text"), rows, job.media, tmp_path, Sampling(job.frames), "text"
    )
    monkeypatch.setattr(forced, "answer_log_probs", ended)
    with Forced(job.model, "cpu", "video") as judge:
        judged = judge.ask([(each, prompt(each)) for each in rows], "text")
    assert [each and each[1] for each in judged] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        pytest.param({1: -2.0, 0: -1.0}, 1.0, id="the most"),
        pytest.param({0: -2.0, 1: -1.0, 2: -3.0}, 0.0, id="not the most"),
        pytest.param({0: -1.0, 1: -1.0}, 0.0, id="a tie is no hit"),
        pytest.param({0: -1.0}, 1.0, id="alone"),
    ],
)
def test_the_right_answer_has_to_be_the_only_first(
    totals: dict[int, float], expected: float
) -> None:
    assert forced._first({place: (total, True) for place, total in totals.items()}) == expected


def test_what_is_closed_holds_no_model(job: Job) -> None:
    with Forced(job.model, "cpu", "video") as judge:
        held = weakref.ref(judge._model)
    gc.collect()
    assert held() is None
