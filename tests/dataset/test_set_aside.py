"""Questions move to the rejected ones of their scene whole, wherever a run is killed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spatialgen.dataset import set_aside as module
from spatialgen.dataset.files import MANIFEST, QUESTIONS, REJECTED, ROW_FILES, read_rows
from spatialgen.dataset.folder import PROGRESS, DatasetWriter
from spatialgen.dataset.set_aside import SET_ASIDE
from tests.runs import rows_in

OPENING = {"complete": False, "config": {"seed": 0}, "versions": {"x": "1"}, "inputs": {"a": "f0"}}
CLOSING = {**OPENING, "complete": True, "counts": {}, "files": {}}
TOLD = {"size": {"before": 0.5, "after": 0.25}}
SCENES = 3


def question(number: int) -> dict[str, Any]:
    place = {"dataset": "d", "scene_name": f"s{number // 4}", "id": f"q{number}"}
    asked = {"question_type": "size", "question": "стул?", "options": None, "ground_truth": "1"}
    return {**place, **asked, "answer": 1, "unit": None, "program": "p"}


def bad(scene: int) -> dict[str, Any]:
    return {"dataset": "d", "scene_name": f"s{scene}", "reason": "margin"}


DETAILS = {"q1": "guessed", "q6": "guessed, too"}


def run(folder: Path) -> None:
    """Do what a run does: go on where the folder stands, and set two questions aside."""
    with DatasetWriter(folder, OPENING) as writer:
        if writer.finished is not None:
            return
        for scene in range(writer.done, SCENES):
            questions = [question(4 * scene + i) for i in range(4)]
            writer.append(questions, [bad(scene)], [{"dataset": "d", "scene_name": f"s{scene}"}])
        if writer.told is None:
            writer.set_aside("shortcut", DETAILS, TOLD)
        assert writer.done == SCENES
        writer.finish({**CLOSING, "told": writer.told})


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole") / "d"
    run(folder)
    assert {path.name for path in folder.iterdir()} == {*ROW_FILES, MANIFEST}
    return content(folder)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_rows_move_with_reason_and_detail(expected: dict[str, bytes], tmp_path: Path) -> None:
    run(tmp_path)
    kept = [row["id"] for row in read_rows(tmp_path, QUESTIONS)]
    assert kept == [f"q{i}" for i in range(4 * SCENES) if f"q{i}" not in DETAILS]
    assert list(read_rows(tmp_path, REJECTED)) == [
        bad(0),
        {**question(1), "reason": "shortcut", "detail": "guessed"},
        bad(1),
        {**question(6), "reason": "shortcut", "detail": "guessed, too"},
        bad(2),
    ]
    assert rows_in(tmp_path) == {name: expected[name] for name in ROW_FILES}


def test_scenes_that_were_turned_down_stay_where_they_are(tmp_path: Path) -> None:
    none = [{"dataset": "d", "scene_name": name, "reason": "no_mesh"} for name in ("z", "s1", "a")]
    with DatasetWriter(tmp_path, OPENING) as writer:
        writer.append([], none[:1], [])
        for scene, turned_down in ((0, [bad(0), bad(0)]), (1, none[1:2]), (2, []), (3, none[2:])):
            asked = [question(4 * scene), question(4 * scene + 1)] if scene in (0, 2) else []
            rows = [{"dataset": "d", "scene_name": f"s{scene}"}] if asked else []
            writer.append(asked, turned_down, rows)
        writer.set_aside("shortcut", {"q0": "x", "q1": "x", "q9": "x"}, TOLD)
    moved = [{**question(i), "reason": "shortcut", "detail": "x"} for i in (0, 1, 9)]
    found = list(read_rows(tmp_path, REJECTED))
    assert found == [none[0], bad(0), bad(0), *moved[:2], none[1], none[2], moved[2]]


class Killed(BaseException):
    """What ends a run at a chosen step, as a kill would."""


def dying(real: Callable[..., Any], calls: int) -> Callable[..., Any]:
    left = iter(range(calls))

    def step(*arguments: Any, **named: Any) -> Any:
        if next(left, None) is None:
            raise Killed
        return real(*arguments, **named)

    return step


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        *(pytest.param("to_line", calls, id=f"row {calls}") for calls in (0, 1, 7, 14)),
        *(pytest.param("os.fsync", calls, id=f"sync {calls}") for calls in (0, 1)),
        pytest.param("write_json", 0, id="before it is said"),
        *(pytest.param("os.replace", calls, id=f"exchange {calls}") for calls in (0, 1, 2)),
    ],
)
def test_a_kill_at_any_step_loses_nothing(
    name: str,
    calls: int,
    expected: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "killed"
    real = module.set_aside
    owner, key = (module.os, name[3:]) if name.startswith("os.") else (module, name)

    def set_aside(*arguments: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(owner, key, dying(getattr(owner, key), calls))
            real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("spatialgen.dataset.folder.set_aside", set_aside)
        with pytest.raises(Killed):
            run(folder)
    run(folder)
    assert {n: d for n, d in content(folder).items() if not n.endswith(".renewed")} == expected
    assert not list(folder.glob("*.renewed"))


@pytest.mark.parametrize("name", [SET_ASIDE, PROGRESS])
def test_what_a_kill_after_the_manifest_leaves_is_removed(
    name: str, expected: dict[str, bytes], tmp_path: Path
) -> None:
    run(tmp_path)
    (tmp_path / name).write_bytes(b"{}")
    run(tmp_path)
    assert content(tmp_path) == expected
