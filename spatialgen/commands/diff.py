"""``spatialgen diff``: what changed from one dataset to another."""

from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json


@click.command("diff")
@click.argument("one", type=PATH)
@click.argument("other", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(one: Path, other: Path, as_json: bool) -> None:
    """Say what changed from ONE to OTHER: dataset folders, or release folders.

    Questions are the same by their id, scenes by their name.

    \b
    Example: spatialgen diff dataset dataset-of-today
    """
    from spatialgen import summary
    from spatialgen.release.compare import compare

    found = compare(one, other)
    if as_json:
        print_json(found)
    else:
        summary.show_changes(found)
