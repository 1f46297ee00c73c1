"""Made rooms, a model that asks about them, and a dataset that holds: from end to end."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer
from scripted_model import as_reply, kind_of, plain

from spatialgen.dataset.files import MANIFEST, QUESTIONS, REJECTED, ROW_FILES
from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.progress import Progress
from spatialgen.propose.settings import ModelSettings
from spatialgen.propose.transcript import NAME as TRANSCRIPT
from spatialgen.run import PICTURES, Asker, ProposeConfig, propose
from tests.asking.scripted import Scripted
from tests.runs import apart, here, read_lines, rows_in

PER_SCENE, FRAMES = 4, 3


@pytest.fixture(scope="session")
def filmed_rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small rooms with pictures, in ScanNet's layout."""
    pytest.importorskip("embreex", reason="filming rooms needs embreex")
    folder = tmp_path_factory.mktemp("filmed") / "rooms"
    words = ("--rooms", "3", "--seconds", "2", "--size", "64", "--objects", "8", "--camera", "turn")
    made = apart("synth", "--out", folder, *words, "--workers", "1")
    assert made.status == 0, made
    return folder


def asked(
    rooms: Path, out: Path, model: Scripted, workers: int = 1, previous: Any = (), **settings: Any
) -> dict[str, Any]:
    told = {"model": "m", "backend": "scripted", "per_reply": 4, "replies": 2, **settings}
    config = ProposeConfig(per_scene=PER_SCENE, frames=FRAMES, proposer="model")
    asker = Asker(ModelSettings(**told), model, previous=previous)
    with Progress("scenes") as progress:
        return propose([rooms], out, config, [], workers, progress, asker)


def sometimes_wrong(text: str) -> str | None:
    """Ask soundly, but for a program that fails and comes back mended, and prose in between."""
    said = plain(text)
    if kind_of(text) != "ask":
        return said
    items = json.loads(said or "")["questions"]
    if not items:
        return "I have no more questions."
    wrong = {**items[0], "program": items[0]["program"].replace("scene.one", "scene.find")}
    return as_reply([wrong, *items[1:]])


@pytest.fixture(scope="session")
def finished(filmed_rooms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("asked") / "dataset"
    asked(filmed_rooms, out, Scripted(sometimes_wrong))
    return out


def test_every_answer_holds(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = here(capsys, "verify", finished, "--json")
    assert ended.status == 0
    assert ended.json()["differences"] == []
    assert ended.json()["questions"] >= 3
    assert here(capsys, "stats", finished).status == 0


def test_the_manifest_tells_how_it_came_about(finished: Path) -> None:
    manifest = json.loads((finished / MANIFEST).read_bytes())
    config, counts = manifest["config"], manifest["counts"]
    assert config["proposer"] == "model"
    assert config["model"]["generator"] == {"backend": "scripted", "model": "script"}
    assert set(config["model"]["templates"]) >= {"version", "ask", "repair", "review", "blind"}
    assert counts["by_reason"]["type_check"] >= 3
    attempts = counts["attempts"]
    scenes = read_lines(finished / "scenes.jsonl")
    assert attempts["questions_written"] == sum(
        row["attempts"]["questions_written"] for row in scenes
    )
    assert attempts["repair_replies"] >= 3
    assert attempts["reviews"] >= counts["accepted"]


@pytest.mark.parametrize(
    ("workers", "at_once"),
    [pytest.param(1, 1, id="one by one"), pytest.param(2, 8, id="two workers, all at once")],
)
def test_the_same_replies_give_the_same_bytes(
    workers: int, at_once: int, finished: Path, filmed_rooms: Path, tmp_path: Path
) -> None:
    asked(
        filmed_rooms,
        tmp_path / "d",
        Scripted(sometimes_wrong),
        workers,
        scenes_at_once=at_once,
    )
    assert rows_in(tmp_path / "d") == rows_in(finished)


@pytest.mark.parametrize("dies_after", [0, 1, 5, 11])
def test_a_run_that_was_killed_goes_on(
    dies_after: int, finished: Path, filmed_rooms: Path, tmp_path: Path
) -> None:
    first = Scripted(sometimes_wrong, dies_after=dies_after)
    with pytest.raises(KeyboardInterrupt):
        asked(filmed_rooms, tmp_path / "d", first, scenes_at_once=1)
    (tmp_path / "d" / PICTURES / "left").mkdir(parents=True)  # by a kill
    second = Scripted(sometimes_wrong)
    asked(filmed_rooms, tmp_path / "d", second, scenes_at_once=1)
    assert rows_in(tmp_path / "d") == rows_in(finished)
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == sorted(
        [*ROW_FILES, MANIFEST, TRANSCRIPT]  # and no pictures
    )
    assert len(first.requests) == dies_after
    whole = len((finished / TRANSCRIPT).read_bytes().splitlines())
    assert len(first.requests) + len(second.requests) == whole  # nothing was asked twice


def test_a_second_round_asks_other_things(
    finished: Path, filmed_rooms: Path, tmp_path: Path
) -> None:
    manifest = asked(filmed_rooms, tmp_path / "d", Scripted(), previous=[finished])
    questions = json.loads((finished / MANIFEST).read_bytes())["files"][QUESTIONS]
    assert manifest["inputs"]["previous:0"] == questions  # another order would be another run
    assert manifest["counts"]["accepted"] >= 3
    assert "duplicate" not in manifest["counts"]["by_reason"]  # it was told what there is
    both = [
        row["id"] for path in (finished, tmp_path / "d") for row in read_lines(path / QUESTIONS)
    ]
    assert len(both) == len(set(both))


def test_a_model_that_accepts_nothing_says_why(filmed_rooms: Path, tmp_path: Path) -> None:
    manifest = asked(filmed_rooms, tmp_path / "d", Scripted(lambda _: "no"))
    assert manifest["counts"]["accepted"] == 0
    assert manifest["counts"]["by_reason"] == {"not_json": 6}


# -- the command ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    pytest.importorskip("httpx2", reason="asking servers needs httpx2")
    with ChatServer(sometimes_wrong) as ready:
        yield ready


def words(rooms: Path, out: Path, url: str, *more: str) -> list[str | Path]:
    sizes = ("--per-scene", str(PER_SCENE), "--frames", str(FRAMES), "--per-reply", "4")
    model = ("--model", "scripted-vlm", "--backend", "openai", "--base-url", url)
    return ["propose", "--scenes", rooms, "--out", out, "--workers", "1", *sizes, *model, *more]


def test_a_server_asks(
    server: ChatServer,
    finished: Path,
    filmed_rooms: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = here(capsys, *words(filmed_rooms, tmp_path / "d", server.url, "--replies", "2"))
    assert (ended.status, ended.err) == (0, "")
    assert "asked of the model: " in ended.out
    assert server.images > 0
    assert server.held == server.asked
    mine, theirs = (
        [row["ground_truth"] for row in read_lines(path / QUESTIONS)]
        for path in (tmp_path / "d", finished)
    )
    assert mine == theirs
    assert here(capsys, "verify", tmp_path / "d").status == 0


def test_a_server_that_fails_half_way_costs_no_question(
    server: ChatServer,
    finished: Path,
    filmed_rooms: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    left = iter(range(6))
    first = ("--replies", "2", "--limit", "2", "--backend-option", "deadline_s=0.3")
    with ChatServer(lambda text: sometimes_wrong(text) if next(left, 9) < 9 else None) as ill:
        ended = here(capsys, *words(filmed_rooms, tmp_path / "d", ill.url, *first))
    assert re.search(r"the model replies no more \(.*goes on$", ended.complaint(1))
    assert here(capsys, *words(filmed_rooms, tmp_path / "d", server.url, *first)).status == 0
    names = {row["scene_name"] for row in read_lines(tmp_path / "d" / "scenes.jsonl")}
    for name, field in ((QUESTIONS, "question"), (REJECTED, "reason")):
        mine, theirs = (
            [row[field] for row in read_lines(path / name) if row["scene_name"] in names]
            for path in (tmp_path / "d", finished)
        )
        assert mine == theirs


def test_a_server_without_schemas_serves_too(
    filmed_rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("httpx2", reason="asking servers needs httpx2")
    with ChatServer(sometimes_wrong, schemas=False) as older:
        opinions = ("--no-review", "--no-blind", "--limit", "1")
        arguments = words(filmed_rooms, tmp_path / "d", older.url, *opinions)
        assert here(capsys, *arguments, "--backend-option", "concurrency=1").status == 0
        assert older.held == 1


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        pytest.param(["--families", "nearest_object", "--model", "m"], 2, "--families", id="fam"),
        pytest.param(["--proposer", "built-in", "--model", "m"], 2, "--model", id="both"),
        pytest.param(["--proposer", "model"], 2, "needs --model", id="no model"),
        pytest.param(["--previous", "d"], 2, "--previous is for a model", id="previous"),
        pytest.param(["--base-url", "http://x"], 2, "--base-url is for", id="url"),
        pytest.param(["--no-review"], 2, "--review is for a model", id="review"),
        pytest.param(["--replies", "3"], 2, "--replies is for a model", id="replies"),
        pytest.param(["--backend-option", "a=1"], 2, "--backend-option is for", id="its options"),
        pytest.param(["--model", "m", "--backend", "opnai"], 2, "openai", id="unknown backend"),
        pytest.param(["--model", "m", "--backend-option", "x"], 2, "KEY=VALUE", id="option"),
        pytest.param(["--model", "m", "--backend-option", "x=1"], 2, "x", id="unknown option"),
        pytest.param(
            ["--model", "m", "--backend-option", "model=n"], 2, "give --model", id="model twice"
        ),
        pytest.param(
            ["--model", "m", *("--backend-option", "dtype=auto") * 2], 2, "given twice", id="twice"
        ),
        pytest.param(["--model", "m", "--feedback", "none.json"], 2, "no such", id="no feedback"),
        pytest.param(["--model", "m", "--backend", "fake"], 1, "m: no JSON", id="no script"),
        pytest.param(
            ["--model", "m", "--backend", "openai", "--base-url", "http://127.0.0.1:9"],
            1,
            "no server answers",
            id="no server",
        ),
    ],
)
def test_wrong_use(
    more: list[str],
    status: int,
    says: str,
    rooms: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = here(capsys, "propose", "--scenes", rooms, "--out", tmp_path / "d", *more)
    assert says in ended.complaint(status)
    assert "what was asked is kept" not in ended.err  # nothing was


def test_missing_scenes_are_told_before_a_model_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--scenes", tmp_path / "none", "--out", tmp_path / "d", "--model", "no/such")
    assert "no such file" in here(capsys, "propose", *words).complaint(2)


def test_a_model_that_says_only_a_asks_nothing(
    rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = here(
        capsys, "propose", "--scenes", rooms, "--out", tmp_path / "d",
        "--proposer", "model", "--backend", "fake", "--limit", "2", "--workers", "1",
    )  # fmt: skip
    assert "no question was accepted" in ended.complaint(1)
    assert {row["reason"] for row in read_lines(tmp_path / "d" / REJECTED)} == {"not_json"}


def test_another_model_is_another_run(finished: Path, filmed_rooms: Path) -> None:
    with pytest.raises(UsageError, match="holds another run"):
        asked(filmed_rooms, finished, Scripted(), repairs=1)
    before = {name: (finished / name).stat().st_mtime_ns for name in ROW_FILES}
    asked(filmed_rooms, finished, Scripted(lambda _: pytest.fail("asked")))
    assert {name: (finished / name).stat().st_mtime_ns for name in ROW_FILES} == before


def test_a_generator_that_breaks_stops_the_run(filmed_rooms: Path, tmp_path: Path) -> None:
    def breaks(_: str) -> str | None:
        raise SpatialgenError("the engine has died")

    with pytest.raises(SpatialgenError, match="engine has died"):
        asked(filmed_rooms, tmp_path / "d", Scripted(breaks))
    asked(filmed_rooms, tmp_path / "d", Scripted(sometimes_wrong))  # and goes on
