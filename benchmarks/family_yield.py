"""What every question family yields on made rooms, and how much a guess without looking gains.

    python benchmarks/family_yield.py [--rooms 12] [--per-scene 100] [--seed 0] [--json]

Rooms are made and filmed, written as ScanNet scans, and asked about the usual way;
then every stored program is run again. Guesses are about questions with options and
know which of them is right how often in the other half of the rooms: "letter" by
their letters, "text" by what they say, "rank" of numbers by their place in order.
Chance is what a draw among the options would do; a star marks a guess that is
above it by more than luck explains 99 times out of 100.
The exit status is 1 if a family yields nothing, or rejects nothing, or an answer differs.
"""

import argparse
import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import QUESTIONS, REJECTED, read_rows
from spatialgen.dataset.replay import replay
from spatialgen.dataset.rows import OPTIONS_SUFFIX, Row
from spatialgen.progress import Progress
from spatialgen.propose.built_in import family_names
from spatialgen.run import ProposeConfig, propose
from spatialgen.synth.settings import settings
from spatialgen.synth.writing import write_rooms

#: By luck a guess is above chance by more than so many standard deviations once in a hundred times.
LUCK = 2.33

#: What is seen of a question's options, and which of that is right.
Seen = Callable[[Row], tuple[list[Hashable], Hashable]]


@dataclass(frozen=True)
class Guess:
    """How many of ``asked`` questions a guess gets right, and the share that chance does."""

    right: int
    asked: int
    chance: float

    def __str__(self) -> str:
        spread = math.sqrt(self.chance * (1 - self.chance) / self.asked)
        share = self.right / self.asked
        star = " *" if share > self.chance + LUCK * spread else ""
        return f"{share:.0%} ({self.chance:.0%}){star}"


@dataclass(frozen=True)
class Yield:
    """What came of one family."""

    name: str
    accepted: int
    rejected: dict[str, int]
    guesses: dict[str, Guess]


def texts_of(row: Row) -> list[str]:
    """Return the options of a question without their letters."""
    return [option.partition(". ")[2] for option in row["options"]]


def right_of(row: Row) -> str:
    """Return the text of the right option."""
    return texts_of(row)[ord(row["ground_truth"]) - ord("A")]


def letters(row: Row) -> tuple[list[Hashable], Hashable]:
    """Return the letters of a question's options, and the right one."""
    return [option[0] for option in row["options"]], row["ground_truth"]


def texts(row: Row) -> tuple[list[Hashable], Hashable]:
    """Return the options of a question, and the right one."""
    return list(texts_of(row)), right_of(row)


def ranks(row: Row) -> tuple[list[Hashable], Hashable]:
    """Return the places of numbers in their order, and the right one's."""
    ordered = sorted(texts_of(row), key=float)
    return list(range(len(ordered))), ordered.index(right_of(row))


def best_guess(rows: Sequence[Row], seen: Seen) -> Guess:
    """Return what one gains who knows from other rooms how often which option is right."""
    halves: tuple[list[Row], list[Row]] = ([], [])
    for place, (_, asked) in enumerate(groupby(rows, key=lambda row: row["scene_name"])):
        halves[place % 2].extend(asked)
    right = sum(_hits(*pair, seen) for pair in (halves, halves[::-1]))
    chance = sum(1 / len(row["options"]) for row in rows) / len(rows)
    return Guess(right, len(rows), chance)


def _hits(known: Sequence[Row], rows: Sequence[Row], seen: Seen) -> int:
    offered, right = Counter[Hashable](), Counter[Hashable]()
    for options, answer in map(seen, known):
        offered.update(options)
        right[answer] += 1
    hits = 0
    for options, answer in map(seen, rows):
        # What is new is as good as any: one in so many.
        known_share = {o: (right[o] + 1 / len(options)) / (offered[o] + 1) for o in options}
        hits += answer == max(options, key=known_share.__getitem__)
    return hits


def yield_of(name: str, questions: Sequence[Row], rejected: Sequence[Row]) -> Yield:
    """Return what came of one family, its numeric questions with options included."""
    names = (name, name + OPTIONS_SUFFIX)
    asked = [row for row in questions if row["question_type"] in names]
    reasons = Counter(row["reason"] for row in rejected if row.get("question_type") in names)
    lettered = [row for row in asked if row["options"]]
    numeric = [row for row in lettered if row["question_type"] == names[1]]
    choices = [row for row in lettered if row["question_type"] == name]
    guesses = {}
    for what, rows, seen in (
        ("letter", lettered, letters),
        ("text", choices, texts),
        ("rank", numeric, ranks),
    ):
        if rows:
            guesses[what] = best_guess(rows, seen)
    return Yield(name, len(asked), dict(reasons.most_common()), guesses)


def measure(rooms: int, per_scene: int, seed: int) -> tuple[list[Yield], int]:
    """Make rooms and ask about them; return what each family yields and how many answers differ."""
    with tempfile.TemporaryDirectory() as folder, Progress("scenes") as progress:
        made, out = Path(folder) / "rooms", Path(folder) / "dataset"
        write_rooms(made, seed, rooms, settings(), 2, progress)
        propose([made], out, ProposeConfig(per_scene=per_scene, seed=seed), [], 2, progress)
        questions, rejected = (list(read_rows(out, name)) for name in (QUESTIONS, REJECTED))
        again = replay(out, progress)
    found = [yield_of(name, questions, rejected) for name in family_names()]
    return found, len(again.differences)


def show(found: Sequence[Yield], differences: int) -> None:
    """Print the table as Markdown."""
    print("| family | accepted | rejected | letter | text | rank |")
    print("|---|---|---|---|---|---|")
    for each in found:
        why = ", ".join(f"{reason} {count}" for reason, count in each.rejected.items())
        cells = " | ".join(str(each.guesses.get(what, "")) for what in ("letter", "text", "rank"))
        print(f"| {each.name} | {each.accepted} | {why} | {cells} |")
    rejected = sum(sum(each.rejected.values()) for each in found)
    accepted = sum(each.accepted for each in found)
    print(f"\n{accepted} accepted, {rejected} rejected; run again, {differences} answers differ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rooms", type=int, default=12, help="how many rooms")
    parser.add_argument("--per-scene", type=int, default=100, help="questions wanted of each")
    parser.add_argument("--seed", type=int, default=0, help="which rooms")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    found, differences = measure(options.rooms, options.per_scene, options.seed)
    if options.json:
        report: dict[str, Any] = {"families": [asdict(each) for each in found]}
        print(json.dumps({**report, "differences": differences}))
    else:
        show(found, differences)
    idle = [each.name for each in found if not each.accepted or not each.rejected]
    return 1 if idle or differences else 0


if __name__ == "__main__":
    sys.exit(main())
