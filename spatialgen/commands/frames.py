"""``spatialgen frames``: frames of a video as pictures for models."""

from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json


@click.command("frames")
@click.argument("scene", type=PATH)
@click.option("--out", type=PATH, required=True, help="Folder for the pictures.")
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    default=32,
    show_default=True,
    help="Frames, evenly taken from the whole video.",
)
@click.option("--name", help="The scene that is meant, where SCENE holds several.")
@click.option("--format", "format_name", help="Format, where it can't be recognised.")
@click.option("--max-side", type=click.IntRange(1), help="Reduce pictures to this many pixels.")
@click.option("--png", is_flag=True, help="Write PNG instead of JPEG.")
@click.option("--json", "as_json", is_flag=True, help="Print frames.json.")
def command(
    scene: Path,
    out: Path,
    count: int,
    name: str | None,
    format_name: str | None,
    max_side: int | None,
    png: bool,
    as_json: bool,
) -> None:
    """Write frames of a scene's video as pictures for models.

    They come from video, .sens or exported pictures, upright, and are those
    that questions are about where --count is what `propose --frames` was.
    frames.json beside them has the index, time, camera and pose of each.

    \b
    Example:
      spatialgen frames scenes/room0_00003 --out pictures --count 8
    """
    from spatialgen.frames import export

    report = export(scene, out, count, name, format_name, max_side, png)
    if as_json:
        print_json(report)
        return
    left_out = len(report["left_out"])
    more = f", {left_out} left out (see frames.json)" if left_out else ""
    click.echo(f"{len(report['frames'])} of {report['total']} frames in {out}{more}")
