"""``evalkit compare``: two runs on the same questions."""

import json
from pathlib import Path
from typing import Any

import click

from evalkit.compare import compare
from evalkit.intervals import FEW_CLUSTERS
from evalkit.report._figures import interval, percent, table
from evalkit.report._runs import load_run
from evalkit.report.text import plain


@click.command("compare")
@click.argument("first", metavar="DIR_A", type=click.Path(path_type=Path))
@click.argument("second", metavar="DIR_B", type=click.Path(path_type=Path))
@click.option(
    "--ignore",
    multiple=True,
    metavar="PART",
    help="A part of the protocol that may differ: decoder, say.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare_command(first: Path, second: Path, ignore: tuple[str, ...], as_json: bool) -> None:
    """Tell how much better the run in DIR_B is than the one in DIR_A.

    Both must have asked the same questions by the same protocol. The interval is of the
    paired difference, over scenes with all their questions; where it holds zero, the runs
    can't be told apart by this benchmark.

    \b
    Example: evalkit compare results/base results/tuned
    """
    found = compare(load_run(first), load_run(second), ignore)
    click.echo(json.dumps(found, allow_nan=False) if as_json else "\n".join(_lines(found)))


def _lines(found: dict[str, Any]) -> list[str]:
    header = ("group", "A", "B", "B minus A", "95 % interval")
    named = [*found["groups"].items(), ("mean over questions", found["mean"])]
    if found["overall"] is not None:
        label = "partial" if found["partial"] else "overall"
        named.append((label, found["overall"]))
    rows = [
        (
            plain(name),
            percent(each["first"]),
            percent(each["second"]),
            f"{100 * each['difference']:+.2f}",
            interval(each["low"], each["high"]),
        )
        for name, each in named
    ]
    sides = found["questions"]
    told = [
        plain(f"A: {found['first']['model']} ({found['first']['folder']})"),
        plain(f"B: {found['second']['model']} ({found['second']['folder']})"),
        f"{found['n']:,} questions about {found['clusters']:,} scenes, in percent",
        "",
        *table([header, *rows]),
        "",
        f"B scores more on {sides['second_better']:,} questions, A on {sides['first_better']:,}, "
        f"the same on {sides['equal']:,}.",
    ]
    if found["left_out"]:
        told.append(f"{found['left_out']:,} questions have no score in one of the runs; left out.")
    told += [f"Partial: {reason}." for reason in found["partial"]]
    told.append(_verdict(found["overall"] or found["mean"], found["clusters"]))
    return told


def _verdict(whole: dict[str, Any], scenes: int) -> str:
    if whole["low"] is None or whole["high"] is None:
        return "One scene gives no interval, so the difference may be chance."
    if scenes < FEW_CLUSTERS:
        return f"Fewer than {FEW_CLUSTERS} scenes: the interval is too narrow to go by."
    if whole["low"] <= 0 <= whole["high"]:
        return "The interval holds zero: the difference may be chance."
    return f"{'B' if whole['difference'] > 0 else 'A'} is better: the interval leaves out zero."
