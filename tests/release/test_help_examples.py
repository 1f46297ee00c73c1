"""The examples in the help of commands that go beyond this machine work, with a Hub on it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.release.hub_here import REPO, hub_here
from tests.runs import here, write_lines
from tests.test_cli import BEYOND, examples

pytest.importorskip("pyarrow")
pytest.importorskip("sklearn")

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

Capture = pytest.CaptureFixture[str]

ASKED = {
    "id": 1,
    "dataset": "scannet",
    "scene_name": "scene0011_00",
    "question_type": "object_counting",
    "question": "How many chairs are there?",
    "options": None,
    "ground_truth": "2",
}


def test_examples_of_the_help_work_beyond(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "vsi_bench.jsonl", [{**ASKED, "id": i} for i in range(3)])
    (tmp_path / "scannet_val.txt").write_text("scene0011_00\nscene0015_00\n")
    synth = ["synth", "--out", "scenes", "--rooms", "2", "--seconds", "0.5", "--workers", "1"]
    propose = ["propose", "--scenes", "scenes", "--out", "dataset", "--per-scene", "4"]
    for words in (synth, [*propose, "--workers", "1"]):
        assert here(capsys, *words).status == 0
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    parquet.write_table(arrow.Table.from_pylist([ASKED] * 3), "vsi_bench.parquet")
    release = ["publish", "dataset", "--repo", REPO, "--dry-run", "--out", "release"]
    assert here(capsys, *release).status == 0
    shutil.copytree("dataset", "dataset-of-today")
    shutil.copytree("scenes", "scans")
    found = [example for example in examples() if example.split()[0] in BEYOND]
    with hub_here(tmp_path / "store", monkeypatch) as hub:
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        for example in sorted(found, key=lambda line: BEYOND.index(line.split()[0])):
            words = example.replace("ORG/NAME", REPO).replace("--private", "").split()
            commits = hub.store.repos[REPO].commits if REPO in hub.store.repos else []
            words = [
                word.replace("4f2a91c", commits[-1].oid) if commits else word for word in words
            ]
            if "--out" in words:
                words[words.index("--out") + 1] = f"out-{len(list(tmp_path.iterdir()))}"
            ended = here(capsys, *words)
            assert ended.status == 0, (example, ended)
        assert json.loads(hub.store.content(commits[-1].files["release.json"]))["parts"]
