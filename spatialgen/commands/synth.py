"""``spatialgen synth``: furnished rooms, filmed, as ScanNet scans."""

import os
import re
from pathlib import Path
from typing import Any

import click

from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import UsageError


def _size(_: click.Context, __: click.Parameter, text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", text)
    if match is None:
        raise click.BadParameter(f"{text!r}: give pixels, as 96, or width x height, as 640x480")
    return int(match[1]), int(match[2] or match[1])


@click.command("synth")
@click.option("--out", type=PATH, required=True, help="Folder for the scenes.")
@click.option("--rooms", type=click.IntRange(1, 1_000_000), required=True, help="How many rooms.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--objects", type=click.IntRange(1), help="Objects in every room; default 8 to 40.")
@click.option(
    "--clutter", type=float, help="Share of them on shelves and furniture [default: 0.25]."
)
@click.option("--things", metavar="LABELS", help="Only these categories, separated by commas.")
@click.option("--in-view", type=click.IntRange(1), help="About how many a picture shows.")
@click.option(
    "--camera",
    type=click.Choice(["walk", "turn", "top"]),
    default="walk",
    show_default=True,
    help="Walk about, turn once on the spot, or look down from above (one picture).",
)
@click.option(
    "--size", default="96", show_default=True, callback=_size, help="Pixels: square, or WxH."
)
@click.option("--fov", "fov_deg", type=float, help="Degrees of view across [default: 75; top 40].")
@click.option("--seconds", type=float, help="Length of the video [default: 16].")
@click.option("--fps", type=float, help="Frames per second [default: 8].")
@click.option("--walk", type=float, help="Metres walked [default: 7].")
@click.option(
    "--colors",
    type=click.Choice(["free", "class"]),
    help="Drawn, or one per class [default: free].",
)
@click.option("--style", help="How the rooms are done up; default: drawn for each.")
@click.option("--samples", type=int, help="Rays per pixel each way, for smooth edges [default: 1].")
@click.option(
    "--shadows/--no-shadows", default=None, help="Whether things throw shadows [default: they do]."
)
@click.option("--metadata-only", is_flag=True, help="One rooms.json without mesh and pictures.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    out: Path,
    rooms: int,
    seed: int,
    size: tuple[int, int],
    metadata_only: bool,
    workers: int | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Furnish rooms, film them, and write them as ScanNet scans.

    Each room is a folder with a mesh, its segments, labels, colour and depth
    images, poses and a video; truth.json beside them says what is really
    there and in each picture. The same arguments give the same bytes; run
    again, the command goes on where it was stopped.

    \b
    Examples:
      spatialgen synth --out scenes --rooms 4 --seed 0
      spatialgen synth --out few --rooms 2 --objects 5 --in-view 2 --camera turn
      spatialgen synth --out large --rooms 1 --size 320x240 --samples 2
      spatialgen synth --out many --rooms 2000 --metadata-only
    """
    if metadata_only:
        report = _write_metadata(out, rooms, seed, chosen)
        line = f"{rooms} rooms in {report['file']}"
    else:
        report = _film(out, rooms, seed, size, workers, chosen)
        counts = f"{report['made']} made, {report['kept']} there before"
        line = f"{rooms} rooms in {out} ({counts}), {report['frames']} frames"
    if as_json:
        print_json(report)
    else:
        click.echo(line)


def _write_metadata(out: Path, rooms: int, seed: int, chosen: dict[str, Any]) -> dict[str, Any]:
    from spatialgen.scenes.vsi_meta import write
    from spatialgen.synth.rooms import furnish

    filming = [name for name, value in chosen.items() if value is not None]
    if unused := sorted(set(filming) - {"objects", "camera"}):
        names = ", ".join(f"--{name.removesuffix('_deg').replace('_', '-')}" for name in unused)
        raise UsageError(f"{names}: without effect on --metadata-only; leave it out")
    path = out / "rooms.json"
    out.mkdir(parents=True, exist_ok=True)
    write(path, (furnish(seed, index, chosen["objects"]) for index in range(rooms)))
    return {"file": str(path), "rooms": rooms, "seed": seed}


def _film(
    out: Path,
    rooms: int,
    seed: int,
    size: tuple[int, int],
    workers: int | None,
    chosen: dict[str, Any],
) -> dict[str, Any]:
    from spatialgen.progress import Progress
    from spatialgen.synth.settings import settings
    from spatialgen.synth.writing import write_rooms

    given = {name: value for name, value in chosen.items() if value is not None}
    made = settings(width=size[0], height=size[1], **given)
    with Progress("rooms") as progress:
        done = write_rooms(out, seed, rooms, made, workers or os.cpu_count() or 1, progress)
    counts = {"made": done.made, "kept": done.kept, "frames": done.frames}
    return {"folder": str(out), "rooms": rooms, "seed": seed, **counts}
