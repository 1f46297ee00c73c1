"""What changed between two datasets is found by id, by field, by family, by scene, by setting."""

from pathlib import Path
from typing import Any

import pytest

from spatialgen.release.compare import changes, compare
from spatialgen.release.part import Options
from spatialgen.release.publish import Choices, publish
from tests.release.hub_here import REPO, client, hub_here
from tests.release.hub_here import released as hub_release
from tests.release.made_rows import Row, question, scene, write_folder
from tests.release.test_build import released
from tests.runs import here

pytest.importorskip("pyarrow")


def counted(before: list[Row], after: list[Row]) -> dict[str, Any]:
    found = changes(before, after)
    lists = {name: len(getattr(found, name)) for name in ("added", "removed", "changed")}
    return {"same": found.same, **lists, "fields": dict(found.fields)}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([], [], (0, 0, 0, 0, {}), id="nothing"),
        pytest.param([question(0)], [question(0)], (1, 0, 0, 0, {}), id="same"),
        pytest.param(
            [question(0)],
            [dict(reversed(question(0).items()))],
            (1, 0, 0, 0, {}),
            id="order of fields",
        ),
        pytest.param(
            [question(0), question(1)],
            [question(1), question(0)],
            (2, 0, 0, 0, {}),
            id="order of rows",
        ),
        pytest.param([question(0)], [question(1)], (0, 1, 1, 0, {}), id="another"),
        pytest.param(
            [question(0), question(1)],
            [question(0, band="easy", confidence=0.95), question(1, band="hard")],
            (0, 0, 0, 2, {"band": 2, "confidence": 1}),
            id="fields",
        ),
        pytest.param([question(0)], [question(0, new=1)], (0, 0, 0, 1, {"new": 1}), id="new field"),
        pytest.param(
            [question(0, answer=2)],
            [question(0, answer=True)],
            (0, 0, 0, 1, {"answer": 1}),
            id="type",
        ),
        pytest.param([question(0)], [question(0), question(0)], (1, 1, 0, 0, {}), id="asked again"),
        pytest.param(
            [scene()],
            [scene(counts={"chair": 3}), scene(name="other")],
            (0, 1, 0, 1, {"counts": 1}),
            id="scenes",
        ),
    ],
)
def test_changes(before: list[Row], after: list[Row], expected: tuple[Any, ...]) -> None:
    assert tuple(counted(before, after).values()) == expected


def test_folders_and_releases_compare_alike(tmp_path: Path) -> None:
    rows = [question(number) for number in range(4)]
    one = write_folder(tmp_path / "one", rows, [scene()])
    other = write_folder(
        tmp_path / "other", [*rows[1:], question(6)], [scene(name="room1")], config={"seed": 3}
    )
    released([one], tmp_path / "r1", Options())
    released([other], tmp_path / "r2", Options())
    found = compare(one, other)
    assert found == compare(tmp_path / "r1", tmp_path / "r2")
    assert found["questions"]["added"] == found["questions"]["removed"] == 1
    assert found["families"] == {
        "object_counting": {"same": 2},
        "object_counting_mc": {"same": 1, "added": 1, "removed": 1},
    }
    assert found["scenes"]["added"] == ["synthetic/room1"]
    assert found["scenes"]["removed"] == ["synthetic/room0"]
    assert found["settings"] == {"seed": [0, 3]}
    same = compare(one, tmp_path / "r1")
    assert (same["questions"]["same"], same["settings"]) == (4, {"license": [None, "cc-by-4.0"]})


def test_two_rounds_are_compared_with_each_other(tmp_path: Path) -> None:
    one, other = (
        write_folder(tmp_path / f"r{i}", [question(i)], [scene()], config={"round": i, "seed": 7})
        for i in (0, 1)
    )
    assert compare(one, other)["settings"] == {"round": [0, 1]}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = write_folder(tmp_path / "one", [question(0)], [scene()])
    other = write_folder(
        tmp_path / "other", [question(0, band="easy"), question(2)], [scene()], config={"seed": 1}
    )
    ended = here(capsys, "diff", one, other)
    assert ended.status == 0
    for words in (
        "object_counting_mc",
        "band 1",
        "seed: 0 -> 1",
        "1 added, 0 removed, 1 ch",
    ):
        assert words in ended.out
    assert here(capsys, "diff", one, other, "--json").json() == compare(one, other)
    told = here(capsys, "diff", one, tmp_path).complaint(2)
    assert told == f"{tmp_path}: neither a dataset folder nor a release folder"


# The Hub's library sends large files in a way that its own transport would rather not.
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_what_is_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    folders = [
        write_folder(
            tmp_path / f"round-{i}", [question(2 * i)], [scene()], config={"round": i, "seed": i}
        )
        for i in (0, 1)
    ]
    with hub_here(tmp_path / "store", monkeypatch) as hub:
        for i, folder in enumerate(folders):
            publish(hub_release([folder], tmp_path / f"release-{i}"), client(), Choices())
        first = hub.store.repos[REPO].commits[-2].oid
        found = here(capsys, "diff", f"{REPO}@{first}", REPO, "--json").json()
        told = here(capsys, "diff", f"{REPO}@nowhere", REPO).complaint(2)
    assert (found["questions"]["same"], found["questions"]["added"]) == (1, 1)
    assert found["settings"]["round1.seed"] == [None, 1]
    assert "nowhere" in told
