"""The figures of a run as lines of a table, the same for every format that shows one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.intervals import FEW_CLUSTERS
from evalkit.report._runs import Run

#: The baselines that are shown beside a score, and what their columns are called.
BASELINES = {
    "chance": "chance",
    "frequency_letter": "frequency (letter)",
    "frequency_text": "frequency (text)",
}

COLUMNS = ("group", "score", "95 % interval", "n", "no answer", "failed", *BASELINES.values())


@dataclass(frozen=True, slots=True)
class Line:
    """One group, or the whole run; shares of 1, None where there is no figure.

    ``n`` counts the answered questions, ``baselines`` has the names of ``BASELINES``.
    """

    name: str
    score: float | None
    low: float | None
    high: float | None
    n: int
    no_answer: float | None
    failed: int
    outcomes: Mapping[str, int]
    baselines: Mapping[str, float | None]


def lines(run: Run) -> tuple[list[Line], Line]:
    """Return a line per group, and the line of the whole run."""
    figures = run.figures
    groups = [_line(run, name, group) for name, group in figures["groups"].items()]
    label = "partial" if figures["partial"] else "overall"
    whole = Line(
        name=label,
        score=figures["overall_answered"] if figures["partial"] else figures["overall"],
        low=figures["low"],
        high=figures["high"],
        n=figures["answered"],
        no_answer=figures["no_answer"],
        failed=figures["failed"],
        outcomes=figures["outcomes"],
        baselines={name: run.results["baselines"][name]["overall"] for name in BASELINES},
    )
    return groups, whole


def cells(line: Line) -> tuple[str, ...]:
    """Return a line as the texts of ``COLUMNS``, scores and rates in percent."""
    return (
        line.name,
        percent(line.score),
        interval(line.low, line.high),
        f"{line.n:,}",
        percent(line.no_answer),
        f"{line.failed:,}",
        *(percent(line.baselines[name]) for name in BASELINES),
    )


def remarks(run: Run) -> list[str]:
    """Return what a reader must know beside the table, a sentence each."""
    figures, results = run.figures, run.results
    found = []
    if figures["partial"]:
        reasons = "; ".join(figures["partial"])
        found.append(f"Partial, so there is no overall score: {reasons}.")
    if adjusted := figures["chance_adjusted"]:
        ends = interval(adjusted["low"], adjusted["high"])
        found.append(f"With chance taken out: {percent(adjusted['score'])} ({ends}).")
    if figures["failed"]:
        codes = ", ".join(f"{count} {code}" for code, count in results["failures"].items())
        found.append(f"Failed questions are in no score and no rate: {codes}.")
    if figures["answered"] and figures["clusters"] < FEW_CLUSTERS:
        found.append(f"Intervals over fewer than {FEW_CLUSTERS} scenes are too narrow to go by.")
    if figures["errors"]:
        found.append(f"{figures['errors']:,} answers have no score: the scorer's code raises.")
    if results.get("truncated"):
        count = results["truncated"]
        found.append(f"{count:,} answers were cut off at the limit of new tokens.")
    whole = results["dataset"].get("whole")
    if whole and results["dataset"]["count"] != whole:
        have = results["dataset"]["count"]
        found.append(f"The data have {have:,} questions; the whole benchmark has {whole:,}.")
    read, pinned = (results["dataset"].get(name) for name in ("revision", "pinned"))
    if read and pinned and read != pinned:
        found.append(f"The data are of commit {read[:12]}; evalkit names {pinned[:12]} for them.")
    others = [f"{name} {percent(each['overall'])}" for name, each in results["scorers"].items()]
    found.append(f"The same answers by every scorer: {', '.join(others)}.")
    return found


def about(run: Run) -> list[tuple[str, str]]:
    """Return what was measured and how, as names and values."""
    results = run.results
    protocol, data = results["protocol"], results["dataset"]
    model = results.get("model") or {}
    identity = model.get("fingerprint") or model.get("revision")
    frames = f"{protocol['sampler']}, {protocol['decoder']}" if protocol["sampler"] else None
    clusters = run.figures["clusters"]
    scenes = "1 scene" if clusters == 1 else f"{clusters:,} scenes"
    revision = data["revision"] or f"content {data['content'][:12]}"
    pairs = [
        ("model", f"{run.model}{f' at {identity}' if identity else ''}"),
        ("backend", str(results["backend"])),
        ("protocol", str(protocol["id"])),
        ("scorer", str(protocol["scorer"])),
        ("data", f"{data['repo']} at {revision}"),
        ("prompt", str(protocol["prompt"])[:12]),
        ("media", frames or protocol["image_decoder"] or "none"),
        ("generation", ", ".join(f"{k} {v:g}" for k, v in protocol["generation"].items())),
        ("intervals", f"95 %, over {scenes} with all their questions"),
    ]
    if results.get("versions"):
        versions = ", ".join(f"{name} {each}" for name, each in results["versions"].items())
        pairs.append(("versions", versions))
    return pairs


def percent(value: float | None) -> str:
    """Return a share of 1 in percent, or a dash."""
    return "-" if value is None else f"{100 * value:.2f}"


def interval(low: float | None, high: float | None) -> str:
    """Return the ends of an interval in percent, or a dash."""
    return "-" if low is None or high is None else f"{100 * low:.2f} to {100 * high:.2f}"


def _line(run: Run, name: str, group: Mapping[str, Any]) -> Line:
    baselines: Mapping[str, Any] = run.results["baselines"]
    return Line(
        name=name,
        score=group["score"],
        low=group["low"],
        high=group["high"],
        n=group["n"],
        no_answer=group["no_answer"],
        failed=group["failed"],
        outcomes=group["outcomes"],
        baselines={each: baselines[each]["groups"].get(name) for each in BASELINES},
    )


def table(rows: Sequence[Sequence[str]], separator: str = "  ") -> list[str]:
    """Return rows of cells as lines with columns of one width, all but the first to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        separator.join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
