"""Where a published dataset is read from: a dataset folder, a release folder, or the Hub.

A name with one slash is looked for as a folder first, and then as a dataset on the Hub.
"""

import functools
import math
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from spatialgen.dataset import files as folders
from spatialgen.dataset.rows import Row
from spatialgen.errors import DatasetError, UsageError
from spatialgen.materialize.hub import fetch
from spatialgen.materialize.published import Embedded, Published, Round
from spatialgen.release.retries import Retries
from spatialgen.tables import record, shards
from spatialgen.tables.columns import FRAMES, QUESTIONS, SCENES
from spatialgen.tables.part_files import part_files
from spatialgen.tables.soundness import END_FRAME, check_question, key_of

# Names of datasets on the Hub, as it allows them.
_REPO = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


def open_source(
    where: str, retries: Retries, revision: str | None = None, pictures: bool = False
) -> Published:
    """Return the dataset at a path, or on the Hub at one commit.

    ``pictures`` asks for those that the dataset brings along, where it does. Raises
    UsageError where there is none, DatasetError where it is unfinished or damaged, and
    HubError where the Hub can't be reached.
    """
    folder = Path(where)
    if folder.is_dir():
        if revision is not None:
            raise UsageError(f"{where}: is a folder, which has no revisions; leave out --revision")
        if (folder / folders.MANIFEST).exists():
            return _dataset_folder(folder)
        return _release(folder, where, {}, pictures)
    if folder.exists() or not _REPO.fullmatch(where):
        raise UsageError(f"{where}: no dataset folder, no release, and no name like ORG/NAME")
    commit, fetched = fetch(where, revision, pictures, retries)
    return _release(fetched, f"{where} at {commit[:12]}", {"commit": commit}, pictures)


def _dataset_folder(folder: Path) -> Published:
    manifest = folders.read_manifest(folder)
    if not manifest["complete"]:
        raise DatasetError(f"{folder}: unfinished; run the command that began it again")
    for name in folders.altered_files(folder, manifest):
        raise DatasetError(f"{folder / name}: altered or missing since it was made; restore it")
    names = (folders.QUESTIONS, folders.SCENES)
    questions, scenes = (
        partial(_checked, str(folder / name), partial(folders.read_rows, folder, name), check)
        for name, check in zip(names, (check_question, key_of), strict=True)
    )
    identity = {name: manifest["files"][name] for name in names}
    return Published(str(folder), identity, (Round("", questions, scenes),))


def _release(folder: Path, name: str, identity: dict[str, str], pictures: bool) -> Published:
    if not (folder / record.RELEASE).is_file():
        raise UsageError(f"{name}: neither a dataset folder nor a release (no {record.RELEASE})")
    rounds = []
    for part, told in sorted(record.read(folder).parts.items()):
        where = f"{name}: {part}"
        files = {  # compared with their hashes when they are read first, and once
            table: functools.cache(partial(part_files, folder, where, told, table))
            for table in (QUESTIONS, SCENES, FRAMES)
        }
        questions, scenes = (
            partial(_checked, f"{where}: {table}", partial(_read, files[table], table), check)
            for table, check in ((QUESTIONS, check_question), (SCENES, key_of))
        )
        brings = pictures and told.rows(FRAMES) > 0
        embedded = partial(_embedded, files[FRAMES], f"{where}: {FRAMES}") if brings else None
        rounds.append(Round(part, questions, scenes, embedded))
        identity = {**identity, part: told.dataset}
    return Published(name, identity, tuple(rounds))


def _read(files: Callable[[], list[Path]], table: str) -> Iterator[Row]:
    return shards.read(files(), table)


def _checked(
    where: str, rows: Callable[[], Iterator[Row]], check: Callable[[Row], object]
) -> Iterator[Row]:
    for number, row in enumerate(rows(), start=1):
        try:
            check(row)
        except ValueError as error:
            raise DatasetError(f"{where}, row {number}: damaged ({error})") from error
        yield row


def _embedded(files: Callable[[], list[Path]], where: str) -> Iterator[Embedded]:
    for cells in _checked(where, lambda: shards.read_cells(files(), FRAMES), _check_picture):
        yield Embedded(key_of(cells), cells["index"], cells["time_s"], cells["image"]["bytes"])


def _check_picture(cells: Row) -> None:
    key_of(cells)
    if cells["index"] is None or not 0 <= cells["index"] < END_FRAME:
        raise ValueError("'index' is no position in a video")
    if cells["time_s"] is None or not math.isfinite(cells["time_s"]):
        raise ValueError("'time_s' is no time")
    if not isinstance((cells["image"] or {}).get("bytes"), bytes):
        raise ValueError("'image' is empty")
