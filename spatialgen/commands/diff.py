"""``spatialgen diff``: what changed from one dataset to another."""

import re
from pathlib import Path

import click

from spatialgen.commands._options import print_json

# A dataset on the Hub, and perhaps a commit, tag or branch of it.
_ON_HUB = re.compile(r"([\w.-]+/[\w.-]+?)(?:@([\w./-]+))?", re.ASCII)


@click.command("diff")
@click.argument("one")
@click.argument("other")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(one: str, other: str, as_json: bool) -> None:
    """Say what changed from ONE to OTHER.

    Each is a dataset folder, a release folder, or ORG/NAME on the Hub, perhaps with
    @REVISION. Questions are the same by their id, scenes by their name.

    \b
    Examples:
      spatialgen diff dataset dataset-of-today
      spatialgen diff ORG/NAME@4f2a91c ORG/NAME
    """
    from spatialgen import summary
    from spatialgen.release.compare import compare

    found = compare(_folder(one), _folder(other))
    if as_json:
        print_json(found)
    else:
        summary.show_changes(found)


def _folder(where: str) -> Path:
    """Return the folder that is meant; what is on the Hub is downloaded."""
    from spatialgen.materialize.hub import fetch
    from spatialgen.progress import Progress
    from spatialgen.release.retries import Retries

    named = _ON_HUB.fullmatch(where)
    if named is None or Path(where).exists():
        return Path(where)
    with Progress("files") as progress:
        _, folder = fetch(named[1], named[2], False, Retries(progress.tell))
    return folder
