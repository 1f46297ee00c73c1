"""What is published is on the Hub, whole, once, and beside what others published."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import FAULTS, Fault, Hub
from hub_store import TOKEN, Stored

from spatialgen.dataset.files import QUESTIONS, read_rows
from spatialgen.errors import DatasetError, HubError, UsageError
from spatialgen.release.part import Options
from spatialgen.release.publish import Choices, Published, publish, refuse_early
from spatialgen.tables.record import RELEASE, parse
from tests.release.hub_here import REPO, client, held, hub_here, released, titles
from tests.release.made_rows import question, rejected, scene, write_folder

pytest.importorskip("pyarrow")

# The Hub's library sends large files in a way that its own transport would rather not.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_here(tmp_path / "store", monkeypatch) as serving:
        yield serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dataset folders, and the release of each."""
    top = tmp_path_factory.mktemp("made")
    for number in (0, 1):
        room = f"room{number}"
        rows = [question(i, scene=room, round=number) for i in range(4)]
        folder = top / f"dataset{number}"
        write_folder(folder, rows, [scene(name=room)], [rejected(9)], config={"round": number})
        released([folder], top / f"release{number}")
    return top


@pytest.fixture
def first(made: Path) -> Path:
    return made / "release0"


@pytest.fixture
def second(made: Path) -> Path:
    return made / "release1"


def files_in(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def published(folder: Path, choices: Choices | None = None) -> Published:
    chosen = choices or Choices()
    with_client = client()
    refuse_early(with_client, chosen)
    return publish(folder, with_client, chosen)


def parts(hub: Hub) -> list[int]:
    return sorted(part.round for part in parse(json.loads(held(hub)[RELEASE])).parts.values())


# -- the way there --------------------------------------------------------------------


def test_what_is_published_is_there_in_one_commit(hub: Hub, first: Path) -> None:
    done = published(first)
    assert held(hub) == files_in(first)
    assert titles(hub) == ["Add round 0: 4 questions"]
    told = (
        r"round0-\w{12}: 4 questions, 1 scenes; from dataset \w{12}, made with spatialgen 0\.1\.0"
    )
    assert re.fullmatch(told, hub.store.repos[REPO].commits[-1].message)
    assert done.url == f"{hub.endpoint}/datasets/{REPO}/commit/{done.commit}"
    assert done.commit == hub.store.repos[REPO].commits[-1].oid
    assert (set(done.files), done.kept) == (set(files_in(first)), ())
    assert done.bytes == sum(map(len, files_in(first).values()))


def test_the_same_again_sends_nothing(hub: Hub, first: Path) -> None:
    before = published(first)
    hub.asked.clear()
    again = published(first)
    assert (again.commit, again.added, again.files) == (before.commit, (), ())
    assert not {"preupload", "batch", "put", "commit"} & {name for name, _ in hub.asked}


def test_a_later_round_comes_on_top(hub: Hub, first: Path, second: Path, made: Path) -> None:
    published(first)
    done = published(second)
    assert titles(hub) == ["Add round 0: 4 questions", "Add round 1: 4 questions"]
    assert len(done.kept) == 1
    assert len({"release.json", "README.md"} & set(done.files)) == 2
    both = released([made / "dataset0", made / "dataset1"], made / "both")
    assert held(hub) == files_in(both)
    assert published(both).files == ()


def test_replacing_removes_what_is_not_given(hub: Hub, first: Path, second: Path) -> None:
    published(first)
    published(second, Choices(replace=True))
    assert held(hub) == files_in(second)


def test_a_folder_released_otherwise_takes_its_own_place(
    hub: Hub, first: Path, second: Path, made: Path
) -> None:
    published(first)
    published(second)
    more = released([made / "dataset0"], made / "more", Options(rejected=True))
    published(more)
    assert parts(hub) == [0, 1]
    assert sum(path.startswith("data/questions/") for path in held(hub)) == 2
    assert sum(path.startswith("data/rejected/") for path in held(hub)) == 1


def test_a_round_about_made_rooms_does_not_free_what_is_there(
    hub: Hub, first: Path, tmp_path: Path
) -> None:
    rows = [question(0, dataset="scannet")]
    scans = write_folder(tmp_path / "made", rows, [scene(dataset="scannet")])
    published(released([scans], tmp_path / "scans"))
    published(first)
    assert parse(json.loads(held(hub)[RELEASE])).license == "other"
    assert b"license: other\n" in held(hub)["README.md"]
    published(first, Choices(relicense=True))
    assert parse(json.loads(held(hub)[RELEASE])).license == "cc-by-4.0"


def test_a_new_dataset_is_private_on_demand(hub: Hub, first: Path) -> None:
    published(first, Choices(private=True))
    assert hub.store.repos[REPO].private
    published(first)


def test_it_loads_as_what_it_was(hub: Hub, first: Path, made: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    published(first)
    code = (
        "import datasets, json, sys\n"
        f"rows = datasets.load_dataset({REPO!r}, 'questions')\n"
        "json.dump([row for split in rows.values() for row in split], sys.stdout)"
    )
    env = {**os.environ, **hub.env(), "HF_HOME": str(tmp_path / "home")}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    keys = ("id", "question", "options", "ground_truth", "program", "frames", "round")
    loaded = [[row[key] for key in keys] for row in json.loads(ran.stdout)]
    stored = [[row[key] for key in keys] for row in read_rows(made / "dataset0", QUESTIONS)]
    assert loaded == stored


# -- faults ---------------------------------------------------------------------------

ENDPOINTS = ("whoami", "info", "list", "create", "preupload", "batch", "put", "verify", "yaml")


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "commit", "resolve"])
def test_one_fault_of_any_kind_is_survived(hub: Hub, first: Path, endpoint: str) -> None:
    for kind in FAULTS:
        hub.store.forget()
        hub.asked.clear()
        hub.faults[:] = [Fault(endpoint, kind)]
        published(first)
        assert hub.faults[0].times == 0, kind
        assert held(hub) == files_in(first), kind
        assert len(titles(hub)) == 1, kind


def test_faults_in_a_row_are_survived(hub: Hub, first: Path) -> None:
    hub.faults[:] = [Fault("commit", kind) for kind in ("503", "reset", "409", "lost", "lost")]
    published(first)
    assert held(hub) == files_in(first)
    assert len(titles(hub)) == 1


def test_a_fault_that_stays_is_told_in_one_line(hub: Hub, first: Path) -> None:
    hub.faults[:] = [Fault("commit", "503", times=100)]
    told: list[str] = []
    paused: list[float] = []
    with pytest.raises(
        HubError, match=r"publishing failed \(status 503.*what was uploaded is kept"
    ):
        publish(first, client(told, paused), Choices())
    assert paused == [1, 2, 4, 8, 15, 30]
    assert sum("trying again in" in line for line in told) == 6
    assert TOKEN not in "".join(told)
    hub.faults.clear()
    hub.asked.clear()
    published(first)
    assert "put" not in {name for name, _ in hub.asked}  # what was uploaded was kept


@pytest.mark.parametrize(
    ("asked_s", "paused_s"),
    [pytest.param(7, [7], id="longer than ours"), pytest.param(0, [1], id="shorter than ours")],
)
def test_a_busy_hub_is_given_the_time_it_asks_for(
    hub: Hub, first: Path, asked_s: int, paused_s: list[float]
) -> None:
    hub.faults[:] = [Fault("commit", "429", retry_after_s=asked_s)]
    paused: list[float] = []
    publish(first, client([], paused), Choices())
    assert paused == paused_s


@pytest.mark.parametrize("endpoint", ["info", "put", "commit"])
def test_a_hub_that_asks_for_too_much_time_is_left(hub: Hub, first: Path, endpoint: str) -> None:
    hub.faults[:] = [Fault(endpoint, "429", retry_after_s=4_000)]
    with pytest.raises(HubError, match=r"asks to wait for 4000 s.*run the same command again"):
        published(first)
    published(first)
    assert len(titles(hub)) == 1


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "commit", "resolve"])
@pytest.mark.parametrize(
    ("kind", "told"), [("endless", "answers with more than"), ("packed", "answers compressed")]
)
def test_an_answer_without_end_is_left(
    hub: Hub,
    first: Path,
    endpoint: str,
    kind: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spatialgen.release.bounds.MOST_BYTES", 4_000_000)
    hub.faults[:] = [Fault(endpoint, kind)]
    with pytest.raises(HubError, match=rf"^127\.0\.0\.1: {told}") as raised:
        published(first)
    assert "\n" not in str(raised.value)
    published(first)
    assert held(hub) == files_in(first)
    assert len(titles(hub)) == 1


def test_many_files_are_uploaded_by_and_by(
    hub: Hub, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spatialgen.release.hub._AT_ONCE", 3)
    told: list[str] = []
    publish(first, client(told), Choices())
    count = len(files_in(first))
    uploaded = [f"{REPO}: {done} of {count} files uploaded" for done in (3, 6, count)]
    assert told[1:] == uploaded
    assert held(hub) == files_in(first)


# -- others at work -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["", "lost"])
def test_somebody_else_comes_first(hub: Hub, first: Path, second: Path, kind: str) -> None:
    pending = [second]

    def on_request(endpoint: str, when: str) -> None:
        if (endpoint, when) == ("commit", "before") and pending:
            published(pending.pop())

    hub.on_request = on_request
    hub.faults[:] = [Fault("commit", kind, after=1)] if kind else []
    published(first)
    assert titles(hub) == ["Add round 1: 4 questions", "Add round 0: 4 questions"]
    assert parts(hub) == [0, 1]
    assert ("commit", 412) in hub.asked


def test_somebody_comes_between_a_lost_answer_and_the_next_look(
    hub: Hub, first: Path, second: Path
) -> None:
    pending = [second]

    def on_request(endpoint: str, when: str) -> None:
        if endpoint == "info" and "commit" in {name for name, _ in hub.asked} and pending:
            published(pending.pop())

    hub.faults[:] = [Fault("commit", "lost")]
    hub.on_request = on_request
    published(first)
    assert titles(hub) == ["Add round 0: 4 questions", "Add round 1: 4 questions"]
    assert parts(hub) == [0, 1]


# -- refused --------------------------------------------------------------------------


def test_foreign_files_are_left_alone(hub: Hub, first: Path) -> None:
    hub.store.create(REPO, private=False)
    lines = [
        {"key": "header", "value": {"summary": "mine", "description": ""}},
        {"key": "file", "value": {"path": "data.csv", "content": ""}},
    ]
    hub.store.commit(REPO, [json.dumps(line).encode() for line in lines])
    with pytest.raises(UsageError, match=r"holds files that are no release \(data\.csv\)"):
        published(first)
    assert set(held(hub)) == {"data.csv"}


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        pytest.param(RELEASE, "e30=", "a release of format None", id="another record"),
        pytest.param(RELEASE, "ew==", "release.json: damaged", id="half a record"),
        pytest.param("data/questions/x.json", "e30=", "belongs to no part", id="alien table"),
    ],
)
def test_a_damaged_dataset_is_not_published_to(
    hub: Hub, first: Path, second: Path, path: str, content: str, told: str
) -> None:
    published(first)
    lines = [
        {"key": "header", "value": {"summary": "mine", "description": ""}},
        {"key": "file", "value": {"path": path, "content": content}},
    ]
    hub.store.commit(REPO, [json.dumps(line).encode() for line in lines])
    with pytest.raises((DatasetError, UsageError), match=told):
        published(second)
    assert len(titles(hub)) == 2


def test_a_part_that_was_altered_there_is_noticed(hub: Hub, first: Path, second: Path) -> None:
    published(first)
    path = next(path for path in held(hub) if path.startswith("data/questions"))
    lines = [
        {"key": "header", "value": {"summary": "mine", "description": ""}},
        {"key": "deletedFile", "value": {"path": path}},
    ]
    hub.store.commit(REPO, [json.dumps(line).encode() for line in lines])
    with pytest.raises(DatasetError, match=r"is not what release\.json says"):
        published(second)


def test_what_comes_back_is_compared(
    hub: Hub, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = hub.store.content

    def altered(stored: Stored) -> bytes:
        return content(stored) + b" "

    monkeypatch.setattr(hub.store, "content", altered)
    with pytest.raises(HubError, match=r"README\.md comes back otherwise"):
        published(first)


@pytest.mark.parametrize(
    ("private", "there", "told"),
    [
        pytest.param(True, "rooms/demo", "is there, and public", id="not private"),
        pytest.param(False, "rooms/demmo", r"but rooms/demmo; .*--create", id="typo in the name"),
    ],
)
def test_a_dataset_that_is_hardly_meant(
    hub: Hub, first: Path, private: bool, there: str, told: str
) -> None:
    hub.store.create(there, private=False)
    with pytest.raises(UsageError, match=told):
        published(first, Choices(private=private))
    assert set(hub.store.repos) == {there}
    if there != REPO:
        published(first, Choices(create=True))


def test_names_that_differ_in_numbers_are_meant_to(hub: Hub, first: Path) -> None:
    hub.store.create("rooms/demo2", private=False)
    published(first)
    assert set(hub.store.repos) == {"rooms/demo2", REPO}


@pytest.mark.parametrize("change", ["missing", "altered"])
def test_a_release_that_is_not_whole_is_not_sent(
    hub: Hub, made: Path, tmp_path: Path, change: str
) -> None:
    folder = released([made / "dataset0"], tmp_path / "release")
    path = next((folder / "data" / "questions").iterdir())
    if change == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(DatasetError, match="missing, or not what it was"):
        published(folder)
    assert not hub.store.repos


def test_no_secret_is_sent(hub: Hub, tmp_path: Path) -> None:
    asked = [question(0, question=f"What does {TOKEN} open?")]
    folder = write_folder(tmp_path / "dataset", asked, [scene()])
    with pytest.raises(
        DatasetError, match=r"holds a token or key.*nothing was uploaded"
    ) as refused:
        published(released([folder], tmp_path / "release"))
    assert TOKEN not in str(refused.value)
    assert not hub.store.repos
