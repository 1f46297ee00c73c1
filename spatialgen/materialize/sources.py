"""Where a published dataset is read from: a dataset folder, a release folder, or the Hub.

A name with one slash is looked for as a folder first, and then as a dataset on the Hub.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from spatialgen.dataset.files import (
    MANIFEST,
    QUESTIONS,
    SCENES,
    altered_files,
    read_manifest,
    read_rows,
)
from spatialgen.dataset.rows import Row
from spatialgen.errors import DatasetError, UsageError
from spatialgen.materialize.hub import fetch
from spatialgen.materialize.published import Embedded, Published, Round, checked_question, key_of
from spatialgen.release import columns, record, tables

# Names of datasets on the Hub, as it allows them.
_REPO = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


def open_source(where: str, revision: str | None = None, pictures: bool = False) -> Published:
    """Return the dataset at a path, or on the Hub at one commit.

    ``pictures`` asks for those that the dataset brings along, where it does. Raises
    UsageError where there is none, DatasetError where it is unfinished or damaged, and
    SpatialgenError where the Hub can't be reached.
    """
    folder = Path(where)
    if folder.is_dir():
        if revision is not None:
            raise UsageError(f"{where}: is a folder, which has no revisions; leave out --revision")
        if (folder / MANIFEST).exists() and not (folder / record.RELEASE).exists():
            return _dataset_folder(folder)
        return _release(folder, where, {}, pictures)
    if folder.exists() or not _REPO.fullmatch(where):
        raise UsageError(f"{where}: no dataset folder, no release, and no name like ORG/NAME")
    commit, fetched = fetch(where, revision, pictures)
    return _release(fetched, f"{where} at {commit[:12]}", {"commit": commit}, pictures)


def _dataset_folder(folder: Path) -> Published:
    manifest = read_manifest(folder)
    if not manifest["complete"]:
        raise DatasetError(f"{folder}: unfinished; run the command that began it again")
    for name in altered_files(folder, manifest):
        raise DatasetError(f"{folder / name}: altered or missing since it was made; restore it")
    questions = partial(_checked, f"{folder / QUESTIONS}", partial(read_rows, folder, QUESTIONS))
    return Published(
        str(folder),
        {name: manifest["files"][name] for name in (QUESTIONS, SCENES)},
        (Round("", questions, partial(read_rows, folder, SCENES)),),
    )


def _release(folder: Path, name: str, identity: dict[str, str], pictures: bool) -> Published:
    if not (folder / record.RELEASE).is_file():
        raise UsageError(f"{name}: neither a dataset folder nor a release (no {record.RELEASE})")
    found = record.read(folder)
    rounds = []
    for id, told in sorted(found.rounds.items()):
        files = {
            table: [folder / path for path in sorted(told.files) if _is_of(path, table)]
            for table in tables.GROUP_ROWS
        }
        for path in (*files[tables.QUESTIONS], *files[tables.SCENES]):
            if not path.is_file():
                raise DatasetError(f"{name}: {path.name} is missing; get the release again")
        identity = {**identity, id: told.dataset}
        where = f"{name}: table {tables.QUESTIONS!r} of {id}"
        read = partial(tables.read, files[tables.QUESTIONS], tables.QUESTIONS)
        brings = pictures and bool(files[tables.FRAMES])
        rounds.append(
            Round(
                id,
                partial(_checked, where, read),
                partial(tables.read, files[tables.SCENES], tables.SCENES),
                partial(_embedded, files[tables.FRAMES], name) if brings else None,
            )
        )
    return Published(name, identity, tuple(rounds))


def _is_of(path: str, table: str) -> bool:
    # release.json is data that anyone may have written: nothing outside its folder is opened.
    return re.fullmatch(rf"data/{table}/[\w.-]+\.parquet", path, re.ASCII) is not None


def _checked(where: str, rows: Callable[[], Iterator[Row]]) -> Iterator[Row]:
    for number, row in enumerate(rows(), start=1):
        try:
            yield checked_question(row)
        except ValueError as error:
            raise DatasetError(f"{where}, row {number}: damaged ({error})") from error


def _embedded(files: list[Path], name: str) -> Iterator[Embedded]:
    for cells in tables.read_cells(files, columns.FRAMES):
        image = cells["image"] or {}
        content, index, time_s = image.get("bytes"), cells["index"], cells["time_s"]
        try:
            key = key_of(cells)
        except ValueError as error:
            raise DatasetError(f"{name}: table {columns.FRAMES!r}: {error}") from error
        if not isinstance(content, bytes) or index is None or time_s is None:
            raise DatasetError(f"{name}: table {columns.FRAMES!r}: {key[1]} has an empty cell")
        yield Embedded(key, index, time_s, content)
