"""``spatialgen stats``: what a dataset holds, counted."""

from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json


@click.command("stats")
@click.argument("folder", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(folder: Path, as_json: bool) -> None:
    """Count a dataset by family, scene, reason and answer.

    \b
    Example: spatialgen stats dataset
    """
    from spatialgen import summary
    from spatialgen.dataset.stats import stats as count

    counted = count(folder)
    if as_json:
        print_json(counted)
    else:
        summary.show_stats(counted)
