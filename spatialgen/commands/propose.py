"""``spatialgen propose``: questions with verified answers, the main job."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from spatialgen.commands._model_options import model_options
from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import SpatialgenError, UsageError

if TYPE_CHECKING:
    from evalkit.backends import Session
    from spatialgen.propose.generator import Reply, Request
    from spatialgen.run import Asker

_BUILT_IN = "built-in"
_MODEL = "model"


@click.command("propose")
@click.option(
    "--scenes",
    "paths",
    type=PATH,
    multiple=True,
    required=True,
    help="A scene, a folder of scenes or a metadata file; may be repeated.",
)
@click.argument("more", type=PATH, nargs=-1)
@click.option("--out", type=PATH, required=True, help="The dataset folder.")
@click.option("--format", "format_name", help="Format, where it can't be recognised.")
@click.option(
    "--proposer",
    type=click.Choice([_BUILT_IN, _MODEL]),
    help="Who asks; with --model, the model.",
)
@click.option("--families", help="Question families, separated by commas; default: all.")
@click.option("--per-scene", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--frames",
    type=click.IntRange(1, 1_000),
    default=32,
    show_default=True,
    help="Frames of each video that questions may be about, evenly taken.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first scenes, by name.")
@click.option("--draw", type=click.IntRange(0), help="Seed that draws the scenes of --limit.")
@click.option(
    "--exclude",
    type=PATH,
    multiple=True,
    metavar="FILE",
    help="Leave out scenes whose physical space a benchmark asks about, or a list of scenes "
    "names; may be repeated.",
)
@click.option(
    "--debias",
    is_flag=True,
    help="Leave out questions until guessing without looking gains next to nothing.",
)
@model_options
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as one JSON object.")
def command(
    paths: tuple[Path, ...],
    more: tuple[Path, ...],
    out: Path,
    format_name: str | None,
    proposer: str | None,
    families: str | None,
    per_scene: int,
    seed: int,
    frames: int,
    limit: int | None,
    draw: int | None,
    exclude: tuple[Path, ...],
    debias: bool,
    workers: int | None,
    as_json: bool,
    **asking: Any,
) -> None:
    """Ask about scenes, derive and check answers, write a dataset.

    Run again, the same command goes on where it was stopped. With --model a
    model asks: --model NAME --backend openai --base-url http://127.0.0.1:8000

    \b
    Examples:
      spatialgen propose --scenes scenes --out dataset
      spatialgen propose --scenes a.json b.json --out dataset --per-scene 40 \\
        --families object_counting,object_rel_distance
    """
    from spatialgen import summary
    from spatialgen.progress import Progress
    from spatialgen.propose.feedback import read_feedback
    from spatialgen.run import ProposeConfig
    from spatialgen.run import propose as run_propose
    from spatialgen.scenes import open_scenes

    if draw is not None and limit is None:
        raise UsageError("--draw draws the scenes of --limit, which is missing")
    asks = _who(proposer, families, asking)
    told = read_feedback(asking["feedback"])
    config = ProposeConfig(
        format=format_name,
        proposer=asks,
        families=_names(families),
        per_scene=per_scene,
        seed=seed,
        frames=frames,
        limit=limit,
        draw=draw,
        debias=debias,
    )
    opened: AbstractContextManager[Asker | None] = nullcontext()
    if asks == _MODEL:
        open_scenes(
            [*paths, *more], format_name
        )  # what is wrong there is told before a model loads
        opened = _asker(asking, seed, frames)
    count = workers or os.cpu_count() or 1
    with Progress("scenes") as progress, opened as asker:
        manifest = run_propose(
            [*paths, *more], out, config, list(exclude), count, progress, asker, told
        )
    if as_json:
        print_json(manifest)
    else:
        summary.show_run(out, manifest)
    if not manifest["counts"]["accepted"]:
        raise SpatialgenError(f"{out}: no question was accepted; see `spatialgen stats {out}`")


def _names(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(sorted({name.strip() for name in text.split(",") if name.strip()}))
    if not names:
        raise UsageError("--families: no name given; leave it out for all families")
    return names


def _who(proposer: str | None, families: str | None, asking: Mapping[str, Any]) -> str:
    asks = proposer or (_MODEL if asking["model"] else _BUILT_IN)
    if asks == _MODEL:
        if families is not None:
            raise UsageError("--families are the built-in proposer's; leave them out with --model")
        if asking["model"] is None and asking["backend"] in ("transformers", "vllm"):
            raise UsageError(f"--backend {asking['backend']} needs --model: a folder or a name")
        return asks
    if asking["model"] is not None:
        raise UsageError("--model does not go with --proposer built-in; leave one of them out")
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in asking and name != "feedback":
            raise UsageError(f"{option.opts[0]} is for a model that asks; give --model")
    return asks


@contextmanager
def _asker(asking: Mapping[str, Any], seed: int, frames: int) -> "Iterator[Asker]":
    """Open evalkit's backend as the generator that asks, and close it at the end."""
    from evalkit import backends
    from evalkit.commands._options import make_settings
    from evalkit.errors import EvalkitError
    from evalkit.errors import UsageError as EvalkitUsageError
    from spatialgen.propose.settings import ModelSettings
    from spatialgen.run import Asker

    given = {name: asking[name] for name in ("model", "base_url")}
    given |= {"seed": seed, "max_images": max(32, frames)}
    kept = ""
    try:
        settings = make_settings({**given, **_pairs(asking["backend_options"])})
        backend = backends.load(asking["backend"])
        with backend.open(settings) as session:
            told = ModelSettings(
                model=asking["model"] or str(session.info().get("model")),
                backend=asking["backend"],
                **{name: asking[name] for name in ModelSettings.model_fields if name in _TOLD},
            )
            kept = " (what was asked is kept; the same command goes on)"
            yield Asker(told, _Evalkit(session), asking["previous"])
    except EvalkitUsageError as error:
        raise UsageError(str(error)) from error
    except EvalkitError as error:
        raise SpatialgenError(f"{error}{kept}") from error


# The settings of a model proposer that are options of the command, by the same names.
_TOLD = frozenset(
    {
        "per_reply",
        "replies",
        "repairs",
        "review",
        "blind",
        "graph_tokens",
        "max_tokens",
        "max_side",
        "scenes_at_once",
    }
)


class _Evalkit:
    """A session of an evalkit backend as a generator."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def generate(self, requests: "Iterable[Request]") -> "Iterator[Reply]":
        """Yield the session's completions as replies."""
        from evalkit import prompt
        from spatialgen.propose.generator import Reply

        prompts = (
            prompt.Prompt(
                id=request.id,
                parts=tuple(
                    prompt.Text(part) if isinstance(part, str) else prompt.Image(part.id, part.path)
                    for part in request.parts
                ),
                max_new_tokens=request.max_tokens,
                schema=request.schema,
            )
            for request in requests
        )
        for done in self._session.generate(prompts):
            yield Reply(done.id, done.text, done.error, done.truncated, done.tokens)

    def info(self) -> Mapping[str, Any]:
        """Return what the session tells of itself, but for where it runs."""
        told = self._session.info()
        return {name: value for name, value in told.items() if name not in ("base_url", "device")}


def _pairs(texts: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        key, _, value = text.partition("=")
        if not key or not value:
            raise UsageError(f"--backend-option {key}: give it as KEY=VALUE")
        if key in pairs:
            raise UsageError(f"--backend-option {key} is given twice")
        if key in ("model", "base_url", "seed"):
            raise UsageError(f"--backend-option {key}: give --{key.replace('_', '-')} instead")
        pairs[key] = value
    return pairs
