"""Scenes and questions of a run: `spatialgen synth` and `spatialgen propose`, as commands.

They run in processes of their own, so that their memory is gone when training begins, and a
kill leaves nothing half done: both go on where they were stopped.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from evalkit import discovery
from evalkit.hub import hub_place
from evalkit.places import LocalFolder
from recipes.errors import RecipeError
from recipes.processes import command
from recipes.rows import read_json
from recipes.settings import Benchmark, BuiltIn, Config, Dataset, Model, Rooms, Scenes

#: Rounds are this far apart in the seeds of what is proposed; the held-out questions are last.
SEEDS_PER_RUN = 1_000


def scenes_of(scenes: Scenes, folder: Path, number: int | None = None) -> tuple[Path, ...]:
    """Return where scenes are, making those that a config wants made in ``folder``.

    ``number`` is the round that rooms are made for, None where all rounds share them.
    """
    if scenes.paths:
        return scenes.paths
    for each in scenes.made:
        run(synth_command(each, folder, number))
    return (folder,)


def synth_command(chosen: Rooms, folder: Path, number: int | None = None) -> list[str]:
    """Return the words of the command that makes rooms of one kind."""
    words = ["synth", "--out", str(folder), "--rooms", str(chosen.rooms)]
    return [*words, "--seed", str(chosen.seed_of(number)), *room_options(chosen)]


def room_options(chosen: Rooms) -> list[str]:
    """Return the words of that command that a config gives in ``settings``."""
    words = []
    for name, value in chosen.settings.items():
        flag = str(name).replace("_", "-")
        if isinstance(value, bool):
            words += [f"--{flag}" if value else f"--no-{flag}"]
        else:
            told = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            words += [f"--{flag}", told]
    return words


def propose_command(config: Config, scenes: Sequence[Path], out: Path, number: int) -> list[str]:
    """Return the words of the command that proposes a round's questions, without feedback."""
    chosen = config.proposer
    assert not isinstance(chosen, Dataset)  # its questions are there
    words = ["propose", *_scenes(config, config.scenes, scenes), "--out", str(out)]
    words += ["--frames", str(config.frames)]
    words += ["--seed", str(config.seed * SEEDS_PER_RUN + number)]
    words += ["--per-scene", str(chosen.per_scene)]
    files = dict.fromkeys(map(scenes_file, config.evaluate.benchmarks))
    words += [word for path in files if path is not None for word in ("--exclude", str(path))]
    if isinstance(chosen, Model):
        words += ["--model", chosen.model, "--backend", chosen.backend]
        words += ["--base-url", chosen.base_url] if chosen.base_url else []
        return [*words, *chosen.options]
    return [*words, *_built_in(chosen)]


def held_out_command(config: Config, scenes: Sequence[Path], out: Path) -> list[str]:
    """Return the words of the command that makes the held-out questions: always families."""
    words = ["propose", *_scenes(config, config.held_out, scenes), "--out", str(out)]
    words += ["--frames", str(config.frames)]
    words += ["--seed", str((config.seed + 1) * SEEDS_PER_RUN - 1)]
    words += ["--per-scene", str(config.evaluate.per_scene)]
    chosen = config.proposer
    return [*words, *(_built_in(chosen) if isinstance(chosen, BuiltIn) else [])]


def scenes_file(chosen: Benchmark) -> Path | None:
    """Return the file that tells which scenes a benchmark asks about: none is trained on.

    None where its questions do not name their scenes. Without a folder of its data the file
    comes from the Hub. Raises EvalkitError or RecipeError where it can't be had.
    """
    if Path(chosen.name).is_dir():
        return Path(chosen.name) / "questions.jsonl"
    found = discovery.load(chosen.name)
    if not {"dataset", "scene_name"} <= set(found.columns):
        return None
    repo, revision = found.source.repo, found.source.revision
    place = LocalFolder(chosen.data, repo, None) if chosen.data else hub_place(repo, revision)
    patterns = [each for named in found.source.files.values() for each in named if _json(each)]
    for pattern in patterns:
        for name in place.match(pattern):
            if (path := place.get(name)) is not None:
                return path
    raise RecipeError(
        f"{chosen.name}: {place.name} has no {' or '.join(patterns) or 'JSON lines'}, so its "
        "scenes can't be kept out of training"
    )


def _json(name: str) -> bool:
    return name.endswith((".jsonl", ".json"))


def _scenes(config: Config, chosen: Scenes, places: Sequence[Path]) -> list[str]:
    words = [word for path in places for word in ("--scenes", str(path))]
    if chosen.limit is not None:
        words += ["--limit", str(chosen.limit), "--draw", str(config.seed)]
    return words


def _built_in(chosen: BuiltIn) -> list[str]:
    words = ["--families", ",".join(chosen.families)] if chosen.families else []
    return [*words, *(["--workers", str(chosen.workers)] if chosen.workers else [])]


def run(words: Sequence[str], out: Path | None = None) -> None:
    """Run a command of spatialgen; raises RecipeError with its last line where it fails.

    A dataset folder ``out`` that is finished afterwards, without a question, is no failure.
    """
    status, told = command([sys.executable, "-m", "spatialgen", *words], "spatialgen")
    empty = status == 1 and out is not None and _finished(out)
    if status and not empty:
        raise RecipeError(f"spatialgen {words[0]} failed: {told}")


def _finished(folder: Path) -> bool:
    """Tell whether a dataset folder is whole and without questions, for which a command fails."""
    path = folder / "manifest.json"
    told = read_json(path) if path.exists() else {}
    return told.get("complete") is True and told.get("counts", {}).get("accepted") == 0
