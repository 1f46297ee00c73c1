"""Numbers out of parsed JSON, which may hold anything in their place."""

import math


def number_of(raw: object) -> float | None:
    """Return a JSON number as float (infinite where too large for one), else None."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    try:
        return float(raw)
    except OverflowError:
        return math.inf


def numbers_of(raw: object, length: int) -> list[float] | None:
    """Return a JSON list of exactly ``length`` numbers as floats, else None."""
    if not isinstance(raw, list) or len(raw) != length:
        return None
    numbers = [number for number in map(number_of, raw) if number is not None]
    return numbers if len(numbers) == length else None


def flat_numbers_of(raw: object, length: int) -> list[float] | None:
    """Return ``length`` numbers of a matrix in JSON, of rows or in one list, else None."""
    rows = raw if isinstance(raw, list) else []
    by_rows = all(isinstance(row, list) for row in rows)
    return numbers_of([cell for row in rows for cell in row] if by_rows else rows, length)
