"""What can be known before a run begins: what is missing, and what it will need."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from evalkit import discovery
from evalkit.backends import _torchvision
from evalkit.errors import EvalkitError
from evalkit.optional import require
from recipes.settings import TINY, BuiltIn, Config, Scenes
from spatialgen.errors import SpatialgenError
from spatialgen.propose import built_in
from spatialgen.scenes import open_scenes
from spatialgen.synth.settings import settings

#: Bytes for each trained parameter: 32-bit weights, gradients, and two moments of Adam.
TRAINED_BYTES = 16

#: Bytes for each parameter that is only read.
READ_BYTES = 4

_PACKAGES = ("torch", "torchvision", "transformers", "accelerate", "PIL", "cv2")


def check(config: Config) -> tuple[list[str], list[str]]:
    """Return everything that would stop the run, and what is good to know of it."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    faults = [
        f"{name} is not installed; run: pip install 'ouroboros-spatial[eval,mesh,train]'"
        for name in missing
    ]
    notes = [f"deviation from the paper: {each}" for each in config.deviations]
    faults += _scenes("scenes", config.scenes) + _scenes("held_out", config.held_out)
    faults += _same_places(config)
    if isinstance(config.proposer, BuiltIn):
        try:
            built_in.families(config.proposer.families)
        except SpatialgenError as error:
            faults.append(f"proposer.families: {error}")
    faults += _benchmarks(config)
    launch = config.solver.launch
    if launch and shutil.which(launch[0]) is None:
        faults.append(f"solver.launch: there is no command {launch[0]!r}")
    if not missing:
        model_faults, model_notes = _model(config)
        faults += model_faults
        notes += model_notes
    notes.append(
        f"{config.rounds} rounds x {config.steps} steps x {config.batch} = "
        f"{config.samples:,} questions visited"
    )
    return faults, notes


def _benchmarks(config: Config) -> list[str]:
    faults = []
    for each in config.evaluate.benchmarks:
        if Path(each.name).is_dir():
            continue
        try:
            discovery.load(each.name)
        except EvalkitError as error:
            faults.append(f"evaluate.benchmarks: {error}")
        if each.data is not None and not each.data.is_dir():
            faults.append(f"evaluate.benchmarks: {each.data}: there is no such folder")
    return faults


def _scenes(part: str, scenes: Scenes) -> list[str]:
    faults = []
    for each in scenes.made:
        try:
            settings(**_room_settings(each.settings))
        except SpatialgenError as error:
            faults.append(f"{part}.made: {error}")
    seeds = [each.seed for each in scenes.made]
    if len(seeds) != len(set(seeds)):
        faults.append(f"{part}.made: every kind of room needs a seed of its own")
    if scenes.paths:
        try:
            if not open_scenes(list(scenes.paths), None).refs:
                faults.append(f"{part}.paths: none of the scenes there can be used")
        except SpatialgenError as error:
            faults.append(f"{part}.paths: {error}")
    return faults


def _room_settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return settings as a room has them, from those of the command line."""
    found = {name.replace("-", "_"): value for name, value in chosen.items()}
    size = found.pop("size", None)
    if size is not None:
        width, _, height = str(size).partition("x")
        found |= {"width": width, "height": height or width}
    if "fov" in found:
        found["fov_deg"] = found.pop("fov")
    return found


def _same_places(config: Config) -> list[str]:
    """Held-out scenes must be others: by seed of made rooms, by path of scans."""
    seeds = {each.seed for each in config.scenes.made} & {e.seed for e in config.held_out.made}
    paths = {each.resolve() for each in config.scenes.paths}
    paths &= {each.resolve() for each in config.held_out.paths}
    faults = [f"held_out.made: seed {seed} is also trained on" for seed in sorted(seeds)]
    return faults + [f"held_out.paths: {path} is also trained on" for path in sorted(paths)]


def _model(config: Config) -> tuple[list[str], list[str]]:
    torch = require("torch", "torch", "training")
    faults: list[str] = []
    notes: list[str] = []
    if config.solver.device == "cuda" and not torch.cuda.is_available():
        line = "solver.device: this machine has no GPU; start it where there is one"
        told = notes if config.dry_run else faults
        told.append(f"{line}, or give solver.device=cpu and a model of that size")
    if config.model == TINY:
        return faults, notes
    _torchvision.ensure()
    transformers = require("transformers", "transformers", "training")
    here = Path(config.model).is_dir()
    try:
        found = transformers.AutoConfig.from_pretrained(config.model, local_files_only=True)
        notes.append(_memory(transformers, config, found))
    except (OSError, ValueError) as error:
        if here:
            faults.append(f"model: {config.model} can't be loaded: {' '.join(str(error).split())}")
        else:
            notes.append(f"model: {config.model} is not on this machine; it will be fetched")
    except EvalkitError as error:
        faults.append(f"model: {error}")
    return faults, notes


def _memory(transformers: Any, config: Config, found: Any) -> str:
    torch = require("torch", "torch", "training")
    with torch.device("meta"):
        model = transformers.AutoModelForImageTextToText.from_config(found)
    frozen = config.solver.freeze
    total = sum(weight.numel() for weight in model.parameters())
    trained = sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if not any(part in name for part in frozen)
    )
    if config.solver.lora is not None:
        return (
            f"{total / 1e9:.2f} G parameters, of which adapters are trained: "
            f"{total * READ_BYTES / 1e9:.1f} GB and activations on each process"
        )
    needed = trained * TRAINED_BYTES + (total - trained) * READ_BYTES
    return (
        f"{total / 1e9:.2f} G parameters, {trained / 1e9:.2f} G of them trained: "
        f"{needed / 1e9:.1f} GB in all for weights, gradients and moments, and activations; "
        "sharded over the processes that solver.launch starts"
    )
