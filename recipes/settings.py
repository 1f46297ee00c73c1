"""The config of a run: every setting, checked before anything starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recipes import feedback
from recipes.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the config: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


#: Seeds of one kind of rooms, where every round has rooms of its own.
SEEDS_PER_KIND = 1_000


class Rooms(Part):
    """Rooms that are made on the spot: how many, and `spatialgen synth`'s own settings."""

    rooms: Count
    seed: Seed = 0
    settings: dict[str, Any] = Field(default_factory=dict)

    def seed_of(self, number: int | None) -> int:
        """Return the seed of a round's own rooms, or of those that all rounds share (None)."""
        return self.seed if number is None else self.seed * SEEDS_PER_KIND + number


class Scenes(Part):
    """Where scenes come from: folders of scans, with their videos, or made rooms.

    Of made rooms there may be several kinds, from simple to crowded; with ``fresh`` every
    round asks about rooms of its own.
    """

    paths: tuple[Path, ...] = ()
    made: tuple[Rooms, ...] = ()
    fresh: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "Scenes":
        if bool(self.paths) == bool(self.made):
            raise ValueError("give either paths or made")
        if self.fresh and not self.made:
            raise ValueError("fresh is for made rooms")
        return self


class BuiltIn(Part):
    """The question families ask; cells of family and complexity are what feedback moves."""

    kind: Literal["built-in"]
    per_scene: Count = 20
    families: tuple[str, ...] = ()
    workers: Count | None = None


class Dataset(Part):
    """Finished dataset folders instead of a proposer: rounds take them in turn.

    What feedback then moves is which of their questions are visited. They are about ``scenes``.
    """

    kind: Literal["dataset"]
    folders: Annotated[tuple[Path, ...], Field(min_length=1)]


class Model(Part):
    """A frozen vision-language model asks, with feedback in its context.

    ``options`` are further options of ``spatialgen propose``, as on its command line.
    """

    kind: Literal["model"]
    model: str
    backend: str = "vllm"
    base_url: str | None = None
    per_scene: Count = 20
    options: tuple[str, ...] = ()


class Lora(Part):
    """Adapters in place of full fine-tuning."""

    rank: Count = 16
    alpha: Annotated[float, Field(gt=0)] = 32.0
    targets: Annotated[tuple[str, ...], Field(min_length=1)] = ("q_proj", "k_proj", "v_proj")


class SolverSettings(Part):
    """How the solver is trained.

    ``freeze`` names parts of parameters' names that are not trained. ``launch`` are the words
    that a process per GPU is started with, as ``[accelerate, launch]``; without them training
    is done in one process. ``save_steps`` are the steps between checkpoints in a round, 0 for
    its end only. ``count_end`` counts the end token in the confidence. Up to ``together``
    questions about the same pictures share a pass over them, see `recipes.encoding`.
    """

    learning_rate: Annotated[float, Field(gt=0)] = 1e-6
    schedule: Literal["constant", "constant_with_warmup", "linear", "cosine"] = "constant"
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    betas: tuple[Share, Share] = (0.9, 0.999)
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    clip: Annotated[float, Field(gt=0)] = 1.0
    per_device_batch: Count = 1
    together: Count = 1
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    gradient_checkpointing: bool = False
    loaders: Annotated[int, Field(ge=0)] = 0
    video_as: Literal["video", "frames"] = "video"
    count_end: bool = False
    freeze: tuple[str, ...] = ()
    lora: Lora | None = None
    launch: tuple[str, ...] = ()
    save_steps: Annotated[int, Field(ge=0)] = 0


class FeedbackSettings(Part):
    """What steers the next round: a signal of `recipes.feedback`, and what a cell is."""

    signal: Literal[
        "paper",
        "chance_corrected",
        "cumulative",
        "learning_progress",
        "r_zero",
        "spatial_evo",
        "none",
        "random",
    ] = "paper"
    floor: Share = feedback.FLOOR
    knobs: tuple[Literal["in_view", "frames", "hops", "margin"], ...] = ()


class Benchmark(Part):
    """A benchmark of evalkit, or a dataset folder; ``data`` is as ``evalkit run --data``."""

    name: str
    data: Path | None = None
    limit: Count | None = None


class Evaluation(Part):
    """What is asked after a round: questions about the held-out scenes, and benchmarks.

    ``grey`` and ``blind`` ask the last model once more with grey pictures and without any.
    ``every`` so many rounds, and after the last one.
    """

    per_scene: Count = 10
    every: Count = 1
    batch: Count = 32
    grey: bool = True
    blind: bool = True
    benchmarks: tuple[Benchmark, ...] = ()


class Config(Part):
    """A whole run of the closed loop.

    ``model`` is the checkpoint that the solver begins with, or ``tiny``, which is made on the
    spot. ``steps`` of ``batch`` questions make a round. ``answers`` is how questions are
    asked, see `recipes.asking`. ``deviations`` says in words where a config differs from the
    paper. ``keep_rounds`` is the number of rounds whose checkpoints stay.
    """

    out_dir: Path
    model: str
    scenes: Scenes
    held_out: Scenes
    proposer: Annotated[BuiltIn | Model | Dataset, Field(discriminator="kind")]
    seed: Seed = 0
    rounds: Count = 4
    steps: Count = 100
    batch: Count = 64
    frames: Annotated[int, Field(ge=1, le=1_000)] = 32
    max_side: Count | None = None
    answers: Literal["letter", "text"] = "letter"
    solver: SolverSettings = SolverSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    evaluate: Evaluation = Evaluation()
    keep_rounds: Count = 1
    dry_run: bool = False
    deviations: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """How many questions all rounds visit."""
        return self.rounds * self.steps * self.batch


#: What `model` is called where a tiny one is to be made.
TINY = "tiny"


def read(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Return a config with ``key=value`` overrides, dots reaching into its parts.

    Raises ConfigError that names everything that is wrong, one a line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    data = _yaml(text, str(path))
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: holds no settings; see recipes/configs for examples")
    faults = [fault for each in overrides for fault in _override(data, each)]
    try:
        found = Config.model_validate(data)
    except ValidationError as error:
        faults += [
            f"{'.'.join(map(str, e['loc'])) or 'config'}: {e['msg']}" for e in error.errors()
        ]
    else:
        faults += _together(found)
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        raise ConfigError(f"{path}: {len(faults)} settings are wrong:{listed}")
    return found


def _yaml(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{where}: is no YAML: {' '.join(str(error).split())}") from error


def _override(data: dict[Any, Any], text: str) -> list[str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        return [f"{text!r}: write an override as key=value"]
    *parts, last = key.split(".")
    place: Any = data
    for part in parts:
        inside = _inside(place, part)
        if inside is None:
            return [f"{key}: there is no {part}"]
        place = inside
    if isinstance(place, list):
        if not _is_place(place, last):
            return [f"{key}: there is no {last}"]
        place[int(last)] = _yaml(value, key)
    else:
        place[last] = _yaml(value, key)
    return []


def _inside(place: Any, part: str) -> Any:
    """Return what is called ``part`` in a mapping or a list, a new mapping where nothing is."""
    if isinstance(place, list):
        found = place[int(part)] if _is_place(place, part) else None
    else:
        found = place.setdefault(part, {})
    return found if isinstance(found, dict | list) else None


def _is_place(items: list[Any], part: str) -> bool:
    return part.isdecimal() and int(part) < len(items)


def _together(config: Config) -> list[str]:
    """Return what is wrong with settings that are right each by itself."""
    faults = []
    if not config.solver.launch and config.batch % config.solver.per_device_batch:
        faults.append(
            f"solver.per_device_batch: {config.solver.per_device_batch} does not divide the "
            f"batch of {config.batch}"
        )
    missing = [
        f"{part}.paths: {path}: there is no such file or folder"
        for part, scenes in (("scenes", config.scenes), ("held_out", config.held_out))
        for path in scenes.paths
        if not path.exists()
    ]
    if config.model == TINY and config.solver.lora is not None:
        faults.append("solver.lora: the tiny model is trained from nothing, and wholly")
    if config.proposer.kind == "model" and config.feedback.knobs:
        faults.append("feedback.knobs: only the built-in proposer has them")
    return faults + missing
