"""The config of a run: every setting, checked before anything starts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recipes import feedback
from recipes.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1)]
Moment = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
PerScene = Annotated[int, Field(ge=1, le=10_000)]
Seed = Annotated[int, Field(ge=0, lt=1 << 32)]
Words = Annotated[str, Field(min_length=1)]

#: Visits of one round, at most: they are a list in memory, and in ``job.json``.
MOST_VISITS = 10_000_000


class Part(BaseModel):
    """A part of the config: unknown keys are errors, and so are numbers that are none."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
    per_scene: PerScene = 20
    families: tuple[str, ...] = ()
    workers: Count | None = None


class Dataset(Part):
    """Finished dataset folders about ``scenes`` instead of a proposer.

    Rounds take them in turn, or each of them all. What feedback then moves is which of their
    questions are visited.
    """

    kind: Literal["dataset"]
    folders: Annotated[tuple[Path, ...], Field(min_length=1)]
    in_turn: bool = True


class Model(Part):
    """A frozen vision-language model asks, with feedback in its context.

    ``options`` are further options of ``spatialgen propose``, as on its command line.
    """

    kind: Literal["model"]
    model: str
    backend: str = "vllm"
    base_url: str | None = None
    per_scene: PerScene = 20
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
    betas: tuple[Moment, Moment] = (0.9, 0.999)
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    clip: Annotated[float, Field(gt=0)] = 1.0
    per_device_batch: Count = 1
    together: Count = 1
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    gradient_checkpointing: bool = False
    loaders: Annotated[int, Field(ge=0, le=1_000)] = 0
    video_as: Literal["video", "frames"] = "video"
    count_end: bool = False
    freeze: tuple[Words, ...] = ()
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
    ``every`` so many rounds, and after the last one. Without ``generate`` answers are not
    generated but judged by a pass over each, see `recipes.forced`: exact matches only.
    ``questions`` is a finished dataset folder about the held-out scenes; without it, families
    ask them.
    """

    questions: Path | None = None
    per_scene: PerScene = 10
    every: Count = 1
    batch: Count = 32
    generate: bool = True
    grey: bool = True
    blind: bool = True
    benchmarks: tuple[Benchmark, ...] = ()


class Config(Part):
    """A whole run of the closed loop.

    ``model`` is the checkpoint that the solver begins with, or ``tiny``, which is made on the
    spot. ``steps`` of ``batch`` questions make a round. ``answers`` is how questions are
    asked, see `recipes.asking`. ``deviations`` says in words where a config differs from the
    paper. ``keep_rounds`` is the number of rounds whose checkpoints stay. ``cache`` is where
    decoded frames are kept, by default in ``out_dir``; runs may share it.
    """

    out_dir: Path
    model: Words
    scenes: Scenes
    held_out: Scenes
    proposer: Annotated[BuiltIn | Model | Dataset, Field(discriminator="kind")]
    seed: Seed = 0
    rounds: Annotated[int, Field(ge=1, lt=1_000)] = 4
    steps: Count = 100
    batch: Count = 64
    frames: Annotated[int, Field(ge=1, le=1_000)] = 32
    max_side: Count | None = None
    answers: Literal["letter", "text"] = "letter"
    solver: SolverSettings = SolverSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    evaluate: Evaluation = Evaluation()
    keep_rounds: Count = 1
    cache: Path | None = None
    dry_run: bool = False
    deviations: tuple[str, ...] = ()

    @property
    def frames_cache(self) -> Path:
        """Where decoded frames are kept."""
        return self.cache or self.out_dir / "cache"

    @property
    def samples(self) -> int:
        """How many questions all rounds visit."""
        return self.rounds * self.steps * self.batch


#: What `model` is called where a tiny one is to be made.
TINY = "tiny"


#: What stands in for a setting that has no default, where it is wrong.
_STAND_INS: dict[str, Any] = {
    "out_dir": ".",
    "model": TINY,
    "scenes": {"made": [{"rooms": 1}]},
    "held_out": {"made": [{"rooms": 1, "seed": 1}]},
    "proposer": {"kind": "built-in"},
}


@dataclass(frozen=True)
class Draft:
    """A config as far as it is right, so that the rest of it can be checked at the same time.

    ``faults`` are what is wrong, and ``wrong`` are the places of it: there the config has the
    default, or a stand-in where there is none.
    """

    config: Config
    faults: tuple[str, ...] = ()
    wrong: tuple[tuple[str, ...], ...] = ()

    def has(self, *names: str) -> bool:
        """Tell whether the config has all of these settings as they were given."""
        places = [tuple(name.split(".")) for name in names]
        return not any(_touch(place, each) for place in places for each in self.wrong)


def read(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Return a config with ``key=value`` overrides, dots reaching into its parts.

    Raises ConfigError that names everything that is wrong, one a line.
    """
    found = draft(path, overrides)
    refuse(path, found.faults)
    return found.config


def refuse(path: Path, faults: Sequence[str]) -> None:
    """Raise ConfigError with all faults of a config, where there are any."""
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        count = "1 thing is" if len(faults) == 1 else f"{len(faults)} things are"
        raise ConfigError(f"{path}: {count} wrong:{listed}")


def draft(path: Path, overrides: Sequence[str] = ()) -> Draft:
    """Return what can be made of a config; raises ConfigError for a file that holds none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    data = _yaml(text, str(path))
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: holds no settings; see recipes/configs for examples")
    faults = [fault for each in overrides for fault in _override(data, each)]
    found = _drafted(data, faults)
    return Draft(found.config, (*found.faults, *_together(found)), found.wrong)


def _drafted(data: dict[Any, Any], faults: list[str]) -> Draft:
    """Return the config after leaving out what is wrong, until nothing is."""
    wrong: list[tuple[str, ...]] = []
    while True:
        try:
            return Draft(Config.model_validate(data), tuple(faults), tuple(wrong))
        except ValidationError as error:
            found = error.errors(include_url=False)
        places = [_place(each["loc"]) for each in found]
        for place, each in zip(places, found, strict=True):
            # What is wrong because something was left out was told before.
            if not any(_touch(tuple(map(str, place)), other) for other in wrong):
                told = each["msg"].removeprefix("Value error, ")
                faults.append(f"{'.'.join(map(str, place))}: {told}")
        # From the end, for places in lists move.
        for place, each in reversed(list(zip(places, found, strict=True))):
            left_out = _leave_out(data, place)
            if each["type"] != "extra_forbidden":
                wrong.append(left_out)


def _place(loc: Sequence[Any]) -> tuple[Any, ...]:
    """Return where in the config an error of pydantic's is: without the kind of the proposer."""
    return (loc[0], *loc[2:]) if loc[0] == "proposer" else tuple(loc)


def _leave_out(data: dict[Any, Any], place: Sequence[Any]) -> tuple[str, ...]:
    """Take a setting out, or the part that lacks it; return the place of what is wrong now."""
    trail: list[tuple[Any, Any]] = []
    inside: Any = data
    for part in place:
        inner = inside.get(part) if isinstance(inside, dict) else None
        if isinstance(inside, list) and part in range(len(inside)):
            inner = inside[part]
        elif not isinstance(inside, dict) or part not in inside:
            break
        trail.append((inside, part))
        inside = inner
    if not trail:
        data[place[0]] = _STAND_INS[place[0]]
        return (str(place[0]),)
    holder, key = trail[-1]
    del holder[key]
    kept = trail[:-1] if isinstance(holder, list) else trail
    return tuple(str(part) for _, part in kept)


def _touch(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether one place is the other, or inside of it, whichever it is."""
    return all(a == b for a, b in zip(one, other, strict=False))


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


def _together(found: Draft) -> Iterator[str]:
    """Yield what is wrong with settings that are right each by itself."""
    config, solver = found.config, found.config.solver
    alone = not solver.launch and found.has("batch", "solver.per_device_batch", "solver.launch")
    if alone and config.batch % solver.per_device_batch:
        yield (
            f"solver.per_device_batch: {solver.per_device_batch} does not divide the "
            f"batch of {config.batch}"
        )
    if found.has("steps", "batch") and config.steps * config.batch > MOST_VISITS:
        yield f"steps: {config.steps} of {config.batch} are more than {MOST_VISITS:,} a round"
    if found.has("model") and config.model == TINY:
        if solver.lora is not None:
            yield "solver.lora: the tiny model is trained from nothing, and wholly"
        if solver.freeze:
            yield "solver.freeze: the tiny model is trained from nothing, and wholly"
    if found.has("proposer") and config.proposer.kind == "model" and config.feedback.knobs:
        yield "feedback.knobs: only the built-in proposer has them"
