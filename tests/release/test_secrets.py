"""Tokens, keys and paths of machines are found wherever they stand, and little else."""

from pathlib import Path
from typing import Any

import pytest

from spatialgen.errors import DatasetError
from spatialgen.release.secrets import PLACE, TOKEN, Finding, refuse, scan
from spatialgen.rng import generator

# In pieces, so that no scan of this file finds them.
FOUND = [
    pytest.param("my hf_" + "a1B2" * 9, TOKEN, id="token of the Hub"),
    pytest.param("sk" + "-proj-" + "a1_B" * 6, TOKEN, id="key of a model server"),
    pytest.param("ghp" + "_" + "a1B2" * 9, TOKEN, id="token of a forge"),
    pytest.param("AKIA" + "ABCD2345" * 2, TOKEN, id="key of a cloud"),
    pytest.param("-----BEGIN RSA PRIVATE" + " KEY-----", TOKEN, id="private key"),
    pytest.param('{"out": "/ho' + 'me/ann/scans"}', PLACE, id="home"),
    pytest.param("/Us" + "ers/ann/scans", PLACE, id="home on a Mac"),
    pytest.param("C:\\Us" + "ers\\ann", PLACE, id="home on Windows"),
    pytest.param('"C:\\\\Us' + 'ers\\\\ann"', PLACE, id="home on Windows, in JSON"),
    pytest.param("see /ro" + "ot/x", PLACE, id="home of root"),
    pytest.param("in /t" + "mp/x/y", PLACE, id="temporary"),
    pytest.param("on /m" + "nt/scans", PLACE, id="a disk"),
    pytest.param("on /scr" + "atch/ann", PLACE, id="a cluster"),
    pytest.param("file:/" + "//data/x", PLACE, id="address of a file"),
]
CLEAN = [
    pytest.param("What is left of the sofa, hf_chair or hf_table?", id="words"),
    pytest.param("https://example.org/ho" + "me/ann/page", id="a page"),
    pytest.param("data/ho" + "me/ann and ../t" + "mp/x", id="relative paths"),
    pytest.param("at home/work, /root cause, a sk-etch", id="words with a slash"),
    pytest.param("0123456789abcdef" * 4, id="a hash"),
    pytest.param("AKIAABCD", id="too short"),
]


def write_table(path: Path, **columns: list[Any]) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table(columns), path)


@pytest.mark.parametrize(("text", "kind"), FOUND)
def test_what_must_not_leave_is_found(text: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"fine\n{text}\nfine\n")
    write_table(tmp_path / "a.parquet", text=["fine", text], other=["fine", "fine"])
    assert list(scan(tmp_path)) == [
        Finding("README.md", "line 2", kind),
        Finding("a.parquet", "column 'text', rows 1 to 2", kind),
    ]
    with pytest.raises(DatasetError, match=rf"README\.md, line 2: holds {kind} \(and 1 more\)"):
        refuse(tmp_path)


@pytest.mark.parametrize("text", CLEAN)
def test_what_may_leave_is_not(text: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(text)
    write_table(tmp_path / "a.parquet", text=[text, None])
    assert list(scan(tmp_path)) == []
    refuse(tmp_path)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([{"a": ["x", "/ho" + "me/ann"]}], id="in lists of structs of lists"),
        pytest.param({"b": {"c": b"\xff\x00 /ho" + b"me/ann"}}, id="in bytes"),
    ],
)
def test_nested_values_are_looked_at(value: Any, tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", nested=[value, value])
    assert [found.kind for found in scan(tmp_path)] == [PLACE]


def test_later_rows_are_looked_at(tmp_path: Path) -> None:
    rows = ["fine"] * 10_000
    rows[9_000] = "/ho" + "me/ann"
    write_table(tmp_path / "a.parquet", text=rows)
    assert [found.where for found in scan(tmp_path)] == ["column 'text', rows 8961 to 9216"]


def test_values_are_not_taken_together(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", text=["/ho", "me/ann"])
    assert list(scan(tmp_path)) == []
    refuse(tmp_path)


def test_random_bytes_are_no_secret(tmp_path: Path) -> None:
    rng = generator(0, "random bytes")
    write_table(tmp_path / "a.parquet", image=[rng.bytes(100_000) for _ in range(10)])
    assert list(scan(tmp_path)) == []
    refuse(tmp_path)


def test_the_token_in_use_and_this_folder_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    here = tmp_path / "some" / "place"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    (folder / "a.json").write_text(f"my.own+token\n{here}/scans\n")
    assert [found.kind for found in scan(folder, "my.own+token")] == [TOKEN, PLACE]
