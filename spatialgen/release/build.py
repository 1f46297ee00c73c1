"""A release folder: everything that is to be uploaded, made of dataset folders."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from spatialgen.dataset.files import naming
from spatialgen.errors import UsageError
from spatialgen.progress import Progress
from spatialgen.release.card import card
from spatialgen.release.folder import checked
from spatialgen.release.licences import checked as checked_licence
from spatialgen.release.licences import of_dataset
from spatialgen.release.part import Options, write_part
from spatialgen.tables.record import RELEASE, Release, to_json

#: The dataset card.
CARD = "README.md"


def build(
    folders: Sequence[Path],
    out: Path,
    progress: Progress,
    options: Options | None = None,
    license: str | None = None,
    repo: str = ".",
) -> Release:
    """Write a release of dataset folders into ``out``, which appears when it is whole.

    Neither the order of the folders nor their repetition matters; the same ones give the
    same bytes. ``repo`` is where the card says it is loaded from. Raises UsageError where
    something else is in ``out``, where a folder is no dataset or its scenes are under no
    known licence, DatasetError where a folder is not fit to be released.
    """
    chosen = None if license is None else checked_licence(license)
    _refuse_foreign(out)
    sound = {folder.sha256: folder for folder in map(checked, folders)}
    if not sound:
        raise UsageError("no dataset folder given")
    with _whole(out) as work:
        progress.begin(len(sound))
        parts = {}
        for _, folder in sorted(sound.items()):
            name, parts[name] = write_part(folder, work, options or Options())
            progress.advance(name)
        made = all(each.frames for part in parts.values() for each in part.sources.values())
        release = Release(license=of_dataset(made, chosen), parts=dict(sorted(parts.items())))
        write_top(work, release, repo)
    return release


def write_top(out: Path, release: Release, repo: str) -> None:
    """Write what a release folder has beside its parts: the card, and release.json."""
    for name, text in ((CARD, card(release, repo)), (RELEASE, to_json(release))):
        (out / name).write_bytes(text.encode("utf-8", "backslashreplace"))


def _refuse_foreign(out: Path) -> None:
    if not os.path.lexists(out):
        return
    names = {entry.name for entry in out.iterdir()} if out.is_dir() else {out.name}
    if names and (RELEASE not in names or names - {CARD, RELEASE, "data", "parts"}):
        raise UsageError(f"{out}: something else is there; choose another folder")


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a folder beside ``out`` that takes its place when all went well."""
    place = out.resolve()  # "." has no name to put another one beside, and a link stays one
    work = place.with_name(f".{place.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(parents=True)
    except OSError as error:
        error.filename = str(out)
        raise
    try:
        with naming(out):
            yield work
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    shutil.rmtree(place, ignore_errors=True)
    work.rename(place)
