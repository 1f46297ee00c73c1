"""The options of ``spatialgen propose`` that concern a model that asks."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from spatialgen.commands._options import PATH

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--model", metavar="CKPT", help="Let a model ask: a checkpoint, a server's name."),
    click.option(
        "--backend",
        default="transformers",
        show_default=True,
        metavar="NAME",
        help="What runs the model: transformers, vllm or openai; `evalkit list` names them all.",
    ),
    click.option("--base-url", metavar="URL", help="The server's address, for --backend openai."),
    click.option(
        "--feedback",
        type=PATH,
        help="How hard the questions of the round before were: told to a model, steers families.",
    ),
    click.option(
        "--previous",
        type=PATH,
        multiple=True,
        metavar="DATASET",
        help="Ask nothing that this dataset asks; may be repeated, the latest last; with --model.",
    ),
    click.option("--review/--no-review", default=True, help="Let the model review each question."),
    click.option("--blind/--no-blind", default=True, help="Drop what the model knows unseen."),
    click.option(
        "--per-reply",
        type=click.IntRange(1, 50),
        default=8,
        show_default=True,
        help="Questions that a model is asked for at a time.",
    ),
    click.option(
        "--replies",
        type=click.IntRange(1, 100),
        default=3,
        show_default=True,
        help="Times that a model is asked about a scene at most.",
    ),
    click.option(
        "--repairs",
        type=click.IntRange(0, 10),
        default=2,
        show_default=True,
        help="Times that failed questions are sent back with what is wrong.",
    ),
    click.option(
        "--graph-tokens",
        type=click.IntRange(100, 100_000),
        default=3_000,
        show_default=True,
        help="Tokens that the scene graph may take; what is seen least is left out.",
    ),
    click.option(
        "--max-tokens",
        type=click.IntRange(16, 100_000),
        default=4_096,
        show_default=True,
        help="Tokens that a reply with questions may take.",
    ),
    click.option(
        "--max-side",
        type=click.IntRange(16, 4_096),
        default=448,
        show_default=True,
        help="Pixels that frames are reduced to for a model.",
    ),
    click.option(
        "--scenes-at-once",
        type=click.IntRange(1, 1_000),
        default=8,
        show_default=True,
        help="Scenes that a model is asked about together.",
    ),
    click.option(
        "--backend-option",
        "backend_options",
        multiple=True,
        metavar="KEY=VALUE",
        help="A further setting of the backend, as batch_size=4; may be repeated.",
    ),
)


def model_options(command: _Command) -> _Command:
    """Give a command the options of a model that asks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
