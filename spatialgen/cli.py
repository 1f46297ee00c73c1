"""The ``spatialgen`` command."""

import io
import json
import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import click

import spatialgen
from spatialgen.errors import SpatialgenError, UsageError

_PATH = click.Path(path_type=Path)

# Differences that `verify` prints one by one.
_SHOWN = 20


class _Commands(click.Group):
    """Tells every failure in one line on standard error, with the right exit status."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.exceptions.Exit:
            raise
        except BrokenPipeError:
            # Whoever read our output has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            context.exit(1)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - see the docstring
            if context.params["debug"]:
                traceback.print_exc()
            line, status = _told(error)
            click.echo(f"spatialgen: {line}".replace("\n", "\\n"), err=True)
            context.exit(status)


def _told(error: BaseException) -> tuple[str, int]:
    # What to tell about a failure, and the exit status.
    match error:
        case SpatialgenError():
            return str(error), error.exit_status
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "spatialgen"
            return f"{error.format_message()} (see `{command} --help`)", error.exit_code
        case KeyboardInterrupt():
            return "stopped; what was done is kept: run the same command again", 1
        case FileExistsError() | NotADirectoryError():
            return f"{error.filename}: a file is in the way; choose another folder", 2
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            remedy = "what was done is kept: mend this and run the same command again"
            return f"{where}{error.strerror or error}; {remedy}", 1
        case MemoryError():
            return "out of memory; what was done is kept: run again with fewer --workers", 1
        case _:
            what = f"unexpected {type(error).__name__}: {error}"
            return f"{what}; please report what `spatialgen --debug ...` shows", 1


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(spatialgen.__version__, prog_name="spatialgen")
@click.option("--debug", is_flag=True, help="Show where in the code a failure comes from.")
def main(debug: bool) -> None:
    """Turn 3D scenes into spatial questions whose answers are derived by programs.

    \b
    spatialgen synth --out scenes --rooms 5
    spatialgen propose --scenes scenes --out dataset
    spatialgen verify dataset
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a label may not suit the terminal


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def formats(as_json: bool) -> None:
    """List the scene formats and how each is recognised.

    \b
    Example: spatialgen formats
    """
    from spatialgen.scenes import formats as all_formats

    known = all_formats()
    if as_json:
        _print_json({f.name: {"summary": f.summary, "layout": f.layout} for f in known})
        return
    for each in known:
        click.echo(f"{each.name}\n  {each.summary}\n  recognised by: {each.layout}")


def _size(_: click.Context, __: click.Parameter, text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", text)
    if match is None:
        raise click.BadParameter(f"{text!r}: give pixels, as 96, or width x height, as 640x480")
    return int(match[1]), int(match[2] or match[1])


@main.command()
@click.option("--out", type=_PATH, required=True, help="Folder for the scenes.")
@click.option("--rooms", type=click.IntRange(1, 1_000_000), required=True, help="How many rooms.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--objects", type=click.IntRange(1), help="Objects in every room; default 8 to 40.")
@click.option(
    "--clutter", type=float, help="Share of them on shelves and furniture [default: 0.25]."
)
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
def synth(
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
        _print_json(report)
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


@main.command()
@click.argument("scene", type=_PATH)
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
def inspect(
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
        html.write_bytes(page(found.scan, found.scene, report).encode("utf-8"))
    if as_json:
        _print_json(report)
        return
    summary.show_scene(report)
    if html is not None:
        click.echo(f"page: {html}")


@main.command()
@click.argument("scene", type=_PATH)
@click.option("--out", type=_PATH, required=True, help="Folder for the pictures.")
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
def frames(
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
        _print_json(report)
        return
    left_out = len(report["left_out"])
    more = f", {left_out} left out (see frames.json)" if left_out else ""
    click.echo(f"{len(report['frames'])} of {report['total']} frames in {out}{more}")


@main.command()
@click.option(
    "--scenes",
    "paths",
    type=_PATH,
    multiple=True,
    required=True,
    help="A scene, a folder of scenes or a metadata file; may be repeated.",
)
@click.argument("more", type=_PATH, nargs=-1)
@click.option("--out", type=_PATH, required=True, help="The dataset folder.")
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
    type=_PATH,
    multiple=True,
    metavar="BENCHMARK_FILE",
    help="Leave out scenes whose physical space a benchmark asks about; may be repeated.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as one JSON object.")
def propose(
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
    """Ask questions about scenes, derive and check each answer, write a dataset.

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
        _print_json(manifest)
    else:
        summary.show_run(out, manifest)
    if not manifest["counts"]["accepted"]:
        raise SpatialgenError(f"{out}: no question was accepted; see `spatialgen stats {out}`")


@main.command()
@click.argument("folder", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(folder: Path, as_json: bool) -> None:
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
        _print_json(asdict(result) | {"holds": result.holds})
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


@main.command()
@click.argument("folder", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats(folder: Path, as_json: bool) -> None:
    """Count a dataset by family, scene and reason, and describe its answers.

    \b
    Example: spatialgen stats dataset
    """
    from spatialgen import summary
    from spatialgen.dataset.stats import stats as count

    counted = count(folder)
    if as_json:
        _print_json(counted)
    else:
        summary.show_stats(counted)


def _names(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(sorted({name.strip() for name in text.split(",") if name.strip()}))
    if not names:
        raise UsageError("--families: no name given; leave it out for all families")
    return names


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, allow_nan=False))  # plain ASCII suits every terminal
