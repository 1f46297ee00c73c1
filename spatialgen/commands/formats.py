"""``spatialgen formats``: the scene formats and how each is recognised."""

import click

from spatialgen.commands._options import print_json


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """List the scene formats and how each is recognised.

    \b
    Example: spatialgen formats
    """
    from spatialgen.scenes import formats as all_formats

    known = all_formats()
    if as_json:
        print_json({f.name: {"summary": f.summary, "layout": f.layout} for f in known})
        return
    for each in known:
        click.echo(f"{each.name}\n  {each.summary}\n  recognised by: {each.layout}")
