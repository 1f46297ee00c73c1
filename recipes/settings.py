"""The config of a run: every setting, checked before anything starts."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recipes import feedback

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
    round asks about rooms of its own. Of scans ``limit`` are drawn by the run's seed, the same
    for all rounds: what a model is told of a scene is about one that it is shown again.
    """

    paths: tuple[Path, ...] = ()
    limit: Count | None = None
    made: tuple[Rooms, ...] = ()
    fresh: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "Scenes":
        if bool(self.paths) == bool(self.made):
            raise ValueError("give either paths or made")
        if self.fresh and not self.made:
            raise ValueError("fresh is for made rooms")
        if self.limit is not None and not self.paths:
            raise ValueError("limit is for paths; of made rooms set how many there are")
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
    """What steers the next round: a signal of `recipes.feedback`, and what a cell is.

    Confidences are those of a question's ``first`` visit in its round, as the paper's, or of its
    ``last``: where questions are visited often, first visits tell of the round before. Where a
    signal is silent, a round is spread evenly ``over`` families, or over all questions.
    """

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
    visit: Literal["first", "last"] = "first"
    over: Literal["families", "questions"] = "families"
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
    paper. With ``rehearse`` a round's visits fall on the questions of earlier rounds too;
    what is fed back is the confidence of its own. ``keep_rounds`` is the number of rounds
    whose checkpoints stay. ``cache`` is where decoded frames are kept, by default in
    ``out_dir``; runs may share it.
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
    rehearse: bool = False
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
