"""Questions are left out until a blind guess gains next to nothing, and no longer."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="the extra `audit` is not installed")

from spatialgen.audit import debias as module
from spatialgen.audit.debias import CODE, debias
from spatialgen.audit.question import Question
from spatialgen.audit.shortcuts import families
from spatialgen.dataset.files import QUESTIONS, REJECTED, SCENES, read_manifest
from spatialgen.dataset.replay import replay
from spatialgen.progress import Progress
from spatialgen.scenes.vsi_meta import write
from spatialgen.synth.rooms import furnish
from tests.audit.made_questions import fair_choices, leaning_choices, sized_things
from tests.runs import apart, made, read_lines, rows_in


def left_of(questions: list[Question]) -> list[Question]:
    dropped = debias(questions).dropped
    return [question for question in questions if question.id not in dropped]


@pytest.mark.parametrize(
    "questions",
    [
        pytest.param(leaning_choices(200), id="a frequent answer"),
        pytest.param(sized_things(150, 0.4), id="sizes of things"),
    ],
)
def test_shortcuts_go(questions: list[Question]) -> None:
    (before,) = families(questions)
    left = left_of(questions)
    (after,) = families(left)
    assert before.has_shortcut
    assert not after.has_shortcut
    assert all(guess.is_near(after.groups) for guess in after.guesses)
    assert len(left) >= len(questions) // 5


def test_fair_questions_stay() -> None:
    found = debias(fair_choices(200))
    assert found.dropped == {}
    assert found.families == {}


def test_only_the_family_with_a_shortcut_loses_questions() -> None:
    fair = [
        Question(f"f{q.id}", q.dataset, q.scene, "fair", q.text, q.options, q.right, None, q.answer)
        for q in fair_choices(100, seed=1)
    ]
    found = debias([*leaning_choices(200), *fair])
    assert found.dropped
    assert not any(id.startswith("f") for id in found.dropped)
    (told,) = found.families.values()
    assert told["questions"]["before"] == 200
    assert told["questions"]["after"] == 200 - len(found.dropped)
    assert told["blind"]["after"] < told["blind"]["before"]
    assert told["shortcut_left"] is False


def test_answers_are_even_afterwards() -> None:
    before, left = leaning_choices(200), left_of(leaning_choices(200))
    shares = [Counter(q.answer for q in each)["front"] / len(each) for each in (before, left)]
    assert shares[0] > 0.6
    assert 0.15 < shares[1] < 0.4


def test_order_is_no_matter() -> None:
    questions = leaning_choices(150)
    assert debias(questions[::-1]).dropped == debias(questions).dropped


def test_what_can_not_be_mended_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 0.05)
    found = debias(leaning_choices(200))
    assert len(found.dropped) == 10
    assert found.families["way"]["shortcut_left"] is True


@pytest.fixture(scope="module")
def many_rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "rooms.json"
    write(path, (furnish(5, index, 8) for index in range(24)))
    return path


SETTINGS: dict[str, Any] = {"per_scene": 5, "families": ("object_size_estimation",)}


@pytest.fixture(scope="module")
def debiased(many_rooms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "debiased"
    made([many_rooms], folder, debias=True, **SETTINGS)
    return folder


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def test_propose_moves_them_to_the_rejected(
    debiased: Path, many_rooms: Path, tmp_path: Path
) -> None:
    made([many_rooms], tmp_path / "all", **SETTINGS)
    everything = read_lines(tmp_path / "all" / QUESTIONS)
    kept, rejected = (read_lines(debiased / name) for name in (QUESTIONS, REJECTED))
    moved = [row for row in rejected if row["reason"] == CODE]
    assert moved
    bare = [{k: v for k, v in row.items() if k not in ("reason", "detail")} for row in moved]
    assert by_id([*kept, *bare]) == by_id(everything)
    assert (debiased / SCENES).read_bytes() == (tmp_path / "all" / SCENES).read_bytes()
    manifest = read_manifest(debiased)
    assert manifest["counts"]["by_reason"][CODE] == len(moved)
    assert manifest["counts"]["accepted"] == len(kept)
    assert set(manifest["debias"]) <= {"object_size_estimation", "object_size_estimation_mc"}
    assert manifest["config"]["debias"]["scikit-learn"]
    assert "debias" not in read_manifest(tmp_path / "all")["config"]
    with Progress("questions") as progress:
        assert replay(debiased, progress).holds


def test_bytes_are_the_same_in_another_process(
    debiased: Path, many_rooms: Path, tmp_path: Path
) -> None:
    words = ("--per-scene", "5", "--families", "object_size_estimation", "--debias")
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "2"}
    out = tmp_path / "again"
    done = apart("propose", "--scenes", many_rooms, "--out", out, *words, "--workers", "2", env=env)
    assert done.status == 0, done.err
    assert rows_in(out) == rows_in(debiased)
