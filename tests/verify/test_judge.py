"""The road of a question: which checks it meets, in which order, and what is kept of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from spatialgen.graph.build import build
from spatialgen.programs.executor import Executor
from spatialgen.rng import generator
from spatialgen.verify.draft import Draft, Margin
from spatialgen.verify.judge import Asked, StagedScene, judge, stage_scene
from spatialgen.verify.stability import ROUNDS
from tests.rooms_by_hand import put, room

ROOM = room(
    put("bed", 0, 0, size=(2, 2, 0.5)),
    put("lamp", 3, 0),
    put("chair", 0, 3),
    put("chair", 0, -3),
)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with Executor() as ready:
        yield ready


@pytest.fixture(scope="module")
def staged(executor: Executor) -> StagedScene:
    return stage_scene(build(ROOM), executor, generator(1, "noise"))


def program(body: str) -> str:
    return f"def answer(scene: Scene):\n    {body}\n"


SOUND = Draft(
    question_type="test",
    question="How long is the bed, in meters?",
    program=program("return round(scene.one('bed').longest, 1)"),
    kind="number",
    decimals=1,
    unit="meters",
    unique=("bed",),
    margins=(Margin("length_m", 2.0, 1.0),),
    derive=lambda graph: max(graph.only("bed").box.size),
)


def test_a_sound_question_meets_every_check(staged: StagedScene, executor: Executor) -> None:
    verdict = judge(SOUND, staged, executor, Asked())
    assert (verdict.reason, verdict.value, verdict.detail) == (None, 2.0, "")
    assert [check.name for check in verdict.checks] == [
        "naming",
        "margin",
        "duplicate",
        "answer",
        "trivial",
        "second_derivation",
        "stability",
    ]
    assert all(check.reason is None for check in verdict.checks)
    figures = {check.name: check.figures for check in verdict.checks}
    assert figures["margin"] == {"length_m": 2.0}
    assert figures["second_derivation"] == {"available": True, "value": 2.0}
    assert figures["stability"]["rounds"] == ROUNDS


def with_program(body: str, **changes: Any) -> Draft:
    return replace(SOUND, program=program(body), **changes)


@pytest.mark.parametrize(
    ("draft", "reason", "last"),
    [
        (replace(SOUND, unique=("sofa",)), "unknown_label", "naming"),
        (replace(SOUND, unique=("chair",)), "not_unique", "naming"),
        (replace(SOUND, frames=(0,)), "unknown_frame", "naming"),
        (replace(SOUND, margins=(Margin("m", 0.0, 1.0),)), "margin", "margin"),
        (with_program("return 'two'"), "wrong_answer_type", "answer"),
        (with_program("return -1.0"), "negative_answer", "answer"),
        (
            with_program("return scene.one('bed').label", kind="choice", choices=("lamp", "fan")),
            "no_correct_option",
            "answer",
        ),
        (with_program("return 2.0"), "constant_program", "trivial"),
        (
            with_program("return scene.one('bed').label", kind="choice", choices=("lamp", "bed")),
            "answer_in_question",
            "trivial",
        ),
        (with_program("return scene.one('bed').size[2]"), "second_derivation", "second_derivation"),
        (
            with_program("return 100 * (scene.one('bed').size[0] - 1.99)", derive=None),
            "unstable",
            "stability",
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_the_first_check_that_fails_ends_the_road(
    draft: Draft, reason: str | None, last: str, staged: StagedScene, executor: Executor
) -> None:
    verdict = judge(draft, staged, executor, Asked())
    assert (verdict.reason, verdict.checks[-1].name) == (reason, last)
    assert verdict.detail == verdict.checks[-1].detail != ""
    assert all(check.reason is None for check in verdict.checks[:-1])


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ("return 1 +", "syntax", ""),
        ("return scene.bananas", "type_check", "bananas"),
        ("import socket\n    return 1.0", "forbidden", "socket"),
        ("return 1 / (len(scene.objects) - 4)", "exception", "line 2: ZeroDivisionError"),
        ("return scene.one('chair').longest", "exception", "2 objects are called 'chair'"),
        ("return float('inf')", "non_finite", ""),
        ("return None", "wrong_type", ""),
        ("while True:\n        pass", "timeout", ""),
        ("return scene.objects[0].longest", "nondeterministic", "another order"),
    ],
)
def test_programs_that_fail(
    body: str, reason: str | None, detail: str, staged: StagedScene, executor: Executor
) -> None:
    verdict = judge(with_program(body), staged, executor, Asked())
    assert verdict.reason == reason
    assert verdict.value is None
    assert detail in verdict.detail
    assert [check.name for check in verdict.checks] == ["naming", "margin", "duplicate"]


def test_cheap_checks_come_before_the_program_runs(staged: StagedScene, executor: Executor) -> None:
    hopeless = with_program("return 1 +", margins=(Margin("m", 0.0, 1.0),))
    asked = Asked()
    assert judge(hopeless, staged, executor, asked).reason == "margin"
    assert asked == Asked()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, "duplicate", id="the same"),
        pytest.param({"question": "HOW long is the  bed, in meters?"}, "duplicate", id="spacing"),
        pytest.param({"question": "What is the bed's length?"}, "duplicate", id="same program"),
        pytest.param(
            {"program": program("return round(max(scene.one('bed').size), 1)")},
            "duplicate",
            id="same wording",
        ),
        pytest.param(
            {
                "question": "How long is the bed in all, in meters?",
                "program": program("return round(max(scene.one('bed').size), 1)"),
            },
            None,
            id="another question",
        ),
    ],
)
def test_nothing_is_asked_twice(
    changes: dict[str, Any], reason: str | None, staged: StagedScene, executor: Executor
) -> None:
    asked = Asked()
    assert judge(SOUND, staged, executor, asked).reason is None
    assert judge(replace(SOUND, **changes), staged, executor, asked).reason == reason
    assert judge(replace(SOUND, **changes), staged, executor, Asked()).reason is None


def test_a_question_that_failed_when_run_is_not_tried_again(
    staged: StagedScene, executor: Executor
) -> None:
    asked = Asked()
    failing = with_program("return 2.0")
    assert judge(failing, staged, executor, asked).reason == "constant_program"
    assert judge(failing, staged, executor, asked).reason == "duplicate"


def test_the_scene_is_staged_in_every_form(staged: StagedScene) -> None:
    states = [staged.first, staged.second, staged.nothing, *staged.jittered]
    assert len(staged.jittered) == ROUNDS
    assert len({stage.state for stage in states}) == len(states)
