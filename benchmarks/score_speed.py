"""How fast predictions are scored: rows a second, per benchmark question type and scorer.

    python benchmarks/score_speed.py [--rows 5130] [--json]

The rows are made up: VSI-Bench's question types in turn, with predictions from a bare letter to
a long chain of thought.
"""

import argparse
import json
import platform
import time
from collections.abc import Sequence

from evalkit import discovery
from evalkit.benchmark import SCORERS
from evalkit.records import Row
from evalkit.scoring import results, score_rows

LONG = "First I look at the sofa, then at the table. Option A says left. " * 30
CHOICES = ("B", "B. right", "The answer is B.", "**B**", f"<think>{LONG}</think>B", LONG, "")
NUMBERS = ("3", "2.5 meters", "about three", f"<think>{LONG}</think>2.4", "[3, 4]", LONG, "")
REPEATS = 5


def made_up_rows(count: int) -> list[Row]:
    """Return ``count`` rows of VSI-Bench's types in turn."""
    types = discovery.load("vsi-bench").types
    rows = []
    for index in range(count):
        kind = types[index % len(types)]
        number = kind.endswith(("counting", "estimation", "abs_distance"))
        texts = NUMBERS if number else CHOICES
        doc = {
            "question_type": kind,
            "ground_truth": "2.5" if number else "B",
            "options": None if number else ["A. left", "B. right", "C. back"],
        }
        rows.append(Row(doc, texts[index // len(types) % len(texts)]))
    return rows


def seconds(rows: Sequence[Row], scorer_name: str) -> float:
    """Return the best of some times for scoring ``rows`` and taking the means.

    The processor's time: all of it is computing, and others may use the machine too.
    """
    benchmark = discovery.load("vsi-bench")
    scorer = discovery.scorer(benchmark, scorer_name)
    docs = [row.doc for row in rows]
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        results(benchmark, scorer, docs, score_rows(benchmark, scorer, rows))
        times.append(time.process_time() - started)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5130)
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    rows = made_up_rows(options.rows)
    times = {name: seconds(rows, name) for name in SCORERS}
    if options.as_json:
        print(
            json.dumps({"rows": len(rows), "seconds": times, "python": platform.python_version()})
        )
        return
    for name, time_s in times.items():
        print(f"{name:12} {len(rows):,} rows in {time_s:.3f} s, {len(rows) / time_s:,.0f} rows/s")


if __name__ == "__main__":
    main()
