"""Options of a multiple-choice question: wrong ones that are plausible, in drawn order."""

import math

import numpy as np

from spatialgen.records import Value
from spatialgen.verify.answers import number_text, places, spoken
from spatialgen.verify.draft import Draft
from spatialgen.verify.options import GAP

#: Options of a numeric question, the right one included.
NUMERIC_OPTIONS = 4

#: Neighbouring numeric options differ by a factor drawn from this range; the
#: least is just past what `GAP` asks for.
FACTORS = (1.0 / (1.0 - GAP) + 0.02, 1.5)


def build_options(draft: Draft, value: Value, rng: np.random.Generator) -> list[str] | None:
    """Return the option texts in order; a position is as likely as any other to be right.

    None for a number too small for as many wrong ones below it as above: the
    right one would be among the smallest. It is asked as an open question.
    """
    if draft.kind == "choice":
        texts = list(draft.choices)
        return [texts[i] for i in rng.permutation(len(texts))]
    if not isinstance(value, int | float):
        raise TypeError("only a number can be asked with numeric options")
    right = spoken(draft, value)
    wrong = _wrong_numbers(float(right), places(value, draft.decimals), rng)
    if wrong is None:
        return None
    texts = [right, *wrong]
    return [texts[i] for i in rng.permutation(len(texts))]


def _wrong_numbers(value: float, decimals: int, rng: np.random.Generator) -> list[str] | None:
    # The right number's rank among the options is drawn, so that neither the
    # smallest nor the middle one is the better guess: all ranks must be possible.
    most = NUMERIC_OPTIONS - 1
    step = 10.0**-decimals
    factor = float(rng.uniform(*FACTORS))
    smaller, larger = [value], [value]
    for _ in range(most):
        lower, higher = smaller[-1], larger[-1]
        smaller.append(math.floor(min(lower / factor, lower - step) / step + 1e-6) * step)
        larger.append(math.ceil(max(higher * factor, higher + step) / step - 1e-6) * step)
    if smaller[-1] < step / 2:  # zero is no plausible measure
        return None
    below = int(rng.integers(NUMERIC_OPTIONS))
    wrong = (*smaller[1 : below + 1], *larger[1 : NUMERIC_OPTIONS - below])
    return [number_text(number, decimals) for number in wrong]
