"""From what a program returned to the answer of a question."""

from spatialgen.records import Value
from spatialgen.verify.draft import Check, Draft

#: Two numbers agree when their relative difference is at most this: they score
#: 0.9 or more against each other by VSI-Bench's mean relative accuracy.
TOLERANCE = 0.1

#: No room, nothing in it and no video of it measures more, in any unit.
LARGEST = 1e6


def check_answer(draft: Draft, value: Value | None) -> Check:
    """Check that a program's value is an answer of the kind the question asks for.

    Reasons: ``wrong_answer_type``; ``negative_answer``; ``giant_answer``;
    ``no_correct_option`` (the value is none of the choices).
    """
    if draft.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Check("answer", "wrong_answer_type", f"{value!r} is not a number")
        if value < 0:
            return Check("answer", "negative_answer", f"{value!r} is below zero")
        if value > LARGEST:
            return Check("answer", "giant_answer", f"{value!r} is no measure of a room")
    elif isinstance(value, bool) and set(draft.choices) == {"yes", "no"}:
        pass
    elif not isinstance(value, str):
        return Check("answer", "wrong_answer_type", f"{value!r} is not a text")
    elif value not in draft.choices:
        return Check("answer", "no_correct_option", f"{value!r} is none of the options")
    return Check("answer")


def spoken(draft: Draft, value: Value) -> str:
    """Return the text of an answer: a number at its printed precision, or a choice."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return number_text(value, draft.decimals)
    raise TypeError(f"{value!r} is no answer")


def number_text(value: float, decimals: int | None) -> str:
    """Print a number with so many decimals, by default `places`; zero has no sign."""
    return f"{value:z.{places(value, decimals)}f}"


def places(value: float, decimals: int | None) -> int:
    """Return with how many decimals a number is printed: None means 0 for an int, else 2."""
    if decimals is not None:
        return decimals
    return 0 if isinstance(value, int) else 2


def agree(draft: Draft, a: Value | None, b: Value | None) -> bool:
    """Tell whether two answers to a question count as the same one.

    Choices and counts (whole numbers without a unit) must be equal; measures
    may differ by `TOLERANCE` of the first, or by one step of what is printed.
    """
    if check_answer(draft, a).reason or check_answer(draft, b).reason:
        return False
    if draft.kind == "choice" or not isinstance(a, int | float) or not isinstance(b, int | float):
        return a == b
    if draft.unit is None and isinstance(a, int):
        return a == b
    step = 10.0 ** -places(a, draft.decimals)
    return abs(a - b) <= max(TOLERANCE * abs(a), step) * (1 + 1e-9)
