"""``spatialgen propose``: questions with verified answers, the main job."""

import os
from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import SpatialgenError, UsageError


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
    type=click.Choice(["built-in"]),
    default="built-in",
    show_default=True,
    help="Who asks.",
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
@click.option(
    "--exclude",
    type=PATH,
    multiple=True,
    metavar="BENCHMARK_FILE",
    help="Leave out scenes whose physical space a benchmark asks about; may be repeated.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as one JSON object.")
def command(
    paths: tuple[Path, ...],
    more: tuple[Path, ...],
    out: Path,
    format_name: str | None,
    proposer: str,
    families: str | None,
    per_scene: int,
    seed: int,
    frames: int,
    limit: int | None,
    exclude: tuple[Path, ...],
    workers: int | None,
    as_json: bool,
) -> None:
    """Ask about scenes, derive and check answers, write a dataset.

    Run again, the same command goes on where it was stopped.

    \b
    Examples:
      spatialgen propose --scenes scenes --out dataset
      spatialgen propose --scenes a.json b.json --out dataset --per-scene 40 \\
        --families object_counting,object_rel_distance
    """
    from spatialgen import summary
    from spatialgen.progress import Progress
    from spatialgen.run import ProposeConfig
    from spatialgen.run import propose as run_propose

    config = ProposeConfig(
        format=format_name,
        proposer=proposer,
        families=_names(families),
        per_scene=per_scene,
        seed=seed,
        frames=frames,
        limit=limit,
    )
    with Progress("scenes") as progress:
        manifest = run_propose(
            [*paths, *more], out, config, list(exclude), workers or os.cpu_count() or 1, progress
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
