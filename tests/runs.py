"""Running the command, in this process or in its own, and looking at what it wrote."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spatialgen.cli import main
from spatialgen.dataset.files import MANIFEST, ROW_FILES, file_hashes
from spatialgen.progress import Progress
from spatialgen.run import ProposeConfig, propose

#: Questions about each of the rooms that the shared dataset is made from.
PER_SCENE = 10

#: Seconds that a command may take on a machine that is busy with other things.
PATIENCE_S = 300.0

#: The command, which even where it is slow says nothing between two lines that are compared.
QUIETLY = """
from spatialgen import cli, progress
progress.EVERY_S = float("inf")
cli.main(prog_name="spatialgen")
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Return the one JSON object on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)

    def complaint(self, status: int) -> str:
        """Return the one line on standard error of a command that ended with ``status``."""
        assert self.status == status, self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("spatialgen: "), self.err
        return self.err.removeprefix("spatialgen: ").rstrip("\n")


def command(*arguments: str | Path, first: str = "") -> list[str]:
    """Return the words of a command line; its process runs the lines ``first`` before."""
    return [sys.executable, "-c", first + QUIETLY, *map(str, arguments)]


def apart(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Ended:
    """Run the command in a process of its own."""
    done = subprocess.run(
        command(*arguments),
        env={**os.environ, **(env or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def here(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Ended:
    """Run the command in this process, which is faster."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments], prog_name="spatialgen")
    said = capsys.readouterr()
    status = ended.value.code or 0
    assert isinstance(status, int)
    return Ended(status, said.out, said.err)


def made(
    paths: Sequence[Path],
    out: Path,
    *,
    workers: int = 1,
    exclude: Sequence[Path] = (),
    **config: Any,
) -> dict[str, Any]:
    """Run ``propose`` in this process; return its manifest."""
    with Progress("scenes") as progress:
        settings = ProposeConfig(**{"per_scene": PER_SCENE, **config})
        return propose(list(paths), out, settings, list(exclude), workers, progress)


def rows_in(folder: Path) -> dict[str, bytes]:
    """Return the content of the three files of rows."""
    return {name: (folder / name).read_bytes() for name in ROW_FILES}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows to a file."""
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def trusted_again(folder: Path) -> None:
    """Make the manifest vouch for the files as they are now."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"] = file_hashes(folder)
    (folder / MANIFEST).write_text(json.dumps(manifest))
