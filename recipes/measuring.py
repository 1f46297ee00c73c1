"""What the solver makes of the held-out questions, before the first round and after others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evalkit.backends import Settings
from evalkit.media.video import Sampling
from recipes import choosing, evaluate, layout, proposing
from recipes.encoding import Kept
from recipes.errors import RecipeError
from recipes.rows import read_lines, write_json, write_lines
from recipes.settings import Config


def hold_out(config: Config, unseen: Sequence[Path]) -> None:
    """Have the held-out questions asked, and keep those that can be shown.

    Raises RecipeError where there are none.
    """
    place = config.out_dir / layout.HELD_OUT_ASKED
    if place.exists():
        return
    folder = config.evaluate.questions or config.out_dir / layout.HELD_OUT
    if config.evaluate.questions is None:
        proposing.run(proposing.held_out_command(config, unseen, folder), folder)
    rows = list(read_lines(folder / "questions.jsonl"))
    asked, dropped = choosing.showable(rows, layout.prompts(config, rows, unseen))
    if not rows:
        raise RecipeError(
            f"{folder}: no question about the held-out scenes passed, see `spatialgen stats`; "
            "give other held_out scenes, and another out_dir"
        )
    if not asked:
        reasons = choosing.told(choosing.reasons(dropped))
        raise RecipeError(
            f"{folder}: none of the {len(rows)} held-out questions can be shown ({reasons}), so "
            f"no round begins; {dropped[0]['detail']}"
        )
    write_lines(config.out_dir / layout.HELD_OUT_DROPPED, dropped)
    write_lines(place, asked)


def measure(config: Config, unseen: Sequence[Path], number: int, kept: Kept) -> None:
    """Ask the held-out questions, if it is this round's turn."""
    last = number == config.rounds - 1
    if last or (number + 1) % config.evaluate.every == 0:
        checkpoint = layout.checkpoint_of(config, number)
        evaluate_model(config, str(checkpoint), unseen, checkpoint.parent, last, kept)


def evaluate_model(
    config: Config, model: str, unseen: Sequence[Path], folder: Path, last: bool, kept: Kept
) -> None:
    """Ask the held-out questions; the last model is also shown grey pictures, and none."""
    if (folder / layout.EVALUATION).exists():
        return
    folder.mkdir(exist_ok=True)
    chosen = config.evaluate
    views = ["seeing"]
    views += ["grey"] if chosen.grey and last else []
    views += ["blind"] if chosen.blind and last else []
    mend = "remove this file, and it is made again of the held-out questions"
    rows = list(read_lines(config.out_dir / layout.HELD_OUT_ASKED, mend))
    settings = Settings(
        base=layout.model_of(config)
        if config.solver.lora is not None and folder.name != "start"
        else None,
        device="cpu" if config.solver.device == "cpu" else "auto",
        batch_size=chosen.batch,
        video_as=config.solver.video_as,
        max_images=max(config.frames, 1),
    )
    sampling = Sampling(config.frames, config.max_side)
    found = evaluate.ask(
        model,
        rows,
        unseen,
        config.frames_cache,
        sampling,
        config.answers,
        settings,
        config.solver.video_as,
        views,
        chosen.generate,
        kept,
    )
    answers = [{"view": view, **row} for view, each in found.items() for row in each]
    write_lines(folder / "answers.jsonl", answers)
    told: dict[str, Any] = {view: evaluate.figures(each) for view, each in found.items()}
    if last:
        trained = [
            row
            for number in range(config.rounds)
            for row in read_lines(layout.round_folder(config, number) / layout.ACCEPTED)
        ]
        told["prior"] = evaluate.prior(rows, trained, exact=not chosen.generate)
    told["benchmarks"] = {
        each.name: evaluate.official(
            each,
            model,
            folder / "benchmarks" / str(number),
            config.frames_cache,
            sampling,
            settings,
        )
        for number, each in enumerate(chosen.benchmarks)
    }
    write_json(folder / layout.EVALUATION, told)
