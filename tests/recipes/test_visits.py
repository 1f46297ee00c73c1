"""What is recorded of a question's visits in a round."""

import pytest

from recipes.solver import confidences


def test_first_and_last_visits() -> None:
    rows = [
        {"id": name, "step": step, "tokens": tokens, "sum": total}
        for name, step, tokens, total in (
            ("a", 0, 2, -2.0),
            ("b", 0, 1, -3.0),
            ("a", 4, 2, -1.0),
            ("a", 9, 2, -0.5),
        )
    ]
    found = confidences(rows)
    assert [(each["id"], each["step"]) for each in found] == [("a", 0), ("b", 0)]
    assert [each["confidence"] for each in found] == pytest.approx([0.367879, 0.049787], abs=1e-6)
    assert [each["last"] for each in found] == pytest.approx([0.778801, 0.049787], abs=1e-6)
