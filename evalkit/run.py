"""One run: ask a benchmark's questions, keep every answer as it comes, and sum up at the end.

A run lives in its folder. The same command on the same folder goes on where it stopped, asks
what failed once more, and ends with the same bytes of rows and scores however often it was
stopped.
"""

import datetime
import importlib.metadata
import platform
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import evalkit
from evalkit.asking import Asker
from evalkit.backends import Backend, Settings
from evalkit.benchmark import Benchmark, Scorer
from evalkit.errors import DataError, UsageError
from evalkit.folder import RunFolder, differences
from evalkit.media.cache import FrameCache
from evalkit.media.errors import MediaError
from evalkit.media.video import Sampling
from evalkit.progress import Progress
from evalkit.prompt import Completion
from evalkit.protocol import protocol
from evalkit.questions import Question, Questions, known_answers
from evalkit.samples import completion_of, is_failed, sample_row
from evalkit.showing import media_places
from evalkit.summary import baseline_figures, grouping, other_scorers, summary

#: The layout of run.json and results.json.
FORMAT = 1

#: Settings that change how fast an answer comes, or by which way, and not the answer.
_HARMLESS = (
    *("batch_size", "base_url", "concurrency", "deadline_s", "device", "media", "replicas"),
    *("tensor_parallel", "timeout_s"),
)
_HARMLESS_INFO = ("device", "base_url", "replicas", "tensor_parallel", "concurrency")

_PACKAGES = (
    *("numpy", "opencv-python-headless", "opencv-python", "pillow", "torch", "transformers"),
    *("peft", "vllm", "openai", "datasets", "huggingface-hub"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked to do.

    ``limit`` takes only the first questions. ``blind`` says that the backend looks at no
    media, so that none are needed. ``local`` says that media are in a folder of the user's.
    """

    questions: Questions
    scorer: str
    backend_name: str
    backend: Backend
    settings: Settings
    cache: Path
    sampling: Sampling
    limit: int | None = None
    blind: bool = False
    local: bool = False

    @property
    def benchmark(self) -> Benchmark:
        """The benchmark that is run."""
        return self.questions.benchmark

    @property
    def rules(self) -> Scorer:
        """The scorer's rules."""
        return self.benchmark.scorers[self.scorer]

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that are asked, in the benchmark's order."""
        return self.questions.items[: self.limit]


def run(plan: Plan, out: Path, quiet: bool = False) -> dict[str, Any]:
    """Carry out ``plan`` in the folder ``out`` and return what ``results.json`` then holds.

    Raises UsageError for a folder with a run of other settings, and EvalkitError for what
    concerns all questions; a question that fails becomes a row with the reason.
    """
    with RunFolder(out) as folder:
        header = _header(plan)
        earlier, kept = folder.header(), folder.rows()
        if not kept:
            # Nothing was answered yet, so the settings may still be others.
            earlier = None
        if earlier is not None:
            _refuse_other(out, earlier, header)
        rows = _latest(plan, kept)
        open_ids = {
            each.id for each in plan.asked if each.id not in rows or is_failed(rows[each.id])
        }
        timing = None
        if open_ids or earlier is None:
            note = _check_media(plan)
            header, rows, timing = _ask(plan, folder, header, earlier, rows, open_ids, note, quiet)
        else:
            header = earlier
            timing = (folder.earlier_results() or {}).get("timing")
        ordered = [_final_row(plan, question, rows[question.id]) for question in plan.asked]
        found = results_of(plan, header, ordered, timing)
        folder.finish(ordered, found)
    return found


def results_of(
    plan: Plan,
    header: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    timing: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what ``results.json`` holds: a function of the rows and the header alone."""
    answers = {row["id"]: row["prediction"] for row in rows if not is_failed(row)}
    failures = Counter(row["error"]["code"] for row in rows if is_failed(row))
    asked, benchmark = plan.asked, plan.benchmark
    total = max(plan.questions.data.count, len(asked))
    return {
        **header,
        "results": summary(benchmark, plan.rules, asked, answers, total),
        "failures": dict(sorted(failures.items())),
        "truncated": sum(bool(row["truncated"]) for row in rows),
        "scorers": other_scorers(benchmark, asked, answers),
        "baselines": baseline_figures(benchmark, asked),
        "grouping": grouping(benchmark),
        "timing": timing,
    }


def answer_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that can change an answer: these make a run what it is."""
    found = settings.model_dump(mode="json")
    return {name: value for name, value in found.items() if name not in _HARMLESS}


def _header(plan: Plan) -> dict[str, Any]:
    """Return what the run is, as far as it is known before the backend is opened."""
    found = protocol(plan.questions, plan.scorer, plan.sampling, plan.blind)
    data = plan.questions.data
    return {
        "format": FORMAT,
        "protocol": found,
        "benchmark": plan.benchmark.name,
        "title": plan.benchmark.title,
        "scorer": plan.scorer,
        "prompt_hash": found["prompt"],
        "frames": found["frames"],
        "sampler": found["sampler"],
        "decoder": found["decoder"],
        "dataset": asdict(data),
        "limit": plan.limit,
        "backend": plan.backend_name,
        "settings": answer_settings(plan.settings),
        "versions": {},
        "model": None,
    }


def _refuse_other(out: Path, earlier: Mapping[str, Any], header: Mapping[str, Any]) -> None:
    """Raise UsageError, naming what differs, for the folder of another run."""
    later = ("versions", "model", "notes")
    one, two = ({k: v for k, v in each.items() if k not in later} for each in (earlier, header))
    if found := differences(one, two):
        # The parts of a protocol are told, its id and hashes of hashes say nothing more.
        told = [each for each in found if not each.startswith(("protocol.id", "prompt_hash"))]
        message = f"{out}: holds a run with other settings ({'; '.join(told or found)})"
        raise UsageError(f"{message}; choose another --out, or give the settings it had")


def _ask(
    plan: Plan,
    folder: RunFolder,
    header: dict[str, Any],
    earlier: Mapping[str, Any] | None,
    rows: dict[str, dict[str, Any]],
    open_ids: set[str],
    note: str | None,
    quiet: bool,
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Any]]:
    """Ask the open questions; return the header, all rows by id, and how long it took."""
    started = datetime.datetime.now(datetime.UTC)
    began = time.monotonic()
    again = sum(is_failed(rows[name]) for name in open_ids if name in rows)
    known = known_answers(plan.benchmark, plan.questions.items)
    with ExitStack() as stack:
        session = stack.enter_context(plan.backend.open(plan.settings, known))
        header = {**header, "versions": _versions(), "model": session.info()}
        if earlier is not None:
            _refuse_other_model(folder.path, earlier, header)
            header = dict(earlier)
        else:
            folder.write_header(header)
        folder.begin()
        opened = time.monotonic()
        frames = None
        if not plan.blind:
            frames = stack.enter_context(FrameCache(plan.cache / "videos"))
        done = len(plan.asked) - len(open_ids)
        progress = stack.enter_context(Progress(len(plan.asked), done, quiet))
        if done:
            progress.say(f"going on after {done} of {len(plan.asked)} questions")
        if note:
            progress.say(note)
        if again:
            progress.say(f"asking {again} failed questions again")

        def keep(question: Question, completion: Completion, code: str | None) -> None:
            row = sample_row(plan.benchmark, plan.rules, question, completion, code)
            folder.append(row)
            rows[question.id] = row
            progress.advance(failed=is_failed(row))

        asked = [question for question in plan.asked if question.id in open_ids]
        asker = Asker(plan.questions, asked, keep)
        if frames is None:
            asker.ask_blind(session)
        else:
            asker.ask(session, frames, plan.cache / "images", plan.sampling)
        ended = time.monotonic()
        for line in frames.notes if frames else ():
            progress.say(line)
    timing = {
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(ended - began, 3),
        "seconds_to_open": round(opened - began, 3),
        "asked": len(open_ids),
        "kept": len(plan.asked) - len(open_ids),
        "per_second": round(len(open_ids) / max(ended - opened, 1e-9), 3),
        "videos": asdict(frames.counts) if frames else None,
    }
    return header, rows, timing


def _latest(plan: Plan, rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the last row of each question that is asked."""
    asked = {question.id for question in plan.asked}
    return {row["id"]: row for row in rows if row["id"] in asked}


def _final_row(plan: Plan, question: Question, row: Mapping[str, Any]) -> dict[str, Any]:
    code = row["error"]["code"] if row.get("error") else None
    return sample_row(plan.benchmark, plan.rules, question, completion_of(row), code)


def _refuse_other_model(out: Path, earlier: Mapping[str, Any], header: Mapping[str, Any]) -> None:
    one, two = (
        {
            name: value
            for name, value in (each.get("model") or {}).items()
            if name not in _HARMLESS_INFO
        }
        for each in (earlier, header)
    )
    if found := differences(one, two):
        message = f"{out}: was begun with another model or library ({'; '.join(found)})"
        raise UsageError(f"{message}; choose another --out, or go back to what it was")


def _check_media(plan: Plan) -> str | None:
    """Return a line about missing media, or None where all are there.

    Raises DataError where none is, before a model is loaded. What is on the Hub is not looked
    at: it is there.
    """
    if plan.blind or not plan.local:
        return None
    media, finder = plan.benchmark.media, plan.questions.finder
    files = dict.fromkeys(paths for each in plan.asked for paths in media_places(media, each.doc))
    absent = set(finder.missing(dict.fromkeys(path for paths in files for path in paths)))
    missing = [paths for paths in files if absent.issuperset(paths)]
    if not missing:
        return None
    if len(missing) < len(files):
        told = f"{len(missing):,} of {len(files):,} media files are missing"
        return f"{told}, such as {missing[0][0]}; their questions will fail"
    try:
        finder.find(*missing[0])
    except MediaError as error:
        raise DataError(f"none of the media files is there; {error}") from error
    return None


def _versions() -> dict[str, str]:
    """Return the versions of what takes part, as installed."""
    found = {"evalkit": evalkit.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
