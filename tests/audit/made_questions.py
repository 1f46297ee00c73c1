"""Questions with and without something in them that a blind guess finds."""

from collections.abc import Sequence
from typing import Any

from spatialgen.audit.question import Question
from spatialgen.rng import generator

LETTERS = "ABCD"
WAYS = ("front", "left", "right", "back")
THINGS = ("chair", "table", "lamp", "sofa", "plant", "shelf")


def choice(
    number: int,
    scene: int,
    right: int = 0,
    options: Sequence[str] = WAYS,
    text: str = "Where is it?",
    family: str = "way",
) -> Question:
    """Return a question with options, about a numbered scene."""
    place, answer = f"room{scene}", options[right]
    return Question(f"q{number}", "made", place, family, text, tuple(options), right, None, answer)


def open_question(
    number: int, scene: int, value: float, text: str = "How much?", family: str = "size"
) -> Question:
    """Return a question with a number for an answer, about a numbered scene."""
    place = f"room{scene}"
    return Question(f"q{number}", "made", place, family, text, (), None, value, f"{value:g}")


def fair_choices(count: int, seed: int = 0, family: str = "way") -> list[Question]:
    """Return questions whose options are shuffled and of which any is right as often."""
    rng = generator(seed, family)
    found = []
    for number in range(count):
        options = [WAYS[i] for i in rng.permutation(4)]
        thing = THINGS[rng.integers(len(THINGS))]
        text = f"Where is the {thing}?"
        found.append(choice(number, number // 5, int(rng.integers(4)), options, text, family))
    return found


def leaning_choices(count: int, share: float = 0.6, seed: int = 0) -> list[Question]:
    """Return questions of which ``share`` more than fair ones are answered by "front"."""
    rng = generator(seed, "leaning")
    found = []
    for question in fair_choices(count, seed):
        right = question.options.index("front") if rng.random() < share else question.right
        number, scene = int(question.id[1:]), int(question.scene[4:])
        found.append(choice(number, scene, right or 0, question.options, question.text))
    return found


def sized_things(count: int, spread: float, seed: int = 0) -> list[Question]:
    """Return questions for sizes that go with the thing's name, but for a ``spread`` (log)."""
    rng = generator(seed, "sizes")
    found = []
    for number in range(count):
        thing = int(rng.integers(len(THINGS)))
        value = 20 * 2**thing * float(rng.lognormal(0, spread))
        text = f"How long is the {THINGS[thing]}, in centimeters?"
        found.append(open_question(number, number // 5, round(value, 1), text))
    return found


def vsi_row(question: Question) -> dict[str, Any]:
    """Return a question in VSI-Bench's columns."""
    options = [f"{LETTERS[i]}. {text}" for i, text in enumerate(question.options)]
    truth = question.answer if question.right is None else LETTERS[question.right]
    return {
        "id": question.id,
        "dataset": question.dataset,
        "scene_name": question.scene,
        "question_type": question.family,
        "question": question.text,
        "options": options or None,
        "ground_truth": truth,
    }
