"""``spatialgen inspect``: what is in a scene."""

from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import UsageError


@click.command("inspect")
@click.argument("scene", type=PATH)
@click.option("--name", help="The scene to show, where SCENE holds several.")
@click.option("--format", "format_name", help="Format, where it can't be recognised.")
@click.option(
    "--frames",
    type=click.IntRange(1, 1_000),
    default=32,
    show_default=True,
    help="Frames of the video that are shown, evenly taken.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a page to look around in: boxes, points, camera, pictures.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    scene: Path,
    name: str | None,
    format_name: str | None,
    frames: int,
    html: Path | None,
    as_json: bool,
) -> None:
    """Show what is in a scene: objects, room, frames, warnings.

    SCENE is a scene, a folder of scenes or a metadata file; where it holds
    several, they are listed, and --name shows one. The page that --html writes
    holds everything it shows, the pictures too, and needs no network.

    \b
    Examples:
      spatialgen inspect scenes
      spatialgen inspect scenes/room0_00003 --html room.html
    """
    from spatialgen import inspection, summary

    if html is None:
        report = inspection.inspect(scene, name, format_name, frames)
    else:
        from spatialgen.page.scene_page import page

        if not html.parent.is_dir():
            raise UsageError(f"{html.parent}: there is no such folder; make it, or name another")
        found = inspection.inspect_one(scene, name, format_name, frames)
        report = found.report
        partial = html.with_name(f".{html.name}.partial")
        partial.write_bytes(page(found.scan, found.scene, report).encode("utf-8"))
        partial.replace(html)
    if as_json:
        print_json(report)
        return
    summary.show_scene(report)
    if html is not None:
        click.echo(f"page: {html}")
