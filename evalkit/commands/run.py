"""``evalkit run``: a benchmark, a model, and a folder with the results."""

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from evalkit import backends, discovery
from evalkit.backends import Settings
from evalkit.benchmark import SCORERS
from evalkit.benchmarks import _dataset_folder as dataset_folder
from evalkit.commands._options import make_settings, settings_options
from evalkit.errors import DataError, EvalkitError, UsageError
from evalkit.folder import SAMPLES
from evalkit.media.video import Sampling
from evalkit.questions import Data, Questions, digest, load, questions
from evalkit.report import present
from evalkit.run import Plan, answer_settings, run
from evalkit.showing import MediaFolder

#: How deep videos lie in a folder that --data names.
_DEPTHS = ("", "*/", "*/*/")

_KEPT = "what was answered is kept, and the same command goes on from there"


@click.command("run")
@click.argument("benchmark")
@click.option(
    "--backend",
    default="transformers",
    show_default=True,
    metavar="NAME",
    help="What answers; `evalkit list` names them all.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The benchmark's files, in the layout of its repository; else from the Hub.",
)
@click.option("--config", metavar="NAME", help="The configuration of a dataset that has several.")
@click.option(
    "--revision", "data_revision", metavar="R", help="The commit of the dataset on the Hub."
)
@click.option(
    "--frames",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    help="Frames sampled from a video.",
)
@click.option(
    "--max-side",
    type=click.IntRange(min=1),
    metavar="PIXELS",
    help="Reduce frames to this longest side.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Ask only the first N questions."
)
@click.option(
    "--scorer",
    default=SCORERS[0],
    show_default=True,
    metavar="NAME",
    help=f"Whose score: {', '.join(SCORERS)}.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The result folder [default: below runs/, named by the settings].",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where decoded frames are kept [default: evalkit in your cache folder].",
)
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON object.")
@click.pass_context
def run_command(
    context: click.Context,
    /,
    benchmark: str,
    backend: str,
    data: Path | None,
    config: str | None,
    data_revision: str | None,
    frames: int,
    max_side: int | None,
    limit: int | None,
    scorer: str,
    out: Path | None,
    cache: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Ask a model all questions of a benchmark and score what it says.

    BENCHMARK is a name from `evalkit list`, package.module:BENCHMARK, or a dataset folder that
    spatialgen wrote (./NAME where a benchmark is called alike). Every answer is kept as it
    comes. A run that was stopped goes on when the same command is given again; questions that
    failed are then asked once more.

    \b
    Examples:
      evalkit run vsi-bench --model ckpt/ --data VSI-Bench/ --out results/
      evalkit run mindcube --backend openai --base-url http://localhost:8000/v1 --model name
      evalkit run dataset/ --backend random
    """
    plan = make_plan(
        benchmark,
        backend=backend,
        settings=make_settings(options),
        scorer=scorer,
        data=data,
        config=config,
        revision=data_revision,
        sampling=Sampling(frames, max_side),
        limit=limit,
        cache=cache or default_cache(),
    )
    folder = out or Path("runs") / default_name(plan)
    click.echo(f"results go to {folder}", err=True)
    try:
        found = run(plan, folder)
    except KeyboardInterrupt:
        raise EvalkitError(f"stopped; {_KEPT}") from None
    except (DataError, UsageError):
        raise
    except EvalkitError as error:
        raise EvalkitError(f"{error}\n{_KEPT}" if _has_rows(folder) else str(error)) from error
    if as_json:
        click.echo(json.dumps({**found, "out": str(folder)}, allow_nan=False))
    else:
        click.echo(present(folder, "text"))
    failed = found["results"]["failed"]
    if failed:
        reasons = ", ".join(f"{count} {code}" for code, count in found["failures"].items())
        message = f"{failed} of {found['results']['n']} questions failed ({reasons}) and are in no"
        click.echo(
            f"evalkit: {message} score; {folder / 'samples.jsonl'} has the reasons. "
            "The same command asks them again",
            err=True,
        )
        context.exit(1)


def _has_rows(folder: Path) -> bool:
    path = folder / SAMPLES
    return path.exists() and path.stat().st_size > 0


def make_plan(
    benchmark: str,
    *,
    backend: str,
    settings: Settings,
    scorer: str,
    data: Path | None,
    config: str | None,
    revision: str | None,
    sampling: Sampling,
    limit: int | None,
    cache: Path,
) -> Plan:
    """Return the plan of a run; raises UsageError or DataError for what can't be run."""
    backend = backend.replace("_", "-")
    opened = backends.load(backend)
    answering = backends.load(settings.inner) if opened.wraps else opened
    if settings.model is None and answering.needs_model:
        raise UsageError(f"the {backend} backend needs --model")
    found = _questions(benchmark, scorer, data, config, revision, cache, opened.blind)
    return Plan(
        questions=found,
        scorer=scorer,
        backend_name=backend,
        backend=opened,
        settings=settings,
        cache=cache,
        sampling=sampling,
        limit=limit if limit is not None and limit < len(found.items) else None,
        blind=opened.blind,
        local=isinstance(found.finder, MediaFolder) or data is not None,
    )


def _questions(
    name: str,
    scorer: str,
    data: Path | None,
    config: str | None,
    revision: str | None,
    cache: Path,
    blind: bool,
) -> Questions:
    path = Path(name)
    # A benchmark's name means the benchmark: its data may well lie in a folder called so.
    if name and path.is_dir() and name not in discovery.names():
        if not dataset_folder.is_dataset_folder(path):
            raise UsageError(f"{path}: has no {dataset_folder.QUESTIONS}, so it is no benchmark")
        return _folder_questions(path, scorer, data, blind)
    if not name or ("/" in name and ":" not in name):
        raise UsageError(f"{path}: there is no such folder, and no benchmark is called so")
    chosen = discovery.load(name)
    discovery.scorer(chosen, scorer)
    return load(chosen, cache, data, revision, config)


def _folder_questions(path: Path, scorer: str, data: Path | None, blind: bool) -> Questions:
    chosen, rows = dataset_folder.read_folder(path)
    discovery.scorer(chosen, scorer)
    root = data or path
    if not blind and not root.is_dir():
        raise DataError(f"{root}: there is no such folder")
    if not blind and not any(file for depth in _DEPTHS for file in root.glob(f"{depth}*.mp4")):
        message = f"{root}: has no videos; give --data with {chosen.media.place} in it, or with"
        also = "{scene_name}/{scene_name}.mp4"
        raise DataError(f"{message} {also}; or --backend text-only to ask without them")
    content = digest(rows)
    info = Data(chosen.source.repo, None, None, None, content, content, len(rows), len(rows))
    return Questions(chosen, questions(chosen, rows), info, MediaFolder(root))


def default_cache() -> Path:
    """Return the folder for decoded frames: ``EVALKIT_CACHE``, else in the user's cache folder."""
    chosen = os.environ.get("EVALKIT_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "evalkit"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evalkit"


def default_name(plan: Plan) -> str:
    """Return a folder name for the run: the same settings, the same name."""
    model = Path(plan.settings.model or plan.backend_name).name or "model"
    what = {
        "data": plan.questions.data.content,
        "backend": plan.backend_name,
        "settings": answer_settings(plan.settings),
        "sampling": plan.sampling.name,
        "scorer": plan.scorer,
        "limit": plan.limit,
    }
    short = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:8]
    words = (plan.benchmark.name, model, short)
    return "-".join(re.sub(r"[^\w.]+", "-", word).strip("-.")[:60] or "x" for word in words)
