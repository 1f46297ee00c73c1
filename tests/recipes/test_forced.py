"""Answers judged by passes are those that are generated."""

import shutil
from pathlib import Path

import pytest

from evalkit.backends import Settings
from evalkit.media.video import Sampling
from recipes import evaluate
from recipes.solver import Job, train
from tests.recipes.small_round import make_round, quick, read

pytest.importorskip("torch")
pytest.importorskip("accelerate")
numpy = pytest.importorskip("safetensors.numpy")


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return make_round(tmp_path_factory.mktemp("round"))


@pytest.mark.parametrize("answers", ["letter", "text"])
def test_as_generated(job: Job, answers: evaluate.Answers, tmp_path: Path) -> None:
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
