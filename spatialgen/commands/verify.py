"""``spatialgen verify``: every stored program once more."""

from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import SpatialgenError

# Differences that are printed one by one.
_SHOWN = 20


@click.command("verify")
@click.argument("folder", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(folder: Path, as_json: bool) -> None:
    """Run every program of a dataset again and compare every answer.

    \b
    Example: spatialgen verify dataset
    """
    from dataclasses import asdict

    from spatialgen.dataset.replay import replay
    from spatialgen.progress import Progress

    with Progress("questions") as progress:
        result = replay(folder, progress)
    if as_json:
        print_json(asdict(result) | {"holds": result.holds})
    else:
        for found in result.differences[:_SHOWN]:
            click.echo(f"questions.jsonl:{found.line}: {found.scene} {found.id}: {found.what}")
        if len(result.differences) > _SHOWN:
            click.echo(f"... and {len(result.differences) - _SHOWN} more (--json lists all)")
        for name in result.altered_files:
            click.echo(f"{name}: altered or missing since the dataset was finished")
        click.echo(f"{result.questions} questions run again, {len(result.differences)} differences")
    if not result.holds:
        raise SpatialgenError(f"{folder}: does not hold; restore it or propose again")
