"""What can be known of the model before a run begins, without its weights."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from evalkit.backends import _torchvision
from evalkit.backends._base import one_line
from evalkit.backends._checkpoint import fix_frame_size, local_folder
from evalkit.errors import EvalkitError
from evalkit.media.video import Frame, Sampling, decode
from evalkit.optional import require
from recipes import asking, check_scenes, estimating, solver, tiny
from recipes.estimating import INSTALL, Size
from recipes.findings import Findings, some
from recipes.settings import TINY, Config, SolverSettings
from spatialgen.errors import SpatialgenError
from spatialgen.scenes import open_scenes

#: What libraries raise for settings of a model that make no sense.
_NONSENSE = (
    *(ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, MemoryError),
    *(OSError, RuntimeError, TypeError, ValueError),
)

_WEIGHTS = ("*.safetensors", "*.bin")

#: More layers than any model has; making them would take for ever.
MOST_LAYERS = 1_000
_LAYERS = ("num_hidden_layers", "num_layers", "n_layer", "depth")


def model(config: Config, found: Findings, trainable: bool = True) -> None:
    """Check that the model is there, can be trained as the config wants, and what that takes.

    Without ``trainable``, where it is not known how it is to be trained, only that it is there.
    """
    _torchvision.ensure()
    solver.quiet()
    if config.model == TINY:
        side = config.max_side or tiny.SIDE
        if not tiny.LEAST_SIDE <= side <= tiny.MOST_SIDE:
            sides = f"{tiny.LEAST_SIDE} to {tiny.MOST_SIDE:,} pixels"
            found.fault(f"max_side: the tiny model is made for {sides}, not {side:,}")
            return
        words = tiny.words_of([estimating.QUESTION], ["A"])
        with tempfile.TemporaryDirectory() as folder:
            made = tiny.build(Path(folder), words, config.seed, side)
            _checkpoint(config, made, found, trainable)
        return
    try:
        folder_or_none = local_folder(config.model)
    except EvalkitError as error:
        found.fault(f"model: {error}")
        return
    if folder_or_none is None and "/" not in config.model:
        found.fault(
            f"model: {config.model}: there is no such folder, and a name on the Hub has two "
            f"parts, as org/name; {TINY} is the model that is made on the spot"
        )
        return
    _checkpoint(config, folder_or_none, found, trainable)


def _checkpoint(config: Config, folder: Path | None, found: Findings, trainable: bool) -> None:
    transformers = require("transformers", INSTALL, "training")
    name = str(folder) if folder is not None else config.model
    hub = require("huggingface_hub.errors", INSTALL, "training")
    try:
        shape = transformers.AutoConfig.from_pretrained(name, local_files_only=True)
        processor = transformers.AutoProcessor.from_pretrained(name, local_files_only=True)
    except (*_NONSENSE, hub.StrictDataclassError) as error:
        if folder is None:
            found.note(f"model: {name} is not on this machine; it will be fetched")
        else:
            found.fault(f"model: {name} can't be loaded: {one_line(error)}")
        return
    tokenizer = getattr(processor, "tokenizer", None)
    if tokenizer is None or not (processor.chat_template or tokenizer.chat_template):
        found.fault(f"model: {name} has no chat template: copy chat_template.jinja from its base")
        return
    fix_frame_size(processor)
    if folder is not None and not any(True for name in _WEIGHTS for _ in folder.glob(name)):
        found.lack(f"model: {name} holds no weights, as model.safetensors")
    size = _size(transformers, config.solver, name, shape, found) if trainable else None
    if size is not None:
        _memory(config.solver, size, found)
        _time(config, processor, size, found)


def _size(
    transformers: Any, chosen: SolverSettings, name: str, shape: Any, found: Findings
) -> Size | None:
    """Return the size of the model as it is trained, or None where it can't be."""
    torch = require("torch", INSTALL, "training")
    if _layers(shape.to_dict()) > MOST_LAYERS:
        found.fault(f"model: {name}: config.json wants more than {MOST_LAYERS} layers")
        return None
    try:
        with torch.device("meta"):
            empty = transformers.AutoModelForImageTextToText.from_config(shape)
    except _NONSENSE as error:
        found.fault(f"model: {name}: config.json describes no model: {one_line(error)}")
        return None
    if unknown := _freeze(empty, chosen):
        found.fault(f"solver.freeze: the model has no parameter with {some(unknown)} in its name")
    if chosen.lora is not None:
        empty = _adapted(empty, chosen, found)
    size = estimating.size_of(empty) if empty is not None else None
    if size is not None and not size.trained:
        found.fault("solver.freeze: nothing is left that is trained")
        return None
    return size


def _layers(told: Mapping[str, Any]) -> int:
    """Return the most layers that a part of a model has by its config."""
    own: list[int] = [told[name] for name in _LAYERS if isinstance(told.get(name), int)]
    inner = [_layers(each) for each in told.values() if isinstance(each, dict)]
    return max([0, *own, *inner])


def _freeze(empty: Any, chosen: SolverSettings) -> list[str]:
    """Freeze what the config wants; return what of it is no part of a parameter's name."""
    names = [name for name, _ in empty.named_parameters()]
    for name, weight in empty.named_parameters():
        if any(part in name for part in chosen.freeze):
            weight.requires_grad_(False)
    return [part for part in chosen.freeze if not any(part in name for name in names)]


def _adapted(empty: Any, chosen: SolverSettings, found: Findings) -> Any:
    """Return the model with adapters, or None where it takes none."""
    torch, peft = require("torch", INSTALL, "training"), require("peft", INSTALL, "LoRA")
    lora = chosen.lora
    assert lora is not None
    modules = [name for name, _ in empty.named_modules()]
    unknown = [
        target
        for target in lora.targets
        if not any(name == target or name.endswith(f".{target}") for name in modules)
    ]
    if unknown:
        found.fault(f"solver.lora.targets: the model has no module called {some(unknown)}")
        return None
    try:
        adapters = peft.LoraConfig(r=lora.rank, target_modules=list(lora.targets))
        with torch.device("meta"):
            return peft.get_peft_model(empty, adapters)
    except _NONSENSE as error:
        found.fault(f"solver.lora: the model takes no such adapters: {one_line(error)}")
        return None


def _memory(chosen: SolverSettings, size: Size, found: Findings) -> None:
    found.note(
        f"{size.total / 1e9:.2f} G parameters, {size.trained / 1e9:.2f} G of them trained: "
        f"{size.bytes / 1e9:.1f} GB in all for weights, gradients and moments, and activations"
        + ("; sharded over the processes that solver.launch starts" if chosen.launch else "")
    )
    there = estimating.memory(chosen)
    if there is not None and size.bytes > there[0]:
        found.lack(
            f"model: training it needs {size.bytes / 1e9:.1f} GB and activations, and "
            f"{there[0] / 1e9:.1f} GB {there[1]} are free; take a larger one, a smaller model, "
            "solver.lora or more solver.freeze"
        )


def _time(config: Config, processor: Any, size: Size, found: Findings) -> None:
    try:
        length = estimating.tokens(config, processor, _pictures(config))
    except _NONSENSE as error:
        found.fault(f"model: its processor can't show {config.frames} frames: {one_line(error)}")
        return
    needed = estimating.operations(config, size, length)
    told = f"training: {config.samples:,} questions of {length:,} tokens, {needed:.1e} operations"
    there = estimating.speed(config.solver)
    if there is None:
        found.note(f"{told}; what time they take can only be measured where the GPUs are")
    else:
        found.note(
            f"{told}: no less than {estimating.duration(needed / there)} at the "
            f"{there / 1e12:.2g} T/s of a matrix product here"
        )
    found.note(
        "proposing, filtering and evaluating come on top; what they take is known from round 0 on"
    )


def _pictures(config: Config) -> tuple[int, int]:
    """Return width and height of the first pictures there are."""
    chosen = config.scenes
    try:
        if chosen.made:
            made = check_scenes.room_settings(chosen.made[0])
            return made.width, made.height
        paths = asking.Films(chosen.paths)
        refs = open_scenes(list(chosen.paths), None).refs
        films = (check_scenes.film(paths, ref) for ref in refs)
        film = next(filter(None, films), None)
        return _first_picture(film) if film is not None else estimating.USUAL
    except (click.ClickException, EvalkitError, SpatialgenError):  # told by `check_scenes`
        return estimating.USUAL


def _first_picture(film: Path) -> tuple[int, int]:
    sizes = [estimating.USUAL]

    def keep(_: int, frame: Frame) -> None:
        sizes.append((frame.shape[1], frame.shape[0]))

    decode(film, Sampling(1), keep)
    return sizes[-1]
