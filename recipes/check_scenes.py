"""What can be known of the scenes before a run begins: that they are there, filmed, and apart."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from evalkit.showing import media_places
from recipes import asking, proposing
from recipes.findings import Findings, some
from recipes.settings import Config, Rooms, Scenes
from spatialgen import cli
from spatialgen.commands import synth
from spatialgen.errors import SpatialgenError
from spatialgen.scenes import SceneRef, open_scenes
from spatialgen.spaces import space_of
from spatialgen.synth.rooms import DATASET
from spatialgen.synth.settings import RoomSettings, settings

#: Options of `spatialgen synth` that a run sets itself, or that make nothing of a room.
_OWN = ("--out", "--rooms", "--seed", "--workers", "--json", "--help")

_ROOM = re.compile(r"room(\d+)_(\d+)")


def scenes(part: str, chosen: Scenes, found: Findings) -> None:
    """Check that rooms can be made, or that scans are there and have their videos."""
    for kind in chosen.made:
        try:
            room_settings(kind)
        except (SpatialgenError, click.ClickException) as error:
            told = error.format_message() if isinstance(error, click.ClickException) else error
            found.fault(f"{part}.made: {told}")
    seeds = [kind.seed for kind in chosen.made]
    if len(seeds) != len(set(seeds)):
        found.fault(f"{part}.made: every kind of room needs a seed of its own")
    missing = [path for path in chosen.paths if not path.exists()]
    for path in missing:
        found.lack(f"{part}.paths: {path}: there is no such file or folder; put your scans there")
    if chosen.paths and not missing:
        try:
            refs = open_scenes(list(chosen.paths), None).refs
        except SpatialgenError as error:
            found.fault(f"{part}.paths: {error}")
            return
        if not refs:
            found.fault(f"{part}.paths: none of the scenes there can be used")
        else:
            _filmed(part, chosen.paths, refs, found)


def room_settings(kind: Rooms) -> RoomSettings:
    """Return the settings of made rooms as the command will understand them.

    Raises click.ClickException or SpatialgenError where it won't.
    """
    _refuse_own(kind)
    words = proposing.synth_command(kind, Path("scenes"))
    with _understood(words[1:]) as context:
        given = {name: value for name, value in context.params.items() if value is not None}
    if given.pop("metadata_only"):
        raise click.UsageError("metadata_only makes no videos, and a solver needs them")
    for name in ("out", "rooms", "seed", "workers", "as_json"):
        given.pop(name, None)
    width, height = given.pop("size")
    return settings(width=width, height=height, **given)


def _understood(words: Sequence[str], **more: Any) -> click.Context:
    # As a command of spatialgen, which has its help by -h too.
    above = cli.main.make_context("spatialgen", [], resilient_parsing=True)
    return synth.command.make_context("synth", list(words), above, **more)


def _refuse_own(kind: Rooms) -> None:
    """Raise UsageError for settings that would move the rooms away from those of the run."""
    words = proposing.room_options(kind)
    with _understood(words, resilient_parsing=True) as context:
        taken = [
            option.opts[-1].removeprefix("--")
            for option in synth.command.get_params(context)
            if option.opts[-1] in _OWN
            and context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        ]
    if taken:
        raise click.UsageError(f"settings: {some(taken)}: the run sets this itself")


def apart(config: Config, found: Findings) -> None:
    """Check that held-out scenes are others: other rooms, and other spaces of scans."""
    ours, theirs = config.scenes, config.held_out
    trained, unseen = _rooms(ours, config.rounds), _rooms(theirs, config.rounds)
    for seed in sorted(set(trained) & set(unseen)):
        found.fault(f"held_out.made: seed {seed} is also trained on")
    seen, asked = _spaces(ours), _spaces(theirs)
    both = sorted(set(seen) & set(asked))
    both += [each for each in sorted(asked) if _is_one_of(each, trained)]
    both += [each for each in sorted(seen) if _is_one_of(each, unseen)]
    if both:
        named = some("/".join(each) for each in both)
        found.fault(f"held_out: {len(both)} of its scenes are also trained on: {named}")


def _rooms(chosen: Scenes, rounds: int) -> dict[int, int]:
    """Return the seeds of made rooms, and how many rooms each has."""
    numbers: Sequence[int | None] = range(rounds) if chosen.fresh else [None]
    return {kind.seed_of(number): kind.rooms for kind in chosen.made for number in numbers}


def _spaces(chosen: Scenes) -> dict[tuple[str, str], str]:
    """Return the spaces that scans show, each with one of their paths."""
    paths = [path for path in chosen.paths if path.exists()]
    try:
        refs: Sequence[SceneRef] = open_scenes(paths, None).refs if paths else ()
    except SpatialgenError:  # told by `scenes`
        return {}
    return {(ref.dataset, space_of(ref.name)): ref.path for ref in refs}


def _is_one_of(space: tuple[str, str], rooms: dict[int, int]) -> bool:
    """Tell whether a scene on disk is one of some made rooms."""
    match = _ROOM.fullmatch(space[1]) if space[0] == DATASET else None
    return match is not None and int(match[2]) < rooms.get(int(match[1]), 0)


def _filmed(part: str, paths: Sequence[Path], refs: Sequence[SceneRef], found: Findings) -> None:
    films = asking.Films(tuple(paths))
    bare = [ref for ref in refs if not film(films, ref)]
    named = some(f"{ref.dataset}/{ref.name}" for ref in bare)
    if len(bare) == len(refs):
        found.fault(
            f"{part}.paths: no scene has a video where it is looked for, as "
            f"{paths[0] / media_places(asking.MEDIA, _row(refs[0]))[0][0]}"
        )
    elif bare:
        found.note(f"{part}.paths: {len(bare)} of {len(refs)} scenes have no video: {named}")


def film(films: asking.Films, ref: SceneRef) -> Path | None:
    """Return the video of a scan, or None where there is none."""
    names = media_places(asking.MEDIA, _row(ref))[0]
    return films.find(*names) if len(films.missing(names)) < len(names) else None


def _row(ref: SceneRef) -> dict[str, Any]:
    return {"dataset": ref.dataset, "scene_name": ref.name}
