"""The questions of a benchmark as a run sees them: an id each, and no image bytes held."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit import source
from evalkit.backends import Known
from evalkit.benchmark import Benchmark, Source, key_of
from evalkit.errors import DataError, Unscorable, UsageError
from evalkit.folder import foreign
from evalkit.records import Doc, Image, Part, Text
from evalkit.showing import Finder, cell_column, is_path

#: The columns that may hold an id; the first that no two questions share is taken.
_ID_COLUMNS = ("id", "question_id")


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``index`` is its place in the benchmark, ``doc`` is without image bytes."""

    id: str
    index: int
    doc: Doc
    cluster: str


@dataclass(frozen=True, slots=True)
class Data:
    """Where the questions came from.

    ``content`` is a hash of all questions without their images, ``digest`` one of the files
    they were read from. ``revision`` is the commit that they are of, None where it is not known,
    and ``pinned`` the one that the benchmark names. ``count`` is how many there are and ``whole``
    how many the whole benchmark has, None where that is not known.
    """

    repo: str
    config: str | None
    revision: str | None
    pinned: str | None
    digest: str | None
    content: str
    count: int
    whole: int | None


@dataclass(frozen=True, slots=True)
class Questions:
    """All questions of a benchmark, in its order.

    ``rows`` gives the rows with their images again where these lie in the table; it is None
    where media are files, which ``finder`` finds.
    """

    benchmark: Benchmark
    items: tuple[Question, ...]
    data: Data
    finder: Finder
    rows: Callable[[], Iterator[Mapping[str, Any]]] | None = None


def load(
    benchmark: Benchmark,
    cache: Path,
    folder: Path | None = None,
    revision: str | None = None,
    config: str | None = None,
) -> Questions:
    """Return a benchmark's questions from ``folder``, or from the Hub where it is None.

    ``revision`` and ``config`` choose a commit and a configuration of the dataset in place of
    those that the benchmark names. Raises DataError for data that are not the benchmark's.
    """
    known = benchmark.source
    if config is not None and config not in known.rows:
        raise UsageError(
            f"no configuration {config!r}; {benchmark.name} has {', '.join(known.rows)}"
        )
    config = config or next(iter(known.rows), None)
    dataset = source.open_dataset(
        source.Selection(
            repo=known.repo,
            revision=revision or known.revision,
            config=config,
            split=known.split,
            files=_files(known, config, folder),
            columns=benchmark.needs,
            media=benchmark.media.archives,
        ),
        cache,
        folder,
    )

    def rows() -> Iterator[Mapping[str, Any]]:
        return (row for row in dataset.rows() if benchmark.belongs(row))

    column = cell_column(benchmark.media)
    in_rows = False
    docs = []
    for row in rows():
        held = column is not None and not _only_paths(row.get(column))
        in_rows = in_rows or held
        docs.append(_light(row, column) if held else row)
    if not docs:
        raise DataError(f"{folder or known.repo}: has no question of {benchmark.name}")
    whole = known.rows.get(config or "")
    # A folder may hold a part on purpose; more questions than there are is another data set.
    if whole is not None and (len(docs) > whole or (folder is None and len(docs) < whole)):
        found = f"has {len(docs):,} questions where {benchmark.name} has {whole:,}"
        raise DataError(f"{folder or known.repo}: {found}; get the data that belong to it")
    data = Data(
        known.repo,
        config,
        dataset.revision or revision,
        known.revision,
        dataset.digest,
        digest(docs),
        len(docs),
        whole,
    )
    items = questions(benchmark, docs)
    return Questions(benchmark, items, data, dataset, rows if in_rows else None)


def _files(known: Source, config: str | None, folder: Path | None) -> tuple[str, ...]:
    """Return the patterns of the files with rows; none leave it to the card on the Hub.

    A folder may also follow the usual names, those of the configuration before the others.
    """
    own = tuple(known.files.get(config or "", ()))
    if folder is None:
        return own
    usual = (config, None) if config is not None else (None,)
    rest = (name for each in usual for name in source.usual_files(each, known.split))
    return tuple(dict.fromkeys((*own, *rest)))


def questions(benchmark: Benchmark, docs: Sequence[Doc]) -> tuple[Question, ...]:
    """Return ``docs`` as questions; raises DataError for a row that can't be asked."""
    ids = question_ids(docs)
    found = []
    for index, (name, doc) in enumerate(zip(ids, docs, strict=True)):
        try:
            benchmark.prompt(doc)
            benchmark.groups(doc)
            found.append(Question(name, index, doc, benchmark.cluster(doc)))
        except KeyError as error:
            message = f"{benchmark.name}: question {name} has no column {error.args[0]!r}"
            raise DataError(f"{message}; get the data again") from error
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            message = f"{benchmark.name}: question {name} can't be asked ({error})"
            raise DataError(f"{message}; get the data again") from error
    return tuple(found)


def question_ids(docs: Sequence[Doc]) -> list[str]:
    """Return one id per question: a column of ids where these differ, else the row's number."""
    for column in _ID_COLUMNS:
        ids = [str(doc[column]) for doc in docs if doc.get(column) is not None]
        if len(ids) == len(docs) == len(set(ids)):
            return ids
    return [str(number) for number in range(len(docs))]


def digest(docs: Sequence[Doc]) -> str:
    """Return a SHA-256 over the columns of all questions, in order."""
    return _hash(json.dumps(dict(doc), sort_keys=True, default=foreign) for doc in docs)


def prompt_digest(benchmark: Benchmark, docs: Sequence[Doc]) -> str:
    """Return a SHA-256 over all prompts: their texts, and where images and videos stand."""
    return _hash(json.dumps([_place(part) for part in benchmark.prompt(doc)]) for doc in docs)


def known_answers(benchmark: Benchmark, items: Sequence[Question]) -> list[Known]:
    """Return the right answers, for the baselines that count answers."""
    found = []
    for item in items:
        try:
            key = key_of(benchmark, item.doc)
        except Unscorable:
            continue
        answer = key.answer if key.kind == "choice" else key.truth
        if answer is not None:
            found.append(Known(str(answer), key.options, group_of(benchmark, item.doc)))
    return found


def group_of(benchmark: Benchmark, doc: Doc) -> str:
    """Return the first group of a question, its kind."""
    return next(iter(benchmark.groups(doc)), "")


def options_of(benchmark: Benchmark, doc: Doc) -> tuple[str, ...]:
    """Return the texts to choose from, without letters; empty where there are none."""
    try:
        return key_of(benchmark, doc).options
    except Unscorable:
        return ()


def _place(part: Part) -> object:
    if isinstance(part, Text):
        return part.text
    if isinstance(part, Image):
        return ["image", part.index]
    return ["video"] if part.frames is None else ["video", part.frames]


def _only_paths(cells: object) -> bool:
    return all(map(is_path, cells)) if isinstance(cells, list | tuple) else is_path(cells)


def _light(row: Mapping[str, Any], column: str | None) -> dict[str, Any]:
    """Return the row with None in place of each image."""
    light = dict(row)
    if column is not None and column in light:
        cells = light[column]
        light[column] = [None] * len(cells) if isinstance(cells, list | tuple) else None
    return light


def _hash(lines: Iterator[str]) -> str:
    found = hashlib.sha256()
    for line in lines:
        found.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return found.hexdigest()
