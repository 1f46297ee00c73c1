"""What a run will take, from the shape of its model: memory, and the time of training.

The time is that of the passes over the model alone, at the speed at which this machine
multiplies matrices: training is not faster, and with small models slower.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from evalkit.optional import require
from evalkit.prompt import Prompt, Text, Video
from recipes.encoding import Encoder
from recipes.settings import Config, SolverSettings

INSTALL = "'ouroboros-spatial[train]'"

#: Bytes for each trained parameter: 32-bit weights, gradients, and two moments of Adam.
TRAINED_BYTES = 16

#: Bytes for each parameter that is only read.
READ_BYTES = 4

#: Width and height in pixels of pictures of which nothing is known.
USUAL = (640, 480)

#: About the length of a question with its options.
QUESTION = "\nHow many metres are between the table and the chair that is the nearest to it? " * 2

#: Sides of the matrices that are multiplied: enough for some hundredths of a second.
_SIDE_CPU, _SIDE_GPU = 512, 8_192

#: So often; the shortest time counts, for the first one sets things up.
_TIMED = 4


T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    """How many parameters a model has, and how many of them are trained."""

    total: int
    trained: int

    @property
    def bytes(self) -> int:
        """Memory for weights, gradients and moments, over all processes that share them."""
        return self.trained * TRAINED_BYTES + (self.total - self.trained) * READ_BYTES


def size_of(model: Any) -> Size:
    """Return the size of a model, whose weights need not be there."""
    weights = list(model.parameters())
    trained = sum(weight.numel() for weight in weights if weight.requires_grad)
    return Size(sum(weight.numel() for weight in weights), trained)


def processes(solver: SolverSettings) -> int:
    """Return how many GPUs training would use here; 0 for the CPU."""
    torch = require("torch", INSTALL, "training")
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if solver.device == "cpu" or not there:
        return 0
    return there if solver.launch else 1


def memory(solver: SolverSettings) -> tuple[int, str] | None:
    """Return the bytes that training can have here, and of what; None where that is not known."""
    gpus = processes(solver)
    if gpus:
        return apart(_free, gpus), "of the GPU" if gpus == 1 else f"of {gpus} GPUs"
    if solver.device == "cuda":
        return None
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    free = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    return free, "of this machine"


def apart(ask: Callable[..., T], *what: object) -> T:
    """Return what a function says in a process of its own.

    A process that asks a GPU anything holds some of its memory from then on, and that of all
    GPUs is for training.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
        return other.submit(ask, *what).result()


def _free(gpus: int) -> int:
    torch = require("torch", INSTALL, "training")
    return sum(int(torch.cuda.mem_get_info(number)[0]) for number in range(gpus))


def tokens(config: Config, processor: Any, size: tuple[int, int]) -> int:
    """Return how many tokens a question and its pictures of some width and height have."""
    pillow = require("PIL.Image", "pillow", "showing images")
    most = config.max_side or max(size)
    scale = min(1.0, most / max(size))
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        pillow.new("RGB", tuple(max(1, round(side * scale)) for side in size)).save(picture)
        places = tuple(range(config.frames))
        video = Video("picture", (picture,) * config.frames, places, 1.0, config.frames)
        prompt = Prompt("question", (video, Text(QUESTION)), max_new_tokens=1)
        asked = Encoder(processor, None, config.solver.video_as).encode(prompt, "A")
    return len(asked.shown.tokens) + len(asked.tokens)


def operations(config: Config, size: Size, length: int) -> float:
    """Return the multiplications and additions of all training passes.

    Each parameter costs two a token forward and two backward, and two more where it is trained;
    forward twice with checkpointing. Questions that share a pass are counted as if all did.
    """
    forward = 2 if config.solver.gradient_checkpointing else 1
    each = 2 * (forward + 1) * size.total + 2 * size.trained
    return each * length * config.samples / config.solver.together


def speed(solver: SolverSettings) -> float | None:
    """Measure operations per second here, on all GPUs or the CPU; None without the GPU asked for.

    A product of two matrices is timed forward and backward.
    """
    gpus = processes(solver)
    if solver.device == "cuda" and not gpus:
        return None
    if gpus:
        return gpus * apart(_speed, "cuda", _SIDE_GPU, solver.precision)
    return _speed("cpu", _SIDE_CPU, "float32")


def _speed(device: str, side: int, precision: str) -> float:
    torch = require("torch", INSTALL, "training")
    kind = getattr(torch, precision)
    one, other = (torch.ones(side, side, device=device, dtype=kind) for _ in range(2))
    one.requires_grad_()
    other.requires_grad_()
    times = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        (one @ other).sum().backward()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return float(6 * side**3 / max(min(times), 1e-9))


def duration(seconds: float) -> str:
    """Return a length of time in words."""
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(seconds, 2):.0f} seconds"


def alone() -> bool:
    """Tell whether this process was started by itself, and not as one of several."""
    return "RANK" not in os.environ
