"""Answers judged by passes are those that are generated."""

from pathlib import Path

import pytest

from evalkit.backends import Settings
from evalkit.media.video import Sampling
from recipes import evaluate
from recipes.solver import Job, train
from tests.recipes.small_round import make_round, quick, read

pytest.importorskip("torch")
pytest.importorskip("accelerate")


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
