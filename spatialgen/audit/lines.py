"""The audit as a person reads it: lines of text, tables as Markdown has them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of what `spatialgen.audit.report.audit` returned."""
    for source in report["sources"]:
        yield f"{_clean(source['name'])}: {source['questions']} questions ({source['shape']})"
        for why, count in source["unreadable"].items():
            yield f"  left out {count}: {_clean(why)}"
    yield from _shortcuts(report["shortcuts"])
    yield from _balance(report["balance"])
    yield from _coverage(report["coverage"])
    for found in report["contamination"]:
        yield from _overlap(found)


def _shortcuts(found: Mapping[str, Any]) -> Iterator[str]:
    protocol = found["protocol"]
    yield ""
    yield "What is had without looking, in percent:"
    yield from _table(
        ("family", "questions", "base", "constant", "blind, from other places", "flagged"),
        (_family_cells(name, each) for name, each in found["families"].items()),
    )
    for name, constants in found["levels"].items():
        told = ", ".join(f"{constant} {_percent(score)}" for constant, score in constants.items())
        yield f"{_clean(name)}, mean of its levels by constant: {told}"
    yield (
        f"base: chance among the options, of numbers the best constant of the other places; "
        f"blind: learned on {protocol['folds'] - 1} of {protocol['folds']} parts of the places; "
        f"* above the base by more than luck; flagged: guessed right with certainty "
        f"{protocol['certain']:g} or more"
    )


def _family_cells(name: str, family: Mapping[str, Any]) -> tuple[str, ...]:
    constants = ", ".join(f"{key} {_percent(score)}" for key, score in family["constants"].items())
    blind = ", ".join(
        f"{key} {_percent(guess['score'])}{'*' if guess['shortcut'] else ''}"
        for key, guess in family["guesses"].items()
    )
    base = "" if family["base"] is None else _percent(family["base"])
    told = blind or "all about one place"
    return (_clean(name), str(family["questions"]), base, constants, told, str(family["flagged"]))


def _balance(families: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield "How answers are spread:"
    yield from _table(
        ("family", "letters", "most frequent answers"),
        (
            (_clean(name), _letters(each), _answers(each["most_frequent"]))
            for name, each in families.items()
        ),
    )


def _letters(family: Mapping[str, Any]) -> str:
    if "letters" not in family:
        return ""
    counts = " ".join(f"{letter}:{count}" for letter, count in family["letters"].items())
    return f"{counts}, uneven" if family["letters_uneven"] else counts


def _answers(most: Mapping[str, int]) -> str:
    return "; ".join(f"{_clean(answer)} {count}" for answer, count in list(most.items())[:3])


def _coverage(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    if not found["places"]:
        yield "Places: the file does not tell them"
        return
    each = found["questions_each"]
    yield (
        f"{found['places']} places, {each['min']} to {each['max']} questions each, median "
        f"{each['median']:g}; {found['repeated']} questions are asked twice"
    )
    if "categories_in_scenes" in found:
        yield (
            f"{found['scenes_without_questions']} scenes without questions; questions name "
            f"{found['categories_named']} of {found['categories_in_scenes']} categories in scenes"
        )


def _overlap(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield (
        f"Against {_clean(found['name'])} ({found['spaces']} spaces): "
        f"{found['questions_in_shared_spaces']} questions in {found['shared_spaces']} shared spaces"
    )
    if found["examples_of_spaces"]:
        yield f"  for instance {', '.join(map(_clean, found['examples_of_spaces']))}"
    if found["kind"] != "questions":
        return
    same, near = found["same_question_and_answer"], found["near_duplicates"]
    yield (
        f"  the same question and answer: {same['in_shared_spaces']} there, {same['elsewhere']} "
        f"elsewhere; near-duplicates: {near['in_shared_spaces']} there, {near['elsewhere']} "
        "elsewhere"
    )
    for each in found["examples_of_near_duplicates"]:
        yield f"  {_clean(each['id'])} is {each['alike']:.0%} alike {_clean(each['theirs'])}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _clean(text: object) -> str:
    # What files say is shown as text, never as an order to the terminal.
    shown = str(text)[:80]
    return "".join(c if c.isprintable() else "?" for c in shown)
