"""What can be known before a run begins: what is wrong or missing, and what it will need.

Every check needs some settings, and is left out where one of them is wrong itself: so all that
is wrong with a config is told at once, and nothing that only follows from it.
"""

import importlib.util
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from evalkit import backends, discovery
from evalkit.backends._base import one_line
from evalkit.commands._options import make_settings
from evalkit.errors import EvalkitError, UsageError
from evalkit.optional import require
from recipes import check_model, check_scenes, estimating, proposing
from recipes.drafting import Draft, draft, refuse
from recipes.errors import RecipeError
from recipes.findings import Findings, some
from recipes.processes import launcher
from recipes.rows import read_json
from recipes.settings import BuiltIn, Config, Dataset, Evaluation, Model
from spatialgen.commands import propose
from spatialgen.errors import SpatialgenError
from spatialgen.propose import built_in

_PACKAGES = ("torch", "torchvision", "transformers", "accelerate", "PIL", "cv2")

#: The packages that backends load a model with; the others are opened to see whether they work.
_LOADED_BY = {"transformers": "transformers", "vllm": "vllm"}

#: Options of `spatialgen propose` that a run sets itself.
_OWN = (
    *("paths", "more", "out", "seed", "frames", "per_scene", "model", "backend", "base_url"),
    *("proposer", "families", "feedback", "previous"),
)

_Check = Callable[[Config, Findings], None]


def ready(path: Path, overrides: Sequence[str] = ()) -> tuple[Config, list[str]]:
    """Return a config that a run can begin with, and what is good to know of that run.

    Raises ConfigError that names everything that is wrong, one a line.
    """
    found = draft(path, overrides)
    faults, notes = _examined(found)
    refuse(path, (*found.faults, *faults))
    return found.config, notes


def check(config: Config) -> tuple[list[str], list[str]]:
    """Return everything that would stop the run, and what is good to know of it."""
    return _examined(Draft(config))


def _examined(given: Draft) -> tuple[list[str], list[str]]:
    config = given.config
    found = Findings(config.dry_run)
    for each in config.deviations:
        found.note(f"deviation from the paper: {each}")
    able = _packages(config, found)
    checks: list[tuple[_Check, tuple[str, ...]]] = [
        (lambda *_: check_scenes.scenes("scenes", config.scenes, found), ("scenes",)),
        (lambda *_: check_scenes.scenes("held_out", config.held_out, found), ("held_out",)),
        (check_scenes.apart, ("scenes", "held_out", "rounds")),
        (_proposer, ("proposer",)),
        (_questions, ("evaluate.questions",)),
        (_benchmarks, ("evaluate.benchmarks",)),
        (_launch, ("solver.launch",)),
    ]
    if able:
        checks += [
            (_device, ("solver.device", "solver.precision", "solver.launch")),
            (
                lambda *_: check_model.model(config, found, given.has("solver", "scenes")),
                ("model",),
            ),
        ]
    for run, needs in checks:
        if given.has(*needs):
            try:
                run(config, found)
            except OSError as error:  # a path that no system takes, or a folder that is locked
                found.fault(f"{needs[0]}: {one_line(error)}")
    found.note(
        f"{config.rounds} rounds x {config.steps} steps x {config.batch} = "
        f"{config.samples:,} questions visited"
    )
    return found.faults, found.notes


def _packages(config: Config, found: Findings) -> bool:
    """Check that what training needs is installed; return whether a model can be looked at."""
    adapters = ("peft",) if config.solver.lora is not None else ()
    needed = (*_PACKAGES, *adapters)
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    for name in missing:
        line = "pip install 'ouroboros-spatial[eval,mesh,train]'"
        found.fault(f"{name} is not installed; run: {line}")
    return not missing


# -- the proposer ------------------------------------------------------------------


def _proposer(config: Config, found: Findings) -> None:
    chosen = config.proposer
    if isinstance(chosen, BuiltIn):
        try:
            built_in.families(chosen.families)
        except SpatialgenError as error:
            found.fault(f"proposer.families: {error}")
    elif isinstance(chosen, Dataset):
        for folder in chosen.folders:
            _finished("proposer.folders", folder, found)
    else:
        _options(config, chosen, found)
        _backend(chosen, found)


def _finished(part: str, folder: Path, found: Findings) -> None:
    try:
        told = read_json(folder / "manifest.json")
    except RecipeError:
        found.fault(f"{part}: {folder}: is no dataset folder, of `spatialgen propose`")
        return
    if told.get("complete") is not True:
        found.fault(f"{part}: {folder}: is not finished; give its command once more")


def _options(config: Config, chosen: Model, found: Findings) -> None:
    """Check the options of a model as the command itself will, without running it."""
    alone = config.model_copy(update={"evaluate": Evaluation()})
    words = proposing.propose_command(alone, (Path("scenes"),), Path("out"), 0)[1:]
    plain = words[: len(words) - len(chosen.options)]
    try:
        with propose.command.make_context("propose", plain) as context:
            ours = context.params
        with propose.command.make_context("propose", words) as context:
            given = context.params
    except click.exceptions.Exit:
        found.fault("proposer.options: --help is no option of a run")
        return
    except click.UsageError as error:
        found.fault(f"proposer.options: {error.format_message()}")
        return
    if taken := [name for name in _OWN if ours[name] != given[name]]:
        named = some(f"--{name.replace('_', '-')}" for name in taken)
        found.fault(f"proposer.options: {named}: the run sets this itself")
    pairs = dict(each.split("=", 1) for each in given["backend_options"] if "=" in each)
    try:
        make_settings({"model": chosen.model, **pairs})
    except (UsageError, TypeError) as error:
        found.fault(f"proposer.options: --backend-option {error}")


def _backend(chosen: Model, found: Findings) -> None:
    try:
        backend = backends.load(chosen.backend)
    except EvalkitError as error:
        found.fault(f"proposer.backend: {error}")
        return
    package = _LOADED_BY.get(chosen.backend)
    if package is not None:
        if importlib.util.find_spec(package) is None:
            found.lack(f"proposer.backend: {package} is not installed here")
        return
    try:
        settings = make_settings({"model": chosen.model, "base_url": chosen.base_url})
        with backend.open(settings):
            pass
    except UsageError as error:
        found.fault(f"proposer.base_url: {error}")
    except EvalkitError as error:
        found.lack(f"proposer.base_url: {error}")


# -- the rest ----------------------------------------------------------------------


def _questions(config: Config, found: Findings) -> None:
    if config.evaluate.questions is not None:
        _finished("evaluate.questions", config.evaluate.questions, found)


def _benchmarks(config: Config, found: Findings) -> None:
    names = [each.name for each in config.evaluate.benchmarks]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            found.fault(f"evaluate.benchmarks: {name}: is there twice; a report has room for one")
    for each in config.evaluate.benchmarks:
        if Path(each.name).is_dir():
            _finished("evaluate.benchmarks", Path(each.name), found)
            continue
        try:
            discovery.load(each.name)
            if each.data is None:
                found.note(f"evaluate.benchmarks: {each.name} comes from the Hub, or give its data")
            elif proposing.scenes_file(each) is None:
                found.note(
                    f"evaluate.benchmarks: {each.name} does not tell the scenes of its questions; "
                    "see to it yourself that none is trained on"
                )
        except (EvalkitError, RecipeError) as error:
            found.fault(f"evaluate.benchmarks: {error}")


def _launch(config: Config, found: Findings) -> None:
    launch = config.solver.launch
    if launch and shutil.which(launcher(launch)[0]) is None:
        found.lack(f"solver.launch: there is no command {launch[0]!r}; install it, or give another")


def _device(config: Config, found: Findings) -> None:
    torch = require("torch", "torch", "training")
    solver = config.solver
    if solver.device == "cpu":
        return
    if not torch.cuda.is_available():
        if solver.device == "auto":
            found.note("solver.device: this machine has no GPU; the CPU trains")
        else:
            found.lack(
                "solver.device: this machine has no GPU; start it where there is one, or give "
                "solver.device=cpu and a model of that size"
            )
        return
    if solver.precision == "bfloat16" and not torch.cuda.is_bf16_supported():
        found.fault("solver.precision: this GPU knows no bfloat16; give float32")
    count = torch.cuda.device_count()
    if count > 1 and not solver.launch and estimating.alone():
        found.fault(
            f"solver.launch: there are {count} GPUs and one process; start one for each with "
            "[accelerate, launch], or hide the others with CUDA_VISIBLE_DEVICES"
        )
