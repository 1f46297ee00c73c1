"""``spatialgen materialize``: a published dataset and one's own scans, as training files."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from spatialgen import discovery
from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import SpatialgenError

_FORMATS = discovery.names("spatialgen.exports")
_DEFAULT = "trl"


@click.command("materialize")
@click.argument("source")
@click.option(
    "--scenes",
    "paths",
    type=PATH,
    multiple=True,
    help="A scan or a folder of scans; may be repeated. Without: the dataset's own pictures.",
)
@click.option("--out", type=PATH, required=True, help="Folder for pictures and training files.")
@click.option(
    "--as",
    "names",
    multiple=True,
    default=(_DEFAULT,),
    show_default=True,
    help=f"Format of the training files: {', '.join(_FORMATS)}; may be repeated.",
)
@click.option(
    "--media",
    type=click.Choice(["pictures", "video"]),
    help="How whole videos are shown; default: as the format does.",
)
@click.option(
    "--frames",
    type=click.IntRange(1, 1_000),
    help="Frames of a whole video; default: those of the dataset.",
)
@click.option("--max-side", type=click.IntRange(16, 20_000), help="Reduce pictures to this.")
@click.option("--revision", help="Commit, tag or branch of a dataset on the Hub.")
@click.option("--format", "format_name", help="Format of the scans, where it isn't recognised.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def command(
    source: str,
    paths: tuple[Path, ...],
    out: Path,
    names: tuple[str, ...],
    media: str | None,
    frames: int | None,
    max_side: int | None,
    revision: str | None,
    format_name: str | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Join a published dataset with your own scans, and write training files.

    SOURCE is a dataset folder, a release, or ORG/NAME on the Hub. Each scan is checked
    against the scene that was published: same objects, same boxes, same camera. What
    is missing is counted, and listed in missing.jsonl. Run again, perhaps with more
    scans, the command goes on where it was.

    \b
    Examples:
      spatialgen materialize ORG/NAME --scenes scans --out train
      spatialgen materialize dataset --scenes scenes --out train --as ms_swift
      spatialgen materialize ORG/NAME --out train --max-side 448
    """
    from spatialgen import exports
    from spatialgen.materialize.run import MaterializeConfig, materialize
    from spatialgen.materialize.sources import open_source
    from spatialgen.progress import Progress
    from spatialgen.release.retries import Retries

    for name in names:
        exports.load(name)  # a typo is told before anything is downloaded
    given = {"exports": names, "media": media, "frames": frames, "max_side": max_side}
    config = MaterializeConfig.model_validate(given)
    with Progress("scenes") as progress:
        published = open_source(source, Retries(progress.tell), revision, pictures=not paths)
        count = workers or os.cpu_count() or 1
        report = materialize(published, paths, out, config, count, progress, format_name)
    if as_json:
        print_json(report)
    else:
        _show(out, names, report)
    if not any(report["exports"][name]["lines"] for name in names):
        raise SpatialgenError(f"{out}: no question could be written; see {out / 'missing.jsonl'}")


def _show(out: Path, names: tuple[str, ...], report: Mapping[str, Any]) -> None:
    from spatialgen import exports

    counts = report["counts"]
    click.echo(
        f"{counts['joined']} of {counts['questions']} questions joined with "
        f"{counts['scenes']} scenes, {counts['pictures']} pictures in {out}"
    )
    if counts["repeated"]:
        click.echo(f"asked in several rounds, written once: {counts['repeated']}")
    _count("missing", report["missing"])
    _count("frames without a picture", report["frames_lost"])
    for name in dict.fromkeys(names):
        told = report["exports"][name]
        click.echo(f"{name}: {told['lines']} lines in {told['file']}")
        _count("  left out", told["left_out"])
        if told["lines"]:
            click.echo(f"  {exports.load(name).use.format(folder=out)}")


def _count(title: str, counts: Mapping[str, int]) -> None:
    if counts:
        click.echo(f"{title}: {', '.join(f'{code} {count}' for code, count in counts.items())}")
